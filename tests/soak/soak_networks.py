"""Random networks against independent answers, in batches.

Each network's values, derivatives and steps by backcalc stand beside those of the reference: 50
digits or fractions, central differences, sympy and PyTorch. A difference is judged by what the
reference finds that rounding may lose: `LIMIT` times that is a fault.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import math
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import digits
from answers import Reference, Round, central_differences, loss_name, worked
from arithmetics import sympy_slope, torch_steps
from digits import decimal
from drawn import Drawn
from random_networks import drawn
from reference import Plain
from tally import Fault, Tally
from tape import Tape

from backcalc.equations.calculation import Calculation, step
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.loading.loader import loads

BATCHES = 192
EACH = 105
LEAST = {"networks": 20_000, "derivatives by central differences": 100_000}
STEPS = 3
LIMIT = 4.0
"""How often what rounding may lose, to first order, is a fault."""
REACH = 1e-9  # a kink so near takes a central difference its meaning
WELL = 1e-12  # of a figure: what rounding may lose where its relative error says something
TINY = 1e-290
SOMETIMES = {"sympy": 40, "PyTorch": 7, "python": 40, "C": 150, "JSON": 100}
"""What takes more time is done on one network of so many."""
HAS_TORCH = importlib.util.find_spec("torch") is not None


def batch(seed: int) -> Tally:
    """So many networks."""
    tally = Tally()
    gc.set_threshold(100_000)  # tapes are cycles; a search for each few hundred of them takes long
    for each in range(seed * EACH, (seed + 1) * EACH):
        examine(drawn(each), tally)
    return tally


def examine(network: Drawn, tally: Tally, sometimes: Collection[str] | None = None) -> None:
    """One network, all of it; what is wrong goes into the tally.

    `sometimes` is what takes more time; it follows from the seed unless given.
    """
    digits.begin()
    if sometimes is None:
        sometimes = [name for name, n in SOMETIMES.items() if network.seed % n == n - 1]
    tally.counts["networks"] += 1
    try:
        loaded = loads(network.text)
        for why in Examined(network, loaded, tally).faults(sometimes):
            tally.faults.append(fault(network, why))
            return  # the first one is enough
    except BackcalcError as error:
        tally.faults.append(fault(network, f"is refused: {error.message}"))
    except Exception as error:  # noqa: BLE001  # whatever it is, it is a fault
        tally.faults.append(fault(network, f"{type(error).__name__}: {error}"))


def fault(network: Drawn, why: str) -> Fault:
    """What is wrong with a network, and its file."""
    why = " ".join(why.split())
    steps = f"--steps {STEPS} --inputs{' --online' if network.online else ''}"
    head = f"# seed {network.seed}: {why}\n# backcalc step FILE {steps}\n"
    name = f"network-{network.seed}.yaml"
    return Fault(name, (head + network.text).encode(), f"{name}: {why}")


class Examined:
    """One network by backcalc and by the reference."""

    def __init__(self, network: Drawn, loaded: Network, tally: Tally) -> None:
        self.network, self.loaded, self.tally = network, loaded, tally
        self.where = f"seed {network.seed}"
        self.theirs: Reference = worked(network, loaded.weights, STEPS)

    def faults(self, sometimes: Collection[str]) -> Iterator[str]:
        """What is wrong."""
        counts = self.tally.counts
        if {*self.loaded.weights} != {*self.network.weights}:
            yield f"has the weights {[*self.loaded.weights]}"
        try:
            ours = step(self.loaded, steps=STEPS, by_inputs=True, online=self.network.online)
        except UndefinedError as error:
            yield from self.undefined(0, error)
            counts["undefined, and rightly so"] += 1
            return
        yield from self.undefined(len(ours.rounds), ours.stopped)
        if self.theirs.rounds and self.theirs.rounds[0].values:
            yield from self.rounds(ours)
            yield from self.differences(ours)
        for name in sometimes:
            yield from getattr(self, f"by_{name.lower()}")(ours)

    def undefined(self, rounds: int, error: UndefinedError | None) -> Iterator[str]:
        """Whether both sides stop at the same step."""
        theirs = self.theirs
        if theirs.brittle or theirs.unsure:
            return
        if error and not theirs.error:
            yield f"is called undefined: {error.message[:200]}"
        elif theirs.error and not error:
            yield f"is undefined, but not so called: {theirs.error}"
        elif error and not self.network.online:
            expected = max(len(theirs.rounds) - theirs.failed_forward, 0)
            if rounds != expected:
                yield f"stops after {rounds} steps, not {expected}: {error.message[:200]}"

    # Figures.

    def rounds(self, ours: Calculation) -> Iterator[str]:
        """Every value, derivative and new weight of each step."""
        counts = self.tally.counts
        exact = True
        for place, (mine, round_) in enumerate(zip(ours.rounds, self.theirs.rounds, strict=False)):
            if round_.unsure:
                counts["steps too near a kink to tell"] += 1
                return
            if any(tape.brittle for tape in round_.tapes):
                counts["steps near the ends of what a double holds"] += 1
                return
            primes = "'" * place
            for kind, known, steps in (
                ("value", values_of(round_), mine.forward),
                ("derivative", round_.slopes, mine.backward),
                ("weight after a step", weights_of(round_), mine.update),
            ):
                for each in steps:
                    name = each.name.replace("'", "")
                    if name in known:
                        value, off = known[name]
                        exact &= isinstance(value, Fraction)
                        yield from self.compared(kind, f"{each.name}", each.value, value, off)
                    elif kind != "weight after a step":
                        yield f"has {each.name}, which the reference has not"
            missing = {*self.network.weights} - self.network.frozen - {
                each.name.replace("'", "") for each in mine.update
            }  # fmt: skip
            if missing:
                yield f"does not change {sorted(missing)} in step {place + 1}{primes}"
            counts["steps"] += 1
        whole = self.theirs.end and len(ours.rounds) == len(self.theirs.rounds)
        if whole and not self.theirs.unsure:
            yield from self.after(ours)
        counts["exact networks, equal"] += exact

    def after(self, ours: Calculation) -> Iterator[str]:
        """The values after the last step."""
        assert self.theirs.end
        if self.theirs.brittle:
            return
        known = {name: (node.value, node.off) for name, node in self.theirs.end.items()}
        if self.network.online:
            return
        for each in ours.rounds[-1].after:
            value, off = known[each.name.replace("'", "")]
            yield from self.compared("value after the last step", each.name, each.value, value, off)

    def compared(self, kind: str, name: str, mine: Any, value: Any, off: float) -> Iterator[str]:
        """One figure of both."""
        self.tally.counts[f"{kind}s" if " " not in kind else kind.replace(" ", "s ", 1)] += 1
        if isinstance(value, Fraction):
            if isinstance(mine, Fraction):
                self.tally.counts["figures that are fractions, equal"] += mine == value
                if mine != value:
                    yield f"{name} is {mine}, not {value}"
                return
            if bits(value) < 400:
                yield f"{name} is {mine!r}, not exactly {value}"
            off = 4 * Tape.rounding * abs(float(value))
        if not math.isfinite(off):
            return
        size = abs(float(value))
        error = abs(float(decimal(Fraction(mine)) - decimal(value)))
        if off > 0:
            self.tally.measure(f"error of a {kind} in units of its rounding", error / (off + TINY),
                               self.where)  # fmt: skip
        if off <= WELL * size:
            self.tally.measure(f"relative error of a {kind}", error / size if size else 0.0,
                               self.where)  # fmt: skip
        if not error <= LIMIT * off + TINY:
            yield f"{name} is {float(mine)!r}, not {float(value)!r} (± {off:.1e})"

    # Derivatives once more.

    def differences(self, ours: Calculation) -> Iterator[str]:
        """The first step's derivatives by weights and inputs against central differences."""
        first = self.theirs.rounds[0]
        mine = {each.name: each.value for each in ours.rounds[0].backward}
        network = self.network
        several = len(network.samples) > 1
        loss = loss_name(network)
        for place, this in enumerate(first.passes):
            large = any(abs(node.value) > 10**12 for node in this.ar.nodes)  # nudges are lost
            if large or this.ar.nearest < REACH or any(tape.brittle for tape in first.tapes):
                self.tally.counts[
                    "samples where a difference says nothing (kinks, large numbers)"
                ] += 1
                continue
            mark = f"[{place + 1}]" if several else ""
            known = (*network.weights, *network.samples[0], *network.constants)
            numbers = {name: decimal(this.values[name].value) for name in known}
            names = [*network.weights, *network.inputs]
            slopes = central_differences(Plain(), network, numbers, names)
            for name, slope in slopes.items():
                if name == loss:
                    continue
                own = f"d{loss}{mark}/d{name if name in network.weights else name + mark}"
                yield from self.difference(own, mine.get(own), slope, first.slopes[own])

    def difference(self, name: str, mine: Any, slope: Decimal, known: Any) -> Iterator[str]:
        """One derivative against a central difference."""
        value, off = known
        if not math.isfinite(off):
            return
        self.tally.counts["derivatives by central differences"] += 1
        if mine is None:
            yield f"has no {name}"
            return
        spread = abs(float(slope - decimal(value)))
        if spread > 1e-17 + 1e-15 * abs(float(value)):
            yield f"{name}: the reference's own ways differ: {float(slope)!r} and {float(value)!r}"
        error = abs(float(decimal(Fraction(mine)) - slope))
        if not error <= LIMIT * off + 1e-17 + 1e-15 * abs(float(slope)):
            yield f"{name} is {float(mine)!r}, not {float(slope)!r} by central differences"

    def by_sympy(self, ours: Calculation) -> Iterator[str]:
        """One derivative of the first sample by sympy."""
        first, network = self.theirs.rounds[0], self.network
        this = first.passes[0]
        names = [*network.weights, *network.inputs]
        if this.ar.nearest < REACH or first.unsure or not names or len(this.ar.nodes) > 150:
            return
        name = names[network.seed % len(names)]
        if name == loss_name(network):
            return
        mark = "[1]" if len(network.samples) > 1 else ""
        own = f"d{loss_name(network)}{mark}/d{name if name in network.weights else name + mark}"
        mine = {each.name: each.value for each in ours.rounds[0].backward}[own]
        value, off = first.slopes[own]
        exact = isinstance(this.loss().value, Fraction) and isinstance(value, Fraction)
        slope = sympy_slope(this, exact, name)
        self.tally.counts["derivatives by sympy"] += 1
        if exact:
            if Fraction(int(slope.p), int(slope.q)) != mine:
                yield f"{own} is {mine}, not {slope} by sympy"
        elif not abs(float(mine) - float(slope)) <= LIMIT * off + 1e-17 + 1e-14 * abs(float(slope)):
            yield f"{own} is {float(mine)!r}, not {float(slope)!r} by sympy"

    def by_pytorch(self, ours: Calculation) -> Iterator[str]:
        """The derivatives by the weights and the steps by PyTorch."""
        network, theirs = self.network, self.theirs
        if not HAS_TORCH or theirs.error or theirs.unsure or theirs.brittle:
            return
        if any(tape.nearest < REACH for round_ in theirs.rounds for tape in round_.tapes):
            return
        steps = torch_steps(network, self.loaded.weights, STEPS)
        for place, (slopes, weights) in enumerate(steps):
            if not place:
                self.tally.counts["networks by PyTorch"] += 1
            of = self.total(place)
            mine = {each.name.replace("'", ""): each.value for each in ours.rounds[place].backward}
            for name, slope in slopes.items():
                yield from self.near_torch(
                    place, f"{of}{name}", mine.get(f"{of}{name}"), slope,
                    self.theirs.rounds[place].slopes.get(f"{of}{name}"),
                )  # fmt: skip
            after = {each.name.replace("'", ""): each.value for each in ours.rounds[place].update}
            for name, value in after.items():
                if name in weights:
                    node = self.theirs.rounds[place].weights[name]
                    yield from self.near_torch(
                        place + 1, name, value, weights[name], (node.value, node.off)
                    )

    def total(self, place: int) -> str:
        """What a derivative of all that a step is from begins with."""
        loss, several = loss_name(self.network), len(self.network.samples) > 1
        if self.network.online and several:
            return f"d{loss}[{place % len(self.network.samples) + 1}]/d"
        return "dJ/d" if several else f"d{loss}/d"

    def near_torch(
        self, place: int, name: str, mine: Any, slope: float, known: Any
    ) -> Iterator[str]:
        """One figure beside PyTorch's, whose functions lose a little more than ours."""
        if known is None or mine is None:
            return
        value, off = known
        room = 64 * off + 64 * Tape.rounding * abs(float(value)) + 1e-15
        if isinstance(value, Fraction):  # equal to ours; how much doubles lose is not known
            room = 1e-11 * (1 + abs(float(value)))
        if not abs(float(mine) - slope) <= room:
            figures = f"{float(mine)!r}, not {slope!r} by PyTorch (± {off:.1e})"
            yield f"{name} at step {place} is {figures}"

    # The other ways in which backcalc itself works a network out.

    def by_python(self, ours: Calculation) -> Iterator[str]:
        """The engine that training uses, bit for bit."""
        from backcalc.training.engines.plan import Planner
        from backcalc.training.engines.python import Python

        with shape(self.network.seed // SOMETIMES["python"]):
            yield from self.by_engine("Python", lambda network, batches: Python(
                Planner(network, batches).plan()))  # fmt: skip

    def by_c(self, ours: Calculation) -> Iterator[str]:
        """The one in C, where there is a compiler."""
        from backcalc.training.engines import c
        from backcalc.training.engines.plan import Planner

        if c.compiler():
            with shape(self.network.seed // SOMETIMES["C"]):
                yield from self.by_engine("C", lambda network, batches: c.C(
                    Planner(network, batches).plan()))  # fmt: skip

    def by_engine(self, name: str, make: Any) -> Iterator[str]:
        """Three epochs by an engine and by the equations."""
        from backcalc.training.engines.engine import Batches, start
        from backcalc.training.engines.equations import Equations

        network = self.loaded
        batches = Batches(1) if self.network.online else Batches()
        rate = float(self.network.rate)
        reached = [
            engine.advance([start(network)], STEPS, rate, [3], keep=True)[0]
            for engine in (Equations(network, batches), make(network, batches))
        ]
        self.tally.counts[f"networks in {name}, bit for bit"] += 1
        if reached[0] != reached[1]:
            yield f"in {name} comes to {reached[1]}, not {reached[0]}"

    def by_json(self, ours: Calculation) -> Iterator[str]:
        """What `step --format json` prints, figure by figure."""
        printed = printed_json(self.network)
        self.tally.counts["networks as JSON"] += 1
        for place, round_ in enumerate(ours.rounds):
            shown = printed["steps"][place]
            for key, steps in (("forward", round_.forward), ("backward", round_.backward),
                               ("update", round_.update)):  # fmt: skip
                if key not in shown:
                    continue
                figures = {each["name"]: each for each in shown[key]}
                for each in steps:
                    figure = figures.get(each.name, {"value": None})
                    same = figure["value"] == float(each.value)
                    if isinstance(each.value, Fraction):
                        same &= Fraction(figure["exact"]) == each.value
                    if not same:
                        yield f"{each.name} is printed as {figure}, not {each.value!r}"


@contextlib.contextmanager
def shape(number: int) -> Iterator[None]:
    """Code written out, as a loop, or in blocks, by the bounds that lead to each."""
    from backcalc.training.engines import c, plan, python

    bounds = [{}, {"MOST_UNROLLED": 0, "MOST_ALONE": 0}][number % 3 > 0]
    bounds |= {"MOST_LOCAL": 0, "BLOCK": 7} if number % 3 == 2 else {}
    places = [(m, name) for m in (c, plan, python) for name in bounds if hasattr(m, name)]
    before = [getattr(module, name) for module, name in places]
    try:
        for module, name in places:
            setattr(module, name, bounds[name])
        yield
    finally:
        for (module, name), value in zip(places, before, strict=True):
            setattr(module, name, value)


def values_of(round_: Round) -> Mapping[str, tuple[Any, float]]:
    return {name: (node.value, node.off) for name, node in round_.values.items()}


def weights_of(round_: Round) -> Mapping[str, tuple[Any, float]]:
    return {name: (node.value, node.off) for name, node in round_.weights.items()}


def bits(value: Fraction) -> int:
    """How long a fraction is."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def printed_json(network: Drawn) -> Any:
    """What the command prints for a network."""
    import io
    import json
    import sys
    import tempfile
    from pathlib import Path

    from backcalc.commands import main

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.yaml"
        path.write_text(network.text, "utf-8")
        words = ["backcalc", "step", str(path), "--steps", str(STEPS), "--inputs"]
        words += ["--format", "json", *["--online"] * network.online]
        before = sys.argv, sys.stdout, sys.stderr
        stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
        sys.argv, sys.stdout, sys.stderr = words, stream, io.StringIO()
        try:
            with contextlib.suppress(SystemExit):
                main()
            stream.flush()
            return json.loads(stream.buffer.getvalue())
        finally:
            sys.argv, sys.stdout, sys.stderr = before
