r"""The picture of a network as TikZ: a fragment for \input, or a document that compiles alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backcalc.drawing.as_svg import legend, short, sign, thickness
from backcalc.drawing.picture import DIGITS, PIXELS, Arrow, Box, Caption, Drawing
from backcalc.formulas.latex_text import escaped, phrase
from backcalc.formulas.notation import LATEX

NOTATION = replace(
    LATEX.with_numbers(DIGITS, fractions=False), derivative=r"\partial {}/\partial {}", fraction=""
)

PREAMBLE = r"""\documentclass{{article}}
\usepackage[T1]{{fontenc}}
\usepackage[utf8]{{inputenc}}
\usepackage{{amsmath,amssymb,textcomp,tikz}}
\usepackage[paperwidth={width}pt,paperheight={height}pt,margin=10pt]{{geometry}}
\pagestyle{{empty}}
\setlength{{\parindent}}{{0pt}}
\begin{{document}}
\centering
{title}

{fragment}
\end{{document}}
"""

STYLES = r"""
bc box/.style={draw=black!65, fill=black!4, rounded corners=3pt, inner sep=0pt},
bc unit/.style={bc box}, bc equation/.style={bc box},
bc input/.style={bc box, fill=blue!9, rounded corners=8pt},
bc constant/.style={bc input}, bc weight/.style={bc input},
bc target/.style={bc box, fill=white, dashed, rounded corners=8pt},
bc loss/.style={bc box, fill=yellow!18, line width=1.6pt},
bc more/.style={inner sep=0pt},
bc edge/.style={draw=black!60, -latex},
bc positive/.style={bc edge, draw=cyan!60!blue!70},
bc negative/.style={bc edge, draw=red!50!brown!80!black, dash pattern=on 6pt off 3pt},
bc zero/.style={bc edge, dash pattern=on 1pt off 3pt},
bc label/.style={inner sep=0pt, font=\small, text height=1.5ex, text depth=0.4ex}"""

FIT = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"


def drawing_tikz(drawing: Drawing) -> str:
    r"""A fragment for a document that loads tikz and amsmath; no wider than its line.

    One unit of the picture is 0.75pt, so a box's text keeps the size that the layout gave it.
    """
    parts = [
        FIT,
        "\\begin{tikzpicture}[x=0.75pt, y=-0.75pt]",
        f"\\tikzset{{{STYLES}}}",
        *map(_edge, drawing.edges),
        *(label for edge in drawing.edges for label in _labels(edge)),
        *map(_node, drawing.nodes),
        *_remarks(drawing),
        "\\end{tikzpicture}}%",
    ]
    return "\n".join(parts) + "\n"


def tikz_document(drawing: Drawing) -> str:
    """A document of one page as large as the picture."""
    title = f"\\textbf{{{escaped(drawing.title)}}}\\\\[6pt]"
    width = 0.75 * max(drawing.width, PIXELS.width(drawing.title) * 1.2) + 40
    height = 0.75 * (drawing.height + PIXELS.line * len([*legend(drawing)])) + 55
    return PREAMBLE.format(
        width=short(width), height=short(height), title=title, fragment=drawing_tikz(drawing)
    )


def _edge(edge: Arrow) -> str:
    """The line of an edge."""
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
    """A box with its text."""
    middle = _point(node.x + node.width / 2, node.y + node.height / 2)
    size = f"minimum width={node.width * 0.75:.1f}pt, minimum height={node.height * 0.75:.1f}pt"
    lines = [f"\\node[bc {node.kind}, {size}] at {middle} {{}};"]
    y = node.y + (node.height - (len(node.lines) - 1) * PIXELS.line) / 2
    for place, line in enumerate(node.lines):
        at = _point(node.x + node.width / 2, y + place * PIXELS.line)
        lines.append(f"\\node[bc label] at {at} {{{_bold(line)}}};")
    return "\n".join(lines)


def _bold(line: Caption) -> str:
    """A line of text in a box; the name of its value is bold."""
    text = phrase(line.text, NOTATION)
    return f"\\textbf{{\\boldmath {text}}}" if line.role == "name" else text


def _remarks(drawing: Drawing) -> Iterator[str]:
    """Yield the remarks below the picture."""
    for place, remark in enumerate(legend(drawing)):
        at = _point(PIXELS.margin, drawing.height + place * PIXELS.line)
        yield f"\\node[bc label, anchor=west] at {at} {{{escaped(remark)}}};"


def _point(x: float, y: float) -> str:
    return f"({short(x)},{short(y)})"
