"""Forward mode: the tangents of all values by one number, or along a direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from backcalc.equations.calculation import Calculation, Step, run, start_values, with_enough_digits
from backcalc.equations.named import elements_named, is_matrix, known_value, meant
from backcalc.equations.network import Network
from backcalc.equations.program import Program, assemble, sample_names, tangents
from backcalc.errors import BackcalcError, counted
from backcalc.formulas.expression import Name, Number, Scalar
from backcalc.formulas.notation import Phrase, Result, Substituted, sentence
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.sheets.blocks import Block, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data, number, rows
from backcalc.sheets.remarks import kinks_at
from backcalc.sheets.worked import derivative_table, joined, title

DIRECTION = "s"  # the length of a step along a direction
MOST_NAMED = 12  # numbers that move, listed one by one
FEW = 4  # inputs beside the one that moves, whose tangents of 0 are written down


@dataclass(frozen=True, slots=True, eq=False)
class Tangents:
    """A forward pass with the tangent of each value beside it."""

    calculation: Calculation
    """The values, and where it is asked for the reverse mode beside them."""
    by: Quantity
    """The number that moves, or the length of the step along a direction."""
    seeds: Mapping[str, Fraction]
    """How fast each given number moves; one that is not named stays."""
    tangents: tuple[Step, ...]
    """The tangents, in the order of the values."""

    @property
    def along(self) -> bool:
        """True if several numbers move at once."""
        return self.by not in self.seeds

    def tangent(self, name: str) -> Scalar:
        """The tangent of a value; 0 for one that does not move."""
        return self.calculation.values.get(Derivative(name, self.by), Fraction(0))


@with_enough_digits
def tangent(
    network: Network,
    by: str | None = None,
    *,
    along: Mapping[str, Fraction] | None = None,
    reverse: bool = False,
) -> Tangents:
    """Work out every value with its tangent by one given number, or along a direction.

    With `reverse` the derivatives of the loss in reverse mode too.
    """
    program = assemble(network, by_inputs=reverse)
    if (by is None) == (not along):
        hint = "--by x1, or --along x1=1,x2=-2 for a direction"
        raise BackcalcError("name a number to differentiate by, or a direction", hint=hint)
    asked = {by: Fraction(1)} if by is not None else dict(along or {})
    for name in asked:
        _check_single(name, program)
    seeds: dict[str, Fraction] = {
        known_value(name, program, leaves=True): speed for name, speed in asked.items()
    }
    moving = parsed(DIRECTION if by is None else next(iter(seeds)))
    inputs = sample_names(network, network.inputs)
    if moving in inputs and len(inputs) <= FEW:
        seeds = {name: seeds.get(name, Fraction(0)) for name in inputs}
    start = start_values(network)
    passed = run(program.forward, start)
    lines = run(tangents(program.forward, moving, seeds, network.conventions), start)
    worked = run(program.backward, start) if reverse else ()
    return Tangents(Calculation(program, start, passed, worked), moving, seeds, lines)


def _check_single(name: str, program: Program) -> None:
    """Raise BackcalcError for a name of more than a number, or one that is worked out."""
    network = program.network
    whole = meant(name, program)
    own = elements_named(network, whole)
    if own[0] in {equation.name for equation in program.forward}:
        hint = "take an input, a target, a weight or a constant"
        raise BackcalcError(
            f"{whole} is worked out from other numbers, so it cannot move by itself", hint=hint
        )
    if is_matrix(network, whole):
        few = ",".join(f"{each}=1" for each in own[:2])
        raise BackcalcError(
            f"{whole} is a vector or a matrix, and forward mode moves single numbers",
            hint=f"name one of them: --by {own[0]}; or a direction: --along {few}",
        )


def tangent_sheet(shown: Tangents, *, dual: bool = False) -> SheetBlocks:
    """Return the trace in columns: value, tangent as a formula, tangent as a number."""
    by: Phrase = ("along a direction",) if shown.along else ("by ", Name(shown.by))
    blocks: list[Block] = [Heading(("Forward mode: the tangents ", *by))]
    blocks += [Sentences(tuple(_introduction(shown, dual=dual)))]
    blocks.append(_duals(shown) if dual else _trace(shown))
    if shown.calculation.backward:
        blocks.append(Heading(("Reverse mode beside it",)))
        blocks.append(derivative_table(shown.calculation, shown.calculation.backward))
    blocks.append(Sentences(tuple(_closing(shown))))
    if kinks := kinks_at(shown.calculation):
        blocks.append(Sentences(kinks, marked=True))
    return SheetBlocks(title(shown.calculation.network), tuple(blocks))


def _introduction(shown: Tangents, *, dual: bool) -> Iterator[Phrase]:
    """What moves, and how a tangent goes on."""
    rest = "; all else that is given stays."
    if len(shown.seeds) > MOST_NAMED:
        yield (f"{len(shown.seeds)} numbers move{rest}",)
    else:
        word = " moves by " if shown.along else " moves with speed "
        moves: list[Phrase] = [(Name(n), word, Number(v)) for n, v in shown.seeds.items()]
        yield (*joined(moves), rest)
    if dual:
        yield ("a dual number a + bε holds a value a and its tangent b, and ε² = 0: so",)
        yield ("(a + bε)(c + dε) = ac + (ad + bc)ε, and f(a + bε) = f(a) + f'(a)b ε.",)
    else:
        words = "each tangent is the local derivatives of its line times the tangents before it"
        yield (f"{words}; what does not move is left out.",)


def _trace(shown: Tangents) -> Table:
    values = shown.calculation.values
    lines = {step.name: step for step in shown.tangents}
    table: list[tuple[Phrase, ...]] = []
    for name in shown.seeds:
        moves: Phrase = (Name(Derivative(name, shown.by)), " = ", Number(shown.seeds[name]))
        table.append(((Name(name), " = ", Number(values[name])), moves, ()))
    for step in shown.calculation.forward:
        name = Derivative(step.name, shown.by)
        value = (Name(step.name), " = ", step.equation.expression, " ", Result(step.value))
        if name not in lines:
            table.append((value, (Name(name), " = ", Number(Fraction(0))), ()))
            continue
        formula = lines[name].equation.expression
        numbers = (Substituted(formula, values), " ", Result(lines[name].value))
        table.append((value, (Name(name), " = ", formula), numbers))
    return Table(("value", "tangent", "tangent in numbers"), tuple(table))


def _duals(shown: Tangents) -> Table:
    calculation = shown.calculation
    table: list[tuple[Phrase, ...]] = [
        ((Name(name),), (), _dual(calculation.values[name], speed))
        for name, speed in shown.seeds.items()
    ]
    table += [
        ((Name(step.name),), (step.equation.expression,),
         _dual(step.value, shown.tangent(step.name)))
        for step in calculation.forward
    ]  # fmt: skip
    return Table(("quantity", "formula", "dual number"), tuple(table))


def _dual(value: Scalar, speed: Scalar) -> Phrase:
    sign = " - " if speed < 0 else " + "
    return (Number(value), sign, Number(-speed if speed < 0 else speed), "ε")


def _closing(shown: Tangents) -> Iterator[Phrase]:
    """The result, and how many passes either mode needs for all derivatives."""
    network, of = shown.calculation.network, shown.calculation.of
    result = Name(Derivative(of, shown.by)), Result(shown.tangent(of))
    if shown.along:
        yield sentence("along this direction, {} {}: the gradient times the direction.", *result)
    else:
        yield sentence("{} {}", *result)
    passes = counted(len(network.weights), "pass", "passes")
    yield (f"forward mode takes a pass for each number that moves: {passes} for all weights.",)
    yield ("reverse mode takes one for each value that is differentiated: 1 for the loss.",)
    if shown.along and network.outputs:
        many = counted(len(network.outputs), "pass", "passes")
        one = "a Jacobian times a vector is 1 pass of forward mode, for all values at once"
        yield (f"{one}; by reverse mode the outputs alone take {many}.",)


def tangent_data(shown: Tangents) -> Data:
    """Return `backcalc/tangent/1`: every value, and every tangent with its formula."""
    calculation = shown.calculation
    data: Data = {
        "schema": "backcalc/tangent/1",
        "network": network_data(calculation.network),
        "of": calculation.of,
        "by": shown.by,
        "seeds": {name: float(speed) for name, speed in shown.seeds.items()},
        **number(shown.tangent(calculation.of)),
        "forward": rows(calculation.forward, calculation.values),
        "tangents": rows(shown.tangents, calculation.values),
    }
    if calculation.backward:
        data["backward"] = rows(calculation.backward, calculation.values)
    return data
