"""The gradient check as courses ask for it: differences of the loss beside the derivatives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from backcalc.arithmetic import decimal_of
from backcalc.equations.calculation import Calculation, run, start_values, with_enough_digits
from backcalc.equations.named import weights_called, with_numbers
from backcalc.equations.network import Network
from backcalc.equations.program import assemble, tangents
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.formulas.expression import (
    Expression,
    Name,
    Number,
    Rounded,
    Scalar,
    Values,
    all_digits,
    evaluate,
)
from backcalc.formulas.functions import kinks_in
from backcalc.formulas.notation import ROUNDING, InDigits, Phrase, Result, sentence
from backcalc.formulas.quantity import Derivative, Quantity
from backcalc.sheets.blocks import Block, Derivation, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data, number
from backcalc.sheets.worked import title

DIGITS = 50  # of a slope
MOST_SHOWN = 12  # weights with a block of their own
MOST_WEIGHTS = 200
WIDTHS = tuple(Fraction(1, 10**power) for power in range(1, 13))
"""The h of the table, each a tenth of the one before."""
GOOD, BAD = 1e-7, 1e-2
"""Relative errors below which a gradient is surely right, and above which surely wrong, by the
rule of thumb of the CS231n notes."""


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """One derivative by a difference of losses, with all that it is made of."""

    weight: Quantity
    """What is moved."""
    width: Fraction
    """How far: h."""
    right: Scalar
    """The loss at w + h."""
    left: Scalar
    """The loss at w - h, or at w where only one side is taken."""
    slope: Scalar
    """The difference of both over 2h, or over h."""
    reverse: Scalar
    """The derivative in reverse mode."""
    forward: Scalar
    """The derivative in forward mode."""
    kinks: tuple[Expression, ...] = ()
    """Expressions that change their sign between the two points."""

    @property
    def error(self) -> float:
        """The relative error: |a - n| / max(|a|, |n|), and 0 where it is but rounding."""
        reverse, slope = all_digits(self.reverse), all_digits(self.slope)
        largest, gap = max(abs(reverse), abs(slope)), abs(reverse - slope)
        return float(gap / largest) if gap > largest * Fraction(ROUNDING) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """The gradient check of a network."""

    calculation: Calculation
    """The two passes."""
    width: Fraction
    """The h that was asked for."""
    one_sided: bool
    """True for (L(w + h) - L(w))/h."""
    differences: tuple[Difference, ...]
    """One for each weight."""
    widths: tuple[tuple[Difference, float | None], ...]
    """For the first weight one for each h, with the slope that doubles give."""


@with_enough_digits
def gradcheck(
    network: Network, width: Fraction, by: Sequence[str] | None = None, *, one_sided: bool = False
) -> Check:
    """Move each weight by h and compare the slope of the loss with the derivative."""
    if width <= 0:
        raise BackcalcError(f"h must be greater than 0, not {width}")
    names = weights_called(network, by or None)
    if not 0 < len(names) <= MOST_WEIGHTS:
        message = f"a gradient check takes 1 to {MOST_WEIGHTS} weights, not {len(names)}"
        raise BackcalcError(message, hint="name some of them: --by w1,w2")
    program = assemble(network)
    values = start_values(network)
    passed, back = run(program.forward, values), run(program.backward, values)
    calculation = Calculation(program, values, passed, back)
    checked = tuple(_difference(calculation, name, width, one_sided=one_sided) for name in names)
    widths = tuple(_width(calculation, names[0], each, one_sided=one_sided) for each in WIDTHS)
    return Check(calculation, width, one_sided, checked, widths)


def _difference(
    calculation: Calculation, weight: Quantity, width: Fraction, *, one_sided: bool
) -> Difference:
    network, program, values = calculation.network, calculation.program, calculation.values
    sides = []
    for change in (width, Fraction(0) if one_sided else -width):
        moved = with_numbers(network, {weight: network.weights[weight] + change})
        there = start_values(moved)
        run(program.forward, there)
        sides.append(there)
    right, left = (there[program.of] for there in sides)
    whole = width if one_sided else 2 * width
    exact = isinstance(right, Fraction) and isinstance(left, Fraction)
    gap = (all_digits(right) - all_digits(left)) / whole
    own = dict(values)
    run(tangents(program.forward, weight, {weight: Fraction(1)}, network.conventions), own)
    return Difference(
        weight, width, right, left, gap if exact else Rounded(decimal_of(gap, DIGITS)),
        values[Derivative(program.of, weight)],
        own.get(Derivative(program.of, weight), Fraction(0)),
        tuple(_crossed(calculation, *sides)),
    )  # fmt: skip


def _crossed(calculation: Calculation, *sides: Values) -> Iterator[Expression]:
    """Yield what changes its sign between the two points: a kink lies there."""
    for equation in calculation.program.forward:
        for kink in kinks_in(equation.expression):
            signs = {(value > 0) - (value < 0) for value in (evaluate(kink, v) for v in sides)}
            if len(signs) > 1:
                yield kink


def _width(
    calculation: Calculation, weight: Quantity, width: Fraction, *, one_sided: bool
) -> tuple[Difference, float | None]:
    """One row of the table over h: with all digits, and as a program in doubles would find it."""
    found = _difference(calculation, weight, width, one_sided=one_sided)
    program, network = calculation.program, calculation.network
    sides = []
    for change in (float(width), 0.0 if one_sided else -float(width)):
        there: dict[str, Scalar] = {n: float(v) for n, v in start_values(network).items()}
        there[weight] = float(there[weight]) + change
        try:
            run(program.forward, there)
        except UndefinedError:
            return found, None
        sides.append(float(there[program.of]))
    return found, (sides[0] - sides[1]) / float(width if one_sided else 2 * width)


def gradcheck_sheet(shown: Check) -> SheetBlocks:
    """Return each difference worked out, all errors, and what becomes of them as h shrinks."""
    blocks: list[Block] = [Heading(("Gradient check",))]
    formula = "(L(w + h) - L(w))/h" if shown.one_sided else "(L(w + h) - L(w - h))/(2h)"
    formula = formula.replace("L(", f"{shown.calculation.of}(")
    blocks.append(Sentences((
        sentence(f"each weight is moved by h = {{}}; its slope is {formula}.", Number(shown.width)),
        ("relative error: |a - n| / max(|a|, |n|), for a derivative a and a slope n.",),
    )))  # fmt: skip
    few = shown.differences[:MOST_SHOWN]
    blocks += [_worked(shown, each) for each in few]
    blocks += [Heading(("All derivatives",), 2), _summary(shown)]
    blocks.append(Sentences(tuple(_verdict(shown)), marked=True))
    blocks += _over_widths(shown)
    return SheetBlocks(title(shown.calculation.network), tuple(blocks))


def _worked(shown: Check, each: Difference) -> Derivation:
    of, weight = shown.calculation.of, shown.calculation.network.weights[each.weight]
    here = Number(weight if shown.one_sided else weight - each.width)
    left: Phrase = (InDigits(each.left),)
    above = (InDigits(each.right), " - ", *(("(", *left, ")") if each.left < 0 else left))
    whole = each.width if shown.one_sided else 2 * each.width
    return Derivation((Name(Derivative(of, each.weight)),), (
        ("right", (f"{of} at ", Name(each.weight), " = ", Number(weight + each.width), " ",
                   Result(each.right))),
        ("left", (f"{of} at ", Name(each.weight), " = ", here, " ", Result(each.left))),
        ("slope", ("(", *above, ")/", Number(whole), " ", Result(each.slope))),
        ("derivative", (Result(each.reverse),)),
        ("relative error", (_short(each.error),)),
    ), tuple((kink, " changes its sign between the two points: a kink, so the slope is a mix")
             for kink in each.kinks[:1]))  # fmt: skip


def _short(error: float) -> str:
    return f"{error:.2g}" if error else "0"


def _summary(shown: Check) -> Table:
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        (
            (Name(Derivative(shown.calculation.of, each.weight)),),
            (InDigits(each.reverse),),
            (InDigits(each.forward),),
            (InDigits(each.slope),),
            (_short(each.error),),
        )
        for each in shown.differences
    )
    heads = ("derivative", "reverse mode", "forward mode", "slope", "relative error")
    return Table(heads, rows)


def _verdict(shown: Check) -> Iterator[Phrase]:
    """Yield what the errors say, by the usual rule of thumb."""
    worst = max(shown.differences, key=lambda each: each.error)
    if not worst.error:
        yield ("every slope is the derivative exactly.",)
        return
    name = Name(Derivative(shown.calculation.of, worst.weight))
    yield sentence(f"the largest relative error is {_short(worst.error)}, that of {{}}.", name)
    if worst.kinks and shown.widths[0][0].weight == worst.weight and _at_kink(shown):
        yield ("a kink lies at the point itself: each method may give another value, at every h.",)
    elif worst.kinks:
        yield ("a kink lies between its two points: take a smaller h there.",)
    elif worst.error > BAD:
        yield ("with an error of more than 0.01 the h is too large, or a gradient is wrong.",)


def _at_kink(shown: Check) -> bool:
    """True where even the smallest h has a kink between its points."""
    return bool(shown.widths[-1][0].kinks)


def _over_widths(shown: Check) -> Iterator[Block]:
    """Yield the table over h: first the formula's own error falls, then rounding makes it grow."""
    first = shown.widths[0][0]
    yield Heading(("How the error depends on h: ", Name(Derivative(shown.calculation.of,
                                                                  first.weight))), 2)  # fmt: skip
    rows: list[tuple[Phrase, ...]] = []
    for each, slope in shown.widths:
        in_doubles: tuple[Phrase, Phrase] = (("undefined",), ("",))
        if slope is not None:
            own = Difference(each.weight, each.width, each.right, each.left, slope,
                             each.reverse, each.forward)  # fmt: skip
            in_doubles = (InDigits(slope),), (_short(own.error),)
        width = f"1e{-len(str(each.width.denominator)) + 1}"
        kink = "yes" if each.kinks else ""
        rows.append(((width,), (_short(each.error),), *in_doubles, (kink,)))
    heads = ("h", "error, all digits", "slope in doubles", "error in doubles", "kink between")
    used = heads if any(each.kinks for each, _ in shown.widths) else heads[:-1]
    yield Table(used, tuple(row[: len(used)] for row in rows))
    falls = f"with all digits the error falls with {'h' if shown.one_sided else 'the square of h'}."
    if not any(each.error for each, _ in shown.widths):
        falls = "with all digits there is no error: along this weight the loss is that simple."
    elif _at_kink(shown):
        falls = "with all digits the error stays: the derivative is taken at a kink."
    grows = "in doubles it grows as h shrinks: the two losses agree in most of their 16 digits, "
    yield Sentences(((falls,), (f"{grows}and what is left of their difference is rounding.",)))


def gradcheck_data(shown: Check) -> Data:
    """Return `backcalc/gradcheck/1`: each derivative in three ways, and the table over h."""
    return {
        "schema": "backcalc/gradcheck/1",
        "network": network_data(shown.calculation.network),
        "of": shown.calculation.of,
        "h": float(shown.width),
        "one_sided": shown.one_sided,
        "derivatives": [
            {
                "name": Derivative(shown.calculation.of, each.weight),
                **number(each.reverse),
                "forward_mode": float(each.forward),
                "right": float(each.right),
                "left": float(each.left),
                "slope": float(each.slope),
                "relative_error": each.error,
                "kink": bool(each.kinks),
            }
            for each in shown.differences
        ],
        "widths": [
            {"h": float(each.width), "relative_error": each.error, "slope_in_doubles": slope}
            for each, slope in shown.widths
        ],
    }
