"""All judged queries: which method is best, is the difference real, and which weight should it have."""

from sqid_ui.analysis.evaluate import page
from sqid_ui.shell import frame

page.run(frame.open_bundle(page.PAGE))
