"""What a swap's cause is called. No Streamlit here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.evaluation.run_specs import RunSpec, signal_names
from sqid_core.evaluation.swaps import Cause

# What a signal lacks when it does not know a product.
_LACKED = {"text": "no text", "image": "no picture"}


def signal_words(dataset: Dataset, *specs: RunSpec) -> dict[str, str]:
    """What the signals that some runs read are called: by their modality where there is one of it, else by name."""
    names = list(dict.fromkeys(name for spec in specs for name in signal_names(dataset, spec)))
    modality = {name: dataset.signals[name].modality for name in names}
    return {
        name: modality[name]
        if list(modality.values()).count(modality[name]) == 1 and isinstance(dataset.signals[name], DenseSignal)
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


def _all(names: Iterable[str], words: Mapping[str, str]) -> str:
    return " and ".join(words[name] for name in names)


def _lack(names: Iterable[str], words: Mapping[str, str]) -> str:
    return " and ".join(dict.fromkeys(_LACKED.get(words[name], f"no {words[name]} score") for name in names))


def _opened(sentence: str, words: Mapping[str, str]) -> str:
    """With a capital, unless it begins with a signal's own name."""
    named = set(words.values()) - set(_LACKED)
    return sentence if sentence.split(" ", 1)[0] in named else sentence[:1].upper() + sentence[1:]
