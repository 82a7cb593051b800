"""What the left side of a statement names, also where the name is new to the sheet or damaged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from backcalc.equations.program import loss_name
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import (
    Call,
    Name,
    Negation,
    Number,
    Product,
    Sum,
    names_in,
    replaced,
)
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.reading.documents import Document
from backcalc.reading.figures import SheetValues, called_by, near, worked
from backcalc.reading.grammar import Reader, closing, lone_symbol, slope_called, split, trimmed
from backcalc.reading.names import ERRORS, NameReader, Symbol, Unreadable
from backcalc.reading.pieces import LIKE_DIGITS, Chain, Piece
from backcalc.reading.signs import FUNCTION_NAMES, RESIDUALS, saying
from backcalc.reading.tokens import Tokens, tokens_of
from backcalc.reading.values import Value, all_names, quantities_of, same_shape, values_of
from backcalc.reading.vocabulary import Quantities, leaves, lengths, names_of

DAMAGED_NAME = regex(r"(?<=[^\W_])(?:[OolISBZ](?=\d*\Z)| (?=\d\Z))|(?<=_)[OolISBZ](?=\d*\Z)")
"""A letter in a scanned name where a digit should stand, or a blank before the digit."""
SCANNED = LIKE_DIGITS | {ord("Z"): "2"}
LEAST_DIGITS = 3  # of a figure that tells of which derivative it is
UNIT_FUNCTIONS = ("f", "g", "h", "phi")
"""Letters for the function of every unit."""


@dataclass(eq=False)
class NameTeller:
    """Tells what a left side names, also by what stands behind a new or a damaged name."""

    document: Document
    names: NameReader
    figures: SheetValues

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
        if symbol is None or symbol.head not in ERRORS or piece is None:
            return None
        if not all_names(piece.value):
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

    def is_slope_of_another(self, name: str, left: Tokens, parts: Sequence[Piece | None]) -> bool:
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
        return self.figures.fits(worked(said), value.id)

    def slope_by(self, left: Tokens) -> Name:
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

    def left_side(self, tokens: Tokens, math: bool) -> Value:
        """The quantity, or the vector of them, that a statement is about."""
        if not tokens:
            raise Unreadable("no quantity stands before the equals sign")
        bracket = tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1
        if bracket and len(split(tokens[1:-1], ("comma",))) < 2:
            raise Unreadable("a bracket around the name: what stood before it?")
        last = tokens[-1].text if len(tokens) > 1 and tokens[-2].kind != "power" else ""
        plus = last == "+" or (last == "*" and tokens[-1].kind == "sign")  # w0+, w0*
        value = Reader(tokens[:-1] if plus else tokens, self.names, math).whole()
        single = value.id if isinstance(value, Name) else ""
        new = self.names.new_by_stars and single in self.names.forward
        if last == "*" and not (new or single in self.names.weights):
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

    def quantity_called(self, tokens: Tokens, math: bool = False) -> str:
        """The one quantity that some tokens name; "" where they name none, or several."""
        with suppress(Unreadable):  # it may be of no sample yet
            value = self.left_side(trimmed(tokens), math)
            return value.id if isinstance(value, Name) else ""
        return ""

    def _is_left(self, tokens: Tokens) -> bool:
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

    def _is_weight_name(self, tokens: Tokens) -> bool:
        """True if some tokens, which are a left side, name a weight, or a vector of them."""
        with suppress(Unreadable):  # it may be of no sample yet
            return self._all_weights(self.left_side(trimmed(tokens), False))
        return False

    def _all_weights(self, value: Value) -> bool:
        if isinstance(value, tuple):
            return all(map(self._all_weights, value))
        return isinstance(value, Name) and value.id in self.names.weights

    def ways(self, name: Tokens, math: bool) -> list[float]:
        """What a quantity may be by the sheet's own figures, or by the right ones."""
        meant = self.quantity_called(name, math)
        return self.figures.ways(meant) if meant else []

    def _amount(self, tokens: Tokens, math: bool) -> float | None:
        """The number that a part of a chain is; None for any other."""
        try:
            value = Reader(tokens, self.names, math).whole()
        except Unreadable:
            return None
        return Piece("", value, "").amount

    def damaged(
        self, left: Tokens, chain: Chain,
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
        match = re.fullmatch(r"([28])([\dl]{1,2})", number)
        kinds = {t.kind for t in left}
        if match and kinds <= {"number", "word", "low", "open", "close"}:
            symbol = Symbol("z" if match[1] == "2" else "delta", match[2].replace("l", "1"))
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
        called = any(isinstance(parsed(getattr(each, "id", "")), Derivative) for each in said)
        if own or known or called or symbol.head.startswith("delta"):
            return None
        for output, target in zip(names.network.outputs, names.network.targets, strict=False):
            slope = str(Derivative(names.loss, output))
            for formula in (replaced(e, {f"{output}'": Name(output)}) for e in said):  # y - y'
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

    def slope_at(self, left: Tokens, chain: Chain, parts: list[Piece | None]) -> Value | None:
        """The local derivative of the one unit whose slope a formula is: h1(1 - h1) = 0.2179.

        Of the vector 1 - h^2 it is that of each unit.
        """
        said = last.value if (last := parts[-1] if parts else None) else None
        flat = not isinstance(said, tuple)
        with suppress(Unreadable), self.names.shaped(flat, () if flat else lengths(said or ())):
            return None if said is None else self._slopes_at(
                Reader(left, self.names, chain.math).whole(), said
            )  # fmt: skip
        return None

    def _slopes_at(self, formula: Value, said: Value) -> Value | None:
        if isinstance(formula, tuple) and isinstance(said, tuple) and len(formula) == len(said):
            whole = [self._slopes_at(*pair) for pair in zip(formula, said, strict=True)]
            return None if None in whole else tuple(each for each in whole if each is not None)
        if isinstance(formula, tuple) or isinstance(said, tuple):
            return None
        acts, units = self.names.network.activations, self.names.network.units
        slopes = (Derivative(acts[unit.name], unit.pre_activation) for unit in units)
        found = [each for each in slopes if self.figures.is_formula_of(each, formula)]
        fits = len(found) == 1 and near(self.figures.own(found[0]), worked(said))
        return Name(found[0]) if fits else None

    def said_by_rule(self, left: Tokens, chain: Chain, tail: Value | None) -> Value | None:
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

    def slope_told(self, left: Tokens, chain: Chain, parts: list[Piece | None]) -> Name | None:
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
            made = None if isinstance(formula, tuple) else worked(formula)
            slopes = sorted(self.names.vocabulary.derivatives)
            fits = [n for n in slopes if self.figures.fits(said, n)]
            bare = formula.operand if isinstance(formula, Negation) else formula
            if made is not None and isinstance(bare, Product) and len(fits) == 1:
                return Name(fits[0])
        return None

    def put_out(self, left: Tokens, chain: Chain) -> Name | None:
        """What the one unit puts out whose weighted sum an activation is taken of: tanh(0.3).

        Behind a prime it is the local derivative of this unit.
        """
        primed = [t.kind for t in left[:2]] == ["word", "prime"] and left[1].text == "'"
        with suppress(Unreadable):
            inner = [left[0], *left[2:]] if primed else left
            call = Reader(inner, self.names, chain.math).whole()
            at = worked(call.arguments[0]) if isinstance(call, Call) else None
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
        given, numbers = self.figures.given, [worked(n) for n in leaves(said)]
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
        said = worked(formulas[-1]) if formulas else None
        workings = [f for f in formulas if not (names_in(f) or isinstance(f, (Number, Negation)))]
        made = worked(workings[0]) if workings else None
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


def undamaged(name: str) -> str:
    """A scanned name with digits for the letters that may stand for them: h2 for hZ."""
    return DAMAGED_NAME.sub(lambda match: match[0].strip().translate(SCANNED), name)
