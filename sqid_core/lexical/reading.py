"""How texts are read as words: in small letters, less the words that say nothing, by their stems where asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..extras import needs

NONE = "none"
_PREFIX = "STOPWORDS_"


@dataclass(frozen=True)
class Reading:
    """How a text becomes words. The text in small letters; of that each run of two or more letters, digits or low lines
    (bm25s' own pattern); less the stop words; and of each word its stem, by a Snowball stemmer, "" for none.

    The stop words are written out, so that another version of the library reads as the index was made.
    """

    stopwords: tuple[str, ...] = ()
    stemmer: str = ""

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, in their order. Raises InputError where the library, or the stemmer, is missing."""
        library = needs("rankers", "bm25s")
        stemmer = _stemmer(self.stemmer) if self.stemmer else None
        found: list[list[str]] = library.tokenize(
            list(texts), stopwords=list(self.stopwords), stemmer=stemmer, return_ids=False, show_progress=False
        )
        return found


def named_reading(stopwords: str = "english", stemmer: str = NONE) -> Reading:
    """A reading by the names of a list of stop words and of a stemmer, `none` for neither.

    Raises InputError for a name that the libraries do not know, and where one is missing.
    """
    if stemmer != NONE:
        _stemmer(stemmer)
    return Reading(_stopwords(stopwords), "" if stemmer == NONE else stemmer)


def _stopwords(name: str) -> tuple[str, ...]:
    if name == NONE:
        return ()
    library = needs("rankers", "bm25s")
    lists = {
        each.removeprefix(_PREFIX).lower(): each for each in dir(library.stopwords) if each.startswith(_PREFIX)
    } | {"english": f"{_PREFIX}EN"}
    if name not in lists:
        raise InputError(f"no stop words are called {name!r}; choose one of: {NONE}, {', '.join(sorted(lists))}")
    return tuple(getattr(library.stopwords, lists[name]))


def _stemmer(name: str) -> Any:
    # A stemmer of its own each time: they keep state, and searches run side by side.
    library = needs("rankers", "Stemmer")
    known = library.algorithms()
    if name not in known:
        raise InputError(f"no stemmer is called {name!r}; choose one of: {NONE}, {', '.join(known)}")
    return library.Stemmer(name)
