"""Acts that come while others are being written go into the next transaction together: twenty judges wait for the disk
as long as one does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InputError, SqidError, StoreError
from ..judging.acts import Act
from ..judging.store import Stored
from . import act_rows
from .database import Database


@dataclass(eq=False)
class Parcel:
    """Acts of one judge, and what became of them: one of the two last, once they were written."""

    acts: Sequence[Act]
    sent: act_rows.Sent
    stored: Stored | None = None
    failed: SqidError | None = None


class Gathering:
    """Whose turn it is writes what everybody waits for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._door = threading.Lock()
        self._waiting: list[Parcel] = []

    def add(self, acts: Sequence[Act], sent: act_rows.Sent) -> Stored:
        """What became of these acts."""
        parcel = Parcel(acts, sent)
        with self._door:
            self._waiting.append(parcel)
        with self._turn:
            if parcel.stored is None and parcel.failed is None:
                self._write(self._all_waiting())
        if parcel.stored is not None:
            return parcel.stored
        # An error of one's own: the others raise it too, each in his thread.
        kind = InputError if isinstance(parcel.failed, InputError) else StoreError
        raise kind(str(parcel.failed)) from parcel.failed

    def _all_waiting(self) -> list[Parcel]:
        with self._door:
            waiting, self._waiting = self._waiting, []
        return waiting

    def _write(self, parcels: Sequence[Parcel]) -> None:
        try:
            written = self._written(parcels)
        except BaseException as error:
            if isinstance(error, InputError) and len(parcels) > 1:
                for parcel in parcels:  # whose fault it is, alone
                    self._write([parcel])
                return
            told = error if isinstance(error, SqidError) else StoreError("the store was interrupted; send it again")
            for parcel in parcels:
                parcel.failed = told
            if told is not error:
                raise
            return
        for parcel, stored in zip(parcels, written, strict=True):
            parcel.stored = stored

    def _written(self, parcels: Sequence[Parcel]) -> list[Stored]:
        """All in one transaction, or an error and none."""
        written: list[Stored] = []
        with self._database.writing() as (connection, last):
            for parcel in parcels:
                written.append(act_rows.add(connection, parcel.acts, parcel.sent, written[-1].seq if written else last))
        return written
