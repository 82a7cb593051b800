"""The picture of a network as SVG: nothing loaded, no script, light and dark, legible in grey."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from importlib.resources import files

from backcalc.charts.scale import short
from backcalc.drawing.picture import PIXELS, Arrow, Box, Caption, Drawing
from backcalc.errors import printable
from backcalc.errors.lettering import isolated
from backcalc.formulas.expression import Expression, Name, names_in
from backcalc.formulas.notation import MARKED, Part, name_text, part_text

THIN, THICK = 1.2, 6.0  # an edge's width without a gradient and with the largest

LEGEND = "The wider an edge, the larger the derivative by its weight; dashed: negative; dotted: 0."

STYLE = "\n" + files(__package__).joinpath("picture.css").read_text("utf-8")

FRAME = files(__package__).joinpath("picture.svg").read_text("utf-8")


def drawing_svg(drawing: Drawing, *, prefix: str = "") -> str:
    """The picture as one `<svg>` element, for a file or inside an HTML page.

    Ids are `node-h0`, `edge-w1` and the like, after the prefix: `drawing.identifiers` has them.
    """
    ids = drawing.identifiers
    parts = [_edge(edge, prefix + own) for edge, own in drawing.edge_ids()]
    parts += (_node(node, prefix + ids[node.name]) for node in drawing.nodes)
    words = [*legend(drawing)]
    for place, text in enumerate(words):
        y = drawing.height + 6 + place * PIXELS.line
        parts.append(_text(PIXELS.margin, y, escape(isolated(printable(text))), "remark"))
    width = max([drawing.width, *(PIXELS.width(text) + 2 * PIXELS.margin for text in words)])
    height = drawing.height + len(words) * PIXELS.line
    return FRAME.format(
        width=width, height=height, prefix=prefix, title=escape(printable(drawing.title)),
        style=STYLE, parts="\n".join(parts),
    )  # fmt: skip


def legend(drawing: Drawing) -> Iterator[str]:
    """Yield the lines of text below the picture: the meaning of its edges, and its remarks."""
    if any(edge.size is not None for edge in drawing.edges):
        yield LEGEND
    yield from drawing.remarks


def way(edge: Arrow) -> str:
    """An edge's way as a path: level lines, and curves that start and end level."""
    path = "M{} {}".format(*map(short, edge.bends[0]))
    for (x, y), (to_x, to_y), curved in edge.parts():
        if curved:
            middle = short((x + to_x) / 2)
            path += f"C{middle} {short(y)} {middle} {short(to_y)} {short(to_x)} {short(to_y)}"
        else:
            path += f"H{short(to_x)}"
    return path


def sign(edge: Arrow) -> str:
    """Return an edge's gradient in a word, or nothing if none is shown."""
    if edge.size is None:
        return ""
    return "negative" if edge.negative else "positive" if edge.size else "zero"


def thickness(edge: Arrow) -> float:
    """How wide an edge's line is."""
    return THIN + (edge.size or 0) * (THICK - THIN)


def _edge(edge: Arrow, own: str) -> str:
    width = thickness(edge)
    x, y = edge.bends[-1]
    half = 3 + width / 2
    head = f"M{short(x)} {short(y)}l-9 {short(-half)}v{short(2 * half)}z"
    shortened = replace(edge, bends=(*edge.bends[:-1], (x - 8, y)))
    classes = " ".join(filter(None, ("edge", sign(edge), "skip" if edge.skip else "")))
    return (
        f'<g id="{own}" class="{classes}"><path d="{way(shortened)}"'
        f' stroke-width="{width:.1f}"/><path class="head" d="{head}"/>{"".join(_labels(edge))}</g>'
    )


def _labels(edge: Arrow) -> Iterator[str]:
    """The text on an edge: the first line above it, others below."""
    x, y = edge.label
    half = thickness(edge) / 2
    for place, line in enumerate(edge.lines):
        down = (place - 1) * PIXELS.line + 12 + half if place else -4 - half
        yield _text(x, y + down, set_line(line), line.role, plain=PIXELS.text(line))


def _node(node: Box, own: str) -> str:
    middle = node.x + node.width / 2
    y = node.y + (node.height - len(node.lines) * PIXELS.line) / 2 + 13.5
    texts: list[str] = []
    for place, line in enumerate(node.lines):
        plain = PIXELS.text(line) if isinstance(line.text[0], Name) else ""
        down = y + place * PIXELS.line
        texts.append(_text(middle, down, set_line(line), line.role, "middle", plain))
    sizes = f'x="{short(node.x)}" y="{short(node.y)}" width="{short(node.width)}"'
    round_ = 5 if node.kind in ("unit", "equation", "loss") else min(node.height / 2, 16)
    return (
        f'<g id="{own}" class="node {node.kind}"><rect class="box" {sizes}'
        f' height="{short(node.height)}" rx="{short(round_)}"/>{"".join(texts)}</g>'
    )


def _text(x: float, y: float, words: str, role: str, anchor: str = "start", plain: str = "") -> str:
    """A text; the name that it begins with is told apart where it is set in other letters."""
    place = f'x="{short(x)}" y="{short(y)}"'
    if plain and re.sub("<[^>]*>", "", words).replace("−", "-") != escape(isolated(plain)):
        place += f' data-name="{escape(re.split(" [=≈] ", plain)[0])}"'
    return f'<text class="{role}" {place} text-anchor="{anchor}">{words}</text>'


MINUS = re.compile("(?<!e)-")  # but in 1e-05
SHIFTS = {"<sub>": 3, "<sup>": -5}  # how far down a subscript stands, and a sample's number


def _set_part(part: Part) -> str:
    """Return a part of a line with the names in it set as in a formula."""
    plain = escape(printable(part_text(part, PIXELS.notation)))
    plain = plain if isinstance(part, str) else MINUS.sub("−", plain)
    names = names_in(part) if isinstance(part, Expression) else ()
    signs = {escape(name_text(each, PIXELS.notation)): name_text(each, MARKED) for each in names}
    longest = "|".join(map(re.escape, sorted(signs, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)(?:{longest})(?!\w)", lambda m: signs[m[0]], plain) if signs else plain


def set_line(line: Caption) -> str:
    """Return a line of text with its names set as in a formula.

    Words that are read from right to left stay as they are, with their marks of direction.
    """
    plain = PIXELS.text(line)
    if isolated(plain) != plain:
        return escape(isolated(plain))
    marked = "".join(map(_set_part, line.text))
    text, shift = "", 0
    for piece in re.split(r"(<su[bp]>.*?</su[bp]>)", marked):
        down = SHIFTS.get(piece[:5], 0)
        small = ' class="small"' if down else ""
        words = re.sub("<[^>]*>", "", piece)
        moved = f'<tspan dy="{down - shift}"{small}>{words}</tspan>'
        text += moved if down != shift and words else words
        shift = down if words else shift
    return text
