"""The rankings of a live engine for a bundle's queries, as a run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock, Timeout

from precompute.ask.in_flight import batches
from precompute.engine.answers_file import AnswersFile
from precompute.engine.asking_engine import Engine, EngineAnswer, NoAnswer, Question
from precompute.steps.run_file import Reading, import_run
from precompute.work.names import check_signal_name
from precompute.work.progress import Counter, Progress, quiet, tell
from sqid_core.bundle.files_on_disk import flush, partial_of
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import defined_mean
from sqid_core.evaluation.unjudged import judged_share
from sqid_core.exports.trec_runs import trec_word
from sqid_core.types import Modality
from sqid_core.wording import counted, numbered


@dataclass(frozen=True)
class EngineRun:
    """What came of asking. asked: queries; answered: of those, now or before. judged: judged@k, the mean share of the
    first k that were judged. outside: products of answers that the bundle does not have. p50, p95: seconds."""

    asked: int
    answered: int
    k: int
    judged: float
    outside: int
    p50: float
    p95: float


def run_engine(
    bundle: Path,
    engine: Engine,
    out: Path,
    signal: str = "engine",
    modality: Modality = "text",
    at_once: int = 4,
    again: bool = False,
    progress: Progress = quiet,
) -> EngineRun:
    """Asks for every query of the bundle, writes the run to `out` and adds it as a signal. Every answer is kept beside
    it (OUT.answers.jsonl, with its seconds) as it comes: after an interruption the same call goes on.

    Raises InputError where the engine answers nothing, or the answers are of something else.
    """
    check_signal_name(signal)
    dataset = load_bundle(bundle)
    questions = [
        Question(*map(str, each)) for each in zip(dataset.queries["query_id"], dataset.queries["query"], strict=True)
    ]
    if not questions:
        raise InputError(f"{bundle} has no queries to ask")
    out.parent.mkdir(parents=True, exist_ok=True)
    file = AnswersFile(out.with_name(f"{out.name}.answers.jsonl"), _about(engine, questions))
    lock = out.with_name(f".{out.name}.lock")
    try:
        with FileLock(lock, timeout=0):
            answers = _asked(file, engine, questions, at_once, again, progress)
            lock.unlink(missing_ok=True)
    except Timeout:
        raise InputError(f"another process is asking for {out}; wait for it") from None
    found = _summary(dataset, answers, engine.template.top, len(questions))
    _write_run(out, dataset, answers, signal)
    tell(
        progress,
        "asking",
        f"{out}: {found.answered:,} of {numbered(found.asked, 'queries')} answered; judged@{found.k} "
        f"{found.judged:.4f}; "
        f"{numbered(found.outside, 'products')} that the bundle does not have left out; "
        f"half of the answers within {1000 * found.p50:,.0f} ms, 95 of 100 within {1000 * found.p95:,.0f} ms",
    )
    import_run(bundle, out, signal, modality, Reading(missing="drop"), progress)
    return found


def _about(engine: Engine, questions: list[Question]) -> dict[str, object]:
    """What decides the answers, without the key, and without what stands behind the address' path."""
    parts = urlsplit(engine.address.url)
    asked = hashlib.sha256("\0".join(text for each in questions for text in (each.query_id, each.query)).encode())
    return {
        "endpoint": f"{engine.address.host}{parts.path}",
        "request": engine.template.sha256,
        "ids": engine.ids.text,
        "top": engine.template.top,
        "queries": asked.hexdigest(),
    }


def _asked(
    file: AnswersFile, engine: Engine, questions: list[Question], at_once: int, again: bool, progress: Progress
) -> dict[str, EngineAnswer]:
    """Every answer, those of before too. Raises InputError where the engine will answer nothing more."""
    if again:
        file.path.unlink(missing_ok=True)
    answers = file.read()
    todo = [each for each in questions if each.query_id not in answers]
    if not answers:
        file.begin()
    engine.proven = bool(answers)
    misses: list[NoAnswer] = []
    with Counter(progress, "asking", len(questions), "queries", len(answers)) as counter:
        for batch in batches(todo, engine.ask, at_once, engine.stop):
            got = [(question.query_id, each) for question, each in batch if isinstance(each, EngineAnswer)]
            file.add(got)
            answers.update(got)
            misses += [each for _, each in batch if isinstance(each, NoAnswer)]
            counter.advance(len(got))
    told = [each for each in misses if each.closed or each.reason != "was not asked"]
    if told:
        first = next((each for each in told if each.closed), told[0])
        left = len(questions) - len(answers)
        sentence = f"{engine.address.host} {first.reason}: {counted(left, 'query has', 'queries have')} no answer"
        if first.closed or not answers:
            raise InputError(f"{sentence}; what came is kept, and the same command goes on from there")
        tell(progress, "asking", f"{sentence}; the same command asks for them again")
    return answers


def _summary(dataset: Dataset, answers: Mapping[str, EngineAnswer], top: int, asked: int) -> EngineRun:
    rows = {product: row for row, product in enumerate(dataset.products["product_id"])}
    judgements = dataset.judgements
    shares, outside = [], 0
    for query, slate, mask in zip(judgements.query_ids, judgements.rows, judgements.mask, strict=True):
        answer = answers.get(str(query))
        if answer is None:
            continue
        known = np.array([rows.get(product, -1) for product in answer.products], dtype=np.int64)
        outside += int((known < 0).sum())
        shares.append(judged_share(np.isin(known, slate[mask]), np.ones(len(known), dtype=bool), top))
    seconds = [each.seconds for each in answers.values()]
    p50, p95 = np.percentile(seconds, (50, 95)) if seconds else (np.nan, np.nan)
    judged = defined_mean(np.array(shares, dtype=np.float64)) if shares else float("nan")
    return EngineRun(asked, len(answers), top, judged, outside, float(p50), float(p95))


def _write_run(out: Path, dataset: Dataset, answers: Mapping[str, EngineAnswer], signal: str) -> None:
    """A TREC run, whose scores are whole numbers that fall in the engine's order."""
    known = set(dataset.products["product_id"])
    partial = partial_of(out)
    with partial.open("w", encoding="utf-8") as file:
        for query in map(str, dataset.queries["query_id"]):
            products = [product for product in answers[query].products if product in known] if query in answers else []
            for rank, product in enumerate(products, start=1):
                file.write(f"{trec_word(query)} Q0 {trec_word(product)} {rank} {len(products) - rank + 1} {signal}\n")
    flush(partial)
    partial.replace(out)
