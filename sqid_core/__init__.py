"""What a bundle of products, judged queries and signals means: ranking, fusion, evaluation. No Streamlit here."""

from .bundle.judgements import Judgements, padded_judgements
from .bundle.labels import ESCI, LabelScale
from .bundle.load import Dataset, load_bundle, load_index
from .bundle.manifest import Manifest, SignalSpec, read_manifest
from .bundle.signals import DenseSignal, ScoredSignal, Signal
from .bundle.write import BundleWriter
from .encoders.families import Encoder, EncoderSpec, load_encoder
from .errors import BundleError, CheckError, EncoderError, InputError, SqidError
from .evaluation.comparisons import RunComparison, run_comparison
from .evaluation.curves import BestInterval, WeightCurve, WeightCurves, cross_validated, judged_curve, weight_curves
from .evaluation.metrics import METRICS, Measure, RankedSlates, dcg, expected_random_ndcg, measure, ndcg, ndcg_bounds
from .evaluation.reports import MetricReport, Run, dataset_curves, evaluate, evaluate_random, fusion_run, signal_run
from .evaluation.run_specs import RunSpec, default_pair, read_run, run_of, runs_of, write_run
from .evaluation.significance import bootstrap_interval
from .evaluation.swaps import Cause, Swaps, causes, slate_swaps
from .indexes.exact import ExactIndex
from .indexes.hnsw import HnswIndex
from .indexes.protocol import Hits, IndexSpec, SearchIndex
from .ranking.candidates import (
    Candidates,
    Ranking,
    catalogue_candidates,
    fused_ranking,
    signal_ranking,
    slate_candidates,
)
from .ranking.filters import ProductFilter
from .ranking.fusion import Columns, Fusion, columns, fuse
from .ranking.methods import METHODS, Method
from .ranking.missing import MISSING_IMAGE, Missing
from .ranking.norms import NORMS, Norm
from .ranking.picture_search import mixed, similar_to
from .ranking.ranks import order, ranks
from .ranking.shortlist import Shortlist, shortlist

# The one place of the version: the package takes it from here.
__version__ = "0.1.0"

__all__ = [
    "ESCI",
    "METHODS",
    "METRICS",
    "MISSING_IMAGE",
    "NORMS",
    "BestInterval",
    "BundleError",
    "BundleWriter",
    "Candidates",
    "Cause",
    "CheckError",
    "Columns",
    "Dataset",
    "DenseSignal",
    "Encoder",
    "EncoderError",
    "EncoderSpec",
    "ExactIndex",
    "Fusion",
    "Hits",
    "HnswIndex",
    "IndexSpec",
    "InputError",
    "Judgements",
    "LabelScale",
    "Manifest",
    "Measure",
    "Method",
    "MetricReport",
    "Missing",
    "Norm",
    "ProductFilter",
    "RankedSlates",
    "Ranking",
    "Run",
    "RunComparison",
    "RunSpec",
    "ScoredSignal",
    "SearchIndex",
    "Shortlist",
    "Signal",
    "SignalSpec",
    "SqidError",
    "Swaps",
    "WeightCurve",
    "WeightCurves",
    "bootstrap_interval",
    "catalogue_candidates",
    "causes",
    "columns",
    "cross_validated",
    "dataset_curves",
    "dcg",
    "default_pair",
    "evaluate",
    "evaluate_random",
    "expected_random_ndcg",
    "fuse",
    "fused_ranking",
    "fusion_run",
    "judged_curve",
    "load_bundle",
    "load_encoder",
    "load_index",
    "measure",
    "mixed",
    "ndcg",
    "ndcg_bounds",
    "order",
    "padded_judgements",
    "ranks",
    "read_manifest",
    "read_run",
    "run_comparison",
    "run_of",
    "runs_of",
    "shortlist",
    "signal_ranking",
    "signal_run",
    "similar_to",
    "slate_candidates",
    "slate_swaps",
    "weight_curves",
    "write_run",
]
