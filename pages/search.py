"""One query: its text ranking, its image ranking and their fusion, side by side."""

from sqid_ui.judge.looking import labelling
from sqid_ui.parts import notices as states
from sqid_ui.parts.walk import settled_set
from sqid_ui.search import controls, offers, uploads, walking, welcome
from sqid_ui.search import page as views
from sqid_ui.search.state import PAGE, coherent, search_settings, settings_of
from sqid_ui.settings import session
from sqid_ui.settings.shared import count_settings, counted
from sqid_ui.shell import frame

dataset = frame.open_bundle(PAGE)
if dataset.signals:
    walk = settled_set(dataset)
    choices = offers.choices(dataset, walk.found)
    if session.link_asks():
        uploads.forget()
    table = *settings_of(choices), *count_settings(dataset)
    rejected = session.settle(table, dataset.fingerprint, coherent=lambda values: coherent(values, choices))
    walking.take(walk)
    settings = search_settings(session.values())
    if not walk.spec:
        welcome.welcome(dataset, settings.query_id)
    controls.query_controls(dataset, choices)
    states.rejected_parameters(rejected)
    walking.show(dataset, walk, settings.query_id)
    session.publish()
    if settings.asks:
        shown = views.with_signals(counted(dataset), settings)
        looking = labelling(dataset, views.question(dataset, settings).labels)
        views.show(shown, settings, choices, walk.found, looking)
    else:
        states.nothing_asked(judged=bool(choices.query_ids))
    walking.go_ahead(views.with_signals(counted(dataset), settings), walk, settings)
else:
    states.no_signals(dataset)
    session.settle()
    session.publish()
