"""The About page's words. Which figures are the paper's and which a re-run's is said next to each."""

from sqid_core.evaluation import published
from sqid_ui.parts.terms import TERMS

ABOUT_APP = """
SQID Explorer shows two rankings of the same products side by side: one made from their **texts**, one from their
**pictures**. A weight mixes the two. The products were judged for each query, so every ranking has a score, and you can
see which products a modality brings up and what that costs.
"""

ABOUT_PAGES = """
* **Search**: one query, its rankings side by side, and the weight between them.
* **Compare**: any two rankings A and B, and the queries where B loses or wins most.
* **Queries**: every judged query on a map and in a table.
* **Evaluate**: which method is best, at which weight, and whether the difference is real.
* **Breakdown**: for which kinds of queries the pictures help.
* **Judge**: books of pairs that people judge, one pair after another.
* **Dataset**: what to trust in this bundle, and labels worth a second look.
"""

WORDS = """
* **Bundle**: a folder with products, judged queries and vectors.
* **Signal**: what scores products: the vectors of their texts, those of their pictures, their words, a
  learned ranker, or an imported ranking.
* **Judged query**: one with labelled products. These products are its *slate*.
* **Run**: a ranking for every judged query.
* **In-sample**: chosen on the same queries it is scored on, so too good. **Cross-validated**: chosen on other queries.
* **Out-of-fold**: a learned ranker is fitted once for each part (fold) of the queries, without that part. Each query is
  scored by the one that never saw its labels.
* **95 % interval**: the values that other samples of such queries would plausibly give.
* **p**: how often a difference this large would come up if the two methods were equally good. *Holm* corrects it
  where several are tested.
""" + "".join(f"* **{term}**: {says}\n" for term, says in TERMS.items())

ABOUT_METRIC = r"""
**NDCG** compares a ranking with the best possible one. Each product adds its gain, divided by
$\log_2(\text{rank} + 1)$; the sum is divided by the sum of the ideal order, so 1 is perfect. Over a judged slate all
judged products count, without a cutoff, and the ideal comes from all judged products too. A query whose products have
no gain at all has no NDCG: it is left out and counted, not set to 0.

**What fusing changes** is the fused ranking’s NDCG less that of one modality alone. **The curve** is exact: NDCG only
changes where two products swap places, so every such weight is worked out. The *best interval* is the range of weights
with the highest value. It was found on the same query it is shown for, so it is *in-sample*: it says what was possible,
not what to expect.

In the **whole catalogue** most products were never judged. The app then shows NDCG at the chosen length twice: once as
if every unjudged product were worth nothing, once as if each were the best there is. In the second case the ideal
order holds them too, so that value can be the lower one.
"""

ABOUT_DATA = """
**ESCI** (Amazon’s Shopping Queries Dataset) holds real shop queries with products judged Exact, Substitute, Complement
or Irrelevant. **SQID** adds the products’ picture addresses and CLIP vectors to its small US test set: 8,956 queries,
181,701 judgements and 164,900 products, of which 156,545 have a picture address. SQID’s figures use the gains
1 / 0.1 / 0.01 / 0. ESCI’s own evaluation script swaps those of Substitute and Complement; the app offers both and names
the one in use beside each number.
"""

# Figures of the SQID paper (arXiv 2405.15190) and of two independent public re-runs on the real data.
PUBLISHED = {"Method": [line.title for line in published.MAIN]} | {
    source.capitalize(): [line.shown(source) for line in published.MAIN] for source in published.SOURCES
}

SOURCES = """
* SQID: Al Ghossein and others, *Shopping Queries Image Dataset*, [arXiv 2405.15190](https://arxiv.org/abs/2405.15190);
  [data](https://github.com/Crossing-Minds/shopping-queries-image-dataset), MIT.
* ESCI: Reddy and others, *Shopping Queries Dataset*, [arXiv 2206.06588](https://arxiv.org/abs/2206.06588);
  [data](https://github.com/amazon-science/esci-data), Apache-2.0.
* NDCG: Järvelin and Kekäläinen, *Cumulated gain-based evaluation of IR techniques*, 2002.
* Reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009.
* CLIP: Radford and others, [arXiv 2103.00020](https://arxiv.org/abs/2103.00020), run with
  [open_clip](https://github.com/mlfoundations/open_clip).
* This program: Apache-2.0. A bundle's own licence stands above.
"""
