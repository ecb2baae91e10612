"""Has a model judge the pairs of a book, and stores what it says as the acts of a judge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import pandas as pd

from precompute.ask.asking import Asking, Question, questions, usual_tokens
from precompute.ask.chat import Chat, Manner
from precompute.ask.endpoint import Endpoint
from precompute.ask.in_flight import batches
from precompute.ask.product_facts import SIDE, descriptions, has_picture
from precompute.ask.prompt import Template, prompt_of, shown
from precompute.ask.reading import Answer
from precompute.ask.spending import NOTHING, Tokens
from precompute.report.model_judge import JudgeReport, Tally
from precompute.work.progress import Counter, Progress, quiet
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError, StoreError
from sqid_core.judging.acts import Act, Kind, standing
from sqid_core.judging.against_people import against_people
from sqid_core.judging.books import Book
from sqid_core.judging.store import LONGEST_NAME, Judge, Store, models_among
from sqid_core.wording import listed, short

_ESTIMATED_FROM = 100


@dataclass(frozen=True)
class Wish:
    """Which book a model is to judge, and how it is asked. book: an id, or a name. most: pairs at most, None for
    all."""

    book: str
    endpoint: Endpoint
    manner: Manner
    template: Template
    pictures: bool = False
    most: int | None = None


@dataclass(frozen=True, eq=False)
class Work:
    """What a wish means for a bundle and a store. name, facts: of the judge that the model is. todo: the pairs that are
    to be judged, in the book's order. before: how many it judged earlier; gone: how many the bundle has no longer;
    next: the number of the judge's next act."""

    book: Book
    asking: Asking
    name: str
    facts: Mapping[str, str]
    todo: Sequence[Question] = field(repr=False)
    before: int = 0
    gone: int = 0
    next: int = 1

    @property
    def unseen(self) -> int:
        """How many pairs are to be judged with pictures, and have none."""
        rows = (question.row for question in self.todo) if self.asking.pictures else ()
        return sum(not has_picture(self.asking.dataset, row) for row in rows)


@dataclass(frozen=True)
class Estimate:
    """Of all that is to be judged, asked for once each. usual: a guess; most: were each byte a token, and each answer
    as long as is allowed."""

    pairs: int
    usual: Tokens
    most: Tokens


def prepared(bundle: Path, store: Store, wish: Wish) -> Work:
    """What there is to do. Only reads. Raises InputError for a book that is not there, not clear or closed."""
    dataset = load_bundle(bundle)
    book = _book(store, dataset, wish.book)
    prompt = prompt_of(wish.template, dataset.scale, book.guidelines)
    name, facts = short(wish.manner.model, LONGEST_NAME), _facts(wish, prompt.sha256)
    own = _own_acts(store, dataset, name, facts)
    every, gone = questions(dataset, store.pairs(book.id))
    done = _rated(own[own["book"] == book.id])
    left = [question for question in every if (question.query_id, question.product_id) not in done]
    todo = left[: wish.most]
    number = int(own["number"].max()) + 1 if len(own) else 1
    texts = descriptions(dataset, {question.row for question in todo})
    asking = Asking(dataset, prompt, wish.pictures, texts)
    return Work(book, asking, name, facts, todo, len(every) - len(left), gone, number)


def first_prompt(work: Work) -> str:
    """What is sent for the first pair, as a person reads it. Raises InputError where there is none."""
    if not work.todo:
        raise InputError(f"nothing of {short(work.book.name)!r} is left to judge by this model and prompt")
    return shown(work.asking.messages(work.todo[0]))


def estimated(work: Work, longest: int) -> Estimate:
    """From up to 100 pairs, spread over all. longest: tokens of an answer."""
    step = max(1, len(work.todo) // _ESTIMATED_FROM)
    some = [work.asking.messages(question) for question in work.todo[::step]]
    usual = sum(map(usual_tokens, some), NOTHING)
    most = sum((work.asking.most_tokens(messages, longest) for messages in some), NOTHING)
    return Estimate(len(work.todo), *(_times(tokens, len(work.todo), len(some)) for tokens in (usual, most)))


def judge(work: Work, store: Store, chat: Chat, at_once: int = 4, progress: Progress = quiet) -> JudgeReport:
    """Asks for every pair that is to be judged and stores each answer as it comes. at_once: questions under way.

    Raises InputError and StoreError where the answers cannot be stored; what a server does ends in the report.
    """
    dataset = work.asking.dataset
    model = store.model_judge(work.name, work.facts)
    acts_of = partial(_acts, work.book.id, model.id, work.facts["prompt"], count(work.next))
    tally = Tally()
    ask = partial(work.asking.judged, chat=chat)
    with Counter(progress, "judging", work.before + len(work.todo), "pairs", work.before) as counter:
        for batch in batches(work.todo, ask, at_once, chat.stop):
            answered = [(question, found) for question, found in batch if isinstance(found, Answer)]
            acts = [act for question, answer in answered for act in acts_of(dataset, question, answer)]
            _keep(store, acts, model.id, dataset)
            for _, found in batch:
                tally.note(found)
            if tally.over:
                chat.stop.set()
            counter.advance(len(answered))
    people = against_people(store.acts(dataset.name), model.id, models_among(store.judges()), dataset.scale)
    return tally.report(model, len(work.todo), chat.purse, people)


def _book(store: Store, dataset: Dataset, wanted: str) -> Book:
    books = store.books(dataset.name)
    found = [book for book in books if book.id == wanted] or [book for book in books if book.name == wanted]
    if len(found) != 1:
        there = listed((f"{book.name} ({book.id})" for book in books), 300) or "none"
        raise InputError(f"{dataset.name} has no book {wanted[:80]!r}; there are: {there}")
    if found[0].closed:
        raise InputError(f"the book {found[0].name[:80]!r} is closed; open it on the Judge page first")
    return found[0]


def _facts(wish: Wish, prompt: str) -> dict[str, str]:
    """What tells one model judge from another: whatever changes what is asked, and of whom."""
    facts = {"model": wish.manner.model, "endpoint": wish.endpoint.host, "prompt": prompt}
    facts["pictures"] = f"{SIDE} px" if wish.pictures else "none"
    temperature = wish.manner.temperature
    return facts if temperature is None else facts | {"temperature": f"{temperature:g}"}


def _own_acts(store: Store, dataset: Dataset, name: str, facts: Mapping[str, str]) -> pd.DataFrame:
    """What this judge said of the bundle; nothing where it is not there yet."""
    acts = store.acts(dataset.name)
    own = [each.id for each in store.judges().values() if _is_model(each, name, facts)]
    return acts[acts["judge"].isin(own)]


def _is_model(judge: Judge, name: str, facts: Mapping[str, str]) -> bool:
    return judge.kind == "model" and judge.name == name and judge.about == facts


def _rated(acts: pd.DataFrame) -> set[tuple[str, str]]:
    said = standing(acts)
    said = said[said["kind"] != "later"]
    return set(zip(said["query_id"], said["product_id"], strict=True))


def _acts(
    book: str, judge_id: str, prompt: str, numbers: Iterator[int], dataset: Dataset, question: Question, answer: Answer
) -> list[Act]:
    """The rating and, where there is one, its explanation. Their keys come from what was asked: whatever is asked for
    twice, by whatever accident, is stored once."""
    name = "" if answer.label is None else dataset.scale.names[answer.label]
    rating: tuple[Kind, str] = ("unrateable", "") if answer.label is None else ("label", name)
    said: list[tuple[Kind, str]] = [rating, ("explanation", answer.explanation)]
    about = "\0".join((judge_id, book, question.query_id, question.product_id, prompt))
    key = hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return [
        Act(f"{key}-{place}", kind, next(numbers), question.query_id, question.product_id, value, book)
        for place, (kind, value) in enumerate(said)
        if value or kind != "explanation"
    ]


def _keep(store: Store, acts: Sequence[Act], judge_id: str, dataset: Dataset) -> None:
    if acts:
        stored = store.add(acts, judge_id, dataset.name, dataset.fingerprint)
        if stored.refused:
            raise StoreError(f"an answer cannot be stored: {next(iter(stored.refused.values()))}")


def _times(tokens: Tokens, many: int, some: int) -> Tokens:
    """Of `many` pairs, from the sum of some of them."""
    return Tokens(*(-(-each * many // max(some, 1)) for each in (tokens.sent, tokens.back)))
