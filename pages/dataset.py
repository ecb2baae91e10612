"""What the bundle is, and whether to trust it."""

from ui import frame
from ui.analysis.dataset import page

page.run(frame.open_bundle(page.PAGE))
