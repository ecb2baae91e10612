"""Where the numbers come from: the only place of these recordings that changes when a module moves."""

from __future__ import annotations

from sqid_core.analysis.adaptive import adaptive
from sqid_core.analysis.breakdown import breakdown, crossed, group_weights
from sqid_core.analysis.groupings import groups_of, offered
from sqid_core.analysis.label_ranks import label_rank_frame, label_ranks
from sqid_core.analysis.methods import (
    chosen_method,
    differences_table,
    means_table,
    random_method,
    signal_method,
    tuned_methods,
)
from sqid_core.analysis.query_features import query_features
from sqid_core.analysis.query_groups import difficulties, random_ndcg, single_ndcgs
from sqid_core.analysis.query_table import PRESETS, preset_rows, query_table
from sqid_core.analysis.query_weights import headroom, sampled
from sqid_core.analysis.suspects import suspect_labels
from sqid_core.analysis.vector_health import near_duplicates, vector_health
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import load_encoder
from sqid_core.encoders.spec import EncoderSpec
from sqid_core.evaluation.comparisons import run_comparison
from sqid_core.evaluation.cross_validation import cross_validated
from sqid_core.evaluation.metrics import measures
from sqid_core.evaluation.reports import Run, dataset_curves, evaluate, fusion_run, query_folds, signal_run
from sqid_core.evaluation.swaps import slate_swaps
from sqid_core.ranking.candidates import catalogue_candidates, fused_ranking, signal_ranking
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS

__all__ = [
    "ESCI",
    "MISSING_IMAGE",
    "NORMS",
    "PRESETS",
    "BundleWriter",
    "Dataset",
    "DenseSignal",
    "EncoderSpec",
    "Fusion",
    "Run",
    "adaptive",
    "breakdown",
    "catalogue_candidates",
    "chosen_method",
    "cross_validated",
    "crossed",
    "dataset_curves",
    "differences_table",
    "difficulties",
    "evaluate",
    "fused_ranking",
    "fusion_run",
    "group_weights",
    "groups_of",
    "headroom",
    "label_rank_frame",
    "label_ranks",
    "load_bundle",
    "load_encoder",
    "means_table",
    "measures",
    "near_duplicates",
    "offered",
    "preset_rows",
    "query_features",
    "query_folds",
    "query_table",
    "random_method",
    "random_ndcg",
    "run_comparison",
    "sampled",
    "signal_method",
    "signal_ranking",
    "signal_run",
    "single_ndcgs",
    "slate_swaps",
    "suspect_labels",
    "tuned_methods",
    "vector_health",
]
