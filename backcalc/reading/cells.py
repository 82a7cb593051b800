"""What a cell of a table says: a name, a number, words, or which unit its row is of."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import chain

from backcalc.equations.network import Unit
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Name, names_in
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.defining import described, described_unit
from backcalc.reading.figures import by_of, near
from backcalc.reading.grammar import split, trimmed
from backcalc.reading.items import Item, Span, SpanRow, Spans
from backcalc.reading.names import ERRORS, Unreadable
from backcalc.reading.pieces import BLANK, RELATIONS, Chain, equated, sides_of, written_plainly
from backcalc.reading.sentences import SAMPLE, TELLING, SentenceReader
from backcalc.reading.signs import (
    ACTIVATING,
    ACTIVATIONS,
    AFTER,
    BECOMES,
    EARLIER,
    ERROR_WORDS,
    FUNCTION_NAMES,
    GRADIENT,
    HIDDEN,
    NEURONS,
    NEW,
    NEW_ALONE,
    NOUNS,
    OLD,
    OLD_ALONE,
    PASSES,
    REMARKS,
    STEPS,
    VALUES,
    by_kind,
    phrases,
    saying,
    words,
)
from backcalc.reading.tokens import Token, Tokens, tokens_of
from backcalc.reading.vocabulary import SPELLINGS, in_one_word, layers_of

UNITS = words("j i k class clase klasse classe classes") | NEURONS
FUNCTIONS = ACTIVATIONS | FUNCTION_NAMES.keys()
CLASSES = words("class klasse clase classe classes clases klassen") | NOUNS["output"]
COUNTING = UNITS | NOUNS["output"]
"""Words before the number of a unit."""
DESCRIBING = regex(r"(?:[^\W\d_]{3,}|[一-鿿]+)(?:[\s-]+[^\W\d_]+)*(?: \d)?[.,;]?")
"""What a cell may hold that only describes a quantity."""
COUNTS = [*map(frozenset, by_kind("COUNTS").values())]
VELOCITY = words("velocity geschwindigkeit vitesse velocidad velocità velocidade")
WHOLE_PASSES = words(
    "pass forward durchlauf durchgang vorwärtslauf passe passage pasada passata doorgang проход"
)
"""Words of which the first is before any step."""
HATTED = regex(r"ŷ|y\u0302|\\(?:wide)?hat ?\{? ?y|y_?hat")
QUALIFYING = words(
    "old previous alt alte vorherige ancien anterior change änderung changement cambio deriv"
    " derivative ableitung dérivée derivada derivata new neu nouveau nuevo updated"
)
"""Words above a column of units for what their letter alone is not: previous a, deriv. of a."""
SHORT_SAMPLE = regex(rf"(?:{'|'.join(phrases('SHORT_SAMPLES'))})\W*(\d+)", re.IGNORECASE)
"""A word for a sample, cut short, as it stands above a column and nowhere else."""
LONG_NEW, LONG_OLD = ({e for e in each if len(e) > 2} for each in (NEW, OLD))
RATED = regex(r"(?:[ηα]|\\(?:eta|alpha)(?![a-z])|\blr\b)\s*(?:[*·×x∂gd\\]|[^\W\d_]{2})")
"""The rate before a derivative, which is what a weight changes by."""
MULTIPLIED = regex(
    r"(?<![∂d])(?<!partial)(?<!partial )(?<!partial\\,)(?:[*·×⋅∗]|[\\/](?:cdot|times)\b)"
)
COUNTABLE = "|".join(sorted(PASSES | STEPS))
COUNTED = regex(
    rf"(?:\w+ )?(?:{COUNTABLE}|[tkn]|(?:it|iter|ep)\.?)[ ]?[=:#]?[ ]?(?P<below>\d)"
    rf"|(?:\w+ )?(?P<before>\d)[. ]+(?:{COUNTABLE})",
    re.IGNORECASE,
)
"""A title that counts the steps that were made: step 0, t = 1, after 1 step."""
SLOPE = regex(
    r"(?:\bd|∂|\\partial)\s*\{?(?P<of>\w+)(?:_\{?\w+\}?)?\}?\s*[/}]\s*\{?\(?(?:d|∂|\\partial)"
)
"""A derivative as the title of a column, whatever stands for what it is taken by."""
SECOND = regex(
    r"''|″|\b(?:second|2nd|two|zweite\w*|zwei|deuxième) (?:\w+ )?(?:step|iteration|schritt|pas\b)"
    r"|\b(?:step|iteration|schritt|epoch) 2",
    re.IGNORECASE,
)
"""Signs that a sheet goes two steps, so that new beside a prime may be the second."""


ARROWS = regex(r"→|->|\\(?:long)?(?:right)?arrow|\\to(?![a-z])")
SLOPE_HEAD = regex(
    r"(?P<sigmoid>(?P<of>\w+)\}?\W{0,9}\(1\s*[-−]\s*(?:\\text\{)?(?P=of)\}?\))"
    r"|(?P<tanh>1\s*[-−]\s*\w+\}?\s*(?:²|\^\{?2))|(?P<other>1\s*[-−]\s*\w)|^\W*(?:[fg]|\\?(?:sigma|phi|varphi)|[σφ])'\s*\("
)
"""A formula at the head of a column: out(1 - out), which is a derivative, 1 - out, f'(net)."""
DIFFERENCE = regex(
    r"(?:[oapyŷ]|out(?:put)?|pred\w*|ist|y_?hat|\\hat ?\{? ?y ?\}?)(?:_\{?[ijk]\}?)? ?[-−–] ?"
    r"(?:[tyd]|target|label|soll|ziel)(?:_\{?[ijk]\}?)?"
)
"""An output less its target at the head of a column."""
SUM_DIFFERENCES = {("sigmoid", "bce"), ("softmax", "cross_entropy")}
"""Functions and losses with which such a difference is the derivative by the unit's sum."""
BY_EDGE = regex(
    r"(?:d|∂|\\partial ?)[wW]\}?\$?[ ]*(?:\(|\[|,|[^\W\d_]{2,5}[ ])[ ]*\$?"
    r"(?P<source>[^\W\d_]\w?_?\{?[\d₀-₉]\}?)\$?[)\]]?$"
)
"""The derivative by a weight without a number, and what it comes from: dL/dw (x1)."""
OPERATED = regex(
    r"^(?:[Σ∑]|\\sum)\Z|[\^+·×*²]|\w\s?\(|\s[-−]|[-−]\s|\d[-−]|^\w{1,2}[-−]\w{1,2}$|/\s?\d|^\W*\("
)
"""Signs that the head of a column is a formula: exp(-net), t - out."""
APPLIED = regex(r"\\?\w+\s?\(\s?\\?(?P<inner>\w+?)(?:_\{?\w+\}?)?\s?\)")
"""A function of one name at the head of a column: sigmoid(net)."""
LONE = regex(
    r"(?!e\s?\^)(?:\\hat\s?\{?)?\\?\w+\}?(?:_\{?\w+\}?)?\s?\^\s?\{?[(\[]?\w+[)\]]?\}?(?:_\{?\w+\}?)?"
)
"""A name with a number above it, perhaps that of its layer."""
OWN_SLOPES = words("derivative slope ableitung steigung dérivée pente derivada derivata afgeleide")
"""Words for a derivative that may be that of a unit's function by its sum."""
APART = words("difference differenz différence diferencia differenza diff exp dead bits")
"""Words before a row of figures that are those of no quantity."""
FORMULA_HEAD = "it stands beside words or a formula that name no quantity here"


class CellReader(SentenceReader):
    """Says what the cells of a table hold, and reads the statement of one with its name."""

    titles = ""
    """The heading above it, and what stands right before it."""
    led_in = ""
    """What a line with a colon at its end right before it says: new, gradient or nothing."""

    def role_of(self, title: str, label: Spans) -> str | None:
        """The quantity of a unit that a title names and a label, delta or z, is of."""
        title = title.strip(" $*`").replace("_", "")
        self.check_names()
        if title not in self.headed:
            self.headed[title] = described_unit(title, self.names) if title else None
        unit = self.headed[title]
        if unit and re.fullmatch(r"(?:\\?delta|δ)(?:_\{?[ijk]\}?)?", self._stem(label)):
            error = f"delta_{unit.name}"  # whose sign the whole sheet tells
            return error if self.quantity_called(tokens_of(error), True) else None
        if unit is None or self._role(label) in ("old", "new", "gradient"):
            return None
        if meant := described(f"{title} {' '.join(self.words(label))}".casefold(), self.names):
            return meant
        with self.names.numbered(unit.name):
            value = self.quantity_called(self.tokens(label))
        own = (unit.pre_activation, self.names.network.activations[unit.name])
        outer = SPELLINGS["output"] if unit.name in self.names.network.output_units else ()
        kinds = (SPELLINGS["pre-activation"], (*SPELLINGS["activation"], *outer, "ŷ", "\\hat{y}"))
        letter = re.sub(r"_\{?[ijk]\}?$", "", self._text(label).strip(" $*`"))
        lettered = [name for name, known in zip(own, kinds, strict=True) if letter in known]
        if not value and lettered:
            return lettered[0]  # h, which the network calls no output
        return value if by_of(value) in own else None

    def numbers_in(self, row: SpanRow) -> list[str]:
        """The numbers that stand alone in cells behind the first one."""
        return [number for cell in row[1:] if (number := self.number(cell))]

    def number(self, cell: Spans) -> str:
        """The number that stands alone in a cell; "" for anything else."""
        return written_plainly(self.value(cell))

    def left_in(self, cell: Spans) -> list[Token]:
        """The left side of what a cell states; none where it states nothing."""
        value = self.value(cell)
        return sides_of(value)[0][1] if any(t.kind in RELATIONS for t in value) else []

    def is_blank(self, cell: Spans) -> bool:
        """True for a cell that is empty or to be filled in."""
        return bool(BLANK.fullmatch(self._text(cell)))

    def is_math(self, cell: Spans) -> bool:
        """True if a formula stands in a cell."""
        return any(span.math for span in cell)

    def value(self, cell: Spans) -> list[Token]:
        """The tokens of a cell without gaps, which are asked for several times."""
        self.check_names()
        key: tuple[Span | str, ...] = (*cell, self.names.sample)
        if key not in self.values:
            self.values[key] = self._value(cell)
        return self.values[key]

    def label_tokens(self, cell: Spans) -> list[Token]:
        """The tokens of a cell, or the weight's name of an edge that it names by its ends."""
        found, weight = self.tokens(cell), self.weight_of_edge(cell)
        if not weight:
            return self.without_edge(found)
        return [Token("word", in_one_word(weight), found[0].start, found[-1].end)]

    def without_edge(self, label: list[Token]) -> list[Token]:
        """A weight's name without its edge, which stands behind it: w5 (A→C), w5: from A to C."""
        at = next((n for n, t in enumerate(label) if t.text in ("(", "[", ":")), 0)
        ends = [t for t in label[at:] if t.kind in ("word", "text")]
        plain = all(t.kind not in RELATIONS and "." not in t.text for t in label[at:])
        told = len(ends) != 3 and not TELLING.isdisjoint(t.text for t in ends)  # A nach C
        if not (at and plain and len(ends) > 1) or told:
            return label
        name = [t for t in label[:at] if t.kind != "stop"]
        return name if self.quantity_called(name, True) in self.names.weights else label

    def weight_of_edge(self, cell: Spans) -> str:
        """The weight of the edge that a cell names by its ends: x_1 → h_1; "" for anything else."""
        ends = split(self.tokens(cell), ("stop",)) if ARROWS.search(self._text(cell)) else []
        if len(ends) != 2:
            return ""
        source, target = (self.quantity_called(trimmed(end), True) for end in ends)
        acts, units = self.names.network.activations, self.names.network.units
        into = [unit for unit in units if target in (unit.pre_activation, acts[unit.name])]
        edges = (edge for unit in into for edge in unit.edges if edge.source == source)
        return next((edge.weight for edge in edges), "")

    def _value(self, cell: Spans) -> list[Token]:
        whole = self.label_tokens(cell)
        for at, token in enumerate(whole):
            if token.text == "->" and at and whole[at - 1].kind == "number":  # 0.5550 -> 0.555
                whole[at] = token._replace(kind="relation", text="≈")
        kept = [t for t in whole if t.kind != "stop"]
        newly = len(kept) > 1 and kept[0].kind == "text" and saying([kept[0].text.casefold()])
        if newly == "new" and self._is_left(kept[1:]):
            kept = [*kept[1:], Token("prime", "'", kept[-1].end, kept[-1].end)]  # new w1
        behind = kept[-3:] if [t.kind for t in kept[-3:]] == ["open", "text", "close"] else []
        if behind and saying([behind[1].text]) == "new" and self._is_left(kept[:-3]):
            kept = [*kept[:-3], Token("prime", "'", kept[-1].end, kept[-1].end)]  # w1 (new)
        at = next((n for n, t in enumerate(kept) if n and t.text == "("), 0)
        worded = at and kept[-1].text == ")" and {t.kind for t in kept[at + 1 : -1]} == {"text"}
        remark = worded and TELLING.isdisjoint(t.text.casefold() for t in kept[at:])
        kept = kept[:at] if remark and written_plainly(kept[:at]) else kept  # 0 (dead)
        return [t._replace(kind="sign") if t[:2] == ("unknown", "+") else t for t in kept]

    def check_names(self) -> None:
        """Forget what the cells hold once the sheet's names mean something else."""
        if self.known_names != self.names.aliases:
            self.known_names = dict(self.names.aliases)
            self.named.clear()
            self.headed.clear()
            self.values.clear()

    def states(self, cell: Spans) -> bool:
        """True if a cell says by a formula what a quantity is: z = w x + b."""
        (_, left), *sides = sides_of(self.value(cell))
        if not (left and sides) or written_plainly(sides[-1][1]):
            return False
        return self._is_left(left) or bool(self.quantity_called(left, self.is_math(cell)))

    def _describes(self, cell: Spans) -> bool:
        """True for a cell of words alone, or a number that counts rows."""
        text = self._text(cell).strip("*_ ")
        counted = text.rstrip(".)").isdecimal()
        return counted or self._is_worded(cell) or bool(DESCRIBING.fullmatch(text))

    def behind_words(self, tokens: Tokens) -> Tokens:
        """The name that some tokens end with, behind nothing but words; none for others."""
        starts = (n for n in range(len(tokens)) if self._is_left(tokens[n:]))
        start = next(starts, len(tokens))
        return tokens[start:] if all(t.kind in ("text", "word") for t in tokens[:start]) else ()

    def _is_worded(self, cell: Spans) -> bool:
        """True if a cell holds words, and neither a name nor a formula."""
        tokens = self.value(cell)
        formula = any(t.kind in (*RELATIONS, "sign") for t in tokens)
        return any(t.kind == "text" for t in tokens) and not (formula or self._is_name(cell))

    def tokens_in(self, row: SpanRow) -> list[Token]:
        """The tokens of all cells of a row."""
        return [t for cell in row for t in self.tokens(cell)]

    def lose(self, row: SpanRow, reason: str) -> None:
        """List a row as unread."""
        self.skip(self.tokens_in(row), reason)

    def lines(self, cells: SpanRow) -> None:
        """Read cells as statements of their own."""
        for cell in cells:
            self.line(Item("line", cell))
            self.finish()

    def of_class(self, head: Spans, label: Token, labels: Tokens) -> Token | None:
        """The output's name for the number of its class, in a column of error terms by classes.

        There must be a row for each output, and no layer inside with as many units.
        """
        network, texts = self.names.network, [t.text for t in labels]
        *inside, last = layers_of(network) or [()]
        several = [*map(str, range(len(last)))], [*map(str, range(1, len(last) + 1))]
        if texts not in several or {u.name for u in last} != {*network.output_units}:
            return None
        counts = [*map(len, inside), sum(map(len, inside))]
        if len(last) in counts or any(unit.name.isdecimal() for unit in network.units):
            return None
        outer = label._replace(kind="word", text=network.output_units[texts.index(label.text)])
        name = list[Token]()
        with suppress(Unreadable):
            name = self.name_of_unit(head, outer)
        slope = parsed(self.quantity_called(name, True))
        error = bool(name) and name[0].text in ERRORS
        return outer if error and isinstance(slope, Derivative) else None

    def is_given(self, head: Spans, label: Token, value: Spans) -> bool:
        """True if a cell repeats a number of the exercise, x_1 = 0.5."""
        of = ""
        with suppress(Unreadable):
            of = self.quantity_called(self.name_of_unit(head, label), True)
        number, own = self.number(value), self.figures.own(of)
        known = of in (*self.names.network.inputs, *self.names.network.targets)
        return bool(known and number) and near(own, float(number))

    def units_of(self, labels: Tokens) -> dict[str, Unit]:
        """The unit that each row is of by its label; numbers alone must be those of all units."""
        acts, found = self.names.network.activations, dict[str, Unit]()
        for label in labels:
            own = [unit for unit in self.names.network.units if acts[unit.name] == label.text]
            found |= dict.fromkeys([label.text] * len(own), *own[:1])
            name = f"net_{label.text}"
            meant = self.quantity_called(tokens_of(name, math=True), True)
            unit = self.names.activation(meant)
            found |= {label.text: unit} if unit and label.text not in found else {}
        self.named_units = found
        numbered = any(label.text.isdecimal() for label in labels)
        least = len(self.names.network.units) if numbered else len(labels)
        whole = len({unit.name for unit in found.values()}) == len(labels)
        return found if whole and len(labels) >= least else {}

    def label(self, cell: Spans, *, joined: bool = False) -> list[Token]:
        """The tokens before a row of a table; of k = 1 and of class 1 the number alone.

        If `joined`, a name, h_1, is in one word, and so are hidden 1 and output 1.
        """
        tokens = self.value(cell)
        counted = [t.kind for t in tokens[1:]] in (["relation", "number"], ["number"])
        first = tokens[0].text.casefold() if tokens else ""
        if joined and [t.kind for t in tokens[1:]] == ["number"]:
            letter = "h" if first in HIDDEN else "o" if first in NOUNS["output"] else ""
            if letter:
                return [tokens[1]._replace(kind="word", text=letter + tokens[1].text)]
        if joined and len(tokens) > 1 and self._is_name(cell):
            accent = "".join(t.text for t in tokens if t.kind == "accent")
            word, *low = [t.text for t in tokens if t.kind in ("word", "number")]
            return [tokens[0]._replace(kind="word", text="".join((word, accent, *low)))]
        return tokens[-1:] if counted and first in COUNTING else tokens

    def of_outputs(self, heads: SpanRow, labels: Tokens, titles: SpanRow) -> list[bool]:
        """For each head of numbers that count classes whether it is of outputs; else True."""
        network, kinds = self.names.network, list[set[bool]]()
        units = [unit for unit in network.units if unit.name not in network.output_units]
        sums = {unit.pre_activation for unit in units}
        inside = {*network.inputs, *sums, *(network.activations[unit.name] for unit in units)}
        for line in self.names.forward.values():
            if line.name.of_sample(None) in sums:
                inside |= {parsed(each).of_sample(None) for each in names_in(line.expression)}
        for head in heads:
            kinds.append(set())
            for label in labels if head else ():
                outer = False
                with suppress(Unreadable):
                    name = self.left_side(self.name_of_unit(head, label), True)
                    outer = parsed(by_of(getattr(name, "id", ""))).of_sample(None) not in inside
                kinds[-1].add(outer)
        counted = {word for cell in titles for word in self.words(cell)} & CLASSES
        classes = counted or ({True} in kinds and len(labels) == len(network.outputs))
        return [not classes or kind <= {True} for kind in kinds]

    def number_of_step(self, cell: Spans) -> str:
        """The number before a row: of 0, of 0 (start) and of step 0."""
        steps = self.step_of(cell)
        label = re.sub(r"[.:]?(?: \(.*\))?$", "", self._text(cell).strip("$ \n"))
        return label if steps is None else str(steps)

    def sample_of(self, cell: Spans) -> str:
        """The number of the sample that a cell is for; "" where it says none."""
        text = self._text(cell).strip("$* ")
        match = SAMPLE.search(text) or SHORT_SAMPLE.fullmatch(text)
        count = len(self.names.network.samples)
        return match[1] if match and 0 < int(match[1]) <= count > 1 else ""

    def with_value(self, cell: Spans, after: Spans) -> bool:
        """Read a cell with a name and a formula, z_0 = w_0 x, with the number in the next one."""
        said, number = self.value(cell), self.value(after)
        sides = sides_of(said)
        if len(sides) < 2 or not number or not self._is_left(sides[0][1]):
            return False
        told = written_plainly(number[number[0].kind in RELATIONS :])
        if not told or written_plainly(sides[-1][1]):
            return False
        self._one([*said, *equated((), number)], (cell, after), "")
        return True

    def _is_weight(self, cell: Spans) -> bool:
        """True if a cell holds the name of a weight."""
        return self._is_weight_name(self.value(cell))

    def steps_in(self, title: Spans) -> int:
        """The number of steps that the head of a column speaks of: after 2 steps."""
        if self.counting and (counted := self.step_of(title)):
            return counted
        said = {*re.findall(r"\w+", self._text(title).casefold())}
        steps = next((n for n, known in enumerate(COUNTS, 2) if said & known), 1)
        return max(steps - (not said.isdisjoint(WHOLE_PASSES)), 1)  # the second pass is after one

    def step_of(self, title: Spans) -> int | None:
        """The number of steps that a title counts; None for other words."""
        counted = COUNTED.fullmatch(self._text(title).strip("$ "))
        known = counted and not self.names.vocabulary.repeated
        return int(counted["below"] or counted["before"]) if counted and known else None

    def before_and_after(self, name: Spans, cell: Spans, role: str, steps: int = 1) -> None:
        """A value in a column that says whether it is of the pass before or after the step."""
        value = self.value(cell)
        if not value or role not in ("old", "new") or self.is_blank(cell):
            return
        tokens = self.value(name)
        new = self.quantity_called(tokens, self.is_math(name))
        second = SECOND.search(self.document.text)
        primes = 0 if second else new.count("'")  # L' below new says it twice
        prime = [Token("prime", "'", 0, 0)] * (steps - primes) if role == "new" else []
        if primes and role == "old":
            if new.rstrip("'") not in self.names.weights:
                self.skip(value, "its column says old and its name says new")
        elif any(t.text == "/" or t.kind in ("fraction", "differential") for t in tokens):
            self.skip(value, "this derivative may be from before the update or from after it")
        else:
            self.equate([*tokens, *prime], (name, cell), "old")

    def state_of(self, title: Spans, name: Spans) -> list[Token]:
        """The name of what an optimizer remembers of a weight, whose letter is above a column."""
        head, low = self.value(title), self.value(name)
        letters = {t.text for t in head if t.kind in ("word", "text")} - NEW - OLD - EARLIER
        letters = {"v" if each.casefold() in VELOCITY else each for each in letters}
        if re.search(r"[·*×]|^[\d.]+\s", self._stem(title)):
            return []  # 0.1·v
        known = letters <= {*self.names.network.descent.optimizer.states}
        if len(letters) != 1 or not known or not self._is_weight(name):
            return []
        signs = [("word", letters.pop()), ("low", "_"), ("open", "{"), ("close", "}")]
        *below, closes = (Token(*sign, low[0].start, low[0].start) for sign in signs)
        newly = self._role(title) == "new" or any(t.text in ("+", "'", "*") for t in head)
        prime = [closes._replace(kind="prime", text="'")] if newly else []  # v^+
        return [*below, *low, closes, *prime]

    def of_unit(self, head: Spans, cell: Spans, label: Token, working: Tokens = ()) -> None:
        """One cell of a column such as O_j or net in the row of a unit, perhaps behind working."""
        value = self.value(cell)
        if not value or self.is_blank(cell):
            return
        if self._is_left(self.left_in(cell)):  # the cell says of what it is itself
            self._one(value, (cell,), "")
            return
        given, said = self.names.network.samples[0].get(self._stem(head)), self.number(cell)
        if given is not None and said and float(said) == float(given):
            return  # the target beside the output
        try:
            if {*self.words(head)} & QUALIFYING:
                raise Unreadable(FORMULA_HEAD)
            name = self.name_of_unit(head, label)
            if head in self.activated_heads and not SLOPE_HEAD.search(self._text(head)):
                name = tokens_of(self.output_of(label))
            meant = self.left_side(name, self.is_math(head))
            each = self.names.quantity(meant.id) if isinstance(meant, Name) else None
            if self.names.vocabulary.repeated and each and not each.element:
                raise Unreadable(f"{each} has no value for each step")
            act = {a: unit for unit, a in self.names.network.activations.items()}.get(str(each))
            numbered = self.neurons and label.text.isdecimal() and act != label.text
            if numbered and each in self.names.network.outputs:
                raise Unreadable(f"unit {label.text} may be another one than that of {each}")
        except Unreadable as error:
            self.skip(value, str(error))
            return
        value = [*working, *equated((), value)] if working else value
        slope = self.led_in == "gradient" and self._is_weight_name(name)
        self._one(equated(name, value), (head, cell), "gradient" * slope)

    def is_activation(self, head: Spans, labels: Tokens) -> bool:
        """True if the letter of a column is that of what each unit puts out, where that is sure.

        Where o_4 is of unit 4, o_1 is of unit 1, and not of the first output.
        """
        if not {label.text for label in labels} <= {*self.named_units}:
            return False
        found, math = set[bool](), self.is_math(head)
        for label in labels:
            with suppress(Unreadable):
                meant = self.quantity_called(self.name_of_unit(head, label), math)
                found |= {meant == self.output_of(label)} if meant else set()
        return found == {True}

    def output_of(self, label: Token) -> str:
        """What the unit puts out that a row is of by its label."""
        return self.names.network.activations[self.named_units[label.text].name]

    def name_of_unit(self, head: Spans, label: Token) -> list[Token]:
        """The name at the head of a column or row such as O_j or net, with the number of a unit."""
        at = label.start
        if found := SLOPE_HEAD.search(self._text(head)):
            return self.slope_of_unit(found.lastgroup or "", label)
        if self.hatted and self._stem(head) == "y":
            raise Unreadable("y is a target beside an output with a hat")
        if DIFFERENCE.fullmatch(self._stem(head)):
            return self.difference_of(label)
        if edge := BY_EDGE.search(self._text(head)):
            return self.slope_by_edge(edge["source"], label)
        if self._is_operated(head) and not SLOPE.search(self._text(head)):
            raise Unreadable(FORMULA_HEAD)
        signs = tuple(span for span in head if span.math) or head
        marked = sides_of(self.value(signs))[0][1]  # of h = sigmoid(z)
        parts = [
            [t for n, t in enumerate(part) if t.kind != "text" or (n and part[n - 1].text == "/")]
            for part in split(marked, ("comma",))
        ]  # of dL/dnet the last is no word of the language
        name = next((part for part in reversed(parts) if part), marked)
        letter = self.letter_of(head)
        unit = self.units.get(label.text)
        if unit and not label.text.isdecimal() and [t.text for t in name] in (["h"], ["y"]):
            letter = "out"  # of unit h1
        if unit and letter in ("net", "out"):
            acts = self.names.network.activations
            return tokens_of(unit.pre_activation if letter == "net" else acts[unit.name])
        if letter and (len(parts[0]) != 1 or not any(parts) or self.is_of_units(parts[0][0])):
            name = [Token("word", letter, at, at)]
        number = Token("number" if label.text.isdecimal() else "word", label.text, at, at)
        low = Token("low", "_", at, at)
        function = [t.kind for t in name] == ["word", "prime"] and name[0].text in FUNCTIONS
        if function and not self._is_left([name[0], low, number]):
            opens, net = Token("open", "(", at, at), Token("word", "net", at, at)
            return [*name, opens, net, low, number, Token("close", ")", at, at)]  # f'(net_1)
        indexes = [n for n, t in enumerate(name) if n and re.fullmatch(r"[ijkt]\d*", t.text)]
        if len(indexes) == 1:
            place, first = indexes[0], name[indexes[0]]
            name[place] = number._replace(text=label.text + first.text[1:])
        elif not indexes:
            slash = next((n for n, t in enumerate(name) if t.text == "/"), 0)
            above = name[slash - 1].text.removeprefix("d") if slash else ""
            both = above != self.names.loss and above in SPELLINGS["activation"]  # dout/dnet
            name = [*name[:slash], *[low, number] * both, *name[slash:], low, number]
        return [t._replace(kind="word") if t.kind == "text" else t for t in name]

    def slope_of_unit(self, function: str, label: Token) -> list[Token]:
        """The name of what a unit puts out by its sum, if it has this function, or for any.

        Raises Unreadable for other formulas.
        """
        units, acts = self.names.network.units, self.names.network.activations
        by_name = {unit.name: unit for unit in units} | dict(self.named_units)
        unit = by_name.get(label.text)
        if not unit or function not in ("", unit.activation.name):
            raise Unreadable(FORMULA_HEAD)
        return tokens_of(str(Derivative(acts[unit.name], unit.pre_activation)))

    def difference_of(self, label: Token) -> list[Token]:
        """The derivative that an output less its target is: by the output, or by its sum.

        Raises Unreadable where it is none, or of another unit.
        """
        network = self.names.network
        unit = next((u for u in network.units if u.name in network.output_units
                     and label.text in (u.name, network.activations[u.name])), None)  # fmt: skip
        by_sum = (unit.activation.name, network.loss_name) in SUM_DIFFERENCES if unit else False
        if not unit or not (by_sum or network.loss_name == "half_l2"):
            raise Unreadable(FORMULA_HEAD)
        by = unit.pre_activation if by_sum else network.activations[unit.name]
        return tokens_of(str(Derivative(self.names.loss_of(by), by)))

    def slope_by_edge(self, source: str, label: Token) -> list[Token]:
        """The derivative by the weight from what a head names into the unit of a row.

        Raises Unreadable where there is no such edge.
        """
        here = self.quantity_called(tokens_of(source, math=True), True)
        units = {unit.name: unit for unit in self.names.network.units}
        unit = units.get(label.text) or self.named_units.get(label.text)
        edges = unit.edges if unit else ()
        weight = next((each.weight for each in edges if each.source == here), "")
        if not weight:
            raise Unreadable(FORMULA_HEAD)
        return tokens_of(str(Derivative(self.names.loss_of(weight), weight)))

    def is_formula(self, cell: Spans, role: str) -> bool:
        """True if what stands before a row is not about the names above it: exp(-z), 1 - h, bias.

        A slope may be that of a unit's own function.
        """
        text, words = self._text(cell).strip("$*_ "), {*self.words(cell)}
        if self._is_operated(cell) or re.search(r"[=']|\^\s?\{?[-−2]", text):
            return True
        if role in ("old", "new", "gradient"):
            return role == "gradient" and not words.isdisjoint(OWN_SLOPES)
        other = NOUNS["bias"] | NOUNS["weight"] | FUNCTIONS | ERROR_WORDS | APART
        return bool(words & other) or (len(text) == 1 and text.isalpha())

    def is_of_units(self, title: Token) -> bool:
        """True for output at the head of a column: that of the unit, and not of the network."""
        own, noun = title.text in self.names.vocabulary.tiers[0], title.text.casefold()
        return not own and noun in NOUNS["output"] and bool(self.names.network.units)

    def letter_of(self, head: Spans) -> str:
        """The letter for what a column of a table of units holds, by its words."""
        said, text = {*self.words(head)}, self._stem(head)
        if re.search("[=≈]", self._text(head)):
            said &= {*re.findall(r"[^\W\d_]+", text.casefold())}  # o = sigmoid(net)
        if call := APPLIED.fullmatch(text):
            said -= {call["inner"]}
        elif self._is_operated(head):
            return ""
        functions = {FUNCTION_NAMES.get(word) for word in said if "'" not in self._text(head)}
        activations = {unit.activation.name.replace("_", "") for unit in self.units.values()}
        activated = bool(said & ACTIVATING) or self.activated
        if said & GRADIENT or (said & (NEW - AFTER) and self.units):
            return "delta" if "delta" in said else ""
        if said & AFTER and not activated:
            return ""
        if said & (NOUNS["pre-activation"] | {"net", "pre"}) or (said & EARLIER and activated):
            return "net"
        if said & NOUNS["input"] and all(len(u.edges) > 1 for u in self.units.values()):
            return "net" if self.units else ""
        if said & (NOUNS["activation"] | NOUNS["output"] | {"post", "out"}) or (
            (activations and activations == functions - {None}) or (said & AFTER and activated)
        ):  # fmt: skip
            return "out"
        return "delta" if "delta" in said else "Err" if said & NOUNS["loss"] else ""

    def tells_kind(self, cell: Spans) -> bool:
        """True for a cell of words alone that say what kind of quantity a row is about: input."""
        words = self.words(cell)
        if self.is_math(cell) or not DESCRIBING.fullmatch(self._text(cell)):
            return False
        return len(words) > 1 or not {*words}.isdisjoint(chain.from_iterable(NOUNS.values()))

    def _is_other(self, one: Tokens, two: Tokens) -> bool:
        """True if two stretches are the names of two quantities."""
        bare = ([t for t in each if t.kind != "stop"] for each in (one, two))
        with suppress(Unreadable):
            left, right = (self.left_side(trimmed(each), True) for each in bare)
            return left != right
        return False

    def pair(self, name: Spans, cell: Spans, said: str, *, weak: bool = False) -> None:
        """A name in the head of a table and the value below it; `weak`: the table may be torn."""
        own = self.left_in(cell)
        if own and self._is_left(own) and self._is_other(self.tokens(name), own):
            self._one(self.value(cell), (cell,), said)  # the cell says of what it is itself
        elif not self.is_blank(cell):
            weak |= self._is_name(cell)  # of the head of another table
            self.equate(self.label_tokens(name), (name, cell), said, weak=weak)

    def equate(
        self, name: Tokens, cells: SpanRow, said: str, *,
        weak: bool = False, steps: int = 0, sampled: bool = False,
    ) -> None:  # fmt: skip
        """Read what the last of some cells says of a name; an empty one says nothing."""
        if value := self.value(cells[-1]):
            self._one(equated(name, value), cells, said, weak=weak, steps=steps, sampled=sampled)

    def _one(
        self, tokens: list[Token], spans: SpanRow, said: str, *,
        weak: bool = False, steps: int = 0, sampled: bool = False,
    ) -> None:  # fmt: skip
        tokens = [t for t in tokens if t.kind != "stop"]
        sides = sides_of(tokens)
        if len(sides) < 2 or not sides[0][1]:
            return
        if any(len(split(side, ("text", "comma"))) > 1 for _, side in sides):
            reason = "this cell holds words or a list where one value should stand"
            self.skip(tokens, reason, any(t.kind == "number" for t in tokens))
            return
        if [t.kind for t in tokens[-2:]] == ["number", "dot"] and tokens[-2].text.isdecimal():
            self.skip(tokens, "the number breaks off")
            return
        math = any(span.math for cell in spans for span in cell)
        self.last = Chain(sides, math, said or self.said)
        weak |= self.ragged and written_plainly(trimmed(sides[-1][1])) != ""
        self.last.tabled, self.last.weak, self.last.steps = True, weak, steps
        self.last.sampled = sampled
        self.last.lead = ("gradient",) if said == "gradient" else ()
        self.finish()

    def _is_operated(self, cell: Spans) -> bool:
        """True for a formula of several names or numbers: exp(-net), t - out."""
        text = self._stem(cell)
        return bool(OPERATED.search(text)) and not (APPLIED.fullmatch(text) or LONE.fullmatch(text))

    def _stem(self, cell: Spans) -> str:
        """What stands in the head of a column before a sign, without what is said aside."""
        return re.sub(r"[\s$]\(.*|[=≈:].*", "", self._text(cell)).strip("$ ")

    def _text(self, cell: Spans) -> str:
        return " ".join(self.document.text[s.start : s.end] for s in cell).strip(" *`")

    def _role(self, cell: Spans) -> str:
        """What a cell of a head says of its column."""
        words, sides = self.words(cell), sides_of(self.tokens(cell))
        if len(sides) > 1 and saying([t.text for t in sides[0][1] if t.kind != "stop"]) == "new":
            return "new"  # w_new = w_old - eta * gradient
        if self.counting and (steps := self.step_of(cell)) is not None:
            return "new" if steps else "old"
        if len(sides) == 1 and re.search("[-−]", self._text(cell)) and (
            LONG_NEW & {*words} and LONG_OLD & {*words}
        ):  # fmt: skip
            return "remark"  # new - old
        said = saying(words) or ("gradient" if SLOPE.search(self._text(cell)) else "")
        if said == "gradient" and self._is_name(cell):
            return ""
        if said == "gradient" and len(sides) == 1 and RATED.search(self._text(cell)):
            return "remark"
        if said == "gradient" and MULTIPLIED.search(self._text(cell)):
            return "value"  # w - eta * gradient: how the column beside it is worked out
        if said:
            return said
        if words and set(words) & OLD:
            return "old"
        for said, alone in (("new", NEW_ALONE | BECOMES), ("old", OLD_ALONE)):
            if alone & {*words} and {*words} <= alone | PASSES | VALUES:
                return said
        if {*words} & REMARKS:
            return "remark"
        return "value" if words and not self._is_name(cell) else ""

    def _is_name(self, cell: Spans) -> bool:
        """True if a cell holds a quantity's name and nothing else."""
        self.check_names()
        key = (*cell,)
        if key not in self.named:
            tokens = trimmed(self.value(cell))
            self.named[key] = False
            kinds = {t.kind for t in tokens}
            if not kinds <= {"sign", "number"} and "text" not in kinds:
                with suppress(Unreadable):
                    self.left_side(tokens, self.is_math(cell))
                    self.named[key] = True
        return self.named[key]
