"""What a swap's cause is called. No Streamlit here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sqid_core.bundle.labels import LabelScale
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.compared_slates import ComparedSlate
from sqid_core.evaluation.run_specs import RunSpec, signal_names
from sqid_core.evaluation.swaps import Cause
from sqid_core.ranking.mixes import signal_named
from sqid_core.wording import counted, short

# What a signal lacks when it does not know a product.
_LACKED = {"text": "no text", "image": "no picture"}


def signal_words(dataset: Dataset, *specs: RunSpec) -> dict[str, str]:
    """What the signals that some runs read are called: by their modality where there is one of it, else by name."""
    names = list(dict.fromkeys(name for spec in specs for name in signal_names(dataset, spec)))
    modality = {name: signal_named(dataset, name).modality for name in names}
    return {
        name: modality[name]
        if list(modality.values()).count(modality[name]) == 1 and not signal_named(dataset, name).is_run
        else name
        for name in names
    }


def cause_group(cause: Cause, words: Mapping[str, str]) -> str:
    """The short name under which causes are added up: what is missing first, for then no scores were compared."""
    lacking = (*cause.lacks, *cause.passed_lacks)
    return _opened(_lack(lacking, words) if lacking else _all(cause.prefer, words) or "the method", words)


def cause_sentence(cause: Cause, words: Mapping[str, str]) -> str:
    """Which signal wanted the product that went up, in words."""
    parts = [f"it has {_lack(cause.lacks, words)}"] if cause.lacks else []
    parts += [f"the other has {_lack(cause.passed_lacks, words)}"] if cause.passed_lacks else []
    against = _all(cause.against, words)
    if cause.prefer:
        verb = "prefers" if len(cause.prefer) == 1 else "prefer"
        negation = "does not" if len(cause.against) == 1 else "do not"
        parts.append(f"{_all(cause.prefer, words)} {verb} it" + (f", {against} {negation}" if against else ""))
    elif not parts:
        parts.append(f"not {against}: the method" if against else "equal scores: the order of the ids")
    return _opened("; ".join(parts), words)


def fall_sentence(slate: ComparedSlate, titles: Sequence[str], words: Mapping[str, str], scale: LabelScale) -> str:
    """The product whose fall costs most, with how many of those that passed it each signal scores higher; "" where none
    costs anything. titles: (C,) of the slate."""
    swaps = slate.swaps
    costs = np.bincount(swaps.down, np.minimum(swaps.contribution, 0.0), minlength=len(slate.rows))
    if not len(swaps) or costs.min() == 0:
        return ""
    fell = int(np.argmin(costs))
    passed = [slate.kinds[kind] for kind in slate.kind[(swaps.down == fell) & (swaps.contribution < 0)]]
    before, after = (int(np.flatnonzero(slate.orders[run] == fell)[0]) + 1 for run in ("a", "b"))
    said = f"The {scale.names[slate.labels[fell]]} “{short(titles[fell], 60)}” fell from {before} to {after}"
    counts = Counter(name for cause in passed for name in cause.prefer)
    reasons = [f"by {words[name]} {n:,} of them {'is' if n == 1 else 'are'} nearer" for name, n in counts.items()]
    lacked = [name for name in words if any(name in cause.passed_lacks for cause in passed)]
    reasons += [f"it has {_lack(lacked, words)}"] if lacked else []
    others = f", past {counted(len(passed), 'worse product', 'worse products')}"
    return f"{said}{others}{': ' if reasons else ''}{', '.join(reasons)}."


def _all(names: Iterable[str], words: Mapping[str, str]) -> str:
    return " and ".join(words[name] for name in names)


def _lack(names: Iterable[str], words: Mapping[str, str]) -> str:
    return " and ".join(dict.fromkeys(_LACKED.get(words[name], f"no {words[name]} score") for name in names))


def _opened(sentence: str, words: Mapping[str, str]) -> str:
    """With a capital, unless it begins with a signal's own name."""
    named = set(words.values()) - set(_LACKED)
    return sentence if sentence.split(" ", 1)[0] in named else sentence[:1].upper() + sentence[1:]
