"""Pictures of the terminal for the README: rich's own SVG without the font that it would load."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from conftest import ROOT, Result
from rich.console import Console
from rich.text import Text

PICTURES = {
    "step": "step skip --lr 1 --compact --brief",
    "explain": "explain skip dL/dw0",
    "check": "check skip tests/sheets/a.txt --lr 1",
}
"""Each picture in tests/pictures and the command that it shows."""

COLOURS = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
LOADED = re.compile(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", re.DOTALL)


def picture(command: str, output: str) -> str:
    """A terminal that shows a command and what it prints, as wide as its longest line."""
    shown = Text.from_ansi(f"$ backcalc {command}\n\n{output.rstrip()}")
    width = max(len(line) for line in shown.plain.splitlines()) + 1
    console = Console(record=True, width=width, file=io.StringIO())
    console.print(shown, soft_wrap=True)
    return LOADED.sub("", console.export_svg(title="backcalc", unique_id="backcalc"))


def words(svg: str) -> list[str]:
    """What can be read in a picture; the rest is as this version of rich draws it."""
    texts = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return "".join(f"{text.text} " for text in texts).split()


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
