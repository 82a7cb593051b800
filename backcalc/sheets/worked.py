"""The worked sheet, in the order that is said once here, and the closed forms at its end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from backcalc.equations.calculation import Calculation, Step
from backcalc.equations.losses import LOSSES
from backcalc.equations.named import elements_named, whole_lines
from backcalc.equations.network import Network
from backcalc.equations.optimizers import COMMON, RATE
from backcalc.equations.program import (
    ChainTerm,
    Equation,
    Program,
    after_steps,
    loss_name,
    needed,
    update,
)
from backcalc.errors import counted
from backcalc.formulas import record, replace
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Product,
    Scalar,
    Sum,
    Values,
    holds,
    names_in,
    rebuilt,
    renamed,
    walk,
)
from backcalc.formulas.functions import CONVENTIONS, FUNCTIONS, formula, simplified
from backcalc.formulas.notation import DIGITS, Phrase, Result, Sign, Substituted, formula_text
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.sheets.blocks import (
    Block,
    Cells,
    Derivation,
    Heading,
    Picture,
    Sentences,
    SheetBlocks,
    Table,
    WorkedOut,
    grid_name,
)
from backcalc.sheets.remarks import (
    Note,
    backward_notes,
    closing_notes,
    conventions_met,
    exactness_notes,
    short_pair,
)

if TYPE_CHECKING:
    from backcalc.sheets.data import Data
    from backcalc.symbolic import ClosedForm

FORWARD, BACKWARD, UPDATE, AFTER = "forward", "backward", "update", "after"

HEADINGS = {
    FORWARD: "1. Forward pass",
    BACKWARD: "2. Backward pass",
    UPDATE: "3. Update",
    AFTER: "4. Forward pass after the update",
}
"""The stages of a sheet in order, and what each is called."""


@record(frozen=True, slots=True)
class Stage:
    """One stage of the work in one step of gradient descent."""

    name: str
    """Its row in the table of headings."""
    number: int = 0
    """Which step it belongs to, from 0."""

    @property
    def updates(self) -> int:
        """How many updates went before its lines, which is how many primes their names have."""
        return self.number + (self.name == AFTER)

    def heading(self, calculation: Calculation) -> str:
        """Its heading, with the step that it belongs to where there are several of its kind."""
        several = len(calculation.rounds) > 1 and (calculation.online or self.name != FORWARD)
        return HEADINGS[self.name] + (f" of step {self.number + 1}" if several else "")

    def equations(self, program: Program, network: Network) -> tuple[Equation, ...]:
        """Its lines as equations."""
        equations = program.backward if self.name == BACKWARD else program.forward
        if self.name == UPDATE:
            equations = update(network, program.loss, self.number + 1)
        return after_steps(equations, self.updates, network)


def stages(steps: int, *, online: bool = False) -> Iterator[Stage]:
    """Yield the stages of a sheet of so many steps; without a step the two passes.

    With `online` the forward pass is over another sample in each step, so each step has its own.
    """
    for number in range(max(steps, 1)):
        for name in HEADINGS:
            repeated = name == FORWARD and number > 0 and not online
            if not repeated and (steps or name in (FORWARD, BACKWARD)):
                yield Stage(name, number)


def worked_stages(calculation: Calculation) -> Iterator[tuple[Stage, tuple[Step, ...]]]:
    """Yield the stages of a calculation, each with its lines worked out."""
    rounds = calculation.rounds
    for stage in stages(len(rounds), online=calculation.online):
        yield stage, getattr(rounds[stage.number] if rounds else calculation, stage.name)


def is_shown(step: Step, shown: set[str] | None) -> bool:
    """True if a quantity, or for an update the new weight, is among those to be shown."""
    return shown is None or step.name.at_step(1 if step.equation.before else 0) in shown


MOST_IN_CHAINS = 8  # edges; of more there is a line for each unit
MOST_EDGES = 24  # drawn one by one; a larger network is summed up
MOST_GIVEN = 40  # numbers listed one by one
FEW_ZEROS = 4  # of what an optimizer remembers, listed one by one
COMPACT_FROM = 60  # derivatives: from here on, one table


@record(frozen=True, slots=True, eq=False)
class Wishes:
    """The reader's choices for a sheet."""

    compact: bool = False
    """One table of derivatives instead of one for each."""
    brief: bool = False
    """Only the tables of results."""
    wrt: str | None = None
    """Only what the derivative by this one needs."""
    digits: int = DIGITS
    """Significant digits of rounded numbers."""
    picture: bool = False
    """The network as a drawing with values and gradients instead of in words."""
    lines: Collection[str] | None = None
    """Only these lines, where some are named."""


@record(frozen=True, slots=True)
class View:
    """One way of showing the lines of a calculation."""

    blocks: Callable[[Calculation, Wishes, Stage, Sequence[Step]], Iterable[Block]]
    """Function that makes the blocks below the heading of a stage."""
    legend: tuple[Block, ...] = ()
    """How to read it."""
    given: Callable[[Calculation], Iterable[Block]] | None = None
    """Function that makes the blocks of the given vectors and matrices."""
    loss: Callable[[Calculation], Phrase] | None = None
    """Function that gives the loss as a formula of matrices."""


def view_of(network: Network) -> View:
    """Return the view in which a file is shown as it is written: in matrices or line by line."""
    if network.matrices is None:
        return LINES
    from backcalc.sheets.arrays import MATRICES  # few files have any

    return MATRICES


def worked_sheet(
    calculation: Calculation, wishes: Wishes, closed: Sequence[Block] = (), *,
    only: str | None = None, view: View | None = None,
) -> SheetBlocks:  # fmt: skip
    """Return the sheet of a calculation, or of `only` one of its passes.

    `closed` are the closed forms, which stand below the first backward pass.
    """
    view = view or view_of(calculation.network)
    blocks: list[Block] = []
    if not wishes.brief:
        blocks += [*introduction(calculation, wishes, view), *view.legend]
    for stage, steps in worked_stages(calculation):
        if wishes.lines is not None:
            steps = tuple(step for step in steps if step.name in wishes.lines)
        asked = [*(wishes.lines or ())]
        if asked and stage.name == UPDATE and calculation.network.descent.plain:
            steps = tuple(sorted(steps, key=lambda step: asked.index(step.name)))
        if only in (None, stage.name) and (steps or wishes.lines is None):
            own = [*view.blocks(calculation, wishes, stage, steps)]
            own += closed if stage == Stage(BACKWARD) else ()
            heading: Phrase = (stage.heading(calculation),)
            if only:
                of = (": the derivatives of ", Name(calculation.of)) if only == BACKWARD else ()
                heading = (HEADINGS[only][len("1. ") :], *of)
            if own or stage.name in (FORWARD, BACKWARD):
                blocks += [Heading(heading), *own]
    short = wishes.brief or only or wishes.lines is not None or not calculation.rounds
    notes = exactness_notes if short else closing_notes
    blocks += notes_block(notes(calculation))
    return SheetBlocks(title(calculation.network), tuple(blocks))


def _stage_blocks(
    calculation: Calculation, wishes: Wishes, stage: Stage, steps: Sequence[Step]
) -> Iterable[Block]:
    """The lines of a stage; with `--wrt` those that one derivative needs."""
    shown = shown_names(calculation, wishes)
    if stage.name == BACKWARD:
        number = stage.number
        return backward_blocks(calculation.at(number), steps, shown, wishes, number)
    if stage.name == UPDATE:
        return _update_blocks(calculation, steps, shown, stage.number)
    if stage.name == AFTER and shown is not None:
        return ()
    visible = [step for step in steps if is_shown(step, shown)]
    if len(calculation.network.samples) > 1:
        from backcalc.sheets import batch  # a sheet of one sample does without

        if batch.in_columns(visible):
            return batch.forward_blocks(calculation, visible, wishes, stage.updates)
    found: list[Block] = []
    for sample, group in by_sample(visible):
        found += [*sample_heading(calculation.network, sample), pass_table(calculation, group)]
    return found


LINES = View(_stage_blocks)


def notes_block(notes: Sequence[Note]) -> tuple[Block, ...]:
    """Return the notes as one block, or nothing."""
    return (Sentences(tuple(note.text for note in notes), marked=True),) if notes else ()


def title(network: Network) -> str:
    """Return the title of a sheet."""
    return network.title or network.file


def shown_names(calculation: Calculation, wishes: Wishes) -> set[str] | None:
    """With `--wrt`, the quantities that this one derivative needs; None: all of them."""
    if wishes.wrt is None:
        return None
    program = calculation.program
    equations = [*program.forward, *program.backward, *program.update]
    by = [parsed(wishes.wrt)]
    if (form := calculation.network.matrices) is not None:
        from backcalc.equations.matrix_form import elements_called  # few files have any

        by = [*elements_called(by[0], form.shapes)]
    names = [Derivative(calculation.of, each) for each in by] + [each.after(1) for each in by]
    known = {equation.name for equation in equations}
    wanted = needed(equations, *(name for name in names if name in known))
    return wanted | needed(program.forward, calculation.of)


def introduction(
    calculation: Calculation, wishes: Wishes, view: View | None = None, *, numbers: bool = True
) -> Iterator[Block]:
    """The network, drawn with or without numbers; the numbers that are given; the conventions."""
    view = view or LINES
    network = calculation.network
    yield Heading(("Network",))
    words = tuple(_drawing(network))
    if wishes.picture:
        from backcalc.drawing.layout import draw  # a sheet in words does without

        yield Picture(draw(network, calculation, values=numbers, gradients=numbers), words)
    elif words:
        yield Sentences(words)
    yield Sentences(tuple(_given(calculation, view)))
    if view.given:
        yield from view.given(calculation)
    yield Heading(("Conventions",))
    habits = _habits(calculation, wishes) if numbers else ()
    yield Sentences((*_conventions(calculation, view), *habits))


def _drawing(network: Network) -> Iterator[Phrase]:
    """The edges as chains, each once; of many a line for each unit, of very many their number."""
    edges = [(edge, unit) for unit in network.units for edge in unit.edges]
    if len(edges) > MOST_EDGES:
        units, weights = len(network.units), len(network.weights)
        edges_said = f"{len(edges)} edges, {weights} weights"
        yield (f"{len(network.inputs)} inputs, {units} units, {edges_said}",)
        return
    activations = network.activations
    named: dict[str, Phrase] = {activations[e.name]: (f"unit {e.name}",) for e in network.units}
    starts = {edge.source: named.get(edge.source, (Name(edge.source),)) for edge, _ in edges}
    if len(edges) > MOST_IN_CHAINS:
        for unit in network.units:
            parts: list[Phrase] = [
                (Name(e.weight), " from ", *starts[e.source], " (skip)" if e.skip else "")
                for e in unit.edges
            ]
            parts += [("bias ", Name(unit.bias))] if unit.bias else []
            value = activations[unit.name]
            own: Phrase = (", output ", Name(value)) if value in network.outputs else ()
            yield (f"unit {unit.name} ({unit.activation.name}", *own, "): ", *joined(parts))
        return
    left = list(edges)
    while left:
        edge, unit = left.pop(0)
        line = [*starts[edge.source]]
        skip = edge.skip
        while True:
            line += [" --", Name(edge.weight), f"--> unit {unit.name} ({unit.activation.name})"]
            follow = [item for item in left if item[0].source == activations[unit.name]]
            if skip or not follow or follow[0][0].skip:
                break
            left.remove(follow[0])
            edge, unit = follow[0]
        if activations[unit.name] in network.outputs and not skip:
            line += [" --> ", Name(activations[unit.name])]
        yield (*line, "   (skip edge)") if skip else tuple(line)


def _given(calculation: Calculation, view: View) -> Iterator[Phrase]:
    """The numbers from the file, by what they are; those of matrices where no view has them."""
    network = calculation.network
    form = network.matrices if view.given else None
    own = {each for name, shape in form.shapes.items() if shape
           for each in elements_named(network, name)} if form else set()  # fmt: skip

    def listed(kind: str, numbers: Values) -> Iterator[Phrase]:
        items: list[Phrase] = [(Name(name), " = ", Number(value))
                               for name, value in numbers.items() if name not in own]  # fmt: skip
        if len(items) > MOST_GIVEN:
            yield (f"{kind}: {len(items)} numbers",)
        elif items:
            yield (f"{kind}: ", *joined(items))

    if len(network.samples) == 1:
        sample = network.samples[0]
        yield from listed("inputs", {name: sample[name] for name in network.inputs})
        yield from listed("targets", {name: sample[name] for name in network.targets})
    else:
        yield (f"samples: {len(network.samples)}",)
    biases = {name: network.weights[name] for name in network.biases}
    yield from listed("weights", {n: v for n, v in network.weights.items() if n not in biases})
    yield from listed("biases", biases)
    yield from _drawn(network)
    yield from listed("constants", network.constants)
    if network.frozen:
        yield ("frozen: ", *joined([(Name(name),) for name in network.frozen]))
    if RATE in calculation.values:
        yield ("learning rate: ", Name(RATE), " = ", Number(calculation.values[RATE]))
    if not network.descent.plain:
        numbers = [(Name(n), " = ", Number(v)) for n, v in network.descent.numbers.items()]
        colon = ": " if numbers else ""
        yield (f"optimizer: {network.descent.optimizer.name}{colon}", *joined(numbers))
    if network.descent.start:
        start = remembered(network)
        zeros = [name for name, value in start.items() if not value]
        named = start if len(zeros) < FEW_ZEROS else {n: v for n, v in start.items() if v}
        states = ", ".join(f"{state} = 0" for state in network.descent.optimizer.states)
        for line in listed("at the start", named):
            yield (*line, ", all others 0") if len(named) < len(start) else line
        if not named:
            yield (f"at the start {states}",)


def remembered(network: Network) -> dict[str, Scalar]:
    """Return what the optimizer remembers before the first step, where the file gives it."""
    start = network.descent.start or {}
    trained = (name for name in network.weights if name not in network.frozen)
    names = [each for name in trained for each in network.descent.state_names(name)]
    return {name: start.get(name, Fraction(0)) for name in names} if start else {}


def _drawn(network: Network) -> Iterator[Phrase]:
    """Where weights come from that are not given."""
    if not network.random:
        return
    which: Phrase = ()
    if len(network.random) < len(network.weights):
        names = [(Name(name),) for name in network.random[:MOST_EDGES]]
        more = ", ..." if network.random[MOST_EDGES:] else ""
        which = (" (", *joined(names), f"{more})")
    words = network.initial.row.words.replace("{", "}").split("}")
    numbers = network.initial.numbers
    source = [Number(numbers[word]) if place % 2 else word for place, word in enumerate(words)]
    seed = f"; seed {network.initial.seed}" if network.initial.seeded else ""
    yield ("initial weights", *which, ": ", *source, seed)


def joined(items: Sequence[Phrase], between: str = ", ") -> Phrase:
    """Phrases one after the other with something between them."""
    return tuple(
        part for place, item in enumerate(items) for part in ((between, *item) if place else item)
    )


OLD_WEIGHTS: Phrase = ("all derivatives use the old weights; the update makes new ones, marked '",)


def own_words(network: Network, shown: Container[str] | None = None) -> Iterator[Phrase]:
    """Yield what the sheet's own words for derivatives mean, which no formula says.

    With `shown` those of these derivatives alone.
    """
    names = [name for name in network.names if shown is None or name in shown]
    said: list[Phrase] = [
        (Name(name), " is ", Name(name.in_full()))
        for name in map(parsed, whole_lines(names, network))
        if isinstance(name, Derivative)
    ]
    if said:
        yield joined(said)


def index_words(calculation: Calculation, shown: Container[str] | None = None) -> Iterator[Phrase]:
    """Yield what the number behind a name is, where there are several samples.

    The example is the first name, or the first of those that are `shown`.
    """
    names = (each.name for each in calculation.program.forward if each.name.sample)
    if name := next((each for each in names if shown is None or each in shown), None):
        yield (Name(name), " is ", Name(name.of_sample(None)), f" of sample {name.sample}")


def _conventions(calculation: Calculation, view: View) -> Iterator[Phrase]:
    """The loss's formula, and the derivative at each kind of kink in use."""
    network, program = calculation.network, calculation.program
    used = {
        part.function.name
        for equation in program.forward
        if equation.name in equation.siblings[:1] or not equation.siblings
        for part in walk(equation.expression)
        if isinstance(part, Call)
    }
    row = LOSSES.get(network.loss_name or "")
    name = f" ({row.title})" if row else ""
    if view.loss:
        yield ("loss", name, ": ", *view.loss(calculation))
    elif not isinstance(network.loss, str):
        short = len(list(walk(network.loss))) < 200
        yield ("loss", name, ": ", Name("L"), " = ", network.loss) if short else (f"loss{name}",)
    if network.upstream:
        yield ("the gradients at the outputs are given; L stands for a loss that has them",)
        passes = counted(len(network.weights), "pass", "passes")
        one = "so a vector times the Jacobian is 1 pass of reverse mode"
        yield (f"{one}; forward mode takes {passes} for all weights",)
    last = program.forward[-1]
    if last.name == calculation.of and last.name != program.loss:
        yield ("one term of the loss: ", Name(last.name), " = ", last.expression)
    if len(network.samples) > 1:
        yield (Name(program.loss), f" is the {network.reduction} over the samples")
    if network.matrices and (batch := network.matrices.batch):
        yield batch.words
    yield from own_words(network)
    if network.loss_name == "cross_entropy" and len(network.targets) < len(network.outputs):
        yield ("the target is the number of the right class, counted from 0",)
    if network.matrices is not None and view.loss:
        from backcalc.sheets.arrays import shown_layout  # few files have matrices

        yield from shown_layout(calculation)
    met = conventions_met(calculation) if calculation.forward else {*CONVENTIONS}
    for convention in CONVENTIONS.values():
        value = network.conventions[convention.name]
        own = any(FUNCTIONS[name].convention == convention.name for name in used)
        if own and (convention.name in met or value != convention.default):
            yield (convention.meaning.format(value),)
    if "log" in used:
        yield ("log is the natural logarithm",)
    if calculation.rounds:
        yield OLD_WEIGHTS


def _habits(calculation: Calculation, wishes: Wishes) -> Iterator[Phrase]:
    lines = (*calculation.forward, *calculation.backward)
    formulas = (step.equation.expression for step in lines)
    if any(without_noughts(each, calculation.values) is not each for each in formulas):
        yield ("terms with the factor 0 are left out where numbers are put in",)
    digits = counted(wishes.digits, "significant digit")
    if calculation.kept:
        yield (f"= exact, ≈ rounded to {digits}; each line is worked out from rounded numbers",)
    else:
        yield (f"= exact, ≈ shown with {digits}; each line is worked out from unrounded numbers",)


def pass_table(calculation: Calculation, steps: Sequence[Step]) -> Table:
    """One row for each quantity of a forward pass."""
    rows = (_cells(step, calculation.values) for step in steps)
    return Table(("quantity", "formula", "numbers", "result"), tuple(rows))


def _cells(step: Step, values: Values) -> tuple[Phrase, Phrase, Phrase, Phrase]:
    formula = step.equation.expression
    return (Name(step.name),), (formula,), put_in(formula, values), (Result(step.value),)


MOST_ADDED = 4  # samples whose derivatives are added in numbers; of more the first and the last
FEWEST_LEFT_OUT = 2  # terms of a sum; a single one is shown, though it is 0


def put_in(formula: Expression, values: Values) -> Phrase:
    """Return a formula with its numbers; without terms that start with a 0."""
    return (Substituted(without_noughts(formula, values), values),)


def without_noughts(formula: Expression, values: Values) -> Expression:
    """Return a formula without the terms that start with a 0, where there are several of them."""
    if not isinstance(formula, Sum):
        return formula
    kept = tuple(term for term in formula.terms if not _starts_with_nought(term, values))
    if not kept or len(formula.terms) - len(kept) < FEWEST_LEFT_OUT:
        return formula
    return Sum(kept) if len(kept) > 1 else kept[0]


def _starts_with_nought(term: Expression, values: Values) -> bool:
    """Return True for a path with nothing to pass on, or a class that is not the right one."""
    bare = term.operand if isinstance(term, Negation) else term
    first = bare.factors[0] if isinstance(bare, Product) else None
    if not isinstance(first, Name) or values.get(first.id) != 0:
        return False
    called = any(isinstance(part, Call) for part in walk(bare))
    return called or isinstance(parsed(first.id), Derivative)


def over_samples(
    calculation: Calculation, of: Callable[[int], Cells], result: Cells, bracketed: bool
) -> WorkedOut:
    """What each sample adds to a derivative, and the result; of many the first and the last."""
    count = len(calculation.network.samples)
    grids: dict[str, Cells] = {}
    terms: list[Expression] = []
    for number in range(1, count + 1) if count <= MOST_ADDED else (1, 0, count):
        found = of(number) if number else ()
        if found and not bracketed:
            value = found[0][0]
            assert not isinstance(value, (Name, Sign))
            terms.append(Number(value))
            continue
        terms.append(Name(grid_name(len(terms))))
        grids[grid_name(len(terms) - 1)] = found
    total: Expression = Sum(tuple(terms))
    if calculation.network.reduction == "mean":
        total = Product((total, Inverse(Number(Fraction(count)))))
    return WorkedOut(total, grids, calculation.values, result, bracketed)


def by_sample(steps: Iterable[Step]) -> Iterator[tuple[int, list[Step]]]:
    """Steps in runs of one sample; 0 for what belongs to all."""
    for sample, group in groupby(steps, lambda step: step.name.sample or 0):
        yield sample, [*group]


def sample_heading(network: Network, sample: int) -> tuple[Heading, ...]:
    """Which sample comes next, with its numbers; nothing where there is only one."""
    if len(network.samples) == 1:
        return ()
    if not sample:
        return (Heading((f"The {network.reduction} over the samples",), 2),)
    own = network.samples[sample - 1]
    if network.matrices is not None:
        from backcalc.sheets.arrays import given_rows  # few files have any

        given = given_rows(network.matrices, own)
    else:
        given = ((Name(name), " = ", Number(value)) for name, value in [*own.items()][:12])
    return (Heading((f"Sample {sample}: ", *joined([*given])), 2),)


def backward_blocks(
    calculation: Calculation, steps: Sequence[Step], shown: set[str] | None, wishes: Wishes,
    number: int = 0,
) -> Iterator[Block]:  # fmt: skip
    """The derivatives: a derivation for each, or one table."""
    visible = [step for step in steps if is_shown(step, shown)]
    notes = backward_notes(calculation, visible, number, wishes.digits)
    short = [note.short for note in notes if note.short]
    tabled = len(short) > 1
    left_out = [] if wishes.brief else [note for note in notes if note.about is None]
    remarks: dict[str, list[Phrase]] = {}
    for note in notes:
        if not (tabled and note.short):
            remarks.setdefault(note.about or "", []).append(note.text)
    closing: list[Block] = []
    if tabled or len(calculation.network.samples) > 1:
        from backcalc.sheets import batch  # a sheet of one sample does without

        if tabled and not wishes.brief:
            pair = short_pair(calculation.network)
            closing.append(Heading((f"The short form{pair} gives the same",), 2))
            table = batch.short_table(short[::-1], calculation.values, wishes.digits)
            closing.append(table)  # class by class
        if batch.in_columns(visible):
            yield from batch.derivative_blocks(calculation, visible, remarks, wishes, closing)
            yield from notes_block(left_out)
            return
    compact = wishes.compact or wishes.brief or len(visible) > COMPACT_FROM
    targets = {name: value for name, value in calculation.values.items()
               if parsed(name).of_sample(None) in calculation.network.targets}  # fmt: skip
    visible = [_on_branch(step, targets) for step in visible]
    groups = by_sample(visible)
    if wishes.compact and len(calculation.network.samples) > 1:
        groups = iter([(0, visible)])
    for sample, group in groups:
        yield from () if group is visible else sample_heading(calculation.network, sample)
        if compact or (
            not group[0].equation.terms and sample == 0 and len(calculation.network.samples) > 1
        ):
            yield derivative_table(calculation, group)
            lines = tuple(text for step in group for text in remarks.get(step.name, ()))
            if lines and not wishes.brief:
                yield Sentences(lines, marked=True)
        else:
            for step in group:
                yield _derivation(calculation, step, tuple(remarks.get(step.name, ())))
    yield from (*closing, *notes_block(left_out))


def _on_branch(step: Step, targets: Values) -> Step:
    """A derivative without the choices that a target decides, as that of the right class."""
    equation = step.equation
    if not any(isinstance(part, Choice) for part in walk(equation.expression)):
        return step

    def decided(node: Expression) -> Expression:
        if isinstance(node, Choice) and targets.keys() >= {
            *names_in(node.condition.left), *names_in(node.condition.right)
        }:  # fmt: skip
            return decided(node.then if holds(node.condition, targets) else node.otherwise)
        return rebuilt(node, decided)

    terms = tuple(replace(e, local=simplified(decided(e.local))) for e in equation.terms)
    own = simplified(decided(equation.expression))
    return replace(step, equation=replace(equation, expression=own, terms=terms))


def derivative_table(calculation: Calculation, steps: Sequence[Step]) -> Table:
    """One row for each derivative; without a column of chain rules where none has one."""
    cells = [_cells(step, calculation.values) for step in steps]
    if all(step.equation.terms == () for step in steps):
        return Table(("derivative", "formula", "numbers", "result"), tuple(cells), whole=True)
    rows = ((name, chain_rule(step.equation), *rest)
            for step, (name, *rest) in zip(steps, cells, strict=True))  # fmt: skip
    if steps[0].name.sample and not steps[-1].name.sample:  # those of samples have the numbers
        from backcalc.sheets.batch import over_samples_of

        rows = (row if step.name.sample else (row[0], over_samples_of(step), (), (), row[-1])
                for step, row in zip(steps, rows, strict=True))  # fmt: skip
    heads = ("derivative", "chain rule", "worked out", "numbers", "result")
    return Table(heads, tuple(rows), whole=True)


def chain_rule(equation: Equation) -> Phrase:
    """The derivative as upstream times local, in symbols; where it starts, its own formula."""
    terms = equation.terms
    if all(term.starts for term in terms):
        return (equation.expression,)
    return (Sum(tuple(_link(term) for term in terms)) if len(terms) > 1 else _link(terms[0]),)


def _link(term: ChainTerm) -> Expression:
    return term.local if term.starts else Product((Name(term.upstream), Name(term.local_name)))


def _derivation(calculation: Calculation, step: Step, remarks: tuple[Phrase, ...]) -> Derivation:
    equation = step.equation
    stages = [
        *rules(equation),
        ("worked out", (equation.expression,)),
        ("numbers", put_in(equation.expression, calculation.values)),
        ("result", (Result(step.value),)),
    ]
    return Derivation((Name(step.name),), tuple(stages), remarks)


def rules(equation: Equation) -> Iterator[tuple[str, Phrase]]:
    """Yield the lines with the chain rule and the local derivatives, where there are any."""
    chained = [term for term in equation.terms if not term.starts]
    if chained:
        yield "chain rule", chain_rule(equation)
    for place, term in enumerate(chained):
        local: Phrase = (Name(term.local_name), " = ", term.local)
        yield "local derivative" if place == 0 else "", local


def _update_blocks(
    calculation: Calculation, steps: Sequence[Step], shown: set[str] | None, number: int
) -> Iterator[Block]:
    """How weights go on from their gradients, then old and new value of each weight and state."""
    descent = calculation.network.descent
    visible = [step for step in steps if is_shown(step, shown)]
    if not visible:
        return
    if not descent.plain and number == 0:
        yield Sentences(tuple(rule_of(calculation.network)))
    states = any(step.name.at_step(0) not in calculation.network.weights for step in visible)
    rows: list[tuple[Phrase, ...]] = []
    for step in visible:
        *cells, new = _cells(step, calculation.values)
        before = step.equation.before
        rows.append((*cells, (Number(calculation.values[before]),) if before else (), new))
    head = "quantity" if states else "weight"
    yield Table((head, "formula", "numbers", "old", "new"), tuple(rows))


def rule_of(network: Network, *, numbers: bool = True) -> Iterator[Phrase]:
    """Yield the optimizer's formulas for a weight w with gradient g, and its numbers if wanted.

    What it starts from stands there where the file does not give it. A letter that the network has
    too gets the weight below it, as in the lines of the update: v_w.
    """
    descent = network.descent
    own = {
        *network.weights,
        *network.inputs,
        *network.targets,
        *(n for d in network.definitions for n in d.names),
    }
    letters = {"g", *descent.words, *descent.optimizer.states} & own
    put = {f"{each}{end}": f"{each}_w{end}" for each in letters for end in ("", "'")}

    def said(text: str) -> Expression:
        return renamed(formula(text), lambda name: put.get(name, name))

    g = said("g")
    states = () if descent.start else descent.optimizer.states
    start = ", ".join(f"{put.get(state, state)} = 0" for state in states)
    yield (f"{descent.optimizer.name}, for each weight w with gradient ", g,
           f"; at the start {start}" if start else "")  # fmt: skip
    if descent.maximise:
        yield ("the weights climb: ", g, " gets the opposite sign first, ", g, " = ", Negation(g))
    for option in descent.changes():
        yield (g, " = ", said(COMMON[option]), "" if option != "clip_norm" else NORM_MEANS)
    if descent.optimizer.ahead:
        point = said(descent.optimizer.ahead)
        yield ("the gradient is taken at the point ahead, ", Name("ahead"), " = ", point)
    yield from ((said(left), " = ", said(right)) for left, right in descent.optimizer.lines)
    if numbers and descent.numbers:
        yield joined([(Name(n), " = ", Number(value)) for n, value in descent.numbers.items()])


NORM_MEANS = ", where gnorm is the norm of the whole gradient, over all trained weights"

MOST_EQUATIONS = 150  # of a network whose closed forms are printed unasked
MOST_WEIGHTS = 12  # whose closed forms are printed unasked

Lines = Sequence[Equation]


def symbolic_sheet(network: Network, forward: Lines, backward: Lines, expand: bool) -> SheetBlocks:
    """Return every equation, every derivative with its chain rule, and closed forms if asked."""
    formulas: tuple[tuple[Phrase, ...], ...] = tuple(
        ((Name(each.name),), (each.expression,)) for each in forward
    )
    derivatives = tuple(
        ((Name(each.name),), chain_rule(each), (each.expression,)) for each in backward
    )
    blocks = (
        Heading(("Forward pass",)),
        Table(("quantity", "formula"), formulas),
        Heading(("Backward pass",)),
        Table(("derivative", "chain rule", "worked out"), derivatives),
        *(_blocks(_of_network(network, forward, backward)) if expand else ()),
    )
    return SheetBlocks(title(network), blocks)


def symbolic_data(network: Network, forward: Lines, backward: Lines, expand: bool) -> Data:
    """Return `backcalc/symbolic/1`: every equation and derivative as a formula."""
    from backcalc.sheets.data import formula_data, network_data  # a sheet does without

    data: Data = {
        "schema": "backcalc/symbolic/1",
        "network": network_data(network),
        "forward": [formula_data(each.name, each.expression) for each in forward],
        "backward": [formula_data(each.name, each.expression) for each in backward],
    }
    if expand:
        data["expanded"] = _data(_of_network(network, forward, backward))
    return data


def closed_blocks(
    calculation: Calculation, wishes: Wishes, expand: bool | None, *, handout: bool = False
) -> list[Block]:
    """Return the closed form of each weight's derivative on the branch that the numbers took.

    Where there are too many, a hint says how to have them, but not on a `handout`.
    """
    wanted = _wanted(calculation, wishes)
    if wishes.brief or expand is False or not wanted:
        return []
    if len(calculation.network.samples) > 1:
        hint = "For closed forms of one sample, see backcalc symbolic --expand."
        return [Sentences(((hint,),))] if expand else []
    lines = len(calculation.program.forward) + len(calculation.program.backward)
    if expand is None and (len(wanted) > MOST_WEIGHTS or lines > MOST_EQUATIONS):
        hint = f"The closed forms of {len(wanted)} derivatives are left out: add --expand."
        return [] if handout else [Sentences(((hint,),))]
    return _blocks(_of_calculation(calculation, wanted))


def closed_data(calculation: Calculation, wishes: Wishes, expand: bool | None) -> Data:
    """Return the closed forms of a calculation under `expanded`, where they are asked for."""
    if not expand or len(calculation.network.samples) > 1:
        return {}
    return {"expanded": _data(_of_calculation(calculation, _wanted(calculation, wishes)))}


def _wanted(calculation: Calculation, wishes: Wishes) -> list[Derivative]:
    """Return the derivatives by weights that the reader wants to see."""
    weights = [name for name in calculation.network.weights if wishes.wrt in (None, name)]
    return [Derivative(calculation.of, name) for name in weights]


def _of_network(network: Network, forward: Lines, backward: Lines) -> list[ClosedForm]:
    wanted = [Derivative(loss_name(network), name) for name in network.weights]
    return _forms([*forward, *backward], wanted, None)


def _of_calculation(calculation: Calculation, wanted: Sequence[str]) -> list[ClosedForm]:
    equations = [*calculation.program.forward, *calculation.program.backward]
    return _forms(equations, wanted, calculation.values)


def _forms(equations: Lines, wanted: Sequence[str], values: Values | None) -> list[ClosedForm]:
    from backcalc.symbolic import closed_forms  # sympy takes longer to load than all the rest

    return closed_forms(equations, wanted, values)


def _blocks(forms: Sequence[ClosedForm]) -> list[Block]:
    """Return the table of closed forms, and the meaning of the names that they keep."""
    rows: list[tuple[Phrase, ...]] = []
    shared: dict[str, Expression] = {}
    branches = any(form.conditions for form in forms)
    for form in forms:
        conditions = joined([(condition,) for condition in form.conditions])
        branch = (("for ", *conditions) if conditions else (),) if branches else ()
        rows.append(((Name(form.name),), ("= ", form.expression), *branch))
        shared |= {equation.name: equation.expression for equation in form.shared}
    heads = ("derivative", "closed form", *(("on this branch",) if branches else ()))
    blocks: list[Block] = [Heading(("Closed forms, by sympy",), 2), Table(heads, tuple(rows))]
    if shared:
        lines = [("with ", Name(name), " = ", each) for name, each in shared.items()]
        blocks.append(Sentences(tuple(lines)))
    return blocks


def _data(forms: Sequence[ClosedForm]) -> list[Data]:
    from backcalc.sheets.data import formula_data  # a sheet for people does without

    return [
        {**formula_data(form.name, form.expression),
         "conditions": [formula_text(condition) for condition in form.conditions],
         "shared": [formula_data(each.name, each.expression) for each in form.shared]}
        for form in forms
    ]  # fmt: skip
