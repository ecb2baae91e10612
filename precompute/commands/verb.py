"""What the verbs' commands share: their help as it was written, and the arguments that many of them have."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path)
_SETTINGS = {"help_option_names": ["-h", "--help"], "show_default": True, "max_content_width": 120}
MODALITY = click.Choice(("text", "image"))


class Written(click.Command):
    """A command whose help and example keep their lines."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The module's docstring."""
        del ctx
        formatter.write(f"\n{self.help}\n")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example."""
        del ctx
        formatter.write(f"\n{self.epilog}\n")


class Several(click.ParamType):
    """One or more words: `--fields title brand`, up to the next option, or `--fields title,brand`."""

    name = "words"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The words. At least one."""
        del ctx
        found = value if isinstance(value, tuple) else tuple(word.strip() for word in value.split(",") if word.strip())
        if not found:
            raise click.UsageError(f"{_option(param)} needs at least one word")
        return found


class Verb(Written):
    """A verb, or a command of a group of them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What stands behind an option of several words belongs to it, up to the next option."""
        several = {name for each in self.params if isinstance(each.type, Several) for name in each.opts}
        return super().parse_args(ctx, _gathered(args, several))


def _gathered(args: Sequence[str], several: Collection[str]) -> list[str]:
    """The arguments with the words behind each of these options as one."""
    found: list[str] = []
    open_option = False
    for word in args:
        goes_on = open_option and not word.startswith("-")
        if goes_on and found[-1] not in several:
            found[-1] += f",{word}"
        else:
            found.append(word)
        open_option = goes_on or word in several
    return found


class VerbGroup(Written, click.Group):
    """A verb that has commands of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Says which commands there are where none is named."""
        if not args:
            raise click.UsageError(f"choose one of: {', '.join(self.commands)}", ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Says it too where one is unknown."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise click.UsageError(f"unknown command {args[0]!r}; choose one of: {', '.join(self.commands)}", ctx)
        return super().resolve_command(ctx, args)


def verb(name: str, about: str | None, example: str) -> Callable[[Callable[..., None]], Verb]:
    """Makes a function the command `name`. about: its help. example: a command line that works."""
    return click.command(name, cls=Verb, help=about, epilog=_shown(example), context_settings=_SETTINGS)


def verb_group(name: str, about: str | None, example: str, commands: Sequence[click.Command]) -> VerbGroup:
    """A verb with the commands of other modules."""
    known = {command.name or "": command for command in commands}
    return VerbGroup(name, known, help=about, epilog=_shown(example), context_settings=_SETTINGS)


def _shown(example: str) -> str:
    return f"example:\n  {example}"


def bundle_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """The bundle that a verb works on."""
    return click.argument("bundle", type=FILE, metavar="DIR")(function)


class Whole(click.IntRange):
    """A whole number of a range, refused in one sentence."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        number = int(click.INT.convert(value, param, ctx))
        if (self.min is not None and number < self.min) or (self.max is not None and number > self.max):
            span = f"at least {self.min:,}" if self.max is None else f"between {self.min:,} and {self.max:,}"
            raise click.UsageError(f"{_option(param)} must be {span}, got {number}")
        return number


class Positive(click.ParamType):
    """A number above 0, and no infinity. kind: int or float."""

    def __init__(self, kind: type[int] | type[float] = float) -> None:
        self._kind = click.INT if kind is int else click.FLOAT
        self.name = self._kind.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | float:
        """The number."""
        number: int | float = self._kind.convert(value, param, ctx)
        if not 0 < number < math.inf:
            raise click.UsageError(f"{_option(param)} must be positive, got {value}")
        return number


class Columns(click.ParamType):
    """Names of columns, theirs=ours with commas between, as a mapping."""

    name = "columns"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        """Refuses what is no such list, and one column under two names."""
        del ctx
        if isinstance(value, dict):
            return value
        found: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in value.split(","))):
            theirs, _, ours = (word.strip() for word in part.rpartition("="))
            if not (theirs and ours) or theirs in found or ours in found.values():
                raise click.UsageError(
                    f"{_option(param)} holds {part!r}; expected theirs=ours with commas between, each once, as in "
                    "docid=product_id,rating=label"
                )
            found[theirs] = ours
        return found


def _option(param: click.Parameter | None) -> str:
    return param.opts[0] if param is not None else "the number"
