"""Where a modality helps: means by groups of queries, with how sure they are."""

from sqid_ui.analysis.breakdown import page
from sqid_ui.shell import frame

page.run(frame.open_bundle(page.PAGE))
