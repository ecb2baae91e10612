"""Where a modality helps: means by groups of queries, with how sure they are."""

from ui import frame
from ui.analysis.breakdown import page

page.run(frame.open_bundle(page.PAGE))
