"""Questions to a model that come at the same time are one call: who waits for the call before is in the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

from sqid_ui.work.turns import aside

Q = TypeVar("Q")
A = TypeVar("A")


class Batches(Generic[Q, A]):
    """call: gives the answers to some questions, in their order. most: questions a call."""

    def __init__(self, call: Callable[[list[Q]], Iterable[A]], most: int = 64) -> None:
        self._call, self._most = call, most
        self._waiting: list[tuple[Q, Future[A]]] = []
        self._lock, self._calling = Lock(), Lock()

    def of(self, question: Q) -> A:
        """The answer to one question. Whose turn it is to call takes along all that wait. Where a call fails each of
        its questions is asked alone, so that none fails for another."""
        answer: Future[A] = Future()
        with self._lock:
            self._waiting.append((question, answer))
        if not self._calling.acquire(blocking=False):
            with aside():
                self._calling.acquire()
        try:
            while not answer.done():
                self._next_call()
        finally:
            self._calling.release()
        return answer.result()

    def _next_call(self) -> None:
        with self._lock:
            asked, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            answers = self._call([question for question, _ in asked])
        except Exception as error:
            if len(asked) == 1:
                asked[0][1].set_exception(error)
                return
            for question, answer in asked:
                self._alone(question, answer)
            return
        for (_, answer), found in zip(asked, answers, strict=True):
            answer.set_result(found)

    def _alone(self, question: Q, answer: Future[A]) -> None:
        try:
            (found,) = self._call([question])
            answer.set_result(found)
        except Exception as error:
            answer.set_exception(error)
