"""The command `sqid`: precompute's verbs, and one more that starts the app.

A layer of its own above the app and the steps, which know nothing of each other; nothing imports it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from precompute.__main__ import main as precompute

# In a wheel the app's script, its pages and its settings lie in here; in a checkout beside the packages.
_PACKAGED = Path(__file__).parent / "_app" / "app.py"
_CHECKOUT = Path(__file__).parents[1] / "app.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit code. `app` serves until it is stopped."""
    return precompute(arguments, "sqid", [app])


def app_script() -> Path:
    """The script that Streamlit runs; it reads the settings that lie beside it."""
    return _PACKAGED if _PACKAGED.exists() else _CHECKOUT


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen (8501).")
@click.option("--address", help="Which of the machine's addresses to listen at (all of them).")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[STREAMLIT_OPTIONS]...")
def app(port: int | None, address: str | None, options: tuple[str, ...]) -> None:
    """start the app over the bundles in SQID_DATA, or else in the folder data of the current one

    All other options are Streamlit's, such as --server.baseUrlPath; `streamlit run --help` lists them.
    """
    from streamlit.web import cli

    named = {"--server.port": port, "--server.address": address}
    ours = [f"{name}={value}" for name, value in named.items() if value is not None]
    cli.main(["run", str(app_script()), *ours, *options], prog_name="streamlit")


if __name__ == "__main__":
    sys.exit(main())
