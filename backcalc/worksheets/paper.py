"""Sheets to be worked: the worked sheet with blanks where its work stands, and its solution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from backcalc.checking.checked import points
from backcalc.checking.heads import FILL_IN, PRINTED_EQUATIONS, RESULTS, variant_in
from backcalc.checking.key import FORWARD, GRADIENT, UPDATE
from backcalc.checking.queries import Query
from backcalc.equations.calculation import Step
from backcalc.equations.named import whole_lines
from backcalc.equations.program import lower
from backcalc.errors import counted, printable
from backcalc.formulas.expression import Expression, Name, names_in
from backcalc.formulas.matrices import entrywise
from backcalc.formulas.notation import PLAIN, UNICODE, Phrase, Result, Sign, phrase_text, rounded
from backcalc.formulas.quantity import called, parsed
from backcalc.loading.policies import earned_words, policies
from backcalc.reading.collecting import FURTHER
from backcalc.sheets import worked
from backcalc.sheets.blocks import Block, Derivation, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.worked import Wishes
from backcalc.worksheets.asked import AskedPart, Exercise

if TYPE_CHECKING:
    from backcalc.sheets.arrays import StageEquation

SHOW = ("names", "formulas", "rules")
"""The hints beside the quantities: none, the forward formulas, all rules as well."""

WIDTH = 80  # of a table on paper; a wider one is stacked
SHORT = 24  # letters of a formula that is written on half of a page
GAPS = 9  # between its columns
MOST_EQUATIONS = 100  # that are given above the blanks
MOST_ROWS = 8  # of a blank that tells no shape
MOST_TYPED = 12  # numbers of a matrix in the table of points

BLANK, WORKING, LINE = Sign("blank"), Sign("working"), Sign("line")
POINTS_COLUMNS = ("quantity", "result", "points")
COLUMNS = ("quantity", "formula", "numbers", "result")
UNTOLD = ("quantity", "numbers", "result")  # the formulas stand above


def worksheet(exercise: Exercise, wishes: Wishes, show: str = "formulas") -> SheetBlocks:
    """Return the sheet with a blank for each result, in the order of the work."""
    network = exercise.network
    blocks: list[Block] = [Sentences((("name ", WORKING, "   date ", BLANK),))]
    view = worked.view_of(network)
    blocks += worked.introduction(exercise.calculation, wishes, view, numbers=False)
    last = blocks.pop()
    assert isinstance(last, Sentences)
    if untold := [*_untold(exercise)]:
        blocks.insert(-1, Sentences(tuple(untold)))
    digits = counted(wishes.digits, "significant digit")
    how = f"{RESULTS} {digits}"
    if exercise.calculation.kept:
        how += "; round each line so, and go on from the rounded figures"
    all_points = points(exercise.total)
    in_all = f"{all_points} point{'' if all_points == '1' else 's'} in all"
    total: tuple[Phrase, ...] = ((in_all,),) if exercise.tells_points else ()
    plain = network.descent.plain or not any(part.role == UPDATE for part in exercise.parts)
    rule = () if plain else worked.rule_of(network, numbers=False)
    lines: tuple[Phrase, ...] = (*last.lines, *worked.index_words(exercise.calculation), *rule)
    legend: tuple[Phrase, ...] = ()
    if network.matrices and exercise.parts:
        from backcalc.sheets.arrays import COLUMN, LEGEND  # few files have any

        legend = ((COLUMN,),) if _asks_shapes(exercise) else LEGEND
    blocks.append(Sentences((*lines, *legend, (how,), *total, *_earned(exercise))))
    above = _above(exercise, show)
    if equations := tuple(_equations(exercise, show, above=above)):
        blocks += [Heading((PRINTED_EQUATIONS,)), Sentences(equations)]
    for part in exercise.parts:
        steps = [step for step in part.steps if step.name not in exercise.drawn]
        if steps:
            own = [e.kind.sentence for e in exercise.questions if e.kind.title == part.heading]
            blocks += [Heading((part.heading,)), *([Sentences(((own[0],),))] if own else [])]
        steps.sort(key=lambda step: step.name.sample or len(network.samples) + 1)  # stable
        for sample, group in worked.by_sample(steps):
            if sample or part.role != UPDATE:  # new weights are of no sample, and no mean
                blocks += worked.sample_heading(network, sample)
            blocks += _blanks(exercise, part, group, show, told=above and sample > 0)
    for each in exercise.questions:
        if each.posed.blocks or each.posed.queries:
            blocks += [Heading((each.kind.title,)), Sentences(((each.kind.sentence,),))]
            blocks += [*each.posed.blocks, *_answers(exercise, each.posed.queries)]
    return SheetBlocks(worked.title(network), tuple(blocks), roomy=True)


def _earned(exercise: Exercise) -> Iterator[Phrase]:
    """Yield what lines behind a mistake earn, where the file says anything of points."""
    marking = exercise.network.marking
    if exercise.tells_points or marking:
        yield (earned_words(policies(marking)),)


def _untold(exercise: Exercise) -> Iterator[Phrase]:
    """Yield the numbers of samples that no heading tells, where what is over all of them needs it.

    A sheet that asks only the update has no line of a single sample.
    """
    told = {step.name.sample for step in exercise.steps}
    network = exercise.network
    for number in network.numbers if None in told else ():
        if number is not None and number not in told:
            yield from (block.text for block in worked.sample_heading(network, number))


def _equations(exercise: Exercise, show: str, *, above: bool) -> Iterator[Phrase]:
    """Yield the network's equations, where not all of them stand beside the blanks.

    They are the exercise, so they are given whole even where few lines are asked.
    """
    network = exercise.network
    if show == "names":
        yield from ((", ".join(e.names), " = ", e.expression) for e in network.definitions)
        return
    printed = set() if above else {step.name.of_sample(None) for step in exercise.steps}
    printed -= exercise.drawn
    lines = [(each.name, each.expression) for each in lower(network)]
    if not isinstance(network.loss, str):
        lines.pop()  # the loss stands above
    if len(lines) > MOST_EQUATIONS or printed.issuperset(name for name, _ in lines):
        return
    form = network.matrices
    if form is not None:
        shapes = form.shapes
        lines = [(each.name, entrywise(each.expression, shapes)) for each in form.lines[:-1]]
    yield from ((Name(name), " = ", expression) for name, expression in lines)


def _above(exercise: Exercise, show: str) -> bool:
    """True if a formula stands once above the blanks: it is too wide to be in each sample's row."""
    network = exercise.network
    if show == "names" or len(network.samples) == 1 or network.matrices:
        return False
    forward = (part.steps for part in exercise.parts if part.role == FORWARD)
    rows = (_row(exercise, step, printed=True) for steps in forward for step in steps)
    return not all(map(_fits, rows)) and len(lower(network)) <= MOST_EQUATIONS


def _asks_shapes(exercise: Exercise) -> bool:
    return any(each.kind.name == "shapes" for each in exercise.questions)


def _height(exercise: Exercise) -> int:
    """Return the rows of the highest matrix: every blank has them, so none tells a shape."""
    shapes = (line.after.shape(line.name) for line in _in_matrices(exercise).values())
    rows = (int(shape[-2] if len(shape) > 1 else shape[0]) for shape in shapes if shape)
    return min(max(rows, default=1), MOST_ROWS)


def _answers(exercise: Exercise, queries: Sequence[Query]) -> Iterator[Block]:
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        ((*query.label, *_worth(exercise, [query.name])), ("= ", WORKING)) for query in queries
    )
    if rows:
        yield Table(("question", "answer"), rows)


def _blanks(
    exercise: Exercise, part: AskedPart, steps: Sequence[Step], show: str, *, told: bool
) -> Iterator[Block]:
    """Yield the lines of one part: in a table where a page is wide enough, else one by one."""
    printed = show == "rules" or (show == "formulas" and part.role == FORWARD)
    for alone, group in groupby(_together(exercise, steps), lambda each: each[0] is None):
        if not alone:
            from backcalc.sheets.arrays import left_open  # few files have any

            height = _height(exercise) if _asks_shapes(exercise) else 0
            for line, own in group:
                assert line is not None
                said = _worth(exercise, [step.name for step in own])
                yield left_open(line, printed=printed, said=said, height=height)
            continue
        left = [step for _, own in group for step in own]
        rows = tuple(_row(exercise, step, printed=printed) for step in left)
        if told and part.role == FORWARD:
            yield Table(UNTOLD, tuple((name, *blanks) for name, _, *blanks in rows))
        elif part.role != GRADIENT and all(map(_fits, rows)):
            yield Table(COLUMNS, rows)
        else:
            yield from (_derivation(exercise, step, printed=printed) for step in left)


def _together(
    exercise: Exercise, steps: Iterable[Step]
) -> Iterable[tuple[StageEquation | None, list[Step]]]:
    """Lines with what they are in matrix notation: where all its elements are there, one line."""
    there: dict[str, Step] = {step.name: step for step in steps}
    lines = _in_matrices(exercise)
    lacking = {id(line) for name, line in lines.items() if name not in there}
    found: dict[object, tuple[StageEquation | None, list[Step]]] = {}
    for name, step in there.items():
        line = lines.get(name)
        if line is None or id(line) in lacking:
            found[name] = None, [step]
        else:
            found.setdefault(id(line), (line, []))[1].append(step)
    return found.values()


def _in_matrices(exercise: Exercise) -> Mapping[str, StageEquation]:
    """The equation in matrix notation that each line belongs to, where the file has any."""
    if not exercise.network.matrices:
        return {}
    from backcalc.sheets.arrays import matrix_of  # as above

    return matrix_of(exercise.calculation)


def _fits(row: tuple[Phrase, ...]) -> bool:
    cells = (len(phrase_text(cell, UNICODE)) for cell in row)
    return sum(map(max, cells, map(len, COLUMNS))) + GAPS <= WIDTH


def _row(exercise: Exercise, step: Step, *, printed: bool) -> tuple[Phrase, ...]:
    formula: Phrase = (step.equation.expression,) if printed else (WORKING,)
    return _named(exercise, step), formula, (WORKING,), ("= ", BLANK)


def _derivation(exercise: Exercise, step: Step, *, printed: bool) -> Derivation:
    formula: Phrase = (step.equation.expression,)
    rule = worked.chain_rule(step.equation) if step.equation.terms else formula
    short = not printed and len(phrase_text(formula, UNICODE)) <= SHORT
    return Derivation(_named(exercise, step), (
        ("formula" if rule == formula else "chain rule", rule if printed else (LINE,)),
        ("numbers", (LINE,)),
        ("result", ("= ", BLANK)),
    ), short=short)  # fmt: skip


def _named(exercise: Exercise, step: Step) -> Phrase:
    return (Name(step.name), *_worth(exercise, [step.name]))


def _worth(exercise: Exercise, names: Sequence[str]) -> Phrase:
    """Return the points and digits of a question, a quantity, or all elements of a matrix."""
    worth = exercise.worth_together(names)
    digits = exercise.digits.get(names[0])
    said = [f"{points(worth)} point{'' if worth == 1 else 's'}"] if exercise.tells_points else []
    said += [f"{digits} digit{'' if digits == 1 else 's'}"] if digits else []
    return (f" ({', '.join(said)})",) if said else ()


def solution(exercise: Exercise, wishes: Wishes) -> SheetBlocks:
    """Return the worked sheet, with the points of each result where the file gives them.

    Where the file says what is asked, it has that and what that needs.
    """
    calculation = exercise.calculation
    blocks: tuple[Block, ...] = ()
    if exercise.parts:
        own = replace(wishes, lines=_needed(exercise)) if exercise.network.ask else wishes
        blocks = worked.worked_sheet(calculation, own).blocks
    there = {*_in_matrices(exercise)}
    there |= {step.name for _, stage in worked.worked_stages(calculation) for step in stage}
    if further := [step for step in exercise.steps if step.name not in there]:
        lines = tuple(
            ((Name(step.name),), worked.chain_rule(step.equation), (Result(step.value),))
            for step in further
        )
        blocks += (Heading((FURTHER,)), Table(("quantity", "chain rule", "result"), lines))
    if exercise.parts and (exercise.tells_points or exercise.network.ask):
        total = f": {points(exercise.total)} in all" if exercise.tells_points else ""
        table = Table(POINTS_COLUMNS, tuple(_worths(exercise, wishes.digits)))
        blocks += (Heading((f"Points{total}",)),)
        blocks += (*(Sentences((each,)) for each in _earned(exercise)), table)
    for each in exercise.questions:
        blocks += (Heading((each.kind.title,)), *each.posed.solved)
        if each.posed.queries:
            blocks += (_solved(exercise, each.posed.queries),)
    return SheetBlocks(f"{worked.title(exercise.network)}: solution", blocks)


def _needed(exercise: Exercise) -> Mapping[str, None]:
    """The lines that are asked, in the order in which they are, and those they are worked from."""
    equations: dict[str, Expression] = {s.name: s.equation.expression for s in exercise.lines}
    lines = _in_matrices(exercise)
    found = dict[str, None]()
    pending: list[str] = [step.name for step in exercise.steps]
    for name in pending:
        if name not in found:
            found[name] = None
            uses = [*lines[name].uses] if name in lines else []
            pending += uses or (names_in(equations[name]) if name in equations else ())
    return found


def _worths(exercise: Exercise, digits: int) -> Iterator[tuple[Phrase, ...]]:
    """Yield the result and the points of each line, a matrix being one, then of the questions."""
    for line, steps in _together(exercise, exercise.steps):
        worth = points(exercise.worth_together([step.name for step in steps]))
        own = exercise.digits.get(steps[0].name, 0)
        if line is None or not line.after.shape(line.name):
            yield (Name(steps[0].name),), (Result(steps[0].value, own),), (worth,)
            continue
        from backcalc.sheets.arrays import typed_rows  # few files have any

        numbers = line.after.worked(line.after.elements(line.name))
        sign = "= " if all(rounded(each, own or digits)[1] for each in numbers) else "≈ "
        shown = (sign, *typed_rows(numbers, line.after.shape(line.name), own))
        result = shown if len(numbers) <= MOST_TYPED else ("stands above",)
        yield (Name(line.after.named(line.name)),), result, (worth,)
    for each in exercise.questions:
        if each.posed.queries:
            earned = map(exercise.worth, (query.name for query in each.posed.queries))
            yield (each.kind.title,), ("stand below",), (points(sum(earned, Fraction(0))),)


def _solved(exercise: Exercise, queries: Sequence[Query]) -> Table:
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        ((*query.label, *_worth(exercise, [query.name])), query.shown, query.why)
        for query in queries
    )
    columns = ("question", "answer", "why")
    if not any(phrase_text(why, PLAIN) for *_, why in rows):
        return Table(columns[:2], tuple(row[:2] for row in rows))
    return Table(columns, rows, prose=True)


def skeleton(exercise: Exercise) -> str:
    """Return an answers file to be filled in: each quantity that is asked, and room for it."""
    title = " ".join(worked.title(exercise.network).split())
    lines = [f"# {printable(title)}: answers", f"# {FILL_IN}0.5 or 1/2"]
    number = variant_in(title)
    heads = {"variant": f"variant = {number}" if number else "", "name": "name ="}
    lines += [line for name, line in heads.items() if line and name not in exercise.values]
    words = exercise.network.names
    for part in exercise.parts:
        asked = whole_lines((step.name for step in part.steps), exercise.network)
        names = (called(parsed(name), words) for name in asked)
        lines += ["", f"# {part.heading}", *(f"{name} =" for name in names)]
    for each in exercise.questions:
        if queries := each.posed.queries:
            labels = (phrase_text(query.label, PLAIN.with_names(words)) for query in queries)
            own = (f"{label} =" for label in labels)
            hints = dict.fromkeys(f"# {query.hint}" for query in queries)
            lines += ["", f"# {each.kind.title}", *hints, *own]
    return "\n".join(lines) + "\n"
