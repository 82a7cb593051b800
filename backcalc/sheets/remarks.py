"""Remarks on a sheet: forks, closed relus, kinks, zero gradients, dead units."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from fractions import Fraction
from random import Random

from backcalc.equations.calculation import Calculation, Round, Step, run, with_enough_digits
from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import ChainTerm, Equation, after_steps, later, sample_names
from backcalc.errors import BackcalcError
from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Expression,
    Name,
    Negation,
    Number,
    Numbers,
    Power,
    Scalar,
    Sum,
    evaluate,
    names_in,
    walk,
)
from backcalc.formulas.functions import CONVENTIONS, kinks_of
from backcalc.formulas.notation import (
    DIGITS,
    InDigits,
    Part,
    Phrase,
    formula_text,
    rounded,
    sentence,
)
from backcalc.formulas.quantity import Derivative, Quantity, derivative, parsed

MOST_NAMED = 4  # things listed in one sentence
TRIALS, NUDGE = 3, 1e-5
MOST_OF_A_KIND = 12  # lines of one backward pass with a remark of one kind
MOST_COLUMNS = 12  # samples beside each other, of which a line is one; more have a sheet each

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@record(frozen=True, slots=True, eq=False)
class ShortForm:
    """Output minus target, to which the long chain rule comes."""

    step: Step
    """The derivative by the pre-activation."""
    formula: Sum
    """The output minus the target."""


@record(frozen=True, slots=True, eq=False)
class Note:
    """One sentence for the reader."""

    about: str | None
    """The derivative that it belongs to, or None for the sheet as a whole."""
    text: Phrase
    """The sentence: words, and formulas to be set in the sheet's notation."""
    short: ShortForm | None = None
    """The short form that it states, where it does: of several a sheet makes a table."""


@record(frozen=True, slots=True, eq=False)
class _Scene:
    """The pass that notes are made on."""

    calculation: Calculation
    values: Numbers
    equations: Mapping[str, Equation]
    number: int
    weights: frozenset[str]
    """The weights by the names that they have after so many steps."""
    skips: Mapping[tuple[str, str], str]
    """The weight of each skip edge, by the values that it connects, as the file names them."""
    repeats: Mapping[str, Counter[str]]
    """How often each name stands in an equation."""
    told: defaultdict[str, set[Quantity]] = field(default_factory=lambda: defaultdict(set))
    """The lines with a remark, for each kind."""

    def has_room(self, kind: str, step: Step) -> bool:
        """Take a line for a remark of a kind; False if enough others have one."""
        beside = len(self.calculation.network.samples) <= MOST_COLUMNS
        line, told = step.name.of_sample(None) if beside else step.name, self.told[kind]
        if len(told) < MOST_OF_A_KIND:
            told.add(line)
        return line in told

    def value(self, expression: Expression) -> Scalar:
        """The number that an expression stands for; nan where there is none."""
        try:
            return evaluate(expression, self.values)
        except (ArithmeticError, ValueError):
            return math.nan

    def zero(self, expression: Expression) -> bool:
        """Return True if an expression is zero with these numbers."""
        return self.value(expression) == 0


def backward_notes(
    calculation: Calculation, steps: Sequence[Step], number: int = 0, digits: int = DIGITS, *,
    kinks_only: bool = False,
) -> list[Note]:  # fmt: skip
    """The notes on one backward pass, in the order of its lines, for a sheet of so many digits.

    With `kinks_only` nothing is said of single uses, which a sheet of matrices does not show.
    """
    kinds: tuple[Callable[[_Scene, Step], Iterator[Phrase]], ...] = (_closed, _flat, _bend)
    if not kinks_only:
        kinds = (_fork, *kinds, _short_form, _zero)
    network = calculation.network
    forward = after_steps(calculation.program.forward, number, network)
    equations: dict[str, Equation] = {equation.name: equation for equation in forward}
    weights: frozenset[str] = frozenset(
        name if name in network.frozen else parsed(name).after(number) for name in network.weights
    )
    skips: dict[tuple[str, str], str] = {
        (edge.source, unit.pre_activation): edge.weight
        for unit in network.units
        for edge in unit.edges
        if edge.skip
    }
    repeats: dict[str, Counter[str]] = {
        each.name: Counter(part.id for part in walk(each.expression) if isinstance(part, Name))
        for each in forward
    }
    scene = _Scene(calculation, calculation.values, equations, number, weights, skips, repeats)
    other = _other_choices(scene, steps, digits)
    notes: list[Note] = []
    left_out = 0
    plain = [make for make in kinds if make in (_fork, _zero, _short_form)]
    for step in steps:
        through = (equations[term.through].expression for term in step.equation.terms)
        for make in kinds if any(isinstance(each, Call) for each in through) else plain:
            for text in make(scene, step):
                if scene.has_room(make.__name__, step):
                    short = _short(scene, step) if make is _short_form else None
                    notes.append(Note(step.name, text, short))
                else:
                    left_out += 1
        notes += (Note(step.name, text) for text in other.get(step.name, ()))
    if left_out:
        notes.append(Note(None, (f"{left_out} more remarks of these kinds are left out.",)))
    return notes


def _count(number: int, one: str, many: str | None = None) -> str:
    """So many things, small numbers in words."""
    word = NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else str(number)
    return f"{word} {one if number == 1 else many or one + 's'}"


def conjoined(items: Sequence[Phrase]) -> Phrase:
    """Items as a list in words."""
    parts: list[Part] = []
    shown = list(items[:MOST_NAMED])
    for position, item in enumerate(shown):
        if position:
            last = position == len(shown) - 1 and len(items) == len(shown)
            parts.append(" and " if last else ", ")
        parts += item
    return (*parts, ", ...") if len(items) > len(shown) else tuple(parts)


def _fork(scene: _Scene, step: Step) -> Iterator[Phrase]:
    """A value that is used in several places: one term for each."""
    terms = step.equation.terms
    name = Name(derivative(step.name).by)
    yield from _repeated(scene, name, terms)
    if len(terms) < 2:
        return
    places = conjoined([_place(scene, term) for term in terms[: MOST_NAMED + 1]])
    many = _count(len(terms), "term")
    if name.id in scene.weights:
        several = len(scene.calculation.network.samples) > 1
        if several and len({term.through.of_sample(None) for term in terms}) == 1:
            return  # every weight stands in each sample's equation
        yield sentence(
            f"{{}} is shared: it stands in {_count(len(terms), 'equation')}, {{}}; "
            f"each of them adds a term, so {many} are added.",
            name, places,
        )  # fmt: skip
    else:
        yield sentence(
            f"{{}} feeds {_count(len(terms), 'place')}, {{}}; a change of it reaches {{}} "
            f"along each of them, so {many} are added.",
            name, places, Name(derivative(step.name).of),
        )  # fmt: skip


def _repeated(scene: _Scene, name: Name, terms: Sequence[ChainTerm]) -> Iterator[Phrase]:
    """A weight that stands more than once in one equation."""
    for term in terms if name.id in scene.weights else ():
        count = scene.repeats[term.through][name.id]
        if count > 1:
            words = f"{{}} stands {_count(count, 'time')} in {{}}: {{}} counts all of them."
            yield sentence(words, name, Name(term.through), Name(term.local_name))


def _place(scene: _Scene, term: ChainTerm) -> Phrase:
    """Where a value is used, with the skip edge named if it is one."""
    ends = term.local_name.by.stem, term.through.stem
    if ends in scene.skips:
        return (Name(term.through), " (over the skip edge ", Name(scene.skips[ends]), ")")
    return (Name(term.through),)


def _closed(scene: _Scene, step: Step) -> Iterator[Phrase]:
    """A relu, or another function with a flat side, that lets nothing through."""
    for term in step.equation.terms:
        call = scene.equations[term.through].expression
        if not isinstance(call, Call) or not call.function.kinks or not scene.zero(term.local):
            continue
        if any(scene.zero(kink) for kink in kinks_of(call)):
            continue  # that is a kink, which has a remark of its own
        argument = call.arguments[0]
        value = Number(scene.value(argument))
        if call.function.name == "relu":
            state = sentence("the relu is closed, because {} = {} is below 0", argument, value)
        else:
            state = sentence(f"{call.function.name} is flat at {{}} = {{}}", argument, value)
        sign = _equals(scene.value(term.local))
        yield sentence(
            f"{{}}: {{}} {sign} 0, and nothing flows back through it.", state, Name(term.local_name)
        )


def _flat(scene: _Scene, step: Step) -> Iterator[Phrase]:
    """A function so flat that rounding leaves nothing of its slope."""
    for term, local in zip(step.equation.terms, step.locals, strict=True):
        call = scene.equations[term.through].expression
        nothing = isinstance(local, float) and local == 0
        if not nothing or not isinstance(call, Call) or len(call.arguments) > 1:
            continue
        if not call.function.kinks:
            argument = call.arguments[0]
            value = Number(scene.value(argument))
            words = f"{call.function.name} is so flat at {{}} = {{}} that {{}} counts as 0."
            yield sentence(words, argument, value, Name(term.local_name))


def _zero(scene: _Scene, step: Step) -> Iterator[Phrase]:
    """A weight whose derivative is zero, and why."""
    weight, terms = derivative(step.name).by, step.equation.terms
    if step.value or weight not in scene.weights:
        return
    if not terms and names_in(step.equation.expression):
        return  # the mean over samples: their own lines have said why
    if not scene.has_room(_zero.__name__, step):
        yield ()  # which is counted and not shown
        return
    why: Phrase
    if not terms:
        why = sentence("no path leads from {} to {}", Name(weight), Name(derivative(step.name).of))
    elif any(scene.values.get(t.upstream, 1) != 0 and not scene.zero(t.local) for t in terms):
        why = ("its terms cancel",)
    else:
        why = conjoined([_zero_factor(scene, term) for term in terms])
    calculation = scene.calculation
    whole = derivative(step.name).of == calculation.program.loss.after(scene.number)
    trained = whole and weight not in calculation.network.frozen
    kept = ", so a step leaves {} as it is" if trained else ""
    yield sentence(
        f"{{}} {_equals(step.value)} 0, because {{}}{kept}.", Name(step.name), why, Name(weight)
    )


def _zero_factor(scene: _Scene, term: ChainTerm) -> Phrase:
    """Which factor of a term is zero."""
    upstream = scene.values.get(term.upstream, 1)
    if upstream == 0:
        return (Name(term.upstream), f" {_equals(upstream)} 0")
    local = term.local if isinstance(term.local, Name) else Name(term.local_name)
    return (local, f" {_equals(scene.value(term.local))} 0")


def _equals(value: Scalar) -> str:
    """The sign before a number: a zero that was rounded may hide something small."""
    return "=" if isinstance(value, Fraction) else "≈"


def _bend(scene: _Scene, step: Step) -> Iterator[Phrase]:
    """A kink that no convention settles: what its derivative is taken to be there."""
    for term, local in zip(step.equation.terms, step.locals, strict=True):
        call = scene.equations[term.through].expression
        if not isinstance(call, Call) or call.function.convention:
            continue
        if scene.values.get(term.upstream, 1) != 0 and any(map(scene.zero, kinks_of(call))):
            argument = call.arguments[0]
            yield sentence(
                f"a kink: {call.function.name} bends at {{}} = {{}}; {{}} is taken as {{}}.",
                argument, Number(scene.value(argument)), Name(term.local_name), Number(local),
            )  # fmt: skip


def _other_choices(scene: _Scene, steps: Sequence[Step], digits: int) -> dict[str, list[Phrase]]:
    """For each kink that was hit, what the other choice would change, if it changes anything."""
    kinks = {name: found for name in scene.equations if (found := _kinks_hit(scene, name))}
    hits: dict[str, list[tuple[str, Phrase]]] = {}
    for step in steps if kinks else ():
        for term in step.equation.terms:
            for convention, text in kinks.pop(term.through, ()):
                hits.setdefault(convention, []).append((step.name, text))
    notes: dict[str, list[Phrase]] = {}
    for convention, found in hits.items():
        if changes := _changes(scene, steps, convention, digits):
            (name, where), more = found[0], found[1:]
            others = f" (and at {_count(len(more), 'more such place')})" if more else ""
            choice = _convention_text(scene, convention)
            text = sentence(f"{{}}{others}. Here {choice}, {{}}.", where, changes)
            notes.setdefault(name, []).append(text)
    return notes


def _kinks_hit(scene: _Scene, name: str) -> list[tuple[str, Phrase]]:
    """The conventions that settle an equation's derivative at a kink, and where the kink is."""
    return [
        (call.function.convention, _kink_text(call, kink))
        for call in walk(scene.equations[name].expression)
        if isinstance(call, Call) and call.function.convention
        for kink in kinks_of(call)
        if names_in(kink) and scene.zero(kink)
    ]


def _kink_text(call: Call, kink: Expression) -> Phrase:
    """Where a kink is: at zero of its expression, or at a tie of two arguments."""
    name = "|u|" if call.function.name == "abs" else call.function.name
    if call.function.variadic:
        sides = kink.terms if isinstance(kink, Sum) else (kink, ZERO)
        named = [side.operand if isinstance(side, Negation) else side for side in sides]
        return sentence(f"a tie in {name}: {{}} are equal", conjoined([(side,) for side in named]))
    return sentence(f"a kink: {name} bends at {{}} = 0", kink)


def kinks_at(calculation: Calculation) -> tuple[Phrase, ...]:
    """Return a sentence for each kink of the forward pass that lies at the point."""
    values = calculation.values
    said = "The derivatives may differ on its two sides, and these follow the conventions."
    found: dict[Phrase, None] = {}
    for node in (n for step in calculation.forward for n in walk(step.equation.expression)):
        with suppress(ArithmeticError, ValueError):
            if isinstance(node, Choice):
                left, right = node.condition.left, node.condition.right
                if evaluate(left, values) == evaluate(right, values):
                    found[sentence("a kink: a choice changes sides at {} = {}", left, right)] = None
            elif isinstance(node, Call) and not _is_alone(node, values):
                kinks = (kink for kink in kinks_of(node) if names_in(kink))
                at = (kink for kink in kinks if evaluate(kink, values) == 0)
                found |= dict.fromkeys(_kink_text(node, kink) for kink in at)
    return tuple((*where, f". {said}") for where in [*found][:MOST_OF_A_KIND])


def conventions_met(calculation: Calculation) -> set[str]:
    """Return the conventions that settle a derivative at a point of this calculation."""
    passes = [calculation.forward, *(each.forward for each in calculation.rounds)]
    nodes = {node for steps in passes for step in steps for node in walk(step.equation.expression)}
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Call) and (convention := node.function.convention):
            with suppress(ArithmeticError, ValueError):
                kinks = (evaluate(k, calculation.values) for k in kinks_of(node) if names_in(k))
                if 0 in kinks and not _is_alone(node, calculation.values):
                    found.add(convention)
    return found


def _is_alone(call: Call, values: Mapping[str, Scalar]) -> bool:
    """True for a maximum or a minimum that only one of its arguments has."""
    if not (call.function.variadic and call.function.convention):
        return False
    value = evaluate(call, values)
    return sum(evaluate(each, values) == value for each in call.arguments) < 2


def _convention_text(scene: _Scene, convention: str) -> str:
    row = CONVENTIONS[convention]
    value = scene.calculation.network.conventions[convention]
    other = row.other if value == row.default else row.default
    return f"{row.meaning.format(value)}; with {other}"


def _changes(scene: _Scene, steps: Sequence[Step], convention: str, digits: int) -> Phrase:
    """The derivatives that another convention would change; by weights if any, else by values."""
    calculation = scene.calculation
    row = CONVENTIONS[convention]
    now = calculation.network.conventions
    other = row.other if now[convention] == row.default else row.default
    network = replace(calculation.network, conventions={**now, convention: other})
    equations = replace(calculation.program, network=network).backward
    values = scene.values.having({})
    run(after_steps(equations, scene.number, calculation.network), values)
    changed: dict[bool, list[Phrase]] = {True: [], False: []}
    for step in steps:
        changed_to = values.get(step.name, step.value)
        if rounded(changed_to, digits)[0] != rounded(step.value, digits)[0]:
            text = sentence("{} would be {}", Name(step.name), Number(changed_to))
            changed[derivative(step.name).by in scene.equations].append(text)
    return conjoined(changed[False] or changed[True])


# The short form of the two pairs that cancel.

_PAIRS = {("bce", "sigmoid"), ("cross_entropy", "softmax")}


def _short_form(scene: _Scene, step: Step) -> Iterator[Phrase]:
    """Sigmoid with bce, softmax with cross entropy: the long chain comes to output - target."""
    if short := _short(scene, step):
        pair = short_pair(scene.calculation.network)
        yield sentence(
            f"the short form{pair} gives the same: {{}} = {{}} = {{}}.",
            Name(step.name), short.formula, Number(scene.value(short.formula)),
        )  # fmt: skip


def short_pair(network: Network) -> str:
    """Return an activation and the loss that belongs to it, in words; nothing for a formula."""
    own = network.loss_name
    pairs = (f" of {name} with {LOSSES[own].title}" for loss, name in _PAIRS if loss == own)
    return next(pairs, "")


def _short(scene: _Scene, step: Step) -> ShortForm | None:
    """Return the short form of a derivative that has one, with the same number."""
    calculation = scene.calculation
    short = short_form(
        calculation.network, scene.equations, scene.values, step.equation, scene.number
    )
    short = short or _short_by_trial(scene, step)
    if short is None or calculation.of != calculation.program.loss:
        return None
    unit = Fraction(1, 10**9)
    if calculation.kept:  # each side was rounded by itself
        unit = 3 * Fraction(10) ** -calculation.kept
    if abs(float(scene.value(short)) - float(step.value)) > unit:
        return None
    return ShortForm(step, short)


def _short_by_trial(scene: _Scene, step: Step) -> Sum | None:
    """Output minus target where a log loss is written out: the same number wherever it is tried."""
    network, name = scene.calculation.network, derivative(step.name)
    loss = scene.equations.get(name.of)
    if network.loss_name in LOSSES or loss is None or "log" not in formula_text(loss.expression):
        return None
    targets: list[Expression] = [ONE, ZERO]
    there = names_in(loss.expression)
    targets[:0] = (Name(n) for n in sample_names(network, network.targets) if n in there)
    for output in scene.equations.values():
        if output.name in (name.by, name.of) or not 0 < scene.value(Name(output.name)) < 1:
            continue
        for target in targets:
            short = Sum((Name(output.name), Negation(target)))
            near = math.isclose(scene.value(short), step.value, rel_tol=1e-9)
            if near and step.equation.expression != short and _holds(scene, name, short):
                return short
    return None


def _holds(scene: _Scene, name: Derivative, formula: Expression) -> bool:
    """True if a derivative is a formula, at other weights and inputs too."""
    network, draw = scene.calculation.network, Random(0)
    lines = [*scene.equations.values()]
    free = {*sample_names(network, network.inputs), *scene.weights}
    given = {each for line in lines for each in names_in(line.expression)} - {*scene.equations}
    for _ in range(TRIALS):
        values = {each: draw.uniform(-1, 1) if each in free else float(scene.values[each])
                  for each in given}  # fmt: skip
        try:
            low, high, _ = (_moved(lines, values, name, by) for by in (-NUDGE, NUDGE, 0.0))
            right = evaluate(formula, values)
        except (ArithmeticError, ValueError):
            return False
        if not math.isclose((high - low) / (2 * NUDGE), right, abs_tol=NUDGE):
            return False
    return True


def _moved(
    lines: Sequence[Equation], values: dict[str, float], name: Derivative, by: float
) -> float:
    """The value that is differentiated, where what it is differentiated by is moved a little."""
    for line in lines:
        more = by if line.name == name.by else 0.0
        values[line.name] = float(evaluate(line.expression, values)) + more
    return values[name.of]


def short_form(
    network: Network, equations: Mapping[str, Equation], values: Mapping[str, Scalar],
    derivative: Equation, number: int,
) -> Sum | None:  # fmt: skip
    """Output minus target, where an output's activation meets the loss that belongs to it.

    `equations` and `values` are those after so many steps.
    """
    if len(network.targets) not in (1, len(network.outputs)):
        return None
    for term in derivative.terms:
        by = Name(term.local_name.by)
        call = equations[term.through].expression
        if not isinstance(call, Call) or (network.loss_name, call.function.name) not in _PAIRS:
            continue
        if by in call.arguments:
            answers = equations[term.through].siblings or (term.through,)
            output = answers[call.arguments.index(by)]
            target = _target_of(network, values, output, number)
            return None if target is None else Sum((Name(output), Negation(target)))
    return None


def _target_of(
    network: Network, values: Mapping[str, Scalar], output: Quantity, number: int
) -> Expression | None:
    """The target that an output is compared with: a name, or 1 or 0 for a class number."""
    names = [parsed(name).of_sample(output.sample).after(number) for name in network.outputs]
    if output not in names:
        return None
    place = names.index(output)
    targets = [parsed(name).of_sample(output.sample) for name in network.targets]
    if len(targets) == len(names):
        total = sum(values[target] for target in targets)
        return Name(targets[place]) if len(names) == 1 or total == 1 else None
    return ONE if values[targets[0]] == place else ZERO


def closing_notes(calculation: Calculation) -> list[Note]:
    """Return the remarks on the loss, and on whether training goes on from here."""
    notes = [Note(None, _loss_change(calculation, each)) for each in calculation.rounds]
    by_gradient = calculation.network.descent.plain and not calculation.online
    if by_gradient and calculation.values.get(RATE):
        slopes = _next_slopes(calculation)
        if slopes and not any(slopes):
            now = "is now" if _is(slopes) == "is" else "now counts as"
            notes += (Note(None, text) for text in _stopped(calculation, now))
    return notes + exactness_notes(calculation)


def _loss_change(calculation: Calculation, each: Round) -> Phrase:
    """Return what one step did to the loss."""
    before, after = each.loss_before, each.loss_after
    name, numbers = Name(each.of), (InDigits(before), InDigits(after))
    old = {parsed(name).after(each.number) for name in calculation.network.weights}
    new = {step.equation.before: step.value for step in each.update}
    if all(calculation.values[name] == new[name] for name in old if name in new):
        return (f"step {each.number + 1} changes nothing: {_why_still(calculation, each)}.",)
    if before == after:
        return sentence(f"step {each.number + 1}: the loss {{}} stays at {{}}.", name, numbers[0])
    verb = "falls" if after < before else "rises"
    return sentence(
        f"step {each.number + 1}: the loss {{}} {verb} from {{}} to {{}}.", name, *numbers
    )


def _why_still(calculation: Calculation, each: Round) -> str:
    """Why a step has moved no weight."""
    if calculation.values[RATE] == 0:
        return "the learning rate is 0"
    if not calculation.network.descent.plain:
        return "no weight moves"
    names = _slope_names(calculation, each.forward[-1].name, each.number)
    slopes = [step.value for step in each.backward if step.name in names]
    if any(slopes):
        return "its changes are lost in the rounding of the weights"
    return f"every trained weight's derivative {_is(slopes)} 0"


def _slope_names(calculation: Calculation, loss: Quantity, number: int) -> set[Derivative]:
    """The derivatives of the loss by the weights that are trained, as they are called by then."""
    weights, frozen = calculation.network.weights, calculation.network.frozen
    trained = (parsed(name).after(number) for name in weights if name not in frozen)
    return {Derivative(loss, name) for name in trained}


@with_enough_digits
def _next_slopes(calculation: Calculation) -> list[Scalar]:
    """Their values before one more step, up to the first that is not 0; none if undefined."""
    number, network = len(calculation.rounds), calculation.network
    names = _slope_names(calculation, calculation.of.after(number), number)
    values, slopes = calculation.values.having({}), []
    for equation in map(later(number, network), calculation.program.backward):
        try:
            (step,) = run([equation], values)
        except BackcalcError:
            return []
        if step.name in names:
            slopes.append(step.value)
            if step.value:
                break
    return slopes


def _is(values: Iterable[Scalar]) -> str:
    """Return the verb for zeros: one that was rounded may hide something small."""
    return "is" if all(isinstance(value, Fraction) for value in values) else "counts as"


def _stopped(calculation: Calculation, now: str) -> Iterator[Phrase]:
    """Every gradient is zero: the dead units, and that training stops."""
    number = len(calculation.rounds)
    network = calculation.network
    values = calculation.values
    relu_at_zero = network.conventions["relu_at_zero"]
    for unit in network.units:
        if unit.activation.name != "relu":
            continue
        own = sample_names(network, [unit.pre_activation])
        names = [name.after(number) for name in own]
        shown = conjoined([(Name(name), " = ", Number(values[name])) for name in names])
        if names and all(values[name] < 0 for name in names):
            yield sentence(
                f"unit {unit.name} is dead: {{}} {'is' if len(names) == 1 else 'are'} below 0, "
                "so its relu is closed and passes nothing forward or back.", shown,
            )  # fmt: skip
        elif names and all(values[name] <= 0 for name in names) and not relu_at_zero:
            words = f"unit {unit.name} passes nothing forward or back: "
            yield sentence(words + "{}, and relu'(0) is taken as 0.", shown)
    loss = values[calculation.of.after(number)]
    if loss == 0:
        so = "is" if now == "is now" else "does"
        yield (f"every gradient {now} 0 and so {so} the loss: there is nothing left to learn.",)
    else:
        yield sentence(
            f"every trained weight's gradient {now} 0, so no further step changes anything: "
            "training stops here, with the loss at {}.", InDigits(loss),
        )  # fmt: skip


def exactness_notes(calculation: Calculation) -> list[Note]:
    """Where exact fractions grew past 200 digits and the run went on in rounded numbers."""
    steps: list[Step] = [*calculation.forward]
    if not calculation.rounds:
        steps += calculation.backward
    for each in calculation.rounds:
        steps += [*each.backward, *each.update, *each.after]
    for step in steps if not calculation.kept else ():
        if isinstance(step.value, float) and _was_exact(step.equation, calculation.values):
            words = "from {} on numbers are rounded: the exact fractions have more than 200 digits."
            return [Note(None, sentence(words, Name(step.name)))]
    return []


def _was_exact(equation: Equation, values: Mapping[str, Scalar]) -> bool:
    """Return True if an equation has only fractions and operations that keep them in it."""
    for part in walk(equation.expression):
        match part:
            case Name(name) if not isinstance(values[name], Fraction):
                return False
            case Call(function) if not function.exact:
                return False
            case Power(_, exponent):
                power = evaluate(exponent, values)
                if not isinstance(power, Fraction) or power.denominator != 1:
                    return False
    return True
