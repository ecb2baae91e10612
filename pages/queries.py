"""Every judged query: where the picture helps, where it hurts, and where both fail."""

from ui import frame
from ui.analysis.queries import page

page.run(frame.open_bundle(page.PAGE))
