"""Names as people write them, to the quantities of one network: each only where it means one.

A name of the network itself always comes first; one with two meanings has none.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Network, Unit
from backcalc.equations.optimizers import inside_names
from backcalc.equations.program import loss_name
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Expression, names_in
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.reading.signs import NEW, OLD, ORDINALS, STEPS_OF_WORK, THUS
from backcalc.reading.vocabulary import (
    SPELLINGS,
    Quantities,
    in_one_word,
    layers_of,
    lengths,
    names_of,
    vocabulary,
)

SUM_LETTER = regex(r"z|net|[suv]_?\d|in")
"""What stands before the number of a weighted sum."""
BY_ITSELF = "this is the derivative of a quantity by itself, which is 1"
ERRORS = SPELLINGS["error"]
PREFIXES = ("grad", "nabla", "d", "g")
"""What stands before a weight for the derivative of the loss by it; a g before nothing else."""
MARKED = sorted((w for w in NEW if len(w) > 2 or w[0] >= "⺀"), key=len, reverse=True)
UNMARKED = sorted((w for w in OLD if len(w) > 2 or w[0] >= "⺀"), key=len, reverse=True)
AFFIXES = (*MARKED, *UNMARKED)
NOUGHT_ABOVE = regex(r"([zZwWbB]) ?\^ ?\{? ?[(\[] ?0 ?[)\]]")
UNKNOWN_MARK = "the sheet does not say what the mark above the letter means"
UNIT_LETTERS = ("z", "a", "h", "o", "net", "out", "delta")
WITHOUT_MARKS = str.maketrans("", "", "_()")
OF_HIDDEN = regex(r"d?(?:y_h(?!at)|yh_?\d)")
"""What a hidden unit puts out, y_h or yh1; yh alone has lost the rest of its hat."""
ONE_OUTPUT = regex(r"([A-Za-z]+?)o?(\d)")
"""The loss of one output: E_o1, L1."""
PART = ":"
"""What stands between the loss and the output that a part of it is of."""
LONGEST = 60  # characters of a name
NO_SUCH = "this network has no quantity called {}"
WHICH_SAMPLE = "it does not say of which sample: put [1] behind its name for sample 1"
ALONE = "put what you say of it on a line of its own"
UNCLEAR = ""
"""Meaning of a name that the sheet defines in a way that was not understood."""


class Unreadable(Exception):  # noqa: N818
    """Raised where something has no reading or more than one; the message says why."""

    def __init__(self, message: str, meant: Iterable[Quantities] = ()) -> None:
        super().__init__(message)
        self.meant = tuple(each for each in meant if isinstance(each, str))
        """The quantities that it may be."""


class OfMatrices(Unreadable):
    """Raised where a formula of vectors, matrices or a sum is sound, but only whole lines tell."""


class Misplaced(Unreadable):
    """Raised where signs do not fit together: what stands around them is doubtful too."""


class Symbol(NamedTuple):
    """A name as it is written, in its parts."""

    head: str
    """The letter or word on the line."""
    low: str = ""
    """What stands below it, without blanks and braces."""
    layer: str = ""
    """A number in brackets above it: a layer, a sample or a step."""
    primes: int = 0
    """How often it is said to be new."""
    indexed: bool = False
    """Whether the number stands behind it, z1[2], where it never counts layers."""
    sample: str = ""
    """The number of the sample, where one of the layer stands beside it."""

    @property
    def key(self) -> str:
        """The name in one word."""
        return f"{self.head}{self.low}" + (f"^{self.layer}" if self.layer else "")


class Meaning(NamedTuple):
    """What a name stands for."""

    quantities: Quantities
    """The quantity, or several."""
    primes: int = 0
    """After how many steps, as far as the name says."""
    turned: bool = False
    """Whether its sign is turned: an error term that is minus the derivative."""
    letter: str = ""
    """The sheet's own letter for the loss, which may be that of one sample."""


@dataclass(eq=False)
class NameReader:
    """The quantities of one network by all names that people give them."""

    network: Network
    aliases: dict[str, Quantities] = field(default_factory=dict)
    """Names that the sheet itself has defined."""
    moved: Mapping[str, Quantities] = field(default_factory=dict)
    """Names that mean another quantity than usual in this sheet, even if the network has them."""
    formulas: dict[str, Expression] = field(default_factory=dict)
    """What names of the sheet's own stand for that are no quantities: e for y - yhat."""
    taken: dict[str, str] = field(default_factory=dict)
    """How names of this sheet were taken, as far as they are not the network's own."""
    places: dict[str, set[int]] = field(default_factory=dict)
    """Where the statements begin that hold such a name."""
    noted: dict[str, str] = field(default_factory=dict)
    """The names of the statement that is being read."""
    known: dict[tuple[str, int, str, tuple[int, ...]], bool] = field(default_factory=dict)
    """The names that were looked up, and whether they have a meaning."""
    usual: dict[tuple[str, bool | None, tuple[int, ...]], Quantities] = field(default_factory=dict)
    """The quantities of spellings that were looked up, by what is said of them."""
    loss_letter: str = ""
    """How this sheet writes the loss."""
    signs: dict[str, int] = field(default_factory=lambda: {"delta": 1, "d": 1})
    """For each letter of an error term whether it is the derivative, or -1 for minus that."""
    left: set[str] = field(default_factory=set)
    """Names that have stood on the left of a sign."""
    settled: set[str] = field(default_factory=set)
    """Those of the names that are damaged, and were told by what stands beside them."""
    slopes: set[str] = field(default_factory=set)
    """Letters with which the sheet writes the loss's derivative by what stands below: E_w1."""
    shown: set[str] = field(default_factory=set)
    """Names that a formula told, the one of their quantity."""
    used: set[str] = field(default_factory=set)
    """Those of them that were looked up since this was last emptied."""
    asking: set[str] = field(default_factory=set)
    """The names that were looked up for the statement that is being read."""
    asked: set[str] = field(default_factory=set)
    """Those that were looked up for the statements before it."""
    from_nought: bool = False
    """Whether brackets behind a name count its elements from 0, as in code: a1[0] of a layer 1."""
    late: bool = False
    """Whether a name was learnt below a statement that holds it, which must be read once more."""
    stepped: bool = False
    """Whether a number in brackets above a name counts steps: w^(1) = w^(0) - ..."""
    timed: bool = False
    """Whether a title such as Step 1 is of a step in time."""
    counting: bool = False
    """Whether such a number above a weight cannot be that of its layer, so that it counts steps."""
    flat: bool | None = None
    """Whether one number is said of the name that is being looked up; None where nothing tells."""
    size: tuple[int, ...] = ()
    """The lengths of the vector or matrix that is said of it."""
    newly: bool = False
    """Whether words say that the statement which is being read comes after the update."""
    defined: dict[str, int] = field(default_factory=dict)
    """The signs that the sheet defines for all error terms of a letter, and for changes."""
    sums: str = ""
    """The letter of the weighted sums that the sheet defines error terms for."""
    marks: frozenset[str] = frozenset()
    """The signs, tilde or *, that this sheet writes above a weight after the step."""
    marks_below: tuple[str, ...] = ()
    """The letters or words behind a weight's number that this sheet writes after the step."""
    starred: bool = False
    """Whether y with a star is the target here, whose number stands behind it."""
    sigma: str = ""
    """The function that sigma is where the sheet names this one and the network has no other."""
    sample: str = ""
    """The number of the sample that the statement is about, where its column or row says so."""
    below: str = ""
    """The unit, or the step in time, that a title says the statement is about."""
    summed: bool = False
    """Whether the sheet has the network's own names for weighted sums."""
    apart: bool = False
    """Whether d with a number is an error term here: some numbers are those of no target."""
    formed: dict[str, str] = field(default_factory=dict)
    """The names whose meaning a formula behind them has told."""
    indexed: bool = False
    """Whether the number of the name that is being looked up can only be that of its sample."""
    layered: bool | None = None
    """Whether numbers in brackets above names count layers; None for samples, if nothing else."""
    own_unsure: frozenset[str] = frozenset()
    """Those letters of which the sheet's figures do not show it."""
    doubted: set[str] = field(default_factory=set)
    """The letters in a statement for a loss that may be the total or that of one sample."""
    twofold: dict[Quantities, Quantities] = field(default_factory=dict)
    """The other meaning of the names in a statement whose number above may count both."""
    own_losses: Mapping[str, bool] = field(default_factory=dict)
    """Letters of error terms and losses: whether they are of one sample's loss in this sheet."""
    sampling: bool = False
    """Whether such a number of the sheet can only be that of a sample."""
    doubled: set[str] = field(default_factory=set)
    """Names that stand in the formula of the quantity that they should be: z = z_1 + b."""
    denied: set[str] = field(default_factory=set)
    """Names that the sheet's own formulas say to be other quantities."""
    of_layers: set[str] = field(default_factory=set)
    """Letters of names with more values than the quantity has: their numbers may count layers."""
    raised: int | None = None
    """What a bare number above a name, z^2_1, is more than that of its layer; None: a power."""
    alone: bool = False
    """Whether such numbers stand above names with none below, so that one with both is a power."""
    raising: bool = True
    """Whether such a number may count layers; False once the sheet's figures speak against it."""
    units_above: bool = False
    """Whether numbers in brackets above the letters of units are those of the units: z^(3)."""
    outer: bool = False
    """Whether delta with a number is of an output: those of hidden units have their own names."""
    stepped_behind: bool = False
    """Whether a number in brackets behind a weight counts steps: w(1)."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """Letters whose numbers below count steps, and the number of what stands before the update."""
    counter: str = ""
    """The letter that counts the steps of a table."""
    shifted: set[str] = field(default_factory=set)
    """Letters of which the sheet defines one with another number than usual: a_1 for h_0."""

    by_sums: bool = False
    """Whether error terms have the names of sums below them, delta_{z_1}."""
    new_by_stars: bool = False
    """Whether the sheet writes new weights with a star, so that other names may have one too."""

    def __post_init__(self) -> None:
        self.vocabulary = vocabulary(self.network)
        self.loss, self.forward = self.vocabulary.loss, self.vocabulary.forward
        self.weights = self.vocabulary.weights
        used = [n for d in self.network.definitions for n in names_in(d.expression)]
        shared = not self.network.units and any(used.count(each) > 1 for each in self.weights)
        self.unrolled = shared or bool(self.vocabulary.repeated)
        """Whether the same weights are used in several lines, which may be steps in time."""
        states = self.network.descent.state_names
        self.passing = {*inside_names(self.network.descent, self.weights)}  # of one step: mhat_w
        self.stepwise = {*self.weights, *(own for each in self.weights for own in states(each))}
        self.layered = self.vocabulary.layered or self.layered
        for key, meant in self.aliases.items():
            self._shift(key, meant)

    # Looking up.

    def find(self, symbol: Symbol) -> Meaning:
        """What a name means in this network.

        Raises Unreadable where that is nothing, or more than one thing.
        """
        if symbol.sample:
            return self._in_both(symbol)
        if self.units_above and symbol.layer and not (symbol.low or symbol.indexed):
            counted = symbol._replace(low=symbol.layer, layer="")
            symbol = counted if symbol.head in UNIT_LETTERS else symbol
        key = symbol.key
        worded = symbol.head.casefold() in THUS and not symbol.low  # So: 0.5 is of no s_o
        if worded and key not in self.aliases and key not in self.vocabulary.tiers[0]:
            raise Unreadable(NO_SUCH.format(shown(symbol)))
        hidden = OF_HIDDEN.match(f"{symbol.head}_{symbol.low}".casefold()) if (
            "yh" in key.casefold()
        ) else None  # fmt: skip
        if hidden and key not in self.aliases and key not in self.vocabulary.tiers[0]:
            raise Unreadable(NO_SUCH.format(shown(symbol)))
        if len(key) > LONGEST:
            raise Unreadable("this name has more than 60 characters")
        if self.stepped and symbol.layer.isdecimal() and int(symbol.layer) < 4:
            symbol = symbol._replace(layer="", primes=symbol.primes + int(symbol.layer))
            key = symbol.key
        found, self.indexed = None, symbol.indexed
        if self.sample and not symbol.layer and key not in self.vocabulary.tiers[0]:
            self.indexed = True
            found = self._find(f"{key}^{self.sample}", symbol.primes)
            self.indexed = False
        found = found or self._find(key, symbol.primes)
        vector = found is not None and isinstance(found.quantities, tuple) and self.flat is True
        if (found is None or vector) and self.below and not (symbol.low or symbol.layer):
            with_number = self._find(f"{key}{self.below}", symbol.primes)
            if with_number:
                return with_number
        if found is None:
            found = self._at_number(symbol) or self._affixed(symbol) or self._summed(symbol)
        if found is None and symbol.layer and symbol.primes == 0:
            found = self._stepped(symbol)
        if found is None:
            if self.of_one_output(symbol):
                raise Unreadable(f"{shown(symbol)} is of one output: the network has their sum")
            if symbol.head.startswith("tilde"):
                raise Unreadable(UNKNOWN_MARK)
            batch = self.vocabulary.sampled and re.fullmatch(r"d?[A-Z]\^\d", key)  # dZ^[2]
            if batch or key.replace("^", "") in self.vocabulary.matrices:
                raise OfMatrices(f"{shown(symbol)} is a vector or a matrix: {ALONE}")
            if self.vocabulary.sampled and not (self.sample or symbol.layer):
                first = self._find(f"{key}^1", symbol.primes)
                if first is not None and isinstance(first.quantities, str):
                    each = str(self.quantity(first.quantities).of_sample(None))
                    if numbered := self.sampled(each):
                        raise Unreadable(WHICH_SAMPLE, numbered)
            raise Unreadable(NO_SUCH.format(shown(symbol)))
        if symbol.layer == "0" and found.quantities in self.weights:
            bare = self.vocabulary.tiers[0].get(f"{symbol.head}{symbol.low}")
            if bare and found.quantities not in bare:
                raise Unreadable(f"the number above {shown(symbol)} may count layers or steps")
        self._note(symbol, found)
        own = self.in_sample(self.loss, self.sample) if self.sample and not symbol.layer else None
        if found.quantities in (self.loss, own) and key not in self.vocabulary.tiers[0]:
            return found._replace(letter=symbol.head)
        return found

    def _in_both(self, symbol: Symbol) -> Meaning:
        """What a name with the numbers of its layer and of its sample means."""
        if not self.vocabulary.sampled and symbol.sample != "1":
            raise Unreadable(f"there is no sample {symbol.sample} here")
        layered, twofold, self.layered = self.layered, dict(self.twofold), True
        try:
            with self.of_sample(symbol.sample if self.vocabulary.sampled else ""):
                return self.find(symbol._replace(sample=""))
        finally:
            self.layered, self.twofold = layered, twofold

    def alias(self, keys: Iterable[str], meant: Quantities) -> None:
        """Give names of the sheet a meaning."""
        self.known.clear()
        self.usual.clear()
        for key in keys:
            self.late |= key in self.asked and self.aliases.get(key) != meant
            self.aliases[key] = meant
            self._shift(key, meant)

    @contextmanager
    def calling(self, meant: Mapping[str, Quantities]) -> Iterator[None]:
        """Read what stands inside with other meanings of some names."""
        before = self.aliases
        self.aliases = {**before, **meant}
        self.known.clear()
        self.usual.clear()
        try:
            yield
        finally:
            self.aliases = before
            self.known.clear()
            self.usual.clear()

    def presume(self, key: str, meant: Quantities) -> None:
        """Give a name of the sheet a meaning that its figures must bear out."""
        self.alias([key], meant)
        self.settled.add(key)

    @contextmanager
    def supposing(self, keys: Iterable[str], meant: Quantities) -> Iterator[None]:
        """Give names a meaning for as long as it takes to see what comes of it."""
        before, late = dict(self.aliases), self.late
        self.alias(keys, meant)
        try:
            yield
        finally:
            self.aliases, self.late = before, late
            self.known.clear()
            self.usual.clear()

    @contextmanager
    def shaped(self, flat: bool, size: tuple[int, ...] = ()) -> Iterator[None]:
        """Take a name that may be a number or a vector as what is said of it is one."""
        self.flat, self.size = flat, size
        try:
            yield
        finally:
            self.flat, self.size = None, ()

    @contextmanager
    def numbered(self, number: str) -> Iterator[None]:
        """Take names without a number as those of one unit, or of one step in time."""
        before, self.below = self.below, number
        try:
            yield
        finally:
            self.below = before

    @contextmanager
    def counting_by(self, letter: str) -> Iterator[None]:
        """Take this letter below a name as the number of whatever step its row is of: w_t."""
        self.counter = letter
        try:
            yield
        finally:
            self.counter = ""

    @contextmanager
    def of_sample(self, number: str) -> Iterator[None]:
        """Take names without a sample as those of one sample."""
        before, self.sample = self.sample, number
        try:
            yield
        finally:
            self.sample = before

    def over(self) -> None:
        """Go on to the next statement."""
        self.asked |= self.asking
        self.asking.clear()

    def define(self, symbol: Symbol, meant: Quantities) -> None:
        """Give a name the meaning that the sheet gives it, which the result says at its head."""
        self.alias([symbol.key], meant)
        self.settled.discard(symbol.key)
        self.noted.pop(shown(symbol), None)
        if isinstance(meant, str):
            self.taken[shown(symbol)] = meant
        by = getattr(parsed(meant), "by", "") if isinstance(meant, str) else ""
        if symbol.head in ERRORS and symbol.low and str(by)[1:] == symbol.low:
            self.sums = self.sums or str(by)[0]  # delta_o2 = dL/da_o2

    def abbreviate(self, symbol: Symbol, formula: Expression) -> None:
        """Give a name the formula that it stands for on this sheet."""
        self.late |= symbol.key in self.asked and symbol.key not in self.formulas
        self.known.clear()
        self.formulas[symbol.key] = formula

    def define_for_all(self, letter: str, sign: int, sums: str) -> None:
        """Give a letter its meaning for all units, or for all weights."""
        self.defined[letter] = sign
        self.sums = sums or self.sums

    def is_turned(self, name: str) -> bool:
        """True for an error term that is minus the derivative on this sheet."""
        head = next((h for h in self.signs if name.startswith(h)), "")
        return bool(head) and self.signs[head] < 0

    def declares(self, key: str) -> bool:
        """True for an error term that the network's file itself names, delta_1 for dL/dz1."""
        head = next((h for h in ERRORS if key.startswith(h)), "")
        own = self.vocabulary.tiers[0].get(key, ()) if head else ()
        bare = head != "d" or key[1:].isdecimal()
        return bare and any(isinstance(parsed(str(each)), Derivative) for each in own)

    def is_strange(self, head: str) -> bool:
        """True for a letter that is no name here, whatever its number is."""
        return not any(self.knows(Symbol(head, each)) for each in ("", *self.vocabulary.numbers))

    def define_alike(self, head: str, meant: str, *, sure: bool = False) -> None:
        """Give a letter the like meaning with each number: s_2 is h2, so s_3 is h3."""
        stem = meant.rstrip(string.digits)
        for number in self.vocabulary.numbers:
            if f"{stem}{number}" in self.forward:
                self.alias([f"{head}{number}"], f"{stem}{number}")
                self.shown |= set() if sure else {f"{head}{number}"}

    def count_units(self, meant: set[str]) -> None:
        """Take numbers below names as those of all units in their order: z1 and z2 hidden, z3 not.

        So they are where one number is said of z1, and the first layer has several units.
        """
        units, acts = [*chain(*layers_of(self.network))], self.network.activations
        by = {getattr(parsed(each), "by", each) for each in meant}
        if not by <= {acts[u.name] for u in units} | {u.pre_activation for u in units}:
            return
        if any(unit.name.isdecimal() for unit in units):
            return
        for number, unit in enumerate(units, 1):
            for kind, quantity in (
                ("pre-activation", unit.pre_activation), ("activation", acts[unit.name])
            ):  # fmt: skip
                keys = [f"{head}{number}" for head in SPELLINGS[kind]]
                known = {key for tier in self.vocabulary.tiers[:3] for key in tier}
                new = [key for key in keys if key not in known]
                self.late |= any(self.aliases.get(key) != quantity for key in new)
                self.alias(new, quantity)

    def place_of(self, quantity: str) -> str:
        """The number of a unit among several in the first layer; "" for those of other layers."""
        units, acts = (layers_of(self.network) or [()])[0], self.network.activations
        among = [n for n, u in enumerate(units, 1) if quantity in (u.pre_activation, acts[u.name])]
        return str(among[0]) if among and len(units) > 1 else ""

    def without_steps_in_time(self, words: Sequence[str]) -> list[str]:
        """The words without those that may only count the steps in time: in the second step."""
        stepped = self.unrolled and not STEPS_OF_WORK.isdisjoint(words)
        return [word for word in words if not (stepped and word in ORDINALS)]

    def _shift(self, key: str, meant: Quantities) -> None:
        """Note that a letter's numbers are not as usual."""
        head = key.rstrip(string.digits)
        usual = next((tier[key] for tier in self.vocabulary.tiers if key in tier), {meant})
        if head != key and meant and meant not in usual:
            self.shifted.add(head)

    def layer_above(self, head: str, low: str, above: str) -> str:
        """The layer that a bare number above a name counts; "" for an exponent."""
        if self.raised is None or (self.alone and low):
            return ""
        layer = str(int(above) - self.raised) if above.isdecimal() else above
        if above.startswith("L"):  # the last one, or L-1
            layer = str(max(self.vocabulary.counts) - int(above[2:] or 0))
        weight = head in ("s", *SPELLINGS["weight"]) and not self.alone
        known = weight or any(
            self.knows(Symbol(head, each, layer)) for each in ("", "1")[: 2 - self.alone]
        )
        return layer if known else ""

    def knows(self, symbol: Symbol) -> bool:
        """True if a name has one meaning here."""
        of = f"{symbol.sample or self.sample}/{self.below}/{self.counter}"
        key = symbol.key, symbol.primes, of, self.size
        if symbol.key in self.formulas:
            return True
        if key not in self.known:
            before = dict(self.noted)
            try:
                self.find(symbol)
                self.known[key] = True
            except Unreadable:
                self.known[key] = False
            finally:
                self.noted = before
        return self.known[key]

    def stated(self, key: str) -> bool:
        """True if a letter is a name of the network, or the sheet says what it is."""
        self.asking.add(key)
        words = self.vocabulary
        own = key in words.tiers[0] or key in words.matrices or key in words.named
        own = own or (self.sample != "" and f"{key}^{self.sample}" in words.tiers[0])
        return own or key in self.left or key in self.aliases

    def _find(self, key: str, primes: int) -> Meaning | None:
        if "s" in self.defined and re.match(r"s\d|s\^", key):
            slope = self._by(self.loss, self._plainly(f"{self.sums}{key[1:]}") or key)
            return Meaning(slope, primes, self.defined["s"] < 0)
        head = next(filter(key.startswith, ERRORS), None) if key.startswith(ERRORS) else None
        apart = self.apart and key not in self.aliases and re.fullmatch(r"d\d", key)
        meant = None if apart else self._plainly(key)
        if meant is not None:
            if primes and meant in (*self.network.targets, *self.network.inputs):
                if meant not in self.network.targets or len(self.network.outputs) > 1:
                    raise Unreadable(f"{meant} is given by the exercise and has no new value")
                return Meaning(self.network.outputs[0], primes)  # y' for the prediction
            said = self.defined.get(head or "", 1)
            if head and self.declares(key):  # as the sheet's figures show it, unless it says it
                said = self.defined.get(head, self.signs.get(head, 1))
            return Meaning(meant, primes, isinstance(meant, Derivative) and said < 0)
        if head and isinstance(placed := self.aliases.get(f"{key} sum"), str):
            return Meaning(self._by(self.loss, placed, head), primes, self.signs.get(head, -1) < 0)
        if head == "delta" and (by := self._error_by(key.removeprefix(head))):
            return Meaning(self._by(self.loss, by, head), primes, self.signs.get(head, -1) < 0)
        if head and (head != "d" or key[1:].isdecimal()):
            low = key[len(head) :]  # a sheet may call the sum a, and z what is put out
            outer = self.outer and self.flat is not False and low.isdecimal()
            if outer and 0 < int(low) <= len(self.vocabulary.outputs):
                low = in_one_word(self.vocabulary.outputs[int(low) - 1].name)
            meant = self._plainly(f"net{low}") if self.moved else None
            try:
                meant = self._plainly(f"z{low}") if meant is None else meant
            except Unreadable as error:
                slopes = [Derivative(self.loss, each) for each in error.meant]
                raise Unreadable(str(error).replace(f"z{low}", key), slopes) from None
            meant = self._plainly(f"{self.sums}{low}") if meant is None and self.sums else meant
            if meant is None and head == "delta":
                meant = self.vocabulary.sums.get(low)
            if meant is not None:
                slope = self._by(self.loss, meant, head)
                return Meaning(slope, primes, self.signs.get(head, -1) < 0)
        return self._derived(key, primes)

    def _error_by(self, low: str) -> str:
        """What an error term is by that has a sum's name below it, delta_{z_1}; "" for others.

        On such a sheet delta_{a_1} is by what the unit puts out.
        """
        units, by = self.network.units, None
        if not low[:1].isalpha() or low in {unit.name for unit in units}:
            return ""
        with suppress(Unreadable):
            by = self._plainly(low)
        if by in {unit.pre_activation for unit in units} and SUM_LETTER.match(low):
            self.late |= not self.by_sums
            self.by_sums = True
            return str(by)
        return str(by) if self.by_sums and by in {*self.network.activations.values()} else ""

    def _derived(self, key: str, primes: int) -> Meaning | None:
        """A derivative that is written in one word: dLdw1, dw1, gradw1."""
        found: set[Quantities] = set()
        targets, outputs = self.network.targets, self.network.outputs
        paired = len(targets) == len(outputs)
        aims = dict(zip(targets, outputs, strict=True)) if paired else {}
        general = key[:1] in self.slopes  # else E_o1 may be the part of the loss of an output
        by = self._plainly(key[1:]) if general or key[:1] == self.loss else None
        if by is not None and (general or by in self.weights):  # L_{w_1}
            return Meaning(self._by(self.loss, by), primes)
        if key.startswith("d"):
            for at in (match.start() for match in re.finditer("d", key[2:])):
                of, by = self._plainly(key[1 : at + 2]), self._plainly(key[at + 3 :])
                if isinstance(of, str) and by is not None:
                    found |= self._perhaps(of, by)
        for prefix in (*PREFIXES, *{"bar"} & self.defined.keys()):
            by = self._plainly(key[len(prefix) :]) if key.startswith(prefix) else None
            by = aims.get(by, by) if isinstance(by, str) else by  # nobody asks by a target
            if by is not None and (prefix != "g" or names_of(by) <= {*self.weights}):
                found |= self._perhaps(self.loss_of(by), by, prefix)
        if key.endswith("grad"):
            by = self._plainly(key[:-4].rstrip("."))
            found |= self._perhaps(self.loss_of(by), by) if by is not None else set()
        return Meaning(found.pop(), primes) if len(found) == 1 else None

    def _perhaps(self, of: str, by: Quantities, letter: str = "") -> set[Quantities]:
        try:
            return {self._by(of, by, letter)}
        except Unreadable:
            return set()

    def _at_number(self, symbol: Symbol) -> Meaning | None:
        """A weight, or what a step works out, with the number of the step below it: w_1, m_1."""
        key = symbol.key
        if symbol.low and symbol.low == self.counter:
            return self._find(symbol.head, symbol.primes)
        first = self.counted.get(key[:-1])
        if first is None or not key[-1].isdecimal() or int(key[-1]) < first:
            return None
        return self._find(key[:-1], symbol.primes + int(key[-1]) - first)

    def _affixed(self, symbol: Symbol) -> Meaning | None:
        """A name with a word such as new in it."""
        if mark := next(filter(symbol.low.endswith, self.marks_below), ""):
            key = symbol._replace(low=symbol.low.removesuffix(mark)).key
            return self._find(key, symbol.primes + 1)
        low = symbol.low.casefold()
        word = low if low in NEW else next(filter(low.endswith, MARKED), "")
        if symbol.layer and (len(word) > 1 or word >= "⺀"):  # ideographs are whole words
            bare = f"{symbol.head}{symbol.low[: -len(word)]}"
            return self._find(f"{bare}^{symbol.layer}", symbol.primes + 1)
        key = symbol.key
        if not (key.startswith(AFFIXES) or key.endswith(AFFIXES)) or key.casefold() in NEW | OLD:
            return None
        for words, primes in ((MARKED, 1), (UNMARKED, 0)):
            for word in words:
                for bare in (key.removesuffix(word), key.removeprefix(word)):
                    if bare != key and bare and not (primes and symbol.primes):
                        found = self._find(bare, symbol.primes + primes)
                        if found is not None:
                            return found
        return None

    def _summed(self, symbol: Symbol) -> Meaning | None:
        """The weighted sum of the unit whose output stands before the word: y1_net, H2_net."""
        bare = symbol.key.removesuffix("net")
        found = self._find(bare, symbol.primes) if bare and bare != symbol.key else None
        acts = self.network.activations
        for unit in self.network.units if found else ():
            if found and acts[unit.name] == found.quantities:
                return found._replace(quantities=unit.pre_activation)
        return None

    def _stepped(self, symbol: Symbol) -> Meaning | None:
        """A weight with the number of a step above it, where it cannot be that of its layer."""
        found = self._find(f"{symbol.head}{symbol.low}", 0)
        if found and symbol.layer in ("0", "1", "2") and found.quantities in self.weights:
            steps, firsts = int(symbol.layer), self.vocabulary.firsts
            alone = not 0 < steps <= self.vocabulary.layers or (
                steps == 1 and found.quantities not in firsts
                and symbol.low.isdecimal() and int(symbol.low) > len(firsts)
            )  # fmt: skip
            self.late |= bool(alone and steps and not self.counting)
            self.counting |= bool(alone and steps)
            counts = alone or (steps < 2 and (self.counting or self.newly))
            return Meaning(found.quantities, steps) if counts else None
        return None

    def _plainly(self, key: str) -> Quantities | None:
        """The one meaning of a spelling, of all samples where a matrix of them is said of it."""
        meant = self._usually(key)
        if self.flat is not False or meant is None or self.sample:
            return meant
        count = len(self.network.samples)
        columns = [self.in_sample(meant, str(number + 1)) for number in range(count)]
        if count < 2 or None in columns:
            return meant
        rows = (*zip(*columns, strict=True),) if isinstance(meant, tuple) else (*columns,)
        whole: Quantities = rows[0] if len(rows) == 1 and isinstance(rows[0], tuple) else rows  # type: ignore[assignment]
        return whole if lengths(whole) in (self.size, self.size[::-1]) else meant

    def _usually(self, key: str) -> Quantities | None:
        """The one meaning of a spelling; None where there is none. Raises Unreadable for two."""
        if not key:
            return None
        self.asking.add(key)
        asked = key, self.flat, self.size
        if asked in self.usual:
            return self.usual[asked]
        if self.aliases.get(key) == UNCLEAR:
            raise Unreadable(f"we did not understand what the sheet says of {key}")
        if key in self.moved and key not in self.aliases:
            return self.moved[key]
        if self.vocabulary.sampled and "^" in key and key not in self.aliases:
            return self._counted(key)
        for number, tier in enumerate(self.vocabulary.tiers):
            if number == 1 and key in self.aliases:
                self.used |= {key} & self.settled
                return self.aliases[key]
            if number == 1 and self.flat is not True and (vector := self._layered(key)):
                return vector
            unit = key in self.vocabulary.named and not key[-1:].isdigit()  # o, however o1 counts
            if number == 1 and not unit and key.rstrip(string.digits) in self.shifted:
                raise Unreadable(
                    f"the sheet counts in another way than the network: which one is {key}?"
                )
            meant = tier.get(key)
            if meant is None and number < 3:
                continue
            if self.flat is False and number < 3 and _only_numbers(meant):
                later = self.vocabulary.tiers[3].get(key, set())
                samples = self.size == (len(self.network.samples),)  # of one name for each sample
                later = {m for m in later if not samples or lengths(m) == self.size}
                meant = {each for each in later if isinstance(each, tuple)} or meant
            if meant and len(meant) > 1 and self.flat is not None:
                meant = {m for m in meant if isinstance(m, tuple) != self.flat} or meant
            own = self.vocabulary.named.get(key)  # a unit of that very name
            if meant and own in meant and not (self.flat is False and len(meant) == 1):
                meant = {own}
            if number == 3 and self.size:
                among = (meant or set()) | self.vocabulary.whole.get(key, set())
                meant = {m for m in among if lengths(m) in (self.size, self.size[::-1])} or meant
            if meant:
                self.usual[asked] = _only(key, meant)
                return self.usual[asked]
        if key in ("e", "c", "j", "l"):
            return None  # e is rather y - yhat, and l a 1
        low = key.casefold()
        if self.flat is False or (self.flat is None and "^" in key):  # A^[1], X
            among = {m for f in self.vocabulary.folded for m in f.get(low, ())}
            if vectors := {m for m in among if isinstance(m, tuple)}:
                return _only(key, vectors)
        for folded in self.vocabulary.folded:
            meant = folded.get(low)
            if meant and _only_numbers(meant):
                first = _only(key, meant)
                if self.summed and first in self.vocabulary.units and key[0] not in "zZ":
                    raise Unreadable(f"the sheet has other names for sums: what is {key}?")
                return first
        return None

    def _layered(self, letter: str) -> Quantities | None:
        """The vector of a whole layer, each of whose quantities the sheet calls by a letter."""
        own = [each for each in self.aliases if each.rstrip(string.digits) == letter]
        if {*map(self.aliases.get, own)} & {*self.weights}:
            return None  # w is any of them
        vector = tuple(self.aliases.get(f"{letter}{n}", "") for n in range(1, len(own) + 1))
        spelled = (*self.vocabulary.tiers, self.vocabulary.whole)
        return vector if any(vector in m for tier in spelled for m in tier.values()) else None

    def _counted(self, key: str) -> Quantities | None:
        """The meaning of a name with a number above it, which may count layers or samples."""
        stem, _, number = key.partition("^")
        words = self.vocabulary
        folded = key.casefold()
        layer = set() if self.indexed else words.above.get(key) or words.above.get(folded, set())
        if len(layer) > 1 and self.flat is not None:
            layer = {m for m in layer if isinstance(m, tuple) != self.flat} or layer
        by_layer = _only(key, layer) if layer else None
        by_layer = self.in_sample(by_layer, self.sample) or by_layer
        direct = words.tiers[0].get(key) or words.folded[0].get(folded)
        by_sample = _only(key, direct) if direct else None
        if by_sample is None:
            with suppress(Unreadable) if by_layer else nullcontext():
                by_sample = self.in_sample(self._plainly(stem), number)
        if by_layer and by_sample and isinstance(by_sample, tuple) == self.flat:
            by_sample = None  # of one number it is no vector
        self.sampling |= by_sample is not None and not (by_layer or self.indexed)
        if by_sample is None or by_layer is None or by_sample == by_layer:
            return by_layer or by_sample
        chosen, other = (by_layer, by_sample) if self.layered else (by_sample, by_layer)
        self.twofold[chosen] = other
        return chosen

    def in_sample(self, meant: Quantities | None, number: str) -> Quantities | None:
        """The same quantities of one sample; None where they are none that each sample has."""
        if isinstance(meant, tuple):
            found = tuple(self.in_sample(each, number) for each in meant)
            return None if None in found else found  # type: ignore[return-value]
        name = f"{loss_name(self.network) if meant == self.loss else meant}[{number}]"
        return name if name in self.vocabulary.sampled else None

    def loss_of(self, by: Quantities, sample: str = "") -> str:
        """The loss of which a derivative is that names none.

        What is said of a weight where the sheet speaks of one sample is of this sample's loss.
        """
        of_weights = names_of(by) <= {*self.weights}
        own = self.in_sample(self.loss, sample or self.sample) if of_weights else None
        return str(own or self.loss)

    def quantity(self, name: str) -> Quantity:
        """The quantity of a name; the number behind it is that of its sample, if there are some."""
        return parsed(str(name), several=bool(self.vocabulary.sampled))

    def sampled(self, quantity: str) -> tuple[str, ...]:
        """The quantity of each sample, where a name without one does not say which."""
        one = quantity == self.loss or "[" in quantity
        numbers = () if one else range(1, len(self.network.samples) + 1)
        found = (self.in_sample(quantity, str(n)) for n in numbers)
        return tuple(str(each) for each in found if each)

    def is_kind(self, quantity: str, kind: str) -> bool:
        """True if a quantity is what a word such as weight, output or loss calls it."""
        network = self.network
        kinds: dict[str, Iterable[str]] = {
            "loss": [self.loss],
            "output": [*network.outputs, *network.activations.values()],
            "input": [*network.inputs, *self.vocabulary.units],
            "weight": {*self.weights} - {*network.biases},
            "bias": network.biases,
            "activation": network.activations.values() or self.forward,
            "pre-activation": self.vocabulary.units or self.forward,
        }
        return quantity.partition("[")[0] in {each.partition("[")[0] for each in kinds[kind]}

    def counts_from_one(self, heads: set[str]) -> bool:
        """True if a sheet's names for units run one further than the network's own."""
        numbers = {int(unit.name) for unit in self.network.units if unit.name.isdecimal()}
        if 0 not in numbers:
            return False
        kinds = ("pre-activation", "activation", "error")
        letters = {each for kind in kinds for each in SPELLINGS[kind]}
        among = (re.fullmatch(r"([A-Za-z]+)(\d+)", each) for each in heads - self.aliases.keys())
        found = {int(match[2]) for match in among if match and match[1] in letters}
        return max(numbers) + 1 in found and 0 not in found

    def from_one(self) -> dict[str, Quantities]:
        """The names of units and what belongs to them, where a sheet counts them from 1."""
        sums, outputs = (SPELLINGS[kind] for kind in ("pre-activation", "activation"))
        acts, found = self.network.activations, dict[str, Quantities]()
        for unit in (each for each in self.network.units if each.name.isdecimal()):
            found |= {f"{head}{int(unit.name) + 1}": unit.pre_activation for head in sums}
            found |= {f"{head}{int(unit.name) + 1}": acts[unit.name] for head in outputs}
        return found

    def exchanged(self) -> dict[str, Quantities]:
        """The names of a sheet that calls the weighted sums a and what a unit puts out z or h.

        Where the file itself calls the sums a, those of a sheet that calls them z and puts out a.
        """
        acts, units = self.network.activations, self.vocabulary.units
        own = {**self.vocabulary.tiers[0], **self.vocabulary.whole}
        found: dict[str, Quantities] = {}
        for key, (first, *others) in own.items() if self.network.names else ():
            group = first if isinstance(first, tuple) else (first,)
            if key[0] == "a" and not others and {*group} <= units.keys():
                out = tuple(acts[units[str(each)].name] for each in group)
                found |= {key: out if first is group else out[0], f"z{key[1:]}": first}
        for tier in (*self.vocabulary.tiers, self.vocabulary.whole) if not found else ():
            for key, meant in tier.items():
                first, *others = meant
                one = first[0] if isinstance(first, tuple) else first
                if key == "z" and first in units and not others:
                    found["z"] = acts[units[str(first)].name]
                if not others and key[0] in "az" and one in self.forward:
                    found.setdefault(f"{'za'[key[0] == 'z']}{key[1:]}", first)
        return found

    def layers_from_nought(self, text: str) -> dict[str, Quantities]:
        """The names of a sheet that counts sums, weights and biases from 0: z^(0), a^(1).

        So do the ones that have z^(0) of the letters with a 0 above.
        """
        letters = {*NOUGHT_ABOVE.findall(text)}
        own = {word for word in self.network.names.values() if "^" in word}
        if letters.isdisjoint("zZ") or own or self.vocabulary.sampled:
            return {}
        found: dict[str, Quantities] = {}
        for number, units in enumerate(layers_of(self.network)):
            rows = (tuple(edge.weight for edge in unit.edges) for unit in units)
            made: dict[str, list[Quantities]] = {
                "zZ": [unit.pre_activation for unit in units],
                "bB": [unit.bias for unit in units if unit.bias],
                "wW": [row[0] if len(row) == 1 else row for row in rows],
            }
            for heads, each in made.items():
                whole = each[0] if len(each) == 1 else (*each,)
                found |= {f"{head}^{number}": whole for head in letters & {*heads} if each}
        return found

    def outputs_by_z(self) -> dict[str, Quantities]:
        """The names of a sheet that calls the weighted sums u or s, and what a unit puts out z."""
        units = self.vocabulary.units
        lettered = [(low, name) for low, name in self._lettered("z") if name in units]
        return {f"z{low}": self.network.activations[units[name].name] for low, name in lettered}

    def capital(self) -> dict[str, Quantities]:
        """The names of a sheet that calls what goes into a unit H1, and what it puts out outH1."""
        units = {self.network.activations[unit.name]: unit for unit in self.network.units}
        lettered = [(low, name) for low, name in self._lettered("h") if name in units]
        return {f"H{low}": units[name].pre_activation for low, name in lettered}

    def _lettered(self, letter: str) -> Iterator[tuple[str, Quantities]]:
        """What stands below a letter in the names of one meaning, and this meaning."""
        for tier in self.vocabulary.tiers:
            for key, (first, *others) in tier.items():
                if key[0] == letter and not others:
                    yield key[1:], first

    def put_out(self, meant: Sequence[str]) -> dict[str, Quantities]:
        """The outputs or the targets by the letter y, where a sheet has t for the targets too."""
        letters = {text for text, of in self.taken.items() if of in self.network.targets}
        told = {text[:1].casefold() for text in {*letters, *self.network.targets}}
        if told.isdisjoint(("t", "d")):
            return {}
        found: dict[str, Quantities] = {f"y{number}": name for number, name in enumerate(meant, 1)}
        found |= {"y": meant[0]} if len(meant) == 1 else {}
        hatted = meant[0] in self.network.outputs and not self.asked.isdisjoint(meant)
        stray = hatted and "t" not in told  # the d may be of a derivative
        return {} if stray or self.asked.isdisjoint(found) else found

    def instead(self, key: str) -> tuple[str, ...]:
        """Everything that a spelling may mean which is no name of the network itself."""
        if key in self.vocabulary.tiers[0]:
            return ()
        head = next((h for h in ERRORS if key.startswith(h)), "")
        options, known = self.options(key), self.vocabulary
        if head == "delta" and len(known.outputs) == 1 < known.layers:  # the number of its layer
            layer = key.removeprefix(head) == str(known.layers)
            options += [known.outputs[0].pre_activation] * layer
        return tuple(Derivative(self.loss, each) if head else each for each in options)

    def is_own(self, word: str, quantity: str) -> bool:
        """True for a name of the network's own, or a word that ends with a quantity's: Lzh1."""
        own = self.vocabulary.tiers[0]
        return word in own or any(quantity in own.get(word[at:], ()) for at in range(len(word)))

    def options(self, key: str) -> list[str]:
        """Every quantity that a name may mean by its letter and its number.

        For an error term the sum by which it is the derivative.
        """
        head = next((h for h in ERRORS if key.startswith(h)), "")
        key = f"z{key[len(head) :]}" if head else key
        meant = {each for tier in self.vocabulary.tiers for each in tier.get(key, ())}
        if not meant and key[0] == "H":
            meant = {*self.capital().values()}
        match = re.fullmatch(r"([A-Za-z]+)([1-9])", key)
        for units in (self.vocabulary.outputs, self.vocabulary.hidden):
            if not match or int(match[2]) > len(units):
                continue
            unit = units[int(match[2]) - 1]
            if match[1] == "u" or (match[1] == "s" and unit.group):  # a sum, or what comes out
                meant |= {unit.pre_activation, self.network.activations[unit.name]}
            elif match[1] in SPELLINGS["pre-activation"]:
                meant.add(unit.pre_activation)
            elif match[1] in SPELLINGS["activation"]:
                meant.add(self.network.activations[unit.name])
        return sorted(each for each in meant if isinstance(each, str))

    def place(self, symbol: Symbol, sum_: str) -> None:
        """Take a numbered error term as that of a unit, whose formula stands behind its name."""
        key = f"{symbol.key} sum"
        if self.aliases.get(key, sum_) != sum_:
            self.alias([symbol.key], UNCLEAR)  # two formulas, of two units
        self.late |= symbol.key in self.asked and key not in self.aliases
        self.alias([key], sum_)

    def told(self, symbol: Symbol, is_formula_of: Callable[[str], bool]) -> None:
        """Take a name as the one of its meanings whose formula stands behind it: o1 = sigmoid(z3).

        A sum's letter may be that of an error term: S1 = (y - 1) y (1 - y), off a photograph.
        """
        key = symbol.key
        slopes = self.slopes_at(key)
        if key in self.vocabulary.tiers[0] or (key.startswith((*ERRORS, "a", "H")) and not slopes):
            return  # of which the whole sheet tells
        options = slopes or self.options(key)
        if not options:
            options = self.options(key.casefold())
            options += [Derivative(self.loss, n) for n in options if n in self.vocabulary.units]
        if symbol.head == "y" and options and symbol.low.isdecimal():  # y_1 beside y_2 of unit 2
            acts = self.network.activations
            options += [a for n, a in acts.items() if n == symbol.low and a not in options]
        meant = [each for each in options if is_formula_of(each)]
        if len(meant) != 1:
            return
        if self.formed.setdefault(key, meant[0]) != meant[0]:
            self.alias([key], UNCLEAR)  # two formulas, of two quantities
        elif self.aliases.get(key) == meant[0]:
            self.settled.discard(key)
        elif key not in self.aliases:
            usual = None
            with suppress(Unreadable):
                usual = getattr(self._find(key, 0), "quantities", None)
            if usual != meant[0]:
                unit = self.vocabulary.units.get(str(usual))
                if unit and self.network.activations[unit.name] == meant[0]:
                    self.define_alike(key.rstrip(string.digits), meant[0], sure=True)
                self.define(symbol, meant[0])
                number = key[len(key.rstrip(string.digits)) :]
                if number and self.place_of(meant[0]) == number:  # so are those of other layers
                    self.count_units({meant[0]})

    def slopes_at(self, key: str) -> list[str]:
        """The derivatives by the sum of a unit and by what it puts out, where d_h1 may be both."""
        unit, acts = None, self.network.activations
        if key[:1] == "d" and key[1:] not in self.vocabulary.tiers[0]:
            with suppress(Unreadable):
                unit = self.vocabulary.units.get(str(self._plainly(f"z{key[1:]}")))
        by = (unit.pre_activation, acts[unit.name]) if unit else ()
        return [Derivative(self.loss, each) for each in by]

    def _note(self, symbol: Symbol, found: Meaning) -> None:
        """Remember how a name was taken; one sheet has one letter for the loss."""
        letter, meant = f"{symbol.head}{symbol.low}", found.quantities
        own = letter in (self.loss, self.network.names.get(self.loss)) or letter in self.aliases
        if meant == self.loss and len(letter) == 1 and not own:
            known = [self.loss_letter, *(key for key, of in self.noted.items() if of == self.loss)]
            if other := next((each for each in known if len(each) == 1 and each != letter), None):
                raise Unreadable(f"the sheet calls the loss {other}: what is {letter}?")
        if isinstance(meant, str):
            told = not symbol.layer or self.layered  # the sample, by words further up
            kept = meant.replace(f"[{self.sample}]", "") if told and self.sample else meant
            self.noted[shown(symbol).rstrip("'")] = kept + "'" * (found.primes - symbol.primes)

    def accept(self, start: int) -> None:
        """Keep how the names of the statement that begins at a place were taken: it is read."""
        for text, taken in self.noted.items():
            self.places.setdefault(text, set()).add(start)
            meant = taken.rstrip("'")
            if meant == self.loss:
                self.loss_letter = self.loss_letter or text
            bare, plain = text.translate(WITHOUT_MARKS), in_one_word(meant)
            own = bare in self.vocabulary.tiers[0] and bare not in self.moved
            own &= not (self.declares(bare) and self.is_turned(text))
            if not own and bare not in (plain, plain.split("^")[0]):
                self.taken.setdefault(text, taken)

    # Derivatives.

    def derivative(self, of: Meaning, by: Meaning) -> Meaning:
        """The derivative of one by the other, element by element where both are vectors.

        Raises Unreadable where the one does not depend on the other.
        """
        primes = max(of.primes, by.primes)
        if isinstance(of.quantities, tuple):
            inner = by.quantities
            if not isinstance(inner, tuple) or len(inner) != len(of.quantities):
                raise Unreadable("the two sides of this derivative have different lengths")
            pairs = zip(of.quantities, inner, strict=True)
            each = (self.derivative(Meaning(o), Meaning(b)).quantities for o, b in pairs)
            return Meaning(tuple(each), primes)
        return Meaning(self._by(of.quantities, by.quantities, of.letter), primes)

    def derivative_by(self, by: Meaning) -> Meaning:
        """The derivative that names no loss."""
        return self.derivative(Meaning(self.loss_of(by.quantities)), by)

    def of_one_output(self, symbol: Symbol) -> Meaning | None:
        """The loss of one output, E_o1, where the network's own is the sum of them."""
        network, row = self.network, LOSSES.get(self.network.loss_name or "")
        if not row or row.mean or row.classes or len(network.samples) > 1:
            return None
        match = ONE_OUTPUT.fullmatch(f"{symbol.head}{symbol.low}")
        known = match and match[1] in SPELLINGS["loss"]
        if not (match and known and 0 < int(match[2]) <= len(network.outputs)):
            return None
        return Meaning(f"{self.loss}{PART}{network.outputs[int(match[2]) - 1]}")

    def _by(self, of: str, by: Quantities, letter: str = "") -> Quantities:
        if isinstance(by, tuple):
            return tuple(self._by(of, each, letter) for each in by)
        asked, slopes = (of, by), self.vocabulary.slopes
        if asked in slopes:
            return slopes[asked]
        sample = self.quantity(of).sample or self.quantity(by).sample
        if sample:
            by = str(self.in_sample(by, str(sample)) or by)
        if sample and letter:
            self.doubted.add(letter)
            own = self.in_sample(self.loss, str(sample))
            alone = self.own_losses.get(letter, bool(self.sample))
            of = str(own) if own and alone else self.loss
        of, _, output = of.partition(PART)
        others = [each for each in self.network.outputs if output and each != output]
        if any(by in self.vocabulary.before(each) for each in others):
            raise Unreadable(f"this is a part of the derivative by {by}: that of one output's loss")
        name = Derivative(of, by)
        if each := self.sampled(by):
            raise Unreadable(WHICH_SAMPLE, [Derivative(of, one) for one in each])
        if name not in self.vocabulary.derivatives and by not in self.vocabulary.before(of) - {of}:
            raise Unreadable(BY_ITSELF if of == by else f"{of} does not depend on {by}")
        if not (sample or self.vocabulary.sampled):
            slopes[asked] = name
        return name

    def activation(self, name: str) -> Unit | None:
        """The unit whose weighted sum this is."""
        return self.vocabulary.units.get(name)


def shown(symbol: Symbol) -> str:
    """A name for a sentence."""
    above = f"^({symbol.layer})" if symbol.layer else ""
    low = f"_{symbol.low}" if symbol.low else ""
    return (symbol.head + low + above + "'" * symbol.primes)[:LONGEST]


def at_step(quantities: Quantities, steps: int) -> Quantities:
    """The same quantities after so many steps."""
    if isinstance(quantities, tuple):
        return tuple(at_step(each, steps) for each in quantities)
    return parsed(quantities).after(steps) if steps else parsed(quantities)


def _in_words(quantities: Quantities) -> str:
    """Quantities as a message has them: z1, or (z1, z2) for a vector."""
    if isinstance(quantities, str):
        return quantities
    return f"({', '.join(map(_in_words, quantities))})"


def _only(key: str, meant: Iterable[Quantities]) -> Quantities:
    first, *others = meant
    if others:
        among = sorted((first, *others), key=str)
        raise Unreadable(f"{key} may be {' or '.join(map(_in_words, among))[:120]}", among)
    return first


def _only_numbers(meant: Iterable[Quantities] | None) -> bool:
    return not any(isinstance(each, tuple) for each in meant or ())
