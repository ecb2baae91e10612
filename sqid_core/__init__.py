"""What a bundle of products, judged queries and signals means: ranking, fusion, evaluation. No Streamlit here.

These names are the package's face, for notebooks and programs of one's own. The app and the commands use the same, so
that a number here is the number there. All else is internal and may change from one version to the next.

    bundles      load_bundle, dataset_of, Dataset, BundleWriter, DenseSignal, ScoredSignal, bundle_encoder
    judgements   Judgements, LabelScale, ESCI
    ranking      search, SearchResult, Fusion, METHODS, NORMS, ProductFilter, ExactIndex
    evaluation   run_of, Run, evaluate, MetricReport, METRICS, compare, RunComparison
    weights      dataset_curves, WeightCurves, WeightCurve
    errors       SqidError, InputError

The examples are of a bundle of 60 drawn products in the folder data/tiny; tests/core/test_public_names.py runs them.

>>> list(METHODS)
['weighted scores', 'weighted ranks', 'rrf', 'max', 'embedding average']
>>> list(NORMS), list(METRICS)
(['none', 'min-max', 'z-score'], ['ndcg', 'rr', 'precision', 'recall', 'ap'])
>>> METHODS["rrf"].formula
'(1 − w) / (k + text rank) + w / (k + image rank)'
>>> METRICS["ndcg"].summary
'The gains by rank, the first counting most, over those of the best order.'
>>> ESCI
LabelScale(Exact, Substitute, Complement, …; gains paper, esci-script)
"""

from .bundle.from_frames import dataset_of
from .bundle.judgements import Judgements
from .bundle.labels import ESCI, LabelScale
from .bundle.load import Dataset, load_bundle
from .bundle.signals import DenseSignal, ScoredSignal
from .bundle.write import BundleWriter
from .errors import InputError, SqidError
from .evaluation.comparisons import RunComparison, compare
from .evaluation.curves import WeightCurve, WeightCurves
from .evaluation.metrics import METRICS
from .evaluation.reports import MetricReport, Run, dataset_curves, evaluate
from .evaluation.run_of import run_of
from .indexes.exact import ExactIndex
from .ranking.filters import ProductFilter
from .ranking.fusion import Fusion
from .ranking.methods import METHODS
from .ranking.norms import NORMS
from .ranking.search import SearchResult, bundle_encoder, search

# The one place of the version: the package takes it from here.
__version__ = "0.1.0"

__all__ = [
    "ESCI",
    "METHODS",
    "METRICS",
    "NORMS",
    "BundleWriter",
    "Dataset",
    "DenseSignal",
    "ExactIndex",
    "Fusion",
    "InputError",
    "Judgements",
    "LabelScale",
    "MetricReport",
    "ProductFilter",
    "Run",
    "RunComparison",
    "ScoredSignal",
    "SearchResult",
    "SqidError",
    "WeightCurve",
    "WeightCurves",
    "bundle_encoder",
    "compare",
    "dataset_curves",
    "dataset_of",
    "evaluate",
    "load_bundle",
    "run_of",
    "search",
]
