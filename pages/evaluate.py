"""All judged queries: which method is best, is the difference real, and which weight should it have."""

from ui import frame
from ui.analysis.evaluate import page

page.run(frame.open_bundle(page.PAGE))
