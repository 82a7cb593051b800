r"""The picture of a network as TikZ: a fragment for \input, or a document that compiles alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files

from backcalc.charts.scale import short
from backcalc.drawing.as_svg import legend, sign, thickness
from backcalc.drawing.picture import DIGITS, PIXELS, Arrow, Box, Drawing
from backcalc.formulas.notation import LATEX, escaped, phrase

NOTATION = replace(
    LATEX.with_numbers(DIGITS, fractions=False), derivative=r"\partial {}/\partial {}", fraction=""
)

FIT = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"


def drawing_tikz(drawing: Drawing) -> str:
    r"""A fragment for a document that loads tikz and amsmath; no wider than its line.

    One unit of the picture is 0.75pt, so a box's text keeps the size that the layout gave it.
    """
    remarks = (
        f"\\node[bc label, anchor=west] at"
        f" {_point(PIXELS.margin, drawing.height + place * PIXELS.line)} {{{escaped(remark)}}};"
        for place, remark in enumerate(legend(drawing))
    )
    parts = [
        FIT,
        "\\begin{tikzpicture}[x=0.75pt, y=-0.75pt]",
        f"\\tikzset{{\n{_part('styles.tex').rstrip()}}}",
        *map(_edge, drawing.edges),
        *(label for edge in drawing.edges for label in _labels(edge)),
        *map(_node, drawing.nodes),
        *remarks,
        "\\end{tikzpicture}}%",
    ]
    return "\n".join(parts) + "\n"


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def tikz_document(drawing: Drawing) -> str:
    """A document of one page as large as the picture."""
    title = f"\\textbf{{{escaped(drawing.title)}}}\\\\[6pt]"
    width = 0.75 * max(drawing.width, PIXELS.width(drawing.title) * 1.2) + 40
    height = 0.75 * (drawing.height + PIXELS.line * len([*legend(drawing)])) + 55
    return _part("picture.tex").format(
        width=short(width), height=short(height), title=title, fragment=drawing_tikz(drawing)
    )


def _edge(edge: Arrow) -> str:
    path = _point(*edge.bends[0])
    for (x, y), end, curved in edge.parts():
        middle = (x + end[0]) / 2
        turns = f" .. controls {_point(middle, y)} and {_point(middle, end[1])} .. "
        path += (turns if curved else " -- ") + _point(*end)
    style = f"bc {sign(edge) or 'edge'}, line width={thickness(edge) * 0.6:.2f}pt"
    return f"\\draw[{style}] {path};"


def _labels(edge: Arrow) -> Iterator[str]:
    """The text on an edge: the first line above it, others below."""
    x, y = edge.label
    half = thickness(edge) / 2
    for place, line in enumerate(edge.lines):
        down = (place - 1) * PIXELS.line + 9 + half if place else -8 - half
        text = phrase(line.text, NOTATION)
        yield f"\\node[bc label, anchor=west] at {_point(x, y + down)} {{{text}}};"


def _node(node: Box) -> str:
    middle = _point(node.x + node.width / 2, node.y + node.height / 2)
    size = f"minimum width={node.width * 0.75:.1f}pt, minimum height={node.height * 0.75:.1f}pt"
    lines = [f"\\node[bc {node.kind}, {size}] at {middle} {{}};"]
    y = node.y + (node.height - (len(node.lines) - 1) * PIXELS.line) / 2
    for place, line in enumerate(node.lines):
        at = _point(node.x + node.width / 2, y + place * PIXELS.line)
        text = phrase(line.text, NOTATION)
        text = f"\\textbf{{\\boldmath {text}}}" if line.role == "name" else text
        lines.append(f"\\node[bc label] at {at} {{{text}}};")
    return "\n".join(lines)


def _point(x: float, y: float) -> str:
    return f"({short(x)},{short(y)})"
