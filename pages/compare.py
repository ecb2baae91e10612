"""Two runs over all judged queries: which is better, where it loses, and which swaps make the difference."""

from sqid_ui.caches.judged_queries import query_names, topic_names
from sqid_ui.compare import page, walking
from sqid_ui.compare import run_controls as controls
from sqid_ui.compare.state import PAGE, compare_settings, settings_of
from sqid_ui.parts import notices as states
from sqid_ui.parts.walk import settled_set
from sqid_ui.settings import session
from sqid_ui.settings.shared import counted, kept_fusion
from sqid_ui.shell import frame

dataset = frame.open_bundle(PAGE)
page.style()
queries = query_names(dataset)
walk = settled_set(dataset)
walked = walk.found is not None
judged = dataset.judgements.lengths.any()
table = settings_of(dataset, queries, kept_fusion(), walked, topic_names(dataset)) if judged else ()
rejected = session.settle(table, dataset.fingerprint)
if not table:
    page.nothing_to_compare(dataset)
    session.publish()
else:
    walking.take(counted(dataset), walk)
    controls.run_pickers(dataset)
    settings = compare_settings(session.values())
    states.rejected_parameters(rejected)
    session.publish()
    page.show(counted(dataset), settings, walk)
