"""Built and installed for real, backcalc is what the checkout is, with types, and nothing else.

Wheel and sdist of what git tracks go into empty environments: the sdist into one of the oldest
Python with the lowest versions that pyproject.toml allows, the wheel into one of the newest with
the newest. The user's script and the mistaken one are type-checked and run from another folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from machine import (
    BARE,
    OUTSIDE,
    ROOT,
    Installed,
    built,
    called,
    copied,
    installed,
    pythons,
    tracked,
)

HERE = Path(__file__).parent
PACKAGE = "backcalc-0.1.0"
RUNTIME = ["click>=8.1", "pyyaml>=6.0", "rich>=13.0", "sympy>=1.12.1"]
TOOLS = ["hypothesis>=6.100", "jsonschema>=4.18", "pytest>=8.0", "pytest-xdist>=3.5"]
LAST_FOR_LOWEST = (3, 11)
"""The newest Python for which PyYAML 6.0, the lowest version allowed, has a wheel."""

COMMANDS = (
    "--version",
    "--help",
    "step skip --lr 1",
    "step mazur --format json",
    "networks",
    "validate own.yaml",
    "lint own.yaml",
    "check own.yaml answers.txt",
    "check own.yaml answers.txt --format junit",
    "symbolic rnn --expand",
    "explain own.yaml dL/dw0",
    "verify own.yaml --no-torch",
    "train xor --engine python --epochs 200",
    "draw own.yaml --format svg",
    "report own.yaml -o sheet.html",
    "variant own.yaml --seed 7 --count 2 -o variants",
    "worksheet own.yaml --format latex",
    "export own.yaml --to python -o own.py",
    "schema",
    "init",
    "init lstm -o start.yaml",
    "step no-such-network",
    "forward softmax --set x1=2000",
)


@dataclass(frozen=True)
class Builds:
    """What was built of a clean copy."""

    tree: Path
    wheel: Path
    sdist: Path

    @property
    def metadata(self) -> Message:
        with zipfile.ZipFile(self.wheel) as wheel:
            return message_from_bytes(wheel.read(f"{PACKAGE}.dist-info/METADATA"))


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    folder = tmp_path_factory.mktemp("builds")
    tree = copied(folder / "a tree of Müller's")
    built(tree, folder)
    return Builds(tree, folder / f"{PACKAGE}-py3-none-any.whl", folder / f"{PACKAGE}.tar.gz")


@dataclass(frozen=True)
class Set:
    """A Python with the versions of the dependencies that are tried with it."""

    name: str
    """`oldest` or `newest`."""
    python: str
    """The interpreter."""
    packages: list[str]
    """What pip is asked for."""


@pytest.fixture(scope="session", params=["oldest", "newest"])
def chosen(request: pytest.FixtureRequest) -> Set:
    oldest = request.param == "oldest"
    version, python = list(pythons().items())[0 if oldest else -1]
    lowest = oldest and version <= LAST_FOR_LOWEST
    packages = [line.replace(">=", "==") for line in RUNTIME] if lowest else RUNTIME
    return Set(request.param, python, packages)


@pytest.fixture(scope="session")
def place(
    chosen: Set,
    request: pytest.FixtureRequest,
    builds: Builds,
    tmp_path_factory: pytest.TempPathFactory,
) -> Installed:
    """The environment, named on stdout with all that pip has put there."""
    source = builds.sdist if chosen.name == "oldest" else builds.wheel
    begun = time.perf_counter()
    folder = tmp_path_factory.mktemp(chosen.name) / "v"
    made = installed(chosen.python, folder, builds.wheel, source, *chosen.packages)
    seconds = time.perf_counter() - begun
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        had = ", ".join(f"{major}.{minor}" for major, minor in pythons())
        sys.stdout.write(f"\nPythons that can be had: {had}\n" if chosen.name == "oldest" else "\n")
        sys.stdout.write(f"{chosen.name}, {source.name} in {seconds:.0f} s: {made.what}\n")
    return made


def test_the_quick_suite_passes(chosen: Set, builds: Builds, tmp_path: Path) -> None:
    """The checkout's own tests but the sweeps, with these versions of the dependencies."""
    made = installed(chosen.python, tmp_path / "v", builds.wheel, *chosen.packages, *TOOLS)
    quick = ("-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", "-m", "not sweep")
    called(made.python, *quick, "-p", "no:cacheprovider", cwd=ROOT)


def in_wheel(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


def in_sdist(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        files = [each for each in archive.getmembers() if each.isfile()]
        return {each.name: archive.extractfile(each).read() for each in files}  # type: ignore[union-attr]


def test_a_build_has_the_same_bytes_again(builds: Builds, tmp_path: Path) -> None:
    again = copied(tmp_path / "elsewhere")
    for path in again.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() else 0o600)
    built(again, tmp_path, PYTHONHASHSEED="7", TZ="Pacific/Auckland", LC_ALL="C")
    for path in (builds.wheel, builds.sdist):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_the_sdist_makes_the_same_wheel(builds: Builds, tmp_path: Path) -> None:
    for name, text in in_sdist(builds.sdist).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text)
    made = built(tmp_path / PACKAGE, tmp_path / "again", "wheel") / builds.wheel.name
    assert made.read_bytes() == builds.wheel.read_bytes()


def test_the_wheel_holds_the_package_and_its_networks(builds: Builds) -> None:
    files = in_wheel(builds.wheel)
    expected = {
        name if name.startswith("backcalc/") else f"backcalc/{name}": (ROOT / name).read_bytes()
        for name in tracked()
        if name.startswith(("backcalc/", "networks/"))
    }
    about = {name: files.pop(name) for name in [*files] if name.startswith(f"{PACKAGE}.dist-info/")}
    assert files == expected
    assert {name.partition("/")[2] for name in about} == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE",
    }  # fmt: skip
    assert "backcalc/py.typed" in files


def test_the_sdist_holds_what_git_tracks(builds: Builds) -> None:
    files = {name.partition("/")[2]: text for name, text in in_sdist(builds.sdist).items()}
    assert files.pop("PKG-INFO")
    kept = [name for name in tracked() if not name.startswith(".ci/")]
    assert files == {name: (ROOT / name).read_bytes() for name in kept}


def test_the_metadata_say_what_is_needed(builds: Builds) -> None:
    about = builds.metadata
    needs = [line for line in about.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert needs == RUNTIME
    assert [about[key] for key in ("Name", "Requires-Python", "License-Expression")] == [
        "backcalc", ">=3.10", "MIT",
    ]  # fmt: skip
    assert about["Version"] == PACKAGE.rpartition("-")[2]
    assert about["Description-Content-Type"] == "text/markdown"
    assert about.get_payload(decode=True) == (ROOT / "README.md").read_bytes()


CLOSURE = """\
from importlib.metadata import distributions, requires
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name
wanted, waiting = set(), ["backcalc"]
while waiting:
    name = canonicalize_name(waiting.pop())
    if name not in wanted:
        wanted.add(name)
        needs = map(Requirement, requires(name) or ())
        waiting += [e.name for e in needs if not e.marker or e.marker.evaluate({"extra": ""})]
there = {canonicalize_name(each.metadata["Name"]) for each in distributions()}
print(sorted(there ^ (wanted | {"pip", "setuptools"})))
"""


def test_nothing_else_was_installed(place: Installed) -> None:
    """setuptools comes with venv before Python 3.12."""
    extra = called(place.python, "-I", "-c", CLOSURE).stdout.strip()
    assert extra in ("[]", "['setuptools']")
    assert place.pip("check").strip() == "No broken requirements found."


IMPORTS = """\
import importlib, inspect, pkgutil, backcalc
names = [each.name for each in pkgutil.walk_packages(backcalc.__path__, "backcalc.")]
for name in names:
    compile(inspect.getsource(importlib.import_module(name)) or "", name, "exec")
print(len(names))
"""


def test_every_module_can_be_imported_without_a_warning(place: Installed, tmp_path: Path) -> None:
    done = called(place.python, "-W", "error", "-c", IMPORTS, cwd=tmp_path, env=BARE)
    inside = [name for name in in_wheel(place.wheel) if name.endswith(".py")]
    assert done.stdout == f"{len(inside) - 1}\n"  # all but backcalc itself
    assert not done.stderr


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    status: int
    stdout: str
    stderr: str
    files: dict[str, bytes]


def tried(
    python: object, command: str, folder: Path, **env: str
) -> tuple[Outcome, dict[str, list[str]]]:
    """A run in a folder that holds a network and answers, and what it touched."""
    work, scratch = folder / "fremd ü", folder / "scratch"
    work.mkdir(parents=True)
    scratch.mkdir()
    shutil.copyfile(ROOT / "networks" / "skip.yaml", work / "own.yaml")
    shutil.copyfile(ROOT / "tests" / "sheets" / "a.txt", work / "answers.txt")
    given = {path.name for path in work.iterdir()}
    if "-o" not in command:
        work.chmod(0o555)
    notes = folder / "notes.json"
    done = subprocess.run(
        [str(python), "-W", "error", str(HERE / "watched.py"), str(notes), *command.split()],
        cwd=work,
        env={**BARE, "TMPDIR": str(scratch), **env},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    work.chmod(0o755)
    assert not [*scratch.iterdir()]
    made = [path for path in work.rglob("*") if path.is_file() and path.name not in given]
    files = {path.relative_to(work).as_posix(): path.read_bytes() for path in made}
    return Outcome(done.returncode, done.stdout, done.stderr, files), json.loads(notes.read_text())


@pytest.fixture(scope="session")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What each command does in the checkout, from another folder too."""
    folder = tmp_path_factory.mktemp("home")
    return {
        command: tried(sys.executable, command, folder / str(place), PYTHONPATH=str(ROOT))[0]
        for place, command in enumerate(COMMANDS)
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_does_what_it_does_in_the_checkout(
    place: Installed, at_home: dict[str, Outcome], command: str, tmp_path: Path
) -> None:
    outcome, touched = tried(place.python, command, tmp_path)
    assert outcome == at_home[command]
    assert outcome.status in (0, 1, 2, 3)
    assert "Warning" not in outcome.stderr
    assert bool(outcome.files) == ("-o" in command)
    inside = str((tmp_path / "fremd ü").resolve())
    assert [path for path in touched["written"] if not path.startswith(inside)] == []
    assert bool(touched["written"]) == ("-o" in command)
    assert touched["left"] == []
    assert not {"pip", "setuptools", "pkg_resources"}.intersection(touched["modules"])


def test_what_was_exported_runs_alone(
    place: Installed, at_home: dict[str, Outcome], tmp_path: Path
) -> None:
    code = at_home["export own.yaml --to python -o own.py"].files["own.py"]
    (tmp_path / "own.py").write_bytes(code)
    done = called(place.python, "-I", "-W", "error", "own.py", cwd=tmp_path, env=BARE)
    assert done.stdout == "all figures agree\n"


def test_the_command_is_on_the_path_and_takes_nothing_from_the_folder(
    place: Installed, at_home: dict[str, Outcome], tmp_path: Path
) -> None:
    for name in ("click.py", "yaml.py", "backcalc.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('not this one')\n")
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "skip.yaml").write_text("not this one\n")
    done = called(place.script, "step", "skip", "--lr", "1", cwd=tmp_path, env=BARE)
    assert done.stdout == at_home["step skip --lr 1"].stdout
    elsewhere = tmp_path / "networks"
    done = called(place.python, "-m", "backcalc", "--version", cwd=elsewhere, env=BARE)
    assert done.stdout == at_home["--version"].stdout


def test_a_users_script_has_types(place: Installed, tmp_path: Path) -> None:
    """mypy finds nothing in the good script, and in the other one just the mistakes."""
    names = ("user_script.py", "mistaken_script.py")
    scripts = [shutil.copy(HERE / name, tmp_path) for name in names]
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-pretty"]
    done = subprocess.run(
        [*mypy, "--python-executable", str(place.python), *scripts],
        cwd=tmp_path,
        env=OUTSIDE,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    error = r"^(?:.*/)?(\w+)\.py:(\d+): error: .*\[([\w-]+)\]$"
    found = re.findall(error, done.stdout, re.MULTILINE)
    lines = (HERE / "mistaken_script.py").read_text().splitlines()
    meant = [
        ("mistaken_script", str(number), line.rpartition("  # ")[2])
        for number, line in enumerate(lines, 1)
        if "  # " in line
    ]
    assert len(meant) == 3
    assert found == meant, done.stdout + done.stderr
    assert "Found 3 errors in 1 file (checked 2 source files)" in done.stdout


def test_a_users_script_gets_the_right_figures(place: Installed, tmp_path: Path) -> None:
    script = shutil.copy(HERE / "user_script.py", tmp_path)
    done = called(place.python, "-I", "-W", "error", script, cwd=tmp_path, env=BARE)
    assert done.stdout.splitlines() == [
        "{'w0': 0.75, 'w1': 0.25, 'w2': 0.25, 'ws': 0.5}",
        "-1/4 3",
        "{'Ada': Fraction(1, 1), 'Bob': Fraction(1, 2)} {'yhat': 'wrong', 'L': 'follows'}",
        "backcalc/step/1",
        "no such file: no-such-file.yaml",
    ]
    assert not done.stderr


def test_uninstalling_leaves_nothing(place: Installed) -> None:
    folder = place.python.parent.parent
    place.pip("uninstall", "--yes", "--quiet", "backcalc")
    left = [path for path in folder.rglob("*") if "backcalc" in path.name]
    place.pip("install", "--quiet", "--no-deps", place.wheel)
    assert left == []
