"""Sheets as one HTML file: MathML, no script, nothing loaded, for phone, paper and the dark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import compress, groupby
from zlib import crc32

from backcalc.errors import printable, verbatim
from backcalc.formats.mathml import MATHML, bare, linked, marked
from backcalc.formulas.expression import Name
from backcalc.formulas.notation import (
    MARKED,
    PLAIN,
    UNICODE,
    Notation,
    Part,
    Phrase,
    Sign,
    name_text,
    part_text,
    phrase_text,
)
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.sheets.blocks import (
    Bars,
    Block,
    Chart,
    Copy,
    CopyLine,
    Derivation,
    Heading,
    Linked,
    Matrix,
    Picture,
    Sentences,
    SheetBlocks,
    Table,
    WorkedOut,
)

NOTATION = MATHML

WIDTHS = (
    (28, "slim", "20rem"),
    (62, "middling", "40rem"),
    (84, "wide", "42rem"),
    (110, "broad", "58rem"),
    (10**9, "vast", ""),
)
"""Letters across a table, its class, and the width of a screen up to which its rows are stacked."""
BLANKS = ("blank", "working", "line")  # the signs in whose place somebody writes
BLANK_LETTERS = 20  # that a blank is as wide as
RIGHT_TO_LEFT = re.compile(r"[\W\d_]*[\u0590-\u08ff]")
"""The start of a line whose first letter is one that is read from right to left."""
LEFT_TO_RIGHT = re.compile(r"[^\s\u0590-\u08ff](?:[^\u0590-\u08ff]*[^\s\u0590-\u08ff])?")
"""A run of other letters among such, without the spaces around it."""
OWN_MINUS = re.compile(r"^-(?=[\d.,/]+$)")
"""The sign of a number as somebody typed it, which stands as that of a formula does."""
NUMBER = re.compile(r"<math><mn>([^<]*)</mn></math>")
COMMA = "<mo>,</mo>"
STOPS = (".", ",", ";")
SENTENCE = 36  # of a column of sentences, which go on below
MOST_LETTERS = 28  # of a column; a longer formula goes on below itself
MOST_WHOLE = 34  # of the formulas that stay on one line where the screen is wide


def part(name: str) -> str:
    """Return a file that stands beside this one."""
    return files(__package__).joinpath(name).read_text("utf-8")


def style() -> str:
    """Return the style sheet, with the rows of each class of tables stacked up to its width."""
    _, page, stacked, rest = part("page.css").split("/* ---- */\n")
    for _, kind, width in WIDTHS:
        rules = stacked.replace("CLASS", f"table.{kind}")
        page += f"@media (max-width: {width}) {{\n{rules}}}\n" if width else rules
    return f"\n{page}\n{rest}"


def render(sheet: SheetBlocks, notation: Notation = MATHML) -> str:
    """The sheet as a whole page."""
    page = _Page(sheet, notation)
    heads = (n for n, each in enumerate(sheet.blocks) if isinstance(each, Heading))
    first = next(heads, 0) if sheet.roomy else 0  # name and date of whoever fills it in
    lead = "".join(page.block(block).replace("<ul>", '<ul class="lead">')
                   for block in sheet.blocks[:first])  # fmt: skip
    contents = "" if sheet.roomy else page.contents()  # who fills in a sheet reads all of it
    rest = sheet.blocks[first:]
    body = "\n".join(page.block(block) for block in rest)
    return part("page.html").format(
        title=escaped(sheet.title), style=style(), lead=lead, contents=contents, body=body
    )


INSET = "backcalc-sheet"
OWN_ID = re.compile(r'( (?:id|aria-labelledby)="| href="#|url\(#)([^"])')
ROOT = re.compile(r"^( *)(?::root|html|body)\b", re.MULTILINE)
"""Where the style sheet speaks of the whole page."""


def inset(page: str) -> str:
    """Return a page as a part of another one, whose style and anchors it leaves alone."""
    rules, _, body = page.partition("<style>")[2].partition("</style>\n</head>\n<body>\n")
    rules = ROOT.sub(r"\1&", rules.partition("@page")[0] + rules.partition("margin: 16mm; }")[2])
    body = re.sub("<nav>.*?</nav>", "", body.removesuffix("</body>\n</html>\n"), flags=re.DOTALL)
    own = f"s{crc32(page.encode()):08x}-"
    body = OWN_ID.sub(rf"\g<1>{own}\g<2>", body)
    return f'<style>.{INSET} {{{rules}}}</style>\n<div class="{INSET}">\n{body}</div>\n'


def escaped(text: str) -> str:
    """Text from a file as HTML that shows it and nothing else.

    >>> escaped("<b>")
    '&lt;b&gt;'
    """
    return escape(printable(text))


def anchor(name: str) -> str:
    """The id of a quantity's line.

    >>> anchor("dL/dw0"), anchor("h[2]'")
    ('dL-dw0', 'h:2.')
    """
    return name.replace("]", "").translate(str.maketrans("/'[", "-.:"))


class _Page:
    """Turns blocks into elements; knows where each quantity has its line."""

    def __init__(self, sheet: SheetBlocks, notation: Notation) -> None:
        self.sheet = sheet
        self.plain = notation
        levels = [each.level for each in sheet.blocks if isinstance(each, Heading)]
        self.top = min(levels, default=1)
        self.rows = set(_named_rows(sheet.blocks))
        self.given = set(_given(sheet.blocks)) - self.rows
        self.missing = {*self.rows, *self.given}
        self.places = {name: anchor(name) for name in self.missing}
        self.drawn: dict[str, str] = {}
        for block in sheet.blocks:
            if isinstance(block, Picture):
                self.drawn = block.drawing.identifiers
        if sheet.roomy:  # on paper, where nothing is looked up in the drawing
            self.drawn = {}
        plain = sheet.roomy or any(isinstance(block, Copy) for block in sheet.blocks)
        self.notation = linked(notation, self.nowhere if plain else self.address)
        self.headings = 0

    def address(self, name: str) -> str | None:
        return f"#{self.places[name]}" if name in self.places else None

    def nowhere(self, name: str) -> None:
        """No link from within a formula: a screen reader reads that as one."""

    def in_drawing(self, name: str) -> str | None:
        """Where in the drawing a quantity is, or what a derivative is taken by."""
        quantity = parsed(name, several=True)
        quantity = quantity.by if isinstance(quantity, Derivative) else quantity
        first = quantity.of_sample(None) if quantity.sample == 1 else quantity
        own = self.drawn.get(quantity, self.drawn.get(first))
        return own and f"#{own}"

    def anchored(self, name: str | None) -> str:
        if name not in self.missing:
            return ""
        self.missing.remove(name)
        return f' id="{self.places[name]}"'

    def text(self, phrase: Phrase, notation: Notation | None = None) -> str:
        """Words escaped, formulas as MathML; a stop stays on the line of its formula."""
        text = ""
        for run in _runs(phrase):
            more = self.run(run, notation or self.notation)
            end = re.search("((?:</span>)?)$", text)
            if more[:1] in STOPS and end and text[: end.start()].endswith("</math>"):
                start = text.rindex("<math")
                last = text[start : end.start()]
                text = f'{text[:start]}<span class="piece">{last}{more[0]}</span>{end[1]}'
                more = more[1:]
            text += more
        return text

    def run(self, run: Phrase, notation: Notation) -> str:
        """Words, or what belongs to one formula."""
        blanks = [part.meaning for part in run if isinstance(part, Sign) and part.meaning in BLANKS]
        if blanks:
            kept = tuple(part for part in run if part != Sign(blanks[0]))
            before = self.run(kept, notation) if kept else ""
            return f'{before}<span class="blank {blanks[0]}"></span>'
        if _is_word(run[0]):
            words = "".join(_words(part, part_text(part, notation)) for part in run)
            return "≈\xa0" if words == "≈ " else words  # the sign stays beside its number
        name = _own_name(run)
        if name and notation is self.notation and (address := self.address(name)):
            formula = marked(part_text(run[0], self.plain)).removeprefix("<math>")
            said = escaped(phrase_text(run, PLAIN.with_names(self.plain.names)))
            return f'<a href="{address}" title="{said}"><math>{formula}</a>'
        formula = marked("".join(_set(part, notation) for part in run))
        return f'<span class="long">{formula}</span>' if "<wbr/>" in formula else formula

    def named(self, name: str) -> str:
        """A name set with letters, for the head of a row: few browsers read a formula out."""
        return f'<i class="quantity">{name_text(name, MARKED.with_names(self.plain.names))}</i>'

    def contents(self) -> str:
        """A list of links to the parts, and to each derivative that has a part of its own."""
        items: list[str] = []
        names: list[str] = []
        number = 0
        for block in (*self.sheet.blocks, Heading(())):
            if isinstance(block, Derivation) and (name := _own_name(block.name)):
                names.append(f'<a href="#{anchor(name)}">{self.named(name)}</a>')
            elif isinstance(block, Heading):
                if names and items:
                    items[-1] += f'<p class="links">{" ".join(names)}</p>'
                    names = []
                number += 1
                if block.level == 1 and block.text:
                    own = UNICODE.with_names(self.plain.names)
                    words = "".join(
                        self.named(each.id) if isinstance(each, Name)
                        else escaped(part_text(each, own)) for each in block.text
                    )  # fmt: skip
                    link = f'<a href="#part-{number}">{words}</a>'
                    items.append(link)
        listed = "\n".join(f"<li>{item}</li>" for item in items)
        return f"<nav>\n<h2>Contents</h2>\n<ul>\n{listed}\n</ul>\n</nav>" if items else ""

    def block(self, block: Block) -> str:
        match block:
            case Heading(text, level):
                self.headings += 1
                shown, depth = self.text(text, self.plain), level + 2 - self.top
                words = self.aloud(text, shown)
                label = f' aria-label="{words}"' if words else ""
                return f'<h{depth} id="part-{self.headings}"{label}>{shown}</h{depth}>'
            case Sentences(lines, marked):
                if marked:
                    return "\n".join(self.note(line) for line in lines)
                return "<ul>\n{}\n</ul>".format("\n".join(map(self.sentence, lines)))
            case Table():
                return self.table(block)
            case Derivation():
                return self.derivation(block)
            case Matrix():
                return self.matrix(block)
            case Bars():
                return self.bars(block)
            case Chart(lines, svg):
                if svg is None:
                    drawn = escape("\n".join(lines))
                    return f'<pre class="box" tabindex="0">{drawn}</pre>'
                return (
                    '<p class="hint chart">Scroll the chart sideways to see all of it.</p>\n'
                    f'<div class="box" tabindex="0">{svg(self.sheet.title)}</div>'
                )
            case Copy():
                copied = "\n".join(self.copied(line, block) for line in block.lines)
                return f'<ol class="copy">\n{copied}\n</ol>'
            case Picture(drawing, words):
                from backcalc.drawing.as_svg import drawing_svg  # other sheets do without

                said = "".join(f"<li>{self.text(line, self.plain)}</li>" for line in words)
                wide = f'style="--wide: {drawing.width:.0f}px"'
                told = "Scroll the drawing sideways to see all of it."
                return (
                    f'<div class="box drawing" tabindex="0" {wide}>\n{drawing_svg(drawing)}</div>\n'
                    f'<p class="hint beyond" {wide}>{told}</p>\n'
                    f'<ul class="unseen">{said}</ul>'
                )

    def note(self, line: Phrase) -> str:
        return f'<p class="note">{self.text(line)}</p>'

    def sentence(self, line: Phrase) -> str:
        """One item of a list; a number that is given here is found here."""
        item = ""
        for run in _runs(line):
            given = _given_name(run)
            text = self.run(run, self.plain if given in self.given else self.notation)
            item += f"<span{self.anchored(given)}>{text}</span>" if given in self.given else text
        return f"<li>{item.replace('</span>,', ',</span>')}</li>"  # no line starts with a comma

    def table(self, table: Table) -> str:
        """A table whose rows are stacked where they have no room."""
        columns = zip(*table.rows, strict=True)
        widths = [max(map(self.breadth, column), default=0) for column in columns]
        if table.prose and widths:
            widths[-1] = min(widths[-1], SENTENCE)
        letters = max(sum(widths), sum(map(len, table.columns)))
        kind = next(name for most, name, _ in WIDTHS if letters <= most)
        hint = ""
        if table.spread and kind in ("broad", "vast"):
            said = "Scroll the table sideways to see all of it."
            hint = f'<p class="hint {kind} stacked">{said}</p>\n'
            kind = "wide"  # columns that belong beside each other: the box scrolls
        formulas = [row[table.columns.index("formula")] for row in table.rows
                    if "formula" in table.columns]  # fmt: skip
        short = formulas and max(self.breadth(each, 99) for each in formulas) <= MOST_WHOLE
        classes = f"{kind} whole" if short else kind
        heads = "".join(f'<th scope="col">{escaped(head)}</th>' for head in table.columns)
        rows = "\n".join(self.row(table.columns, row) for row in table.rows)
        scrolls = table.spread or (kind == "wide" and "<a " not in rows)
        focus = ' tabindex="0"' if scrolls else ""
        return (
            f'{hint}<div class="box"{focus}><table class="{classes}">\n'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
        )

    def bars(self, diagram: Bars) -> str:
        """A table with a bar before each number."""
        heads = "".join(f'<th scope="col">{escaped(head)}</th>' for head in diagram.columns)
        rows = "\n".join(
            f'<tr><th scope="row">{self.text(bar.label)}</th>'
            f'<td><i style="width: {75 * diagram.share(bar):.1f}%"></i> {bar.count}</td></tr>'
            for bar in diagram.bars
        )
        return (
            f'<table class="bars">\n<thead><tr>{heads}</tr></thead>\n'
            f"<tbody>\n{rows}\n</tbody>\n</table>"
        )

    def breadth(self, cell: Phrase, most: int = MOST_LETTERS) -> int:
        """How many letters a cell has side by side when it goes on below itself where it can."""
        texts = re.sub('<span class="blank', "_" * BLANK_LETTERS + r"\g<0>", self.text(cell))
        pieces = [len(re.sub("<[^>]*>", "", part)) for part in texts.split("<wbr/>")]
        return max(*pieces, min(sum(pieces), most))

    def row(self, columns: Sequence[str], row: Sequence[Phrase]) -> str:
        """One row; its name is what links lead to."""
        name = _own_name(row[0])
        first = self.named(name) if name else NUMBER.sub(r"\1", self.text(row[0]))
        if name and (place := self.in_drawing(name)):
            first = f'<a href="{place}" title="in the drawing">{first}</a>'
        cells = "".join(
            f'<td data-head="{escaped(head)}">{self.cell(cell)}</td>'
            for head, cell in zip(columns[1:], row[1:], strict=True)
        )
        if words := self.aloud(row[0], first):
            first += f'<span class="unseen">{words}</span>'
        return f'<tr{self.anchored(name)}><th scope="row">{first}</th>{cells}</tr>'

    def aloud(self, phrase: Phrase, shown: str) -> str:
        """Return the words of a head that is nothing but a formula, as few browsers read one."""
        if not phrase or re.sub("<math.*?</math>|<[^>]*>", "", shown).strip():
            return ""
        return escaped(phrase_text(phrase, UNICODE.with_names(self.plain.names)))

    def cell(self, cell: Phrase) -> str:
        """Return a cell in a box of its own, which scrolls if it is too wide."""
        return _scrolling(self.text(cell)) if cell else ""

    def derivation(self, derivation: Derivation) -> str:
        """A name and its labelled lines, each an equation."""
        name = _own_name(derivation.name)
        lines = "\n".join(
            f"<dt>{escaped(label)}</dt>"
            f"<dd>{_scrolling(self.text(left, self.plain) + self.text(line))}</dd>"
            for label, left, line in derivation.equations()
        )
        kinds = " ".join(compress(("derivative", "short"), (name, derivation.short)))
        kind = f' class="{kinds}"' if kinds else ""
        place = self.in_drawing(name) if name else None
        drawn = f'<a class="drawn" href="{place}">in the drawing</a>' if place else ""
        remarks = "".join(f"\n{self.note(remark)}" for remark in derivation.remarks)
        head = self.named(name) if name else self.text(derivation.name, self.plain)
        return (
            f"<section{self.anchored(name)}{kind}>\n"
            f"<h3>{head}{drawn}</h3>\n"
            f"<dl>\n{lines}\n</dl>{remarks}\n</section>"
        )

    def copied(self, line: CopyLine, copy: Copy) -> str:
        """A line of somebody's document as it stands, and the verdicts beside it."""
        marks = "".join(
            f'<li{self.anchored(mark.home)} class="{copy.signs[mark.verdict][2]}">'
            f"<b>{escaped(copy.said(mark))}</b> {self.text(mark.statement, self.plain)}"
            f"{(mark.words and f'<p>{self.text(mark.words)}</p>') or ''}</li>"
            for mark in line.marks
        )
        kind, below = (' class="judged"', f"<ul>{marks}</ul>") if marks else ("", "")
        words = escape(verbatim(line.text))
        if RIGHT_TO_LEFT.match(words):  # a formula keeps its own direction among such words
            words = LEFT_TO_RIGHT.sub(r'<bdi dir="ltr">\g<0></bdi>', words)
        text = f'<code dir="auto">{words}</code>'
        return f"<li{kind}><span>{line.number}</span>{text}{below}</li>"

    def matrix(self, matrix: Matrix) -> str:
        """An equation of matrices on one page, each line of it in a box that scrolls."""
        name = "".join(_set(part, self.plain) for part in matrix.name)
        lines = [f'<p><span class="long">{marked(name)}</span></p>']
        for whole, factors in zip(matrix.lines, matrix.factors(self.plain), strict=True):
            line = ""
            for factor in factors:
                rows = (
                    "<mtr>{}</mtr>".format("".join(f"<mtd>{cell}</mtd>" for cell in row))
                    for row in factor.texts(self.plain)
                )
                cells = f'<mtable class="matrix">{"".join(rows)}</mtable>' if factor.rows else ""
                text = factor.sign_text(self.plain) + cells  # with half a fraction, perhaps
                if line.endswith("</math>") and text.startswith(COMMA):  # no line starts with one
                    line = f"{line.removesuffix('</math>')}{COMMA}</math>"
                    text = text.removeprefix(COMMA)
                line += text if isinstance(whole, WorkedOut) else marked(bare(text))
            line = marked(line) if isinstance(whole, WorkedOut) else line
            lines.append(_scrolling(line, "div", ' class="box"'))
        return '<div class="equation">\n{}\n</div>'.format("\n".join(lines))


def _scrolling(text: str, element: str = "span", kind: str = "") -> str:
    """Return a formula in a box that scrolls, by the keyboard too where it may be too wide."""
    pieces = text.split("<wbr/>")
    wide = max(len(re.sub("<[^>]*>", "", piece)) for piece in pieces) > MOST_LETTERS
    focus = ' tabindex="0"' if wide else ""
    return f"<{element}{kind}{focus}>{text}</{element}>"


def _words(part: Part, text: str) -> str:
    """Words, made a link where they are one."""
    if isinstance(part, Linked):
        return f'<a class="elsewhere" href="{part.quoted}">{escaped(text)}</a>'
    return escaped(re.sub(OWN_MINUS, "−", text))


def _set(part: Part, notation: Notation) -> str:
    """A part of a formula; a sign or a word among them is text."""
    if not isinstance(part, str):
        return part_text(part, notation)
    word = escaped(part).replace(" ", "\xa0")
    return f"<mtext>{word}</mtext>" if _is_word(part) else notation.sign(part)


def _own_name(phrase: Phrase) -> str | None:
    """The quantity that a line is about, if it starts with nothing but its name."""
    match phrase:
        case (Name(name),):
            return name
    return None


def _named_rows(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        heads: Sequence[Phrase] = ()
        if isinstance(block, Copy):
            yield from (mark.home for line in block.lines for mark in line.marks if mark.home)
        if isinstance(block, Table):
            heads = [row[0] for row in block.rows]
        elif isinstance(block, Derivation):
            heads = [block.name]
        yield from (name for name in map(_own_name, heads) if name)


def _given(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Sentences) and not block.marked:
            names = (_given_name(run) for line in block.lines for run in _runs(line))
            yield from (name for name in names if name)


def _given_name(run: Phrase) -> str | None:
    """The quantity that a formula gives a number or a meaning to."""
    match run:
        case (Name(name), " = ", *_):
            return name
    return None


def _runs(phrase: Phrase) -> Iterator[Phrase]:
    """Words and formulas by turns; an equals sign belongs to its formula."""
    yield from (tuple(run) for _, run in groupby(phrase, _is_word))


def _is_word(part: Part) -> bool:
    return isinstance(part, str) and part.strip() != "="
