"""The command line. A verb's module is imported only when the verb is used, so that --help is quick."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

OK, CHECK_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

# A line for the overview. The verb X-Y is `command` in precompute/commands/x_y_verb.py.
VERBS = {
    "demo": "build the demo's bundle: drawn products, judged queries, both CLIP signals",
    "train-demo": "train the demo's tiny CLIP again",
    "sqid": "fetch SQID and ESCI, then import, index, verify and evaluate",
    "import": "make a bundle from files in the format of ESCI and SQID",
    "images": "download pictures, or take them from a folder, for offline and hosted use",
    "own": "make a bundle from products, queries and judgements of your own",
    "encode": "encode a bundle's products and queries: adds a signal",
    "vectors": "add vectors that another program made: adds a signal",
    "lexical": "index the products' words for BM25: adds a signal",
    "rerank": "score judged pairs with a cross-encoder: adds a signal",
    "run": "ask a live search engine each query: adds its rankings as a signal",
    "run-file": "import a ranking of another system (TREC run file) as a signal",
    "categories": "a category for each product: from a file, or estimated",
    "index": "build an HNSW index for each signal and measure its recall",
    "storage": "store the vectors as float16, and measure what that loses",
    "map": "draw the catalogue in two dimensions: a map for each signal",
    "verify": "check everything that a bundle promises",
    "report": "write a report as one HTML file, with a LaTeX table beside it",
    "export": "write a bundle in a format of others: BEIR, TREC, OpenSearch, a hub's",
    "fetch": "fetch a bundle from the hub, check it, and put it in its place",
    "access": "say who alone may see a bundle in the app",
    "replace": "put a new bundle in the place of one that is served",
    "evaluate": "NDCG of random, each signal and their fusion",
    "learn": "learn a ranking from the labels, scored on queries it did not see: adds a signal",
    "finetune": "turn an encoder towards the labels: adds a signal, or makes a model's folder",
    "judge": "have a model judge the pairs of a book",
    "judgements": "what judges said in the app: who leads, whom to forget",
}
# What it was called by.
PROGRAM = "sqid" if Path(sys.argv[0]).stem == "sqid" else "python -m precompute"
# Set by a shell that completes the command `sqid`: _SQID_COMPLETE=bash_source sqid prints what to put into .bashrc.
COMPLETE = "_SQID_COMPLETE"


def command_of(verb: str) -> click.Command:
    """Imports a verb's command."""
    module = importlib.import_module(f"precompute.commands.{verb.replace('-', '_')}_verb")
    command: click.Command = module.command
    return command


class Verbs(click.Group):
    """The verbs of the table, each imported when it is used, and the commands that were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All, in the table's order."""
        del ctx
        return [*VERBS, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a verb's command; None for an unknown one."""
        return command_of(cmd_name) if cmd_name in VERBS else super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Says which verbs there are where one is unknown."""
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            raise click.UsageError(f"unknown verb {args[0]!r}; choose one of: {', '.join(known)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table's lines, so that no verb is imported."""
        del ctx
        added = [(name, command.get_short_help_str(100)) for name, command in self.commands.items()]
        with formatter.section("verbs"):
            formatter.write_dl([*VERBS.items(), *added])


def _tell_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from sqid_core import __version__

        click.echo(f"SQID Explorer {__version__}")
        context.exit()


def command_line(added: Sequence[click.Command] = ()) -> click.Group:
    """The whole command line. added: what a program has beside the verbs."""

    @click.command(cls=Verbs, subcommand_metavar="VERB ...", context_settings={"max_content_width": 120})
    @click.option(
        "--version", is_flag=True, is_eager=True, expose_value=False, callback=_tell_version, help="Show it and exit."
    )
    @click.help_option("-h", "--help")
    def cli() -> None:
        """Makes and measures the bundles that SQID Explorer shows. VERB --help shows a verb's options."""

    for command in added:
        cli.add_command(command)
    return cli


def main(arguments: Sequence[str] | None = None, program: str = PROGRAM, added: Sequence[click.Command] = ()) -> int:
    """Runs one verb. Returns 0; 1 where a check failed; 2 where the input is wrong; 130 after Ctrl-C.

    program: what a person types to come here, for help. added: commands beside the verbs.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with _noted_interruptions() as noted:
            try:
                return _main(words, program, command_line(added))
            except Exception as error:
                # Ctrl-C that hits a lock of the interpreter or a library's C code comes out as an error of theirs.
                if noted:
                    raise KeyboardInterrupt from error
                return _failure(error)
    except KeyboardInterrupt:
        return _say("interrupted; run the same command again to go on", INTERRUPTED)


@contextmanager
def _noted_interruptions() -> Iterator[list[int]]:
    """A list that is no longer empty once Ctrl-C was pressed. Where somebody else handles Ctrl-C, it stays so."""
    noted: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield noted
        return

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def _main(words: list[str], program: str, cli: click.Group) -> int:
    if os.environ.get(COMPLETE):
        cli.main(words, "sqid", COMPLETE)  # answers the shell and exits
    try:
        # Not cli.main: it takes Ctrl-C for itself.
        with cli.make_context(program, words) as context:
            if not words:
                click.echo(context.get_help())
                return BAD_INPUT
            cli.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.UsageError as error:
        help_page = error.ctx.command_path if error.ctx else program
        return _say(f"{error.format_message().rstrip('.')}; see {help_page} --help", BAD_INPUT)
    return OK


def _failure(error: Exception) -> int:
    """Says what went wrong, if that is for the user to mend; raises it again if it is not."""
    # Here, not above: the core imports pandas and pyarrow, half a second in which Ctrl-C must be as clean as later.
    from sqid_core.errors import CheckError, SqidError

    if isinstance(error, CheckError):
        return _say(str(error), CHECK_FAILED)
    if isinstance(error, SqidError):
        return _say(str(error), BAD_INPUT)
    if isinstance(error, BrokenPipeError):
        # The reader of a pipe (head, less) has left; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CHECK_FAILED
    if isinstance(error, OSError):
        # A full disk, missing rights, a lost network share. numpy says "N requested and M written" where it is full.
        return _say(
            f"the machine refused ({error}); free the disk, or check the rights and the path, then run it again",
            BAD_INPUT,
        )
    if isinstance(error, UnicodeEncodeError):
        return _say(f"a file's name or a text is not UTF-8 ({error}); give it another name", BAD_INPUT)
    if isinstance(error, BrokenExecutor):
        # The system ends processes where memory runs out.
        return _say("a helper process was ended, perhaps for want of memory; run the command again", BAD_INPUT)
    raise error


def _say(sentence: str, code: int) -> int:
    # A sentence may quote a damaged file: nothing of it may steer the terminal.
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in sentence)
    print(f"precompute: {shown}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
