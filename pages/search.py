"""One query: its text ranking, its image ranking and their fusion, side by side."""

from sqid_ui.caches import shared as resources
from sqid_ui.parts import notices as states
from sqid_ui.search import controls
from sqid_ui.search import page as views
from sqid_ui.search.state import write_link
from sqid_ui.settings import link
from sqid_ui.shell import frame

PAGE = ""

dataset = frame.open_bundle(PAGE)
if dataset.signals:
    choices = resources.choices(dataset.fingerprint, dataset)
    rejected = link.settle_widgets(choices, dataset.fingerprint)
    settings = link.settings_from_widgets(dataset.fingerprint)
    controls.query_controls(dataset, choices)
    states.rejected_parameters(rejected)
    link.publish(PAGE, frame.bundle_parameter() | write_link(settings, choices))
    if settings.asks:
        views.show(dataset, settings, choices)
    else:
        states.nothing_asked(judged=bool(choices.query_ids))
else:
    states.no_signals(dataset)
    link.publish(PAGE, frame.bundle_parameter())
