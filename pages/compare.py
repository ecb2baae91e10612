"""Two runs over all judged queries: which is better, where it loses, and which swaps make the difference."""

from sqid_ui.caches.judged_queries import query_names
from sqid_ui.compare import page
from sqid_ui.compare import run_controls as controls
from sqid_ui.compare.state import PAGE, compare_settings, settings_of
from sqid_ui.parts import notices as states
from sqid_ui.settings import session
from sqid_ui.settings.shared import counted, kept_fusion
from sqid_ui.shell import frame

dataset = frame.open_bundle(PAGE)
page.style()
queries = query_names(dataset)
table = settings_of(dataset, queries, kept_fusion()) if dataset.judgements.lengths.any() else ()
rejected = session.settle(table, dataset.fingerprint)
if not table:
    page.nothing_to_compare(dataset)
    session.publish()
else:
    page.take_steps(dataset)
    controls.run_pickers(dataset)
    settings = compare_settings(session.values())
    states.rejected_parameters(rejected)
    session.publish()
    page.show(counted(dataset), settings)
