"""THE table of the kinds of questions that a sheet asks besides its lines, one row each.

A row is asked by its name under `ask:` or with `--ask`. Worksheet, answers file, key, quiz, check
and the packages for learning platforms go over the table, so a new kind is a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from zlib import crc32

from backcalc.checking.key import Key
from backcalc.checking.queries import (
    CHOICE,
    LINE,
    LINE_ASKED,
    MEASURE,
    NAME_ASKED,
    NAMES,
    PLANTED,
    RATES,
    SHAPE,
    WHOLE_NUMBER,
    YES_OR_NO,
    Query,
    letters,
    spelled,
)
from backcalc.equations import calculation
from backcalc.equations.calculation import Calculation
from backcalc.equations.named import elements_named
from backcalc.equations.network import needed_rate
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import assemble, differentiate, lower
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Expression,
    Name,
    Number,
    Power,
    Scalar,
    Sum,
    evaluate,
    names_in,
    replaced,
)
from backcalc.formulas.functions import formula
from backcalc.formulas.notation import (
    PLAIN,
    Notation,
    Phrase,
    Result,
    phrase_text,
    rounded,
    sentence,
)
from backcalc.formulas.quantity import Derivative, called, parsed
from backcalc.reading.collecting import DRAWING
from backcalc.sheets.blocks import Block, Picture, Sentences, Table
from backcalc.sheets.worked import joined, put_in, stages

MOST_LISTED = 12  # parts of a sum that are shown one by one
MOST_QUERIES = 60  # questions of one kind
MOST_BOXES = 40  # that somebody fills in


@record(frozen=True, slots=True, eq=False)
class Posed:
    """What one kind of question asks of one network."""

    queries: tuple[Query, ...] = ()
    """The questions whose answers are no quantities."""
    lines: tuple[str, ...] = ()
    """The quantities that are asked."""
    blocks: tuple[Block, ...] = ()
    """What the sheet shows above the questions."""
    beside: tuple[Block, ...] | None = None
    """What it shows instead beside lines that are asked, whose answers the blocks would give."""
    solved: tuple[Block, ...] = ()
    """What the key shows besides the answers."""
    drawn: bool = False
    """True if the blocks have the places for the answers to the lines."""


@record(frozen=True, slots=True, eq=False)
class QuestionKind:
    """One row: a kind of question."""

    name: str
    """The word for it under `ask:`."""
    title: str
    """The heading on a sheet."""
    sentence: str
    """What is asked, below the heading."""
    poses: Callable[[Key, int], Posed]
    """What is asked of a network; raises BackcalcError, with the reason, where it is not."""
    signal: str = ""
    """Words of every line that answers it; where they stand on a sheet it is marked unasked."""


def posed(kind: QuestionKind, key: Key, seed: int | None = None) -> Posed:
    """Return what a kind asks of a network.

    Raises BackcalcError with the reason where it asks nothing.
    """
    own = crc32(repr([*map(str, key.given.items())]).encode()) if seed is None else seed
    if (kind.name, own) not in key.posed:
        try:
            found = kind.poses(key, own)
        except UndefinedError:
            raise
        except BackcalcError as error:
            message = f"{kind.name} is not asked here: {error.message}"
            raise BackcalcError(message, hint=error.hint) from None
        if not (found.queries or found.lines):
            raise BackcalcError(f"{kind.name} is not asked here: there is nothing to ask")
        if len(found.queries) > MOST_QUERIES:
            message = f"{kind.name} is not asked here: that would be {len(found.queries)} questions"
            raise BackcalcError(message, hint=f"at most {MOST_QUERIES} are asked")
        key.posed[kind.name, own] = found
    return key.posed[kind.name, own]


# What each kind asks.


def _worked(key: Key) -> Calculation:
    return calculation.backward(key.network)


def _graph(key: Key, seed: int) -> Posed:
    from backcalc.drawing.layout import draw  # most sheets ask for none

    network = key.network
    if len(network.samples) > 1:
        raise BackcalcError("a drawing shows one sample, and there are several")
    worked = _worked(key)
    program = assemble(network)
    lines = tuple(e.name for stage in stages(0) for e in stage.equations(program, network))
    of = Derivative(program.loss, program.loss)
    drawn = draw(network, worked, values=True, gradients=True, asked=lines)
    if len(drawn.nodes) > MOST_BOXES:
        raise BackcalcError(f"a drawing of {len(drawn.nodes)} boxes is too large to be filled in")
    captions = [e for box in drawn.nodes for e in box.lines]
    captions += [e for edge in drawn.edges for e in edge.lines]
    shown = {part.id for each in captions for part in each.text if isinstance(part, Name)}
    asked = tuple(name for name in lines if name in shown and name != of)

    def picture(left: Sequence[str]) -> Picture:
        drawing = draw(network, worked, values=True, gradients=True, asked=left)
        words = [(*box.lines[0].text, ": ", *joined([line.text for line in box.lines[1:]]))
                 for box in drawing.nodes]  # fmt: skip

        def letters(notation: Notation, width: int) -> str:
            from backcalc.drawing.as_text import drawing_text, text_ruler  # for text alone

            own = draw(network, worked, values=True, gradients=True, asked=left,
                       ruler=text_ruler(notation))  # fmt: skip
            return drawing_text(replace(own, title=""), notation, width).strip("\n")

        return Picture(drawing, tuple(words), letters)

    return Posed(lines=asked, blocks=(picture(lines),), solved=(picture(()),), drawn=True)


def _by_weights(key: Key) -> list[Derivative]:
    """The derivatives by the weights; in a file with matrices by whole matrices."""
    form = key.network.matrices
    names = [*(form.weights if form else key.network.weights)]
    return [Derivative(key.program.loss, name) for name in names]


def _parts(key: Key, name: Derivative) -> list[Derivative]:
    """A derivative, or those by all elements of a matrix."""
    return [Derivative(name.of, each) for each in elements_named(key.network, name.by)]


def _zero(key: Key, seed: int) -> Posed:
    from backcalc.equations.noughts import always_zero, surely_zero

    found, always = surely_zero(_worked(key)), always_zero(key.network)
    queries = []
    for name in _by_weights(key):
        own = _parts(key, name)
        right = all(each in found for each in own)
        factors = [*dict.fromkeys(factor for each in own for factor in found.get(each, ()))]
        if not right:
            why: Phrase = ("No factor on at least one path is 0 for certain.",)
        elif not factors and all(each in always for each in own):
            why = sentence("No path leads from {} to {}.", Name(name.by), Name(name.of))
        elif not factors:
            why = ("What its paths bring adds up to 0, whatever the target is.",)
        else:
            listed = joined([(Name(each),) for each in factors[:MOST_LISTED]])
            why = sentence("Each path has a factor that is 0: {}.", listed)
        question = sentence("Is {} surely 0, whatever the target is?", Name(name))
        label = (Name(name), " surely 0")
        queries.append(Query(f"{name} surely 0", label, question, YES_OR_NO, right, why))
    return Posed(tuple(queries))


def _structure(key: Key, seed: int) -> Posed:
    from backcalc.equations.noughts import always_zero

    found = always_zero(key.network)
    queries = []
    for name in _by_weights(key):
        right = all(each in found for each in _parts(key, name))
        why = sentence(
            "No path along which something flows back leads from {} to {}." if right
            else "A path leads from {} to {}, and no factor on it is 0 for all numbers.",
            Name(name.by), Name(name.of),
        )  # fmt: skip
        question = sentence("Is {} 0 whatever the inputs, weights and targets are?", Name(name))
        label = (Name(name), " always 0")
        queries.append(Query(f"{name} always 0", label, question, YES_OR_NO, right, why))
    return Posed(tuple(queries))


def _shapes(key: Key, seed: int) -> Posed:
    from backcalc.equations.costs import measure

    if key.network.matrices is None:
        raise BackcalcError(
            "every quantity of this network is a single number",
            hint="write it with matrices: W: [[...]] and z: W @ x (`backcalc help matrices`)",
        )
    costs = measure(key.network)
    loss = key.network.matrices.loss  # of each sample alike
    weights = {Derivative(loss, each.name) for each in costs.given if each.kind == "weight"}
    asked = [*costs.forward, *(each for each in costs.backward if each.name in weights)]
    queries = []
    for each in asked:
        kind = "It has the shape of its weight." if each.kind == "derivative" else ""
        queries.append(
            Query(f"shape of {each.name}", ("shape of ", Name(each.name)),
                 sentence("What is the shape of {}?", Name(each.name)), SHAPE, each.shape, (kind,))
        )  # fmt: skip
    return Posed(tuple(queries))


def _added(parts: Iterable[tuple[str, Expression]]) -> Phrase:
    """The parts of a sum, each with what it is of."""
    own: list[Phrase] = [(Name(name), ": ", number) for name, number in parts]
    return (*joined(own), ".") if 1 < len(own) <= MOST_LISTED else ()


def _count(expression: Expression) -> int:
    assert isinstance(expression, Number)
    return int(expression.value)


def _parameters(key: Key, seed: int) -> Posed:
    from backcalc.equations.costs import measure

    costs = measure(key.network)
    names = key.network.matrices.weights if key.network.matrices else key.network.weights
    if not names:
        raise BackcalcError("this network has no weights")
    shapes = {each.name: each.elements for each in costs.given if each.kind == "weight"}
    why = _added([*shapes.items()])
    if key.network.matrices is None:
        parts: list[Phrase] = [(f"{each.name}: ", each.parameters) for each in costs.layers]
        why = (*joined(parts), ".") if 1 < len(parts) <= MOST_LISTED else ()
    question = "How many parameters (weights and biases) does the network have?"
    return Posed((
        Query("parameters", ("parameters",), (question,), WHOLE_NUMBER, _count(costs.parameters),
             why),
    ))  # fmt: skip


def _multiplications(key: Key, seed: int) -> Posed:
    from backcalc.equations.costs import measure, total

    costs = measure(key.network)
    queries = []
    for way, lines in (("forward", costs.forward), ("backward", costs.backward)):
        counted = [(each.name, each.products) for each in lines if _count(each.products)]
        right = _count(total(number for _, number in counted))
        question = f"How many multiplications and divisions does the {way} pass take?"
        name = f"multiplications {way}"
        queries.append(Query(name, (name,), (question,), WHOLE_NUMBER, right, _added(counted)))
    return Posed(tuple(queries))


def _dead(key: Key, seed: int) -> Posed:
    from backcalc.equations.noughts import dead_units, units_that_may_die

    network = key.network
    units = units_that_may_die(network)
    if not units:
        raise BackcalcError(
            "no unit of this network can be dead",
            hint="a unit with relu or hard_tanh can be dead, one with tanh cannot",
        )
    right = tuple(dead_units(_worked(key)))
    own = {each.name: names_in(each.expression)[:1] for each in units}
    words = _spelled(key, own)
    words |= spelled((), [(used, name) for name, inside in own.items() for used in inside])
    words |= {unit.name: network.activations[unit.name] for unit in network.units
              if network.activations[unit.name] in own}  # fmt: skip
    dead = joined([(Name(name),) for name in right])
    why: Phrase = ("Each unit passes something back",
                   " in some sample." if len(network.samples) > 1 else ".")  # fmt: skip
    if right:
        why = sentence("The derivative of the activation is 0 at {}.", dead)
    question = "Which units are dead: nothing flows back through them?"
    return Posed((
        Query("dead units", ("dead units",), (question,), NAMES, right, why, words),
    ))  # fmt: skip


def _spelled(key: Key, names: Iterable[str]) -> dict[str, str]:
    """How people may write some quantities: by their names, and in the sheet's own words."""
    names = [*names]
    own = [(str(called(parsed(name), key.network.names)), name) for name in names]
    return spelled(names, own)


def _slip(key: Key, seed: int) -> Posed:
    from backcalc.checking import examples  # as below
    from backcalc.checking.planted import DIGITS, planted  # it marks sheets itself
    from backcalc.checking.slips import SLIPS

    found = planted(key.network, key.rate, seed)
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        ((Name(each.name),), (each.expression,), put_in(each.expression, found.values),
         (Result(found.values[each.name]),))
        for each in found.lines
    )  # fmt: skip
    words = _spelled(key, [each.name for each in found.lines])
    columns: tuple[str, ...] = ("line", "formula", "numbers", "result")
    right = found.name
    if key.network.matrices is not None:
        from backcalc.sheets.arrays import matrix_rows_of  # few files have any

        columns = ("line", "formula", "result")
        own = calculation.step(key.network, key.rate) if key.rate else _worked(key)
        whole = [*matrix_rows_of(own, found.values, DIGITS)]
        rows = tuple(row for _, row in whole)
        of = {e: str(each.after.named(each.name)) for each, _ in whole for e in each.elements}
        words = {text: of[name] for text, name in words.items()} | _spelled(key, of.values())
        right = of[found.name]
    why = ("It should be ", Name(found.name), " = ", found.equation.expression, " ",
           Result(found.right), ".")  # fmt: skip
    question = "One line is wrong, and later lines may go on from it. Which line?"
    line = Query(LINE_ASKED, (LINE_ASKED,), (question,), LINE, right, why, words)
    names = {letters(text): each.name for each in SLIPS.values()
             for text in (examples.bare(each), each.name)}  # fmt: skip
    names[letters(phrase_text(found.told, PLAIN))] = found.slip.name
    name = Query(
        NAME_ASKED, (NAME_ASKED,), ("Which mistake was made there?",), CHOICE, found.slip.name,
        ("Mistake: ", *found.told, "."), names, tuple(each.name for each in found.offered),
    )  # fmt: skip
    sheet = Table(columns, rows, whole=True)
    formulas = Table(columns[:2], tuple(row[:2] for row in rows), whole=True)
    choices = tuple(((each.name,), (examples.bare(each),)) for each in found.offered)
    offered = Table(("name", "what was done"), choices)
    return Posed((line, name), blocks=(sheet, offered), beside=(formulas, offered))


def _falls(key: Key, seed: int) -> Posed:
    rate = needed_rate(key.network, key.rate)
    (done,) = calculation.step(key.network, rate).rounds
    before, after = done.loss_before, done.loss_after
    own = Name(done.of), Name(done.of.after(1))
    why = sentence("{} {} before the step, {} {} after it.",
                   own[0], Result(before), own[1], Result(after))  # fmt: skip
    said = "Does the loss fall in this step, with {} = {}?"
    question = sentence(said, Name(RATE), Number(rate))
    return Posed((Query("loss falls", ("loss falls",), question, YES_OR_NO, after < before, why),))


def _rates(key: Key, seed: int) -> Posed:
    from backcalc.symbolic.rates import falling_rates  # sympy takes long to load

    right = falling_rates(key.network)
    after = Name(key.program.loss.after(1))
    why = sentence("At each end {} is as large as {} is now.", after, Name(key.program.loss))
    if not right:
        why = sentence("At no rate is {} smaller than {} is now.", after, Name(key.program.loss))
    elif len(right) == 1 and right[0].high is None:
        why = sentence("At every rate {} is smaller than {} is now.", after, Name(key.program.loss))
    elif not all(each.exact for each in right):
        why = (*why, " One end is not a fraction, so it is rounded.")
    question = ("For which learning rates above 0 does the loss fall in one step?",)
    query = Query("loss falls for", ("loss falls for",), question, RATES, right, why)
    return Posed((query,))


def _vanishing(key: Key, seed: int) -> Posed:
    from backcalc.equations.noughts import chain

    network = key.network
    names = chain(network)
    if len(network.samples) > 1:
        raise BackcalcError("there are several samples, and each has factors of its own")
    if len(names) < 3:
        return _sizes(key)
    last, lines, rows = names[-1], list[str](), list[tuple[Phrase, ...]]()
    for above, below in zip(names[::-1], names[-2::-1], strict=False):
        factor, product = Derivative(above, below), Derivative(last, below)
        lines += [factor] if factor == product else [factor, product]
        slopes = {each.name: each for each in _between(key, last, below)}
        factors = {each.name: each for each in _between(key, above, below)}
        rows.append(((Name(factor),), (Result(factors[factor].value),), (Name(product),),
                     (Result(slopes[product].value),)))  # fmt: skip
    table = Table(("factor", "number", "product so far", "number"), tuple(rows))
    return Posed(lines=tuple(lines), solved=(table,))


def _sizes(key: Key) -> Posed:
    """The length of each layer's gradient, and how it compares with that of the layer above.

    So Nielsen, Neural Networks and Deep Learning (2015), chapter 5, measures how fast layers learn.
    """
    from backcalc.equations.noughts import layers

    worked, loss = _worked(key), key.program.loss
    slopes = [(whole, tuple(Derivative(loss, name) for name in names))
              for whole, names in layers(key.network)]  # fmt: skip
    slopes = [each for each in slopes if worked.values.keys() >= {*each[1]}]
    if len(slopes) < 2:
        raise BackcalcError("no two layers or time steps with activations lead to the loss",
                            hint="it is asked of networks such as vanishing and rnn")  # fmt: skip
    queries, rows, sizes = list[Query](), list[tuple[Phrase, ...]](), list[Scalar]()
    for place, (whole, names) in reversed([*enumerate(slopes, 1)]):
        of: Phrase = (Name(Derivative(loss, whole)),) if whole else (f"layer {place}",)
        text = str(Derivative(loss, whole)) if whole else f"layer {place}"
        words = of if whole else ("the gradient of ", *of)
        squares = (Power(Name(name), Number(Fraction(2))) for name in names)
        length = replaced(formula("sqrt(total)"), {"total": Sum(tuple(squares))})
        size = evaluate(length, worked.values)
        if not size:
            raise BackcalcError(f"the gradient of {text} is 0, so nothing is left to shrink")
        shown: Phrase = (length, " ", Result(size), ".") if len(names) <= MOST_LISTED else ()
        asked = [("size", "How long is {}: the root of the sum of its squares?", size, shown)]
        if sizes:
            asked.append(_share("factor", "the layer above", size, sizes[-1]))
        if len(sizes) > 1:
            asked.append(_share("product", "the last layer", size, sizes[0]))
        queries += [
            Query(f"{what} of {text}", (f"{what} of ", *of), sentence(question, words), MEASURE,
                  value, why)
            for what, question, value, why in asked
        ]  # fmt: skip
        sizes.append(size)
        rows.append((of, joined([(Name(name),) for name in names[:MOST_LISTED]])))
    lines = tuple(name for _, names in slopes[::-1] for name in names)
    table = Table(("layer", "its gradient"), tuple(rows))
    return Posed(
        tuple(queries), lines if len(lines) <= MOST_BOXES else (), (Sentences(SIZES), table)
    )


def _share(what: str, layer: str, size: Scalar, of: Scalar) -> tuple[str, str, Scalar, Phrase]:
    """A question for the quotient of two sizes."""
    question = f"How many times as long as that of {layer} is {{}}?"
    shown = (f"{rounded(size)[0]} / {rounded(of)[0]}.",)
    return what, question, Fraction(size) / Fraction(of), shown


SIZES: tuple[Phrase, ...] = (
    ("The size of a gradient is its length: the root of the sum of its squares.",),
    ("The factor of a layer is its size as a multiple of that of the layer above it,",
     " and the product as a multiple of that of the last one."),
)  # fmt: skip


def _between(key: Key, of: str, by: str) -> Iterator[calculation.Step]:
    """The derivatives of one value on the way to another, worked out."""
    worked = calculation.forward(key.network)
    chained = differentiate(lower(key.network), parsed(of), [by], key.network.conventions)
    yield from calculation.run(chained, worked.values)


QUESTIONS = {
    row.name: row
    for row in (
        QuestionKind("graph", DRAWING,
                     "Fill in each gap: the value from the forward pass, and below it the "
                     "derivative of the loss by that value.", _graph),
        QuestionKind("zero", "Which derivatives are surely 0?",
                     "Inputs and weights are given, the target may be any number. Which"
                     " derivatives are 0 all the same? Answer yes or no.", _zero, "surely 0"),
        QuestionKind("structure", "Which derivatives are always 0?",
                     "Look at the network alone. Which derivatives are 0 whatever inputs, weights"
                     " and targets are? Answer yes or no.", _structure, "always 0"),
        QuestionKind("shapes", "Shapes", f"Give each shape: {SHAPE.hint}.", _shapes, "shape of"),
        QuestionKind("parameters", "Parameters",
                     "How many parameters (weights and biases) does the network have?",
                     _parameters, "parameters"),
        QuestionKind("multiplications", "Multiplications",
                     "How many multiplications and divisions does each pass take for one sample,"
                     " as the formulas are written? A function such as tanh counts as none.",
                     _multiplications, "multiplications"),
        QuestionKind("dead", "Dead units",
                     "Through which units does nothing flow back? Write their names with commas"
                     " between them, or none.", _dead, "dead units"),
        QuestionKind("slip", PLANTED,
                     "One line of this worked sheet is wrong, and later lines may go on from it."
                     " Which line is it, and which of the mistakes listed below was made there?",
                     _slip, "the slip"),
        QuestionKind("falls", "Does the loss fall?",
                     "Is the loss smaller after this step than before it? Answer yes or no.",
                     _falls, "loss falls"),
        QuestionKind("rates", "For which rates does the loss fall?",
                     "For which learning rates above 0 is the loss smaller after one step? Write"
                     " an interval such as 0 < lr < 0.5.", _rates, "loss falls for"),
        QuestionKind("vanishing", "How the gradient shrinks or grows",
                     "Work out the factor of each layer or time step, and the product of the"
                     " factors so far, from the last one back.", _vanishing, "size of"),
    )
}  # fmt: skip


def unasked(key: Key, text: str) -> Iterator[Query]:
    """Yield the questions that a sheet seems to answer, by the words that stand on it."""
    words = " ".join(text.casefold().split())
    for kind in QUESTIONS.values():
        if kind.signal and kind.signal in words:
            try:
                yield from posed(kind, key).queries
            except BackcalcError:
                continue
