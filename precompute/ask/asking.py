"""One pair of a book, put to a model: what is sent, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from precompute.ask.chat import Chat, ClosedError, DeclinedError, HaltedError, UnansweredError
from precompute.ask.product_facts import picture_address, product_facts
from precompute.ask.prompt import Messages, Prompt, text_bytes
from precompute.ask.reading import Answer, UnusableError, read_answer
from precompute.ask.spending import Tokens
from sqid_core.bundle.load import Dataset

# An answer that is no judgement is asked for once more; most of these are accidents.
_TRIES = 2
# What a chat template adds to the texts, and what a picture of 512 pixels counts as: usually 250 to 1,000 tokens, with
# some models up to 8,500.
_TEMPLATE, _PICTURE, _USUAL_PICTURE = 200, 9_000, 600
_CUT = "cut off before its end; --max-tokens makes room"
_BYTES_A_TOKEN, _USUAL_ANSWER = 4, 80

Lack = Literal["unusable", "declined", "unanswered", "closed", "halted"]


@dataclass(frozen=True)
class Question:
    """A pair of a book by its ids, its texts and the product's row."""

    query_id: str
    product_id: str
    query: str
    row: int


@dataclass(frozen=True)
class Miss:
    """Why a pair has no judgement. unusable: the model answered something else. declined: the endpoint did not take
    this question; closed: it takes none. halted: it was not asked."""

    lack: Lack
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Asking:
    """How the pairs of a book are put to a model. pictures: whether it is shown them. texts: the products'
    descriptions, by row."""

    dataset: Dataset
    prompt: Prompt
    pictures: bool
    texts: Mapping[int, str] = field(default_factory=dict, repr=False)

    def messages(self, question: Question) -> Messages:
        """What is sent."""
        picture = picture_address(self.dataset, question.row) if self.pictures else None
        facts = product_facts(self.dataset, question.row, self.texts.get(question.row, ""))
        seen = {"picture": "attached" if picture else "none"} if self.pictures else {}
        return self.prompt.messages(question.query, {**facts, **seen}, picture)

    def most_tokens(self, messages: Messages, longest: int) -> Tokens:
        """What a question costs at most, its schema included: a token has a byte or more."""
        schema = len(json.dumps(self.prompt.schema))
        return Tokens(text_bytes(messages) + schema + _TEMPLATE + (_PICTURE if _has_picture(messages) else 0), longest)

    def judged(self, question: Question, chat: Chat) -> Answer | Miss:
        """What the model says of a pair. Raises nothing for what an endpoint does."""
        if chat.is_over:
            return Miss("halted")
        messages = self.messages(question)
        most, reason = self.most_tokens(messages, chat.manner.longest), ""
        try:
            for _ in range(_TRIES):
                reply = chat.ask(messages, self.prompt.schema, most)
                try:
                    answer = read_answer(reply.text, self.dataset.scale)
                except UnusableError as error:
                    reason = _CUT if reply.cut else chat.hidden(str(error))
                else:
                    return replace(answer, explanation=chat.hidden(answer.explanation))
        except UnansweredError as error:
            return Miss("unanswered", str(error))
        except DeclinedError as error:
            return Miss("declined", str(error))
        except ClosedError as error:
            return Miss("closed", str(error))
        except HaltedError:
            return Miss("halted")
        return Miss("unusable", reason)


def usual_tokens(messages: Messages) -> Tokens:
    """What a question usually costs."""
    picture = _USUAL_PICTURE if _has_picture(messages) else 0
    return Tokens(text_bytes(messages) // _BYTES_A_TOKEN + picture, _USUAL_ANSWER)


def questions(dataset: Dataset, pairs: pd.DataFrame) -> tuple[list[Question], int]:
    """The pairs of a book that the bundle still has, in their order, and how many it has no longer."""
    rows = pd.Index(dataset.products["product_id"]).get_indexer(pd.Index(pairs["product_id"]))
    texts = dict(zip(dataset.queries["query_id"], dataset.queries["query"], strict=True))
    found = [
        Question(query_id, product_id, str(texts[query_id]), int(row))
        for query_id, product_id, row in zip(pairs["query_id"], pairs["product_id"], rows, strict=True)
        if row >= 0 and query_id in texts
    ]
    return found, len(pairs) - len(found)


def _has_picture(messages: Messages) -> bool:
    return any(not isinstance(message["content"], str) for message in messages)
