"""The Pythons of this machine, empty environments, and builds from what git tracks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from glob import glob
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 10)
"""The oldest Python that pyproject.toml supports."""

PROBE = (
    "import ensurepip, sys, venv; "
    "assert sys.implementation.name == 'cpython' and sys.version_info.releaselevel == 'final'; "
    "print(*sys.version_info[:2])"
)
STRAY = ("PYTHON", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE")
"""How settings begin that would let packages from elsewhere in, or send them elsewhere."""

OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith(STRAY)}
"""The environment for pip and for builds."""

BARE = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
"""The environment that the installed program is run in: no HOME, no PYTHONPATH."""


def called(*command: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """A command that must work; its whole output is shown where it does not."""
    options = {"env": OUTSIDE, "encoding": "utf-8", **options}
    words = [str(each) for each in command]
    done = subprocess.run(words, capture_output=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done


def pythons() -> dict[tuple[int, int], str]:
    """An interpreter for each supported version that can be had here, the oldest first.

    Those on PATH, of pyenv and of uv; what is only named so (a shim) does not run, and is left out.
    """
    found: dict[tuple[int, int], str] = {}
    for path in (sys.executable, *_candidates()):
        try:
            done = subprocess.run([path, "-c", PROBE], capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            major, minor = map(int, done.stdout.split())
            if (major, minor) >= OLDEST:
                found.setdefault((major, minor), path)
    return dict(sorted(found.items()))


def _candidates() -> Iterator[str]:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for name in sorted(glob("python3.*", root_dir=folder)):
            if re.fullmatch(r"python3\.\d+", name):
                yield os.path.join(folder, name)
    home = os.environ.get("HOME", "/")
    pyenv = os.environ.get("PYENV_ROOT", os.path.join(home, ".pyenv"))
    for kept in (f"{pyenv}/versions", f"{home}/.local/share/uv/python"):
        for name in sorted(glob("*/bin/python3", root_dir=kept)):
            yield os.path.join(kept, name)


def tracked() -> list[str]:
    """The files that git tracks; without git, as in an unpacked sdist, those that are not ignored.

    PKG-INFO is what an sdist adds.
    """
    listing = ["git", "-C", str(ROOT), "ls-files", "-z"]
    if (ROOT / ".git").exists() and shutil.which("git"):
        done = subprocess.run(listing, capture_output=True, encoding="utf-8", check=False)
        if done.returncode == 0:
            names = done.stdout.strip("\0").split("\0")
            return sorted(name for name in names if (ROOT / name).exists())
    ignored = [".git", "PKG-INFO"]
    ignored += (ROOT / ".gitignore").read_text("utf-8").replace("/", "").split()
    return sorted(
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*")
        if path.is_file() and not any(_matches(path, each) for each in ignored)
    )


def _matches(path: Path, pattern: str) -> bool:
    """Whether the file or a folder that it is in has such a name."""
    return any(fnmatch(part, pattern) for part in path.relative_to(ROOT).parts)


def copied(folder: Path) -> Path:
    """A clean copy of the checkout."""
    for name in tracked():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    return folder


def built(tree: Path, folder: Path, *kinds: str, **env: str) -> Path:
    """A folder with the sdist and the wheel of a tree, or with the kinds that are named."""
    options = [option for kind in kinds for option in ("-t", kind)]
    called(
        sys.executable, "-m", "hatchling", "build", "-d", folder, *options,
        cwd=tree, env={**OUTSIDE, "SOURCE_DATE_EPOCH": "1700000000", **env},
    )  # fmt: skip
    return folder


@dataclass(frozen=True)
class Installed:
    """An environment that holds backcalc and nothing else."""

    what: str
    """Which Python and which packages, for people."""
    python: Path
    """Its interpreter."""
    wheel: Path
    """The wheel of the same tree."""

    @property
    def script(self) -> Path:
        """The command that was installed."""
        return self.python.with_name("backcalc")

    def pip(self, *arguments: object) -> str:
        """What pip says."""
        return called(self.python, "-m", "pip", "--disable-pip-version-check", *arguments).stdout


def installed(python: str, folder: Path, wheel: Path, *packages: object) -> Installed:
    """An empty environment into which packages were installed by the pip that Python brings."""
    called(python, "-m", "venv", folder)
    made = Installed("", folder / "bin" / "python", wheel)
    made.pip("install", "--quiet", *packages)
    version = called(made.python, "-V").stdout.strip()
    listed = re.findall(r"^(\S+) +(\d\S*)$", made.pip("list"), re.MULTILINE)
    names = ", ".join(f"{name} {number}" for name, number in listed if name != "backcalc")
    return Installed(f"{version}: {names}", made.python, wheel)
