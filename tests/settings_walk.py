"""The long walks: python -m tests.settings_walk --seed 1 --pure 20000 --apptest 1000 --browser 200."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
WALKS = {
    "pure": ("SQID_WALK_STEPS", "app/settings/test_settings_walk.py"),
    "apptest": ("SQID_WALK_APPTEST", "app/settings/test_settings_apptest.py"),
    "browser": ("SQID_WALK_BROWSER", "browser/test_settings_walk_browser.py"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    for name, steps in (("pure", 20_000), ("apptest", 1_000), ("browser", 200)):
        parser.add_argument(f"--{name}", type=int, default=steps, help="steps, 0 for none")
    asked = parser.parse_args()
    failed = False
    for name, (variable, test) in WALKS.items():
        if steps := getattr(asked, name):
            print(f"{name}: {steps} steps, seed {asked.seed}", flush=True)
            environment = os.environ | {variable: str(steps), "SQID_WALK_SEED": str(asked.seed)}
            command = [sys.executable, "-m", "pytest", "-q", f"--hypothesis-seed={asked.seed}", str(HERE / test)]
            failed |= bool(subprocess.run(command, env=environment, check=False).returncode)
    sys.exit(failed)


if __name__ == "__main__":
    main()
