"""Sheets as a LaTeX document that compiles alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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

SIZES = ("", "\\footnotesize", "\\scriptsize\\setlength{\\tabcolsep}{3pt}", "\\tiny")
PAPERS = {
    "a4paper": (86, 101, 120),
    "a4paper,landscape": (130, 153, 186),
    "a3paper,landscape": (197, 232, 256, 10**9),
}
"""For each paper the letters that fit across it in each size of type."""
GAP = 3  # letters between two columns
SENTENCE = 44  # letters of a column of sentences, which go on below

NEED = r"\backcalcneed"
"""A new page where less than so much room is left, so that a head stays with what it is of."""

NEEDED = re.compile(r"\\backcalcneed\{(\d+)mm\}\s*")
HEAD = 16  # how many millimetres a heading takes, with the space around it

LOW = r"\resizebox{!}{\ifdim\totalheight>.8\textheight .8\textheight\else\totalheight\fi}{%"
"""A drawing that has a page's height too, with its title and its heading above it."""

STAGES = (
    "{\\renewcommand{\\arraystretch}{1.4}\n\\begin{longtable}"
    "{@{}>{\\itshape}p{7em}>{\\raggedright\\arraybackslash}p{\\dimexpr\\linewidth-10em}@{}}"
)
"""The table of a derivation's lines: a label, and a formula that may go on below itself."""


def render(sheet: SheetBlocks, notation: Notation = LATEX) -> str:
    """The sheet as a whole document."""
    widest = max((_letters(b, notation) for b in sheet.blocks if isinstance(b, Table)), default=0)
    paper = next(paper for paper, fits in PAPERS.items() if widest <= fits[-1])
    body = "\n\n".join(_with_heads([*_parts(sheet.blocks, notation, paper)]))
    title = f"\\section*{{{escaped(sheet.title)}}}"
    start = files(__package__).joinpath("sheet.tex").read_text("utf-8")
    start = start.replace("a4paper", paper)
    return f"{start}\n{title}\n\n{body}\n\\endgroup\n\\backcalcend\n"


def _with_heads(parts: Sequence[str]) -> list[str]:
    """The parts of a sheet, each head with the room for itself and for what follows it at once."""
    found: list[str] = []
    for part in reversed(parts):
        head = NEEDED.match(part)
        if head and found and part[head.end() :].startswith(r"\sub") and (
            below := NEEDED.match(found[-1])
        ):  # fmt: skip
            high = max(int(head[1]), int(below[1]) + HEAD)
            found[-1] = found[-1][below.end() :]
            part = f"{NEED}{{{high}mm}}\n{part[head.end() :]}"
        found.append(part)
    return found[::-1]


def _letters(table: Table, notation: Notation) -> int:
    """The letters across a table, with the gaps between its columns."""
    own = UNICODE.with_numbers(notation.digits, notation.fractions, notation.names)
    heads = [len(head) for head in table.columns]
    rows = ([len(phrase_text(cell, own)) for cell in row] for row in table.rows)
    widths: list[int] = [max(column) for column in zip(heads, *rows, strict=True)]
    if table.prose:
        widths[-1] = min(widths[-1], SENTENCE)
    return sum(widths) + GAP * (len(widths) - 1)


def _block(block: Block, notation: Notation, paper: str = "a4paper") -> str:
    match block:
        case Heading(text, level):
            return f"{NEED}{{40mm}}\n\\{'sub' * level}section*{{{phrase(text, notation)}}}"
        case Sentences(lines):
            return "\n\n".join(phrase(line, notation) for line in lines)
        case Table(columns, rows):
            heads = [f"\\textit{{{escaped(head)}}}" for head in columns]
            width = _letters(block, notation)
            sizes = zip(SIZES, PAPERS[paper], strict=False)
            size = next((size for size, most in sizes if width <= most), "")
            written = [[phrase(cell, notation) for cell in row] for row in rows]
            long = any(len(phrase_text(row[-1], UNICODE)) > SENTENCE for row in rows)
            return _table([heads, *written], size, head=True, prose=block.prose and long)
        case Derivation():
            high, parts = _derivation(block, notation, "longtable")
            return "\n\n".join((f"{NEED}{{{high}mm}}", *parts))
        case Picture(drawing, words):
            from backcalc.drawing.as_tikz import drawing_tikz  # few sheets have a drawing

            said = _block(Sentences(words), notation)
            shown = f"{LOW}\n{drawing_tikz(drawing).rstrip()}\n}}%\n"
            return f"\\ifx\\tikzpicture\\undefined\n{said}\n\\else\n{shown}\\fi"
        case Matrix():
            boxes = [factor for line in block.factors(notation) for factor in line if factor.rows]
            widest = max((len(factor.rows[0]) for factor in boxes), default=1)
            wider = f"\\setcounter{{MaxMatrixCols}}{{{widest}}}\n" if widest > 10 else ""
            return f"{wider}\\[\n{aligned(block, notation)}\n\\]"
        case Copy():
            return _block(block.table(), notation)
        case Chart(lines) if max("".join(lines), default="") < "\u0180":
            return "\\begin{verbatim}\n" + "\n".join(lines) + "\n\\end{verbatim}"
        case Chart():
            return "\\emph{The chart is in the HTML.}"
        case Bars():
            return _block(block.table(ink=""), notation)


def _derivation(
    block: Derivation, notation: Notation, table: str, at: str = ""
) -> tuple[int, list[str]]:
    """How many millimetres a derivation takes, and its parts, which stay on one page."""
    equations = [*block.equations()]
    _, left, _ = equations[0]
    stages = [_equation(*line, notation) for line in equations]
    high = sum(10 if r"\rule" in stage else 6 for stage in stages) + 8
    parts = [] if left else [f"\\textbf{{{phrase(block.name, notation)}}}"]
    body = " \\\\*\n".join(stages)
    start = STAGES.replace("longtable}", f"{table}}}{at}")
    if block.short and at:  # on half of a page
        start, body = (
            start.replace("7em", "5em").replace("10em", "7em"),
            body.replace("110mm", "34mm" if left else "5cm", 1).replace("110mm", "5cm"),
        )  # the name before the first line takes room
    parts.append(f"{start}\n{body} \\\\\n\\end{{{table}}}}}")
    return high, [*parts, *(phrase(remark, notation) for remark in block.remarks)]


def _side_by_side(pair: Sequence[Derivation], notation: Notation) -> str:
    """Two derivations, each on one half of a broad page."""
    both = [_derivation(each, notation, "tabular", "[t]") for each in pair]
    blank = any(r"\rule" in part for _, parts in both for part in parts[1:2])
    below, after = (r"\vspace{-3mm}", r"\vspace{8mm}") if blank else (r"\medskip", r"\bigskip")
    halves = (
        "\\begin{minipage}[t]{.48\\linewidth}\n"
        + "\\par\\medskip\n".join((f"\\par{below}\n".join(parts[:2]), *parts[2:]))
        + "\n\\end{minipage}"
        for _, parts in both
    )
    high = max(high for high, _ in both)
    return f"{NEED}{{{high}mm}}\n\n" + "\\hfill\n".join(halves) + f"\n\n{after}"


def _parts(blocks: Sequence[Block], notation: Notation, paper: str) -> Iterator[str]:
    """The blocks as they are set; on a broad page short derivations stand side by side."""
    pair: list[Derivation] = []
    for block in (*blocks, None):
        if isinstance(block, Derivation) and _is_short(block, notation, paper):
            pair.append(block)
            if len(pair) == 2:
                yield _side_by_side(pair, notation)
                pair = []
            continue
        yield from (_block(each, notation, paper) for each in (*pair, block) if each)
        pair = []


def _is_short(block: Derivation, notation: Notation, paper: str) -> bool:
    """True if a derivation fits on one half of its page."""
    own = UNICODE.with_numbers(notation.digits, notation.fractions, notation.names)
    lines = (phrase_text((*left, *right), own) for _, left, right in block.equations())
    fits = "landscape" in paper and max(map(len, lines)) <= PAPERS[paper][0] * 3 // 8
    return block.short or fits


def _equation(label: str, left: Phrase, right: Phrase, notation: Notation) -> str:
    sides = phrase((*left, *right), notation).replace("$$", "").replace("$", "$\\displaystyle ", 1)
    return f"{escaped(label)} & {sides}{_room(sides, shown=True)}"


STRUTS = ("", r"\rule[-1.5ex]{0pt}{4.6ex}", r"\rule[-2.6ex]{0pt}{6.4ex}", r"\rule[-4ex]{0pt}{9ex}")
"""The height of a line by the depth of its fractions."""


def _room(text: str, *, shown: bool = False) -> str:
    """A strut for a line with fractions: higher where one stands in another, or is displayed."""
    most, groups = 0, [(0, 0)]  # how deep each open group is, and how many of a fraction come
    for token in re.findall(r"\\frac|[{}]", text):
        depth, coming = groups[-1]
        if token == "{":
            groups[-1] = depth, max(coming - 1, 0)
            groups.append((depth + (coming > 0), 0))
        elif token == "}":
            groups = groups[:-1] or [(0, 0)]
        else:
            groups[-1] = depth, 2
            most = max(most, depth + 1)
    return STRUTS[min(most + (shown and most > 0), len(STRUTS) - 1)]


def _table(
    rows: Iterable[list[str]], size: str = "", *, head: bool = False, prose: bool = False
) -> str:
    lines = [f"{' & '.join(row)}{_room(' '.join(row))} \\\\" for row in rows]
    if head:
        lines.insert(1, "\\hline\\endhead")
    columns = "l" * (lines[0].count(" & ") + 1)
    if prose:
        columns = f"{columns[1:]}>{{\\raggedright\\arraybackslash}}p{{{SENTENCE // 2}em}}"
    inside = "\n".join(lines)
    return (
        f"{{{size}\\renewcommand{{\\arraystretch}}{{1.4}}\n"
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
    if lost := unset("".join((network.title or network.file, *names))):
        yield f"note: LaTeX cannot set {listed(lost)}: ? or a number stands in their place"


MOST_LETTERS = 70  # on a line of a page; a longer equation gets a line for each matrix
MOST_WIDE, BETWEEN = 96, 3  # the same with the room between columns, in letters


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
    """One line of matrices; too wide for a page, of a `whole` formula the result stands below."""
    parts, letters, wide = [], 0, []
    for factor in factors:
        rows = factor.texts(notation)
        inside = r" \\ ".join(" & ".join(row) for row in rows)
        box = rf" \begin{{bmatrix}} {inside} \end{{bmatrix}}" if rows else ""
        sign = factor.sign_text(notation)
        parts.append(sign + box if whole else (sign.strip() + box).strip())
        own = max((sum(map(len, row)) for row in rows), default=0)
        letters += own
        wide.append(own + len(rows[0]) * BETWEEN if rows else 0)
    *formula, result = parts
    if not whole:
        parts = parts if letters > MOST_LETTERS else [" ".join(parts)]
    elif formula and factors[-1].rows and (letters > MOST_LETTERS or sum(wide) > MOST_WIDE):
        parts = [*_filled(formula, wide), result.strip()]
    else:
        parts = ["".join(formula).strip() + result]
    yield from (f"&{part}" for part in parts)


def _filled(parts: Sequence[str], wide: Sequence[int]) -> list[str]:
    """The parts of a formula on lines that fit a page; none ends inside brackets or a fraction."""
    lines, used = [""], 0
    for part, own in zip(parts, wide, strict=False):
        text = lines[-1]
        pairs = ((r"\left", r"\right"), ("{", "}"))
        closed = all(text.count(first) == text.count(last) for first, last in pairs)
        if text and own and used + own > MOST_WIDE and closed:
            lines.append("")
            used = 0
        lines[-1] += part if lines[-1] else part.strip()
        used += own
    return lines
