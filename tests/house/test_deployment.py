"""The image and the compose file, as far as they can be shown without building them: read, and their commands run as a plain user
on a tree that nobody can write to. The image itself is not built by any test."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from app.cli import app as cli
from app.core.config import Settings
from tests.commands.squadroom import answers, free_port, wait_for
from tests.house.source import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"].startswith("squadroom")}
SCRIPT = "bin/squadroom"
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_compose_has_all_parts() -> None:
    assert set(COMPOSE["services"]) == {"upgrade", "web", "worker", "postgres", "clamav"}
    assert set(OURS) == {"upgrade", "web", "worker"}


@pytest.mark.parametrize("service", OURS)
def test_our_services_are_read_only_and_without_rights(service: str) -> None:
    asked = OURS[service]
    assert asked["read_only"] is True
    assert asked["cap_drop"] == ["ALL"]
    assert asked["security_opt"] == ["no-new-privileges:true"]
    assert asked["tmpfs"] == ["/tmp"]


@pytest.mark.parametrize("service", OURS)
def test_settings_in_compose_exist_and_secrets_are_not_in_it(service: str) -> None:
    names = {name.removeprefix("SQUADROOM_").lower() for name in OURS[service]["environment"]}
    assert names <= set(Settings.model_fields)
    for name, value in OURS[service]["environment"].items():
        if re.search("KEY|SMTP|DATABASE|PASSWORD", name):
            assert "${" in value, name


@pytest.mark.parametrize("service", OURS)
def test_commands_in_compose_exist(service: str) -> None:
    group: Any = typer.main.get_command(cli)
    words = list(OURS[service]["command"])
    while words and hasattr(group, "commands") and words[0] in group.commands:
        group = group.commands[words.pop(0)]
    assert not hasattr(group, "commands"), f"{service}: {words}"
    known = {option for parameter in group.params for option in parameter.opts}
    assert [word for word in words if word.startswith("--") and word not in known] == []


def test_nothing_is_published_but_to_a_proxy_on_the_same_machine() -> None:
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]


def test_the_image_is_slim_not_root_hashed_and_asks_after_its_health() -> None:
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert all(re.fullmatch(r"python:3\.\d+-slim", stage) for stage in stages)
    assert "--require-hashes" in DOCKERFILE
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["squadroom"]
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/healthz" in DOCKERFILE


def copied() -> list[str]:
    """What the image takes of the checkout."""
    return [source for source in re.findall(r"^COPY ([^-]\S*) ", DOCKERFILE, re.MULTILINE) if not source.startswith("requirements")]


def test_what_the_image_takes_is_there_and_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {*copied(), "requirements/run.lock"} == let_through
    assert [path for path in let_through if not (ROOT / path).exists()] == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The image's /srv, which nobody can write to, and a data folder that belongs to `nobody`."""
    for source in copied():
        target = tmp_path / "srv" / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)
    for path in (tmp_path / "srv", *(tmp_path / "srv").rglob("*")):
        path.chmod(0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444)
    (tmp_path / "data").mkdir(mode=0o700)
    yield tmp_path
    for path in (tmp_path / "srv", *(tmp_path / "srv").rglob("*")):
        path.chmod(0o755)


def plainly(tree: Path, *words: str) -> dict[str, Any]:
    """How a program of the image is run here: from the read-only tree, with the image's environment, by someone without any rights
    beyond a plain user's. Root gives all of its up first; then it can't write where the mode says no, either."""
    site = next(path for path in sys.path if path.endswith("site-packages"))
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{tree / 'srv'}:{site}", "PYTHONDONTWRITEBYTECODE": "1",
           "SQUADROOM_DATA_DIR": str(tree / "data")}  # fmt: skip
    without_rights = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"] if os.geteuid() == 0 else []
    return {"args": [*without_rights, sys.executable, *words], "cwd": tree / "srv", "env": env}


def test_nobody_can_write_to_the_tree(tree: Path) -> None:
    for target in ("new.txt", "app/cli.py", "app/new.py"):
        tried = subprocess.run(**plainly(tree, "-c", f"open({target!r}, 'a')"), capture_output=True, text=True, check=False)
        assert "PermissionError" in tried.stderr, target


def test_the_commands_run_as_a_plain_user_on_a_read_only_tree(tree: Path) -> None:
    before = sorted((tree / "srv").rglob("*"))
    upgraded = subprocess.run(**plainly(tree, SCRIPT, *OURS["upgrade"]["command"]), capture_output=True, text=True, check=False)
    assert upgraded.returncode == 0, upgraded.stderr
    port = str(free_port())
    here = {"8000": port, "0.0.0.0": "127.0.0.1", "2": "1"}  # one web process: that several work is shown in tests/commands
    words = [here.get(word, word) for word in OURS["web"]["command"]]
    check = re.search(r"^  CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert check
    health = json.loads(check[1].replace("8000", port))
    web = subprocess.Popen(**plainly(tree, SCRIPT, *words))
    worker = subprocess.Popen(**plainly(tree, SCRIPT, *OURS["worker"]["command"]))
    try:
        wait_for(lambda: answers(int(port)))
        assert subprocess.run(**plainly(tree, *health[1:]), capture_output=True, check=False).returncode == 0
        assert worker.poll() is None
    finally:
        for process in (web, worker):
            process.terminate()
    assert (web.wait(40), worker.wait(40)) == (0, 0)
    assert sorted((tree / "srv").rglob("*")) == before


def test_scripts_can_be_run() -> None:
    for script in ("bin/run", "bin/test", "bin/setup", "bin/lock", "bin/squadroom", ".ci/run"):
        assert os.access(ROOT / script, os.X_OK), script
        first = (ROOT / script).read_text().splitlines()[0]
        assert first in ("#!/usr/bin/env bash", "#!/usr/bin/env python3"), script
        if "bash" in first:
            assert subprocess.run(["bash", "-n", str(ROOT / script)], check=False).returncode == 0, shlex.quote(script)
