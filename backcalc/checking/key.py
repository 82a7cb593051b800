"""The key to a sheet: for each quantity that an answer may name its equation and right value."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from backcalc.arithmetic.intervals import Way
from backcalc.equations.calculation import run, start_values
from backcalc.equations.named import in_samples, index_hint, whole_lines
from backcalc.equations.network import Network, learning_rate, needed_rate
from backcalc.equations.optimizers import RATE, inside_names
from backcalc.equations.program import (
    TOTAL,
    ChainTerm,
    Equation,
    Program,
    assemble,
    differentiate,
    loss_name,
    needed,
    one_by_one,
)
from backcalc.errors import BackcalcError, Place, did_you_mean, listed
from backcalc.formulas.expression import Expression, Name, Number, Scalar, Sum, names_in, renamed
from backcalc.formulas.functions import partials
from backcalc.formulas.quantity import Derivative, called, derivative, parsed, typed
from backcalc.sheets import worked
from backcalc.sheets.remarks import short_form
from backcalc.sheets.worked import Stage, stages

if TYPE_CHECKING:
    from backcalc.checking.kinds import Posed

MOST_STEPS = 100  # that the names of answers may ask for

GIVEN, FORWARD, GRADIENT, LOCAL, UPDATE = "given", "forward", "gradient", "local", "update"
ROLES = {worked.FORWARD: FORWARD, worked.BACKWARD: GRADIENT}
ROLES |= {worked.UPDATE: UPDATE, worked.AFTER: FORWARD}
"""What kind of lines each stage of a sheet has."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of the key."""

    equation: Equation
    """The equation."""
    role: str
    """What kind of line it is: given, forward, gradient, local, update."""
    steps: int = 0
    """After how many steps of gradient descent."""

    @property
    def name(self) -> str:
        """The quantity."""
        return self.equation.name

    @property
    def by(self) -> str:
        """The quantity that a derivative is taken by; empty for other lines."""
        name = parsed(self.name)
        return name.by if isinstance(name, Derivative) else ""

    @property
    def moves(self) -> str:
        """The weight or the state that an update moves; empty for other lines."""
        return (self.equation.before or "") if self.role == UPDATE else ""

    def by_input(self, network: Network) -> bool:
        """Return True for a derivative by an input, of one step or one sample too."""
        return self.by in network.inputs or self.by.rpartition("[")[0] in network.inputs


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """All lines that a sheet may have, in the order of a worked sheet, and their right values."""

    network: Network
    """The network with the numbers that are used."""
    program: Program
    """Its equations before the first step."""
    lines: dict[str, Line]
    """The lines by name, each after those that it uses; more derivatives are added when asked."""
    given: Mapping[str, Scalar]
    """The numbers of weights, constants, inputs and targets, and the learning rate."""
    right: dict[str, Scalar]
    """The right value of all that is given and of each line worked out so far."""
    order: dict[str, float] = field(default_factory=dict)
    """The place of each line on the sheet."""
    named: dict[int, dict[str, int]] = field(default_factory=dict)
    """The weights by their names after so many steps, each with its place in the file."""
    uses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The names in each line's right side, as far as they were looked up."""
    ways: dict[str, tuple[Way, ...]] = field(default_factory=dict)
    """The right ways to each line, ready to be worked out, as far as they were looked up."""
    before: dict[str, frozenset[str]] = field(default_factory=dict)
    """All that each line depends on, as far as it was looked up."""
    worked: tuple[str, ...] = ()
    """The lines that the worked sheet has; `lines` holds further derivatives."""
    size: int = 0
    """How many lines there were before any sheet was read."""
    others: dict[str, list[Expression]] = field(default_factory=dict)
    """Other right ways to a line: the short form at a softmax, the mean of derivatives of J."""
    typed: dict[str, str] = field(default_factory=dict)
    """The line that each name means that sheets have used so far."""
    words: Mapping[str, str] = field(default_factory=dict)
    """The sheet's own words for quantities, each with what it names."""
    posed: dict[tuple[str, int], Posed] = field(default_factory=dict)
    """What each kind of question asks, by its name and seed, as far as it was asked."""
    renamed: dict[str, list[str]] = field(default_factory=dict)
    """For each line the ones that are nothing but another name of it, once they are looked up."""
    alike: dict[str, Sequence[Line]] = field(default_factory=dict)
    """The other lines of the same kind as each, as far as they were looked up."""
    sums: dict[int, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    """The weighted sums after so many steps, as far as they were looked up."""

    @property
    def rate(self) -> Fraction | None:
        """The learning rate, where there is one."""
        return Fraction(self.given[RATE]) if RATE in self.given else None

    def value(self, name: str) -> Scalar:
        """The right value of a quantity, worked out when first asked for.

        Raises UndefinedError where there is none.
        """
        if name not in self.right:
            run([self.lines[each].equation for each in self.needs(name)], self.right)
        return self.right[name]

    def needs(self, name: str, known: Collection[str] | None = None) -> list[str]:
        """The lines that a line needs, in order, itself last; `known` ones and theirs left out."""
        return self.needed([name], self.right if known is None else known)

    def needed(self, names: Iterable[str], known: Collection[str]) -> list[str]:
        """The lines that some lines need, in order, themselves among them."""
        found = set(names)
        pending = list(found)
        while pending:
            for used in self.used(pending.pop()):
                line = self.lines.get(used)
                if line and line.role != GIVEN and used not in known and used not in found:
                    found.add(used)
                    pending.append(used)
        return sorted(found, key=self.order.__getitem__)

    def used(self, name: str) -> tuple[str, ...]:
        """The names in a line's right side."""
        if name not in self.uses:
            self.uses[name] = tuple(names_in(self.lines[name].equation.expression))
        return self.uses[name]

    def depends(self, name: str, on: str) -> bool:
        """Return true if a line is worked out from another quantity, directly or not."""
        if name not in self.before:
            needed = self.needs(name, self.given)
            used = {each for line in needed for each in self.used(line)}
            terms = (t for line in needed for t in self.lines[line].equation.terms)
            used |= {str(term.local_name) for term in terms}
            self.before[name] = frozenset(used.union(needed[:-1]))
        return on in self.before[name]

    def kin(self, name: str) -> Sequence[Line]:
        """The other lines of the same kind: derivatives by weights, for one by a weight."""
        if name not in self.alike:
            own = self.lines[name]
            by_weight = own.by in self.weights(own.steps)
            same = (e for e in self.lines.values() if e.role == own.role and e is not own)
            kin = (e for e in same if (e.by in self.weights(e.steps)) == by_weight)
            self.alike[name] = tuple(kin)
        return self.alike[name]

    def also_called(self, name: str) -> Iterator[str]:
        """Yield the other names of a line's number: of z2 ŷ where the activation is the identity.

        Then ∂L/∂z2 is another name of ∂L/∂ŷ too. But ∂L/∂b2 = ∂L/∂z2 is something to be found.
        """
        if not self.renamed:
            self._look_up_renamed()
        pending = [*self.renamed.get(name, ())]
        for other in pending:
            yield other
            pending += (each for each in self.renamed[other] if each not in (name, *pending))

    def _look_up_renamed(self) -> None:
        """Link each value with the one that it is, and the derivatives of the loss by the two."""
        for line in (*self.lines.values(),):
            of = line.equation.expression
            other = self.lines.get(of.id) if isinstance(of, Name) else None
            if not other or line.role != other.role:
                continue
            if line.role == FORWARD or line.by in self.renamed.get(other.by, ()):
                self.renamed.setdefault(line.name, []).append(other.name)
                self.renamed.setdefault(other.name, []).append(line.name)
        self.renamed.setdefault("", [])

    def weights(self, steps: int) -> Mapping[str, int]:
        """The weights by the names that they have after so many steps, with their place."""
        if steps not in self.named:
            frozen = self.network.frozen
            weights = self.network.weights
            names = (name if name in frozen else parsed(name).after(steps) for name in weights)
            self.named[steps] = {name: place for place, name in enumerate(names)}
        return self.named[steps]

    def weighted_sums(self, steps: int) -> Sequence[Mapping[str, str]]:
        """For each weighted sum after so many steps the weight of each value in it."""
        if steps not in self.sums:
            sums = (e.equation.expression for e in self.lines.values() if e.role == FORWARD)
            found = (self.weights_in(total, steps) for total in sums)
            self.sums[steps] = [each for each in found if each]
        return self.sums[steps]

    def weights_in(self, total: Expression, steps: int) -> Mapping[str, str]:
        """The weight of each value in a weighted sum after so many steps."""
        weights = self.weights(steps)
        pairs = [names_in(term) for term in (total.terms if isinstance(total, Sum) else ())]
        ordered = [sorted(each, key=weights.__contains__) for each in pairs if len(each) == 2]
        return {value: weight for value, weight in ordered if weight in weights}

    def add(self, lines: Iterable[Line], after: str | None = None) -> None:
        """Further lines, at the end of the sheet or right after another one."""
        self.alike.clear()
        for line in lines:
            count = len(self.order)
            self.lines[line.name] = line
            self.order[line.name] = count if after is None else self.order[after] + count / 10**7


def steps_named(names: Iterable[str], network: Network) -> int:
    """How many steps must be worked for these quantities: the most primes that one has.

    What an optimizer works out on the way to new weights, such as vhat_w0, is part of a step that
    ends with one prime more.
    """
    inside = inside_names(network.descent, network.weights)
    primes = ((name, max(map(len, re.findall("'+", name)), default=0)) for name in names)
    return max((count + (name.replace("'", "") in inside) for name, count in primes), default=0)


def key_for(network: Network, rate: Fraction | None, steps: int, online: bool = False) -> Key:
    """Return the key to all sheets of a network with answers up to so many steps.

    With `online` each sample has an update of its own, and steps are updates.
    """
    if steps > MOST_STEPS:
        raise BackcalcError(f"an answer names step {steps}; at most {MOST_STEPS} are worked out")
    rate = learning_rate(network, rate)
    program = assemble(network, by_inputs=True)
    given = start_values(network)
    if rate is not None:
        given[RATE] = rate
    own = network.names  # where two names change places, only the reader can tell them
    words = {word: name for name, word in own.items() if word not in own}
    key = Key(network, program, {}, given, given.having({}), words=words)
    passes = one_by_one(network, by_inputs=True) if online else (program,)
    last = [Stage(worked.FORWARD, steps)] if online else []
    last.append(Stage(worked.BACKWARD, steps))
    whole = tuple(stages(steps, online=online))
    worked_lines: list[str] = []
    for stage in dict.fromkeys((*whole, *last)):
        equations = stage.equations(passes[stage.number % len(passes)], network)
        lines = [Line(equation, ROLES[stage.name], stage.updates) for equation in equations]
        key.add(lines)
        if stage in whole:
            worked_lines += [line.name for line in lines if not line.by_input(network)]
    key = replace(key, worked=tuple(worked_lines), size=len(key.lines))
    for line in [*key.lines.values()]:
        short = output_minus_target(key, line)
        if short:
            key.others[line.name] = [short]
    return key


def output_minus_target(key: Key, line: Line) -> Sum | None:
    """The short form of a derivative of the loss by an output's pre-activation."""
    if line.role != GRADIENT:
        return None
    of = derivative(line.name).of.stem
    if of != loss_name(key.network):
        return None
    equations: dict[str, Equation] = {
        t.through: key.lines[t.through].equation for t in line.equation.terms
    }
    return short_form(key.network, equations, key.given, line.equation, line.steps)


def find(key: Key, text: str, place: Place | None = None) -> str:
    """The name of the line that a quantity's name means; a derivative that is new is added.

    Raises BackcalcError, with the place, where the network has no such quantity.
    """
    if text in key.typed:
        return key.typed[text]
    name = typed(text, key.program.loss)
    if key.words:
        name = called(parsed(name, several=len(key.network.samples) > 1), key.words)
    stem = name.replace("'", "")
    if name not in key.lines and name != stem and stem in key.network.frozen:
        kept = Equation(parsed(name), Name(stem))  # a frozen weight stays as it is
        key.add([Line(kept, UPDATE, name.count("'"))])
    if name not in key.lines and name in key.right:
        key.lines[name] = Line(Equation(parsed(name), Number(key.right[name])), GIVEN)
        key.order[name] = [*key.given].index(name) - len(key.given)  # before all lines
    asked = parsed(name)
    if isinstance(asked, Derivative) and asked.of.sample and not asked.by.sample:
        own = asked.of_sample(None)
        own = Derivative(asked.of, own.by.of_sample(asked.of.sample))
        name, asked = (own, own) if own in key.lines else (name, asked)  # dL[1]/dz1
    known = not isinstance(asked, Derivative) or name in key.lines
    if isinstance(asked, Derivative) and not (known or _add_derivative(key, asked.of, asked.by)):
        message = f"{str(asked.of)[:60]!r} does not depend on {str(asked.by)[:60]!r}"
        raise BackcalcError(f"there is no derivative {name[:60]!r}: {message}", place)
    if name not in key.lines:
        raise _unknown(key, text, name, place)
    if RATE not in key.right and any(key.lines[each].role == UPDATE for each in key.needs(name)):
        needed_rate(key.network, None, f"{name} needs a learning rate, and none is given", place)
    key.typed[text] = name
    return name


def _unknown(key: Key, text: str, name: str, place: Place | None) -> BackcalcError:
    """The error for a name that the network does not have."""
    lines = [*key.lines][: key.size]  # what other sheets have added changes no error
    whole = whole_lines(lines, key.network)
    own = [called(parsed(each), key.network.names) for each in dict.fromkeys([*whole, *lines])]
    hint = did_you_mean(text, own) or f"the sheet starts with {listed(own, 8)}"
    asked = parsed(name)
    if isinstance(asked, Derivative) and Derivative(key.program.loss, asked.by) in key.lines:
        names = key.network.names
        of, by = called(key.program.loss, names), called(asked.by, names)
        hint = f"derivatives here are d{of}/d{by}, or d{called(parsed('L[1]'), names)}/d{by}"
    if not {f"{name}[1]", *in_samples(asked, key.network)[1:2]}.isdisjoint(key.lines):
        hint = index_hint(name, key.lines, key.network)
    return BackcalcError(f"there is no quantity {text[:60]!r} in this network", place, hint)


def _add_derivative(key: Key, of: str, by: str) -> bool:
    """Add the derivative of any value by any: local where they are neighbours.

    True unless both are known and the one does not depend on the other.
    """
    line = key.lines.get(of)
    known = key.right.keys() | key.lines.keys()
    if line is None or line.role != FORWARD or by not in known:
        return True
    equation, name = line.equation, Derivative(of, by)
    answers = equation.siblings or (of,)
    conventions = key.network.conventions
    local = partials(equation.expression, answers, conventions).get(by)
    if local is not None:
        term = ChainTerm(Derivative(of, of), name, local)
        used = (each for each in names_in(local) if each in key.lines)
        last = max((of, *used), key=key.order.__getitem__)  # after it the line can be worked out
        key.add([Line(Equation(name, local, terms=(term,)), LOCAL, line.steps)], after=last)
        return True
    forward = [each.equation for each in key.lines.values()
               if each.role == FORWARD and each.steps == line.steps]  # fmt: skip
    if by not in needed(forward, of):
        return False
    several = len(key.network.samples) > 1
    whole = several and of.replace("'", "") == TOTAL
    also = sorted(key.weights(line.steps), key=key.right.__contains__) if whole else []
    chain = differentiate(forward, parsed(of), [by, *also], conventions)
    for each in chain:
        if whole and each.name in key.lines and each.name != name:
            key.others.setdefault(each.name, []).append(each.expression)
    apart = (Line(each, GRADIENT, line.steps) for each in _apart(key, chain, of, name))
    key.add(apart, after=of)
    return True


def _apart(key: Key, chain: Iterable[Equation], of: str, last: str) -> Iterator[Equation]:
    """The derivatives on the way to another, those by neighbours under other names.

    `dz2/dh0` is the local derivative, and on the way further down the one along all paths.
    """
    chain = tuple(chain)
    whole = of.replace("'", "") == key.program.loss
    near = {Derivative(of, used) for used in names_in(key.lines[of].equation.expression)}
    apart: dict[str, str] = {n: f"{n} along all paths" for n in near if n != last and not whole}

    def rename(name: str) -> str:
        return apart.get(name, name)

    def other(name: Derivative) -> Derivative:
        return Derivative(name.of, name.by + apart.get(name, name).removeprefix(name))

    for each in chain:
        terms = tuple(replace(term, upstream=other(term.upstream)) for term in each.terms)
        expression = renamed(each.expression, rename)
        if rename(each.name) not in key.lines:
            yield Equation(parsed(rename(each.name)), expression, terms=terms)
