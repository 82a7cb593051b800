"""Lines that a sheet must hold, and what they are worth: `ask:` and `points:` of a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.checking.key import GIVEN, Key, find, key_for, steps_named
from backcalc.checking.kinds import QUESTIONS, QuestionKind, posed
from backcalc.checking.queries import Query
from backcalc.equations.named import elements_named, in_samples, whole_named
from backcalc.equations.network import GROUPS, Asked, Network, learning_rate
from backcalc.errors import BackcalcError, Place, UndefinedError, did_you_mean
from backcalc.formulas.quantity import Quantity, called, parsed, typed
from backcalc.loading.policies import policies
from backcalc.sheets.worked import stages


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line that a sheet must hold."""

    name: str
    """The quantity."""
    points: Fraction = Fraction(1)
    """What it earns."""
    digits: int | None = None
    """The fewest digits of a figure that is not exact; None: as many as tell."""
    kind: QuestionKind | None = None
    """The kind of question that asks it, if one does."""
    query: Query | None = None
    """The question, where it asks no quantity."""
    seed: int | None = None
    """What draws the question, where that is said."""


def wanted(
    network: Network, key: Key, steps: int, by_element: bool | None = None
) -> tuple[Wanted, ...]:
    """Return what `ask:` asks, in its order, or else what `points:` gives points for.

    The points of a matrix are those of its elements together, whoever adds them up. `by_element`
    says that each is worth one where nobody says more; None: as the file has it.
    """
    each_counts = policies(network.marking).elements if by_element is None else by_element
    for name in network.points:
        if name in QUESTIONS and name not in key.lines:
            hint = f"give a question its points under ask: {{{name}: 3}}"
            raise BackcalcError(f"{name!r} is a question", hint=hint)
    points = {
        line: value
        for name, value in network.points.items()
        if not _is_group(key, name)
        and steps_named([name], network) <= steps  # those of later steps are asked another time
        for line in _of_samples(key, name, network.points_at.get(name))
    }
    for name in points:
        _check_unknown(key, [name], name)
    for name, value in network.points.items():
        if _is_group(key, name):
            lines = _group(network, key, name, steps)
            shares = shared(lines, value, network, each_counts)
            points |= {line: share for line, share in shares.items() if line not in points}
    found: dict[str, Wanted] = {}
    alone: dict[str, str] = {}
    for each in network.ask:
        own = each.name in key.lines or each.name in key.right
        if not own and each.name in QUESTIONS:
            for one in _questions(key, each):
                found.setdefault(one.name, one)
            continue
        worth = Fraction(1) if each.points is None else each.points
        if group := _is_group(key, each.name):
            lines = _group(network, key, each.name, steps)
            shares = shared(lines, worth, network, each_counts)
        else:
            names = [*_quantities(key, each)]
            _check_unknown(key, names, each.name, each.where)
            if other := next((alone[name] for name in names if name in alone), ""):
                message = f"{each.name!r} is asked twice"
                message += f": with {other!r} too" if other != each.name else ""
                raise BackcalcError(message, each.where, "once will do")
            alone |= dict.fromkeys(names, each.name)
            split = each.points is not None or not each_counts
            shares = shared(names, worth, network, not split)
        for name, share in shares.items():
            if name not in found or not group:
                found[name] = Wanted(name, points.get(name, share), each.digits)
    for name, value in points.items():
        found.setdefault(name, Wanted(name, value))
    return tuple(found.values())


def _check_unknown(key: Key, names: Iterable[str], asked: str, where: Place | None = None) -> None:
    """Raise BackcalcError for a number that the sheet gives, which nobody can be asked."""
    if any(key.lines[name].role == GIVEN for name in names):
        message = f"{asked!r} is given, so there is nothing to ask"
        raise BackcalcError(message, where, "ask what is worked out: values and derivatives")


def _is_group(key: Key, name: str) -> bool:
    """True for a group of lines; a quantity of the network may have its name."""
    return name in GROUPS and name not in key.lines and name not in key.right


def shared(
    names: Iterable[str], worth: Fraction, network: Network, by_element: bool
) -> dict[str, Fraction]:
    """Return the points of lines of one worth; a matrix is one line, unless each element counts."""
    names = [*names]
    if network.matrices is None or by_element:
        return dict.fromkeys(names, worth)
    counts = Counter(whole_named(network, name) for name in names)
    return {name: worth / counts[whole_named(network, name)] for name in names}


def _questions(key: Key, asked: Asked) -> Iterator[Wanted]:
    """What one kind of question asks: quantities, or questions of other answers."""
    kind = QUESTIONS[asked.name]
    try:
        found = posed(kind, key, asked.seed)
    except BackcalcError as error:
        raise BackcalcError(error.message, asked.where, error.hint) from None
    worth = Fraction(1) if asked.points is None else asked.points
    for name in found.lines:
        yield Wanted(find(key, name), worth, asked.digits, kind, seed=asked.seed)
    for query in found.queries:
        yield Wanted(query.name, worth, None, kind, query, asked.seed)


def _quantities(key: Key, asked: Asked) -> Iterator[str]:
    """The quantity that is asked, or the elements of a vector or a matrix."""
    names: Sequence[str] = [asked.name]
    if key.network.matrices is not None:
        names = elements_named(key.network, _meant(key, asked.name))
    try:
        lines = [_of_samples(key, name, asked.where) for name in names]
    except BackcalcError as error:
        guess = did_you_mean(asked.name, [*GROUPS, *QUESTIONS])
        raise BackcalcError(error.message, error.where, guess or error.hint) from None
    yield from (line for sample in zip(*lines, strict=True) for line in sample)


def _meant(key: Key, text: str) -> Quantity:
    """The quantity of a name, in the network's or the sheet's own words."""
    several = len(key.network.samples) > 1
    return called(parsed(typed(text, key.program.loss), several=several), key.words)


def _of_samples(key: Key, text: str, where: Place | None) -> list[str]:
    """The line that is asked; for a name without a sample that of each sample."""
    name = _meant(key, text)
    alone = len(key.network.samples) == 1 or name.sample or name in key.lines
    each = () if alone else in_samples(name, key.network)
    if each and key.lines.keys() >= {*each}:
        return [find(key, one, where) for one in each]
    return [find(key, text, where)]


def _group(network: Network, key: Key, name: str, steps: int) -> Iterator[str]:
    """The lines of a group, in every step; nobody asks for derivatives by inputs.

    Of the parameters only the derivatives by them, not those by what lies between; of a batch
    those of the loss over all samples.
    """
    for stage in stages(steps):
        if stage.name == GROUPS[name]:
            for each in stage.equations(key.program, network):
                line = key.lines[each.name]
                by_weight = line.by in key.weights(line.steps)
                kept = {
                    "parameter_gradients": by_weight,
                    "batch_gradients": by_weight and each.name.sample is None,
                }
                if kept.get(name, not line.by_input(network)):
                    yield line.name


def asked_steps(network: Network, rate: Fraction | None) -> int:
    """Return the steps that `ask:` and `points:` ask for."""
    said = [*network.points, *(each.name for each in network.ask)]
    names = [name for name in said if name not in GROUPS]
    after = not {"update", "after"}.isdisjoint(said)
    known = learning_rate(network, rate) is not None
    return max(steps_named(names, network), int(after and known))


def check_asked(network: Network) -> None:
    """Raise BackcalcError where `ask:` or `points:` asks a quantity or a question in vain.

    What has no value is for the commands that work it out to tell.
    """
    rate = learning_rate(network, None) or Fraction(1)
    steps = asked_steps(network, rate)
    key = key_for(network, rate, steps)
    lines = tuple(each for each in network.ask if each.name not in QUESTIONS)
    wanted(replace(network, ask=lines), key, steps)
    if network.samples:
        with suppress(UndefinedError):
            wanted(network, key, steps)
