"""What a sheet says of whole vectors and matrices: numbers in brackets, or a formula of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, chain, product
from typing import TypeAlias

from backcalc.equations.matrix_form import MatrixForm, shape_called
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import TOTAL
from backcalc.errors import BackcalcError
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Call, Expression, Name, Negation, Number, names_in, rebuilt
from backcalc.formulas.functions import FUNCTIONS, call_derivatives
from backcalc.formulas.matrices import OPERATIONS, SCALAR, Shape, transposed, whole
from backcalc.formulas.matrix_reader import parse_matrices
from backcalc.formulas.notation import formula_text
from backcalc.formulas.parser import parse_number
from backcalc.formulas.quantity import DERIVATIVE, Derivative, Quantity, parsed
from backcalc.reading.documents import DRAWN, KEYWORDS
from backcalc.reading.marks import marks
from backcalc.reading.sample_parts import OF_ALL, OF_SAMPLE
from backcalc.reading.sessions import FIGURE
from backcalc.reading.signs import COMMANDS, FUNCTION_NAMES, LEAD_INS, LEADING, NEW
from backcalc.reading.tokens import FILLER, MAX_NESTED, USUAL, blanked, macros_in, translated
from backcalc.reading.vocabulary import NUMBERED_SUMS, SPELLINGS, layer_spellings

MOST_CELLS = 10_000
MOST_LEVELS = 3  # of brackets in brackets
MOST_WITHIN = 4  # macros in macros
MOST_NAMED = 200  # characters in which a name stands before its numbers
MOST_LINE = 20_000  # characters of one statement
FILLED = "\x1f"  # a blank where a part of a matrix stood
JOINT = "\x1e"  # the end of a line that the next one goes on with
BOX = ("⟦", "⟧")  # what stands for a matrix of numbers
RESERVED = str.maketrans(f"{FILLED}{JOINT}⟦⟧", "  ??")

NUMBER = rf"(?:[-+−]\s)?{FIGURE}(?:/\d+)?"
MATRIX = regex(
    r"(?P<left>\\left\s*[\[(]\s*)?\\begin\s*\{(?P<env>[bpBvV]?matrix|smallmatrix|array)\}(?:\{[lcr|]*\})?"
    r"(?P<cells>(?:(?!\\end).)*)\\end\s*\{(?P=env)\}(?(left)\s*\\right\s*[\])])",
    re.DOTALL,
)


def _nested(opening: str, closing: str) -> str:
    """The pattern of a bracket with no more than a few levels of brackets inside."""
    inside = rf"[^\{opening}\{closing}]*"
    found = rf"\{opening}{inside}\{closing}"
    for _ in range(MOST_LEVELS - 1):
        found = rf"\{opening}{inside}(?:{found}{inside})*\{closing}"
    return found


LIST = regex(
    r"(?:(?:(?:np\.|numpy\.)?(?:array|matrix|tensor)[ \t]*)?(?P<call>\([ \t]*)?(?<![\w)\]{}'^_])"
    rf"(?P<list>{_nested(*'[]')})|(?<![\w)\]{{}}'^_])(?P<round>{_nested(*'()')}))"
    r"(?(call)(?:\s*(?:,\s*dtype=[\w.]+)?\s*\))?)"
)
OF_ARGUMENT = regex(rf"\b(?:{KEYWORDS})=\Z")
"""A word before the numbers of an argument: shape=(4, 4)."""
GAP = regex(r"\\[,;:! ]|\\q?quad(?![a-z])|~")
"""A blank of LaTeX."""
PRINTED = regex(r"\bnp\.float\d+\(([^()]*)\)")
"""A number as Python prints a list of NumPy's."""
ROW = regex(r"\[([^\[\]]*)\]|\(([^()]*)\)")
SIGNS_AROUND = regex(r"(?=[\s&$]*(?:=|≈|\\approx)).*(?:=|≈|\\approx)\s*", re.DOTALL)
DECIMAL_COMMA = regex(r"(?<=\d)(?:,|\{,\})(?=\d)")
TRANSPOSED = regex(
    r"\s*(?:\^\s*\{?\s*(?:T|⊤|\\top|\\intercal)\s*\}?|ᵀ|\.T)(?=\s*(?:[$.,;]|\\[\])\\]|[\n\x1e]|\Z))"
)
"""A matrix that is written lying, to be turned."""
DISPLAY_END = regex(r"(?:\\[\])]|\$+|\\\\|[\s.,;])+\Z")
"""What ends a display, behind its formula."""
APPROXIMATELY = regex(r"≈|\\approx(?![a-z])")
DISPLAY_TAIL = regex(r"(?:[ \t]*(?:\$+|\\\]|\\\)|\\\\|[.,;])+)?")
DISPLAY = regex(r"\\[\[\]]")
REMARK = regex(r"^[ \t]*[#%].*$", re.MULTILINE)
ARROW = r"←|\\leftarrow(?![a-z])|\\gets(?![a-z])|<-(?=\s)"
"""What gives a weight its new value."""
NAMED = regex(
    r"(?P<name>[^=:\s;&][^=:\n;&]{0,119}?)[ \t]*&?[ \t]*"
    rf"(?P<sign>:=|=|≈|\\approx|{ARROW}|:(?!=))\s*&?\s*$"
)
ROWS_BELOW = regex(
    rf"(?<![ \t])[ \t]*\n(?P<rows>(?:[ \t]*{NUMBER}(?:[ \t,;&]+{NUMBER})*[ \t]*(?:\n|\Z))+)"
    r"(?![ \t]*(?:[-−]?\.?\d|[+*/@·⋅⊙∘×]))"
)
GOES_ON = regex(
    r"[ \t]*(?:&?[ \t]*(?:[-+*/@·⋅⊙∘×=≈^(ᵀ]|\.T|\\(?:cdot|odot|times|circ|ast|approx|top)\b)"
    r"|\\(?:frac|left|begin)\b)"
    r"|[ \t]*\\\\[ \t]*[\n\x1e][ \t&]*(?:[⊙∘·⋅×]|\\(?:cdot|odot|times|circ)\b)"
)
"""What follows a matrix that is a step on the way to another one."""
WORKING = regex(
    rf"(?<![\n \t])[ \t]*\n(?=[ \t&$]*(?:=|≈|\\approx)|(?:(?!{ARROW})[^=≈\n])*[{FILLED}{BOX[0]}])"
)
"""The end of a line that the next one goes on with."""
BELOW = regex(rf"(?:[=≈:]|\\approx)[ \t&$]*\n(?=[ \t]*{BOX[0]})")
"""The end of a line whose matrix stands below it."""
FIRST_TERM = regex(r"(?:=|≈)[\s&$]*([^\s=+−-]{1,30}?)\s*[-−+]")
"""The first term of a formula, as the old weight in that of the new one."""
CHANGED = regex(rf"([-+])=[\s{FILLED}]*$")
"""A sign behind the name of what changes by the number behind it."""
RESULT = regex(rf"(?:=|≈|\\approx)\s*(?P<value>{NUMBER})[\s$\\.]*\Z")
SHAPE_SAID = regex(r"(?:(?<!\s)\s{2,}|\\text\s*\{\s*)\((?P<shape>\d+(?:[x×]\d+)*)\)\s*\}?[\s\\&]*$")
"""The shape behind an equation, as our sheets have it."""
GENERAL = frozenset(f"d{each}" for each in SPELLINGS["pre-activation"])
"""What stands below in the derivative of the loss by a weighted sum, whichever it is."""
FORMULA = regex(
    r"^[ \t&]*(?:[-*•][ \t]+|\(?\w[.)][ \t]+)?(?:loss[^:=\n]{0,40}:[ \t]*)?"
    r"(?:(?:and|with|where|so|then|thus|hence)[ \t]+)?"
    rf"(?P<name>[^=:\s][^=:\n]{{0,119}}?)[ \t]*(?P<sign>:=|=|{ARROW})[ \t{FILLED}]*"
    rf"(?P<formula>(?:\S(?:[^\n]*\S)?)?)[ \t{FILLED}{JOINT}]*$",
    re.MULTILINE,
)
SIGN = regex(rf"(?:=|≈|\\approx|{ARROW})(?=(?P<next>[^=≈]*))")
"""A sign of equality, with what stands behind it."""
APART = regex(
    r"(?<!\\)[,;](?:\s|\\(?:q?quad\b|[,;:! ]))+|\band\b|\\(?:begin|end)\b(?:\s*\{\w+\})?|\\q?quad\b"
    rf"|{BOX[1]}(?=\s*&)"
)
"""What stands between two statements of a line."""
TABLE = regex(r"(?:^[ \t]*\|[^\n]*\|[ \t]*(?:\n|\Z)){2,}", re.MULTILINE)
CELLS = regex(r"[^|\n]+(?=\|)")
SAMPLE_WORD = regex(r"(?i)\b(?:samples?|examples?|beispiele?|exemples?|n|i|k)\b|#")
"""What stands above the numbers of samples."""
OVER_SAMPLES = regex(r"\bthe (?:mean|sum) over the samples of\b")
MATH_MARK = regex(r"\$\$?|(?<!\\)\\[()\[\]]")
"""What opens or closes a formula."""
NEXT = regex(
    r"(?P<apart>(?<!\\)[,;]|\band\b|\\q?quad\b|\$[^$=\n]{1,40}(?=\$))[\s$]*"
    r"(?:(?:and|with|where|so|then|thus|hence)\s[\s$]*)?"
    rf"(?P<name>[^=:\s,;$][^=:\n,;$]{{0,119}}?)\s*(?P<sign>:?=|{ARROW})"
)
"""Where another statement begins on the same line."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a matrix as it was written."""

    text: str
    """What stands there."""
    value: Expression
    """What it means."""


@dataclass(frozen=True, slots=True, eq=False)
class MatrixAnswer:
    """One statement about a whole vector or matrix."""

    name: Quantity
    """The quantity, with a prime for each step that it comes after."""
    shape: Shape
    """The lengths of the axes of what was written; of a formula those of the quantity."""
    cells: tuple[Cell, ...]
    """The numbers, the last axis running fastest; none for a formula."""
    formula: str
    """The formula in our own signs; empty for numbers, and for what could not be read."""
    text: str
    """What stands there."""
    start: int
    """Where it begins in the text."""
    end: int
    """Where it ends."""
    second: bool = False
    """True for a further name in a chain, which counts where nothing else says it."""
    turned: bool = False
    """True where derivatives are in the numerator layout; the cells of one stand transposed."""

    def in_layout(self) -> MatrixAnswer:
        """The statement of a sheet in the numerator layout, its cells in the denominator layout."""
        if len(self.shape) != 2 or not isinstance(self.name, Derivative) or not self.cells:
            return replace(self, turned=True)
        rows, columns = map(whole, self.shape)
        places = (row * columns + at for at in range(columns) for row in range(rows))
        cells = tuple(self.cells[place] for place in places)
        return replace(self, turned=True, shape=Shape((columns, rows)), cells=cells)

    def meanings(self, form: MatrixForm) -> Iterator[Expression]:
        """Yield what the formula may mean, in the denominator layout."""
        for each in readings(self.formula, form):
            own = slopes_turned(each, form) if self.turned else each
            yield transposed(own) if self.turned and isinstance(self.name, Derivative) else own


WordRows: TypeAlias = "list[list[str]]"
"""The words of a matrix by rows."""
CellRows: TypeAlias = "tuple[tuple[Cell, ...], ...]"
"""The numbers of a matrix by rows."""
Boxes: TypeAlias = "dict[int, tuple[int, list[CellRows]]]"
"""By its place where each matrix of numbers ends, and what its rows may be."""

# Names.

COMMAND = regex(r"\\([A-Za-z]+|[,;:! _])")
PRODUCTS = {"cdot": " ⋅ ", "times": "@"}  # the others are of elements
LATEX, INNERMOST, SIGNS = (marks(name, 0) for name in ("LATEX", "INNERMOST", "SIGNS"))
WORDS = "|".join(word for word in sorted(NEW) if word.isalpha() and len(word) > 2)
NEWLY = regex(
    rf"(?:\^|\*\*|_|\s)[\s(]*(?:\+|{WORDS})[\s)]*$"
    rf"|^(?:(?:the|die|der|das|les?|la|el|il|os?|as?)\s+)?(?:{WORDS})\s+"
    r"(?:(?:weights?|matrix|bias(?:es)?|vector|gewichte?|poids|pesos?|pesi)\s+)?(?=\S)",
    re.IGNORECASE,
)
"""What says that a weight is new: W_new, W new, the new W."""


def _command(match: re.Match[str]) -> str:
    """What a command of LaTeX means in a formula of matrices; itself if it has arguments."""
    usual = ("word" if match[1] in CALLED else "", match[1])
    kind, word = COMMANDS.get(match[1], usual)
    if kind in ("word", "compare", "sign"):
        return PRODUCTS.get(match[1], f" {word}")
    if kind in ("differential", "prime") or word in " _":
        return "∂" if word == "d" else word
    return " " if kind in ("wrap", "space", "stop", "text") else match[0]


def _plain(text: str) -> str:
    """A text with what commands of LaTeX mean, in the signs of a keyboard."""
    text = COMMAND.sub(_command, translated(text)[0])
    for _, pattern, instead in LATEX:
        text = pattern.sub(instead, text)
    for _ in range(MAX_NESTED):
        for _, pattern, instead in INNERMOST if "{" in text else ():
            text = pattern.sub(instead, text)
    return text


def _bare(name: str) -> str:
    """A name without what people write in different ways: w_1, W1 and W^{(1)} are one."""
    return re.sub(r"[\s_{}()*$`|\\]", "", _plain(name))


@lru_cache(maxsize=16)
def known_names(network: Network) -> Mapping[str, Quantity]:
    """Every spelling of a quantity's name, derivatives by their own words, with what it means."""
    form, other = network.matrix_form, layer_spellings(network)
    several = range(1, min(len(network.samples), MOST_SAMPLES) + 1) if network.samples[1:] else ()
    tiers: list[dict[str, Quantity]] = [{}, {}, {}]  # the likeliest first
    for own in map(parsed, form.shapes):
        if isinstance(own, Derivative):
            continue
        slope = Derivative(form.loss, own)
        words = {own, network.names.get(own, own)}
        said = [*((each, own) for each in words), (network.names.get(slope, slope), slope)]
        tiers[0] |= {_bare(word): meant for word, meant in said}
        tiers[2] |= {_bare(word): own for word in other.get(own, ())}
        tiers[2] |= {re.sub(r"[\[\]]", "", _bare(word)): meant for word, meant in said}
        for number in several if own not in {*form.weights, *form.constants} else ():
            here = [(_bare(word), in_sample(meant, number, form)) for word, meant in said]
            tiers[1] |= {f"{word}[{number}]": meant for word, meant in here}
            tiers[1] |= {f"{word}{number}": meant for word, meant in here}
    if not several:
        tiers[2] = dict.fromkeys(_loss_letters(network), parsed(form.loss)) | tiers[2]
    return tiers[2] | tiers[1] | tiers[0]


def _loss_letters(network: Network) -> set[str]:
    """What the loss may be called."""
    form = network.matrix_form
    own = _bare(network.names.get(form.loss, form.loss))
    letters = {*SPELLINGS["loss"], "ell", "ℓ", own}
    return letters - form.shapes.keys() | {form.loss}


def _meant(bare: str, network: Network, *, scalars: bool = True) -> Quantity | None:
    """The quantity that a bare name means: dE/dW1 and gradW1 as well."""
    form, found = network.matrix_form, known_names(network).get(bare)
    above, slash, below = bare.partition("/")
    if found is None and slash and below[:1] == "d":
        pairs = [[above.removeprefix("d"), below[1:]]]
    elif found is None and bare.startswith("grad"):
        pairs = [[bare[end:], bare[4:end]] for end in range(min(len(bare), MOST_NAMED), 4, -1)]
    elif found is None and bare.startswith("delta"):
        letters = [z for z in "zZ" if f"{z.swapcase()}{bare[5:]}" not in form.shapes]
        pairs = [["", f"{z}{bare[5:]}"] for z in letters]
    else:
        pairs = [["", bare[1:]]] if found is None and bare.startswith("d") else []
    for loss, by in pairs:
        found = found or _slope_by(by, loss, network)
    return found if found is not None and (scalars or shape_called(found, form.shapes)) else None


def _slope_by(by: str, loss: str, network: Network) -> Quantity | None:
    """The derivative of the loss under a name of its own by the quantity that is called so."""
    form, own, several = network.matrix_form, known_names(network).get(by), network.samples[1:]
    if own is None or isinstance(own, Derivative) or (own == form.loss and not loss):
        return None
    if several and loss in {TOTAL, _bare(network.names.get(TOTAL, TOTAL))} and own in form.weights:
        return Derivative(TOTAL, own)
    number = re.search(r"\[?(\d{1,9})\]?$", loss) if several else None
    sample = int(number[1]) if number else own.sample
    letter = loss[: number.start()] if number else loss
    known = letter in _loss_letters(network) and (sample or not several)
    if not (known or letter in ("", form.loss)) or own.sample not in (None, sample):
        return None
    slope = Derivative(form.loss, own)
    return in_sample(slope, sample, form) if sample else slope


def quantity_named(
    text: str, network: Network, *, scalars: bool = False, sign: str = ""
) -> Quantity | None:
    """The vector or matrix that a text names, or None; with `scalars` any quantity.

    A sign such as an arrow behind the name of a weight says that the weight is the new one.
    """
    name = re.sub(r"^[\s$&*`>|-]*(?:\\\[|\$\$|\\\()?", "", text)
    if (said := IN_SAMPLE.search(name)) and len(network.samples) > 1:
        of = quantity_named(name[: said.start()], network, scalars=scalars, sign=sign)
        number = int(said[2] or 1 + ORDINALS.index(said["nth"].casefold()))
        if of is None or of.sample is not None or number > len(network.samples):
            return None
        meant = in_sample(of, number, network.matrix_form)
        return meant if meant.sample else None  # what all samples share is of none
    plain = _plain(name).strip().rstrip("$&` ")
    new = NEWLY.search(plain)
    primes = plain.rpartition("/")[2].count("'") + (1 if new else 0)
    bare = _bare(NEWLY.sub("", plain).replace("'", ""))
    ways = (_meant(each, network, scalars=scalars) for each in (bare, re.sub(r"[^\w/]", "", bare)))
    found = next((each for each in ways if each is not None), None)
    assigned = sign.strip() not in ("", "=", "≈", "\\approx", ":") and not primes
    primes += assigned and found in network.matrix_form.weights
    return found.after(primes) if found is not None else None


def in_sample(name: Quantity, sample: int, form: MatrixForm) -> Quantity:
    """A quantity of one sample; what all samples share, and what is of the total, as it is."""
    if isinstance(name, Derivative):
        if name.of.stem == TOTAL:
            return name
        return Derivative(name.of.of_sample(sample), in_sample(name.by, sample, form))
    return name if name.stem in {*form.weights, *form.constants} else name.of_sample(sample)


def in_section(
    answer: MatrixAnswer, said: str, sample: int | None, network: Network
) -> MatrixAnswer:
    """An answer as one of the sample that its part of the sheet is of.

    `said` is what stands there. The gradient of a weight is that of the total where nothing says
    of which loss it is.
    """
    name, form = answer.name, network.matrix_form
    own = name.by if isinstance(name, Derivative) else name
    shared = own.at_step(0) in {*form.weights, *form.constants}
    if len(network.samples) < 2 or name.sample or (shared and own is name):
        return answer
    if sample:
        return replace(answer, name=in_sample(name, sample, form))
    head = _bare(SIGN.split(said)[0])
    if shared and head in (f"d{_bare(own)}", f"grad{_bare(own)}"):
        return replace(answer, name=Derivative(parsed(TOTAL), own))
    return answer


def written_out(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text with its own macros written out, and where each of its characters comes from.

    The list is empty for a text without macros.
    """
    whole, (macros, places) = text, macros_in(text)
    own = {name: row for name, row in macros.rows.items() if row != USUAL.get(name)}
    if not own:
        return text, []
    names = "|".join(map(re.escape, sorted(own, key=len, reverse=True)))
    calls = regex(rf"\\({names})(?![A-Za-z])")
    text, origin = blanked(text, places), [(place, place + 1) for place in range(len(text))]
    for _ in range(MOST_WITHIN):
        parts, origins, at = list[str](), list[tuple[int, int]](), 0
        while call := calls.search(text, at):
            new, end = own[call[1]].called(text, call.end())
            macros.left -= len(new)
            if macros.left < 0:
                return blanked(whole, places), []
            parts += [text[at : call.start()], new.replace("\n", " ")]
            origins += origin[at : call.start()]
            origins += [(origin[call.start()][0], origin[end - 1][1])] * len(new)
            at = end
        text, origin = "".join([*parts, text[at:]]), origins + origin[at:]
        if not at:
            break
    return text, origin


ORDINALS = ("first", "second", "third")
IN_SAMPLE = regex(
    r"[\s$]*[(\[,]?\s*(?:(?:of|for|in)\s+)?(?:the\s+)?"
    rf"(?:(?P<nth>{'|'.join(ORDINALS)})\s+(?:sample|example)|{OF_SAMPLE.pattern})\s*[)\]]?[\s:]*$",
    re.IGNORECASE,
)
"""The sample of a quantity, in words behind its name."""

# Statements.

CALLED_D = regex(r"(?<![\w\\/.])d(?=_?\{?[1-9](?!\w))")
ERROR_TERM = regex(
    r"(?<![\w\\/.])(?P<name>d_?\{?(?P<number>[1-9])\}?)[ \t]*=(?!=)[ \t]*(?P<said>[^\n]*)"
)
"""What a sheet says of d2, as the derivative by a weighted sum is called too."""
NUMBERS = regex(rf"[\[(]+\s*{NUMBER}(?:[\s,;]+{NUMBER})*\s*[\])]")
OFF_TARGET = regex(
    r"\(?\s*(?:(?P<turned>[yt]\s*[-−])|(?:yhat|ŷ|y_hat|y_pred|a\w*|o)\s*[-−]\s*[yt]\b)"
)
"""An output less its target, or the other way round."""


def with_sums_called(text: str, network: Network) -> Network:
    """The network with a_1 or s_1 for its sum z1, where a sheet puts that into an activation."""
    form, names = network.matrix_form, dict(network.names)
    for line in form.lines:
        match line.expression:
            case Call(function, (Name(sum_),)) if function.activation and sum_ not in names:
                own = NUMBERED_SUMS.fullmatch(sum_)
                words = [re.escape(n) for n, of in FUNCTION_NAMES.items() if of == function.name]
                below = rf"[\s_{{(^]*{own[1] if own else ''}(?!\w)"
                put_in = (
                    rf"(?:{'|'.join(words)})[\s$({{\\]*(?:left\()?(?P<letter>[asuv]|net){below}"
                )
                applied = re.search(put_in, text) if own and own[1] else None
                word = f"{applied['letter']}{own[1]}" if own and applied else sum_
                other = re.search(rf"(?<![A-Za-z])z{below}", text)
                if word not in form.shapes and not other:
                    names[sum_] = word
    return replace(network, names=names) if names != network.names else network


def matrix_answers(text: str, network: Network) -> tuple[tuple[MatrixAnswer, ...], str]:
    """Return what a text says of whole matrices, and the text with that blanked out."""
    form = network.matrices
    if form is None or not form.elements:
        return (), text
    found: list[MatrixAnswer] = []
    text = text.translate(RESERVED)
    text = text.replace("$`", "$ ").replace("`$", " $")  # as GitHub marks mathematics
    original = text
    text, origin = written_out(text)
    text, boxes = _drawn(DRAWN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text))
    left = list(text)
    deltas = _error_terms(text, network)
    text = _prepared(text, deltas)
    boxed = _boxed(text, boxes)
    numbers = (*_in_cells(text, boxed, boxes, network), *_numbers(text, boxed, boxes, network))
    scanned = list(boxed)
    for answer in sorted(numbers, key=lambda each: each.start):
        if all(answer.start >= other.end for other in found):
            found.append(answer)
            _blank(left, answer.start, answer.end)
            _blank(scanned, answer.start, answer.end)
    rest = _prepared("".join(left), deltas)
    boxed = "".join(scanned)
    for answer in _formulas(rest, boxed, left, network):
        if not _is_definition(answer, rest[answer.start : answer.end], network):
            found.append(answer)
        _blank(left, answer.start, answer.end)
    left = [" " if letter == FILLED else letter for letter in left]
    said = {each.name for each in found if not each.second}
    found = [each for each in found if not (each.second and each.name in said)]
    found.sort(key=lambda each: each.start)
    rest = _without_halves("".join(left))
    if deltas:
        found = [replace(each, text=each.text.replace("δ", "d")) for each in found]
    if origin:
        kept = {each for each, letter in zip(origin, rest, strict=True) if not letter.isspace()}
        gone = {o for o, old, new in zip(origin, text, rest, strict=True) if old != new == " "}
        rest = blanked(original, [*(gone - kept)])
        found = [
            replace(each, start=origin[each.start][0], end=origin[max(each.end, 1) - 1][1])
            for each in found
        ]
    return tuple(found), rest


def _prepared(text: str, deltas: Sequence[int]) -> str:
    """A text without remarks and fillers, with a delta for each d in some places."""
    letters = list(text.replace(FILLER, " "))
    for place in deltas:
        letters[place] = "δ" if letters[place] == "d" else letters[place]
    return REMARK.sub(lambda match: " " * len(match[0]), "".join(letters))


def _error_terms(text: str, network: Network) -> list[int]:
    """The places of each d of d2 where a sheet calls the derivatives by weighted sums so.

    They must have the right lengths, and the last one must not be the target less the output.
    """
    names = {number: quantity_named(f"delta{number}", network) for number in "123456789"}
    last = max((number for number, name in names.items() if name), default="")
    found = [*ERROR_TERM.finditer(text)]
    for term in found:
        name, row = names[term["number"]], NUMBERS.search(term["said"])
        own = quantity_named(term["name"], network)
        shape = shape_called(name, network.matrix_form.shapes) if name else SCALAR
        count = len(re.findall(FIGURE, row[0])) if row else 0
        off = OFF_TARGET.match(term["said"])
        if own or not name or (count and shape != (count,)) or (
            off and (term["number"] != last or off["turned"])
        ):  # fmt: skip
            return []
    return [each.start() for each in CALLED_D.finditer(text)] if found else []


def _is_definition(answer: MatrixAnswer, line: str, network: Network) -> bool:
    """True if a line only says what another name means: delta_1 = dL/dz1, or delta_1 = dE/dnet."""
    if not answer.text or answer.cells:
        return False
    meant, word = quantity_named(answer.text, network, scalars=True), _bare(answer.text)
    above, _, below = word.partition("/")
    general = isinstance(answer.name, Derivative) and meant is None and below in GENERAL
    other = meant == answer.name and not _bare(line).startswith(f"{word}=")
    return (general and above[:1] == "d") or other


def _without_halves(text: str) -> str:
    """The text without the half of a display that lost its other half with a matrix."""
    halves: list[re.Match[str]] = []
    for sign in DISPLAY.finditer(text):
        if sign[0] == "\\]" and halves and halves[-1][0] == "\\[":
            halves.pop()
        else:
            halves.append(sign)
    return blanked(text, [half.span() for half in halves])


def _blank(text: list[str], start: int, end: int) -> None:
    for place in range(start, end):
        if text[place] != "\n":
            text[place] = " "


def _drawn(text: str) -> tuple[str, Boxes]:
    """The text with a box for each matrix that is drawn over several lines, and its rows by place.

    The text stays as long as it was, so that every place in it means the same.
    """
    lines = text.split("\n")
    letters = [list(line) for line in lines]
    found: Boxes = {}
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for top, line in enumerate(lines):
        for left in (match.start() for match in re.finditer("⎡", line)):
            right = line.find("⎤", left)
            below = range(top + 1, len(lines))
            last = next((at for at in below if lines[at][left : left + 1] != "⎢"), top)
            rows = lines[top : last + 1]
            ends = "".join(row[right : right + 1] for row in rows)
            if lines[last][left : left + 1] != "⎣" or ends != "⎤" + "⎥" * (len(rows) - 2) + "⎦":
                continue
            for at in range(top, last + 1):
                letters[at][left : right + 1] = FILLED * (right + 1 - left)
            middle = top + (last - top) // 2
            letters[middle][left], letters[middle][right] = BOX
            if read := _cells([_split(row[left + 1 : right]) for row in rows]):
                found[starts[middle] + left] = starts[middle] + right + 1, [read]
    return "\n".join(map("".join, letters)), found


def _boxed(text: str, boxes: Boxes) -> str:
    """The text with a box for each matrix of numbers, whose rows are put down by its place.

    Lines that go on with the one above are joined to it.
    """
    for find in (_arrays, _lists, _rows_below):
        letters = list(text)
        for start, end, tables in find(text):
            read = [rows for rows in map(_cells, tables) if rows is not None]
            if read:
                boxes[start] = end, read
                letters[start:end] = [BOX[0], *FILLED * (end - start - 2), BOX[1]]
        text = BELOW.sub(lambda match: match[0][:-1] + FILLED, "".join(letters))
        if find is _arrays:  # a line with a list may be prose
            text = WORKING.sub(lambda match: match[0][:-1] + JOINT, text)
    return text


def _arrays(text: str) -> Iterator[tuple[int, int, Sequence[WordRows]]]:
    """Yield the matrices of LaTeX: where each starts and ends, and what its rows may be."""
    for match in MATRIX.finditer(text):
        lines = re.split(r"\\\\(?:\[[^\]]*\])?", match["cells"])
        yield *match.span(), [[re.split(r"&|,\s", row) for row in lines if row.strip()]]


def _lists(text: str) -> Iterator[tuple[int, int, Sequence[WordRows]]]:
    """Yield the matrices in brackets."""
    place = 0
    while match := LIST.search(text, place):
        argument = OF_ARGUMENT.search(text, max(match.start() - 20, 0), match.start())
        tables = [] if argument else _bracketed(match["list"] or match["round"])
        place = match.end() if tables or argument else match.start() + 1
        if tables:
            yield *match.span(), tables


def _rows_below(text: str) -> Iterator[tuple[int, int, Sequence[WordRows]]]:
    """Yield the rows of numbers below the line of their name."""
    for match in ROWS_BELOW.finditer(text):
        rows = match["rows"].rstrip()
        yield match.start(), match.start("rows") + len(rows), _tables(rows.splitlines())


def _numbers(text: str, boxed: str, boxes: Boxes, network: Network) -> Iterator[MatrixAnswer]:
    """Yield the statements whose numbers stand in boxes, where names stand before them.

    Of several tables that the numbers may be the first one counts that has the right shape.
    """
    form = network.matrix_form
    for start, (end, read) in boxes.items():
        if turned := TRANSPOSED.match(boxed, end):
            read, end = [tuple(zip(*rows, strict=True)) for rows in read], turned.end()
        if GOES_ON.match(boxed, end):
            continue
        shown, tail = " ".join(text[start:end].split()), DISPLAY_TAIL.match(boxed, end)
        until = tail.end() if tail else end
        for place, (name, begin) in reversed([*enumerate(_named(boxed, start, network))]):
            first = FIRST_TERM.search(boxed, begin, start) if name in form.weights else None
            if first and quantity_named(first[1], network) == name:
                name = name.after(1)  # W = W - lr*dW
            shape = shape_called(name, form.shapes)
            fitting = [rows for rows in read if _shape_as(shape, rows) == shape]
            rows = (fitting or read)[0]
            written, flat = _shape_as(shape, rows), tuple(cell for row in rows for cell in row)
            if not place or written == shape:
                yield MatrixAnswer(name, written, flat, "", shown, begin, until, second=place > 0)
                until = begin


def _in_cells(text: str, boxed: str, boxes: Boxes, network: Network) -> Iterator[MatrixAnswer]:
    """Yield what the cells of tables say, each of the sample of its column or row."""
    form = network.matrix_form
    for table in TABLE.finditer(text):
        rows = [
            [*CELLS.finditer(text, *line.span())]
            for line in regex(r"^.+$", re.M).finditer(text, *table.span())
        ]
        head, *body = [row for row in rows if row]
        counted = bool(head and SAMPLE_WORD.search(head[0][0]))
        samples = [_sample_in(cell[0], counted, network) for cell in head]
        titles = [quantity_named(cell[0], network) for cell in head]
        for row in body:
            name, number = quantity_named(row[0][0], network), None
            if name is None:
                number = _sample_in(row[0][0], counted, network)
            found: list[tuple[int | None, MatrixAnswer]] = []
            for cell, title, sample in zip(row[1:], titles[1:], samples[1:], strict=False):
                own, at = (title, number) if name is None else (name, sample)
                shape = Shape() if own is None else shape_called(own, form.shapes)
                inside = TRANSPOSED.sub("", boxed[cell.start() : cell.end()].strip(" \t$`*"))
                read: Sequence[CellRows | None] = [*map(_cells, _tables(inside.split(";")))]
                if re.fullmatch(f"{BOX[0]}{FILLED}*{BOX[1]}", inside):
                    _, read = boxes[boxed.index(BOX[0], cell.start())]
                fits = [each for each in read if each and shape == _shape_as(shape, each)]
                if own is not None and fits:
                    own = in_sample(own, at, form) if at and not own.sample else own
                    flat = tuple(chain.from_iterable(fits[0]))
                    said = MatrixAnswer(own, shape, flat, "", cell[0].strip(), *cell.span())
                    found.append((at, said))
            if (len(found) == 1 and name is not None) or None not in [at for at, _ in found]:
                yield from (said for _, said in found)


def _sample_in(cell: str, counted: bool, network: Network) -> int | None:
    """The number of the sample that the head of a row or column names."""
    said = OF_SAMPLE.search(cell) or (re.fullmatch(r"\W*(\d+)\W*", cell) if counted else None)
    return int(said[1]) if said and 0 < int(said[1]) <= len(network.samples) else None


def _bracketed(text: str) -> list[WordRows]:
    """What `[[1, 2], [3, 4]]`, as Python or NumPy prints it, may be; one row for a vector."""
    inner = PRINTED.sub(r"\1", GAP.sub(" ", text[1:-1])).strip()
    if "[" in inner or "(" in inner:
        strange = re.sub(r"[\s,;]", "", ROW.sub("", inner))
        return [] if strange else _tables([a + b for a, b in ROW.findall(inner)])
    tables = _tables(inner.split(";"))  # as MATLAB writes it
    return tables if text[0] == "[" or sum(map(len, tables[0])) > 1 else []


def _tables(rows: Sequence[str]) -> list[WordRows]:
    """What rows of numbers may be: a comma between two digits parts them, or their decimals."""
    rows = [row.strip(" \t\n,;&") for row in rows if row.strip()]
    found = [[_split(row) for row in rows]]
    if any(map(DECIMAL_COMMA.search, rows)) and "." not in "".join(rows):
        other = [re.split(r"[,;]?\s+|;", row) for row in rows]
        found.insert(sum(map(len, other)) == 1, other)
    return found


def _split(row: str) -> list[str]:
    return [each for each in re.split(r"\s*(?:(?<!\{),|[&;])\s*|\s+", row.strip()) if each]


def _cells(rows: WordRows) -> CellRows | None:
    """Rows of words as rows of numbers; None where one is none, or they differ in length."""
    if not rows or len({len(row) for row in rows}) != 1 or len(rows) * len(rows[0]) > MOST_CELLS:
        return None
    with suppress(BackcalcError):
        return tuple(tuple(map(_cell, row)) for row in rows)
    return None


def _cell(text: str) -> Cell:
    """A number as it was written. Raises BackcalcError for a text that is none."""
    text = DECIMAL_COMMA.sub(".", _plain(text).strip().strip("$"))
    text = re.sub(r"\(\((\d+)\)/\((\d+)\)\)$", r"\1/\2", text)
    number = Number(abs(Fraction(parse_number(text))))
    return Cell(text, Negation(number) if text.startswith("-") else number)


def _named(text: str, box: int, network: Network) -> list[tuple[Quantity, int]]:
    """Each quantity of a chain that is said to be a matrix, and where it begins."""
    line = text.rfind("\n", 0, box) + 1
    if goes_on := text.rfind(JOINT, line, box) + 1:
        above, place = _above(text, line, box, network)
        if place < goes_on:
            signs = SIGNS_AROUND.fullmatch(text, goes_on, box)
            return [(above, goes_on)] if above is not None and signs else []
    line = max(line, goes_on)
    before = NAMED.search(text, max(line, box - MOST_NAMED), box)
    if before is None:
        return []
    begin, stop = before.span("name")
    opened = _opened(text, line, stop)
    name = quantity_named(text[max(begin, opened) : stop], network, sign=before["sign"])
    said = any(each.search(text, line, begin) for each in (OF_SAMPLE, OF_ALL))
    begin = max(begin if said else line, opened)
    cuts = [cut.end() for cut in APART.finditer(text, begin, stop)]
    if cuts and _closed(text[cuts[-1] : stop]):  # another statement stands before it
        begin = cuts[-1]
    starts = (begin, *_behind_words(text, begin, stop)) if _closed(text[line:box]) else ()
    head = None
    for start in starts if name is None else starts[:1]:
        first = FORMULA.match(f"{text[start:stop]} {before['sign']} .")
        head = quantity_named(first["name"], network, sign=first["sign"]) if first else None
        if head is not None:
            begin = start
            break
    if name is None or head in (None, name):  # dL/dW = delta x^T = [[.]]
        only = head if name is None else name
        return [(only, begin)] if only is not None else []
    parts = SIGN.finditer(text, begin, stop)
    further = ((quantity_named(part["next"], network), part.end()) for part in parts)
    return [(head, begin), *((each, at) for each, at in further if each is not None)]


def _above(text: str, line: int, start: int, network: Network) -> tuple[Quantity | None, int]:
    """The quantity of the last statement between two places, and where that begins."""
    first = FORMULA.match(text, line)
    heads = [(first["name"], line)] if first else []
    heads += [(cut["name"], cut.start()) for cut in NEXT.finditer(text, line, start)]
    for head, place in reversed(heads):
        name = quantity_named(SHAPE_SAID.sub("", head), network, scalars=True)
        if name is not None and _closed(head):
            return name, place
    return None, line


def _behind_words(text: str, begin: int, stop: int) -> Iterator[int]:
    """Yield where a name may begin behind words that lead to it: For sample 1 I get z1."""
    said = SIGN.split(text[begin:stop])[0]
    for gap in re.finditer(r"\s(?=[^\w\s]*\w)", said):
        before = re.findall(r"[^\W\d_]+", said[: gap.start()])
        if before and before[-1].casefold() in LEADING:
            yield begin + gap.end()


def _closed(text: str) -> bool:
    """True if each bracket that opens in a text closes in it, those of displays aside."""
    text = re.sub(r"(?<!\\)\\[()\[\]]", "", text)
    return all(text.count(a) == text.count(b) for a, b in ("()", "[]"))


def _shape_as(shape: Shape, rows: CellRows) -> Shape:
    """The shape of some rows, where a vector may lie or stand."""
    count = len(rows) * len(rows[0])
    if len(shape) == 1 and 1 in (len(rows), len(rows[0])):
        return Shape((count,))
    if len(shape) == 2 and len(rows) == 1 and count == shape[0] and shape[1] == 1:
        return shape
    return Shape((len(rows), len(rows[0])))


# Formulas.


WORD = regex(
    rf"{DERIVATIVE}|[A-Za-z]\w*'*(?:\[\d+\]'*)?|\d+\.?\d*|\*\*|\.T|[<>!=]=|[-+*/@()\[\],=<>⋅:^]"
)
SIZES = ("N", "m", "n", "B", "batch_size")
ALIASES = {"sigma": "sigmoid", "ln": "log", "eta": RATE, "alpha": RATE}
SETTINGS = {"axis", "keepdims", "keep", "at", "shape", "True", "False", "None", "if", "else"} | {
    word for row in OPERATIONS.values() for word, _ in row.settings
}
CALLED = {*FUNCTIONS, *(name for name in OPERATIONS if name.isidentifier())}
MOST_SAMPLES = 100  # whose vectors are answers
MOST_DOTS = 8  # products of which each may be one of matrices or of elements


def _formulas(text: str, boxed: str, left: list[str], network: Network) -> Iterator[MatrixAnswer]:
    """Yield statements that say a quantity by a formula of vectors and matrices.

    The workings on the lines below are blanked in what is left, but for the value of a number.
    """
    form = network.matrix_form
    for name, place, stop, start, end in _statements(boxed, network):
        if stop - place > MOST_LINE:
            continue
        shape, at = shape_called(name, form.shapes), boxed.find(JOINT, start, stop)
        joined, at = at >= 0, at if at >= 0 else stop
        written, end = text[place:at], at if joined else end
        for line in boxed[at:stop].split(JOINT)[1:]:
            at, own = at + 1 + len(line), RESULT.search(line)
            if shape:
                _blank(left, at - len(line), at)
            elif own and (row := _cells([[own["value"]]])):
                yield MatrixAnswer(name, SCALAR, row[0], "", own["value"], at - len(line), at)
        if not written.strip("_.?… \t"):
            if shape and not joined:  # of a form, left empty
                yield MatrixAnswer(name, shape, (), "", "", start, end)
            continue
        if OVER_SAMPLES.search(written):  # our own words, which the numbers below go on from
            yield MatrixAnswer(name, shape, (), "", "", start, end, second=True)
            continue
        said = DISPLAY_END.sub("", _last_part(SHAPE_SAID.sub("", written)))
        formula = formula_in_signs(said, network) or ""
        changed = CHANGED.search(boxed, start, place) if name in form.weights else None
        formula = f"{name} {changed[1]} ({formula})" if changed and formula else formula
        meant = [*readings(formula, form)]
        if not (shape or any(_has_arrays(each, form) for each in meant)):
            continue
        if name in form.weights and meant and all(name in names_in(each) for each in meant):
            name = name.after(1)  # W = W - lr*dW
        shown = " ".join(said.lstrip("$& ").rstrip("$\\,.;& ").split())
        cells = _cells([[APPROXIMATELY.split(shown)[-1]]]) if shape else None
        if cells and set(shape) == {1}:  # one element, as the number that it is
            further = (quantity_named(part, network) for part in SIGN.split(written)[:-1:2])
            alike = (o for o in further if o is not None and shape_called(o, form.shapes) == shape)
            for each in dict.fromkeys((name, *alike)):
                yield MatrixAnswer(each, shape, cells[0], "", shown, start, end, each != name)
        elif not cells or len(network.samples) == 1:  # else an element, which z1[1] may be
            yield MatrixAnswer(name, shape, (), formula, shown, start, end)


def _statements(text: str, network: Network) -> Iterator[tuple[Quantity, int, int, int, int]]:
    """Yield each quantity, where its formula and where both stand: a line may hold several."""
    for match in FORMULA.finditer(text):
        line, place = match.start(), match.start("formula")
        opened = _opened(text, line, match.end("name"))
        start = opened or line
        if not text[start : match.start("name")].strip():  # it may stand behind a matrix
            start = match.start("name") + (match["name"][0] in ",;")
        called = text[opened or match.start("name") : match.end("name")]
        name = _said_of(called, network, match["sign"])
        stop = _formula_end(text, line, place, match.end())
        for cut in NEXT.finditer(text, place, min(match.end(), place + MOST_LINE)):
            called = cut["name"] if _closed(cut["name"]) else ""
            further = _said_of(called, network, cut["sign"])
            if further is not None or _closed(text[place : cut.start()]):
                if cut["apart"][0] != "$":  # what follows stands in the same formula
                    start += len(text[start:place]) - len(text[start:place].lstrip(" $"))
                if name is not None:
                    end = min(cut.end("apart"), stop)
                    yield name, place, min(cut.start(), stop), start, end
                name, start, place = further, cut.start("name"), cut.end()
                stop = _formula_end(text, line, place, match.end())
        if name is not None:
            yield name, place, stop, start, stop


def _said_of(text: str, network: Network, sign: str) -> Quantity | None:
    """The quantity that a formula is said of; None for an element, whose number stands below."""
    found = quantity_named(SHAPE_SAID.sub("", text), network, scalars=True, sign=sign)
    own = found.by if isinstance(found, Derivative) else found
    counted = re.search(r"[\[(^⁰-⁹¹²³]", text.rpartition("/")[2].rpartition("frac")[2])
    return None if own is not None and own.sample and not counted else found


def _formula_end(text: str, line: int, place: int, stop: int) -> int:
    """Where the formula closes in which a place stands; the end of its line where none is open."""
    opened = len(MATH_MARK.findall(text, line, place)) % 2
    close = MATH_MARK.search(text, place, stop) if opened else None
    return close.end() if close else stop


def _opened(text: str, line: int, stop: int) -> int:
    """Where a formula opens behind words that only lead to it; 0 where none does."""
    marks = [*MATH_MARK.finditer(text, line, stop)]
    if len(marks) % 2 == 0:
        return 0
    before = text[marks[-2].end() if len(marks) > 1 else line : marks[-1].start()]
    words = [*map(str.casefold, re.findall(r"\w+", before))]
    return marks[-1].start() if {*words} <= LEAD_INS else 0


def _last_part(chain: str) -> str:
    """What stands behind the last equals sign that is in no bracket."""
    depth, start = 0, 0
    for place, sign in enumerate(chain):
        depth += (sign in "([{") - (sign in ")]}")
        alone = chain[place - 1 : place + 2].strip("= ") not in ("!", "<", ">", ":")
        if sign == "=" and depth <= 0 and alone:
            start = place + 1
    return chain[start:]


def formula_in_signs(text: str, network: Network) -> str | None:
    r"""A formula as people write it in our own signs: `\delta_2 h_1^T` is `dL/dz2 @ h1.T`.

    None where a word of it is no quantity of the network.
    """
    form = network.matrix_form
    bare = text.strip().strip("$.;& ")
    if not re.search("[·⋅]", bare) and _parsed(bare, form) is not None:
        return bare
    text = translated(text.replace("×", r"\times "))[0]
    for _, pattern, instead in SIGNS:
        text = pattern.sub(instead, text)
    text = _plain(text).replace("·", " ⋅ ").replace("^", "**").strip().strip("$\\.,;& ")
    words = [*_words(text, network)]
    return None if None in words or not words else " ".join(filter(None, words))


def _words(text: str, network: Network) -> Iterator[str | None]:
    """Yield the words of a formula in our own signs, None for one that means nothing here."""
    form = network.matrix_form
    place, last = 0, ""
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = WORD.match(text, place)
        if match is None:
            yield None
            return
        word = match[0] if match[0] in form.shapes else ALIASES.get(match[0], match[0])
        place = match.end()
        slope = regex(r"\s*\(\s*(\w+)\s*\)").match(text, place)
        if word.endswith("'") and slope and ALIASES.get(word[:-1], word[:-1]) in CALLED:
            word = _slope(ALIASES.get(word[:-1], word[:-1]), slope[1], network)
            place = slope.end()
        elif word[0].isalpha() and word not in SETTINGS:
            found, primes = _meant(_bare(word.replace("'", "")), network), word.count("'")
            stem = word.partition("[")[0]
            if found is None and stem != word:  # an index, not a step
                found, place = _meant(_bare(stem.rstrip("'")), network), match.start() + len(stem)
                word, primes = stem, stem.count("'")
            if found is not None:
                word = str(found.after(primes))
            elif word not in CALLED and word not in (*SIZES, RATE) and word not in form.shapes:
                yield None
                return
        factor = last[-1:].isalnum() or last[-1:] in ("'", ")")
        joined = factor and (word[0].isalnum() or word == "(")
        if joined and last not in CALLED and {last, word}.isdisjoint(("if", "else")):
            yield "⋅"
        yield word
        last = word


def _slope(function: str, argument: str, network: Network) -> str:
    """The derivative of a function of the table at a quantity, as a formula."""
    row = FUNCTIONS.get(function)
    name = _meant(_bare(argument), network)
    if row is None or name is None or row.variadic:
        return f"{function}'"
    call = Call(row, (Name(name), *map(Number, row.defaults)))
    return f"({formula_text(call_derivatives(call, [call], network.conventions)[0])})"


def _parsed(formula: str, form: MatrixForm) -> Expression | None:
    """A formula in our own signs; None where it is none, or names what is not there."""
    steps = {parsed(name).stem for name in form.shapes if parsed(name).element}
    try:
        found = parse_matrices(formula, derivatives=True, stepped=steps).expression
    except BackcalcError:
        return None
    known = {*form.shapes, *SIZES, RATE}
    names = (parsed(name) for name in names_in(found))
    return found if all({*_leaves(name)} <= known for name in names) else None


def _has_arrays(formula: Expression, form: MatrixForm) -> bool:
    """True if a formula has a vector or a matrix in it."""
    names = (leaf for name in names_in(formula) for leaf in _leaves(parsed(name)))
    return any(form.shapes.get(name) for name in names)


def _leaves(name: Quantity) -> Iterator[str]:
    if isinstance(name, Derivative):
        yield from (*_leaves(name.of), *_leaves(name.by))
    else:
        yield name.at_step(0)


def slopes_turned(node: Expression, form: MatrixForm) -> Expression:
    """A formula of derivatives in the numerator layout, in those of the denominator layout."""
    if isinstance(node, Name):
        name = parsed(node.id)
        own = isinstance(name, Derivative) and len(shape_called(name, form.shapes)) in (1, 2)
        return transposed(node) if own else node
    return rebuilt(node, lambda each: slopes_turned(each, form))


def readings(formula: str, form: MatrixForm) -> Iterator[Expression]:
    """Yield what a formula may mean: a dot, or nothing, is a product of matrices or of elements."""
    parts = formula.split("⋅")
    if len(parts) > MOST_DOTS + 1:
        return
    for signs in product("@*", repeat=len(parts) - 1):
        text = parts[0] + "".join(f"{s}{p}" for s, p in zip(signs, parts[1:], strict=False))
        found = _parsed(text, form)
        if found is not None:
            yield found
