"""The picture of a network for tools that lay out graphs themselves: Graphviz, Mermaid."""

from __future__ import annotations

from collections.abc import Callable

from backcalc.drawing.as_svg import sign, thickness
from backcalc.drawing.picture import PIXELS, Caption, Drawing
from backcalc.errors import printable
from backcalc.errors.lettering import isolated

DOT_SHAPES = {"input": "oval", "constant": "oval", "weight": "oval", "more": "plaintext"}
COLOURS = {"": "#57606a", "positive": "#4f93d8", "negative": "#9a3412", "zero": "#8c959f"}
STYLES = {"": "solid", "positive": "solid", "negative": "dashed", "zero": "dotted"}

MERMAID_BOXES = {
    "unit": '["{}"]', "equation": '["{}"]', "more": '["{}"]',
    "input": '(["{}"])', "constant": '(["{}"])', "weight": '(["{}"])', "target": '[/"{}"/]',
    "loss": '[["{}"]]',
}  # fmt: skip


def drawing_dot(drawing: Drawing) -> str:
    """The picture in Graphviz's language, from left to right."""
    title = _dot_text(drawing.title)
    remarks = "".join(f"\\n{_dot_text(remark)}" for remark in drawing.remarks)
    lines = [
        f'digraph "{title}" {{',
        f'  graph [rankdir=LR, label="{title}{remarks}", labelloc=t, fontname="sans-serif"];',
        '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    ids = drawing.identifiers
    for node in drawing.nodes:
        label = _joined(node.lines, "\\n", _dot_text)
        bold = ", penwidth=2.4" if node.kind == "loss" else ""
        shape = f", shape={DOT_SHAPES[node.kind]}" if node.kind in DOT_SHAPES else ""
        dashed = ", style=dashed" if node.kind == "target" else ""
        lines.append(f'  "{ids[node.name]}" [label="{label}"{shape}{dashed}{bold}];')
    for edge in drawing.edges:
        label = _joined(edge.lines, "\\n", _dot_text)
        kind = sign(edge)
        look = f'color="{COLOURS[kind]}", style={STYLES[kind]}, penwidth={thickness(edge):.1f}'
        ends = f'"{ids[edge.source]}" -> "{ids[edge.target]}"'
        lines.append(f'  {ends} [label="{label}", {look}];')
    return "\n".join([*lines, "}"]) + "\n"


def _dot_text(text: str) -> str:
    """Text inside quotes: nothing in it ends them or is a command."""
    return isolated(printable(text)).replace("\\", "\\\\").replace('"', '\\"')


def drawing_mermaid(drawing: Drawing) -> str:
    """The picture as a Mermaid flowchart, which GitHub draws in a ```mermaid fence."""
    lines = ["---", f'title: "{_dot_text(drawing.title)}"', "---", "flowchart LR"]
    names = {node.name: f"n{number}" for number, node in enumerate(drawing.nodes)}
    for node in drawing.nodes:
        label = _joined(node.lines, "<br>", _mermaid_text)
        box = MERMAID_BOXES[node.kind].format(label)
        lines.append(f"  {names[node.name]}{box}")
    for edge in drawing.edges:
        label = _joined(edge.lines, "<br>", _mermaid_text)
        text = f'|"{label}"|' if label else ""
        arrow = "-.->" if sign(edge) in ("negative", "zero") else "-->"
        lines.append(f"  {names[edge.source]} {arrow}{text} {names[edge.target]}")
    for number, edge in enumerate(drawing.edges):
        if sign(edge):
            look = f"stroke:{COLOURS[sign(edge)]},stroke-width:{thickness(edge):.1f}px"
            lines.append(f"  linkStyle {number} {look}")
    lines += (f"  %% {printable(remark)}" for remark in drawing.remarks)
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    """Text inside quotes, which Mermaid takes for Markdown and HTML: all signs as entities."""
    return "".join(
        char if char.isalnum() or char in " .,=+-()≈∂·ŷ…'" else f"#{ord(char)};"
        for char in isolated(printable(text))
    )


def _joined(lines: tuple[Caption, ...], between: str, escape_: Callable[[str], str]) -> str:
    return between.join(escape_(PIXELS.text(line)) for line in lines)
