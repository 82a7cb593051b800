"""Sheets to be worked: the worked sheet with blanks where its work stands, and its solution."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from backcalc.checking.checked import points
from backcalc.checking.heads import variant_in
from backcalc.checking.key import FORWARD, GRADIENT
from backcalc.checking.queries import Query
from backcalc.equations.calculation import Step
from backcalc.equations.named import elements_named, whole_lines
from backcalc.errors import counted, printable
from backcalc.formulas.expression import Name, Scalar
from backcalc.formulas.notation import UNICODE, Phrase, Result, Sign, phrase_text
from backcalc.formulas.quantity import called, parsed
from backcalc.reading.collecting import FURTHER
from backcalc.sheets import worked
from backcalc.sheets.blocks import (
    Block,
    Derivation,
    Heading,
    Sentences,
    SheetBlocks,
    Table,
)
from backcalc.sheets.worked import BACKWARD, Wishes
from backcalc.worksheets.asked import AskedPart, Exercise

SHOW = ("names", "formulas", "rules")
"""The hints beside the quantities: none, the forward formulas, all rules as well."""

WIDTH = 80  # of a table on paper; a wider one is stacked
GAPS = 9  # between its columns

BLANK, WORKING, LINE = Sign("blank"), Sign("working"), Sign("line")
POINTS_COLUMNS = ("quantity", "result", "points")
COLUMNS = ("quantity", "formula", "numbers", "result")


def worksheet(exercise: Exercise, wishes: Wishes, show: str = "formulas") -> SheetBlocks:
    """Return the sheet with a blank for each result, in the order of the work."""
    network = exercise.network
    blocks: list[Block] = [Sentences((("name ", WORKING, "   date ", BLANK),))]
    view = worked.view_of(network)
    blocks += worked.introduction(exercise.calculation, wishes, view, numbers=False)
    last = blocks.pop()
    assert isinstance(last, Sentences)
    digits = counted(wishes.digits, "significant digit")
    how = f"results: exact, or rounded to {digits}"
    if exercise.calculation.kept:
        how += "; round each line so, and go on from the rounded figures"
    blocks.append(Sentences((*last.lines[:-1], (how,))))
    if network.definitions and show == "names":
        lines = [(", ".join(each.names), " = ", each.expression) for each in network.definitions]
        blocks += [Heading(("Equations",)), Sentences(tuple(lines))]
    for part in exercise.parts:
        steps = [step for step in part.steps if step.name not in exercise.drawn]
        if steps:
            own = [e.kind.sentence for e in exercise.questions if e.kind.title == part.heading]
            blocks += [Heading((part.heading,)), *([Sentences(((own[0],),))] if own else [])]
        for sample, group in worked.by_sample(steps, network):
            blocks += worked.sample_heading(network, sample)
            blocks += _blanks(exercise, part, group, show)
    for each in exercise.questions:
        if each.posed.blocks or each.posed.queries:
            blocks += [Heading((each.kind.title,)), Sentences(((each.kind.sentence,),))]
            blocks += [*each.posed.blocks, *_answers(exercise, each.posed.queries)]
    return SheetBlocks(worked.title(network), tuple(blocks), roomy=True)


def _answers(exercise: Exercise, queries: Sequence[Query]) -> Iterator[Block]:
    """Yield a blank for the answer to each question."""
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        ((*query.label, *_points(exercise, query.name)), ("= ", WORKING)) for query in queries
    )
    if rows:
        yield Table(("question", "answer"), rows)


def _points(exercise: Exercise, name: str) -> Phrase:
    """Return the points of a question, where the file gives them."""
    worth = exercise.worth(name)
    said = f" ({points(worth)} point{'' if worth == 1 else 's'})"
    return (said,) if exercise.points else ()


def _blanks(
    exercise: Exercise, part: AskedPart, steps: Sequence[Step], show: str
) -> Iterator[Block]:
    """Yield the lines of one part: in a table where a page is wide enough, else one by one."""
    printed = show == "rules" or (show == "formulas" and part.role == FORWARD)
    if exercise.network.matrices:
        from backcalc.sheets.arrays import left_open, matrix_of  # few files have any

        whole = matrix_of(exercise.calculation)
        lines = dict.fromkeys(whole[step.name] for step in steps if step.name in whole)
        for line in lines:
            own = [step for step in steps if whole.get(step.name) is line]
            yield left_open(line, printed=printed, said=_worth(exercise, own))
        steps = [step for step in steps if step.name not in whole]
    rows = tuple(_row(exercise, step, printed=printed) for step in steps)
    if part.role != GRADIENT and all(map(_fits, rows)):
        yield from [Table(COLUMNS, rows)] if rows else []
    else:
        yield from (_derivation(exercise, step, printed=printed) for step in steps)


def _fits(row: tuple[Phrase, ...]) -> bool:
    """Return True if a row fits the width of a page."""
    cells = (len(phrase_text(cell, UNICODE)) for cell in row)
    return sum(map(max, cells, map(len, COLUMNS))) + GAPS <= WIDTH


def _row(exercise: Exercise, step: Step, *, printed: bool) -> tuple[Phrase, ...]:
    """Return a row with a blank for the numbers and one for the result."""
    formula: Phrase = (step.equation.expression,) if printed else (WORKING,)
    return _named(exercise, step), formula, (WORKING,), ("= ", BLANK)


def _derivation(exercise: Exercise, step: Step, *, printed: bool) -> Derivation:
    """Return a quantity with lines to write on."""
    formula: Phrase = (step.equation.expression,)
    rule = worked.chain_rule(step.equation) if step.equation.terms else formula
    return Derivation(_named(exercise, step), (
        ("formula" if rule == formula else "chain rule", rule if printed else (LINE,)),
        ("numbers", (LINE,)),
        ("result", ("= ", BLANK)),
    ))  # fmt: skip


def _named(exercise: Exercise, step: Step) -> Phrase:
    """Return a quantity, with its points and its digits where the file gives them."""
    return (Name(step.name), *_worth(exercise, [step]))


def _worth(exercise: Exercise, steps: Sequence[Step]) -> Phrase:
    """Return the points and digits of a quantity, or of all elements of a matrix."""
    worth = exercise.worth_together([step.name for step in steps])
    digits = exercise.digits.get(steps[0].name)
    said = [f"{points(worth)} point{'' if worth == 1 else 's'}"] if exercise.points else []
    said += [f"{digits} digit{'' if digits == 1 else 's'}"] if digits else []
    return (f" ({', '.join(said)})",) if said else ()


def solution(exercise: Exercise, wishes: Wishes) -> SheetBlocks:
    """Return the worked sheet, with the points of each result where the file gives them."""
    calculation = exercise.calculation
    blocks: tuple[Block, ...] = ()
    if exercise.parts:
        only = None if calculation.rounds else BACKWARD
        blocks = worked.worked_sheet(calculation, wishes, only=only).blocks
    there = _worked_out(exercise)
    if further := [step for step in exercise.steps if step.name not in there]:
        lines = tuple(
            ((Name(step.name),), worked.chain_rule(step.equation), (Result(step.value),))
            for step in further
        )
        blocks += (Heading((FURTHER,)), Table(("quantity", "chain rule", "result"), lines))
    if exercise.parts and (exercise.points or exercise.network.ask):
        blocks += (Heading(("Points",)), Table(POINTS_COLUMNS, tuple(_worths(exercise, there))))
    for each in exercise.questions:
        blocks += (Heading((each.kind.title,)), *each.posed.solved)
        if each.posed.queries:
            blocks += (_solved(exercise, each.posed.queries),)
    return SheetBlocks(f"{worked.title(exercise.network)}: solution", blocks)


def _worked_out(exercise: Exercise) -> Container[str]:
    """Return the lines that the worked sheet shows."""
    calculation = exercise.calculation
    if exercise.network.matrices:
        from backcalc.sheets.arrays import matrix_of  # few files have any

        return matrix_of(calculation)
    return {step.name for _, steps in worked.worked_stages(calculation) for step in steps}


def _worths(exercise: Exercise, there: Container[str]) -> Iterator[tuple[Phrase, ...]]:
    """Yield the result and the points of each line, a matrix being one that is `there` as one."""
    values: dict[str, Scalar] = {step.name: step.value for step in exercise.steps}
    single = [name for name in values if name not in there]
    together = [name for name in values if name in there]
    for name in (*whole_lines(together, exercise.network), *single):
        own = (name,) if name in values else elements_named(exercise.network, name)
        result: Phrase = (Result(values[name]),) if name in values else ("stands above",)
        yield (Name(name),), result, (points(exercise.worth_together(own)),)


def _solved(exercise: Exercise, queries: Sequence[Query]) -> Table:
    """Return the answers to questions, each with why it is right."""
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        ((*query.label, *_points(exercise, query.name)), query.shown, query.why)
        for query in queries
    )
    return Table(("question", "answer", "why"), rows, prose=True)


def skeleton(exercise: Exercise) -> str:
    """Return an answers file to be filled in: each quantity that is asked, and room for it."""
    title = " ".join(worked.title(exercise.network).split())
    lines = [f"# {printable(title)}: answers", "# numbers, fractions or formulas, as 0.5 or 1/2"]
    number = variant_in(title)
    heads = {"variant": f"variant = {number}" if number else "", "name": "name ="}
    lines += [line for name, line in heads.items() if line and name not in exercise.values]
    words = exercise.network.names
    for part in exercise.parts:
        asked = whole_lines((step.name for step in part.steps), exercise.network)
        names = (called(parsed(name), words) for name in asked)
        lines += ["", f"# {part.heading}", *(f"{name} =" for name in names)]
    for each in exercise.questions:
        if each.posed.queries:
            own = (f"{query.name} =" for query in each.posed.queries)
            lines += ["", f"# {each.kind.title}", f"# {each.posed.queries[0].form.hint}", *own]
    return "\n".join(lines) + "\n"
