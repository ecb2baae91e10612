"""Every judged query: where the picture helps, where it hurts, and where both fail."""

from sqid_ui.analysis.queries import page
from sqid_ui.shell import frame

page.run(frame.open_bundle(page.PAGE))
