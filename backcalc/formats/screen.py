"""A sheet as a picture of the terminal that shows it, in SVG that loads nothing."""

from __future__ import annotations

import re
from io import StringIO
from zlib import crc32

from rich.console import Console
from rich.text import Text

from backcalc.formats import text
from backcalc.formulas.notation import UNICODE as NOTATION
from backcalc.formulas.notation import Notation
from backcalc.sheets.blocks import SheetBlocks

LOADED = re.compile(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", re.DOTALL)
"""The fonts that rich would load from elsewhere."""
SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def render(sheet: SheetBlocks, notation: Notation = NOTATION) -> str:
    """The sheet in the colours of a terminal that is as wide as its longest line."""
    console = Console(
        file=StringIO(), force_terminal=True, color_system="standard", highlight=False,
        markup=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    return picture(Text.from_ansi(text.render(sheet, notation, console=console).rstrip()))


def picture(shown: Text) -> str:
    """Return the picture of a terminal with this text in it."""
    width = max(len(line) for line in shown.plain.splitlines()) + 1
    console = Console(record=True, width=width, file=StringIO())
    console.print(shown, soft_wrap=True)
    svg = console.export_svg(title="backcalc", unique_id=f"t{crc32(shown.plain.encode()):08x}")
    own = r'\g<0> width="\1" height="\2" xml:space="preserve"'
    return SIZE.sub(own, LOADED.sub("", svg).replace("Fira Code, ", ""), count=1) + "\n"
