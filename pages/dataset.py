"""What the bundle is, and whether to trust it."""

from sqid_ui.analysis.dataset import page
from sqid_ui.shell import frame

page.run(frame.open_bundle(page.PAGE))
