"""A batch on a sheet: one formula for all samples, and a column for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from backcalc.equations.calculation import Calculation, Step
from backcalc.formulas import record, replace
from backcalc.formulas.expression import Expression, Name, Number, Scalar, Values, renamed
from backcalc.formulas.notation import InDigits, Phrase, Result, rounded
from backcalc.formulas.quantity import Quantity, parsed
from backcalc.sheets.blocks import Block, Derivation, Sentences, Table
from backcalc.sheets.remarks import MOST_COLUMNS, ShortForm
from backcalc.sheets.worked import (
    COMPACT_FROM,
    Wishes,
    chain_rule,
    derivative_table,
    pass_table,
    put_in,
    rules,
    sample_heading,
)

MOST_GIVEN = 12  # numbers of one sample
TableRow: TypeAlias = tuple[Phrase, ...]  # the cells of a row, or its first ones


@record(frozen=True, slots=True, eq=False)
class CommonLine:
    """A line that is the same in several samples but for the sample's number."""

    name: Quantity
    """Its name without that number."""
    formula: Expression
    """Its formula without it."""
    first: Step
    """The line of the first of these samples."""
    steps: dict[int, Step]
    """The line of each sample by the sample's number."""

    def phrase(self, phrase: Phrase) -> Phrase:
        """Return a phrase about the first line without the sample's number."""
        return general(phrase, self.first.name.sample)


def in_columns(steps: Sequence[Step]) -> bool:
    """Return True for the lines of several samples, but not of too many for columns."""
    return 1 < len({step.name.sample for step in steps if step.name.sample}) <= MOST_COLUMNS


def common_lines(steps: Iterable[Step]) -> list[CommonLine]:
    """Return what is the same in all samples, once each, in the order of the work."""
    found: dict[tuple[Quantity, Expression], CommonLine] = {}
    for step in steps:
        if sample := step.name.sample:
            name = step.name.of_sample(None)
            formula = _without(step.equation.expression, sample)
            line = found.setdefault((name, formula), CommonLine(name, formula, step, {}))
            line.steps[sample] = step
    return list(found.values())


def _without(expression: Expression, sample: int | None) -> Expression:
    """Return an expression without the number of its sample."""

    def rename(text: str) -> str:
        name = parsed(text, several=True)
        return name.of_sample(None) if name.sample == sample else text

    return renamed(expression, rename)


def general(phrase: Phrase, sample: int | None) -> Phrase:
    """Return a phrase without the number of its sample; numbers stay as they are."""
    return tuple(_without(e, sample) if isinstance(e, Expression) else e for e in phrase)


def figure(value: Scalar, digits: int) -> Phrase:
    """Return a number for a column: as it is where it is exact, else rounded with a sign."""
    exact = isinstance(value, Fraction) and (rounded(value, digits)[1] or len(str(value)) <= 5)
    return (Number(value),) if exact else ("≈ ", InDigits(value))


def forward_blocks(
    calculation: Calculation, steps: Sequence[Step], wishes: Wishes, updates: int
) -> Iterator[Block]:
    """Yield the forward pass with a column for each sample, and what is made of all of them."""
    network, lines = calculation.network, common_lines(steps)
    samples = sorted({sample for line in lines for sample in line.steps})
    rest = [step for step in steps if not step.name.sample]
    numbers = not (wishes.compact or wishes.brief)
    rows: list[TableRow] = []
    names = (*network.inputs, *network.targets)
    for name in names if len(names) <= MOST_GIVEN and not updates else ():
        given = ((Number(network.samples[each - 1][name]),) for each in samples)
        rows.append(((Name(name),), ("given",), *([()] if numbers else ()), *given))
    for line in lines:
        substituted = put_in(line.first.equation.expression, calculation.values)
        cells: TableRow = ((Name(line.name),), (line.formula,), *([substituted] if numbers else ()))
        rows.append((*cells, *_figures(line, samples, wishes.digits)))
    if not numbers:
        others = [(((Name(step.name),), (step.equation.expression,)), step) for step in rest]
        columns = ("quantity", "formula", *heads(samples))
        yield _one_table(columns, rows, others, len(samples), wishes.digits)
        return
    if not updates:
        name, last = lines[0].name, samples[-1]
        yield Sentences((
            ("one formula serves all samples; ", Name(name.of_sample(last)), " is ", Name(name),
             f" of sample {last}"),
        ))  # fmt: skip
    columns = ("quantity", "formula", f"numbers of sample {samples[0]}", *heads(samples))
    yield Table(columns, tuple(rows), spread=len(samples))
    if rest:
        yield from sample_heading(network, 0)
        yield pass_table(calculation, rest)


def heads(samples: Iterable[int]) -> Iterator[str]:
    """Yield the heads of the columns."""
    return (f"sample {sample}" for sample in samples)


def _figures(line: CommonLine, samples: Iterable[int], digits: int) -> Iterator[Phrase]:
    for sample in samples:
        yield figure(line.steps[sample].value, digits) if sample in line.steps else ()


def _one_table(
    heads: tuple[str, ...], rows: list[TableRow], rest: Iterable[tuple[TableRow, Step]], many: int,
    digits: int,
) -> Table:  # fmt: skip
    """Return one table for the samples and, in a last column, for what is made of all of them."""
    below = [(*cells, *[()] * many, figure(step.value, digits)) for cells, step in rest]
    if not below:
        return Table(heads, tuple(rows), spread=many, whole=True)
    rows = [*((*row, ()) for row in rows), *below]
    return Table((*heads, "all"), tuple(rows), spread=many + 1, whole=True)


def derivative_blocks(
    calculation: Calculation, steps: Sequence[Step], remarks: Mapping[str, Sequence[Phrase]],
    wishes: Wishes, closing: Iterable[Block],
) -> Iterator[Block]:  # fmt: skip
    """Yield the derivatives, each once with its numbers in every sample, then the totals.

    `closing` stands below those of the samples.
    """
    lines = common_lines(steps)
    samples = sorted({sample for line in lines for sample in line.steps})
    rest = [step for step in steps if not step.name.sample]
    said = {line.name: tuple(_remarks(line, remarks)) for line in lines}
    if wishes.compact or wishes.brief or len(lines) > COMPACT_FROM:
        rows: list[TableRow] = [
            ((Name(line.name),), line.phrase(chain_rule(line.first.equation)), (line.formula,),
             *_figures(line, samples, wishes.digits))
            for line in lines
        ]  # fmt: skip
        columns = ("derivative", "chain rule", "worked out", *heads(samples))
        others = [
            (((Name(step.name),), over_samples_of(step), (step.equation.expression,)), step)
            for step in rest
        ]
        yield _one_table(columns, rows, others, len(samples), wishes.digits)
        notes = tuple(text for texts in said.values() for text in texts)
        notes += tuple(text for step in rest for text in remarks.get(step.name, ()))
        if not wishes.brief:
            yield from closing
            yield from (Sentences(notes, marked=True),) if notes else ()
        return
    for line in lines:
        stages = [(label, line.phrase(phrase)) for label, phrase in rules(line.first.equation)]
        stages.append(("worked out", (line.formula,)))
        stages += [
            (f"sample {sample}", (*_worked_out(step, calculation.values), Result(step.value)))
            for sample, step in line.steps.items()
        ]  # fmt: skip
        own = {f"sample {sample}": step.name for sample, step in line.steps.items()}
        yield Derivation((Name(line.name),), tuple(stages), said[line.name], own)
    yield from closing
    if rest:
        yield from sample_heading(calculation.network, 0)
        yield derivative_table(calculation, rest)
        notes = tuple(text for step in rest for text in remarks.get(step.name, ()))
        if notes:
            yield Sentences(notes, marked=True)


def over_samples_of(step: Step) -> Phrase:
    """Return the chain rule of what all samples add to, said once where each adds the same."""
    terms = step.equation.terms
    said = [
        general(chain_rule(replace(step.equation, terms=(t,))), t.through.sample) for t in terms
    ]
    if len({*said}) == 1 < len(said):
        return ("sum over the samples of ", *said[0])
    return chain_rule(step.equation) if terms else ()


def _worked_out(step: Step, values: Values) -> Phrase:
    """Return a formula with its numbers; nothing where it is one number, which is the result."""
    formula = step.equation.expression
    return () if isinstance(formula, Name) else (*put_in(formula, values), " ")


def _remarks(line: CommonLine, remarks: Mapping[str, Sequence[Phrase]]) -> Iterator[Phrase]:
    """Yield what is said of a line in all its samples once, and the rest as it is."""
    own = [
        {general(text, sample): text for text in remarks.get(step.name, ())}
        for sample, step in line.steps.items()
    ]
    common = [text for text in own[0] if all(text in each for each in own)]
    yield from common
    for each in own:
        yield from (words for text, words in each.items() if text not in common)


def short_table(forms: Sequence[ShortForm], values: Values, digits: int) -> Table:
    """Return output minus target, class by class, with a column for each sample."""
    if in_columns([form.step for form in forms]):
        rows: dict[Quantity, dict[int, ShortForm]] = {}
        for form in forms:
            name = form.step.name
            rows.setdefault(name.of_sample(None), {})[name.sample or 0] = form
        samples = sorted({sample for cells in rows.values() for sample in cells})
        found = (
            ((Name(name),), _difference(own),
             *(figure(own[n].step.value, digits) if n in own else () for n in samples))
            for name, own in rows.items()
        )  # fmt: skip
        columns = ("derivative", "output - target", *heads(samples))
        return Table(columns, tuple(found), spread=len(samples))
    rows_of_one = (
        ((Name(form.step.name),), (form.formula,), put_in(form.formula, values),
         (Result(form.step.value),))
        for form in forms
    )  # fmt: skip
    return Table(("derivative", "output - target", "numbers", "result"), tuple(rows_of_one))


def _difference(forms: Mapping[int, ShortForm]) -> Phrase:
    """Return output minus target for all samples; the target of a class is 1 in some of them."""
    found = [*dict.fromkeys(general((form.formula,), n) for n, form in forms.items())]
    if len(found) == 1:
        return found[0]
    output = next(iter(forms.values())).formula.terms[0]
    return (*general((output,), next(iter(forms))), " - 1 or 0")
