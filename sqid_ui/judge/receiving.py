"""What a browser sends, read strictly: acts of one judge about one bundle, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from sqid_core.errors import InputError
from sqid_core.judging.acts import LONGEST_ID, LONGEST_KEY, Act

MOST_ACTS = 100
_LONGEST_LOOK = 24 * 3600.0


@dataclass(frozen=True)
class Letter:
    """What was sent. judge: the one whose page it comes from. refused: key to the sentence, of acts that are none."""

    bundle: str
    fingerprint: str
    judge: str
    acts: tuple[Act, ...]
    refused: Mapping[str, str]


class _Letter(msgspec.Struct):
    bundle: str
    fingerprint: str
    judge: str
    acts: list[msgspec.Raw]


class _Keyed(msgspec.Struct):
    key: str


class _Sent(msgspec.Struct):
    key: str
    kind: str
    number: int
    query_id: str
    product_id: str = ""
    value: str = ""
    book: str = ""
    link: str = ""
    seconds: float | None = None
    showing: int = 1


def letter_of(body: bytes) -> Letter:
    """What a body says. Raises InputError where that is no letter; an act that is none is refused by its key."""
    try:
        read = msgspec.json.decode(body, type=_Letter)
        keys = [msgspec.json.decode(raw, type=_Keyed).key for raw in read.acts]
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise InputError(f"expected a bundle, its fingerprint, a judge and acts with keys, as JSON: {error}") from None
    if not 0 < len(keys) <= MOST_ACTS or max(map(len, keys)) > LONGEST_KEY or len(set(keys)) < len(keys):
        raise InputError(f"expected 1 to {MOST_ACTS} acts, each with a key of its own of at most {LONGEST_KEY} letters")
    names = (read.bundle, read.fingerprint, read.judge)
    if max(map(len, names)) > LONGEST_ID or any("\0" in name for name in names):
        raise InputError(f"expected names of at most {LONGEST_ID} letters")
    acts, refused = [], {}
    for key, raw in zip(keys, read.acts, strict=True):
        try:
            acts.append(_act(msgspec.json.decode(raw, type=_Sent)))
        except (msgspec.MsgspecError, InputError) as error:
            refused[key] = str(error)
    return Letter(read.bundle, read.fingerprint, read.judge, tuple(acts), refused)


def _act(sent: _Sent) -> Act:
    texts = (sent.key, sent.kind, sent.query_id, sent.product_id, sent.value, sent.book, sent.link)
    if any("\0" in text for text in texts) or len(sent.book) > LONGEST_ID:
        raise InputError("an act’s texts have no null characters, and its book a short name")
    known = sent.seconds is not None and 0 <= sent.seconds <= _LONGEST_LOOK
    seconds = float(sent.seconds or 0.0) if known else float("nan")
    return Act(**{**msgspec.structs.asdict(sent), "seconds": seconds})
