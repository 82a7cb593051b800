"""Sheets as a LaTeX document that compiles alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files

from backcalc.equations.network import Network
from backcalc.equations.program import lower
from backcalc.errors import listed
from backcalc.formulas.notation import (
    LATEX,
    UNICODE,
    Notation,
    Phrase,
    escaped,
    part_text,
    phrase,
    phrase_text,
    unset,
)
from backcalc.sheets.blocks import (
    Bars,
    Block,
    Chart,
    Copy,
    Derivation,
    Factor,
    Heading,
    Matrix,
    Picture,
    Sentences,
    SheetBlocks,
    Table,
    WorkedOut,
)

NOTATION = LATEX


PAGES = (
    (85, "", "a4paper"),
    (140, "\\footnotesize", "a4paper,landscape"),
    (190, "\\scriptsize", "a4paper,landscape"),
    (10**9, "\\tiny", "a3paper,landscape"),
)
"""Letters in a row that fit, with the type and the paper on which they do."""

STAGES = (
    "{\\renewcommand{\\arraystretch}{1.4}\n\\begin{longtable}"
    "{@{}>{\\itshape}p{7em}>{\\raggedright\\arraybackslash}p{\\dimexpr\\linewidth-10em}@{}}"
)
"""The table of a derivation's lines: a label, and a formula that may go on below itself."""


def render(sheet: SheetBlocks, notation: Notation = LATEX) -> str:
    """The sheet as a whole document."""
    body = "\n\n".join(_block(block, notation) for block in sheet.blocks)
    title = f"\\section*{{{escaped(sheet.title)}}}"
    size, paper = _page(sheet)
    start = files(__package__).joinpath("sheet.tex").read_text("utf-8")
    start = start.replace("a4paper", paper)
    return f"{start}{size}\n{title}\n\n{body}\n\\endgroup\n\\backcalcend\n"


def _page(sheet: SheetBlocks) -> tuple[str, str]:
    """Type and paper on which the widest row of a table has room."""
    rows = [row for block in sheet.blocks if isinstance(block, Table) for row in block.rows]
    widest = max((sum(len(phrase_text(cell, UNICODE)) for cell in row) for row in rows), default=0)
    return next(setting for most, *setting in PAGES if widest <= most)  # type: ignore[return-value]


def _block(block: Block, notation: Notation) -> str:
    match block:
        case Heading(text, level):
            return f"\\{'sub' * level}section*{{{phrase(text, notation)}}}"
        case Sentences(lines):
            return "\n\n".join(phrase(line, notation) for line in lines)
        case Table(columns, rows):
            heads = [f"\\textit{{{escaped(head)}}}" for head in columns]
            return _table(
                [heads, *([phrase(cell, notation) for cell in row] for row in rows)], head=True
            )
        case Derivation(name, _, remarks):
            equations = [*block.equations()]
            _, left, _ = equations[0]
            parts = [] if left else [f"\\textbf{{{phrase(name, notation)}}}"]
            body = " \\\\*\n".join(_equation(*line, notation) for line in equations)  # on one page
            parts.append(f"{STAGES}\n{body} \\\\\n\\end{{longtable}}}}")
            parts += [phrase(remark, notation) for remark in remarks]
            return "\n\n".join(parts)
        case Picture(drawing, words):
            from backcalc.drawing.as_tikz import drawing_tikz  # few sheets have a drawing

            said = _block(Sentences(words), notation)
            return f"\\ifx\\tikzpicture\\undefined\n{said}\n\\else\n{drawing_tikz(drawing)}\\fi"
        case Matrix():
            boxes = [factor for line in block.factors(notation) for factor in line if factor.rows]
            widest = max((len(factor.rows[0]) for factor in boxes), default=1)
            wider = f"\\setcounter{{MaxMatrixCols}}{{{widest}}}\n" if widest > 10 else ""
            return f"{wider}\\[\n{aligned(block, notation)}\n\\]"
        case Copy():
            return _block(block.table(), notation)
        case Chart():
            return "\\emph{The chart is in the HTML.}"
        case Bars():
            return _block(block.table(ink=""), notation)


def _equation(label: str, left: Phrase, right: Phrase, notation: Notation) -> str:
    """One line of a derivation."""
    sides = phrase((*left, *right), notation).replace("$$", "").replace("$", "$\\displaystyle ", 1)
    room = r"\rule[-2.6ex]{0pt}{6.4ex}" if r"\frac" in sides else ""
    return f"{escaped(label)} & {sides}{room}"


def _table(rows: Iterable[list[str]], *, head: bool = False) -> str:
    lines = [f"{' & '.join(row)} \\\\" for row in rows]
    if head:
        lines.insert(1, "\\hline\\endhead")
    columns = "l" * (lines[0].count(" & ") + 1)
    inside = "\n".join(lines)
    return (
        "{\\renewcommand{\\arraystretch}{1.4}\n"
        f"\\begin{{longtable}}{{{columns}}}\n{inside}\n\\end{{longtable}}}}"
    )


def unset_letters(network: Network) -> Iterator[str]:
    """Yield a note on the letters of a network that LaTeX cannot set, if there are any."""
    given = (*network.inputs, *network.targets, *network.constants, *network.weights)
    given += (*network.names.values(),)
    form = network.matrices
    lines = lower(network) if form is None or form.elements else form.lines
    given += () if form is None else (*form.shapes,)
    names = (*given, *(line.name for line in lines))
    lost = unset("".join((network.title or network.file, *names)))
    if lost:
        yield f"note: LaTeX cannot set {listed(lost)}: ? or a number stands in their place"


MOST_LETTERS = 70  # on a line of a page; a longer equation gets a line for each matrix


def aligned(matrix: Matrix, notation: Notation) -> str:
    """The equation in symbols and below it each line of matrices."""
    words = (
        rf"\text{{{part}}}" if isinstance(part, str) else part_text(part, notation)
        for part in matrix.name
    )
    lines = ["&" + "".join(words)]
    for line, factors in zip(matrix.lines, matrix.factors(notation), strict=True):
        lines += _lines(factors, notation, whole=isinstance(line, WorkedOut))
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _lines(factors: tuple[Factor, ...], notation: Notation, *, whole: bool) -> Iterator[str]:
    """One line of matrices; too wide for a page, of a `whole` formula the result stands below.

    Of others each matrix gets a line then.
    """
    parts, letters = [], 0
    for factor in factors:
        rows = factor.texts(notation)
        inside = r" \\ ".join(" & ".join(row) for row in rows)
        box = rf" \begin{{bmatrix}} {inside} \end{{bmatrix}}" if rows else ""
        sign = factor.sign_text(notation)
        parts.append(sign + box if whole else (sign.strip() + box).strip())
        letters += max((sum(map(len, row)) for row in rows), default=0)
    *formula, result = parts
    if not whole:
        parts = parts if letters > MOST_LETTERS else [" ".join(parts)]
    elif letters > MOST_LETTERS and formula and factors[-1].rows:
        parts = ["".join(formula).strip(), result.strip()]
    else:
        parts = ["".join(formula).strip() + result]
    yield from (f"&{part}" for part in parts)
