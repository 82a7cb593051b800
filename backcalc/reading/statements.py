"""Statements to claims: which quantity, which chain of parts, said in which context."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import dropwhile, pairwise, product
from math import prod
from operator import add

from backcalc.equations.network import Unit
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import loss_name
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Product,
    Sum,
    names_in,
    rebuilt,
    walk,
)
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.reading.changes import CHANGE
from backcalc.reading.conventions import hear_notation
from backcalc.reading.defining import (
    define_by_index,
    define_lists,
    is_second_name,
    sign_for_all,
    slope_for_all,
)
from backcalc.reading.documents import Document
from backcalc.reading.figures import (
    ChainPart,
    Claim,
    SheetValues,
    bare_name,
    by_of,
    called_by,
    near,
    number_of,
    places,
    worked,
)
from backcalc.reading.grammar import (
    BIASES,
    END,
    WEIGHTS,
    Reader,
    Value,
    closing,
    lone_symbol,
    says,
    slope_called,
    split,
    transposed,
    trimmed,
    values_of,
)
from backcalc.reading.items import Span
from backcalc.reading.names import (
    ERRORS,
    Misplaced,
    NameReader,
    OfMatrices,
    Symbol,
    Unreadable,
    shown,
)
from backcalc.reading.pieces import (
    BLANK,
    CELLS,
    CORRECTED,
    LIKE_DIGITS,
    Chain,
    Piece,
    Unread,
    all_names,
    before_word,
    check_one_value,
    digits_of,
    further_readings,
    numeric,
    quantities_of,
    raised_point,
    same_shape,
    two_statements,
    with_digits,
    with_powers,
    written_plainly,
)
from backcalc.reading.signs import (
    ACTIVATIONS,
    BY,
    BY_ALONE,
    COMMANDS,
    CONDITIONS,
    ERROR_WORDS,
    FUNCTION_NAMES,
    GRADIENT,
    LEAD_INS,
    OLD,
    RESIDUALS,
    saying,
)
from backcalc.reading.tokens import Token, tokens_of
from backcalc.reading.vocabulary import Quantities, leaves, lengths, names_of

DAMAGED_NAME = re.compile(r"(?<=[^\W_])(?:[OolISBZ](?=\d*\Z)| (?=\d\Z))|(?<=_)[OolISBZ](?=\d*\Z)")
"""A letter in a scanned name where a digit should stand, or a blank before the digit."""
SCANNED = LIKE_DIGITS | {ord("Z"): "2"}
MAX_STATEMENTS = 10_000
FIRST = {word for word in OLD if len(word) > 2} - {"current"}
"""Words that say that a weight is as it was at the start."""
LEAST_DIGITS = 3  # of a figure that tells of which derivative it is
MOST_SAID = 3  # words right before a name, the last of which may be a noun
COMPARED = ("<", ">", "<=", ">=")
MAX_SIDES = 60  # of one chain
NAMING = ("word", "number")
NO_STARTS = ("number", "low", "power", "close", "prime")
"""Kinds of what no name begins with."""
SUMS = ("sum", "∑")
UNIT_FUNCTIONS = ("f", "g", "h", "phi")
"""Letters for the function of every unit."""
FACTOR = re.compile(r"-?(?:[1-9]\d*(?:\.\d+)?|0\.\d+)")
DOTTED = re.compile(r"-?\d+(?:\.\d+)+")
"""A number that may be two, with a dot of multiplication between them."""
TWO_POINTS = re.compile(r"\d+\.\d+\.\d+")
"""Two numbers that have run into each other where a scan has lost the sign between them."""
MOST_FACTORS = 4
FARTHEST_ROUNDED = Fraction(3, 100)
"""How far from a number, as a part of it, a rounded one may be."""
BROKEN_OFF = re.compile(
    r"[ \t]*(?:\n[ \t\f]*)?\.\d|\n[ \t\f]*\.[ \t]*\n[ \t\f]*\d|[ \t]+,\d"
    r"|\.[ \t]{2,}\d|\.[ \t]*\n[ \t\f]*\d+(?!\d*[.)][ \t]+\S)"
    r"|[$.`]?\[[^\W\d]|\.?\$[.,]?\d|[ ]{2,}\d+(?=[;,])|\n\d{2,}(?=[ ]{2}|[;,])"
    r"|,(?:[ \t]{2,}|[ \t]+(?!2\d))\d+[ \t]*[=≈]|(?<=[\s=−-]\d),[ \t]*\n[\s>]*\d+(?![\d.,)])"
    r"|,[ \t]+\d+[ \t]*[*·×/+]|[ \t]*%[ \t]*[-+*/·](?![-+*/·=])|%[.,]?\d|[ \t]#[-+*/·](?![-+*/·=])"
)
"""The decimals of a number behind blanks or a new line."""
BROKEN_BEFORE = re.compile(
    r"/[ \t]*(?:(?:d|∂|\\partial)?[ \t]*\n[ \t\f>]*|(?:d|∂|\\partial)[ \t]*[:;.,]?)\Z|&[^\s=]+ ?;\Z"
    r"|(?<![^\s\d])[a-z]{3,};\Z|\\\\,\s*\Z"
)
"""The start of a derivative on the line before, or before a stray sign; or a sign of HTML."""
LONE_DIGIT = re.compile(
    r"[ \t]*\n[ \t\f]*(\d+)(?:[ ]{2,}(?=[^\W\d][^\n=≈]*[=≈])|[ ]{4}|[ ]*\t|[ \t]*(?:[\n\f]|\Z))"
)
"""Digits at the start of the next line, alone or apart from the statement behind them."""
DIGITS_BEHIND = re.compile(r"[^\w\n(\[{|&=]{0,3}\n?[ \t\f>]*(\d+)(?![.)\d])")
"""Digits behind a number, on its line or on the next."""
EQUATED = re.compile(r"[ \t]*\n[ \t\f>]*(?P<times>\*[ \t]*)?\d[\d.,]*[ \t]*[=＝]")
"""A number at the start of the next line before an equals sign, perhaps behind a star."""
STARRED = re.compile(r"[ \t]*\n[ \t>]*\*[ \t][^\n]*(?:\Z|\n(?![ \t>]*\*[ \t]))")
"""A star at the start of the next line alone: rather a sign of multiplication than a list's."""
WRAPPED_LETTER = re.compile(r"(?:[ \t]|<\w?)[^\W\d_]\n[^\W\d_]+[\w>]")
"""A letter by itself at the end of a line before a word, or the start of a sign of HTML."""
QUOTED_REST = re.compile(r"[ \t]*\n[ \t]*>[> \t]*(?:[+*/·=≈]|\\(?:cdot|times|approx)\b)")
"""The start of a line that is quoted and goes on with the one before."""
RUN_ON = re.compile(
    r"\\end\{\w+\}\*|[^=≈\s\\\]]\s*\\\[(?![\s&]*(?:[=≈]|\\approx))"
    r"|(?<!\\)(?<!\\\\)[^\s\\%][ \t]*%[^\n]*\\\\"
)
"""The end of an environment or a row that damage hides, or the start of a display."""
NUMBERED = re.compile(r"(\d{1,3})[.)][ \t]")
"""The mark of a point of a numbered list."""
ENDS = re.compile(
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
CHANGED = re.compile(r"\s*(?:\\to\b|→|->)[ \t]*[^\s,;$=]{1,9}[ \t]*(?:[,;$\n]|\Z)")
"""An arrow behind a number, and what should be the new one."""
BEGINS = re.compile(
    r"(?:\A|[\s\u2060$`|&{}*_)\]([,;.:。，；、：\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\\[A-Za-z]+"
    r"|\\[\\ ,;:!(\[])\Z"
)
"""What may stand before a statement."""
HANGING = re.compile(r"\\_[ \t]+\Z|(?:^|\s)[^\s_]+_[ \t]+\Z")
"""A sign of what stands low, whose name goes on behind a blank; but a word may end its stress."""
OF_BY = re.compile(
    rf"(?P<of>\S+)\s+(?:{'|'.join([*BY, *sorted(BY_ALONE)])}|w\.r\.t\.)\s+[$*`\s]*\Z", re.IGNORECASE
)
"""What the derivative is of that these words stand behind: of z2 with respect to w2."""
LONGEST_BY = 120  # characters in which they stand
COPIED = "\N{ZERO WIDTH SPACE}"  # in one of the three forms of a formula copied off a page
OPENED = re.compile(r"[(\[][^()\[\]\n]*\Z")
"""A bracket around a statement."""
SIGN_IN_BRACKETS = re.compile(
    r"[(\[]\$?((?:δ|\\?delta|Err)[^()=\n]{0,8}?):?=([^()=\n]{4,60}?)\$?[)\]]"
)
"""What an error term is, as a remark says it: (delta = -dE/dnet)."""
GAP = re.compile(r"(?:[ \t]|\\[ ,;:!\n])*(?:(?:\\\\)?[,;]|\\[,;:!])(?:[ \t]|\\[ ,;:!])*")
"""Commas and narrow gaps between two statements in one formula, perhaps with a row's end."""
JOINED = re.compile(r" ?(?:=|≈|\\approx) ?")
"""A sign of equality between two parts, and no gap or new line beside it."""
DISPLAYS = re.compile(
    r"\$\$|\\\]\s*\\\[|\\end\{(?!\w*(?:matrix|array|cases)\*?\})\w+\*?\}\s*\\begin"
)
"""The end of a display and the beginning of the next one."""
RESULT_APART = re.compile(r"(?=[\s$]*[\n$])[\s$]+[=≈][ ]*[-\d]")
"""A number behind a formula that did not go on with it."""
APART = re.compile(r"\n|\\q?quad|[ ]{3}")
"""A new line or a gap, behind which the next statement may begin."""
BELOW = re.compile(r"[A-Za-z]\d\Z")
"""The numbered name by which a derivative is."""
BETWEEN = "words stand in the middle of this statement"
NOT_AS_MANY = "more or fewer values are written here than the quantity has, namely {}"
GOES_ON = "what follows may belong to it, or be a statement whose name is lost"
PAIR = re.compile(
    rf"(?:^|(?<=\d)[ ]+)[ \t]*(?:(?:{'|'.join(sorted(GRADIENT))})[ \t]+)?"
    r"([^\W\d_][\w/∂']*)[ \t]+[-−]?\d*[.,]\d+(?=[ \t]*$|[ \t]+[^\W\d_])",
    re.M,
)
"""A name and a number with nothing but a blank between them, alone on a line or beside another."""


@dataclass(eq=False)
class Statements:
    """Reads the claims of one statement after the other."""

    document: Document
    names: NameReader
    figures: SheetValues
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
    by_line: int = -1
    """Where the last line begins on which words say by what the loss is differentiated."""
    line_said: str = ""
    """What words on this line say of the statements behind them."""
    heads: set[str] = field(default_factory=set)
    """The names that have stood on the left of a sign, in one word each."""
    later: str = ""
    """Why nothing below the last heading can be told from the passes before."""
    first_pass: bool = False
    """Whether what stands below the last heading is of the first pass, wherever it stands."""
    drawing: int = -1
    """Where the drawing begins that is being read; -1 outside of any."""
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
            if chain.broken or self.later:
                raise Unreadable(chain.broken or self.later)
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
            self.corrects(made)
            self.claims += made
            self.supposed = self.supposed or (supposed and self.is_here(chain))
            self.open_ended = [claim for claim in made if claim.parts and not claim.numeric]
            for claim in made:
                later = claim.primes or claim.second or claim.error == CHANGE
                if claim.parts and claim.numeric and not later:
                    self.figures.claim(claim)
        except (Unreadable, RecursionError) as error:
            if not chain.broken and self.defines_function(chain):
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
        room = 0.51 * 10.0 ** -len(whole.partition(".")[2])
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
        figures = [number_of(claim) for claim in (wrong, *made)] if wrong and again else []
        if wrong and None not in figures and len({*figures}) == 2:
            self.claims[:] = [claim for claim in self.claims if claim is not wrong]
            self.figures.claimed.pop(wrong.quantity, None)
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
        return self.figures.fits(number_of(claim), claim.quantity, f"{claim.quantity}'")

    def is_of_another(self, claim: Claim, above: str) -> bool:
        """True for a number that what stands above does not come to, and another quantity does."""
        said, inner = number_of(claim), {n for part in claim.parts for n in part.names}
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
        room = 0.51 * 10.0 ** -places(claim) if places(claim) > least else 0
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
        name, value = claim.quantity, number_of(claim)
        derived = isinstance(parsed(name), Derivative)
        if len(claim.parts) < 2 or claim.primes or value is None or derived:
            return
        slope = Derivative(self.names.loss_of(name, claim.sample), name)
        is_slope, other = (
            self.figures.fits(value, *names) for names in ((slope,), (name, parsed(name).after(1)))
        )
        if is_slope and not other:
            claim.quantity = slope

    def is_contrary(self, claim: Claim) -> bool:
        """True for another number than the sheet has said of the quantity before."""
        value = number_of(claim)
        said = self.figures.claimed.get(claim.quantity)
        return value is not None and said is not None and not near(value, said)

    def is_factor(self, above: Sequence[Claim], claim: Claim) -> bool:
        """True if the formula before, times the quantity of a claim, comes to the same number.

        In dL/dz2 = dL/dyhat, dyhat/dz2 = 1 and dL/dh1 = dL/dz2, w2 = 0.5 the comma may be a speck.
        """
        said = number_of(claim)
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
        said = number_of(claim)
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
        value = number_of(claim)
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

    def skip(self, tokens: Sequence[Token], reason: str, listed: bool = True) -> None:
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
        if (symbol := lone_symbol(left, self.names, chain.math)) and not symbol.layer:
            formulas = [p.value for p in parts if p and not isinstance(p.value, tuple)]
            self.names.told(
                symbol, lambda name: any(self.figures.is_formula_of(name, f) for f in formulas)
            )
        if symbol and (slope := self.residual(symbol, parts)) is not None:
            if not slope:
                self.named_formulas.append((chain.start, chain.end))
                return
            self.names.define(symbol, slope)
        try:
            flat = spelled or not isinstance(tail, tuple)
            with self.names.shaped(flat, () if flat else lengths(tail)):
                value = self.left_side(left, chain.math)
            single = (
                self.shown_as(symbol, parts) if flat and symbol and isinstance(value, tuple) else ""
            )
            if symbol and single:
                self.names.define(symbol, single)  # a_1 is a sum, and not what a layer puts out
                value = Name(single)
            if symbol and (aim := self.aim_of(symbol, value, parts)):
                self.names.define(symbol, aim)  # the target y_5 = 1 of the unit 5
                value = Name(aim)
            named = isinstance(value, Name) and value.id in self.names.network.targets
            if named and symbol and symbol.key not in self.names.vocabulary.tiers[0] and any(
                len({*names_in(p.value)}) > 1 for p in parts if p and not isinstance(p.value, tuple)
            ):  # fmt: skip
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
        number = kept[-1].amount
        apart = isinstance(value, Name) and letter.casefold() in ERROR_WORDS
        of_loss = (
            self.names.quantity(bare_name(value.id)[0])
            if apart and isinstance(value, Name)
            else None
        )
        if of_loss and number is not None and self.is_difference(of_loss, number):
            raise Unreadable("this error may be no loss, but yhat - y or y - yhat")
        model = Claim(
            "", 0, [], chain.start, chain.end, chain.said, assigned=assigned, doubtful=doubtful
        )
        lead = re.findall(r"\w+", " ".join(chain.lead)) if chain.lead else ()
        model.newly = saying(lead) == "new" if lead else False
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
        plain = letter != "d" or (
            word[1:].isdecimal() and word not in self.names.vocabulary.tiers[0]
        )
        plain &= "/" not in str(self.names.aliases.get(word, ""))  # d1 = dE/dz3 tells its sign
        model.error = CHANGE if change else letter if letter in ERRORS and plain else ""
        model.supposed = chain.weak
        titled = "only a title says whose it is" if chain.start == self.told_by_title else ""
        model.torn = next((str(e) for e in reasons if not isinstance(e, OfMatrices)), titled)
        model.sample = "" if chain.sampled or self.parted else self.names.sample
        model.twofold = dict(self.names.twofold)
        model.doubted = frozenset(self.names.doubted)
        model.first_pass, model.second_pass = self.first_pass, self.second_pass
        model.drawing, model.steps_above = self.drawing, self.steps_above
        yield from self.spread(value, kept, model)

    def has_another_name(self, symbol: Symbol | None, value: Value, part: Piece) -> bool:
        """True for a formula of a quantity with another name for it inside: z = z_1 + b.

        There the name seems to be of something else, which it is taken for from now on.
        """
        forward = symbol and isinstance(value, Name) and value.id in self.names.forward
        inner = () if isinstance(part.value, (tuple, Name)) else names_in(part.value)
        if not (forward and symbol and isinstance(value, Name) and value.id in inner):
            return False
        tokens, keys, noted = tokens_of(part.text, math=True), set[str](), dict(self.names.noted)
        for place, token in enumerate(tokens):
            with suppress(Unreadable):
                reader = Reader(tokens[place : place + 12], self.names, True)
                found = reader.symbol() if token.kind == "word" else None
                if found and self.names.find(found).quantities == value.id:
                    keys.add(found.key)
        self.names.noted = noted
        if len(keys) != 1 or symbol.key in keys:
            return False
        self.names.doubled |= keys
        return True

    def explained(
        self, symbol: Symbol | None, value: Value, parts: Sequence[Piece | None]
    ) -> Value | None:
        """The derivative that a numbered error term is, where that stands right behind its name.

        delta_1 = dJ/dz_2 = -0.4 counts from the output; None where its figure is that of the term.
        """
        piece = parts[0] if len(parts) > 1 else None
        if (
            symbol is None
            or symbol.head not in ERRORS
            or piece is None
            or not all_names(piece.value)
        ):
            return None
        names = names_of(quantities_of(piece.value))
        slopes = names <= self.names.vocabulary.derivatives
        own = symbol.key in self.names.aliases or symbol.key in self.names.vocabulary.tiers[0]
        if not slopes or own or piece.value == value:
            return None
        last = parts[-1].value if parts[-1] else None
        usual, told = (self.is_right(each, last) for each in (value, piece.value))
        if usual and not told:
            return None
        self.names.define(symbol, quantities_of(piece.value))
        return piece.value

    def is_slope_of_another(
        self, name: str, left: Sequence[Token], parts: Sequence[Piece | None]
    ) -> bool:
        """True for what a unit puts out by a quantity before its sum, with the slope at the sum.

        A bare dY may be this slope as well: dY = Y*(1 - Y).
        """
        slope = parsed(name)
        if not isinstance(slope, Derivative):
            return False
        acts = self.names.network.activations
        sums = {acts[unit.name]: unit.pre_activation for unit in self.names.network.units}
        bare = slope.of == self.names.loss and len(trimmed(left)) == 1
        of = str(slope.by if bare else slope.of)
        total = sums.get(of)
        if total is None or slope.by == total or slope.of == slope.by:
            return False
        formulas = [p.value for p in parts if p and not isinstance(p.value, tuple)]
        own = str(Derivative(of, total))
        return any(self.figures.is_formula_of(own, each) for each in formulas) and not any(
            self.figures.is_formula_of(name, each) for each in formulas
        )

    def is_right(self, value: Value, said: Value | None) -> bool:
        """True if what is said of a quantity, or a vector of them, is what it should be."""
        if isinstance(value, tuple) and isinstance(said, tuple) and len(value) == len(said):
            return all(map(self.is_right, value, said))
        if said is None or isinstance(said, tuple) or not isinstance(value, Name):
            return False
        return self.figures.fits(worked(said, lambda name: None), value.id)

    def slope_by(self, left: Sequence[Token]) -> Name:
        """The derivative that d_o1 is, which may also be the name of a target.

        Raises Unreadable for any other name.
        """
        by: Value = ()
        if [t.text for t in left[:2]] == ["d", "_"]:
            with suppress(Unreadable):
                by = self.left_side(left[2:], True)
        slope = Derivative(self.names.loss, by.id) if isinstance(by, Name) else ""
        if slope not in self.names.vocabulary.derivatives:
            raise Unreadable("this is the name of a target, which is given: is the output meant?")
        return Name(slope)

    def aim_of(self, symbol: Symbol, output: Value, parts: Sequence[Piece | None]) -> str:
        """The target of an output whose name stands before the target's number; else ""."""
        network = self.names.network
        if not isinstance(output, Name) or symbol.head != "y":
            return ""
        aim = dict(zip(network.outputs, network.targets, strict=False)).get(output.id, "")
        said = parts[0].amount if len(parts) == 1 and parts[0] else None
        given, right = self.figures.given.get(aim), self.figures.right(output.id) if aim else None
        if said is None or given is None or right is None or output.id in self.figures.claimed:
            return ""
        return aim if said == float(given) and not near(right, said) else ""

    def names_itself(self, left: Sequence[Token], value: Value, said: Value, chain: Chain) -> bool:
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

    def left_side(self, tokens: Sequence[Token], math: bool) -> Value:
        """The quantity, or the vector of them, that a statement is about."""
        if not tokens:
            raise Unreadable("no quantity stands before the equals sign")
        bracket = tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1
        if bracket and len(split(tokens[1:-1], ("comma",))) < 2:
            raise Unreadable("a bracket around the name: what stood before it?")
        last = tokens[-1].text if len(tokens) > 1 and tokens[-2].kind != "power" else ""
        plus = last == "+" or (last == "*" and tokens[-1].kind == "sign")  # w0+, w0*
        value = Reader(tokens[:-1] if plus else tokens, self.names, math).whole()
        starred = last == "*" and not (isinstance(value, Name) and value.id in self.names.weights)
        if starred:
            raise Unreadable("it is not clear what the star says of it")
        if plus and isinstance(value, Name) and "'" not in value.id:
            return Name(parsed(value.id).after(1))
        if isinstance(value, Call) and isinstance(value.arguments[0], Name):
            unit = self.names.activation(value.arguments[0].id.replace("'", ""))
            if unit and unit.activation is value.function:
                primes = value.arguments[0].id.count("'")
                return Name(self.names.network.activations[unit.name] + "'" * primes)
        if not all_names(value):
            raise Unreadable("a formula stands where the name of a quantity should")
        return value

    def quantity_called(self, tokens: Sequence[Token], math: bool = False) -> str:
        """The one quantity that some tokens name; "" where they name none, or several."""
        with suppress(Unreadable):  # it may be of no sample yet
            value = self.left_side(trimmed(tokens), math)
            return value.id if isinstance(value, Name) else ""
        return ""

    def _is_left(self, tokens: Sequence[Token]) -> bool:
        """True if some tokens are what a statement may be about."""
        with suppress(Unreadable), self.names.shaped(True):
            self.left_side(trimmed(tokens), False)
            return True
        if len(self.names.network.samples) < 2 or self.names.sample:
            return False
        with self.names.of_sample("1"):  # a name that each sample has
            return self._is_left(tokens)

    def is_named(self, before: str) -> bool:
        """True if what stands before a figure is the name of a quantity, with a sign behind it."""
        name = before.strip(" \t*`$-−–—:~.(_=")
        tokens = tokens_of(name) if name and len(name) < 60 else []
        names = [trimmed(each) for each in split(tokens, ("comma",))] if tokens else []
        known = self.names.vocabulary.whole
        symbols = (lone_symbol(each, self.names, False) for each in names)
        return bool(names) and all(
            self._is_left(each) or (symbol and symbol.key in known)
            for each, symbol in zip(names, symbols, strict=True) if each
        )  # fmt: skip

    def _is_weight_name(self, tokens: Sequence[Token]) -> bool:
        """True if some tokens, which are a left side, name a weight, or a vector of them."""
        with suppress(Unreadable):  # it may be of no sample yet
            return self._all_weights(self.left_side(trimmed(tokens), False))
        return False

    def _all_weights(self, value: Value) -> bool:
        if isinstance(value, tuple):
            return all(map(self._all_weights, value))
        return isinstance(value, Name) and value.id in self.names.weights

    def parts(self, chain: Chain) -> tuple[list[Piece | None], list[Unreadable]]:
        """The parts of a chain, None for each that cannot be read; and why these cannot."""
        found: list[Piece | None] = []
        reasons: list[Unreadable] = []
        for number, (_, tokens) in enumerate(chain.sides[1:], 2):
            texts = {t.text for t in tokens}
            compared = not texts.isdisjoint(COMPARED)
            if compared:
                behind = number > 2 and bool(written_plainly(trimmed(chain.sides[number - 2][1])))
                tokens = self.without_condition([*trimmed(tokens)], chain.math, behind)
            choice = "if" in texts
            inner = trimmed(tokens if choice else split(tokens, ("compare",))[0])  # 0.5 > 0
            ends = [t.kind for t in tokens[-2:]]
            if number < len(chain.sides) and ends == ["number", "dot"]:
                raise Misplaced("the number breaks off")
            if all(BLANK.fullmatch(t.text) for t in inner):
                continue
            text = self.document.text[inner[0].start : inner[-1].end]
            if not texts.isdisjoint(SUMS) and any(
                t.kind == "unknown" and t.text in SUMS for t in inner
            ):
                found.append(None)
                reasons.append(OfMatrices("this is a sum over an index"))
                continue
            noted = dict(self.names.noted)
            try:
                try:
                    then = chain.sides[number : number + 1]
                    glued = self.glued(chain, inner) if then else None
                    value = glued or Reader(inner, self.names, chain.math).whole()
                    value = self.decided(value) if compared else value
                    dotted = any(t.kind == "dot" for t in inner)
                    if then and two_statements(inner, value) and not (
                        self._is_product(value, chain.sides[-1:] if dotted else then)
                    ):  # fmt: skip
                        raise Misplaced(
                            "the name may belong to this formula or begin the next statement"
                        )
                    lines = then and self._two_lines(inner) and not self._comes_to(value, then)
                    if lines or (then and self._begins_next(inner, then[0][1], chain.math)):
                        raise Misplaced("the name at its end may begin the next statement")
                    marked = inner[0].kind == "sign" and len(inner) > 1 and inner[1].spaced
                    if then and self._listed(value, marked) and not self._comes_to(value, then):
                        raise Misplaced("the dash may be a minus or the mark of a list")
                    if number == len(chain.sides) and raised_point(inner):
                        raise Unreadable(
                            "the dot may be a decimal point or a sign of multiplication"
                        )
                except Unreadable:
                    borne = self.borne_out(chain, number, inner) or self.shaped(chain, inner)
                    if borne is None:
                        raise
                    inner, value = borne
                if inner[-1].text == "}" and raised_point(inner):
                    raise Misplaced("a number stands beside another")  # 0.5 {1} of z_{1}
                digits = digits_of(inner, value)
                if number == len(chain.sides) and digits == "-0":
                    raise Unreadable("the number breaks off")
                found.append(Piece(text, value, "" if glued else digits))
            except Misplaced as error:
                torn = any(TWO_POINTS.fullmatch(t.text) for t in inner)
                figures = all(t.kind != "word" for t in inner)
                torn |= figures and self.is_told(chain, found)
                if not (torn and number < len(chain.sides) and self.comes_right(chain)):
                    raise
                found.append(None)  # signs are lost: two numbers have run into each other
                reasons.append(error)
            except Unreadable as error:
                self.names.noted = noted
                if numeric(inner) and error.meant:
                    raise Misplaced(str(error)) from error
                if before_word(inner) and not isinstance(error, OfMatrices):
                    raise Misplaced("a number stands before a word that is no quantity") from error
                stated = "\\\\" in text and any(t.kind == "relation" for t in inner)
                if stated and texts.isdisjoint(("cases", "matrix")):
                    raise Misplaced("further rows stand in a bracket of it") from error
                aligned = re.match(r"\s*&\s*[=≈]", self.document.work[inner[-1].end :][:9])
                if number < len(chain.sides) and (aligned or self._two_lines(inner)):
                    raise Misplaced(
                        "the name on the new line may begin the next statement"
                    ) from error
                if self._is_word(inner):
                    raise Misplaced(
                        "a word that is no quantity stands between two equals signs"
                    ) from error
                found.append(None)
                reasons.append(error)
        joint = [side for _, side in chain.sides[-2:]]
        between = self.document.work[joint[0][-1].end : joint[-1][0].start] if all(joint) else ""
        check_one_value(found, bool(JOINED.fullmatch(between)))
        return found, reasons

    def cut_remark(self, chain: Chain) -> None:
        """Cut a comment off a statement that goes on with the working of something else."""
        for place in range(2, len(chain.sides) - 1):
            before, behind = (side for _, side in chain.sides[place - 1 : place + 1])
            gap = self.document.text[before[-1].end : behind[0].start] if before and behind else ""
            name = self.quantity_called(chain.sides[0][1], chain.math) if "#" in gap else ""
            if not name:
                continue
            said = self._amount(trimmed(chain.sides[-1][1]), chain.math)
            with suppress(Unreadable):
                made = Reader(trimmed(behind), self.names, chain.math).whole()
                own = not isinstance(made, tuple) and self.figures.is_working_of(name, made)
                ways = self.figures.ways(name)
                if own or (said is not None and any(near(way, said) for way in ways)):
                    return
            chain.sides, chain.tabled = chain.sides[:place], True
            return

    def is_told(self, chain: Chain, parts: Sequence[Piece | None]) -> bool:
        """True if the formula of the quantity stands right behind its name."""
        name = self.quantity_called(chain.sides[0][1], chain.math)
        first = parts[0].value if parts and parts[0] else ()
        return not isinstance(first, tuple) and self.figures.is_formula_of(name, first)

    def comes_right(self, chain: Chain) -> bool:
        """True if a chain ends with what its name should be."""
        said = self._amount(trimmed(chain.sides[-1][1]), chain.math)
        return any(near(way, said) for way in self.ways(chain.sides[0][1], chain.math))

    def shaped(self, chain: Chain, inner: Sequence[Token]) -> tuple[Sequence[Token], Value] | None:
        """A formula of vectors of the length of that with which a chain ends: 1 - h^2."""
        with suppress(Unreadable):
            size = lengths(Reader(trimmed(chain.sides[-1][1]), self.names, chain.math).whole())
            with self.names.shaped(False, size):
                value = Reader(inner, self.names, chain.math).whole()
            return (inner, value) if size and lengths(value) == size else None
        return None

    def glued(self, chain: Chain, inner: Sequence[Token]) -> Product | None:
        """The product that -1.1 = -1 is: a scanned dot between two numbers looks like a point.

        The one product must be just what the chain ends with, which the number is not.
        """
        text = "".join(t.text for t in inner)
        if not (DOTTED.fullmatch(text) and (end := written_plainly(trimmed(chain.sides[-1][1])))):
            return None
        said, whole = Fraction(end), Fraction(text) if text.count(".") < 2 else None
        if whole is not None and abs(whole - said) <= abs(whole) * FARTHEST_ROUNDED:
            return None
        pieces = text.split(".")
        fitting = []
        for signs in product(".·", repeat=len(pieces) - 1) if len(pieces) <= MOST_FACTORS else ():
            joined = "".join(map(add, pieces, (*signs, "")))
            factors = joined.split("·")
            made = all(map(FACTOR.fullmatch, factors)) and len(factors) > 1
            if made and prod(map(Fraction, factors)) == said:
                fitting.append((joined, factors))
        if len(fitting) != 1:
            return None
        ((self.names.noted[text], factors),) = fitting
        return Product(tuple(Number(Fraction(each)) for each in factors))

    def holds(self, tokens: Sequence[Token], math: bool) -> bool:
        """True for a comparison, perhaps behind a word, that is so by the sheet's own figures."""
        asked = [*dropwhile(lambda t: t.kind == "stop" or says(t, CONDITIONS, LEAD_INS), tokens)]
        with suppress(Unreadable):
            if any(t.kind == "compare" for t in asked):
                condition = Reader(asked, self.names, math).condition(named=False)
                return worked(Choice(condition, ONE, ZERO), self.figures.stated) == 1
        return False

    def without_condition(self, tokens: list[Token], math: bool, behind: bool) -> list[Token]:
        """The tokens of a part without a condition behind it that holds: -3 (z_2 > 0).

        Behind names it is a factor, 1 where it holds, but not `behind` a result: = -0.17 = dL/dz1
        """
        last = len(tokens) - 1
        at = next((n for n, t in enumerate(tokens) if t.kind == "open" and
                   n and closing(tokens, n) == last), 0)  # fmt: skip
        one, before = tokens[at - 2 : at] if at > 1 else (END, tokens[0])
        indicator = before.text == "1" and one.kind != "sign" and not tokens[at].spaced
        bare = at > 0 and tokens[at + 1].kind == "compare"  # 0.6 (> 0)
        called = before.text in ACTIVATIONS or before.text in FUNCTION_NAMES
        if not at or indicator or called or before.kind in ("sign", "low", "power", "root") or (
            not self.holds([*tokens[: at * bare], *tokens[at + 1 : -1]], math)
        ):  # fmt: skip
            return tokens
        named = any(t.kind in ("word", "accent", "differential") for t in tokens[:at])
        told = not named or says(tokens[at + 1], CONDITIONS, LEAD_INS)
        if told or (behind and self._is_left(tokens[:at])):
            return tokens[:at]
        return [*tokens[:at], Token("sign", "·", before.end, before.end), *tokens[at:]]

    def decided(self, value: Value) -> Value:
        """A number times an indicator, -3 * 1[z_2 > 0], as what it is by the sheet's figures."""
        factors = [n for n in walk(value) if isinstance(n, (Choice, Number))] if (
            isinstance(value, (Product, Negation))
        ) else ()  # fmt: skip
        if all(isinstance(n, Choice) or abs(n.value) == 1 for n in factors):
            return value  # which is a formula

        def settled(node: Expression) -> Expression:
            held = worked(node, self.figures.stated) if isinstance(node, Choice) else None
            whole = isinstance(node, Choice) and (node.then, node.otherwise) == (ONE, ZERO)
            if whole and held is not None:
                return ONE if held else ZERO
            return rebuilt(node, settled)

        made = settled(value)  # type: ignore[arg-type]
        return value if names_in(made) else made

    def _two_lines(self, tokens: Sequence[Token]) -> bool:
        """True if a name stands at the end behind a new line, a gap, or what may mark a point."""
        text = self.document.text
        starred = any(t.text == "*" for t in tokens) and re.search(r"^[ \t>]*\* ", text, re.M)
        if not starred and not APART.search(text, tokens[0].end, tokens[-1].start):
            return False
        for at, (one, two) in enumerate(pairwise(tokens), 1):
            star = starred and one.text == "*" and written_plainly(tokens[: at - 1])
            if star or (two.text != "*" and APART.search(text[one.end : two.start])):
                return self._is_left(tokens[at:])
        return False

    def _begins_next(self, inner: Sequence[Token], then: Sequence[Token], math: bool) -> bool:
        """True if the name at the end has the formula behind, and no sign before it: 1 h1 = g(z1).

        The end of a row before it is lost.
        """
        level = 0
        for at in range(len(inner) - 1, 0, -1):
            kind, text = inner[at].kind, inner[at].text
            level += (kind == "close") - (kind == "open")
            if level or inner[at - 1].kind not in ("number", "word", "close"):
                continue
            begun = kind not in NO_STARTS and text not in ("*", "·", "/")
            if begun and self._is_left(inner[at:]):
                with suppress(Unreadable):
                    name = self.left_side(inner[at:], math)
                    Reader(inner[:at], self.names, math).whole()  # else it begins before
                    said = Reader(trimmed(then), self.names, math).whole()
                    if isinstance(name, Name) and not isinstance(said, tuple):
                        return self.figures.is_formula_of(name.id, said)
            if kind == "sign" and text != "/" and at < len(inner) - 1:
                return False  # what begins further up is a product or a sum
        return False

    def _listed(self, value: Value, marked: bool) -> bool:
        """True for 0.75 - w0, and for - w0 with a gap: the sign may be that of a list."""
        if isinstance(value, Negation):
            return marked and isinstance(value.operand, Name)
        if not isinstance(value, Sum) or len(value.terms) != 2:
            return False
        first, last = (t.operand if isinstance(t, Negation) else t for t in value.terms)
        return isinstance(first, Number) and isinstance(last, Name)

    def _comes_to(self, value: Value, then: Sequence[tuple[str, list[Token]]]) -> bool:
        """True if a formula comes to what stands behind it."""
        said = self._amount(trimmed(then[0][1]), True)
        return any(near(found, said) for found in self._amounts(value))

    def _amounts(self, value: Value) -> list[float]:
        """What a formula comes to by what the sheet says of its names, and by what it should."""
        lookups = () if isinstance(value, tuple) else (self.figures.stated, self.figures.own)
        found = [worked(value, each) for each in lookups]  # type: ignore[arg-type]
        return [each for each in found if each is not None]

    def _is_product(self, value: Value, then: Sequence[tuple[str, list[Token]]]) -> bool:
        """True if a number beside a name comes to what stands behind, and the name does not."""
        bare = value.operand if isinstance(value, Negation) else value
        if isinstance(value, tuple) or not isinstance(bare, Product):
            return False
        said = self._amount(trimmed(then[0][1]), True)
        last = bare.factors[-1]
        alone = last.operand if isinstance(last, Inverse) else last
        whole, single = self._amounts(value), self._amounts(alone)
        return any(
            near(one, said) and not near(two, said) for one, two in zip(whole, single, strict=False)
        )

    def borne_out(
        self, chain: Chain, number: int, inner: Sequence[Token]
    ) -> tuple[Sequence[Token], Value] | None:
        """The one further reading of a part that comes to what another part of its chain says."""
        others = [
            amount
            for place, (_, tokens) in enumerate(chain.sides[1:], 2)
            if place != number and (amount := self._amount(trimmed(tokens), chain.math)) is not None
        ]
        start, end = inner[0].start, inner[-1].end
        lettered = with_digits(self.document.work, start, end, chain.math)
        if lettered:
            others += self.ways(chain.sides[0][1], chain.math)
        raised = with_powers(self.document.work, start, end, self.document.comma)
        if raised:  # which must come to what the sheet says, or what it makes of its own figures
            others += self.ways(chain.sides[0][1], chain.math)
        for tokens in (
            [lettered] if lettered else [*further_readings(inner), *([raised] * bool(raised))]
        ):
            try:
                value = Reader(tokens, self.names, chain.math).whole()
            except Unreadable:
                continue
            if isinstance(value, tuple) or (number == len(chain.sides) and names_in(value)):
                continue
            amounts = self._amounts(value)
            bare = value.operand if isinstance(value, Negation) else value
            last = bare.factors[-1] if isinstance(bare, Product) else None
            name = None if last is None else worked(last, self.figures.own)
            other = next((o for o in others for amount in amounts if near(amount, o)), None)
            end_of_two = name is not None and (near(name, other or 0) or near(name, 1))
            if other and (tokens is raised or not end_of_two):
                return tokens, value  # else 0.5 z1 or 0 z1 may be the ends of two statements
        return None

    def ways(self, name: Sequence[Token], math: bool) -> list[float]:
        """What a quantity may be by the sheet's own figures, or by the right ones."""
        meant = self.quantity_called(name, math)
        return self.figures.ways(meant) if meant else []

    def _amount(self, tokens: Sequence[Token], math: bool) -> float | None:
        """The number that a part of a chain is; None for any other."""
        try:
            value = Reader(tokens, self.names, math).whole()
        except Unreadable:
            return None
        return Piece("", value, "").amount

    def _is_word(self, tokens: Sequence[Token]) -> bool:
        """True if a part is one name of several letters that is none here, such as a broken one."""
        if tokens[0].kind != "word" or len(tokens[0].text) < 2:
            return False
        symbol = lone_symbol(tokens, self.names, False, primed=True)
        return symbol is not None and COMMANDS.get(tokens[0].text, ("",))[0] != "word"

    def damaged(
        self, left: Sequence[Token], chain: Chain,
        parts: list[Piece | None], error: Unreadable,
    ) -> tuple[Value, str]:  # fmt: skip
        """A left side that is no name here: a new name that the sheet defines, or z read as 2.

        y^1 is a hat and a number. Raises the error where it is none of these.
        """
        outputs = self.names.network.outputs
        hatted = re.fullmatch(r"[yo]\^(\d)", "".join(t.text for t in left))
        if hatted and 0 < int(hatted[1]) <= len(outputs) > 1:
            return Name(outputs[int(hatted[1]) - 1]), hatted[0]  # if its figure bears it out
        number = "".join(t.text for t in left if t.kind not in ("low", "open", "close"))
        match = re.fullmatch(r"2(\d{1,2})", number)
        kinds = {t.kind for t in left}
        if match and kinds <= {"number", "low", "open", "close"}:
            symbol = Symbol("z", match[1])
            if self.names.knows(symbol):
                text = "".join(t.text for t in left)
                return Name(str(self.names.find(symbol).quantities)), text
        with suppress(Unreadable):
            text = self.document.work[left[0].start : left[-1].end] if left else ""
            if (digits := undamaged(text)) != text:
                return self.left_side(tokens_of(digits), False), text
        new = lone_symbol(left, self.names, chain.math)
        listed = [part.value for part in parts if part and isinstance(part.value, tuple)]
        if new is None and lone_symbol(left, self.names, chain.math, primed=True) and (
            len(listed) == len(parts) == 2 and all_names(listed[0])
        ):  # fmt: skip
            return listed[0], ""  # b' = (b_1', b_2') = (0.1, 0.2)
        tail = parts[-1].value if parts and parts[-1] else None
        new = None if new and new.key in self.names.aliases else new
        if new and isinstance(tail, tuple) and new.key.isalpha():
            found = self.block(chain, tail) or self.vector_worked_as(chain)
            if found:
                self.names.define(new, found)
                return values_of(found), ""
        if new and (meant := self.shown_as(new, parts)):
            self.names.define(new, meant)
            self.names.shown.add(new.key)
            return Name(meant), ""
        if whole := self.slope_at(left, chain, parts) or self.put_out(left, chain) or (
            self.slope_told(left, chain, parts)
        ):  # fmt: skip
            return whole, ""
        if by_rule := self.said_by_rule(left, chain, tail):
            return by_rule, ""
        bare = [part.value for part in parts if part and all_names(part.value)]
        if not new or len(bare) != 1 or len(parts) > 3:
            raise error
        if isinstance(bare[0], Negation):
            raise Unreadable("a new name is given to something with its sign turned")
        self.names.define(new, quantities_of(bare[0]))
        return bare[0], ""

    def is_difference(self, of: Quantity, said: float) -> bool:
        """True for an error that is rather an output less its target than the loss, or its square.

        The square counts where the loss is the half of it.
        """
        own, network = self.figures.stated, self.names.network
        if of.of_sample(None) not in (self.names.loss, loss_name(network)):
            return False
        loss = own(of)
        if said < 0 or near(loss, said):
            return said < 0
        pairs = zip(network.outputs, network.targets, strict=False)
        here = [[own(parsed(name).of_sample(of.sample)) for name in each] for each in pairs]
        apart = [one - two for one, two in here if one is not None and two is not None]
        squares = [sum(each * each for each in apart)] if len(apart) == len(network.outputs) else []
        return any(near(abs(each), said) for each in [*apart, *squares])

    def residual(self, symbol: Symbol, parts: Sequence[Piece | None]) -> str | None:
        """What a sheet calls the difference of an output and its target, e = y - yhat.

        It is the loss's derivative where it has its formula, and "" for a formula without a
        quantity, which the name then stands for. None for any other statement.
        """
        names, said = self.names, [p.value for p in parts if p and not isinstance(p.value, tuple)]
        single = symbol.low.isdecimal() and len(names.network.outputs) == 1  # e_3 is of a unit
        own = symbol.key in names.vocabulary.tiers[0] or symbol.layer or symbol.primes or single
        squared = re.escape(symbol.key) + r"\s*(?:²|(?:\^|\*\*)\s*\{?\s*2)"  # as L = E^2 has it
        apart = symbol.key.casefold() in RESIDUALS and re.search(squared, self.document.work)
        known = names.aliases.get(symbol.key) or (
            symbol.key not in {*names.formulas, *RESIDUALS} and not apart and names.knows(symbol)
        )
        if own or known or symbol.head.startswith("delta"):
            return None
        for output, target in zip(names.network.outputs, names.network.targets, strict=False):
            slope = str(Derivative(names.loss, output))
            for formula in said:
                if {*names_in(formula)} != {output, target} or not isinstance(formula, Sum):
                    continue
                if self.figures.is_formula_of(slope, formula):
                    return slope
                names.abbreviate(symbol, formula)
                return ""
        return None

    def shown_as(self, new: Symbol, parts: list[Piece | None]) -> str:
        """The quantity that the formula or figures behind a new name are of; "" for none."""
        if new.low in ("i", "j", "k"):
            return ""  # which may be any of them
        own = new.key in self.names.vocabulary.named  # the name of a unit
        least = 1 if new.key.isalpha() or own else 3  # z_9 is rather a slip
        meant, put_in = self.worked_as(parts, least), self.worked_in_figures(new, parts)
        meant = meant or ("" if put_in else self.slope_as(new, parts))
        if not meant and new.low.isdecimal() and self.names.is_strange(new.head):
            like = self.worked_in_figures(new, parts, new.low) or self.worked_as(parts, 1)
            if like.endswith(new.low) and like.removesuffix(new.low).isalpha():
                meant = like
                self.names.define_alike(new.head, meant)
        return meant or put_in

    def defines_function(self, chain: Chain) -> bool:
        """True for what a function is for every z, and no statement: sigma(z) = 1/(1 + e^-z)."""
        left = [t for t in trimmed(chain.sides[0][1]) if t.kind != "prime"]
        if [t.text for t in left[-3::2]] != ["(", ")"] or left[-2].kind != "word":
            return False
        head, letter = "".join(t.text for t in left[:-3]), left[-2].text
        said = [t for _, side in chain.sides[1:] for t in side]
        named = head in FUNCTION_NAMES or head in UNIT_FUNCTIONS or slope_called(head)
        figures = any(t.kind == "number" and "." in t.text for t in said)
        return bool(named) and len(letter) == 1 and not figures and any(
            t.text == letter for t in said
        )  # fmt: skip

    def slope_at(
        self, left: Sequence[Token], chain: Chain, parts: list[Piece | None]
    ) -> Name | None:
        """The local derivative of the one unit whose slope a formula is: h1(1 - h1) = 0.2179."""
        said = last.amount if (last := parts[-1] if parts else None) else None
        with suppress(Unreadable):
            formula = Reader(left, self.names, chain.math).whole() if said is not None else ()
            if isinstance(formula, tuple) or said is None:
                return None
            acts = self.names.network.activations
            slopes = (Derivative(acts[u.name], u.pre_activation) for u in self.names.network.units)
            found = [each for each in slopes if self.figures.is_formula_of(each, formula)]
            if len(found) == 1 and near(self.figures.own(found[0]), said):
                return Name(found[0])
        return None

    def said_by_rule(self, left: Sequence[Token], chain: Chain, tail: Value | None) -> Value | None:
        """What a rule before an equals sign gives: W - lr dL/dW the new weights, W^T d a slope."""
        flat, found = not isinstance(tail, tuple), None
        signs = {t.text: self.names.signs.get(t.text, 1) for t in left if t.kind == "word"}
        for matrices in (False, True) if all(signs.values()) else ():
            with suppress(Unreadable), self.names.shaped(flat, () if flat else lengths(tail or ())):
                reader = Reader(left, self.names, chain.math)
                reader.matrices = matrices
                found = self.ruled(reader.whole())
            if found and same_shape(found, tail or ()):
                return found
        return None

    def ruled(self, rule: Value) -> Value | None:
        """The quantity, or the vector of them, that a rule is of; None where it is of none."""
        if isinstance(rule, tuple):
            parts = [self.ruled(each) for each in rule]
            whole = all(part is not None for part in parts)
            return tuple(part for part in parts if part is not None) if whole else None
        inner = names_in(rule)
        new = [parsed(each).after(1) for each in inner if each in self.names.weights]
        backward = len(inner) > 1 and any(isinstance(parsed(each), Derivative) for each in inner)
        slopes = sorted(self.names.vocabulary.derivatives) if backward else ()
        found = [each for each in (*new, *slopes) if self.figures.is_formula_of(each, rule)]
        return Name(found[0]) if len(found) == 1 else None

    def slope_told(
        self, left: Sequence[Token], chain: Chain, parts: list[Piece | None]
    ) -> Name | None:
        """The one derivative that figures below a title of derivatives are of: -0.4 * 2 = -0.8."""
        said = last.amount if (last := parts[-1] if parts else None) else None
        line = self.document.work.rfind("\n", 0, chain.start) + 1
        before = re.findall(r"\w+", self.document.work[line : chain.start])
        if "gradient" not in (chain.said, saying(before)) or said is None or not last or (
            len(str(last.plain).lstrip("-0.")) < LEAST_DIGITS
        ):  # fmt: skip
            return None
        with suppress(Unreadable):
            formula = Reader(left, self.names, chain.math).whole()
            made = None if isinstance(formula, tuple) else worked(formula, lambda name: None)
            slopes = sorted(self.names.vocabulary.derivatives)
            fits = [n for n in slopes if self.figures.fits(said, n)]
            bare = formula.operand if isinstance(formula, Negation) else formula
            if made is not None and isinstance(bare, Product) and len(fits) == 1:
                return Name(fits[0])
        return None

    def put_out(self, left: Sequence[Token], chain: Chain) -> Name | None:
        """What the one unit puts out whose weighted sum an activation is taken of: tanh(0.3).

        Behind a prime it is the local derivative of this unit.
        """
        primed = [t.kind for t in left[:2]] == ["word", "prime"] and left[1].text == "'"
        with suppress(Unreadable):
            inner = [left[0], *left[2:]] if primed else left
            call = Reader(inner, self.names, chain.math).whole()
            at = worked(call.arguments[0], lambda name: None) if isinstance(call, Call) else None
            if not isinstance(call, Call) or at is None:
                return None
            acts, units = self.names.network.activations, self.names.network.units
            made = [(acts[u.name], u.pre_activation, u.activation.name) for u in units
                    if len(u.group) < 2]  # fmt: skip
            for name, line in self.names.forward.items() if not units else ():
                of = line.expression
                if isinstance(of, Call) and isinstance(of.arguments[0], Name):
                    made.append((name, of.arguments[0].id, of.function.name))
            sums = [(out, total, self.figures.stated(total)) for out, total, function in made
                    if function == call.function.name]  # fmt: skip
            found = [(out, total) for out, total, own in sums if near(own, at)]
            if len(found) == 1:
                return Name(Derivative(*found[0]) if primed else found[0][0])
        return None

    def block(self, chain: Chain, said: Value) -> Quantities | None:
        """The one vector or matrix that the exercise gives with just these numbers."""
        given, numbers = self.figures.given, [worked(n, lambda name: None) for n in leaves(said)]
        fits = [
            block for block in self.names.vocabulary.blocks
            if lengths(block) == lengths(said)
            and [float(given[name]) for name in leaves(block)] == numbers
        ]  # fmt: skip
        return fits[0] if len(fits) == 1 and len(chain.sides) == 2 else None

    def vector_worked_as(self, chain: Chain) -> Quantities | None:
        """The vector whose elements have the formulas that stand behind a name: z = W x + b."""
        for _, side in chain.sides[1:-1]:
            reader = Reader(trimmed(side), self.names, chain.math)
            reader.matrices = True
            with suppress(Unreadable):
                value = reader.whole()
                if isinstance(value, tuple):
                    found = [self.worked_as([Piece("", each, "")], 1) for each in value]
                    return (*found,) if all(found) else None
        return None

    def worked_as(self, parts: list[Piece | None], least: int) -> str:
        """The one quantity whose formula stands behind a name that is none here; "" for none.

        The formula must have so many names in it at the least.
        """
        formulas = [p.value for p in parts if p and not isinstance(p.value, tuple)]
        shown = next((each for each in formulas if not isinstance(each, Name)
                      and len({*names_in(each)}) >= least), None)  # fmt: skip
        if shown is None:
            return ""
        found = called_by(shown, self.names)
        unit = self.names.activation(found[0]) if found else None
        if unit and unit.activation.name == "identity":
            found = [n for n in found if n == self.names.network.activations[unit.name]] or found
        return found[0] if len(found) == 1 else ""

    def slope_as(self, new: Symbol, parts: list[Piece | None]) -> str:
        """The derivative by a unit whose formula stands behind a new letter: delta = yhat - y."""
        formulas = [p.value for p in parts if p and not isinstance(p.value, tuple)]
        formulas = [each for each in formulas if len(names_in(each)) > 1]
        if not new.key.isalpha() or not formulas:
            return ""
        units = reversed(self.names.network.units)
        both = ((self.names.network.activations[u.name], u.pre_activation) for u in units)
        by = [n for pair in both for n in (pair[::-1] if new.head in ERRORS else pair)]
        slopes = (str(Derivative(self.names.loss, each)) for each in dict.fromkeys(by))
        return next((n for n in slopes if self.figures.is_formula_of(n, formulas[0])), "")

    def worked_in_figures(self, new: Symbol, parts: list[Piece | None], number: str = "?") -> str:
        """The one quantity without a name so far whose numbers are put in; "" for none.

        The working must come to what is said, 0.09*0.32 - 0.17*0.37 + 0.48 = 0.4463, unless the
        quantity has the number of the name.
        """
        formulas = [p.value for p in parts if p and not isinstance(p.value, tuple)]
        said = worked(formulas[-1], lambda name: None) if formulas else None
        workings = [f for f in formulas if not (names_in(f) or isinstance(f, (Number, Negation)))]
        made = worked(workings[0], lambda name: None) if workings else None
        if said is None or made is None:
            return ""
        found = [
            name for name in self.names.forward
            if name.endswith(number) or (name not in self.figures.claimed and near(made, said))
            if any(self.figures.is_working_of(name, each) for each in workings)
        ]  # fmt: skip
        unit = self.names.activation(found[0]) if len(found) == 1 else None
        if unit and unit.activation.name == "identity" and new.head not in ("z", "net"):
            return self.names.network.activations[unit.name]
        return found[0] if len(found) == 1 else ""

    def define(self, value: Value, chain: Chain, parts: list[Piece | None]) -> None:
        """Take in a new name that stands alone behind a quantity: dL/dy = D = -0.8."""
        if len(chain.sides) < 3 or len(parts) < 2 or parts[0] is not None:
            return
        symbol = lone_symbol(trimmed(chain.sides[1][1]), self.names, chain.math)
        if any(part and all_names(part.value) and part.value != value for part in parts):
            return  # w0 = w7 = w2 = 0.5, where w7 may be w1
        part = symbol and self.names.of_one_output(symbol)  # E = E_o1, whose other term is lost
        if symbol and not part and symbol.key not in self.names.aliases:
            meant, network = quantities_of(value), self.names.network
            for unit in network.units if symbol.head in ("z", "net") else ():  # z_out beside p
                if unit.activation.name == "identity" and network.activations[unit.name] == meant:
                    meant = unit.pre_activation
            self.names.define(symbol, meant)

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


def lists(tokens: Sequence[Token]) -> bool:
    """True if a name is a list of names, (z1, z2); what J(W, b) is a function of is none."""
    depth = 0
    for before, token in pairwise((END, *tokens)):
        called = before.kind == "word" and before.text != "d" and token.text == "("
        depth += token.kind == "open" and (called or depth > 0)
        depth -= token.kind == "close" and depth > 0
        if token.kind in CELLS and not depth:
            return True
    return False


def undamaged(name: str) -> str:
    """A scanned name with digits for the letters that may stand for them: h2 for hZ."""
    return DAMAGED_NAME.sub(lambda match: match[0].strip().translate(SCANNED), name)
