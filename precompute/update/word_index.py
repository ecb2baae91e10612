"""A signal of words, written into a bundle."""

from __future__ import annotations

from collections.abc import Sequence

from sqid_core.bundle.lexical import LEXICAL, LexicalSignal, lexical_about, lexical_arrays
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.write import BundleWriter


def write_lexical(writer: BundleWriter, signal: LexicalSignal, fields: Sequence[str]) -> None:
    """Adds the signal. fields: the products' columns that it reads."""
    spec = SignalSpec(signal.modality, "", tuple(fields), kind=LEXICAL)
    writer.write_signal_files(signal.name, spec, lexical_arrays(signal), lexical_about(signal))
