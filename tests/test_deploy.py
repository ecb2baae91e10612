"""The image, its neighbours and its lock, as far as they can be looked at without an engine (the rest is by night)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from dockerfile import DOCKERFILE, ROOT, environment, instructions
from packaging.requirements import Requirement

DEPLOY = ROOT / "deploy"
LINES = instructions()
LAST = max(each.stage for each in LINES)
_PIN = re.compile(r"^([a-z0-9-]+)==([^ ]+)", re.MULTILINE)


def of(name: str, stage: int | None = None) -> list[str]:
    return [each.text for each in LINES if each.name == name and stage in (None, each.stage)]


def test_images_are_of_one_version() -> None:
    stages = {text.split(" AS ")[1] for text in of("FROM") if " AS " in text}
    images = [text.split()[0] for text in of("FROM") if text.split()[0] not in stages]
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"].values()
    images += [service["image"] for service in compose if "image" in service]
    assert len(images) >= 5
    assert all(re.search(r":v?\d+\.\d+", image) for image in images), images


def test_the_app_runs_as_nobody_and_nothing_of_the_compiler_is_left() -> None:
    assert of("USER", LAST) == ["1000"]
    assert not [text for text in of("RUN", LAST) if "apt-get" in text or "pip" in text]
    names = [each.name for each in LINES if each.stage == LAST]
    assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")


def test_packages_of_the_system_leave_no_lists() -> None:
    installs = [text for text in of("RUN") if "apt-get install" in text]
    assert installs
    for text in installs:
        assert text.startswith("apt-get update && apt-get install -y --no-install-recommends ")
        assert text.endswith("rm -rf /var/lib/apt/lists/*")


def test_no_line_brings_strangers_or_secrets() -> None:
    assert not of("ADD")
    assert not [text for text in of("ENV") + of("ARG") if re.search("PASSWORD|TOKEN|SECRET|KEY", text)]
    installs = [text for text in of("RUN") if "pip install" in text]
    assert sum("--require-hashes" in text for text in installs) == len(installs) - 1  # torch for CPUs: another index
    assert all("--no-deps" in text for text in installs)


def test_what_is_copied_is_in_the_checkout_and_sent_to_the_build() -> None:
    pathspec = pytest.importorskip("pathspec")
    left_out = pathspec.PathSpec.from_lines("gitignore", (ROOT / ".dockerignore").read_text().splitlines())
    sources = [source for text in of("COPY") if "--from" not in text for source in text.split()[:-1]]
    assert len(sources) > 6
    for source in sources:
        assert (ROOT / source).exists(), source
        assert not left_out.match_file(source), source
    assert left_out.match_file("deploy/.env")
    assert left_out.match_file(".streamlit/secrets.toml")


def test_how_it_is_started_and_asked() -> None:
    assert json.loads(of("CMD", LAST)[-1])[0] == "sh"
    assert "exec streamlit run app.py" in json.loads(of("CMD", LAST)[-1])[-1]
    port = environment(LINES)["PORT"]
    assert of("EXPOSE") == [port]
    header = yaml.safe_load((DEPLOY / "space" / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert (header["sdk"], str(header["app_port"])) == ("docker", port)


def _health(port: str) -> int:
    command = json.loads(of("HEALTHCHECK", LAST)[0].partition("CMD ")[2])
    return subprocess.run(
        [sys.executable, *command[1:]], env=os.environ | {"PORT": port}, capture_output=True
    ).returncode


@pytest.mark.browser
def test_the_health_check_asks_a_running_app(address: str) -> None:
    assert _health(re.search(r":(\d+)", address)[1]) == 0
    assert _health("9") != 0


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    return dict(_PIN.findall((DEPLOY / "requirements.lock").read_text(encoding="utf-8")))


def test_the_lock_holds_what_is_asked_for_within_its_ranges(pins: dict[str, str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.findall(r"--extra (\w+)", (DEPLOY / "lock").read_text(encoding="utf-8"))
    assert extras
    asked = [*project["dependencies"], *(each for extra in extras for each in project["optional-dependencies"][extra])]
    for requirement in map(Requirement, asked):
        name = requirement.name.lower().replace("_", "-")
        assert name in pins, f"{name} is not in the lock; run deploy/lock"
        assert requirement.specifier.contains(pins[name]), f"{requirement}: {pins[name]}; run deploy/lock"


def test_every_package_of_the_lock_has_its_hashes() -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (DEPLOY / "requirements.lock").read_text(encoding="utf-8").strip())
    assert len(blocks) > 60
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_lock_for_cpus_leaves_out_torch_and_what_only_that_needs(pins: dict[str, str]) -> None:
    lock = DEPLOY / "requirements.lock"
    said = subprocess.run(
        ["awk", "-f", DEPLOY / "without_cuda.awk", lock], capture_output=True, text=True, check=True
    ).stdout
    gone = set(pins) - {name for name, _ in _PIN.findall(said)}
    assert {"torch", "torchvision", "triton", "nvidia-cudnn-cu13"} <= gone
    assert all(name in ("torch", "torchvision", "triton") or name.startswith(("nvidia-", "cuda-")) for name in gone)
    lines = lock.read_text(encoding="utf-8").splitlines()
    assert set(said.splitlines()) <= set(lines)
    assert "\ntorch==" not in said


@pytest.mark.parametrize("name", ["compose.yaml", "compose.login.yaml"])
def test_a_composition_is_what_its_schema_says(name: str) -> None:
    checker = shutil.which("check-jsonschema", path=Path(sys.executable).parent) or "check-jsonschema"
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", str(DEPLOY / name)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compositions_name_no_unknown_setting() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    login = (DEPLOY / "compose.login.yaml").read_text(encoding="utf-8")
    example = set(re.findall(r"^(\w+)=", (DEPLOY / "env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+)", text + login)) - {"SQID_CACHE_MB"} == example
    services = yaml.safe_load(text)["services"]
    app = services["app"]
    assert app["read_only"]
    assert app["cap_drop"] == ["ALL"]
    assert app["networks"] == ["inside"]
    assert yaml.safe_load(login)["services"]["app"]["networks"] == ["inside", "front"]
    assert yaml.safe_load(text)["networks"]["inside"] == {"internal": True}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_the_proxy_hides_how_the_server_is_doing() -> None:
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "@inside path /metrics /_stcore/metrics /readyz" in text
    assert f"reverse_proxy app:{environment(LINES)['PORT']}" in text


def test_the_dockerfile_is_where_compose_looks() -> None:
    build = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["app"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE.resolve()
