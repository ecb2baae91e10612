"""The command line. A verb's module is imported only when the verb is used, so that --help is quick."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from types import FrameType

OK, CHECK_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

# verb: its module, which has add_arguments(parser), run(args) -> exit code and EXAMPLE; and a line for the overview.
VERBS = {
    "demo": ("precompute.demo.verb", "build the demo's bundle: drawn products, judged queries, both CLIP signals"),
    "train-demo": ("precompute.demo.train_verb", "train the demo's tiny CLIP again"),
    "sqid": ("precompute.steps.sqid", "fetch SQID and ESCI, then import, index, verify and evaluate"),
    "import": ("precompute.steps.import_", "make a bundle from files in the format of ESCI and SQID"),
    "images": ("precompute.steps.images", "download pictures, or take them from a folder, for offline and hosted use"),
    "own": ("precompute.steps.own", "make a bundle from products, queries and judgements of your own"),
    "encode": ("precompute.steps.encode", "encode a bundle's products and queries: adds a signal"),
    "run-file": ("precompute.steps.run_file", "import a ranking of another system (TREC run file) as a signal"),
    "categories": ("precompute.steps.categories", "a category for each product: from a file, or estimated"),
    "index": ("precompute.steps.index", "build an HNSW index for each signal and measure its recall"),
    "verify": ("precompute.steps.verify", "check everything that a bundle promises"),
    "evaluate": ("precompute.steps.evaluate", "NDCG of random, each signal and their fusion"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb. Returns 0; 1 where a check failed; 2 where the input is wrong; 130 after Ctrl-C."""
    try:
        with _noted_interruptions() as noted:
            try:
                return _main(arguments)
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


def _main(arguments: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        return OK if words else BAD_INPUT
    verb, *rest = words
    if verb not in VERBS:
        return _say(f"unknown verb {verb!r}; choose one of: {', '.join(VERBS)}", BAD_INPUT)
    module = importlib.import_module(VERBS[verb][0])
    parser = argparse.ArgumentParser(
        prog=f"python -m precompute {verb}",
        description=module.__doc__,
        epilog=f"example:\n  {module.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(rest)))


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


def _overview() -> str:
    width = max(map(len, VERBS))
    lines = [f"  {verb:<{width}}  {summary}" for verb, (_, summary) in VERBS.items()]
    return "\n".join(
        [
            "usage: python -m precompute VERB ...",
            "",
            *lines,
            "",
            "python -m precompute VERB --help shows a verb's options.",
        ]
    )


def _say(sentence: str, code: int) -> int:
    # A sentence may quote a damaged file: nothing of it may steer the terminal.
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in sentence)
    print(f"precompute: {shown}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
