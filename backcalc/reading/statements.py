"""Statements to claims: which quantity, which chain of parts, said in which context."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import dropwhile, pairwise

from backcalc.equations.network import Unit
from backcalc.equations.optimizers import RATE
from backcalc.errors import BackcalcError
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import (
    Call,
    Expression,
    Name,
    Negation,
    Number,
    Product,
    Sum,
    names_in,
    rebuilt,
    replaced,
    walk,
)
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.chain_parts import ChainReader
from backcalc.reading.changes import CHANGE
from backcalc.reading.conventions import hear_notation
from backcalc.reading.defining import (
    define_by_index,
    define_lists,
    is_second_name,
    sign_for_all,
    slope_for_all,
)
from backcalc.reading.figures import ChainPart, Claim, bare_name, by_of, near, room_of, worked
from backcalc.reading.grammar import BIASES, END, WEIGHTS, Reader, lone_symbol, trimmed
from backcalc.reading.items import Span
from backcalc.reading.left_sides import UNIT_FUNCTIONS
from backcalc.reading.names import BY_ITSELF, ERRORS, OfMatrices, Symbol, Unreadable, shown
from backcalc.reading.pieces import CELLS, CORRECTED, Chain, Piece, Unread, written_plainly
from backcalc.reading.signs import BY, BY_ALONE, ERROR_WORDS, FUNCTION_NAMES, GRADIENT, OLD, saying
from backcalc.reading.tokens import Token, Tokens, tokens_of
from backcalc.reading.values import Value, all_names, quantities_of, same_shape, transposed
from backcalc.reading.vocabulary import Quantities, lengths, names_of

MAX_STATEMENTS = 10_000
FIRST = {word for word in OLD if len(word) > 2} - {"current"}
"""Words that say that a weight is as it was at the start."""
MOST_SAID = 3  # words right before a name, the last of which may be a noun
MAX_SIDES = 60  # of one chain
NAMING = ("word", "number")
BROKEN_OFF = regex(
    r"[ \t]*(?:\n[ \t\f]*)?\.\d|\n[ \t\f]*\.[ \t]*\n[ \t\f]*\d|[ \t]+,\d"
    r"|\.[ \t]{2,}\d|\.[ \t]*\n[ \t\f]*\d+(?!\d*[.)][ \t]+\S)"
    r"|[$.`]?\[[^\W\d]|\.?\$[.,]?\d|[ ]{2,}\d+(?=[;,])|\n\d{2,}(?=[ ]{2}|[;,])"
    r"|,(?:[ \t]{2,}|[ \t]+(?!2\d))\d+[ \t]*[=≈]|(?<=[\s=−-]\d),[ \t]*\n[\s>]*\d+(?![\d.,)])"
    r"|,[ \t]+\d+[ \t]*[*·×/+]|[ \t]*%[ \t]*[-+*/·](?![-+*/·=])|%[.,]?\d|[ \t]#[-+*/·](?![-+*/·=])"
)
"""The decimals of a number behind blanks or a new line."""
BROKEN_BEFORE = regex(
    r"/[ \t]*(?:(?:d|∂|\\partial)?[ \t]*\n[ \t\f>]*|(?:d|∂|\\partial)[ \t]*[:;.,]?)\Z|&[^\s=]+ ?;\Z"
    r"|(?<![^\s\d])[a-z]{3,};\Z|\\\\,\s*\Z"
)
"""The start of a derivative on the line before, or before a stray sign; or a sign of HTML."""
LONE_DIGIT = regex(
    r"[ \t]*\n[ \t\f]*(\d+)(?:[ ]{2,}(?=[^\W\d][^\n=≈]*[=≈])|[ ]{4}|[ ]*\t|[ \t]*(?:[\n\f]|\Z))"
)
"""Digits at the start of the next line, alone or apart from the statement behind them."""
DIGITS_BEHIND = regex(r"[^\w\n(\[{|&=]{0,3}\n?[ \t\f>]*(\d+)(?![.)\d])")
"""Digits behind a number, on its line or on the next."""
EQUATED = regex(r"[ \t]*\n[ \t\f>]*(?P<times>\*[ \t]*)?\d[\d.,]*[ \t]*[=＝]")
"""A number at the start of the next line before an equals sign, perhaps behind a star."""
STARRED = regex(r"[ \t]*\n[ \t>]*\*[ \t][^\n]*(?:\Z|\n(?![ \t>]*\*[ \t]))")
"""A star at the start of the next line alone: rather a sign of multiplication than a list's."""
WRAPPED_LETTER = regex(r"(?:[ \t]|<\w?)[^\W\d_]\n[^\W\d_]+[\w>]")
"""A letter by itself at the end of a line before a word, or the start of a sign of HTML."""
QUOTED_REST = regex(r"[ \t]*\n[ \t]*>[> \t]*(?:[+*/·=≈]|\\(?:cdot|times|approx)\b)")
"""The start of a line that is quoted and goes on with the one before."""
RUN_ON = regex(
    r"\\end\{\w+\}\*|[^=≈\s\\\]]\s*\\\[(?![\s&]*(?:[=≈]|\\approx))"
    r"|(?<!\\)(?<!\\\\)[^\s\\%][ \t]*%[^\n]*\\\\"
)
"""The end of an environment or a row that damage hides, or the start of a display."""
NUMBERED = regex(r"(\d{1,3})[.)][ \t]")
"""The mark of a point of a numbered list."""
ENDS = regex(
    r"(?![ \t$`]*(?:\[[^\]\n=]*|\n\[[^\]=]*\d)[?][ \t]*\])"  # 0.25 [unclear: 0.26?]
    r"(?![ \t]*\([^()\n]*\)[ \t]*(?:[\^²³*/·=≈]|\\cdot|\\times))"  # a factor, or a function's
    r"(?:[ \t\xa0\u2060]|\\[ ,;:!])*(?:\Z"
    r"|\$(?![^\W_\u3040-\ud7af]|[万亿億만]|\\(?!rule|q?quad)[a-z])|[`|}&]"
    r"|\\(?:\\(?!cdot|times|odot|sum|[dt]?frac|left|sqrt|max|exp)|[)\]]|[A-Za-z]+)"
    r"|[,.](?!\w)|,(?=[^\W\d]\w*[ \t]*[=≈])|…|[。，；、：]"
    r"|[;:](?!\d|[ \t]*(?:\([\d.,−-]+\)[ \t]*=|[x×*·][ \t]+[(−–-]?\d))"
    r"|=[ \t]*(?:\n|\Z)"  # a blank to be filled in
    r"|\n(?![ \t>]*(?:\([^()\n]*[-+*/·][^()\n]*\)(?![ \t]*[=≈])|[,;/·^=≈]|\\(?:cdot|times|[,;:!])"
    r"|[xX][ \t]+[\dO(][^\n]*[=≈]"
    r"|[-+*][ \t]*\n|[a-z]+;(?=\S)|\d+(?:(?!st|nd|rd|th)[^\W\d_]{2}|[$,;])))"
    r"|[ \t]?[\u2190-\u2bff\U0001f000-\U0001faff]"
    r"|\(?(?![万亿億만])(?=[\u3040-\ud7af])|[ \t]*\([ \t]*[=≈][ \t]*[\d./,−-]+[ \t]*\)"
    r"|(?<=[ \t\xa0])(?:(?:--|//)[ \t]*[^\W\d_]{2}|/[ \t]+(?:[^\W\d_]{2}|[^\W\d]\w*'?[ \t]*[=≈])"
    r"|(?![xX][ \t]+[–−-]?(?:\d|[Ol]\.|\())[^\W\d_]|[∂#(\[])|[-=]+>|<|[→⇒⟹∴])"
)
"""What may stand behind a statement. Anything else may be its rest."""
CHANGED = regex(r"\s*(?:\\to\b|→|->)[ \t]*[^\s,;$=]{1,9}[ \t]*(?:[,;$\n]|\Z)")
"""An arrow behind a number, and what should be the new one."""
BEGINS = regex(
    r"(?:\A|[\s\u2060$`|&{}*_)\]([,;.:。，；、：\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\\[A-Za-z]+"
    r"|\\[\\ ,;:!(\[])\Z"
)
"""What may stand before a statement."""
HANGING = regex(r"\\_[ \t]+\Z|(?:^|\s)[^\s_]+_[ \t]+\Z")
"""A sign of what stands low, whose name goes on behind a blank; but a word may end its stress."""
OF_BY = regex(
    rf"(?P<of>\S+)\s+(?:{'|'.join([*BY, *sorted(BY_ALONE)])}|w\.r\.t\.)\s+[$*`\s]*\Z", re.IGNORECASE
)
"""What the derivative is of that these words stand behind: of z2 with respect to w2."""
LONGEST_BY = 120  # characters in which they stand
COPIED = "\N{ZERO WIDTH SPACE}"  # in one of the three forms of a formula copied off a page
OPENED = regex(r"[(\[][^()\[\]\n]*\Z")
"""A bracket around a statement."""
SIGN_IN_BRACKETS = regex(r"[(\[]\$?((?:δ|\\?delta|Err)[^()=\n]{0,8}?):?=([^()=\n]{4,60}?)\$?[)\]]")
"""What an error term is, as a remark says it: (delta = -dE/dnet)."""
GAP = regex(r"(?:[ \t]|\\[ ,;:!\n])*(?:(?:\\\\)?[,;]|\\[,;:!])(?:[ \t]|\\[ ,;:!])*")
"""Commas and narrow gaps between two statements in one formula, perhaps with a row's end."""
DISPLAYS = regex(r"\$\$|\\\]\s*\\\[|\\end\{(?!\w*(?:matrix|array|cases)\*?\})\w+\*?\}\s*\\begin")
"""The end of a display and the beginning of the next one."""
RESULT_APART = regex(r"(?=[\s$]*[\n$])[\s$]+[=≈][ ]*[-\d]")
"""A number behind a formula that did not go on with it."""
BELOW = regex(r"[A-Za-z]\d\Z")
"""The numbered name by which a derivative is."""
BETWEEN = "words stand in the middle of this statement"
STEP_PART = "this may be the part of one step, and not the whole derivative"
NOT_AS_MANY = "more or fewer values are written here than the quantity has, namely {}"
GOES_ON = "what follows may belong to it, or be a statement whose name is lost"
PAIR = regex(
    rf"(?:^|(?<=\d)[ ]+)[ \t]*(?:(?:{'|'.join(sorted(GRADIENT))})[ \t]+)?"
    r"([^\W\d_][\w/∂']*)[ \t]+[-−]?\d*[.,]\d+(?=[ \t]*$|[ \t]+[^\W\d_])",
    re.M,
)
"""A name and a number with nothing but a blank between them, alone on a line or beside another."""


def is_range(said: Expression) -> bool:
    """True for a number less one that is nearly the same: 0.5549 - 0.5551."""
    terms = said.terms if isinstance(said, Sum) and len(said.terms) == 2 else ()
    if not all(isinstance(n, Number | Negation) for term in terms for n in walk(term)):
        return False
    ends = [worked(each, lambda name: None) or 0.0 for each in terms]
    return bool(ends) and 0 < abs(sum(ends)) * 20 < max(map(abs, ends))


@dataclass(eq=False)
class Statements(ChainReader):
    """Reads the claims of one statement after the other."""

    claims: list[Claim] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    named_formulas: list[tuple[int, int]] = field(default_factory=list)
    """The statements that only give a formula a name: e = y - yhat."""
    said: str = ""
    last: Chain | None = None
    """The statement that may go on."""
    supposed: bool = False
    """Whether words before it on its line only suppose a statement."""
    partly: bool = False
    """Whether words before it on its line speak of a path, which a derivative may be a part for."""
    line_start: int = 0
    """Where the line begins that is being read."""
    sloped_line: int = -1
    """The line on which words speak of an activation's derivative."""
    by_line: int = -1
    """Where the last line begins on which words say by what the loss is differentiated."""
    line_said: str = ""
    """What words on this line say of the statements behind them."""
    heads: set[str] = field(default_factory=set)
    """The names that have stood on the left of a sign, in one word each."""
    later: str = ""
    """Why nothing below the last heading can be told from the passes before."""
    other_optimizer: str = ""
    """Why nothing below a title is of this network's step: it names another optimizer."""
    first_pass: bool = False
    """Whether what stands below the last heading is of the first pass, wherever it stands."""
    drawing: int = -1
    """Where the drawing begins that is being read; -1 outside of any."""
    tabled: int = -1
    """Which item the table is that is being read; -1 outside of any."""
    second_pass: bool = False
    """Whether the last heading is that of a pass after the first."""
    steps_above: int = -1
    """How many steps are made before the pass that the title above counts; -1 for no such title."""
    prose: bool = False
    """Whether there are words between the statements."""
    subject: list[Token] = field(default_factory=list)
    """The name that stood on a line of its own: what a result below it is of."""
    titled_weight: list[Token] = field(default_factory=list)
    """The name of the weight that the last title names."""
    told_by_title: int = -1
    """Where the last statement begins whose name only a title says."""
    open_ended: list[Claim] = field(default_factory=list)
    """The claims of the statement before, if it ends with a formula, which may go on."""
    refused: set[str] = field(default_factory=set)
    """Statements that were not read. Their copies must be borne out by their figures."""
    run_on: int = -1
    """Where a statement begins that another one has run into: its line may be of two columns."""
    torn_at: int = -1
    """Where the statement before ends, if it was not read and ends with a formula."""
    doubted: Claim | None = None
    """The claim behind which words say that something is wrong."""

    named: dict[tuple[Span, ...], bool] = field(default_factory=dict)
    """For each cell that was looked at whether it holds a name and nothing else."""
    headed: dict[str, Unit | None] = field(default_factory=dict)
    """The unit that each head of a table names that was looked at."""
    values: dict[tuple[Span | str, ...], list[Token]] = field(default_factory=dict)
    """The tokens of each of these cells, by the sample that its names are of."""
    known_names: Mapping[str, Quantities] = field(default_factory=dict)
    """The names of the sheet's own when the cells were looked at."""

    parted: bool = False
    """Whether a part of the sheet begins for each sample, so that none is in doubt."""
    coded: bool = False
    """Whether the line is code, which need not say a figure."""
    units: Mapping[str, Unit] = field(default_factory=dict)
    """The units of the table that is being read, by the labels of its rows."""
    named_units: Mapping[str, Unit] = field(default_factory=dict)
    """The same, also where a table has not a row for each unit."""
    activated_heads: Sequence[Sequence[Span]] = ()
    """The heads of the columns that hold what these units put out."""
    of_line: bool = False
    """Whether only the line that is read is said to be of a unit, or of a step in time."""
    neurons: bool = False
    """Whether its rows are said to be units, and not only outputs or classes."""
    activated: bool = False
    """Whether before and after at its head mean the activation, and not the update."""
    ragged: bool = False
    """Whether its rows have not the same number of cells, so that a name may be of another row."""
    counting: bool = False
    """Whether its titles count the steps that were made, from 0 on."""
    hatted: bool = False
    """Whether a y with a hat stands in its titles, beside which a bare one is the target."""
    cell: str = ""
    """The cell of the notebook that is being read."""
    prints: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """The pattern and names of what each of its lines prints; a question mark for any number."""
    ends_with: tuple[str, tuple[str, ...]] = ("", ())
    """The same of its last line, which is shown behind what is printed."""
    torn_from: int = -1
    """Where what is shown begins if it goes on in the next line."""
    looped: bool = False
    """Whether the code goes round a loop, so that what it shows may be of any pass."""

    def __post_init__(self) -> None:
        hear_notation(self.document.work, self.names)
        for sides in SIGN_IN_BRACKETS.findall(self.document.work):
            left, right = (tokens_of(side, math=True) for side in sides)
            if general := sign_for_all(left, right, self.names.loss):
                self.names.define_for_all(*general)
        define_lists(self.document.work, self.names)

    @cached_property
    def paired(self) -> bool:
        """Whether the sheet writes names and numbers side by side, z1 0.8, with no sign between."""
        return len({m[1] for m in PAIR.finditer(self.document.work)}) > 1

    def finish(self) -> None:
        """Read the statement that is complete."""
        chain, self.last = self.last, None
        if chain is None:
            return
        above, self.open_ended = self.open_ended, []
        self.names.over()
        if len(self.claims) + len(self.unread) > MAX_STATEMENTS:
            raise BackcalcError(f"a sheet of more than {MAX_STATEMENTS} statements")
        start, end = chain.start, chain.end
        number = [t.kind for t in chain.sides[-1][1][-1:]] == ["number"]
        texts = (self.document.work, self.document.work if chain.tabled else self.document.text)
        if number and self.is_misnumbered(start, end):
            chain.broken = "the number may go on in the number of the next point"
        text = self.document.text
        line = text.rfind("\n", 0, start) + 1
        mark = text[line : line + 20].lstrip()[:1]
        rest = EQUATED.match(text, end) if number else None
        wraps = rest and (mark != "*" if rest["times"] else len(chain.sides[-1][1]) > 2)
        if wraps or (number and LONE_DIGIT.match(texts[0], end) and not mark.isdigit()):
            chain.broken = chain.broken or "the number may go on in the next line"
        if number and any(BROKEN_OFF.match(each, end) for each in texts):
            chain.broken = chain.broken or "the number breaks off"
        if chain.broken and number and self.is_above_number_of_page(chain):
            chain.broken = ""
        if number and not mark.isdigit() and self.is_right_with(chain):
            chain.broken = chain.broken or "the number may go on in the next line"
        starred = not number and mark != "*" and STARRED.match(text, end)
        if starred or QUOTED_REST.match(text, end):
            chain.broken = chain.broken or GOES_ON
        if RUN_ON.search(text, start, end):
            chain.broken = chain.broken or "a display or a row ends or begins in the middle of it"
        self.cut_remark(chain)
        stated = "".join(text[start:end].split())
        chain.weak |= stated in self.refused or self.run_on >= line
        try:
            if reason := chain.broken or self.later or self.other_optimizer:
                raise Unreadable(reason)
            made = self.understood(chain)
            self.check_ends(chain, made)
            self.torn_at = -1
            if chain.by or [w.strip().casefold() for w in chain.lead] in (["grad"], ["gradient"]):
                for claim in made:
                    of = self.slope_of(start) or self.names.loss_of(claim.quantity, claim.sample)
                    slope = Derivative(of, claim.quantity)
                    local = slope.of != self.names.loss and (
                        claim.quantity in self.names.vocabulary.before(slope.of)
                    )
                    known = local or slope in self.names.vocabulary.derivatives
                    if known and not claim.primes:
                        claim.quantity = slope
                    elif chain.by:
                        raise Unreadable("it is not clear what is differentiated here")
            if chain.titled:
                for claim in made:
                    self.take_slope(claim)
            if chain.slope and not all("/" in claim.quantity for claim in made):
                raise Unreadable("the words before it call it a derivative, its name does not")
            if chain.noun and not all(
                self._is_called(c.quantity, chain.noun) or c.quantity == RATE for c in made
            ):  # fmt: skip
                raise Unreadable(f"the word before it says {chain.noun}, its name does not")
            supposed = any(map(self.is_supposed, made))
            if supposed:
                self.take_back(above, chain)
            elif above:
                split_off = any(self.is_rest(above, each) for each in made)
                split_off = split_off and self.take_back(above, chain, unread=True)
                odd = any(self.is_contrary(each) or self.is_factor(above, each) for each in made)
                if split_off or (odd and self.take_back(above, chain)):
                    raise Unreadable(GOES_ON)
            self.names.accept(start)
            self.names.new_by_stars |= [t.text for t in trimmed(chain.sides[0][1])[-1:]] == ["*"]
            self.corrects(made)
            self.claims += made
            self.supposed = self.supposed or (supposed and self.is_here(chain))
            self.open_ended = [claim for claim in made if claim.parts and not claim.numeric]
            for claim in made:
                later = claim.primes or claim.second or claim.error == CHANGE
                if claim.parts and claim.numeric and not later:
                    self.figures.claim(claim)
        except (Unreadable, RecursionError) as error:
            by_itself = str(error) == BY_ITSELF and written_plainly(chain.sides[-1][1]) == "1"
            if by_itself or (not chain.broken and self.defines_function(chain)):
                self.named_formulas.append((start, end))
                return
            leaves = (*self.names.network.inputs, *self.names.network.targets)
            meant = self.about(chain)
            leaf = len(meant) == 1 and meant[0] in leaves
            self.supposed |= len(chain.sides) == 2 and leaf and self.is_here(chain)
            self.take_back(above, chain, unread=True)
            self.torn_at = -1 if written_plainly(chain.sides[-1][1]) else chain.end
            self.run_on = start if chain.broken in (GOES_ON, BETWEEN) else self.run_on
            self.refused.add(stated)
            lhs = trimmed(chain.sides[0][1])
            figures = any(
                t.kind == "number" and (not n or side[n - 1].kind != "low")
                for _, side in chain.sides[1:]
                for n, t in enumerate(side)
            )
            product = any(t.text == "@" for t in chain.sides[-1][1])  # whose figures stand below
            if chain.coded and (product or not figures):
                return
            if chain.math or (len(lhs) < 16 and not (chain.lead and chain.broken and not lhs)):
                deep = isinstance(error, RecursionError)
                reason = "too many brackets stand inside each other" if deep else str(error)
                self.unread.append(Unread(chain.start, chain.end, reason, meant))

    def is_above_number_of_page(self, chain: Chain) -> bool:
        """True if the figure is whole, so that the number below it is that of the page."""
        digits = written_plainly(trimmed(chain.sides[-1][1]))
        below = LONE_DIGIT.match(self.document.text, chain.end)
        if not (below and re.match("[1-3]?[1-9]$", below[1]) and "." in digits and float(digits)):
            return False
        unit = float(f"1e-{len(digits.partition('.')[2])}")
        off = [
            [abs(way - float(said)) for way in self.ways_of(chain)]
            for said in (digits, digits + below[1])
        ]
        fits = min(off[0], default=unit) <= unit * 0.501
        return fits and min(off[1]) > unit * max(0.99 * 10 ** -len(below[1]), 0.03)

    def is_right_with(self, chain: Chain) -> bool:
        """True if a figure is right with the digits behind it, as far as these go."""
        digits = written_plainly(trimmed(chain.sides[-1][1]))
        more = DIGITS_BEHIND.match(self.document.text, chain.end)
        if not more or "." not in digits or "e" in digits or not more[1].strip("0"):
            return False
        whole = digits + more[1]
        room = room_of(whole)
        return any(abs(way - float(whole)) < room for way in self.ways_of(chain))

    def ways_of(self, chain: Chain) -> list[float]:
        """What the quantity of a statement comes to, before and after the step."""
        names = [each for name in self.about(chain) for each in (name, f"{name}'")]
        return self.figures.ways(*names)

    def is_here(self, chain: Chain) -> bool:
        """True for a statement on the line that is being read, if it is not about the time t."""
        name = "".join(t.text for t in chain.sides[0][1])  # the target has a longer one
        return chain.start >= self.line_start and name != "t"

    def corrects(self, made: Sequence[Claim]) -> None:
        """Leave out what a statement gives another number, with words of a mistake between them."""
        wrong, self.doubted = self.doubted, None
        about = [(claim.quantity, claim.primes) for claim in made]
        again = wrong and wrong.parts and about == [(wrong.quantity, wrong.primes)]
        figures = [claim.value for claim in (wrong, *made)] if wrong and again else []
        if wrong and None not in figures and len({*figures}) == 2:
            self.claims[:] = [claim for claim in self.claims if claim is not wrong]
            self.figures.take_back(wrong.quantity)
            self.unread.append(Unread(wrong.start, wrong.end, CORRECTED))

    def _is_called(self, quantity: str, noun: str) -> bool:
        """True if a noun is of a quantity, or of what its derivative is by: the bias dL/db1."""
        return any(self.names.is_kind(each, noun) for each in (quantity, by_of(quantity)))

    def check_ends(self, chain: Chain, made: Sequence[Claim]) -> None:
        """Raise Unreadable where a statement may begin before its name or go on behind its end."""
        text, start, end = self.document.work, chain.start, chain.end
        before = text[max(start - 60, 0) : start]
        hangs = before.rstrip(" \t").endswith("_") and HANGING.search(before)
        hangs = hangs or BROKEN_BEFORE.search(before)
        if hangs or not (BEGINS.match(before[-1:]) or BEGINS.search(before)):
            raise Unreadable("a part of its name may stand before it")
        if COPIED in self.document.text[start:end]:
            raise Unreadable("a formula copied off a page is torn")
        gap = text[self.torn_at : start] if self.torn_at >= 0 else ""
        wide = re.fullmatch(r"[ \t]{2,}|\t", gap)
        if GAP.fullmatch(gap) or (wide and not all(map(self.comes_out, made))):
            raise Unreadable("it may be the rest of the statement before, which was not read")
        above = DISPLAYS.search(text, start, end)
        sides = [side for _, side in chain.sides if side]
        torn = len(sides) > 2 and "\n" in text[sides[0][-1].end : sides[1][0].start]
        for claim in made:
            half = text.count("$$", start, end) % 2 and claim.numeric  # in no display of its own
            if above and (
                (half and not self.comes_out(claim))
                or self.is_of_another(claim, self.document.text[start : above.start()])
            ):
                raise Unreadable("a display goes on with the number of another quantity")
            named = torn and len(claim.parts) > 1 and isinstance(claim.parts[0].expression, Name)
            if named and not self.comes_out(claim):
                raise Unreadable("the name on the new line may begin the next statement")
            used = {name for part in claim.parts for name in part.names}
            if not used:
                continue
            inner = dropwhile(lambda part: part.names, claim.parts)
            goes_on = any(p.names and not isinstance(p.expression, Name) for p in inner)
            if goes_on and claim.numeric and not self.comes_out(claim):
                raise Unreadable("behind its figures stand names: are these of the next statement?")
            wraps = not claim.numeric and WRAPPED_LETTER.search(text, end - 3, end + 9)
            if wraps and not self.figures.is_formula_of(claim.quantity, claim.expression):
                raise Unreadable("the letter at its end may begin a word that goes on below")
            forward = claim.quantity in self.names.forward
            if forward and any(isinstance(parsed(n), Derivative) or n == RATE for n in used):
                raise Unreadable("a derivative stands in the forward pass: is its name right?")
            by, acts = getattr(parsed(claim.quantity), "by", ""), self.names.network.activations
            hidden = by in {*acts.values()} - {*self.names.network.outputs}
            known = self.names.vocabulary.before(claim.quantity) if forward else used
            known = known - {*self.names.network.targets} if hidden and by in used else known
            if not chain.by and used & {*self.names.network.targets} - known:
                self.names.denied.add(claim.word)
                raise Unreadable("a target stands in the forward pass: is the output meant?")
        behind = text[end : end + 2].strip()[:1]
        enclosed = behind in (")", "]") and OPENED.search(before)
        ends = bool(ENDS.match(text, end))
        ends = ends and (chain.math or not re.match(r"\s?&\w", text[end : end + 3]))  # of HTML
        arrow = CHANGED.match(text, end) and any(c.quantity in self.names.weights for c in made)
        if arrow or not (chain.tabled or enclosed or ends):
            raise Unreadable("what stands behind it may belong to it")
        if RESULT_APART.match(text, end) and not all(claim.numeric for claim in made):
            raise Unreadable("its result stands apart from it")
        inside, sign, _ = text[start:end].partition("\\(")
        if sign and "\\)" not in inside and (
            text.rfind("\\(", 0, start) > text.rfind("\\)", 0, start)
        ):  # fmt: skip
            raise Unreadable("a formula begins in the middle of it")

    def comes_out(self, claim: Claim) -> bool:
        """True for the number that a quantity should have, before or after the step."""
        return self.figures.fits(claim.value, claim.quantity, f"{claim.quantity}'")

    def is_of_another(self, claim: Claim, above: str) -> bool:
        """True for a number that what stands above does not come to, and another quantity does."""
        said, inner = claim.value, {n for part in claim.parts for n in part.names}
        find = (self.figures.own, self.figures.right)
        own = [worked(p.expression, way) for p in claim.parts if p.text in above for way in find]
        if said is None or self.comes_out(claim):
            return False
        if any(near(way, said) for way in own):
            return False
        if any(not part.names for part in claim.parts if part.text in above):
            return True  # figures that come to another number
        sure = len(inner) > 1 and "/" not in claim.quantity  # no factor or function is left out
        names = {*self.names.forward, *self.names.vocabulary.derivatives}
        others = {parsed(n).after(claim.primes) for n in names} - (set() if sure else inner)
        ways = [self.figures.right(each) for each in sorted(others)]
        below = [part for part in claim.parts if part.text not in above]
        least = 2 if len(below) < 2 else 0  # places; with its own working it has another name
        room = claim.room if claim.places > least else 0
        return any(way is not None and abs(way - said) < room for way in ways)

    def slope_of(self, start: int) -> str:
        """The quantity before "with respect to" that a derivative is of; "" where none is."""
        before = OF_BY.search(self.document.work, max(start - LONGEST_BY, 0), start)
        word = before["of"].strip("$*`") if before else ""
        symbol = lone_symbol(tokens_of(word, math=True), self.names, True)
        if symbol and self.names.knows(symbol):
            noted = dict(self.names.noted)
            meant = self.names.find(symbol).quantities
            self.names.noted = noted
            return meant if isinstance(meant, str) else ""
        if word in FUNCTION_NAMES or re.match(r"[^\W\d]\w*\d", word):
            raise Unreadable(f"the derivative is of {word}, which is no quantity")
        return ""

    def take_back(self, before: list[Claim], chain: Chain, *, unread: bool = False) -> bool:
        """Leave out a formula behind whose comma stands what is no statement: its rest, perhaps.

        What could not be read at all may be its rest behind a gap alone.
        """
        between = self.document.work[before[-1].end : chain.start] if before else ""
        if GAP.fullmatch(between) or (unread and re.fullmatch(r"[ \t]{2,}|\t", between)):
            kept = [claim for claim in self.claims if not any(claim is each for each in before)]
            self.claims[:] = kept
            self.unread.append(Unread(before[0].start, before[0].end, GOES_ON))
            before.clear()
            return True
        return False

    def is_misnumbered(self, start: int, end: int) -> bool:
        """True if point 2 of a list is followed by point 73: the 7 may be a digit of its number."""
        text = self.document.text
        above = NUMBERED.match(text, text.rfind("\n", 0, start) + 1)
        below = NUMBERED.match(text, end + 1) if above and text.startswith("\n", end) else None
        follows = str(int(above[1]) + 1) if above else ""
        return bool(below and below[1] != follows and below[1].endswith(follows))

    def take_slope(self, claim: Claim) -> None:
        """Take w5: -0.8 * 0.85 = -0.68 as a derivative where it is one and cannot be w5."""
        name, value = claim.quantity, claim.value
        derived = isinstance(parsed(name), Derivative)
        if len(claim.parts) < 2 or claim.primes or value is None or derived:
            return
        slope = Derivative(self.names.loss_of(name, claim.sample), name)
        new = parsed(name).after(1)
        is_slope, other = (self.figures.fits(value, *each) for each in ((slope,), (name, new)))
        if is_slope and not other:
            claim.quantity = slope

    def is_contrary(self, claim: Claim) -> bool:
        """True for another number than the sheet has said of the quantity before."""
        value = claim.value
        said = self.figures.claimed.get(claim.quantity)
        return value is not None and said is not None and not near(value, said)

    def is_factor(self, above: Sequence[Claim], claim: Claim) -> bool:
        """True if the formula before, times the quantity of a claim, comes to the same number.

        In dL/dz2 = dL/dyhat, dyhat/dz2 = 1 and dL/dh1 = dL/dz2, w2 = 0.5 the comma may be a speck.
        """
        said = claim.value
        factor = "/" in claim.quantity or claim.quantity in self.names.weights
        if not above or said is None or not (factor and "/" in above[-1].quantity):
            return False
        product = Product((above[-1].expression, Name(claim.quantity)))
        ways = [worked(each, self.figures.own) for each in (product, Name(above[-1].quantity))]
        return all(near(way, said) for way in ways)

    def is_rest(self, above: Sequence[Claim], claim: Claim) -> bool:
        """True if a number is what the quantity before has, but not its formula nor the name here.

        In yhat = w2 h1 + ws  h0 = 0.375 the gap may be a blank.
        """
        said = claim.value
        if said is None or self.comes_out(claim):
            return False
        one = self.figures.own(above[-1].quantity)
        two = worked(above[-1].expression, self.figures.own)
        return near(one, said) and not near(two, said)

    def is_supposed(self, claim: Claim) -> bool:
        """True for an input or a target with another number than the exercise gives."""
        given = self.figures.given.get(claim.quantity)
        leaf = claim.quantity in (*self.names.network.inputs, *self.names.network.targets)
        if not (leaf and given is not None and len(claim.parts) == 1 and claim.numeric):
            return False
        value = claim.value
        return value is not None and abs(value - float(given)) > 1e-9

    def about(self, chain: Chain) -> tuple[str, ...]:
        """The quantity that an unread statement is about, or all that its name may mean."""
        try:
            value = self.left_side(trimmed(chain.sides[0][1]), chain.math)
        except Unreadable as error:
            return error.meant
        except RecursionError:
            return ()
        return (value.id,) if isinstance(value, Name) else ()

    def skip(self, tokens: Tokens, reason: str, listed: bool = True) -> None:
        """List a stretch as unread."""
        if listed and tokens:
            self.unread.append(Unread(tokens[0].start, tokens[-1].end, reason))

    def understood(self, chain: Chain) -> list[Claim]:
        """The claims of a statement, with a weight's damaged name told by its figures if need be.

        Raises Unreadable where there are none.
        """
        self.names.noted.clear()
        self.names.twofold.clear()
        self.names.doubted.clear()
        self.names.newly = chain.said == "new"
        self.names.stepped |= self.is_step(chain)
        symbol = self.strange_weight(chain)
        guessed = self.guessed(chain, symbol) if symbol else None
        return list(self.claimed(chain)) if guessed is None else guessed

    def place_error(self, symbol: Symbol, chain: Chain) -> None:
        """Take an error term as that of the one unit whose formula stands behind it.

        In (y_2 - o_2) o_2 (1 - o_2) the second output may be meant, and not what unit 2 puts out.
        """
        names, network, is_of = self.names, self.names.network, self.figures.is_formula_of
        own = symbol.key in names.vocabulary.tiers[0] or names.declares(symbol.key)
        others = {f"o{n}": output for n, output in enumerate(network.outputs, 1)}
        counted = len(others) > 1 and names.vocabulary.tiers[0].keys().isdisjoint(others)
        for outer in ({}, others)[: 1 + counted] if not own else ():
            for _, side in chain.sides[1:]:
                made: Value = ()
                with suppress(Unreadable), names.calling(outer):
                    made = Reader(trimmed(side), names, chain.math).whole()
                if isinstance(made, tuple) or {*network.targets}.isdisjoint(names_in(made)):
                    continue
                made = self.with_outputs(made)
                found = [
                    unit.pre_activation for unit in network.units
                    if any(is_of(str(Derivative(names.loss, unit.pre_activation)), each)
                           for each in (made, Negation(made)))
                ]  # fmt: skip
                if len(found) == 1:
                    names.place(symbol, found[0])
                    for key in (key for key, each in outer.items() if each in names_in(made)):
                        names.late |= key not in names.aliases
                        names.define(Symbol("o", key[1:]), outer[key])
                    return

    def with_outputs(self, formula: Expression) -> Expression:
        """A formula with the names of what units put out for their functions of their sums."""
        acts = self.names.network.activations
        for unit in self.names.network.units:
            match formula:
                case Call(function, (Name(sum_),)) if function is unit.activation and (
                    sum_ == unit.pre_activation
                ):
                    return Name(acts[unit.name])
        return rebuilt(formula, self.with_outputs)

    def is_step(self, chain: Chain) -> bool:
        """True for w^(1) = w^(0) - ... and w^(0) = 1: the number above a name counts steps."""
        if not any(token.kind == "power" for token in chain.sides[0][1]):
            return False
        symbols: list[Symbol | None] = [None, None]
        for place, (_, side) in enumerate(chain.sides[:2]):
            reader = Reader(side, self.names, chain.math)
            try:
                symbols[place] = reader.symbol()
            except Unreadable:
                return False
        new, old = symbols
        layers = any("^" in n for n in (*self.names.taken, *self.names.network.names.values()))
        stepped = new and new.layer == "1" and not (new.primes or layers)
        if new and stepped and self.is_updated(new, chain):
            return True
        bare = f"{new.head}{new.low}" if new and new.layer == "0" else ""
        if bare in self.names.weights:
            said = self._amount(trimmed(chain.sides[1][1]), chain.math)
            return said is not None and abs(said - float(self.figures.given[bare])) < 1e-9
        if not new or new.layer != "1" or old != new._replace(layer="0"):
            return False
        weight = new.head in (*WEIGHTS, *BIASES) or f"{new.head}{new.low}" in self.names.weights
        return weight and reader.ahead().text in ("+", "-")

    def is_updated(self, symbol: Symbol, chain: Chain) -> bool:
        """True if a weight with a 1 above it is given the number that it has after the step."""
        said = self._amount(trimmed(chain.sides[-1][1]), chain.math)
        with suppress(Unreadable):
            of = self.names.find(symbol._replace(layer="")).quantities
            own = self.figures.given.get(of) if of in self.names.weights else None
            after = self.figures.own(f"{of}'") if own is not None else None
            return own is not None and near(after, said) and not near(float(own), said)
        return False

    def guessed(self, chain: Chain, symbol: Symbol) -> list[Claim] | None:
        """The claims of a statement with the one weight that fits for a name; None: none does."""
        fitting: list[tuple[str, list[Claim]]] = []
        keys = [f"{head}{symbol.low}" for head in WEIGHTS]
        for weight in self.names.weights:
            if weight in self.names.network.biases:
                continue
            with suppress(Unreadable), self.names.supposing(keys, weight):
                made = list(self.claimed(chain))
                if all(self.figures.bears_out(claim, weight) for claim in made):
                    fitting.append((weight, made))
        if len(fitting) != 1:
            self.names.noted.clear()
            return None
        weight, made = fitting[0]
        self.names.alias(keys, weight)
        self.names.settled |= {*keys}
        self.names.taken[shown(symbol)] = weight
        return made

    def strange_weight(self, chain: Chain) -> Symbol | None:
        """The one name in a statement that looks like a weight's and is none; else None."""
        found: dict[str, Symbol] = {}
        for _, side in chain.sides:
            for place, token in enumerate(side):
                if token.kind != "word" or (head := token.text.removeprefix("d")) not in WEIGHTS:
                    continue
                reader = Reader(side[place : place + 12], self.names, chain.math)
                try:
                    symbol = reader.symbol()
                except Unreadable:
                    continue
                if symbol and symbol.low:
                    symbol = Symbol(head, symbol.low)
                    if not self.names.knows(symbol):
                        found[symbol.low] = symbol
        return next(iter(found.values())) if len(found) == 1 else None

    def claimed(self, chain: Chain) -> Iterator[Claim]:
        """The claims that a statement makes."""
        left = trimmed(chain.sides[0][1])
        if len(chain.sides) == 1 and any(token.text == "cases" for token in left):
            return  # a formula alone, whose equals signs are conditions
        if not 1 < len(chain.sides) <= MAX_SIDES:
            raise Unreadable("an equals sign stands inside a bracket, or there are too many")
        assigned = chain.sides[1][0] == ":="
        called = "".join(t.text for t in left[:-3] if t.kind != "prime")
        anyhow = called in UNIT_FUNCTIONS or called not in FUNCTION_NAMES
        if [t.kind for t in left[-3:-1]] == ["open", "word"] and anyhow and (
            self.defines_function(chain)
        ):  # fmt: skip
            words = {t.text for _, side in chain.sides[1:] for t in side if t.kind == "word"}
            if words <= FUNCTION_NAMES.keys() | {"max", "min", "exp", "e", left[-2].text}:
                self.named_formulas.append((chain.start, chain.end))
                return  # sigmoid_prime(z) or f(x) for every z
        if left and left[0].kind == "bar":
            raise Unreadable("this is the size of a quantity: write the quantity itself")
        alone, right = len(chain.sides) == 2, trimmed(chain.sides[1][1])
        if alone and slope_for_all(left, right, self.names):
            return
        general = sign_for_all(left, right, self.names.loss)
        if general:
            self.names.define_for_all(*general)
            told = any(t.kind == "number" for t in chain.sides[-1][1])
            told |= general[0] == "bar" or bool(self.quantity_called(right, chain.math))
            if alone or not told:
                return
        if alone and define_by_index(left, right, self.names, chain.math):
            return
        if alone and is_second_name(left, right, self.names):
            return
        change = len(left) > 1 and left[0].text == CHANGE
        left = left[1:] if change else left
        texts = [t.text for t in left]
        indexed = "[" in texts  # the sample is not its number
        unit = left[: texts.index("[")] if indexed else left
        word = "".join([t.text for t in unit if t.kind in NAMING])
        self.heads.add(word)
        parts, reasons = self.parts(chain)
        self.names.used.clear()
        doubtful = ""
        tail = next((part.value for part in reversed(parts) if part), None)
        spelled = lists(left)
        if len(left) == 1 and (letter := left[0].text) in ("o", "O"):
            self.names.late |= letter in self.names.asked - self.names.left
            self.names.left.add(letter)
        formulas = [p.value for p in parts if p and not isinstance(p.value, tuple)]
        is_of = self.figures.is_formula_of
        if (symbol := lone_symbol(left, self.names, chain.math)) and not symbol.layer:
            if symbol.head in ERRORS and symbol.low.isdecimal():
                self.place_error(symbol, chain)
            self.names.told(symbol, lambda name: any(is_of(name, each) for each in formulas))
        if symbol and (slope := self.residual(symbol, parts)) is not None:
            if not slope:
                self.named_formulas.append((chain.start, chain.end))
                return
            self.names.define(symbol, slope)
        try:
            flat = spelled or not isinstance(tail, tuple)
            with self.names.shaped(flat, () if flat else lengths(tail)):
                value = self.left_side(left, chain.math)
            single = flat and isinstance(value, tuple)
            if symbol and single and (shown := self.shown_as(symbol, parts)):
                self.names.define(symbol, shown)  # a_1 is a sum, and not what a layer puts out
                value = Name(shown)
            if symbol and (aim := self.aim_of(symbol, value, parts)):
                self.names.define(symbol, aim)  # the target y_5 = 1 of the unit 5
                value = Name(aim)
            named = isinstance(value, Name) and value.id in self.names.network.targets
            named = named and any(len({*names_in(each)}) > 1 for each in formulas)
            if named and symbol and symbol.key not in self.names.vocabulary.tiers[0]:
                value = self.slope_by(left)
        except Unreadable as error:
            usual = self.explained(symbol, (), parts)
            value, doubtful = (usual, "") if usual else self.damaged(left, chain, parts, error)
        doubtful = doubtful or " ".join(sorted(self.names.used))
        if explained := self.explained(symbol, value, parts):
            value, doubtful = explained, ""
        if isinstance(value, Name) and self.is_slope_of_another(value.id, left, parts):
            raise Unreadable("its formula is that of the derivative by the weighted sum")
        if chain.steps and isinstance(value, Name):
            value = Name(parsed(value.id).after(chain.steps))
        self.define(value, chain, parts)
        last = parts[-1] if parts else None
        if not parts and chain.worded:
            raise Unreadable("words stand where a number should")
        if not parts and isinstance(value, Name):
            name, primes = bare_name(value.id)
            yield Claim(name, primes, [], chain.start, chain.end, chain.said)
            return
        if last is None:
            raise reasons[-1] if reasons else Unreadable("nothing stands behind the equals sign")
        if chain.worded and not isinstance(last.value, tuple) and names_in(last.value):
            raise Unreadable("words stand behind the formula, which may go on there")
        for n, part in enumerate(parts[:-1]):
            if part and self.has_another_name(symbol, value, part):
                parts[n] = None
                reasons.append(Unreadable("a name in it seems to be of another quantity"))
        sums = {n for n, of in self.names.moved.items() if self.names.activation(str(of))}
        summed = not sums.isdisjoint(token.text for token in chain.sides[-1][1])
        if summed and isinstance(value, Name) and not isinstance(last.value, tuple) and not (
            self.figures.is_formula_of(value.id, last.value)
        ):  # fmt: skip
            raise Unreadable("a name in it seems to be of another quantity")
        kept = [part for part in parts if part is not None]
        if len(kept) < len(parts) and all(all_names(part.value) for part in kept):
            raise reasons[0]
        if chain.tabled and left[0].kind == "sign":
            raise Unreadable("the sign before the name may be a minus or a speck")
        if isinstance(value, Negation):
            value = value.operand
            kept = [part.turned() for part in kept]
        lone = len(kept) == 1 == len(parts) and not change
        if lone and self.names_itself(left, value, kept[0].value, chain):
            return
        letter = next((t.text.rstrip(string.digits) for t in left if t.kind == "word"), "")
        letter = "delta" if letter.startswith("delta") else letter  # δO1
        number, of_loss = kept[-1].amount, letter.casefold() in ERROR_WORDS
        if of_loss and isinstance(value, Name) and number is not None and (
            self.is_difference(self.names.quantity(bare_name(value.id)[0]), number)
        ):  # fmt: skip
            raise Unreadable("this error may be no loss, but yhat - y or y - yhat")
        model = Claim("", 0, [], chain.start, chain.end, chain.said)
        model.assigned, model.doubtful = assigned, doubtful
        lead = re.findall(r"\w+", " ".join(chain.lead)) if chain.lead else ()
        model.newly = bool(lead) and saying(self.names.without_steps_in_time(lead)) == "new"
        near_by = {word.casefold() for word in lead[-MOST_SAID:]}
        model.earlier = not (near_by.isdisjoint(FIRST) or model.newly)
        model.carried = chain.newly
        model.spelled = spelled
        sure = indexed or chain.sampled
        model.instead, model.word = () if sure else self.names.instead(word), word
        slope, below = parsed(value.id) if isinstance(value, Name) else None, BELOW.search(word)
        if isinstance(slope, Derivative) and below and not (
            model.instead or self.names.is_own(word, slope.by)
        ):  # fmt: skip
            ways = self.names.instead(below[0])
            model.instead = tuple(Derivative(slope.of, each) for each in ways)
        if word in self.names.shown:  # it may be that of the next unit as well
            model.instead = (*self.names.forward,)
        numbered = word[1:].isdecimal() and word not in self.names.vocabulary.tiers[0]
        plain = letter != "d" or numbered
        plain &= "/" not in str(self.names.aliases.get(word, ""))  # d1 = dE/dz3 tells its sign
        model.error = CHANGE if change else letter if letter in ERRORS and plain else ""
        model.supposed = chain.weak
        titled = "only a title says whose it is" if chain.start == self.told_by_title else ""
        model.torn = next((str(e) for e in reasons if not isinstance(e, OfMatrices)), titled)
        model.sample = "" if chain.sampled or self.parted else self.names.sample
        model.twofold = dict(self.names.twofold)
        model.doubted = frozenset(self.names.doubted)
        model.first_pass, model.second_pass = self.first_pass, self.second_pass
        model.drawing, model.table = self.drawing, self.tabled
        model.steps_above = self.steps_above
        yield from self.spread(value, kept, model)

    def names_itself(self, left: Tokens, value: Value, said: Value, chain: Chain) -> bool:
        """True for a statement that only says what a name means: a_1 = h_0, E = L."""
        matrix = lone_symbol(left, self.names, chain.math) if isinstance(said, tuple) else None
        if matrix and all_names(said) and matrix.key not in self.names.vocabulary.tiers[0]:
            self.names.define(matrix, quantities_of(said))  # W_1 = (w_1 w_2; w_3 w_4)
            return True
        if value == said:
            return True
        if not (isinstance(value, Name) and isinstance(said, Name)) or len(chain.sides) != 2:
            return False
        symbol = lone_symbol(left, self.names, chain.math)
        equation = self.figures.equation(value.id)
        formula = equation is not None and said.id in names_in(equation)
        formula |= chain.tabled and value.id in self.names.weights  # of two rows
        if symbol is None or formula or symbol.key in self.names.vocabulary.tiers[0]:
            return False
        self.check_ends(chain, ())
        self.names.define(symbol, said.id)
        return True

    def is_by_one_number(self, weights: tuple[Value, ...], said: Value) -> bool:
        """True for w - 0.01*0.2 said of several weights, whose gradients are others' too."""
        own = [each.id.rstrip("'") for each in weights if isinstance(each, Name)]
        if not isinstance(said, tuple) or not {*own} <= {*self.names.weights}:
            return False
        sums = [each for each in said if isinstance(each, Sum)]
        forms = {replaced(each, {name: Name("w")}) for name, each in zip(own, sums, strict=False)}
        return len(sums) > 1 == len(forms) and names_in(forms.pop()) == ["w"]

    def spread(
        self, value: Value, parts: list[Piece], model: Claim, other: Value | None = None
    ) -> Iterator[Claim]:
        """Claims for one quantity, or for each element of a vector or a matrix."""
        if isinstance(value, tuple):
            last, across = parts[-1].value, transposed(value)
            if not same_shape(last, value):
                value = across  # only the one reading fits
            if not isinstance(value, tuple) or not same_shape(last, value):
                if parts[-1].amount is not None:
                    self.names.count_units(names_of(quantities_of(value)))
                raise Unreadable(NOT_AS_MANY.format(len(names_of(quantities_of(across)))))
            turned = same_shape(value, across) and not model.spelled
            others = other or (across if turned else value)
            assert isinstance(others, tuple)
            fitting = [part for part in parts if same_shape(part.value, value)]
            if any(self.is_by_one_number(value, part.value) for part in fitting):
                raise Unreadable("a change by one number is of one weight: of which?")
            for place, (each, another) in enumerate(zip(value, others, strict=True)):
                inner = [
                    replace(part, value=part.value[place], plain=part.plain[place])  # type: ignore[index]
                    for part in fitting
                ]
                yield from self.spread(each, inner, replace(model), another)
            return
        if isinstance(value, Negation):
            value, parts = value.operand, [part.turned() for part in parts]
        assert isinstance(value, Name)
        kept = [
            ChainPart(part.text, part.value, str(part.plain))
            for part in parts
            if not isinstance(part.value, tuple)
        ]
        if not kept or isinstance(parts[-1].value, tuple):
            self.names.of_layers.add(model.word[:1])
            raise Unreadable(NOT_AS_MANY.format(1))
        name, primes = bare_name(value.id)
        claim = model
        claim.quantity, claim.primes, claim.parts = name, primes, kept
        if isinstance(other, Name) and other.id != value.id:
            claim.other = bare_name(other.id)[0]
        numbers = [place for place, part in enumerate(kept) if not part.names]
        tail = kept[-1].expression
        if len(kept) == 1 and is_range(tail):
            raise Unreadable("this may be a range of numbers, or a difference")
        later = not numbers and isinstance(tail, Name) and self.comes_later(claim, tail)
        if isinstance(tail, Name) and (numbers or later):  # z1 = 0.6 = h1, z2 = w2 h1 = yhat
            last_name, more = bare_name(tail.id)
            claim.parts = kept[: numbers[-1] + 1 if numbers else -1]
            if last_name != name:
                yield claim
                model = replace(claim, quantity=last_name, primes=more, second=later)
                yield replace(model, doubtful="", error="", other="" if later else claim.other)
                return
        yield claim
        for place, part in enumerate(kept[:-1], 1):
            if not (isinstance(part.expression, Name) and claim.numeric) or model.doubtful:
                break
            next_name, more = bare_name(part.expression.id)
            if next_name != name:
                said = parsed(next_name)
                twin = self.are_alike(name, next_name) and all(
                    isinstance(each.expression, Name) for each in kept[:-1]
                )
                if twin or (isinstance(said, Derivative) and said.of != self.names.loss):
                    claim.parts = [p for p in claim.parts if p is not part]  # both are 1
                if any(part.expression.id in p.names for p in kept[place:]):
                    raise Unreadable(f"{next_name} stands on both sides: two statements in one?")
                yield replace(
                    claim, quantity=next_name, primes=more, second=True, twin=twin, error="",
                    parts=kept[-1:] if twin else kept[place:], other="",
                )  # fmt: skip

    def are_alike(self, one: str, other: str) -> bool:
        """True for two quantities of which neither is worked out from the other: z_h1 = z_h2."""
        if re.sub(r"\d", "", one) != re.sub(r"\d", "", other) or one in self.figures.given:
            return False
        a, b = by_of(one), by_of(other)
        before = self.names.vocabulary.before
        return a not in before(b) and b not in before(a)

    def comes_later(self, claim: Claim, tail: Name) -> bool:
        """True if a chain goes from a formula to the name of what is worked out from it."""
        if len(claim.parts) < 2 or all(isinstance(p.expression, Name) for p in claim.parts):
            return False
        said, later = parsed(claim.quantity), parsed(bare_name(tail.id)[0])
        before = self.names.vocabulary.before
        if isinstance(said, Derivative) and isinstance(later, Derivative):
            same = said.of == later.of and said.by != later.by
            return same and later.by in before(said.by)
        if isinstance(said, Derivative) or isinstance(later, Derivative):
            return False
        return said != later and said in before(later)


def lists(tokens: Tokens) -> bool:
    """True if a name is a list of names, (z1, z2); what J(W, b) is a function of is none."""
    depth = 0
    for before, token in pairwise((END, *tokens)):
        called = before.kind == "word" and before.text != "d" and token.text == "("
        depth += token.kind == "open" and (called or depth > 0)
        depth -= token.kind == "close" and depth > 0
        if token.kind in CELLS and not depth:
            return True
    return False
