"""A Dockerfile as its instructions, and its RUN lines done without an engine.

    python -m tests.dockerfile [--torch cuda]

does what a build does, as another user with an empty home: packages of the system are only asked for by name, the rest
is installed and made in a folder of its own, the checkout is read-only, and the app is started and asked how it is.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
_USER = 1000
# The lines that only root can do in an image; here another user is there already.
_OF_ROOT = ("apt-get ", "useradd ")


@dataclass(frozen=True)
class Instruction:
    """name: in capitals. stage: the number of its FROM, -1 above the first."""

    name: str
    text: str
    stage: int


def instructions(path: Path = DOCKERFILE) -> list[Instruction]:
    """In the file's order, each in one line, with its ARGs of above the first FROM filled in."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[Instruction] = []
    defaults: dict[str, str] = {}
    stage = -1
    for line in filter(None, map(str.strip, whole.splitlines())):
        name, _, text = line.partition(" ")
        if name == "FROM":
            stage += 1
            text = re.sub(r"\$\{(\w+)\}", lambda found: defaults[found[1]], text)
        if name == "ARG" and stage < 0:
            defaults.update([text.split("=", 1)])
        found.append(Instruction(name, text, stage))
    return found


def environment(of: list[Instruction]) -> dict[str, str]:
    """What ENV sets, of the stages in order."""
    pairs = (pair for each in of if each.name == "ENV" for pair in re.findall(r"(\w+)=(\S+)", each.text))
    return dict(pairs)


def _steps(torch: str, folder: Path) -> Iterator[tuple[list[str], Path]]:
    """The commands of all RUN lines that need no root, and where each is done."""
    place = {"packages": folder / "build", "app": folder / "app"}
    for each in instructions():
        if each.name == "RUN" and not any(word in each.text for word in _OF_ROOT):
            at = place["packages" if each.stage == 0 else "app"]
            yield ["bash", "-euo", "pipefail", "-c", each.text.replace("/opt/venv", str(folder / "venv"))], at


def _as_another(command: list[str]) -> list[str]:
    return ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups", *command]


def _readable_python() -> str:
    """An interpreter that the other user may start: one in root's home is none."""
    for each in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        found = str(Path(each).resolve())
        # By a shell: setpriv itself still starts what only root may.
        asked = _as_another(["bash", "-c", f"'{found}' -c 'import venv'"])
        if not subprocess.run(asked, check=False, capture_output=True).returncode:
            return found
    sys.exit("no interpreter that another user may start was found")


def _copied(folder: Path) -> None:
    """What COPY brings into the stages, owned by the other user."""
    (folder / "build").mkdir()
    for name in ("requirements.lock", "without_cuda.awk"):
        shutil.copy(ROOT / "deploy" / name, folder / "build" / name)
    for each in instructions():
        if each.name == "COPY" and each.stage == 1:
            *sources, target = each.text.split()
            for source in sources:
                to = folder / "app" / (target if target not in (".", "./") else source)
                to.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
                copy(ROOT / source, to)
    subprocess.run(["chown", "-R", f"{_USER}:{_USER}", str(folder)], check=True)


def _answers(port: int) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(1)
    raise TimeoutError("the app did not answer /healthz within two minutes")


def main() -> int:
    """Says what was done; 1 where something did not work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", default="cuda", help="cpu needs PyTorch's own index")
    torch = parser.parse_args().torch
    for each in instructions():
        if "apt-get install" in each.text:
            names = re.search(r"--no-install-recommends ([\w+. -]+?) &&", each.text)
            assert names, each.text
            subprocess.run(["apt-get", "install", "--simulate", "-qq", *names[1].split()], check=True)
            print(f"apt knows {names[1]}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        _copied(folder)
        home = folder / "home"
        home.mkdir()
        os.chown(home, _USER, _USER)
        (folder / "bin").mkdir()
        (folder / "bin" / "python").symlink_to(_readable_python())
        path = f"{folder / 'venv' / 'bin'}:{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        known = {"PATH": path, "HOME": str(home), "TORCH": torch, "HNSWLIB_NO_NATIVE": "1"}
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        for command, at in _steps(torch, folder):
            began = time.monotonic()
            subprocess.run(_as_another(command), cwd=at, env=known | pip, check=True)
            print(f"{time.monotonic() - began:5.0f} s  {command[-1][:90]}")
        subprocess.run(["chmod", "-R", "a-w", str(folder / "app")], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        last = [each for each in instructions() if each.name == "CMD"][-1]
        set_ = environment(instructions()) | {"PATH": path, "HOME": str(home), "PORT": str(port)}
        set_ |= {"SQID_DATA": str(folder / "app" / "data"), "SQID_STATE": str(home), "HF_HOME": str(home)}
        server = subprocess.Popen(_as_another(json.loads(last.text)), cwd=folder / "app", env=set_)
        try:
            print(f"/healthz: {_answers(port)}")
        finally:
            server.terminate()
            server.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
