r"""A document of any kind as a stream of items: mathematics, lines, tables, words between them.

Nothing but the text itself is looked at: no command runs, no other file is opened.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from math import exp

from backcalc.errors import BackcalcError, Place
from backcalc.errors.patterns import regex
from backcalc.reading import web
from backcalc.reading.asciidoc import SHOWN, as_markdown
from backcalc.reading.items import Item, Span, items_of
from backcalc.reading.marks import marks, rewritten, rows
from backcalc.reading.notebooks import cells_of
from backcalc.reading.quoted import STRUCK, with_messages, without_disowned, without_quotations
from backcalc.reading.sessions import with_lists_in_line, with_results, with_statements
from backcalc.reading.signs import (
    CONDITIONS,
    CORRECTING,
    FUNCTION_NAMES,
    NEW,
    OLD,
    SUPPOSED,
    UNICODE,
    UNREAL,
    VERBS,
    phrases,
    words,
)
from backcalc.reading.tokens import FILLER, Macros, Token, argument, blanked, comma_in, macros_in

KINDS = ("text", "markdown", "latex", "notebook", "answers")
ANSWERING = ("text", "markdown", "answers")
"""The kinds that may quote the lines of a mail or post."""
SUFFIXES = {
    ".md": "markdown", ".markdown": "markdown", ".tex": "latex", ".latex": "latex",
    ".ipynb": "notebook", ".txt": "text", ".yaml": "answers", ".yml": "answers",
    ".typ": "markdown", ".adoc": "markdown", ".asciidoc": "markdown",
    ".csv": "text", ".html": "text", ".htm": "text",
}  # fmt: skip
MAX_CHARACTERS = 1_000_000
MAX_ITEMS = 20_000
DOUBLED = regex(r"(?<![^\s=:\\])([^\s=:\\]{1,90}=[^\s=\\]{1,90})(?:\\| = )[^\n]{1,300}$", re.M)
"""A formula without blanks in which another sign of equality follows, or LaTeX."""
SIGNS_OF_LATEX = regex(r"\\[A-Za-z]+|[^A-Za-z0-9]")
MAX_COPIED = 300  # lines, and characters of one, in which copies of a formula are looked for

PASTED = ("text", "markdown")
MARKED = [regex(rf"^[ \t]*{mark}", re.M) for mark in (r"#+", r"//+", r"%+", r"--+")]
"""The marks before the lines of a comment in code, one in each language."""
STARRED = regex(r"^[ \t]*(?:/\*+|\*+/?)|\*+/[ \t]*$", re.M)
"""The marks of a comment between slashes and stars."""
FEWEST_MARKED = 3  # lines
NOTED = r"[ \t]*(?:#[^\n]*)?\n[ \t>]*"
MATRIX_BELOW = regex(
    rf"\[[ \t]*\[[^\[\]\n=]*\](?:,?{NOTED}\[[^\[\]\n=]*\])+[ \t]*\]"
    rf"|(?<![\w\\])\[(?:[^\[\]\n=#]*,{NOTED})+[^\[\]\n=]*\]"
)
"""A matrix of code whose rows stand below each other, perhaps with a remark behind one."""
ROW_BELOW = regex(rf"(?<=[\],]){NOTED}")
COMMENT = regex(r"<!--.*?(?:-->|\Z)", re.DOTALL)
PROMPT = regex(r"^[ \t]*(?:>>>[ \t]|(?:In|Out)[ \t]?\[\d+\]:)", re.M)
"""What Python prints before a line of a session."""
FRONT_MATTER = regex(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.M | re.S)
NAMED_THERE = regex(r"""^backcalc:[ \t]*(["']?)([^"'\n]*?)\1[ \t]*$""", re.M)
DRAWN = regex(r"\\begin\{tikzpicture\}.*?\\end\{tikzpicture\}", re.DOTALL)
LATEX_COMMENT = regex(
    r"(?<!\\)%[^\n]*|\\(?:tag\*?|note)\{(?:[^{}\n]|\{[^{}\n]*\})*\}"
    r"|\\begin\{minipage\}(?:\[\w\])*\{[^{}\n]*\}"
)
TIE = regex(r"(?<!\\)~")
"""A blank of LaTeX at which no line breaks, and no sign: p.~2."""
LINK = regex(r"\]\((?!\d{1,2}\))[^)\s]*\)|https?://\S+|!\[[^\]]*\]|<[^<>\s]{1,80}@[^<>\s]+>")
NOTE = regex(r"(?m)^[^\n#=≈→:]*[=≈→:][^\n#]*?\S(?P<note>[ \t]+(?:#|//)[^\n]*)$")
"""What somebody notes behind an answer in plain text."""
NUMBERS_BEHIND = regex(
    r"(?m)^([ \t>]*[^\W\d]\w*'?[ \t]*=[^#=\n]*?[^\W\d][^#=\n]*)#(?=[ \t]+"
    r"(?:[-(\d][-\d.()+*/^ \t]*=[ \t]*-?[\d.]+|-?\d+\.\d+)[ \t]*$)"
)
"""A formula and the comment that goes on with its numbers: z = w * x + b  # 0.5*2 + 1 = 2."""
POINT = regex(
    r"^(?P<before>[ \t>]*)(?:(?P<sign>[^\x00-\x7f\s]\S{0,4})[ \t\xa0]+(?![=≈])"
    r"|(?:(?P<letter>o)|\(?\d{1,2}(?:\.\d{1,2})*(?:\.?[º°ª]\.?|\.?[)\]:])|\d(?:\.\d{1,2})+\."
    r"|[\[#]\d{1,2}[\]:.)]?|\(?(?:[A-Za-z]|[ivxIVX]{1,5})(?:\)|\.(?![ \t][A-Za-z]{1,2}\.))"
    r"|\d\ufe0f?\u20e3)[ \t\xa0]+(?=[^\W\d]|[∂∇$\\`*(]))",
    re.M,
)
"""A sign alone before a line, or its number or letter, that may mark it as a point of a list."""
CASES = regex(
    r"⎧ (?P<first>.*\S)[ ]+if (?P<condition>.*\S)[ ]*\n(?P<between>(?:[ ]*⎨ .*\n)*)"
    r"[ ]*⎩ (?P<last>.*\S)[ ]+otherwise"
)
"""Cases with a brace that is drawn over several lines."""
KEYWORDS = "shape|at|axis|keep|stride|padding|size"
"""Words of such arguments."""
KEYWORD = regex(
    rf",[ ]?(?:\\text\{{)?(?:{KEYWORDS})=(?:\([\d, -]*\)"
    r"|\[[\d, :-]*\]|-?\w+)\}?(?=[,)]|\s*\\right\))"
)
"""A word with its number among the arguments of a function of matrices: sum(h, axis=0)."""
RULE = regex(
    r"^.*\bfor each weight w with gradient\b.*(?:\n|\Z)(?:(?:[ \t]*\n(?=\$|the ))?[ \t•*-]*"
    r"(?:the (?:weights climb|gradient is taken)"
    r"|\$?(?:\\hat\{[mv]\}|\\mathrm\{ahead\}|[gwmvcs]|[mv]hat|ahead)"
    r"(?:_\{?w\}?)?'?\$? = (?=.*[a-z])).*(?:\n|\Z))*",
    re.M,
)
"""The rule of an optimizer as sheets of this program print it, for whichever weight."""
WITHOUT_SIGN = regex(r"[^=≈:]*[^\s=≈:] {2,}[^\s=≈:]")
"""Columns with no sign between the first two: a row of a table, whose name is no point."""
WORD_OF = regex(r"[^\W\d_]+")
DOUBTED_POINTS = "·∙⋅∘—―"
"""Signs of points that may also go on with the formula of the line above."""
DENYING = "✗✘❌❎✖✕☒🚫⛔👎"
"""Signs before a line that may take it back."""
EMPHASIS = regex(r"(?<![^\s(])\*((?:[^\W\d_]{4}|[^\W\d_]+ )[^\W\d_ -]*:?)\*(?![\w*($])")
CORRECTED = regex(rf"^([ \t•{FILLER}]*)\*(?=([^\W\d]\w*(?:/\w+)?'?)[ ]?=[^*\n]*$)", re.MULTILINE)
"""A star before a name that is given another number, as people correct themselves in a chat."""
CROSSED = regex(r"(?<=\d)[xX](?=\d+\.\d|\([-−]?\d)")
"""An x between two numbers that can be nothing but times: 0.8x0.6, 0.4x(-1)."""
TIMES = regex(r"(?<=\d)[xX](?=\d|\([-−]?\d)")
SPACED_DOT = regex(
    r"(?:(?<=[\d)'’])|(?<=\b[^\W\d_][lSOI]))[ ]\.[ ]"
    r"(?=[-−]?\d|\(|l(?!\w)|[^\W\d_]{1,5}_?[\dlSOI]\w?'?(?!\w|[ ]*[=≈:]))"
    r"|(?<==[ ][1-9]\d)[ ]\.[ ](?=[^\W\d_]{1,5}[\dlSOI]'?[ ]?=)"
    r"|(?P<again>(?<![\w.])\d*\.\d+)[ ]\.[ ]"
    r"(?=[^\W\d_]{1,5}_?[\dlSOI]?[ ]?=[ ]?[-−]?(?P=again)(?!\d))"
)
"""A point that stands apart between two factors: 0,3 . 1."""
SPACED_DIGITS = regex(r"\d \. \d \d|(?<![\w.])0 \. \d+(?![\d.])")
WHOLE_LINE = regex(
    r"^([ \t>]*(?:[-+*][ \t]+|\d+[.)][ \t]+)?)([*_])(?=[^\s*_$])([^*\n]*[^\s*_])\2"
    r"(?=[.,;]?[ \t]*$)",
    re.MULTILINE,
)
"""A line of which all is emphasised."""
ELIDED = regex(r"(?<![\w\\])(?:l|d|un|dell|all|nell|sull)['’](?=[^\W\d_]{3})", re.IGNORECASE)
"""An article that is glued to its word: l'erreur, dell'errore."""
DIGITS_KEPT = regex(
    r"[(\[](?:[^\W\d]{2,9}[ ~]+){0,2}\d(?:[ ~]|\\[ ,;])*(?:[ds]\.?[ ]?[pdf]\.?|c\.?s\.?|dec\.|NK"
    r"|sig\w*\.?(?:[ ]fig\w*\.?)?|(?:Nachkomma)?[Ss]tellen|d[eé]cimal(?:e?s| places)?)[)\]]",
    re.IGNORECASE,
)
"""A remark that says to how many digits a figure is given: (3 d.p.), (rounded to 4 s.f.)."""
ACCENT = regex(r"\\(?P<sign>['`^\"~])(?:\{(?P<inside>[A-Za-z])\}|(?P<letter>[A-Za-z]))")
"""An accent on a letter of a word, as old keyboards write it: \\'o."""
ACCENTS = dict(zip("'`^\"~", "\u0301\u0300\u0302\u0308\u0303", strict=True))
IN_LATEX = marks("IN_LATEX")
TYPESET = IN_LATEX + marks("TYPESET")
CARETS, PAGED, OFF_SCANNER, KEYS, TYPST, LIST_CELLS = map(
    marks, ("CARETS", "PAGED", "OFF_SCANNER", "KEYS", "TYPST", "LIST_CELLS")
)
WIDE = {sign: sign - 0xFEE0 for sign in range(0xFF01, 0xFF5F) if chr(sign) not in "，：；"}
WIDE |= dict.fromkeys(map(ord, "✅✓✔☑\ufe0f"), 0x20)
"""Signs of double width as plain ones, but for those that part statements; ticks as blanks."""
CARET = regex(r"\b([yo])\^(\d?)[ )]{0,2}[-−–][ (]{0,2}[yt]_?\2\b|^[ \t]*\^[yo][ ]?=")
"""An output with its hat behind it, less its target: y^1 - y1. Or one with its hat before it."""
WORD_MATRIX = regex(r"[\[({|]?[■█]\((?P<inner>(?:[^()\n]|\([^()\n]*\))*)\)(?:[\])}|]|┤)?")
"""A matrix in the linear form of a word processor: [■(0.5&0.2@-0.3&0.4)]."""
SAME_FACTOR = regex(
    r"(?P<factor>(?<![\w.])\d*\.\d+)[ ](?=[^\W\d_]{1,3}_?\d[ ]?=[ ]?[-−]?(?P=factor)[ ]?[(·*×])"
)
"""A number before a name, and again before what is put in for it: -2.6 h1 = -2.6(1.35)."""
SIGMA_READ = regex(
    r"(?<==[ ])[6oO](?=[ ]?\((?P<sum>[-−]?\d*\.\d+)\)[ ]?[=≈][ ]?(?P<out>0?\.\d{2,})(?!\d))"
)
"""What a scanner may have made of a sigma before a number: 6 (0.8) = 0.690."""
OFF_PAGE = regex(r"ˆ|^[∂d][^\W\d_]$", re.M)
"""What shows that a text comes off a page of a PDF."""
DASHED = regex(r"[=≈(*] {0,3}— ?\d")
"""What shows a scanned sheet."""

LETTERED = regex(r"(?<![\w.\\])(?=[\d.]*[Ol])[\dOl]*\.[\dOl]+(?!\w)")
"""A decimal in which a scanner has seen letters: O.l97."""
FEWEST_LETTERED = 4  # such decimals on a sheet, of which each is then taken so
LETTERED_COMMA = regex(
    r"(?:[=≈(*·×+−-]|\\cdot|\\times|\\approx)[ ]?"
    r"(?=\d*[Ol])[\dOl]+(?:,|\{,\})(?=[\dOl]*\d)[\dOl]+(?!\w)"
)
"""The same with a comma, behind a sign: = O,243."""
LETTERED_POINT = regex(
    r"(?<=[-=+*·(–])[Ol],(?=\d{1,5}(?![\w,]))|(?<=[=+*·–-] )[Ol],(?=\d{1,5}(?![\w,]))"
)
"""Such a letter before a comma that was a point: -O,4 among 0.690."""
LONE_L = regex(
    r"(?<=[=+*x·–-] )l(?=[ \t),.;]|$)|(?<=\()l(?= ?[-+*–—)])|(?<=[<>] )O(?=[ \t)]|$)", re.M
)
"""A 1 on such a sheet that stands alone, and a nought behind a sign."""
AS_DIGITS = str.maketrans("Ol", "01")
AS_DECIMAL = AS_DIGITS | {ord(","): "."}

ENTITY = regex(r"&(?:[A-Za-z]\w{1,11}|#\d{2,6}|#x[\da-fA-F]{2,5});")
"""A sign of HTML by its name or number."""
GRID = regex(r"^[ \t]*(?:\+(?:[-=:]{3,}\+)+|\|-+(?:\+-+)+\|?)[ \t]*$", re.M)
"""A rule between the rows of a table that is drawn with signs."""
QUOTED = regex(r"^[ \t]*>[> \t]*", re.M)
"""The start of a line in a quotation."""
KEYED = regex(r"^[^\n]*['\"][^\"\n]{1,40}['\"][ \t]*:[^\n]*$", re.M)
"""A line of a dictionary that Python prints."""

REMARK_BETWEEN = regex(
    r"(?<=\S)(?:[ \t]{2,}\([^()\n=≈]*[^\W\d_]{3}[^()\n=≈]*\)"
    r"|[ \t]+(?:←|⟵|⇐|<--?|→|-->|#|//|--)[ \t]+[^\W\d_]{2}[^\n=≈]*)"
    r"(?=[ \t]*\n[ \t>]*[=≈][ \t])"
)
"""A remark at the end of a line, in brackets or behind an arrow, where the next one goes on."""
TELLING = words("plus minus times mal fois por per") | CORRECTING - {"no"} | CONDITIONS
TELLING |= NEW | OLD | SUPPOSED | UNREAL
"""Words for which a remark may change what is said."""
BARE_DISPLAY = regex(
    r"^([ \t>]*)\[([ \t]*\n(?:(?![ \t>]*[\[\]]?[ \t]*$)[^\n]*\n){1,12}[ \t>]*)\]([ \t]*)$",
    re.MULTILINE,
)
"""A display whose brackets have lost their backslashes, as where a chat is pasted."""
EQUATION_NUMBER = regex(
    r"(?:(?<=[\w.,$'])[ ]{6,}|(?<=[\d)}\].,$])(?:[ ]{2,}|[ ]*\t[ \t]*))"
    r"\((?P<number>\d{1,2}(?:\.\d{1,2})?)\)(?=[ \t]*$)",
    re.M,
)
"""The number of an equation at the end of its line, far behind it."""
_PARTED = rf"(?:{'|'.join(phrases('NUMBERED') + phrases('PARTED'))})\.?[ ~]?"
_DOTTED = r"[1-9]\d?(?:\.[1-9]\d?){1,2}"
PART_NUMBER = regex(
    rf"\({_PARTED}{_DOTTED}\)|(?<![\w\\])(?=[^\W\d_]+\.?[ ~]?\(?[1-9]\d?\.){_PARTED}"
    rf"(?:{_DOTTED}|\({_DOTTED}\))(?![\w.,]?\d)[.:)]?"
    rf"|^[ \t>*#]*(?:\\textbf\{{|\*\*|\$?\\mathbf\{{){_DOTTED}[.):]?(?:\*\*|\}}\$?)"
    r"[.:]?(?=[ \t]+\W*[^\W\d_]{3})"
    rf"|^[ \t>*#]*{_DOTTED}[.):]?(?=[ \t]+(?-i:[A-ZÀ-Þ])[^\W\d_]{{2,}}[^=≈\d\n]*(?::|$))"
    rf"|^[ \t>*#]*(?:{_PARTED}|(?-i:Q)[ ]?)?\d{{1,2}}\.?[ ]?\(?[a-h]\)[.:]?(?=[ \t])",
    re.IGNORECASE | re.MULTILINE,
)
"""The number of a part of a sheet or of an equation: Step 3.1, (eq. 2.4), Exercise 2a)."""
PAGE_NUMBER = regex(
    r"^[ \t]{16,}(?:(?P<dash>[-–—]) ?)?(?P<number>\d{1,2})(?(dash) ?[-–—]|(?: ?/ ?\d{1,2})?)"
    r"(?=[ \t]*$)",
    re.M,
)
"""The number of a page in the middle of a line of its own."""
SPECKS = regex(
    r"^[ \t]*(?:\||(?=[^\n]*[~.,'])[~.,'|-](?:[ \t]+[~.,'|-])+)[ \t]*$"
    r"|^[ \t]*(?=[.,;'|-]*~)[~.,;'|-]{2,}(?:[ \t]+[.,;'|]{1,2})*(?=[ \t]+[^\W\d])"
    r"|^[ \t]{16,}[-–—][ \t]+[Il\d][ \t]+[-–—][ \t]*$"
    r"|^[ \t]*(?:[-–—] ?\d{1,2} ?[-–—]|\d{1,2} ?/ ?[\dlO]{1,2}[ \t]+Scanned[^\n=≈]*)(?=\s*\Z)",
    re.M,
)
"""Signs of a scan on a line of their own or before one, and what stands at the foot of a page."""
MOST_BETWEEN = 2  # from one number to the next
SHORTEST_PAGE = 8  # lines
PAGE_END = regex(r"\s*\Z|[ \t]*\n[ \t]*[\n\f]")
BOX = regex(
    r"\\(?:boxed|fbox|underline|mathbf|boldsymbol|bm|textcolor ?\{\w*\}|colorbox ?\{\w*\})"
    r"[ ]?\{"
)
"""The start of a box, or of what else makes a statement stand out."""
RELATED = regex(r"[=≈]|\\approx\b")
JOINING = regex(r"(?:[=≈+*/(-]|\\approx|\\cdot)[ ]*\Z")
"""A sign before a box that goes on in it."""

LIST_TABLE = regex(r"^\.\. list-table::[^\n]*\n(?:[ \t]*\n|[ \t]+[^\n]+\n?)*", re.M)
TYPST_HEADING = regex(r"^(=+)(?= )", re.M)
CSV_TABLE = regex(
    r"^\.\.[ ]csv-table::.*\n(?:[ \t]+:(?!header)[\w-]+:.*\n)*[ \t]+:header:(?P<head>.*)"
    r"(?P<between>\n(?:[ \t]+:[\w-]+:.*\n)*[ \t]*)\n(?P<rows>(?:[ \t]+\S.*(?:\n|\Z))+)",
    re.M,
)
"""A table of reStructuredText with commas between its cells."""
FEW_CELLS = 3
"""Signs between the cells of a line, of which so many may be commas of a text."""
QUOTED_CELL = regex(r'"([^"\n]*)"|[,;]')
"""A cell in quotes, or what stands between two cells."""


@dataclass(eq=False)
class Document:
    """A document that is to be read."""

    file: str
    """Where it came from."""
    kind: str
    """Which kind it is."""
    text: str
    """Its text; of a notebook the cells below each other."""
    items: list[Item] = field(default_factory=list)
    """What stands in it, in order."""
    macros: Macros = field(default_factory=lambda: Macros({}))
    """The commands that it defines."""
    comma: str = ""
    """The sign before its decimals."""
    work: str = ""
    """The text that is read: without comments, definitions and marks."""
    tokens: dict[Span, list[Token]] = field(default_factory=dict)
    """The tokens of each stretch that was looked at."""
    lines: list[int] = field(default_factory=list)
    """For a notebook the line of the file on which each line of the text stands."""
    quoted: list[tuple[int, int]] = field(default_factory=list)
    """The lines with a statement that seem to be quoted from another, and are not read."""
    disowned: list[tuple[int, int, str]] = field(default_factory=list)
    """What its author does not stand by and is not read, with the reason."""
    cells: list[str] = field(default_factory=list)
    """For a notebook where each line of the text stands: cell 3, line 2."""

    def as_it_was(self, text: str) -> Document:
        """The bare document, before anything was blanked in the text that it was read from."""
        whole = unified(text)
        whole = cells_of(whole, self.file)[0] if self.lines else whole
        return Document(self.file, self.kind, whole, lines=self.lines, cells=self.cells)

    def __post_init__(self) -> None:
        self.starts = [0, *(m.end() for m in re.finditer("\n", self.text))]

    def line(self, offset: int) -> int:
        """The line of the file on which a character stands, counted from 1."""
        row = self.row(offset)
        return self.lines[row] if self.lines else row + 1

    def row(self, offset: int) -> int:
        """The line of the text on which a character stands, counted from 0."""
        return bisect_right(self.starts, offset) - 1

    def within(self, offset: int) -> str:
        """Where a character stands in a notebook: its cell, and the line there."""
        return self.cells[self.row(offset)] if self.cells else ""

    def between(self, start: int, end: int) -> Document:
        """The same document with the items alone that begin between two places."""
        kept = [item for item in self.items if start <= item.start < end]
        return replace(self, items=kept)

    def place(self, start: int, end: int) -> Place:
        """The place of a stretch, for messages."""
        number = self.row(start)
        first = self.starts[number]
        stop = self.starts[number + 1] - 1 if number + 1 < len(self.starts) else len(self.text)
        text = self.text[first:stop]
        length = max(1, min(end, stop) - start)
        line, column = self.line(start), start - first + 1
        return Place(self.file, line, column, text, length, self.within(start))


def kind_of(text: str, file: str) -> str:
    """Which kind of document it is, by its suffix or else by what stands in it."""
    dot = file.rfind(".")
    suffix = SUFFIXES.get(file[dot:].lower()) if dot >= 0 else None
    start = text[:4000].lstrip("\ufeff \n\t")
    if suffix in (None, "text"):
        if start.startswith("{") and '"cells"' in text:
            return "notebook"
        if re.search(r"\\documentclass|\\begin\{document\}|^\\(?:sub)?section", text, re.M):
            return "latex"
        if suffix is None and _without_marks(unified(text)) != unified(text):
            return "text"
        if suffix is None and re.search(r"^#{1,6} |^\|.*\|\s*$|\$[^$\n]+\$|\\\(|\\\[", text, re.M):
            return "markdown"
        if suffix is None and re.fullmatch(
            r"(?:\s*|\s*#.*|\s*[\w'/\[\]∂ŷ]+\s*:\s.*|---)", start.split("\n")[0]
        ):
            return "answers"
    return suffix or "text"


def unified(text: str) -> str:
    """A text without a byte-order mark, whose lines all end in one way."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def document(
    text: str,
    file: str,
    kind: str = "",
    without: Callable[[str], str] = str,
    *,
    answering: bool = True,
) -> Document:
    """The document that a text is; the kind is found unless it is said.

    `without` blanks what is read by others, as matrices are. If `answering`, it may be a mail or
    post that quotes what it answers, and that is left out.
    Raises BackcalcError for a text that is none, or larger than any sheet.
    """
    text = unified(text)
    kind = kind or kind_of(text, file)
    if len(text) > MAX_CHARACTERS:
        raise BackcalcError(f"a sheet of more than {MAX_CHARACTERS} characters", Place(file))
    page = web.PAGE.match(text)
    if page and web.SET.search(text):
        hint = "hand in the Markdown, the LaTeX or the text that it was made from"
        why = "this is a web page with formulas that a browser sets"
        raise BackcalcError(why, Place(file), hint)
    lines: list[int] = []
    cells: list[str] = []
    code: list[tuple[int, int]] = []
    if kind == "notebook":
        text, lines, cells, code = cells_of(text, file)
    whole = Document(file, "markdown" if page else kind, text, lines=lines, cells=cells)
    if page:
        kind, text = "markdown", web.as_markdown(text)
    elif kind in ("markdown", "notebook"):
        text = web.TABLE.sub(lambda table: web.as_markdown(table[0]), text)
    if kind == "markdown" and SHOWN.search(text):
        text = as_markdown(text)
    text = _without_marks(text) if kind == "text" else text
    text = with_statements(text) if kind in ("text", "markdown") else text
    if answering and kind in ANSWERING:
        text, whole.quoted = without_quotations(text)
    if kind in ANSWERING and web.POSTED.search(text):
        text = web.posted(text)
    if answering and kind in ANSWERING:
        text, others = with_messages(text)
        whole.quoted += others
    text = _with_points(text)
    text, whole.disowned = without_disowned(text)
    text = without(text if kind == "latex" else with_results(text))
    work = text = text.translate(WIDE)
    if kind == "latex":
        whole.macros, places = macros_in(text)
        marks = [span for each in (LATEX_COMMENT, STRUCK) for span in _spans(each, text)]
        work = TIE.sub(" ", blanked(DRAWN.sub(_labels, text), [*places, *marks]))
        begun = re.search(r"\\begin\{document\}", work)
        if begun:
            work = blanked(work, [(0, begun.end())])
        work = ACCENT.sub(_accented, work) if ACCENT.search(work) else work
        work = rewritten(work.replace(r"\end{document}", " " * 14), IN_LATEX)
    else:
        matter = [] if front_matter(text) is None else _spans(FRONT_MATTER, text)
        text = NUMBERS_BEHIND.sub(r"\1=", text) if "#" in text else text
        patterns = (COMMENT, LINK, STRUCK, PROMPT)
        marks = [span for each in patterns for span in _spans(each, text)]
        if kind in ("text", "answers"):
            marks += [match.span("note") for match in NOTE.finditer(text)]
            marks += _spans(SPECKS, text)
        work = with_lists_in_line(with_results(blanked(text, [*matter, *marks])))
        whole.macros, places = macros_in(work)
        work = blanked(work, places)
        work = ENTITY.sub(_meant_by, work)
        work = GRID.sub(lambda m: m[0].replace("+", "|").replace("=", "-"), work)
        if kind == "markdown":
            work = QUOTED.sub(lambda m: " " * len(m[0]), work)
            work = EMPHASIS.sub(r" \1 ", work) if "*" in work else work
            work = WHOLE_LINE.sub(r"\1 \3 ", work)
        if "*" in work:
            work = CORRECTED.sub(_corrected, work)
        if file.lower().endswith(".typ"):
            work = rewritten(TYPST_HEADING.sub(lambda m: "#" * len(m[1]), work), TYPST)
        if ".. list-table::" in work:
            work = LIST_TABLE.sub(lambda m: rewritten(m[0], LIST_CELLS), work)
        if ".. csv-table::" in work:
            work = CSV_TABLE.sub(_with_tabs, work)
        work = BARE_DISPLAY.sub(lambda m: f"{m[1]}${m[2]}${m[3]}", work)
        work = rewritten(work, TYPESET)
        if len(CROSSED.findall(work)) > 1:
            work = TIMES.sub("×", work)
        if len(SPACED_DOT.findall(work)) > 2 and not SPACED_DIGITS.search(work):
            work = SPACED_DOT.sub(lambda m: f"{m['again'] or ''} · ", work)
        if "■" in work or "█" in work:
            work = WORD_MATRIX.sub(_matrix, work)
        if CARET.search(work):
            work = rewritten(work, CARETS)
        if "⎧" in work:
            work = CASES.sub(_in_one_line, work)
        if kind in ("text", "markdown"):
            work = SIGMA_READ.sub(_sigma, SAME_FACTOR.sub(r"\1·", work))
        if "'" in work or '"' in work:
            work = KEYED.sub(lambda m: rewritten(m[0], KEYS), work)
        if kind == "text" and OFF_PAGE.search(work):
            work = rewritten(work, PAGED)
        if kind == "text" and len(LETTERED.findall(work)) >= FEWEST_LETTERED:
            for mark in (LETTERED, LETTERED_POINT, LONE_L):
                work = mark.sub(lambda m: m[0].translate(AS_DECIMAL), work)
        if kind == "text" and "—" in text and DASHED.search(text):
            work = rewritten(work, OFF_SCANNER)
        elif kind == "text" and (sign := _separator(work, file)):
            work = "\n".join(_without_empty_cells(line, sign) for line in work.split("\n"))
            work = QUOTED_CELL.sub(lambda m: _cell(m, sign), work)
        if "\N{ZERO WIDTH SPACE}" in text:
            lines_of = work.split("\n")
            work = "\n".join([*map(_said_once, lines_of[:MAX_COPIED]), *lines_of[MAX_COPIED:]])
        work = DOUBLED.sub(_second_half, work) if " = " in work else work
        if kind in PASTED:
            work = MATRIX_BELOW.sub(_on_one_line, work)
    work = REMARK_BETWEEN.sub(_without_remark, work)
    work = _without_boxes(work) if "\\" in work else work
    work = DIGITS_KEPT.sub(lambda m: " " * len(m[0]), work)
    work = ELIDED.sub(lambda m: f"{m[0][:-1]} ", work) if "'" in work or "’" in work else work
    work = blanked(work, [*_numbers_beside(work, EQUATION_NUMBER), *_numbers_of_pages(work)])
    work = blanked(
        work, [span for each in (PART_NUMBER, RULE, KEYWORD) for span in _spans(each, work)]
    )
    if LETTERED_COMMA.search(work) and comma_in(work) != ".":
        work = LETTERED_COMMA.sub(lambda m: m[0].translate(AS_DIGITS), work)
    whole.comma = comma_in(work)
    for item in items_of(work, kind, code):
        whole.items.append(item)
        if len(whole.items) > MAX_ITEMS:
            raise BackcalcError(f"a sheet of more than {MAX_ITEMS} lines", Place(file))
    whole.work = work
    return whole


def _corrected(starred: re.Match[str]) -> str:
    """The line of a correction without its star, if its name was given a number before."""
    again = re.search(rf"(?<!\w){re.escape(starred[2])}\s*=", starred.string[: starred.start()])
    return f"{starred[1]} " if again else starred[0]


def _in_one_line(cases: re.Match[str]) -> str:
    """Such cases as one choice: 1 if z > 0 else 0."""
    between = re.findall(r"⎨ (.*\S)[ ]+if (.*\S)", cases["between"])
    parts = [(cases["first"], cases["condition"]), *between]
    choice = " else ".join([*(f"{value} if {when}" for value, when in parts), cases["last"]])
    return choice.ljust(len(cases[0])) if len(choice) <= len(cases[0]) else cases[0]


def _matrix(linear: re.Match[str]) -> str:
    """The matrix with commas and semicolons between its entries."""
    inner = f"[{linear['inner'].replace('&', ',').replace('@', ';')}]"
    return f"{inner:{FILLER}>{len(linear[0])}}"


def _sigma(scanned: re.Match[str]) -> str:
    """A sigma for what stands before a number and the number that its function makes of it."""
    number = float(scanned["sum"].replace("−", "-"))
    made = 1 / (1 + exp(-max(min(number, 99.0), -99.0)))
    places = len(scanned["out"].partition(".")[2])
    return "σ" if abs(made - float(scanned["out"])) < 1.01 * 10.0**-places else scanned[0]


def _without_remark(remark: re.Match[str]) -> str:
    """Blanks for a remark at the end of a line, unless a word of it tells how the line is meant."""
    words = {word.casefold() for word in WORD_OF.findall(remark[0])}
    return remark[0] if words & TELLING else " " * len(remark[0])


def _accented(match: re.Match[str]) -> str:
    """The letter with its accent, as long as what stands for it."""
    letter = (match["inside"] or match["letter"]) + ACCENTS[match["sign"]]
    return unicodedata.normalize("NFC", letter).ljust(len(match[0]), FILLER)


def _labels(drawing: re.Match[str]) -> str:
    """A drawing with nothing but what its labels state in mathematics."""
    text = drawing[0]
    stated = [m.span() for m in re.finditer(r"\$[^$\n]*=[^$\n]*\$", text)]
    ends = pairwise([0, *chain.from_iterable(stated), len(text)])
    return blanked(text, [*ends][::2])


def _without_marks(text: str) -> str:
    """A text of which each line is a comment of code, without the marks of these."""
    lines, whole = [line for line in text.split("\n") if line.strip()], text.strip()
    if len(lines) < FEWEST_MARKED:
        return text
    if whole.startswith("/*") and whole.endswith("*/") and "/*" not in whole[2:]:
        return blanked(text, _spans(STARRED, text))
    mark = next((each for each in MARKED if all(map(each.match, lines))), None)
    return blanked(text, _spans(mark, text)) if mark else text


def _on_one_line(matrix: re.Match[str]) -> str:
    """A matrix over several lines with all its rows on one."""
    return ROW_BELOW.sub(lambda gap: f" {FILLER * (len(gap[0]) - 1)}", matrix[0])


def _numbers_beside(work: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where the numbers of a kind stand, if they count on over the sheet: (1), (2) or 3.1, 3.2."""
    found = [*pattern.finditer(work)]
    counts = [[int(n) for n in re.findall(r"\d+", m["number"])] for m in found]
    pairs = pairwise(counts)
    follow = all(a[:-1] == b[:-1] and 0 < b[-1] - a[-1] <= MOST_BETWEEN for a, b in pairs)
    sure = follow and (len(counts) > 1 or [each[-1:] for each in counts] == [[1]])
    return [m.span() for m in found] if sure else []


def _numbers_of_pages(work: str) -> list[tuple[int, int]]:
    """Where the numbers of pages stand: apart from the lines beside them, which they may divide."""
    found = _numbers_beside(work, PAGE_NUMBER)
    far = all(work.count("\n", a[1], b[0]) > SHORTEST_PAGE for a, b in pairwise(found))
    return [
        (start, end) for start, end in (found if far else ())
        if len(found) > 1 or work.endswith(("-", "–", "—"), start, end)
        or PAGE_END.match(work, end) or work.endswith("\n\n", 0, start)
    ]  # fmt: skip


def _without_boxes(work: str) -> str:
    """A text with what stands in a box as if it stood in none, but apart from what is beside it."""
    found, end = [*work], 0
    for box in BOX.finditer(work):
        start, last = box.span()
        inner, end = argument(work, last - 1) if start >= end else ("", end)
        if first := RELATED.search(inner):
            joined = not inner[: first.start()].strip(" &") or (
                JOINING.search(work[max(start - 20, 0) : start])
            )
            found[start:last] = (" " if joined else ";").ljust(last - start)
            found[end - 1] = found[start]
    return "".join(found)


def _meant_by(entity: re.Match[str]) -> str:
    """The sign that an entity of HTML stands for; a blank where it ends."""
    sign = html.unescape(entity[0])
    side = ">" if sign.isspace() else "<"
    return f"{sign:{FILLER}{side}{len(entity[0])}}"


def _with_points(text: str) -> str:
    """A text whose points of lists, whatever sign or number is before them, all begin with •."""
    last = -1  # where the line ends that such a sign is before
    found: list[str] = []
    at = 0
    for match in POINT.finditer(text):
        sign, end = match["sign"], text.find("\n", match.end()) % (len(text) + 1)
        line = text[match.end() : end]
        if sign and sign[0] in DOUBTED_POINTS:
            above = text[text.rfind("\n", 0, max(match.start() - 1, 0)) + 1 : match.start() - 1]
            told = last == match.start() - 1 or not above.strip() or _has_words(above)
            point = len(sign) == 1 and told and not re.match(r"[\d.,+-]", line)
            point = point and (bool(re.search("[=≈:]", line)) or _has_words(line))
        elif sign:
            point = all(map(_is_point, sign))
        else:
            word = WORD_OF.match(line)
            point = not match["letter"] or "\t" in match[0] or bool(
                re.search("[=≈]", line) and not (word and word[0].casefold() in VERBS)
                and re.match(r"[^\W\d][^\s=≈]*[ \t]*[=≈(]|[^\w\s]", line)
                and not (match["letter"] and WITHOUT_SIGN.match(line))
            )  # fmt: skip
        if point:
            size = match.end() - match.end("before")
            found += [text[at : match.end("before")], f"{'•':<{size}}"]
            at, last = match.end(), end
    return "".join([*found, text[at:]])


def _is_point(sign: str) -> bool:
    """True for a sign that cannot begin a formula, nor go on with one."""
    kind, place = unicodedata.category(sign), ord(sign)
    if sign in UNICODE or sign in DENYING or sign in "…‥‖‰″‴" or 0x2500 <= place < 0x25A0:
        return False
    shape = kind in ("Sm", "No") and (0x25A0 <= place < 0x2600 or 0x2460 <= place < 0x2800)
    return shape or kind in ("So", "Co", "Po", "Pf", "Pd", "Sc", "Mn", "Cf", "Sk")


def _has_words(line: str) -> bool:
    """True for a line of words, or with a colon at its end, which no formula goes on from."""
    said = (word.casefold() for word in WORD_OF.findall(line))
    told = any(len(word) > 3 and word not in FUNCTION_NAMES for word in said)
    return line.rstrip().endswith(":") or (told and not line.rstrip().endswith(("=", "+", "-")))


def _separator(text: str, file: str) -> str:
    """The sign between the cells of a table that a spreadsheet has written; "" for no table."""
    lines = [line for line in text.split("\n") if line.strip()]
    named = file.lower().endswith(".csv")
    for sign in ";," if named else ";" if "=" not in text else "":
        counts = {len([1 for m in QUOTED_CELL.finditer(line) if m[0] == sign]) for line in lines}
        several = named and (sign == ";" or min(counts) > FEW_CELLS)  # tables of different widths
        if len(lines) > 2 and 0 not in counts and (len(counts) == 1 or several):
            return sign
    return ""


def _with_tabs(table: re.Match[str]) -> str:
    """Nothing but the head of such a table and its rows below it, with tabs between the cells."""
    head, between, rows = (table[part] for part in ("head", "between", "rows"))
    whole = f"{head}{FILLER * len(between)}\n{rows}"
    cells = QUOTED_CELL.sub(lambda m: _cell(m, ","), whole)
    return FILLER * (len(table[0]) - len(cells)) + cells


def _without_empty_cells(line: str, sign: str) -> str:
    """A title or a note without the empty cells behind it that make it as wide as the table."""
    said, cells = line.rstrip(f"{sign} \t\r"), line.count(sign)
    return said.ljust(len(line)) if cells > FEW_CELLS and 2 * said.count(sign) < cells else line


def _cell(match: re.Match[str], sign: str) -> str:
    """A cell without its quotes, or a tab between two cells."""
    if match[1] is not None:
        return f"{FILLER}{match[1]}{FILLER}"
    return "\t" if match[0] == sign else match[0]


def _said_once(line: str) -> str:
    """A line in which formulas copied off a page stand three times, with the LaTeX alone.

    It stands between two renderings, and all three have the same letters and digits.
    """
    words = [(m.start(), m.end()) for m in re.finditer(r"\S+", line[:MAX_COPIED])][:40]
    if "$" in line or "\N{ZERO WIDTH SPACE}" not in line:
        return line
    for number, (start, stop) in enumerate(words):
        for _, end in words[number:]:
            kept = [n for n in range(start, end) if line[n] != "\N{ZERO WIDTH SPACE}"]
            for middle in range(start + 1, min(stop, start + len(kept) // 3 + 1) + 1):
                first, last = line[start:middle], kept[start - middle :]
                if {*first} != {line[n] for n in last}:
                    continue
                latex = line[middle : last[0]]
                if sorted(first) == sorted(line[n] for n in last) == sorted(_rendered(latex)):
                    written = f"{'$':>{middle - start}}{latex}{'$':<{end - last[0]}}"
                    return line[:start] + written + _said_once(line[end:])
    return line


def _second_half(match: re.Match[str]) -> str:
    r"""A formula copied off a page, once as its bare letters and then as LaTeX, with this alone.

    Both halves have the same letters and digits in the same order: z=wx+bz = w \cdot x + b.
    """
    whole = match[0]
    for middle in range(3, len(match[1]) + 1):
        halves = [SIGNS_OF_LATEX.sub("", each) for each in (whole[:middle], whole[middle:])]
        if halves[0] and halves[0] == halves[1]:
            return " " * middle + whole[middle:]
    return whole


def _rendered(latex: str) -> str:
    """The letters and digits that are seen of some LaTeX."""
    for _, command, seen in rows("SEEN"):
        latex = re.sub(command, seen, latex)
    return latex


def front_matter(text: str) -> re.Match[str] | None:
    """The line at the top of a page that names its network."""
    whole = FRONT_MATTER.match(text)
    return NAMED_THERE.search(text, 0, whole.end()) if whole else None


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]
