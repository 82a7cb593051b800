"""Build the page: a static folder, and the same as a zip, in which backcalc runs by Pyodide.

Pyodide comes from npm at the version below; its tarball must have the hash that stands here. The
packages are those of the Python that runs this file, without what the page never loads.
`build.py fetch` only fetches, Pyodide and what tests the page.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

PAGE = Path(__file__).resolve().parent
ROOT = PAGE.parent
BUILT, FETCHED, ZIPPED = PAGE / "built", PAGE / "fetched", PAGE / "backcalc-page.zip"
SOURCES = ("*.html", "*.css", "*.js", "*.svg")
CREATED = (2020, 1, 1, 0, 0, 0)  # of every file in an archive, so that the same input is the same


@dataclass(frozen=True)
class Tarball:
    """A package of npm."""

    name: str
    """Its name."""
    version: str
    """Its version."""
    digest: str
    """Its SHA-512, as npm writes it."""

    def fetched(self) -> Path:
        """Return its tarball, fetched where it is not there; exits where its hash is another."""
        file = FETCHED / f"{self.name}-{self.version}.tgz"
        if not file.exists():
            FETCHED.mkdir(exist_ok=True)
            command = ["npm", "pack", "--silent", f"{self.name}@{self.version}"]
            try:
                subprocess.run(command, cwd=FETCHED, check=True, stdout=subprocess.DEVNULL)
            except (OSError, subprocess.CalledProcessError):
                sys.exit(f"{' '.join(command)} failed: npm and its registry are needed once")
        found = b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
        if found != self.digest:
            sys.exit(f"{file} is not what was expected: its SHA-512 is {found}")
        return file

    def unpack(self, names: Iterable[str], folder: Path) -> None:
        """Write these of its files into a folder."""
        with tarfile.open(self.fetched()) as tarball:
            for name in names:
                content = tarball.extractfile(f"package/{name}")
                assert content
                (folder / name).write_bytes(content.read())


PYODIDE = Tarball(
    "pyodide", "314.0.7",
    "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
)  # fmt: skip
AXE = Tarball(
    "axe-core", "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)  # fmt: skip

FROM_PYODIDE = {
    "pyodide.mjs": "pyodide.js",
    "pyodide.asm.mjs": "pyodide.asm.js",
    "pyodide.asm.wasm": "pyodide.asm.packed",
    "pyodide-lock.json": "pyodide-lock.json",
    "python_stdlib.zip": "python_stdlib.zip",
}
"""The files of Pyodide that are loaded, and their names here."""

ARCHIVES = {"packages.zip": ("backcalc", "click", "yaml"), "sympy.zip": ("sympy", "mpmath")}
"""The packages that are loaded at the start, and those for closed forms."""
UNUSED = re.compile(
    r"__pycache__|/tests?/|/benchmarks/|\.(?:so|pyd|pyi|typed)$"
    r"|^sympy/(?:physics|stats|vector|diffgeom|crypto|categories|holonomic|liealgebras|sandbox"
    r"|unify|codegen|combinatorics|parsing/(?:autolev|latex|c|fortran))/"
)
"""Files of packages that the page never loads."""


def files_of(package: str) -> Iterator[tuple[Path, str]]:
    """Yield the files of an installed package, each with its name in the archive."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        sys.exit(f"{package} is not installed beside {sys.executable}")
    folder = Path(spec.origin).parent
    yield from ((path, path.relative_to(folder.parent).as_posix()) for path in folder.rglob("*"))


def archive(target: Path, files: Iterable[tuple[Path, str]]) -> None:
    """Write files into an archive, in the order of their names."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as written:
        for path, name in sorted(files, key=lambda each: each[1]):
            if path.is_file() and not UNUSED.search(name):
                row = zipfile.ZipInfo(name, CREATED)
                row.external_attr = 0o644 << 16
                row.compress_type = zipfile.ZIP_DEFLATED
                written.writestr(row, path.read_bytes())


def compiled(pyodide: Path, archives: Iterable[Path]) -> None:
    """Compile the packages in archives; exits where that fails."""
    absent = pyodide.parent / "node_modules" / "ws"  # Pyodide asks for it in Node, and needs none
    absent.mkdir(parents=True)
    (absent / "index.js").write_text("", "utf-8")
    command = ["node", str(PAGE / "compile.mjs"), str(pyodide), *map(str, archives)]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f"{' '.join(command)} failed")


def of_pyodide(name: str, content: bytes) -> bytes:
    """Return a file of Pyodide as the page has it."""
    if name.endswith(".mjs"):  # a name that not every server knows
        content = content.replace(b"pyodide.asm.mjs", b"pyodide.asm.js")
        return re.sub(rb"\n//# sourceMappingURL=\S+\s*$", b"\n", content)
    if name.endswith(".json"):  # none of its packages is loaded
        return json.dumps({**json.loads(content), "packages": {}}).encode()
    if name.endswith(".wasm"):
        packing = zlib.compressobj(9, wbits=-15)
        return packing.compress(content) + packing.flush()
    return content


def build() -> None:
    """Make the folder and the zip."""
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir()
    for path in (path for pattern in SOURCES for path in PAGE.glob(pattern)):
        shutil.copy(path, BUILT)
    for name, packages in ARCHIVES.items():
        files = [each for package in packages for each in files_of(package)]
        if "backcalc" in packages:
            files += ((path, f"networks/{path.name}") for path in (ROOT / "networks").glob("*.*"))
            files.append((PAGE / "in_browser.py", "in_browser.py"))
        archive(BUILT / name, files)
    with TemporaryDirectory() as folder:
        pyodide = Path(folder, "pyodide")
        pyodide.mkdir()
        PYODIDE.unpack(FROM_PYODIDE, pyodide)
        compiled(pyodide, (BUILT / name for name in ARCHIVES))
        for name, own in FROM_PYODIDE.items():
            (BUILT / own).write_bytes(of_pyodide(name, (pyodide / name).read_bytes()))
    (BUILT / "networks.json").write_text(listed(), "utf-8")
    names = sorted(path.name for path in BUILT.iterdir())
    digest = hashlib.sha256(b"".join((BUILT / name).read_bytes() for name in names)).hexdigest()
    worker = BUILT / "offline.js"
    text = worker.read_text("utf-8").replace("VERSION", digest[:12])
    worker.write_text(text.replace('["FILES"]', json.dumps(names)), "utf-8")
    archive(ZIPPED, ((path, f"backcalc-page/{path.name}") for path in BUILT.iterdir()))


def listed() -> str:
    """Return the bundled networks as JSON, as the command line prints them."""
    command = [sys.executable, "-m", "backcalc", "networks", "--format", "json"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    if sys.argv[1:] == ["fetch"]:
        PYODIDE.fetched()
        AXE.unpack(["axe.min.js"], FETCHED)
    else:
        build()
        size = sum(path.stat().st_size for path in BUILT.iterdir()) / 1e6
        shown = [path.relative_to(ROOT) for path in (BUILT, ZIPPED)]
        sys.stdout.write(f"{shown[0]} ({size:.1f} MB), {shown[1]}\n")
