"""What judges said in the app, from the store that it writes to.

The store is the one that the app has when it is started here: SQID_DATABASE_URL, or else SQLite in the folder
SQID_STATE (default: state)."""

from __future__ import annotations

from precompute.commands.judge_roles import forget, lead_code
from precompute.commands.judgement_files import apply_command, export_command, import_command
from precompute.commands.verb import verb_group

# Each command is made by `verb` in a module of its kind; COMMAND --help shows its options.
COMMANDS = (export_command, import_command, apply_command, lead_code, forget)
command = verb_group("judgements", __doc__, "python -m precompute judgements export data/esci judged.csv", COMMANDS)
