"""500 networks of the soak, and each that it ever found wrong, against independent answers."""

from __future__ import annotations

import random
import re
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import count, islice
from pathlib import Path

import digits
import pytest
from answers import RULES
from conftest import ROOT
from drawn import Drawn, Named, Op
from frozen import FUNCTIONS, INITIALISATIONS, LOSSES, OPTIMIZERS
from random_networks import drawn
from reference import LOSSES as LOSSES_ONCE_MORE
from reference import ROWS, SEVERAL, Plain
from soak_networks import examine
from tally import Tally

from backcalc.equations import losses, optimizers
from backcalc.equations.calculation import backward, step
from backcalc.equations.optimizers import known_options
from backcalc.formulas import functions
from backcalc.formulas.functions import CONVENTIONS
from backcalc.loading.definitions import LAYER, NODE, SKIP
from backcalc.loading.loader import loads
from backcalc.loading.sections import NETWORK

EACH = 20
FOUND = sorted((ROOT / "tests" / "soak" / "found").glob("*.yaml"))


@pytest.fixture(autouse=True)
def _digits() -> None:
    digits.begin()


@pytest.mark.sweep
@pytest.mark.parametrize("first", range(0, 40, EACH))
def test_as_the_reference_says(first: int) -> None:
    tally = Tally()
    for seed in range(first, first + EACH):
        examine(drawn(seed), tally, sometimes=())
    assert not tally.faults, tally.faults[0].why
    assert tally.counts["networks"] == EACH
    assert tally.counts["undefined, and rightly so"] < EACH / 4


@pytest.mark.sweep
@pytest.mark.parametrize(
    "seed", [67, 271, 329, 1131, 1312, 1438, 1670, 2604, 12497, 15589, 17151, 63885]
)
def test_a_seed_that_was_wrong_once(seed: int) -> None:
    tally = Tally()
    examine(drawn(seed), tally, sometimes=())
    assert not tally.faults, tally.faults[0].why


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(0, 60, 8))
def test_by_sympy(seed: int) -> None:
    tally = Tally()
    examine(drawn(seed), tally, sometimes=("sympy",))
    assert not tally.faults, tally.faults[0].why


# What is drawn.


SECTIONS = (
    "title", "topic", "about", "source", "inputs", "targets", "weights", "biases", "constants",
    "frozen", "nodes", "skip", "layers", "equations", "outputs", "loss", "data", "reduction",
    "learning_rate", "conventions", "expect", "points", "repeat", "optimizer", "regularisation",
    "init",
)  # fmt: skip
"""The sections that are drawn; a new one that changes figures belongs here too."""


@pytest.mark.sweep
def test_every_construct_is_drawn() -> None:
    assert {*SECTIONS} <= NETWORK.keys.keys()
    many = [drawn(seed) for seed in range(3000)]
    seen = Counter(word for network in many for word in words_of(network))
    wanted = {
        *(f"key {key}" for key in SECTIONS),
        *(f"in a unit {key}" for key in NODE.keys),
        *(f"in a skip {key}" for key in SKIP.keys),
        *(f"in a layer {key}" for key in LAYER.keys),
        *(f"function {row.name}" for row in FUNCTIONS.values()),
        *(f"activation {row.name}" for row in FUNCTIONS.values() if row.activation),
        *(f"loss {name}" for name in LOSSES),
        *(f"settings of {row.name}" for row in LOSSES.values() if row.parameters),
        *(f"settings of {row.name}" for row in FUNCTIONS.values() if row.defaults),
        *(f"optimizer {name}" for name in OPTIMIZERS),
        *(f"{row.name} with {each}" for row in OPTIMIZERS.values() for each in known_options(row)),
        *(f"convention {name}" for name in CONVENTIONS),
        *(f"distribution: {name}" for name in INITIALISATIONS),
        "reduction mean", "reduction sum", "online", "a tie", "if", "**", "class",
        "several left sides",
    }  # fmt: skip
    assert not wanted - {*seen}


def words_of(network: Drawn) -> set[str]:
    """What a network holds."""
    found = {f"key {key}" for key in re.findall(r"^(\w+):", network.text, re.MULTILINE)}
    found |= set(re.findall(r"distribution: \w+", network.text))
    for kind, section in (("unit", "nodes"), ("skip", "skip"), ("layer", "layers")):
        block = re.search(rf"^{section}:((?:\n  .*)+)", network.text, re.MULTILINE)
        keys = re.findall(r"[{ ](\w+): ", block[1]) if block else []
        found |= {f"in a {kind} {key}" for key in keys}
    for unit in network.units:
        found.add(f"activation {unit.activation}")
        found |= {f"settings of {unit.activation}"} if unit.settings else set()
    formulas = [line.formula for line in network.lines]
    if isinstance(network.loss, Named):
        found.add(f"loss {network.loss.name}")
        found |= {f"settings of {network.loss.name}"} if network.loss.settings else set()
        found |= {"class"} if len(network.targets) == 1 < len(network.outputs) else set()
    while formulas:
        formula = formulas.pop()
        if isinstance(formula, Op):
            formulas += formula.parts
            tie = formula.sign in ("max", "min") and len({*formula.parts}) < len(formula.parts)
            found |= {f"function {formula.sign}", "if" if formula.sign in "<>=!=" else formula.sign}
            found |= {"a tie"} if tie else set()
    found |= {"several left sides"} if any(len(line.names) > 1 for line in network.lines) else set()
    found |= {f"optimizer {network.optimizer}", f"reduction {network.reduction}"}
    found |= {f"{network.optimizer} with {option}" for option in network.options}
    found |= {f"convention {name}" for name in network.conventions}
    return found | ({"online"} if network.online else set())


# The reference.


LATER = [
    name
    for table, ours, drawn_from in (
        ({**ROWS, **SEVERAL}, functions.FUNCTIONS, FUNCTIONS),
        (LOSSES_ONCE_MORE, losses.LOSSES, LOSSES),
        (RULES, optimizers.OPTIMIZERS, OPTIMIZERS),
    )
    for name in table
    if name in ours and name not in drawn_from
]
"""Rows that the reference has and no seed draws."""


def test_the_reference_has_every_row_that_is_drawn() -> None:
    assert {*ROWS, *SEVERAL} >= {*FUNCTIONS}
    assert {*LOSSES_ONCE_MORE} >= {*LOSSES}
    assert {*RULES} >= {*OPTIMIZERS}


@pytest.mark.sweep
@pytest.mark.parametrize("name", LATER)
def test_a_row_that_no_seed_draws(name: str) -> None:
    tally = Tally()
    networks = (drawn(seed, exact=False, always=name) for seed in count())
    for network in islice((each for each in networks if name in each.text), EACH):
        examine(network, tally, sometimes=())
    assert not tally.faults, tally.faults[0].why
    assert tally.counts["undefined, and rightly so"] < EACH / 4


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sin", "cos", "erf", "erfc"])
def test_digits_are_those_of_mpmath(name: str) -> None:
    import mpmath

    draw = random.Random(name)
    with mpmath.workdps(80):
        for _ in range(60):
            z = Decimal(repr(draw.gauss(0, draw.choice([1, 8, 1e-9]))))
            z = abs(z) if name in ("log", "sqrt") else z
            expected = getattr(mpmath, name)(mpmath.mpf(str(z)))
            error = abs(mpmath.mpf(str(getattr(digits, name)(z))) - expected)
            assert error <= abs(expected) * mpmath.mpf(10) ** -46, z


@pytest.mark.parametrize("name", [name for name in ROWS if name in functions.FUNCTIONS][1:])
def test_the_references_values_are_those_of_doubles(name: str) -> None:
    row, draw = functions.FUNCTIONS[name], random.Random(name)
    for _ in range(50):
        z = abs(draw.gauss(0, 2)) + 0.01
        z = -z if name not in ("log", "sqrt", "log1p") and draw.random() < 0.5 else z
        theirs = Plain().call(name, Decimal(z))
        mine = row.value(z, *map(float, row.defaults))
        assert isinstance(mine, Fraction | float | int)
        assert float(mine) == pytest.approx(float(theirs), rel=1e-13)


# What the soak has found, each with what is right.


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_found_once(path: Path) -> None:
    network = loads(path.read_text("utf-8"), path.name)
    assert network.expect
    worked = {each.name: each.value for each in backward(network, by_inputs=True).backward}
    for each in network.expect:
        assert worked[each.name] == Fraction(each.written), each.name
    assert step(network).rounds
