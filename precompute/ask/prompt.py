"""What a model is asked: a template with named places, the book's guidelines, and a query and a product as data.

Texts of products come from strangers. They stand in a message of their own, as JSON between marks that nothing in them
can close (`<` and `>` are written as escapes); places are filled in one pass, so that a title that looks like a place
stays a title; and whatever they make a model say, only an answer with one label of the book's scale counts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqid_core.bundle.labels import LabelScale
from sqid_core.bundle.plain_files import regular_bytes
from sqid_core.errors import InputError
from sqid_core.wording import listed

DEFAULT = Path(__file__).with_name("default_prompt.txt")
# Of the second message alone: in the first one they would have the authority of an instruction.
_DATA = ("query", "product")
_FIXED = ("labels", "guidelines", "answer")
_PLACE = re.compile(r"\{\{\s*([^{}\n]*?)\s*\}\}")
_USER = re.compile(r"^\[user\][ \t]*$", re.MULTILINE)
_LONGEST_FILE = 200_000
_ANSWER = """\
Answer with one JSON object and nothing else:
{"explanation": "one or two sentences: what decides", "label": one of %s, "unrateable": false}
Where nobody could tell, since the search makes no sense or what decides is not to be seen, "label" is null and
"unrateable" is true."""

Messages = list[dict[str, Any]]


class Template(NamedTuple):
    """The first message, which says what is to be done, and the second, which holds what is judged. Both with places
    in double braces."""

    system: str
    user: str


@dataclass(frozen=True)
class Prompt:
    """A template with what all pairs of a book share. fixed: the text of each such place."""

    template: Template
    fixed: Mapping[str, str]
    schema: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """Equal where all pairs are asked for in the same way."""
        parts = [*self.template, dict(self.fixed), dict(self.schema)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def messages(self, query: str, product: Mapping[str, Any], picture: str | None = None) -> Messages:
        """What is sent for one pair. picture: an address, usually a data URL."""
        texts = {**self.fixed, "query": _block({"query": query}), "product": _block(product)}
        system, user = (_PLACE.sub(lambda found: texts[found[1]], text) for text in self.template)
        content: Any = user
        if picture is not None:
            content = [{"type": "text", "text": user}, {"type": "image_url", "image_url": {"url": picture}}]
        first = [{"role": "system", "content": system}] if system else []
        return [*first, {"role": "user", "content": content}]


def read_template(path: Path) -> Template:
    """The template in a file. Raises InputError."""
    try:
        text = regular_bytes(path, _LONGEST_FILE).decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path} is not there; give --prompt a text file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a prompt ({error}); give --prompt a text file in UTF-8") from None
    return template_of(text, str(path))


def template_of(text: str, name: str) -> Template:
    """Raises InputError, which names the file, where a place is unknown, missing or in the wrong message."""
    parts = _USER.split(text.replace("\r\n", "\n"))
    if len(parts) != 2:
        raise InputError(
            f"{name} has {len(parts) - 1} lines [user], expected one: above it stands what is to be done, below it "
            "what is judged"
        )
    system, user = (set(_PLACE.findall(part)) for part in parts)
    unknown = sorted((system | user) - {*_DATA, *_FIXED})
    if unknown:
        raise InputError(
            f"{name} has the unknown place {{{{{unknown[0][:40]}}}}}; choose of: {_places(_FIXED + _DATA)}"
        )
    missing = [place for place in (*_FIXED, *_DATA) if place not in system | user]
    if missing:
        raise InputError(f"{name} lacks {_places(missing)}; a prompt has them all")
    early = [place for place in _DATA if place in system]
    if early:
        raise InputError(f"{name} has {_places(early)} above the line [user]; what strangers wrote belongs below it")
    return Template(parts[0].strip(), parts[1].strip())


def prompt_of(template: Template, scale: LabelScale, guidelines: str) -> Prompt:
    """The prompt of a book."""
    labels = "\n".join(f"- {name} ({letter})" for name, letter in zip(scale.names, scale.letters, strict=True))
    answer = _ANSWER % json.dumps(list(scale.names), ensure_ascii=False)
    fixed = {"labels": labels, "guidelines": guidelines.strip() or "(none)", "answer": answer}
    return Prompt(template, fixed, answer_schema(scale))


def answer_schema(scale: LabelScale) -> dict[str, Any]:
    """The JSON Schema of an answer: the reason first, so that the label follows from it."""
    return {
        "type": "object",
        "properties": {
            "explanation": {"type": "string"},
            "label": {"type": ["string", "null"], "enum": [*scale.names, None]},
            "unrateable": {"type": "boolean"},
        },
        "required": ["explanation", "label", "unrateable"],
        "additionalProperties": False,
    }


def shown(messages: Messages) -> str:
    """The messages as a person reads them, a picture by its size; nothing in them steers a terminal."""
    whole = "\n\n".join(f"[{message['role']}]\n{_readable(message['content'])}" for message in messages)
    return "".join(
        letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in whole
    )


def text_bytes(messages: Messages) -> int:
    """How long the texts are, in bytes of UTF-8."""
    return sum(len(text.encode("utf-8", "replace")) for message in messages for text in _texts(message["content"]))


def _texts(content: Any) -> list[str]:
    return [content] if isinstance(content, str) else [part["text"] for part in content if part["type"] == "text"]


def _readable(content: Any) -> str:
    texts = _texts(content)
    if not isinstance(content, str):
        urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
        texts += [f"(picture: {url.partition(',')[0]}, {len(url):,} letters)" for url in urls]
    return "\n\n".join(texts)


def _block(data: Mapping[str, Any]) -> str:
    """JSON between marks that its texts cannot hold."""
    text = json.dumps(dict(data), ensure_ascii=False, indent=1).replace("<", r"\u003c").replace(">", r"\u003e")
    return f"<data>\n{text}\n</data>"


def _places(names: tuple[str, ...] | list[str]) -> str:
    return listed((f"{{{{{name}}}}}" for name in names), 200)
