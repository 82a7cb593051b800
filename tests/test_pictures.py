"""Pictures for the README: the terminal, as rich draws it without the font that it would load, and
a marked copy, which stands in its SVG as it is.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Result
from rich.text import Text

from backcalc.formats import screen

PICTURES = {
    "step": "step skip --lr 1 --compact --brief",
    "explain": "explain skip dL/dw0",
    "check": "check skip tests/sheets/a.txt --lr 1",
}
"""Each picture in tests/pictures and the command that it shows."""

COLOURS = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}


def picture(command: str, output: str) -> str:
    """A terminal that shows a command and what it prints, as wide as its longest line."""
    return screen.picture(Text.from_ansi(f"$ backcalc {command}\n\n{output.rstrip()}"))


def words(svg: str) -> list[str]:
    """What can be read in a picture; the rest is as this version of rich draws it."""
    texts = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return "".join(f"{text.text} " for text in texts).split()


def page_picture(html: str, width: int, height: int) -> str:
    """The top of a page that is so wide, as an image; how large it is shown changes nothing."""
    _, style, body = re.fullmatch(
        r"(.*)<style>(.*)</style>.*<body>(.*)</body>.*", html, re.S
    ).groups()
    style = re.sub(r"@media (?!\(prefers)[^{]*\{\n(?:[^}].*\n)*\}\n", "", style)
    body = body.replace("<math", '<math xmlns="http://www.w3.org/1998/Math/MathML"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}">\n<style>{style}</style>\n'
        f'<foreignObject width="{width}" height="{height}">\n'
        f'<body xmlns="http://www.w3.org/1999/xhtml" style="height: {height}px">{body}</body>\n'
        "</foreignObject>\n</svg>\n"
    )


def test_the_picture_shows_the_marked_copy(run, renew: bool, tmp_path: Path) -> None:
    run("check", "skip", "tests/sheets/ada.tex", "--feedback", str(tmp_path))
    svg = page_picture((tmp_path / "ada.tex.html").read_text("utf-8"), 1120, 1235)
    path = ROOT / "tests" / "pictures" / "copy.svg"
    if renew:
        path.write_text(svg, "utf-8")
    shown, is_now = (text.partition("</style>")[2] for text in (path.read_text("utf-8"), svg))
    assert shown == is_now, "copy.svg differs; `make golden` renews it"
    assert set(re.findall(r"@media \((\S+):", svg)) <= {
        "prefers-color-scheme", "max-width",
    }  # fmt: skip
    assert not re.search(r"url\(|@import|https?:(?!//www\.w3\.org/)", svg)
    ET.fromstring(svg)


@pytest.mark.parametrize(("name", "command"), PICTURES.items())
def test_the_picture_shows_what_is_printed(
    name: str, command: str, run: Callable[..., Result], renew: bool
) -> None:
    svg = picture(command, run(*command.split(), env=COLOURS).stdout)
    path = ROOT / "tests" / "pictures" / f"{name}.svg"
    if renew:
        path.parent.mkdir(exist_ok=True)
        path.write_text(svg, "utf-8")
    drawn = path.read_text("utf-8")
    assert words(drawn) == words(svg), f"{name}.svg differs; `make golden` renews it"
    links = set(re.findall(r"(?:https?:|url\()[^\"')]*", drawn))
    assert "http://www.w3.org/2000/svg" in links
    assert all(link.startswith(("http://www.w3.org/2000/svg", "url(#")) for link in links)
