"""Pictures as PNG: another program that is at hand makes them of the SVG."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shlex import split
from shutil import which
from tempfile import TemporaryDirectory

from backcalc.errors import BackcalcError, listed
from backcalc.formulas import record

ENDING = ".png"
START = b"\x89PNG\r\n"
SECONDS = 60  # that a program may take for one picture
HARD = re.compile(r"max-width: 100%; height: auto;|stroke: #\w+;[^}]*paint-order[^}]*")
"""Rules that some of the programs misread: a size that the page sets, and a rim behind letters."""
SIZE = re.compile(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"')


@record(frozen=True, slots=True)
class Converter:
    """One program that makes a PNG of an SVG."""

    name: str
    """Its name as users know it."""
    programs: tuple[str, ...]
    """How its command may be called; one that ends in `.py` is a Python package."""
    arguments: str
    """What it is called with; each picture is twice as fine as its SVG says, on white."""

    def command(self) -> list[str]:
        """Return how it is started here; empty: it is not installed."""
        for each in self.programs:
            package = each.removesuffix(".py")
            if package != each and find_spec(package):
                return [sys.executable, "-m", package]
            if found := which(each):
                return [found]
        return []


CONVERTERS = (
    Converter("rsvg-convert", ("rsvg-convert",), "--zoom 2 -b white -o {png} {svg}"),
    Converter("Inkscape", ("inkscape",),
              "{svg} -o {png} --export-dpi=192 --export-background=white"),
    Converter("Chromium", ("chromium", "chromium-browser", "google-chrome", "chrome"),
              "--headless --disable-gpu {root} --no-first-run --disable-background-networking"
              " '--host-resolver-rules=MAP * ~NOTFOUND' --user-data-dir={folder}/profile"
              " --hide-scrollbars --force-device-scale-factor=2 --window-size={width},{height}"
              " --screenshot={png} {page}"),
    Converter("cairosvg", ("cairosvg.py",), "{svg} -o {png} -s 2 -b white"),
    Converter("ImageMagick", ("magick", "convert"),
              "-density 192 -background white {svg} -flatten {png}"),
)  # fmt: skip
"""What is tried, in this order."""


def check_converter(path: str) -> None:
    """Raise BackcalcError for a PNG where nothing is installed that could make it."""
    if path.lower().endswith(ENDING) and not any(each.command() for each in CONVERTERS):
        known = listed([each.name for each in CONVERTERS])
        raise _missing(path, f"needs one of these programs: {known}")


def png_of(svg: str, path: str) -> bytes:
    """Return the picture as PNG; raises BackcalcError where no program can make it."""
    check_converter(path)
    tried = []
    for each in CONVERTERS:
        if command := each.command():
            made = _made(svg, command, each.arguments)
            if made.startswith(START):
                return made
            tried.append(each.name)
    raise _missing(path, f"could not be made: {listed(tried)} failed")


def _made(svg: str, command: list[str], arguments: str) -> bytes:
    """What a program makes of a picture; nothing where it fails."""
    width, height = (round(float(each)) for each in SIZE.search(svg).groups())  # type: ignore[union-attr]
    with TemporaryDirectory() as name:
        folder = Path(name)
        source, page, target = (folder / f"picture.{end}" for end in ("svg", "html", "png"))
        source.write_text(HARD.sub("", svg), "utf-8")
        page.write_text(f'<meta charset="utf-8"><body style="margin: 0">{svg}', "utf-8")
        places = {
            "svg": source, "png": target, "page": page.as_uri(), "folder": folder,
            "width": width, "height": height,
            "root": "--no-sandbox" if getattr(os, "geteuid", int)() == 0 else "--disable-sync",
        }  # fmt: skip
        words = [each.format(**places) for each in split(arguments)]
        try:
            subprocess.run([*command, *words], capture_output=True, timeout=SECONDS, check=True)
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError):
            return b""


def _missing(path: str, why: str) -> BackcalcError:
    hint = "`pip install cairosvg` is enough; or write an .svg, which any browser shows"
    return BackcalcError(f"{path} {why}", hint=hint)
