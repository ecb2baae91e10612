"""A model's words become a judgement, or a reason why they are none."""

from __future__ import annotations

import json
import random

import pytest
from fixtures import THREE
from judge_desk import said

from precompute.ask.reading import Answer, UnusableError, read_answer
from sqid_core.bundle.labels import ESCI, LabelScale

NUMBERS = LabelScale(("3", "2", "1", "0"), ("a", "b", "c", "d"), ("#047857",) * 4, (("own", (3.0, 2.0, 1.0, 0.0)),))
THOUGHT = '<think>Is it {"label": "Irrelevant"}? No.</think>\n'


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (said("Exact"), 0),
        (said("exact"), 0),
        (said(" S "), 1),
        (said("**Complement**"), 2),
        (said("Irrelevant (I)"), 3),
        (said("i: irrelevant"), 3),
        (said("E – Exact"), 0),
        (f"Sure! Here you are:\n```json\n{said('E')}\n```\nAnything else?", 0),
        (f"{THOUGHT}{said('E')}", 0),
        (f"First {said('E')}, and so {said('exact')}", 0),
        ('{"LABEL": "E", " Explanation ": "e"}', 0),
        ('{"judgement": {"label": "E"}, "label": "S"}', 1),
        ('{"note": "{\\"label\\": \\"E\\"}", "label": "S"}', 1),
        ('{"thoughts": {"a": 1}} {"label": "S"}', 1),
        ("{not JSON} {" + said("S"), 1),
        ("Exact", 0),
        ("**E**", 0),
        ("I looked at it.\nLabel: Substitute\nExplanation: another colour", 1),
        (said(None, unrateable=True), None),
        (said("Exact", unrateable=True), None),
        (said("", unrateable="Yes"), None),
        (said("unrateable"), None),
        (said("E", unrateable="no"), 0),
        (said("E", unrateable=None), 0),
    ],
)
def test_forms_that_are_read(text, label):
    assert read_answer(text, ESCI).label == label


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (said("Perfect"), "another scale: 'Perfect'"),
        (said("Exact (S)"), "another scale"),
        (said("Exact or Substitute"), "another scale"),
        (said(4), "another scale: '4'"),
        (said(True), "no text"),
        (said(["Exact"]), "no text"),
        (said(None), "without a label"),
        (said(None, unrateable="perhaps"), "unrateable is 'perhaps'"),
        ('{"explanation": "it fits"}', "no answer of the form"),
        ('{"explanation": "it fits", "lab', "half an answer"),
        ('{"explanation": "it fits", "label": "Exa', "half an answer"),
        (f"{said('Exact')} no: {said('Irrelevant')}", "two answers"),
        ('{"label": "Exact", "Label": "Irrelevant"}', "two answers"),
        ("Label: Exact\nLabel: Irrelevant", "no answer of the form"),
        ("It is exact, I think.", "no answer of the form"),
        ("", "an empty answer"),
        (THOUGHT, "an empty answer"),
        ("x" * 50_000, "very long"),
        ("null", "no answer of the form"),
        ("[" * 5_000, "no answer of the form"),
    ],
)
def test_forms_that_are_no_judgement(text, reason):
    with pytest.raises(UnusableError, match=reason.replace("(", r"\(")):
        read_answer(text, ESCI)


def test_a_scale_of_numbers_is_read_as_numbers():
    assert [read_answer(said(value), NUMBERS).label for value in (3, "2", 1.0, "d")] == [0, 1, 2, 3]
    with pytest.raises(UnusableError):
        read_answer(said(4), NUMBERS)
    with pytest.raises(UnusableError):
        read_answer(said("Exact"), THREE)


def test_explanations_are_texts_that_can_be_stored():
    assert read_answer('{"label": "E", "explanation": "a\\u0000b \\ud800c"}', ESCI) == Answer(0, "ab c")
    assert read_answer('{"label": "E", "explanation": ["a"]}', ESCI) == Answer(0, "")
    assert len(read_answer(said("E", explanation="y" * 30_000), ESCI).explanation) == 4_000
    text = "<b>مرحبا</b> & 🏮"
    assert read_answer(said("E", explanation=text), ESCI).explanation == text


def test_no_text_takes_long_or_fails_otherwise():
    rng, parts = (
        random.Random(0),
        ['{"', '"label"', ":", "}", "label: ", "\n", "<think>", "</think>", "E", "```", "(", "\\"],
    )
    texts = ["".join(rng.choices(parts, k=rng.randint(0, 300))) for _ in range(500)]
    texts += [
        part * (39_000 // len(part)) for part in (*parts, '{"a":', '{"label":"E"}', "label:\n", "a: ", " ", "\n*")
    ]
    for text in texts:
        try:
            assert read_answer(text, ESCI).label in (None, 0, 1, 2, 3)
        except UnusableError:
            continue


def test_an_answer_of_any_label_of_any_scale_is_read():
    for scale in (ESCI, THREE, NUMBERS):
        for place, (name, letter) in enumerate(zip(scale.names, scale.letters, strict=True)):
            for word in (name, letter, name.upper(), letter.lower(), f"{name} ({letter})"):
                assert read_answer(json.dumps({"label": word}), scale).label == place
