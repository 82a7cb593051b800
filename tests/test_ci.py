"""The workflow, the action and the hooks for a course, run as the scripts that they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import HANGS, ROOT

from backcalc.commands.group import COMMANDS

WORKFLOW, STEP, HOOKS = re.findall(
    r"^```yaml\n(.*?)^```$", (ROOT / "backcalc/manual/ci.md").read_text("utf-8"), re.M | re.S
)
OFF = "::error file=notes/notes.md,line=8,col=4,title=backcalc%3A dL/dw0::wrong: written 0.57"
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="the steps are lines of bash")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course's repository: two networks, and notes with a figure that is off."""
    for folder in ("networks", "notes", "bin"):
        (tmp_path / folder).mkdir()
    for name in ("skip", "mazur"):
        shutil.copy(ROOT / "networks" / f"{name}.yaml", tmp_path / "networks")
    shutil.copy(ROOT / "tests" / "sheets" / "notes.md", tmp_path / "notes")
    python = f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m backcalc "$@"'
    for program, line in {"backcalc": python, "pip": "", "python": ""}.items():
        path = tmp_path / "bin" / program
        path.write_text(f'#!/bin/sh\necho "{program} $*" >> "{tmp_path}/asked"\n{line}\n')
        path.chmod(0o755)
    return tmp_path


def ran(script: str, course: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A step, run as the runner of a workflow does: bash that stops at the first error."""
    path = os.pathsep.join((str(course / "bin"), os.environ["PATH"]))
    return subprocess.run(
        [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=course,
        env={**os.environ, "PATH": path, **more}, capture_output=True, text=True, timeout=HANGS,
    )  # fmt: skip


def mended(course: Path) -> None:
    notes = course / "notes" / "notes.md"
    notes.write_text(notes.read_text("utf-8").replace("0.57", "0.75"), "utf-8")


@pytest.mark.sweep
def test_the_workflow_finds_what_is_off(course: Path) -> None:
    (job,) = yaml.safe_load(WORKFLOW)["jobs"].values()
    *before, lint = [step["run"] for step in job["steps"] if "run" in step]
    assert len(before) == 2
    for script in before:
        assert (done := ran(script, course)).returncode == 0, done.stderr
    assert "pip install git+" in (course / "asked").read_text()
    done = ran(lint, course)
    assert (done.returncode, done.stdout.startswith(OFF)) == (1, True), done.stdout
    mended(course)
    assert ran(lint, course).returncode == 0


def action() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return read


def variables(step: dict[str, Any], **given: str) -> dict[str, str]:
    """The variables of a step of the action, as its inputs are given."""
    inputs = {name: str(row.get("default", "")) for name, row in action()["inputs"].items()} | given
    found = {}
    for name, value in step.get("env", {}).items():
        said = re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)
        assert said, "an input goes to the shell as a variable, never as its text"
        found[name] = inputs[said[1]]
    return found


@pytest.mark.sweep
def test_the_action_finds_what_is_off(course: Path) -> None:
    install, lint = action()["runs"]["steps"]
    assert ran(install["run"], course, GITHUB_ACTION_PATH="/action").returncode == 0
    assert "pip install --quiet /action" in (course / "asked").read_text()
    assert "${{" not in lint["run"]
    given = yaml.safe_load(STEP)[0]["with"]
    assert {*given} <= {*action()["inputs"]}
    done = ran(lint["run"], course, **variables(lint, **given))
    assert (done.returncode, done.stdout.startswith(OFF)) == (1, True), done.stderr
    kept = variables(lint, **given, output="lint.sarif")
    assert ran(lint["run"], course, **kept).returncode == 1
    assert '"version": "2.1.0"' in (course / "lint.sarif").read_text("utf-8")


@pytest.mark.sweep
def test_no_name_of_a_file_is_run(course: Path) -> None:
    lint = action()["runs"]["steps"][1]
    files = "networks/skip.yaml $(touch,made) `touch${IFS}made`;touch${IFS}made --force -o x"
    done = ran(lint["run"], course, **variables(lint, files=files))
    assert done.returncode == 2
    assert {each.name for each in course.iterdir()} == {"networks", "notes", "bin", "asked"}


@pytest.mark.sweep
def test_the_hooks_are_those_of_the_example(course: Path) -> None:
    hooks = {
        row["id"]: row for row in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    }
    (example,) = yaml.safe_load(HOOKS)["repos"]
    assert [each["id"] for each in example["hooks"]] == [*hooks]
    there = [path.relative_to(course).as_posix() for path in sorted(course.glob("n*/*"))]
    for asked in example["hooks"]:
        hook = {**hooks[asked["id"]], **asked}
        assert hook["entry"].split()[1] in COMMANDS
        files = [path for path in there if re.search(hook["files"], path)]
        assert files[:2] == ["networks/mazur.yaml", "networks/skip.yaml"]
        done = ran(f"{hook['entry']} {' '.join(files)}", course)
        assert done.returncode == int("notes/notes.md" in files), done.stderr
