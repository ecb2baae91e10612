"""What a learner reads of a bundle: the signals and feature groups that are chosen for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..bundle.learned_signal import reads_labels
from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal, Signal
from ..errors import InputError
from .features import GROUPS, FeatureGroup, feature_groups
from .protocol import Learner

MODEL = "model.safetensors"


def chosen_signals(dataset: Dataset, learner: Learner, names: Sequence[str]) -> dict[str, Signal]:
    """The signals that a learner reads: those that are named, all that were not learned if none is.

    Raises InputError for an unknown one, for one that was learned (its scores have seen the labels of other folds), and
    where the learner needs others.
    """
    own = {name: signal for name, signal in dataset.signals.items() if not reads_labels(signal)}
    for name in names:
        if name not in own:
            why = "was itself learned, from the labels of other folds" if name in dataset.signals else "is not there"
            raise InputError(f"the signal {name} of {dataset.folder} {why}; choose from: {', '.join(own) or 'none'}")
    found = {name: own[name] for name in names or own}
    if not found:
        raise InputError(f"{dataset.folder} has no signal to learn from; run python -m precompute encode first")
    if learner.both_modalities:
        for modality in ("text", "image"):
            if not any(isinstance(each, DenseSignal) and each.modality == modality for each in found.values()):
                raise InputError(
                    f"the learner {learner.name} needs a text and an image signal with vectors, and none of "
                    f"{', '.join(found)} reads the {modality}s; run python -m precompute encode first"
                )
    return found


def chosen_groups(learner: Learner, signals: Mapping[str, Signal], names: Sequence[str]) -> list[FeatureGroup]:
    """The feature groups that a learner reads: a signal's each, and those that are named, all if none is; of a control
    those that only say what there is; none where it reads vectors. Raises InputError for an unknown name, and for one
    that the learner may not read."""
    groups = feature_groups(signals.values(), names or None)
    if not learner.reads_features:
        if names:
            raise InputError(f"the learner {learner.name} reads vectors and scores, no features; leave --features away")
        return []
    if not learner.presence_only:
        return groups
    allowed = [group.name for group in GROUPS.values() if group.presence]
    for name in names:
        if name not in allowed:
            raise InputError(f"the learner {learner.name} reads nothing but {' and '.join(allowed)}, not {name}")
    return [group for group in groups if group.presence]
