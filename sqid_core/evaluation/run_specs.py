"""A run as a value: named in a link, written under a number, compared with another.

In text it is `signal~NAME` or `fused`, which mixes the bundle's first text and first image signal by the default
fusion. What differs from that follows in a fixed order, and a name that somebody gave the run comes last:

    fused~rrf~w0.6~min-max~missing-worst~k30~text-bm25~image-clip_image~~My new run

There is one way to write a run, and no other is read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote

from ..bundle.load import Dataset
from ..bundle.signals import share_a_space
from ..errors import InputError
from ..ranking.fusion import Fusion
from ..ranking.methods import METHODS
from ..ranking.missing import MISSING_IMAGE
from ..ranking.mixes import is_mix, read_mix, signal_named
from ..ranking.norms import NORMS
from ..types import Modality

LONGEST_NAME = 60
_QUOTED = 80


@dataclass(frozen=True)
class RunSpec:
    """Which run: a single signal by its name, or a fusion. Hashable: cache key, link state and table row at once.

    text, image: the signals that a fusion mixes, "" for the first of the modality. name: what somebody called the run,
    "" for none; two specs that differ in it alone are one run.
    """

    signal: str = ""
    fusion: Fusion | None = None
    text: str = ""
    image: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if bool(self.signal) == (self.fusion is not None):
            raise ValueError(f"a run is either a signal or a fusion, got {self.signal!r} and {self.fusion}")
        if self.signal and (self.text or self.image):
            raise ValueError(f"only a fusion mixes signals, got {self.text or self.image!r} beside {self.signal!r}")
        if self.name != tidy_name(self.name):
            raise ValueError(
                f"a run's name has at most {LONGEST_NAME} letters, no control characters and single blanks between its "
                f"words, got {self.name!r}"
            )

    @property
    def unnamed(self) -> RunSpec:
        """The same run without the name that somebody gave it: the key of what was computed for it."""
        return replace(self, name="")

    @property
    def label(self) -> str:
        """What the run is made of, for people: `Fused · weighted scores, image .60, z-score`."""
        return self.signal if self.fusion is None else " · ".join(["Fused", *_mixed(self), _fusion_label(self.fusion)])

    @property
    def title(self) -> str:
        """The name that somebody gave the run, else its label."""
        return self.name or self.label


def tidy_name(text: str) -> str:
    """A name as a run may have it: control characters out, blanks joined, cut to 60 letters."""
    kept = "".join(" " if letter.isspace() else letter for letter in text if not _is_control(letter))
    return " ".join(kept.split())[:LONGEST_NAME].strip()


def _is_control(letter: str) -> bool:
    # Half a surrogate pair counts too: it has no UTF-8, and so no place in an address.
    return unicodedata.category(letter) in ("Cc", "Cs") and not letter.isspace()


# --- labels ---


def _mixed(spec: RunSpec) -> list[str]:
    return [" + ".join([spec.text or "text", spec.image or "image"])] if spec.text or spec.image else []


def _fusion_label(fusion: Fusion) -> str:
    rule = fusion.rule
    parts = [rule.short or rule.name, f"image {weight_label(fusion.image_weight)}"]
    if rule.reads_k and fusion.rrf_k != Fusion.rrf_k:
        parts.append(f"k {_number(fusion.rrf_k)}")
    if fusion.norm_read:
        parts.append(fusion.norm_read)
    if rule.reads_missing and fusion.missing_image != Fusion.missing_image:
        parts.append(f"no picture: {MISSING_IMAGE[fusion.missing_image].short}")
    return ", ".join(parts)


def weight_label(weight: float) -> str:
    """A weight for people: `.60`, `1.00`, and as many digits as it has where those are more than two."""
    text = f"{weight:.2f}" if round(weight, 2) == weight else _number(weight)
    return text.removeprefix("0")


# --- the text form ---


def write_run(spec: RunSpec) -> str:
    """The run in text, which `read_run` turns back into an equal one. Only letters, digits and _ . - ~ are in it, which
    an address shows as they are, unless signals or names have others."""
    if spec.fusion is None:
        terms = ["signal", _quoted(spec.signal)]
    else:
        terms = ["fused", *_fusion_terms(spec.fusion)]
        terms += [f"{modality}-{_quoted(name)}" for modality, name in _signals(spec) if name]
    return "~".join(terms) + (f"~~{spec.name}" if spec.name else "")


def _fusion_terms(fusion: Fusion) -> Iterable[str]:
    terms = {
        "method": _hyphened(fusion.method) if fusion.rule.bare else f"method-{_quoted(fusion.method)}",
        "image_weight": f"w{_number(fusion.image_weight)}",
        "norm": fusion.norm if NORMS[fusion.norm].bare else f"norm-{_quoted(fusion.norm)}",
        "missing_image": f"missing-{_quoted(fusion.missing_image)}",
        "rrf_k": f"k{_number(fusion.rrf_k)}",
    }
    default = Fusion()
    return (term for field, term in terms.items() if getattr(fusion, field) != getattr(default, field))


def _signals(spec: RunSpec) -> tuple[tuple[Modality, str], tuple[Modality, str]]:
    return ("text", spec.text), ("image", spec.image)


def _quoted(name: str) -> str:
    return quote(name, safe="").replace("~", "%7E")


def _hyphened(method: str) -> str:
    return method.replace(" ", "-")


def _number(value: float) -> str:
    # As few digits as give the same number again; + 0.0 because -0.0 is no other weight than 0.
    return repr(float(value) + 0.0).removesuffix(".0")


# How a term begins -> (field, reader). The first methods and norms are written as bare words; whatever is added later
# has its kind before it, so that no name, be it `w5` or that of a method, can be taken for something else.
_PREFIXES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "method-": ("method", unquote),
    "norm-": ("norm", unquote),
    "missing-": ("missing_image", unquote),
    "text-": ("text", unquote),
    "image-": ("image", unquote),
    "w": ("image_weight", float),
    "k": ("rrf_k", float),
}


def _bare_words() -> dict[str, tuple[str, str]]:
    """Bare word -> (field, value)."""
    methods = {_hyphened(name): ("method", name) for name, method in METHODS.items() if method.bare}
    return methods | {name: ("norm", name) for name, norm in NORMS.items() if norm.bare}


def read_run(text: str, dataset: Dataset) -> RunSpec:
    """The run that `write_run` wrote, which the bundle must have the signals for.

    Raises InputError with a sentence that lists what there is.
    """
    try:
        spec = _parsed(text)
        written = write_run(spec)
    except ValueError as error:
        raise InputError(f"{_short(text)} is no run ({error}); {_on_offer(dataset)}") from None
    if written != text:
        raise InputError(f"the run {_short(text)} is written {written!r}")
    check_run(dataset, spec)
    return spec


def _parsed(text: str) -> RunSpec:
    terms, _, name = text.partition("~~")
    kind, *rest = terms.split("~")
    if kind == "signal" and len(rest) == 1:
        return RunSpec(signal=unquote(rest[0]), name=name)
    if kind != "fused":
        raise ValueError(f"it begins with {_short(kind)}")
    found = dict(map(_term, rest))
    signals = {modality: found.pop(modality, "") for modality in ("text", "image")}
    return RunSpec(fusion=Fusion(**found), name=name, **signals)


def _term(term: str) -> tuple[str, Any]:
    if term in (words := _bare_words()):
        return words[term]
    for prefix, (field, reader) in _PREFIXES.items():
        if term.startswith(prefix):
            return field, reader(term.removeprefix(prefix))
    raise ValueError(f"unknown part {_short(term)}")


def _short(text: str) -> str:
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…")


# --- what a bundle has ---


def runs_of(dataset: Dataset) -> tuple[RunSpec, ...]:
    """A bundle's runs without a setting: each signal alone, and the default fusion where it can be made."""
    alone = tuple(RunSpec(signal=name) for name in dataset.signals)
    return (*alone, RunSpec(fusion=Fusion())) if dataset.can_fuse else alone


def default_pair(dataset: Dataset) -> tuple[RunSpec, RunSpec] | None:
    """Text against fused; where that cannot be, the first two signals; None where there are not two runs."""
    text = dataset.signal("text")
    if text is not None and dataset.can_fuse:
        return RunSpec(signal=text.name), RunSpec(fusion=Fusion())
    runs = runs_of(dataset)
    return (runs[0], runs[1]) if len(runs) > 1 else None


def check_run(dataset: Dataset, spec: RunSpec) -> None:
    """Raises InputError where the bundle cannot make this run."""
    if spec.fusion is None:
        if is_mix(spec.signal):
            _checked_mix(dataset, spec.signal)
        elif spec.signal not in dataset.signals:
            raise InputError(f"the bundle {dataset.name} has no signal {_short(spec.signal)}; {_on_offer(dataset)}")
        return
    mixed = mixed_signals(dataset, spec)
    if spec.fusion.rule.needs_one_space and not one_encoder(dataset, *mixed):
        raise InputError(f"{spec.fusion.method} needs vectors of one encoder; {' and '.join(mixed)} have two")
    if not spec.fusion.rule.takes_mixes and any(map(is_mix, mixed)):
        raise InputError(f"{spec.fusion.method} takes single signals, no mix; choose another method or one signal")


def mixed_signals(dataset: Dataset, spec: RunSpec) -> tuple[str, str]:
    """The names of the text and the image signal that a fusion mixes. Raises InputError where one is not there."""
    text, image = (_signal_name(dataset, modality, name) for modality, name in _signals(spec))
    return text, image


def signal_names(dataset: Dataset, spec: RunSpec) -> tuple[str, ...]:
    """The names of the signals that a run reads. Raises InputError where one is not there."""
    return (spec.signal,) if spec.fusion is None else mixed_signals(dataset, spec)


def read_signals(dataset: Dataset, spec: RunSpec) -> tuple[str | None, str | None]:
    """The names of the text and the image signal that a run reads, None for one that it does not. Raises InputError
    where one is not there."""
    if spec.fusion is not None:
        return mixed_signals(dataset, spec)
    check_run(dataset, spec)
    return (spec.signal, None) if signal_named(dataset, spec.signal).modality == "text" else (None, spec.signal)


def one_encoder(dataset: Dataset, text: str, image: str) -> bool:
    """Whether two signals can be averaged: see `share_a_space`."""
    return share_a_space(signal_named(dataset, text), signal_named(dataset, image))


def _signal_name(dataset: Dataset, modality: Modality, name: str) -> str:
    if is_mix(name):
        if _checked_mix(dataset, name) != modality:
            raise InputError(f"{name} is no mix of {modality} signals; each end of a fusion has its own modality")
        return name
    known = [signal.name for signal in dataset.signals.values() if signal.modality == modality]
    if not known or (name and name not in known):
        wanted = f"{modality} signal {_short(name)}" if name else f"{modality} signal to fuse"
        raise InputError(f"the bundle {dataset.name} has no {wanted}; it has: {', '.join(known) or 'none'}")
    return name or known[0]


def _checked_mix(dataset: Dataset, name: str) -> Modality:
    """What a mix reads. Raises InputError where the bundle lacks a signal of it, or it is written in another way."""
    if (written := str(read_mix(name))) != name:
        raise InputError(f"the mix {_short(name)} is written {written!r}")
    return signal_named(dataset, name).modality


def _on_offer(dataset: Dataset) -> str:
    texts = [write_run(spec) for spec in runs_of(dataset)]
    return (
        f"the bundle {dataset.name} has: {', '.join(texts)}" if texts else f"the bundle {dataset.name} has no signals"
    )
