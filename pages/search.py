"""One query: its text ranking, its image ranking and their fusion, side by side."""

from ui import controls, frame, link, resources, states, views
from ui.state import write_link

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
