"""A new environment with a wheel and what it depends on, without extras: `python base_environment.py FOLDER WHEEL`.

The dependencies' files are linked from the environment that runs this, since torch alone is 5 GB: what is missing in
the wheel's list of dependencies is missing in the new environment too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement


def main(folder: Path, wheel: Path) -> None:
    """Makes the environment in `folder`; fails where it is not whole."""
    venv.create(folder, with_pip=False)
    subprocess.run(pip(folder, "install", "--quiet", "--no-deps", str(wheel)), check=True)
    home = next(folder.glob("lib/python*/site-packages"))
    (installed,) = distributions(path=[str(home)])
    for needed in closure(installed):
        link(needed, home)
    subprocess.run(pip(folder, "check"), check=True)


def pip(folder: Path, *words: str) -> list[str]:
    """This environment's pip, at work on the other."""
    return [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), *words]


def closure(root: Distribution) -> list[Distribution]:
    """What `root` depends on, directly or not, as far as this machine's markers ask for it."""
    found: dict[tuple[str, str], Distribution] = {}
    open_ends = [(root, "")]
    while open_ends:
        one, extra = open_ends.pop()
        for need in map(Requirement, one.requires or ()):
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                for asked in ("", *need.extras):
                    if (need.name, asked) not in found:
                        found[need.name, asked] = distribution(need.name)
                        open_ends.append((found[need.name, asked], asked))
    return list(found.values())


def link(source: Distribution, home: Path) -> None:
    """Every file of `source` below its site-packages, its scripts left out, appears in `home`."""
    for file in source.files or ():
        target, path = home / file, Path(str(source.locate_file(file)))
        if ".." in file.parts or target.exists() or not path.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except OSError:  # another disk
            target.symlink_to(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
