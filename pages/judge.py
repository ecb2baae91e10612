"""Judging: books of pairs, and one pair after another."""

from sqid_ui.judge import page
from sqid_ui.shell import frame

page.run(frame.open_bundle(page.PAGE, published=True))
