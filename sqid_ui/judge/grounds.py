"""The bundle that a browser speaks of, and the book in it."""

from __future__ import annotations

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.judging.books import Book
from sqid_core.judging.store import Store
from sqid_core.wording import short
from sqid_ui.caches import bundles
from sqid_ui.judge.refused import Refused
from sqid_ui.login.person import Person
from sqid_ui.shell.bundles import data_root, folders_for


def dataset_named(name: str, fingerprint: str, person: Person | None) -> Dataset:
    """The bundle of a name that somebody may see, of several the one with this fingerprint. Refused where there is none
    now: while it is built anew it is away for a moment, and what is judged waits. Raises BundleError where it cannot be
    opened."""
    found = [(each.folder, each.manifest) for each in folders_for(person, data_root()) if each.manifest is not None]
    named = [(folder, manifest) for folder, manifest in found if manifest.name == name]
    if not named:
        raise Refused(404, f"There is no bundle {short(name)} here.")
    folder, manifest = next((one for one in named if one[1].fingerprint == fingerprint), named[0])
    return bundles.dataset(str(folder), manifest)


def book_in(store: Store, bundle: str, book_id: str) -> Book | None:
    """The book of an id, None where this bundle has none."""
    if not book_id:
        return None
    try:
        book = store.book(book_id)
    except InputError:
        return None
    return book if book.bundle == bundle else None
