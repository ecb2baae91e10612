"""Two runs over all judged queries: which is better, where it loses, and which swaps make the difference."""

from sqid_ui.compare import memory, page
from sqid_ui.compare import run_controls as controls
from sqid_ui.compare.state import default_settings, write_link
from sqid_ui.parts import notices as states
from sqid_ui.settings import link
from sqid_ui.shell import frame

PAGE = "compare"

dataset = frame.open_bundle(PAGE)
page.style()
default = default_settings(dataset)
if default is None:
    page.not_two_runs(dataset)
    link.publish(PAGE, frame.bundle_parameter())
elif not dataset.judgements.lengths.any():
    page.nothing_judged()
    link.publish(PAGE, frame.bundle_parameter())
else:
    rejected = memory.settle_widgets(dataset, default)
    controls.run_pickers(dataset)
    settings = memory.settings_from_widgets(dataset)
    states.rejected_parameters(rejected)
    link.publish(PAGE, frame.bundle_parameter() | write_link(settings, default))
    page.show(dataset, settings, default)
