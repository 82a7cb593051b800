r"""A document of any kind as a stream of items: mathematics, lines, tables, words between them.

Nothing but the text itself is looked at: no command runs, no other file is opened.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import chain, pairwise
from json.decoder import py_scanstring  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from operator import itemgetter
from typing import Any, NamedTuple

from backcalc.errors import BackcalcError, Place
from backcalc.formulas import record
from backcalc.reading import web
from backcalc.reading.asciidoc import SHOWN, as_markdown
from backcalc.reading.marks import marks, rewritten, rows
from backcalc.reading.pieces import STRIKING
from backcalc.reading.sessions import FIGURE, with_lists_in_line, with_results, with_statements
from backcalc.reading.signs import (
    AGAIN,
    CONDITIONS,
    CORRECTING,
    FUNCTION_NAMES,
    GRADIENT,
    MARKING,
    NEW,
    OLD,
    PASSES,
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
TWO_STAND = "two alternatives stand here"
MAX_CHARACTERS = 1_000_000
MAX_LINE = 20_000
MAX_ITEMS = 20_000
DOUBLED = re.compile(r"(?<![^\s=:\\])([^\s=:\\]{1,90}=[^\s=\\]{1,90})(?:\\| = )[^\n]{1,300}$", re.M)
"""A formula without blanks in which another sign of equality follows, or LaTeX."""
SIGNS_OF_LATEX = re.compile(r"\\[A-Za-z]+|[^A-Za-z0-9]")
MAX_COPIED = 300  # lines, and characters of one, in which copies of a formula are looked for

MATH = re.compile(
    r"(?<!\\)\$\$(?P<display>(?:(?!\n[ \t>]*(?:\n|\$\$[^\s$][^\n]*\$\$[ \t]*\n)).)+?)(?<!\\)\$\$"
    r"|(?<![\\$])\$`(?P<ticked>[^`\n]+)`\$"
    r"|(?<![\\$])\$(?!\$)(?P<inline>(?:[^$\n\\]|\\.|\\\n"
    r"|\n(?!\s*\n|[ \t>]*(?:[*+-]|\d+[.)])[ \t]+\$))+?)\$(?!\$)"
    r"|\\\[(?P<square>(?:(?!\n[ \t>]*\n).)+?)\\\]"
    r"|\\\((?P<round>(?:(?!\n[ \t>]*\n).)+?)\\\)"
    r"|(?P<env>\\begin\{(?P<name>align|alignat|aligned|gather|eqnarray|equation|multline|split|"
    r"displaymath|math|flalign|IEEEeqnarray|dmath)(?P<star>\*?)\}.+?\\end\{(?P=name)(?P=star)\})",
    re.DOTALL,
)
PASTED = ("text", "markdown")
FENCE = re.compile(
    r"^[ \t]*(```+|~~~+)[ \t]*([\w-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.M | re.S
)
MARKED = [re.compile(rf"^[ \t]*{mark}", re.M) for mark in (r"#+", r"//+", r"%+", r"--+")]
"""The marks before the lines of a comment in code, one in each language."""
STARRED = re.compile(r"^[ \t]*(?:/\*+|\*+/?)|\*+/[ \t]*$", re.M)
"""The marks of a comment between slashes and stars."""
FEWEST_MARKED = 3  # lines
NOTED = r"[ \t]*(?:#[^\n]*)?\n[ \t>]*"
MATRIX_BELOW = re.compile(
    rf"\[[ \t]*\[[^\[\]\n=]*\](?:,?{NOTED}\[[^\[\]\n=]*\])+[ \t]*\]"
    rf"|(?<![\w\\])\[(?:[^\[\]\n=#]*,{NOTED})+[^\[\]\n=]*\]"
)
"""A matrix of code whose rows stand below each other, perhaps with a remark behind one."""
ROW_BELOW = re.compile(rf"(?<=[\],]){NOTED}")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
PROMPT = re.compile(r"^[ \t]*(?:>>>[ \t]|(?:In|Out)[ \t]?\[\d+\]:)", re.M)
"""What Python prints before a line of a session."""
FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.M | re.S)
NAMED_THERE = re.compile(r"""^backcalc:[ \t]*(["']?)([^"'\n]*?)\1[ \t]*$""", re.M)
DRAWN = re.compile(r"\\begin\{tikzpicture\}.*?\\end\{tikzpicture\}", re.DOTALL)
LATEX_COMMENT = re.compile(
    r"(?<!\\)%[^\n]*|\\(?:tag\*?|note)\{(?:[^{}\n]|\{[^{}\n]*\})*\}"
    r"|\\begin\{minipage\}(?:\[\w\])*\{[^{}\n]*\}"
)
TIE = re.compile(r"(?<!\\)~")
"""A blank of LaTeX at which no line breaks, and no sign: p.~2."""
DEFINES = r"[ \t]*(?:def|class|return)\b|\w+[ \t]*=[ \t]*lambda\b"
"""How a line of code begins that defines a function, and says nothing of a quantity."""
LINK = re.compile(r"\]\((?!\d{1,2}\))[^)\s]*\)|https?://\S+|!\[[^\]]*\]|<[^<>\s]{1,80}@[^<>\s]+>")
NOTE = re.compile(r"(?m)^[^\n#=≈→:]*[=≈→:][^\n#]*?\S(?P<note>[ \t]+(?:#|//)[^\n]*)$")
"""What somebody notes behind an answer in plain text."""
NUMBERS_BEHIND = re.compile(
    r"(?m)^([ \t>]*[^\W\d]\w*'?[ \t]*=[^#=\n]*?[^\W\d][^#=\n]*)#(?=[ \t]+"
    r"(?:[-(\d][-\d.()+*/^ \t]*=[ \t]*-?[\d.]+|-?\d+\.\d+)[ \t]*$)"
)
"""A formula and the comment that goes on with its numbers: z = w * x + b  # 0.5*2 + 1 = 2."""
HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+.+|\\(?:sub)*(?:section|paragraph|chapter)\*?\{[^{}]*\}.*)$"
)
SECTION = re.compile(r"\\(?:sub)*(?:section|paragraph|chapter|part)\*?\{((?:[^{}]|\{[^{}]*\})*)\}")
LIST_MARK = re.compile(
    r"[ \t>]*(?:(?:[-*+•–]|\(?\d{1,3}[.)]|\(?[a-h]\))[ \t\xa0]+"
    r"(?:(?:\[[ xX]\]|\d{1,2}\)(?=[ \t]+[^\W\d]))[ \t]+)?)?"
)
POINT = re.compile(
    r"^(?P<before>[ \t>]*)(?:(?P<sign>[^\x00-\x7f\s]\S{0,4})[ \t\xa0]+(?![=≈])"
    r"|(?:(?P<letter>o)|\(?\d{1,2}(?:\.\d{1,2})*(?:\.?[º°ª]\.?|\.?[)\]:])|\d(?:\.\d{1,2})+\."
    r"|[\[#]\d{1,2}[\]:.)]?|\(?(?:[A-Za-z]|[ivxIVX]{1,5})(?:\)|\.(?![ \t][A-Za-z]{1,2}\.))"
    r"|\d\ufe0f?\u20e3)[ \t\xa0]+(?=[^\W\d]|[∂∇$\\`*(]))",
    re.M,
)
"""A sign alone before a line, or its number or letter, that may mark it as a point of a list."""
WORD_OF = re.compile(r"[^\W\d_]+")
DOUBTED_POINTS = "·∙⋅∘—―"
"""Signs of points that may also go on with the formula of the line above."""
DENYING = "✗✘❌❎✖✕☒🚫⛔👎"
"""Signs before a line that may take it back."""
ROW_END = re.compile(r"\\\\\*?(?:\[[^\]]*\])?|\\hline|\\(?:top|mid|bottom)rule|\\end(?:first)?head")
TABLE_RULE = re.compile(r"^[ \t>]*\|?[ \t]*:?-{1,}:?[ \t]*(?:\|[ \t]*:?-{1,}:?[ \t]*)*\|?[ \t]*$")
TABULAR = re.compile(
    r"\\begin\{(tabular|longtable|tabularx|tabulary)\*?\}(.*?)\\end\{\1\*?\}", re.S
)
IN_WORDS = re.compile(r"\s*\\(?:text(?:bf|rm)?|mathrm|mbox)\s*\{")
ARRAY = re.compile(
    r"\s*(?:\\left\W\s*)?\\begin\{array\}(?P<cells>\{[^{}=]*\}[^\\=]*"
    rf"(?=[^=]*?\\\\)(?:(?!\\\\|=).)*?{IN_WORDS.pattern}(?:(?!\\\\|=).)*\\\\(?:(?!\\begin\{{).)*)"
    r"\\end\{array\}\s*(?:\\right\W)?[\s.,]*",
    re.DOTALL,
)
"""A display that is a table, with words at its head."""
BAR = re.compile(r"\|")
TICKED = re.compile(r"(`+)([^`\n]+)\1")
BLANK_LINES = re.compile(r"\n+")
RULE = re.compile(r"[ \t]*(?:[-─=_━][ \t~]*){4,}")
RULER = re.compile(r"[ \t]*=+(?:[ \t]+=+)+[ \t]*")
"""A line of reStructuredText that says where the columns of a table begin."""
HEADED = re.compile(r"[^\W\d_]")
"""What stands in a cell that may be the title of a column."""
COLUMN = re.compile(r"\t[ \t]*|(?:(?<![=≈ ])|(?<=[ ]{2}[=≈]))[ ]{2,}")
TAB = re.compile(r"\t")
COUNTING = re.compile(r"\b[tkn] ?= ?\d\b")
"""A title that says after how many steps it is."""
MOST_IN_TITLE = 6  # words of a line in a table that is the title of some rows
APART, PRINTED = re.compile(r"\S+"), re.compile(FIGURE)
DECIMAL = re.compile(r"[-−+]?\d*[.,]\d+")
STRUCK = re.compile(
    r"~~(?=\S)[^~\n]+(?<=\S)~~|<(del|s|strike)>[^<\n]*</\1>|\\(?:sout|st)\{[^{}\n]*\}"
    r"|(?<=[=≈] )\\[bx]?cancel\{[-−\d., ]+\}(?=[ ,;!\\]*[-−]?\d)"
)
DISOWNED, WRONG, SCRATCH, ATTEMPT, IGNORED = (
    "|".join(phrases(name)) for name in ("DISOWNED", "WRONG", "SCRATCH", "ATTEMPT", "IGNORED")
)
ATTEMPTED = re.compile(
    rf"^[^\w\n]*(?:\w{{2,5}}[ \t]+)?(?:{ATTEMPT}|{SCRATCH})"
    rf"(?:[ \t]*\([^()\n=≈]{{0,40}}\)|[ \t]*[,–—-]?[ \t]*(?:{WRONG}|{IGNORED})[ \t]*[!.]*)?"
    r"[ \t:*_#]*\n(?:[ \t]*\n)?(?P<block>(?:[^\n]*[=≈|][^\n]*(?:\n|\Z))+)",
    re.I | re.M,
)
"""The title of an attempt that does not count, and the statements right below it."""
CROSSED_OUT = re.compile(
    rf"[(\[{{][ \t]*(?:{DISOWNED})[ \t]*[.!]?[)\]}}]"
    rf"|^[^\w\n]*(?:{DISOWNED})(?:[ \t]*:|[ \t]+(?=[^\s=≈]{{1,40}}[ \t]*[=≈]))"
    rf"|(?<=[\d)\]$*`])[ \t]*(?:<?[-–—]+|←|[(\[,;])?[ \t]*(?:{WRONG})(?!\w)[^\n=≈]*$"
    rf"|^[^\w\n]*(?:{SCRATCH}|{WRONG})[ \t]*:|(?<=[\s,;–—-])(?:{DISOWNED})[ \t.!*_]*$"
    r"|^[^\w\n]*X{3,}(?=[ \t])|(?<=[ \t])X{4,}[ \t]*$"
    r"|(?:^[ \t>*+-]*|[,;][ \t]+)(?P<rest>(?:not|nicht|pas|niet|inte|ikke|не)[ \t]+"
    r"[*_$`]*(?=[^\W\d_][^\s=≈]{0,40}[ \t]*[=≈]))",
    re.I | re.M,
)
"""A mark of such a line, of scratch work, or of what is denied."""
SCAFFOLD = re.compile(r"\\(?:begin|end)\{[^{}]*\}(?:\{[^{}]*\})?|\\\\|&")
"""What stays of such a line, as others stand around it in a display."""
OR = re.compile(
    rf"[ \t,]+(?:{'|'.join(phrases('OR'))})[ \t]+"
    r"(?=(?:(?P<name>[^\s=≈]{1,40})[ \t]*[=≈](?P<two>[^;]{1,200})"
    r"|(?P<alone>\$?[-−]?\d+(?:[.,]\d+)?\$?)[ \t]*\.?$))",
    re.I,
)
"""A word between two statements of one quantity of which only one can hold."""
STATED = re.compile(r"([^\s=≈]{1,40})[ \t]*[=≈]")
LONGEST_MARKED = 2000  # characters of a line
PLAIN_NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)?(?:/\d+)?")
EMPHASIS = re.compile(r"(?<![^\s(])\*((?:[^\W\d_]{4}|[^\W\d_]+ )[^\W\d_ -]*:?)\*(?![\w*($])")

ELIDED = re.compile(r"(?<![\w\\])(?:l|d|un|dell|all|nell|sull)['’](?=[^\W\d_]{3})", re.IGNORECASE)
"""An article that is glued to its word: l'erreur, dell'errore."""
DIGITS_KEPT = re.compile(
    r"[(\[](?:[^\W\d]{2,9}[ ~]+){0,2}\d(?:[ ~]|\\[ ,;])*(?:[ds]\.?[ ]?[pdf]\.?|c\.?s\.?|dec\.|NK"
    r"|sig\w*\.?(?:[ ]fig\w*\.?)?|(?:Nachkomma)?[Ss]tellen|d[eé]cimal(?:e?s| places)?)[)\]]",
    re.IGNORECASE,
)
"""A remark that says to how many digits a figure is given: (3 d.p.), (rounded to 4 s.f.)."""
IN_LATEX = marks("IN_LATEX")
TYPESET = IN_LATEX + marks("TYPESET")
CARETS, PAGED, OFF_SCANNER, KEYS, TYPST, LIST_CELLS = map(
    marks, ("CARETS", "PAGED", "OFF_SCANNER", "KEYS", "TYPST", "LIST_CELLS")
)
WIDE = {sign: sign - 0xFEE0 for sign in range(0xFF01, 0xFF5F) if chr(sign) not in "，：；"}
WIDE |= dict.fromkeys(map(ord, "✅✓✔☑\ufe0f"), 0x20)
"""Signs of double width as plain ones, but for those that part statements; ticks as blanks."""
CARET = re.compile(r"\b([yo])\^(\d)[ )]{0,2}[-−–][ (]{0,2}[yt]_?\2\b")
"""An output with its hat behind it, less its target: y^1 - y1."""
OFF_PAGE = re.compile(r"ˆ|^[∂d][^\W\d_]$", re.M)
"""What shows that a text comes off a page of a PDF."""
DASHED = re.compile(r"[=≈(*] {0,3}— ?\d")
"""What shows a scanned sheet."""

LETTERED = re.compile(r"(?<![\w.\\])(?=[\d.]*[Ol])[\dOl]*\.[\dOl]+(?!\w)")
"""A decimal in which a scanner has seen letters: O.l97."""
FEWEST_LETTERED = 4  # such decimals on a sheet, of which each is then taken so
LETTERED_COMMA = re.compile(
    r"(?:[=≈(*·×+−-]|\\cdot|\\times|\\approx)[ ]?"
    r"(?=\d*[Ol])[\dOl]+(?:,|\{,\})(?=[\dOl]*\d)[\dOl]+(?!\w)"
)
"""The same with a comma, behind a sign: = O,243."""
LONE_L = re.compile(
    r"(?<=[=+*x–-] )l(?=[ \t)]|$)|(?<=\()l(?= ?[-+*–])|(?<=[<>] )O(?=[ \t)]|$)", re.M
)
"""A 1 on such a sheet that stands alone, and a nought behind a sign."""
AS_DIGITS = str.maketrans("Ol", "01")

ENTITY = re.compile(r"&(?:[A-Za-z]\w{1,11}|#\d{2,6}|#x[\da-fA-F]{2,5});")
"""A sign of HTML by its name or number."""
GRID = re.compile(r"^[ \t]*\+(?:[-=:]{3,}\+)+[ \t]*$", re.M)
"""A rule between the rows of a table that is drawn with signs."""
QUOTED = re.compile(r"^[ \t]*>[> \t]*", re.M)
"""The start of a line in a quotation."""
QUOTE = re.compile(
    r"(?P<by>(?:wrote|writes|schrieb|écrit|escribió|scritto|asked) ?:[ \t]*\n\s*)?"
    r"(?P<lines>(?:^[ \t]*>(?!>>[ \t])[^\n]*(?:\n|\Z))+|^-+ ?Original Message ?-+\n(?s:.*)"
    rf"|(?P<posted>(?i:{web.QUOTED})))",
    re.M,
)
"""Lines of another that are quoted, with the words before them."""
ASKED = re.compile(r"[?]|wrote ?:|Original Message|\[(?i:quote)[ =]")
"""What shows that quoted lines are another's."""
QUOTED_STATEMENT = re.compile(r"^[ \t>]*(?:[^\s=≈]+[ \t]+){0,2}[^\s=≈]*[ \t]*[=≈].*", re.M)
"""A line of those that begins with a statement, and not with words."""
CLOCK = (
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?[ ])?(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
    r"(?:[ \u202f]?[AaPp][Mm])?"
)
SPEAKER = r"[^\W\d_][^:=\n<>()\[\]\d+*/^·∙|]{0,30}?"
MESSAGE = re.compile(
    rf"^[ \t\u200e]*(?:\[?{CLOCK}\]?(?:[ ][-–])?[ ]*<?(?P<by>{SPEAKER})(?:>|:(?=\s))"
    rf"|(?P<before>{SPEAKER})(?:[ ](?:[—–-]|at)|,)?[ ]+[(\[]?(?:Today at )?{CLOCK}[)\]]?"
    r"(?::(?=\s)|[ ]*$))",
    re.M,
)
"""The head of a message in a chat: its time, and who wrote it."""
STATES = rf"[=≈→]| (?:{'|'.join(sorted(VERBS))}) "
SAYING = re.compile(rf"[^\n]*(?:{STATES})[^\n]*\d[^\n]*")
"""A line of a message that states something."""
TITLES = PASSES | GRADIENT | NEW | OLD | AGAIN | words("backward backprop rückwärts forward")
"""Words that are no one's name: those of a diary of one's own."""
QUOTED_LINES = re.compile(r"^[ \t]*>[^\n]*$", re.M)
SENT = re.compile(r"\s*(?:From|Von|De|Subject|Betreff|Objet|To|An): ")
"""The head of a mail."""
UNQUOTED = re.compile(
    r"^(?![ \t]*>)[^\n]*(?:[^\s=<>!][ \t]*[=≈][ \t]*[^\s=]|\w'*:[ \t]+[-−]?\d+[.,]\d)", re.M
)
"""A line of one's own that states something."""
KEYED = re.compile(r"^[^\n]*['\"][^\"\n]{1,40}['\"][ \t]*:[^\n]*$", re.M)
"""A line of a dictionary that Python prints."""

REMARK_BETWEEN = re.compile(
    r"(?<=\S)(?:[ \t]{2,}\([^()\n=≈]*[^\W\d_]{3}[^()\n=≈]*\)"
    r"|[ \t]+(?:←|⟵|⇐|<--?|→|-->|#|//|--)[ \t]+[^\W\d_]{2}[^\n=≈]*)"
    r"(?=[ \t]*\n[ \t>]*[=≈][ \t])"
)
"""A remark at the end of a line, in brackets or behind an arrow, where the next one goes on."""
TELLING = (
    words("plus minus times mal fois por per")
    | CORRECTING - {"no"}
    | CONDITIONS
    | NEW
    | OLD
    | SUPPOSED
    | UNREAL
)
"""Words for which a remark may change what is said."""
BARE_DISPLAY = re.compile(
    r"^([ \t>]*)\[([ \t]*\n(?:(?![ \t>]*[\[\]]?[ \t]*$)[^\n]*\n){1,12}[ \t>]*)\]([ \t]*)$",
    re.MULTILINE,
)
"""A display whose brackets have lost their backslashes, as where a chat is pasted."""
EQUATION_NUMBER = re.compile(
    r"(?:(?<=[\w.,$'])[ ]{6,}|(?<=[\d)}\].,$])(?:[ ]{2,}|[ ]*\t[ \t]*))"
    r"\((?P<number>\d{1,2}(?:\.\d{1,2})?)\)(?=[ \t]*$)",
    re.M,
)
"""The number of an equation at the end of its line, far behind it."""
_PARTED = rf"(?:{'|'.join(phrases('NUMBERED') + phrases('PARTED'))})\.?[ ~]?"
_DOTTED = r"[1-9]\d?(?:\.[1-9]\d?){1,2}"
PART_NUMBER = re.compile(
    rf"\({_PARTED}{_DOTTED}\)|(?<![\w\\])(?=[^\W\d_]+\.?[ ~]?\(?[1-9]\d?\.){_PARTED}"
    rf"(?:{_DOTTED}|\({_DOTTED}\))(?![\w.,]?\d)[.:)]?"
    rf"|^[ \t>*#]*(?:\\textbf\{{|\*\*|\$?\\mathbf\{{){_DOTTED}[.):]?(?:\*\*|\}}\$?)"
    r"[.:]?(?=[ \t]+\W*[^\W\d_]{3})"
    rf"|^[ \t>*#]*{_DOTTED}[.):]?(?=[ \t]+(?-i:[A-ZÀ-Þ])[^\W\d_]{{2,}}[^=≈\d\n]*(?::|$))"
    rf"|^[ \t>*#]*(?:{_PARTED}|(?-i:Q)[ ]?)?\d{{1,2}}\.?[ ]?\(?[a-h]\)[.:]?(?=[ \t])",
    re.IGNORECASE | re.MULTILINE,
)
"""The number of a part of a sheet or of an equation: Step 3.1, (eq. 2.4), Exercise 2a)."""
PAGE_NUMBER = re.compile(
    r"^[ \t]{16,}(?:(?P<dash>[-–—]) ?)?(?P<number>\d{1,2})(?(dash) ?[-–—]|(?: ?/ ?\d{1,2})?)"
    r"(?=[ \t]*$)",
    re.M,
)
"""The number of a page in the middle of a line of its own."""
SPECKS = re.compile(
    r"^[ \t]*(?:\||(?=[^\n]*[~.,'])[~.,'|-](?:[ \t]+[~.,'|-])+)[ \t]*$"
    r"|^[ \t]*(?=[.,;'|-]*~)[~.,;'|-]{2,}(?:[ \t]+[.,;'|]{1,2})*(?=[ \t]+[^\W\d])"
    r"|^[ \t]{16,}[-–—][ \t]+[Il\d][ \t]+[-–—][ \t]*$"
    r"|^[ \t]*(?:[-–—] ?\d{1,2} ?[-–—]|\d{1,2} ?/ ?[\dlO]{1,2}[ \t]+Scanned[^\n=≈]*)(?=\s*\Z)",
    re.M,
)
"""Signs of a scan on a line of their own or before one, and what stands at the foot of a page."""
MOST_BETWEEN = 2  # from one number to the next
SHORTEST_PAGE = 8  # lines
PAGE_END = re.compile(r"\s*\Z|[ \t]*\n[ \t]*[\n\f]")
BOX = re.compile(
    r"\\(?:boxed|fbox|underline|mathbf|boldsymbol|bm|textcolor ?\{\w*\}|colorbox ?\{\w*\})"
    r"[ ]?\{"
)
"""The start of a box, or of what else makes a statement stand out."""
RELATED = re.compile(r"[=≈]|\\approx\b")
JOINING = re.compile(r"(?:[=≈+*/(-]|\\approx|\\cdot)[ ]*\Z")
"""A sign before a box that goes on in it."""

LIST_TABLE = re.compile(r"^\.\. list-table::[^\n]*\n(?:[ \t]*\n|[ \t]+[^\n]+\n?)*", re.M)
TYPST_HEADING = re.compile(r"^(=+)(?= )", re.M)
QUOTED_CELL = re.compile(r'"([^"\n]*)"|[,;]')
"""A cell in quotes, or what stands between two cells."""
SPACED_NUMBER = re.compile(r"\d \. \d")
SPACED_TEX = re.compile(r"[_^] ?\{|\\[A-Za-z]+ ?\{")
"""Signs of LaTeX as character recognition sets it, without dollars around it."""
COMMAND = re.compile(r"\\(?:operatorname|mathrm|text) ?\{[^{}]*\}|\\[A-Za-z]+")
WORD = re.compile(r"[^\W\d_]{3}")


class Span(NamedTuple):
    """A stretch of the document."""

    start: int
    """Offset of its first character."""
    end: int
    """Offset behind its last one."""
    math: bool
    """Whether blanks mean nothing in it, as in TeX."""


@record(frozen=True, slots=True)
class Item:
    """What is read in one go: a display, a line, a row's cells; or words that say what follows."""

    kind: str
    """math, line, heading, table or code."""
    spans: tuple[Span, ...] = ()
    """The stretches, in order."""
    rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
    """For a table its rows of cells, the head first; each cell in stretches."""
    headed: bool = True
    """For a table whether its first row is a head."""

    @property
    def start(self) -> int:
        """The offset of its first character; -1 if all its cells are empty."""
        cells = (span for row in self.rows for cell in row for span in cell)
        return next((span.start for span in (*self.spans, *cells)), -1)


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
        whole = _cells(whole, self.file)[0] if self.lines else whole
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


def _quotations(text: str) -> list[re.Match[str]]:
    """The stretches of a text that quote another's lines; with nothing else they are one's own.

    So is a displayed formula without figures, which Markdown sets apart as an aside.
    """
    found = [*QUOTE.finditer(text)] if any(s in text for s in (">", "Original", "[/")) else []
    found = [each for each in found if ASKED.search(each[0]) or each["by"] or (
        "$$" not in each[0] or re.search(r"\d[.,]\d", each[0])
    )]  # fmt: skip
    posted = [each.span() for each in found if each["posted"]]
    if not found or not UNQUOTED.search(blanked(text, posted)):
        return []
    own = _stated(QUOTED_LINES.sub("", text))
    mail = SENT.match(text)
    return [
        q for q in found
        if mail or q["by"] or q["posted"] or ASKED.search(q[0]) or _stated(q[0]) & own
    ]  # fmt: skip


def _stated(text: str) -> set[str]:
    """What a text gives a number, without primes and marks."""
    found = re.findall(r"(\S+)[ \t]*[=≈][ \t]*[-−]?\d[\d.,]*(?!\S)", text)
    return {re.sub(r"\W", "", name) for name in found}


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
        raise BackcalcError(
            "this is a web page with formulas that a browser sets", Place(file), hint
        )
    lines: list[int] = []
    cells: list[str] = []
    code: list[tuple[int, int]] = []
    if kind == "notebook":
        text, lines, cells, code = _cells(text, file)
    whole = Document(file, "markdown" if page else kind, text, lines=lines, cells=cells)
    if page:
        kind, text = "markdown", web.as_markdown(text)
    if kind == "markdown" and SHOWN.search(text):
        text = as_markdown(text)
    text = _without_marks(text) if kind == "text" else text
    text = with_statements(text) if kind in ("text", "markdown") else text
    for quote in _quotations(text) if answering and kind in ANSWERING else ():
        text = blanked(text, [quote.span("lines")])
        if not (quote["by"] or ASKED.search(quote[0])):
            start, lines_in = quote.start("lines"), QUOTED_STATEMENT.finditer(quote["lines"])
            whole.quoted += [(start + m.start(), start + m.end()) for m in lines_in]
    if kind in ANSWERING and web.POSTED.search(text):
        text = web.posted(text)
    messages = [*MESSAGE.finditer(text)] if answering and kind in ANSWERING else []
    if len(messages) > 1:
        text, others = _with_messages(text, messages)
        whole.quoted += others
    text = _with_points(text)
    text, whole.disowned = _without_disowned(text)
    text = without(text if kind == "latex" else with_results(text))
    work = text = text.translate(WIDE)
    if kind == "latex":
        whole.macros, places = macros_in(text)
        marks = [span for each in (LATEX_COMMENT, STRUCK) for span in _spans(each, text)]
        work = TIE.sub(" ", blanked(DRAWN.sub(_labels, text), [*places, *marks]))
        begun = re.search(r"\\begin\{document\}", work)
        if begun:
            work = blanked(work, [(0, begun.end())])
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
        if file.lower().endswith(".typ"):
            work = rewritten(TYPST_HEADING.sub(lambda m: "#" * len(m[1]), work), TYPST)
        if ".. list-table::" in work:
            work = LIST_TABLE.sub(lambda m: rewritten(m[0], LIST_CELLS), work)
        work = BARE_DISPLAY.sub(lambda m: f"{m[1]}${m[2]}${m[3]}", work)
        work = rewritten(work, TYPESET)
        if CARET.search(work):
            work = rewritten(work, CARETS)
        if "'" in work or '"' in work:
            work = KEYED.sub(lambda m: rewritten(m[0], KEYS), work)
        if kind == "text" and OFF_PAGE.search(work):
            work = rewritten(work, PAGED)
        elif kind == "text" and len(LETTERED.findall(work)) >= FEWEST_LETTERED:
            for mark in (LETTERED, LONE_L):
                work = mark.sub(lambda m: m[0].translate(AS_DIGITS), work)
        if kind == "text" and "—" in text and DASHED.search(text):
            work = rewritten(work, OFF_SCANNER)
        elif kind == "text" and (sign := _separator(work, file)):
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
    work = blanked(work, _spans(PART_NUMBER, work))
    if LETTERED_COMMA.search(work) and comma_in(work) != ".":
        work = LETTERED_COMMA.sub(lambda m: m[0].translate(AS_DIGITS), work)
    whole.comma = comma_in(work)
    for item in _items(work, kind, code):
        whole.items.append(item)
        if len(whole.items) > MAX_ITEMS:
            raise BackcalcError(f"a sheet of more than {MAX_ITEMS} lines", Place(file))
    whole.work = work
    return whole


def _without_remark(remark: re.Match[str]) -> str:
    """Blanks for a remark at the end of a line, unless a word of it tells how the line is meant."""
    words = {word.casefold() for word in WORD_OF.findall(remark[0])}
    return remark[0] if words & TELLING else " " * len(remark[0])


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
    follow = all(
        one[:-1] == two[:-1] and 0 < two[-1] - one[-1] <= MOST_BETWEEN
        for one, two in pairwise(counts)
    )
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


def _without_disowned(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """A text without statements that are crossed out or one of two, and where these stand."""
    found: list[tuple[int, int, str]] = []
    low = text.casefold()
    marking = [word for word in MARKING if word in low]
    attempts = [each.span("block") for each in ATTEMPTED.finditer(text) if _stands_again(each)]
    at, lines = 0, text.split("\n")
    for number, line in enumerate(lines):
        start, at = at, at + len(line) + 1
        if len(line) > LONGEST_MARKED or not ("=" in line or "≈" in line or "|" in line):
            continue
        low = line.casefold()
        mark = CROSSED_OUT.search(line) if any(word in low for word in marking) else None
        tried = any(begin <= start < end for begin, end in attempts)
        if not (mark or tried) and not _has_alternatives(line):
            continue
        first = mark.start("rest") if mark and mark["rest"] else 0
        found.append((start + first, start + len(line), STRIKING if mark or tried else TWO_STAND))
        spans = [m.span() for m in SCAFFOLD.finditer(line)]
        spans += [m.span() for m in BAR.finditer(line) if line.lstrip().startswith("|")]
        spans += [m.span() for m in re.finditer(r"\$\$", line) if line.count("$$") % 2]
        left = [*line[:first], *" " * (len(line) - first)]
        for begin, end in spans:
            left[begin:end] = line[begin:end]
        lines[number] = "".join(left)
    return "\n".join(lines) if found else text, found


def _stands_again(attempt: re.Match[str]) -> bool:
    """True if all that an attempt states stands elsewhere as well."""
    text, (start, end) = attempt.string, attempt.span("block")
    named = [STATED.search(line) for line in attempt["block"].splitlines()]
    others = {each[1] for each in STATED.finditer(text[:start] + "\n" + text[end:])}
    return any(named) and all(each[1] in others for each in named if each)


def _has_alternatives(line: str) -> bool:
    """True for a line that gives one quantity two numbers with an or between them."""
    for joint in OR.finditer(line) if " " in line else ():
        before = line[max(joint.start() - 200, 0) : joint.start()]
        for name in STATED.finditer(before):
            one = before[name.end() :]
            alone = bool(joint["alone"]) and ";" not in one and not STATED.search(one)
            same = bool(joint["name"] == name[1])
            if (alone or same) and _differ(one, joint["two"] or joint["alone"]):
                return True
    return False


def _differ(one: str, two: str) -> bool:
    """True unless the last number of one text and of another round to the same."""
    told = [
        PLAIN_NUMBER.findall(each.replace("−", "-").replace(",", "."))[-1:] for each in (one, two)
    ]
    if not all(told):
        return True
    (first,), (second,) = told
    digits = [len(each.partition(".")[2]) for each in (first, second) if "/" not in each]
    try:
        gap = abs(Fraction(first) - Fraction(second))
    except ZeroDivisionError:
        return True
    return gap > Fraction(51, 100) / Fraction(10) ** min(digits, default=9)


def _with_messages(
    text: str, messages: Sequence[re.Match[str]]
) -> tuple[str, list[tuple[int, int]]]:
    """A chat with each message as a point of a list, and what others than its author state.

    What a partner says of quantities of which nobody else says anything is an answer of both.
    """
    ends = [*(each.start() for each in messages[1:]), len(text)]
    by = [head["by"] or head["before"] for head in messages]
    lines = [
        [line.span() for line in SAYING.finditer(text, head.end(), end)]
        for head, end in zip(messages, ends, strict=True)
    ]
    said: dict[str, list[tuple[int, int]]] = {name: [] for name in by}
    for name, places in zip(by, lines, strict=True):
        said[name] += places
    author = max(said, key=lambda name: sum("=" in text[slice(*p)] for p in said[name]))
    diary = any(TITLES & {*WORD_OF.findall(name.casefold())} for name in said)
    named = {place: _first_name(text[slice(*place)]) for place in chain(*said.values())}
    people = Counter(chain(*({named[place] for place in each} for each in said.values())))
    own: set[tuple[int, int]] = set()
    for name, places in said.items():
        alone = {p for p in places if people[named[p]] == 1 and "?" not in text[slice(*p)]}
        taken = diary or name == author
        own |= {*places} if taken else alone if 2 * len(alone) >= len(places) else set()
    found, at = list[str](), 0
    for head, end, name, places in zip(messages, ends, by, lines, strict=True):
        edges = [head.end(), *chain(*(place for place in places if place in own)), end]
        gaps = [] if diary or name == author else [*zip(edges[::2], edges[1::2], strict=True)]
        gaps = [(first - head.end(), last - head.end()) for first, last in gaps]
        found += [text[at : head.start()], f"{'•':<{len(head[0])}}"]
        found.append(blanked(text[head.end() : end], gaps))
        at = end
    return "".join(found), sorted(named.keys() - own)


def _first_name(line: str) -> str:
    """What stands before the first sign of a line, without its marks."""
    return re.sub(r"\W", "", re.split(rf"\s*(?:{STATES})", line, maxsplit=1)[0].split(" ")[-1])


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
        several = named and sign == ";"  # tables of different widths
        if len(lines) > 2 and 0 not in counts and (len(counts) == 1 or several):
            return sign
    return ""


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


# Notebooks.


class _Text(str):
    """A string of a JSON text that knows where it stands."""

    at: int


def _cells(text: str, file: str) -> tuple[str, list[int], list[str], list[tuple[int, int]]]:
    """The cells of a notebook as one text, for each line where it is, and where code stands."""

    def string(source: str, at: int, strict: bool = True) -> tuple[str, int]:
        value, end = py_scanstring(source, at, strict)
        placed = _Text(value)
        placed.at = at
        return placed, end

    decoder: Any = json.JSONDecoder()
    decoder.parse_string = string
    decoder.scan_once = py_make_scanner(decoder)
    try:
        whole = decoder.decode(text)
        cells = whole["cells"]
        sources = [
            (f"cell {number}, {what}line", kind, source)
            for number, cell in enumerate(cells, 1)
            for what, kind, source in (
                ("", cell.get("cell_type"), cell.get("source", "")),
                *(
                    ("output, ", "code", out.get("text") or out["data"]["text/plain"])
                    for out in cell.get("outputs", ())
                    if out.get("text") or "text/plain" in out.get("data", ())
                ),
            )
        ]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise BackcalcError("this is no notebook", Place(file), "save it once more") from None
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    written: list[str] = []
    lines: list[int] = []
    labels: list[str] = []
    code: list[tuple[int, int]] = []
    size = 0
    for label, kind, source in sources:
        first, above = size, len(written)
        for piece in source if isinstance(source, list) else [source]:
            if not isinstance(piece, _Text):
                raise BackcalcError("a cell of this notebook holds no text", Place(file))
            for line in piece.rstrip("\n").split("\n"):
                written.append(line)
                lines.append(bisect_right(starts, piece.at))
                labels.append(f"{label} {len(written) - above}")
                size += len(line) + 1
        written.append("")
        lines.append(lines[-1] if lines else 1)
        labels.append(f"{label} {len(written) - above}")
        size += 1
        if kind == "code":
            code.append((first, size))
    return "\n".join(written), lines, labels, code


# Items.


def _items(text: str, kind: str, code: Sequence[tuple[int, int]]) -> Iterator[Item]:
    """The items of a text in order."""
    blocks: list[tuple[int, int, str]] = [(start, end, "code") for start, end in code]
    if kind in ("markdown", "notebook", "text"):
        for match in FENCE.finditer(text):
            fence = [(match.start(), match.start(3)), (match.end(3), match.end())]
            if match[2] in ("backcalc", "mermaid"):  # the network that the figures are of
                fence = [match.span()]
            else:
                inside = "math" if match[2] == "math" else "code"
                blocks.append((match.start(3), match.end(3), inside))
            text = blanked(text, fence)
    math = [
        (*m.span(), *m.span(m.lastgroup or 0))
        for m in MATH.finditer(text)
        if not any(s <= m.start() < e for s, e, _ in blocks)
    ]
    tables = {m.span(): m.span(2) for m in TABULAR.finditer(text)} if kind == "latex" else {}
    arrays = {m[:2]: a.span(1) for m in math if (a := ARRAY.fullmatch(text, *m[2:]))}
    at = 0
    drawn = [(*span, "table") for span in tables], [(*span, "array") for span in arrays]
    for start, end, what in sorted([*blocks, *chain(*drawn)]):
        if start < at:
            continue
        yield from _lines(text, at, start, math, kind)
        if what == "math":
            yield Item("math", (Span(start, end, True),))
        elif what == "code":
            for line in re.finditer(rf"(?!{DEFINES})^[^\n]+", text[start:end], re.M):
                yield Item("code", (Span(start + line.start(), start + line.end(), False),))
        elif what == "array":
            yield from _tabular(text, *arrays[start, end], (), math=True)
        else:
            yield from _tabular(text, *tables[start, end], math)
        at = end
    yield from _lines(text, at, len(text), math, kind)


Math = Sequence[tuple[int, int, int, int]]


def _within(math: Math, start: int, end: int) -> Math:
    """The stretches that begin between two places."""
    first = bisect_left(math, start, key=itemgetter(0))
    return math[first : bisect_left(math, end, first, key=itemgetter(0))]


def _lines(text: str, start: int, end: int, math: Math, kind: str) -> Iterator[Item]:
    """The items between two places: whole displays, tables in Markdown, and lines."""
    at = start
    rows: list[tuple[int, int]] = []
    while at < end:
        if not rows and (blank := BLANK_LINES.match(text, at, end)):
            at = blank.end()
            continue
        stop, last = at - 1, at
        while stop < min(last, end):  # mathematics may go on over several lines
            stop = _line_end(text, last, end)
            inside = _within(math, at, stop)
            last = max((m[1] for m in inside), default=stop)
        if not rows and RULER.fullmatch(text, at, stop):
            at = stop + 1  # above the head of a table, or below its last row
            continue
        below = _columns(text, at, stop, end, math) if not rows and not inside else None
        if below:
            item, at = below
            yield item
            continue
        row = text[at:stop].lstrip(f" >\t{FILLER}")
        if row.startswith("|") and "\n" not in row and row.count("|") > 1:
            rows.append((at, stop))
        else:
            yield from _table(text, rows, math)
            rows = []
            if stop - at <= MAX_LINE:  # nobody writes a longer one
                yield from _line(text, at, stop, inside, kind)
        at = stop + 1
    yield from _table(text, rows, math)


def _line_end(text: str, at: int, end: int) -> int:
    """Where the line ends in which a place stands, or the stretch."""
    stop = text.find("\n", at, end)
    return end if stop < 0 else stop


def _columns(text: str, at: int, stop: int, end: int, math: Math) -> tuple[Item, int] | None:
    """A table in plain text with a rule below its head, and where it ends; None for no table."""
    below = _line_end(text, stop + 1, end)
    tabs = text.count("\t", at, stop)
    ruler = RULER.fullmatch(text, stop + 1, below)
    parts = [m.start() for m in re.finditer("=+", ruler[0])] if ruler else []
    headed = ruler or (COLUMN.search(text[at:stop].strip()) and "=" not in text[at:stop])
    boxed = text[below + 1 : below + 40].lstrip(" \t").startswith("|")  # a table of its own
    ruled = headed and not boxed and RULE.fullmatch(text[stop + 1 : below])
    pasted = (
        (tabs > 1 or (tabs and _has_two_columns(text)))
        and tabs in (text.count("\t", stop + 1, below), _tabs_behind_title(text, stop + 1, below))
        and "=" not in COUNTING.sub("", text[at:stop])
    )
    row = COLUMN.split(text[stop + 1 : below].strip()) if headed else []
    counted = len(row) > 2 and len(COLUMN.split(text[at:stop].strip())) == len(row) and (
        all(map(DECIMAL.fullmatch, row[1:])) and not re.search(r"\d", text[at:stop])
    )  # fmt: skip
    if not (ruled or pasted or counted):
        return _printed(text, at, stop, end)
    rows: list[tuple[tuple[Span, ...], ...]] = []
    heads: list[int] = []
    over_all = text[at:stop].rstrip().endswith("  all")
    column = TAB if pasted else COLUMN
    while at < end and text[at:stop].strip():
        if len(text[at:stop].split()) > MOST_IN_TITLE and not column.search(text[at:stop].strip()):
            break  # a sentence
        if not RULE.fullmatch(text[at:stop]):
            blanks = " " if pasted else None  # a tab before it is an empty cell
            first = at + len(text[at:stop]) - len(text[at:stop].lstrip(blanks))
            edges = [(m.start(), m.end()) for m in column.finditer(text, first, stop)]
            starts = [first, *(e for _, e in edges if e < stop)]
            ends = [*(s for s, e in edges if e < stop), stop]
            if parts:  # the columns of the ruler
                starts = [min(at + start, stop) for start in parts]
                ends = [*starts[1:], stop]
            places = {s - at: (s, e) for s, e in zip(starts, ends, strict=True)}
            heads = heads or [*places]
            ends_there = max(places) == heads[-1] or over_all  # else which cell is empty?
            if ends_there and len(places) < len(heads) and places.keys() <= {*heads}:
                places = {start: places.get(start, (at, at)) for start in heads}
            inside = _within(math, at, stop)
            rows.append(tuple(_spans_in(text, *place, inside) for place in places.values()))
        at = stop + 1
        stop = _line_end(text, at, end)
    return (Item("table", rows=tuple(rows)), at) if len(rows) > 1 else None


def _tabs_behind_title(text: str, at: int, stop: int) -> int:
    """The tabs of the row below a line that is the title of some rows; 0 where it is none."""
    titled = text[at:stop].strip() and "\t" not in text[at:stop]
    return text[stop + 1 :].partition("\n")[0].count("\t") if titled else 0


def _printed(text: str, at: int, stop: int, end: int) -> tuple[Item, int] | None:
    """A table as libraries print it: a word for each column, and below it this column's figures.

    A word on a line of its own below the head is the title of the first column.
    """
    heads, top = [*APART.finditer(text, at, stop)], at
    lettered = all(any(map(str.isalpha, each[0])) for each in heads)
    if len(heads) < 2 or not lettered or any(sign in text[at:stop] for sign in "=:*"):
        return None
    rows: list[tuple[tuple[Span, ...], ...]] = []
    at = stop + 1
    while at < end:
        stop = _line_end(text, at, end)
        words = [*APART.finditer(text, at, stop)]
        if not words:
            break
        label, *figures = words
        titles = heads if len(figures) == len(heads) else heads[1:]
        cells = figures if titles is heads else words
        below = len(cells) == len(heads) and all(
            (two is label or PRINTED.fullmatch(two[0]))
            and max(one.start() - top, two.start() - at) < min(one.end() - top, two.end() - at)
            for one, two in zip(heads, cells, strict=True)
        )
        if below:
            first = () if titles is heads else (_span(heads[0]),)
            rows = rows or [(first, *((_span(each),) for each in titles))]
            rows.append(tuple((_span(each),) for each in (label, *figures)))
        elif figures or rows or not label[0].isalpha():
            break
        at = stop + 1
    return (Item("table", rows=tuple(rows), headed=True), at) if rows else None


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), False)


@lru_cache(maxsize=2)
def _has_two_columns(text: str) -> bool:
    """True if there is a tab in each line of a text."""
    return all("\t" in line for line in text.strip().split("\n"))


def _line(text: str, at: int, stop: int, inside: Math, kind: str) -> Iterator[Item]:
    """One line, with the mathematics in it."""
    line = text[at:stop]
    if not line.strip():
        return
    heading = HEADING.match(line) if not inside or line.lstrip().startswith("#") else None
    if heading and kind != "answers":
        yield Item("heading", (Span(at, stop, False),))
        return
    if section := SECTION.search(line):
        title = Span(at + section.start(1), at + section.end(1), False)
        whole = section[0] == line.strip()  # what its title says stands in no bracket
        yield Item("heading", (Span(at, stop, False) if whole else title,))
        at, stop = title[:2] if whole else (at, stop)
    mark = LIST_MARK.match(text[at:stop])
    at += mark.end() if mark else 0
    scanned = not inside and is_scanned_formula(text[at:stop])
    spans = (Span(at, stop, True),) if scanned else _spans_in(text, at, stop, inside)
    if spans:
        yield Item("math" if all(s.math for s in spans) else "line", spans)


def is_scanned_formula(line: str) -> bool:
    """True for LaTeX without dollars whose digits stand apart: z _ { 1 } = 0 . 6 4."""
    if not SPACED_NUMBER.search(line) or not SPACED_TEX.search(line):
        return False
    return not WORD.search(COMMAND.sub("", line))


def _with_code(text: str, span: Span) -> Iterator[Span]:
    """A stretch of text with each piece of code in it apart, without its marks."""
    at = span.start
    if not span.math:
        for mark in TICKED.finditer(text, span.start, span.end):
            if text[at : mark.start()].strip():
                yield Span(at, mark.start(), False)
            yield Span(mark.start(2), mark.end(2), False)
            at = mark.end()
    if text[at : span.end].strip():
        yield Span(at, span.end, span.math)


def _table(text: str, rows: Sequence[tuple[int, int]], math: Math) -> Iterator[Item]:
    """A table in Markdown; rows that are none are lines."""
    if not rows:
        return
    cells = [tuple(_cells_of(text, start, end, math)) for start, end in rows]
    rules = [n for n, (start, end) in enumerate(rows) if TABLE_RULE.match(text[start:end])]
    kept = tuple(row for n, row in enumerate(cells) if n not in rules)
    second = rules[1] - 1 if len(rules) == 2 and rules[0] == 1 and rules[1] > 3 else 0
    if second and all(HEADED.search(text, c[0].start, c[-1].end) for c in cells[second] if c):
        yield from _table(text, rows[:second], math)  # two tables without a line between them
        yield from _table(text, rows[second:], math)
        return
    if len(rules) > 2:  # a row of a drawn table may have several lines
        ends = [*rules, len(rows)]
        parts = [cells[one + 1 : two] for one, two in pairwise(ends)]
        kept = tuple(
            tuple(tuple(s for cell in column for s in cell) for column in zip(*part, strict=False))
            for part in parts if part
        )  # fmt: skip
    if kept:
        yield Item("table", rows=kept, headed=rules[:1] == [1] or rules[:1] == [0])


def _cells_of(text: str, start: int, end: int, math: Math) -> Iterator[tuple[Span, ...]]:
    """The cells of one row of a table in Markdown."""
    inside = [m for m in _within(math, start, end) if m[1] <= end]
    bars = [
        n for n in (bar.start() for bar in BAR.finditer(text, start, end))
        if text[n - 1] != "\\" and not any(m[0] <= n < m[1] for m in inside)
    ]  # fmt: skip
    if not text[bars[-1] + 1 : end].strip():
        end = bars[-1]
    for left, right in pairwise([*bars, end]):
        if left < right:
            yield _spans_in(text, left + 1, right, inside)


def _spans_in(text: str, start: int, end: int, math: Math) -> tuple[Span, ...]:
    """The stretches of mathematics and of text between two places."""
    spans: list[Span] = []
    at = start
    for first, last, inner, outer in _within(math, start, end):
        if text[at:first].strip():
            spans.append(Span(at, first, False))
        spans.append(Span(inner, outer, True))
        at = last
    if text[at:end].strip():
        spans.append(Span(at, end, False))
    return tuple(part for span in spans for part in _with_code(text, span))


def _tabular(
    text: str, start: int, end: int, inside: Math, *, math: bool = False
) -> Iterator[Item]:
    """A table in LaTeX; if `math`, an array, whose cells are mathematics but for words."""
    start += len(match[0]) if (match := re.match(r"\s*\[[tbc]\]", text[start:end])) else 0
    if text[start : start + 1] == "{":
        start = argument(text, start)[1]
    rows = []
    at = start
    marks = [
        m
        for m in ROW_END.finditer(text, start, end)
        if not any(a < m.start() < b for a, b, *_ in inside)
    ]
    for mark in [*marks, None]:
        stop = mark.start() if mark else end
        cells = []
        left = at
        for bar in [n for n in range(at, stop) if text[n] == "&" and text[n - 1] != "\\"] + [stop]:
            if not any(m[0] < bar < m[1] for m in inside):
                left = bar - len(text[left:bar].lstrip())  # it begins on the line of its text
                spans = _spans_in(text, left, bar, inside)
                worded = not math or bool(IN_WORDS.match(text, left, bar))
                cells.append(spans if worded else tuple(s._replace(math=True) for s in spans))
                left = bar + 1
        if any(cells):
            rows.append(tuple(cells))
        at = mark.end() if mark else end
    if rows:
        yield Item("table", rows=tuple(rows))
