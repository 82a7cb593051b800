"""Every engine gives the evaluator's figures, bit for bit, or says like it that there are none."""

from __future__ import annotations

import math
import os
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from conftest import NETWORKS, ROOT, TRAINED, shared
from random_networks import random_network

from backcalc.equations import calculation
from backcalc.equations.calculation import run, start_values
from backcalc.equations.network import Network
from backcalc.equations.optimizers import OPTIMIZERS, RATE
from backcalc.equations.program import assemble, lower
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.exporting.as_torch import gradients_alone
from backcalc.formulas.expression import Call, Name, apply
from backcalc.formulas.functions import FUNCTIONS
from backcalc.loading.loader import load, loads
from backcalc.loading.sections import parse_descent
from backcalc.training import run as runs
from backcalc.training.engines import c, plan, python
from backcalc.training.engines.engine import Advance, Batches, Engine, State, start
from backcalc.training.engines.equations import Equations
from backcalc.training.engines.plan import Fragments, Planner
from backcalc.training.engines.python import Python
from backcalc.training.run import engine_for

HAS_C = c.compiler() is not None
needs_c = pytest.mark.skipif(not HAS_C, reason="there is no C compiler")

EVERY_NETWORK = (*NETWORKS, *(f"networks/{name}.yaml" for name in TRAINED))

SHAPES = {
    "written out": {},
    "a loop": {"MOST_UNROLLED": 0, "MOST_ALONE": 0},
    "lists in blocks": {"MOST_UNROLLED": 0, "MOST_ALONE": 0, "MOST_LOCAL": 0, "BLOCK": 7},
}
"""The three forms that code takes, by the bounds that lead to each."""

DESCENTS = ("", "momentum,weight_decay=0.01", "adam", "rmsprop,clip_norm=1", "adamw,clip_value=0.5")
ORDERS = (Batches(), Batches(1), Batches(3, shuffled=True))

SATURATING = """
inputs: {x: 1}
targets: {y: 1}
weights: {w: 30}
nodes: {1: {from: {x: w}, activation: sigmoid}}
loss: (yhat - y)**2 + log(40 - w)
"""
"""Every step makes w larger, until the loss is the log of a negative number."""

GROWING = """
inputs: {x: 1}
targets: {y: 0}
weights: {w: 1}
nodes: {1: {from: {x: w}, activation: identity}}
loss: l2
"""
"""With a learning rate of 2 the weight is multiplied by -3 at every step."""


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Code in one of its forms."""
    for name, value in SHAPES[request.param].items():
        for module in (plan, python, c):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)
    return str(request.param)


def written(every: int, each: int) -> pytest.MarkDecorator:
    """A test over one network of so many written out, and one of so many in loops and lists.

    The same code in another form is tried on other networks.
    """
    rows = [
        (path, shape)
        for place, path in enumerate(EVERY_NETWORK)
        for shape in SHAPES
        if not place % (every if shape == "written out" else each)
    ]
    return pytest.mark.parametrize(("path", "shape"), rows, indirect=["shape"])


def variants(network: Network) -> Iterator[tuple[Network, Batches]]:
    """A network with each optimizer and order of samples that it can have."""
    for number, descent in enumerate(DESCENTS):
        own = replace(network, descent=parse_descent(descent)) if descent else network
        try:
            calculation.check_names(own)
        except BackcalcError:
            continue  # the network has given the optimizer's names to other things
        yield own, ORDERS[number % len(ORDERS)]


@cache
def worked_out(path: str) -> list[tuple[Network, Batches, Advance]]:
    """A bundled network after 20 epochs, equation by equation; but a large one with two optimizers.

    Each optimizer has its turn on some networks.
    """
    network = load(str(ROOT / path))
    own, *others = variants(network)
    turn = EVERY_NETWORK.index(path) % len(DESCENTS)
    several = [own, *others[turn : turn + 1]] if len(network.samples) < 20 else [own]
    return [(own, batches, advanced(Equations(own, batches), own, 20)) for own, batches in several]


def rate_of(network: Network) -> float:
    return float(network.learning_rate or 0.1)


def advanced(engine: Engine, network: Network, epochs: int, keep: bool = True) -> Advance:
    return engine.advance([start(network)], epochs, rate_of(network), [3], keep=keep)[0]


@pytest.mark.sweep
@written(4, 12)
def test_20_steps_of_bundled_networks(path: str, shape: str) -> None:
    if shape == "written out" and len(load(path).weights) > 20 and load(path).matrices:
        pytest.skip("many elements of a few formulas")
    for own, batches, expected in worked_out(path):
        engine = Python(Planner(own, batches).plan())
        assert advanced(engine, own, 20) == expected
        assert repr(engine.loss(expected.state)) == repr(
            Equations(own, batches).loss(expected.state)
        )


@pytest.mark.sweep
@needs_c
@written(8, 28)
def test_c_gives_the_same_bits_after_200_epochs(path: str, shape: str) -> None:
    """C and Python are written from one plan, and the compiler is what takes time."""
    network = load(str(ROOT / path))
    (own, batches), *_ = [*variants(network)][len(path) % 2 :: 2]
    planned = Planner(own, batches).plan()
    runs = [start(own), State(tuple(w * 0.9 for w in start(own).weights), start(own).memory)]
    engines = (Python(planned), c.C(planned))
    python, compiled = (e.advance(runs, 200, rate_of(own), [3, 4], keep=True) for e in engines)
    assert compiled == python


@pytest.mark.sweep
def test_random_networks(shape: str) -> None:
    for seed in range(15):
        network = loads(random_network(seed))
        expected = advanced(Equations(network, Batches()), network, 10)
        assert advanced(Python(Planner(network, Batches()).plan()), network, 10) == expected


FOUND = {
    "a choice that is known and not exact": """
inputs: [x]
targets: [y]
data: [{x: 0.2, y: -1.3}, {x: -1.2, y: 0.3}]
weights: {w: 0.8}
equations: {p: 0.1**2 if x != 0.5 else gelu(w)}
loss: l2
""",
    "a choice that is exact, another one for each sample": """
inputs: [x, u]
targets: [y]
data: [{x: -0.8, u: -3/2, y: -2}, {x: 0.7, u: 3, y: -1.2}]
weights: {w: 0.5}
constants: {c: 0.8}
equations: {p: "variance(-x, x - c, c if c == u else 1/(1/u)) + 0*w"}
outputs: [p]
loss: half_l2
""",
    "no weight to train": """
inputs: [x]
targets: [y]
data: [{x: 1, y: 2}, {x: 2, y: 1}]
weights: {w: 0.5}
frozen: [w]
nodes: {0: {from: {x: w}, activation: tanh}}
loss: l2
""",
}
"""What the soak found to differ, or not to run at all."""


@pytest.mark.parametrize("name", FOUND)
def test_found_once(name: str, shape: str) -> None:
    network = loads(FOUND[name])
    expected = advanced(Equations(network, Batches()), network, 10)
    assert advanced(Python(Planner(network, Batches()).plan()), network, 10) == expected
    if HAS_C:
        assert advanced(c.C(Planner(network, Batches()).plan()), network, 10) == expected


@pytest.mark.sweep
@needs_c
def test_random_networks_in_c() -> None:
    for seed in range(200, 210):
        network = loads(random_network(seed))
        planned = Planner(network, Batches()).plan()
        assert advanced(c.C(planned), network, 50) == advanced(Python(planned), network, 50)


@pytest.mark.sweep
@pytest.mark.parametrize("path", shared(EVERY_NETWORK, "the first step"))
def test_the_first_step_is_that_of_the_sheet(path: str) -> None:
    network = load(str(ROOT / path))
    program = assemble(network)
    values = start_values(network) | {RATE: rate_of(network)}
    values |= {name: float(value) for name, value in network.weights.items()}
    run(program.forward, values)
    loss = float(values[program.loss])
    run(program.backward, values)
    run(program.update, values)
    reached = advanced(Equations(network, Batches()), network, 1)
    assert reached.losses[0] == pytest.approx(loss, rel=1e-14, abs=1e-300)
    after = [values[name if name in network.frozen else f"{name}'"] for name in network.weights]
    for own, (weight, expected) in zip(
        reached.state.weights, zip(network.weights, after, strict=True), strict=True
    ):
        assert own == pytest.approx(float(expected), rel=1e-12, abs=1e-15), weight


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_in_code_gives_its_value(name: str) -> None:
    row = FUNCTIONS[name]
    draw = random.Random(name)
    names = [f"a{k}" for k in range(3 if row.variadic else len(row.parameters))]
    outputs = range(len(names)) if row.outputs else [None]
    pieces = []
    for output in outputs:
        graph = plan.NodeGraph()
        inputs = {each: graph.input(each) for each in names}
        call = Call(row, tuple(map(Name, names)), output)
        pieces.append(plan.Fragment(graph, inputs, (graph.build(call, inputs),)))
    for _ in range(300):
        numbers = [draw.choice([draw.gauss(0, 2), draw.gauss(0, 300), 0.5]) for _ in names]
        for output, piece in zip(outputs, pieces, strict=True):
            try:
                expected = float(apply(row, [*numbers], output)) + 0.0  # the sign of a zero is free
            except (ArithmeticError, ValueError):
                expected = math.nan
            assert repr(computed(piece, numbers)) == repr(expected), numbers


def computed(piece: plan.Fragment, numbers: list[float]) -> float:
    """The result of a piece on numbers, worked out from its lines."""
    from backcalc.training.engines.code import IN_PYTHON, Printer

    names = {place: f"a{number}" for number, place in enumerate(piece.inputs.values())}
    printer = Printer(piece.graph, IN_PYTHON, names)
    lines = [f"{' ' * depth}{text}" for depth, text in printer.lines(piece.results, "v{}".format)]
    scope = {**vars(math), **{f"a{number}": value for number, value in enumerate(numbers)}}
    try:
        exec("\n".join([*lines, f"result = {printer.text(piece.results[0])}"]), scope)
    except (ArithmeticError, ValueError):
        return math.nan
    return float(scope["result"]) + 0.0


# What has no finite answer.


def engines_of(network: Network) -> list[Engine]:
    planned = Planner(network, Batches()).plan()
    return [
        Equations(network, Batches()),
        Python(planned),
        *([c.C(planned)] if HAS_C else []),
    ]


@pytest.mark.sweep
def test_every_engine_stops_before_the_epoch_that_is_undefined(shape: str) -> None:
    network = loads(SATURATING)
    for engine in engines_of(network):
        (reached,) = engine.advance([start(network)], 500, 0.5, [0], keep=True)
        assert reached.undefined
        assert reached.state.epoch == len(reached.losses)
        assert reached.state == engines_of(network)[0].advance(
            [start(network)], reached.state.epoch, 0.5, [0], keep=True
        )[0].state  # fmt: skip
        with pytest.raises(UndefinedError, match=r"L is undefined: L = .*log\(40 - w\)"):
            Equations(network, Batches()).losses(reached.state)
        assert math.isnan(engine.loss(reached.state))


UNUSED = """
inputs: [x]
weights: {w0: 1/3, w1: -100}
data: [{x: 0.1}, {x: 1e-5}]
equations: {q0: sqrt(w1), q1: w0*x, q2: log(q1 - 5)}
loss: q1
"""
"""Neither q0 nor q2 has a value, and the loss needs neither."""


def test_no_engine_runs_what_the_loss_does_not_need(shape: str) -> None:
    network = loads(UNUSED)
    figures = set()
    for engine in engines_of(network):
        (reached,) = engine.advance([start(network)], 5, 0.1, [0], keep=True)
        assert not reached.undefined
        figures.add((reached, engine.loss(reached.state)))
    assert len(figures) == 1


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(0, 60, 12))
def test_engines_agree_on_a_loss_in_the_middle(seed: int, shape: str) -> None:
    """What comes after the loss, and what may be undefined there, changes no engine's figures."""
    network = loads(random_network(seed))
    names = [each.name for each in lower(network)]
    inner = replace(network, loss=names[(len(names) - 1) // 2], loss_name=None)
    found = [
        engine.advance([start(inner)], 3, 0.1, [0], keep=True)[0]
        for engine in engines_of(inner)[: 3 if seed % 18 == 0 else 2]
    ]
    assert found.count(found[0]) == len(found)


def test_a_weight_that_grows_past_all_numbers_is_undefined_at_the_same_epoch(shape: str) -> None:
    network = loads(GROWING)
    # The weight is 3**k; 4*3**k, on the way to the next, passes 1.8e308 at k = 645, and the loss,
    # which is 9**k, at k = 324.
    for keep, last in ((False, 645), (True, 324)):
        for engine in engines_of(network):
            (reached,) = engine.advance([start(network)], 2000, 2.0, [0], keep=keep)
            assert reached.undefined
            assert reached.state.epoch == last
            assert reached.state.weights == (pytest.approx((-3.0) ** last),)


def test_runs_of_which_one_is_undefined_leave_the_others_alone() -> None:
    network = loads(GROWING)
    runs = [State((weight,)) for weight in (0.0, 1e300, 1e-300, 0.5)]
    for engine in engines_of(network)[1:]:
        reached = engine.advance(runs, 50, 2.0, [0] * 4, keep=False)
        assert [each.undefined for each in reached] == [False, True, False, False]
        assert reached[3].state.weights == (0.5 * 3.0**50,)
        assert reached[0].state.weights == (0.0,)


# Epochs, orders, cores.


@pytest.mark.sweep
@pytest.mark.parametrize("batches", ORDERS)
def test_many_epochs_are_few_epochs_again_and_again(batches: Batches, shape: str) -> None:
    network = replace(load("xor"), descent=parse_descent("adam"))
    planned = Planner(network, batches).plan()
    for engine in (Python(planned), Equations(network, batches)):
        at_once = advanced(engine, network, 30)
        state, losses = start(network), ()
        for epochs in (1, 7, 22):
            (part,) = engine.advance([state], epochs, rate_of(network), [3], keep=True)
            state, losses = part.state, (*losses, *part.losses)
        assert (state, losses) == (at_once.state, at_once.losses)


def test_an_epoch_takes_every_sample_once_in_an_order_of_its_own() -> None:
    orders = [Batches(3, shuffled=True).order(10, epoch, 5) for epoch in range(20)]
    for order in orders:
        assert [len(batch) for batch in order] == [3, 3, 3, 1]
        assert sorted(place for batch in order for place in batch) == list(range(10))
    assert len({str(order) for order in orders}) == 20
    assert Batches(3, shuffled=True).order(10, 7, 6) != orders[7]
    assert Batches(3).order(7, 0, 0) == [[0, 1, 2], [3, 4, 5], [6]]


@pytest.mark.sweep
@needs_c
def test_orders_handed_over_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    network = load("xor")
    planned = Planner(network, Batches(3, shuffled=True)).plan()
    runs = [start(network)] * 3
    expected = Python(planned).advance(runs, 40, 0.5, [1, 2, 1], keep=True)
    monkeypatch.setattr(c, "MOST_PLACES", 50)
    assert c.C(planned).advance(runs, 40, 0.5, [1, 2, 1], keep=True) == expected
    assert expected[0] == expected[2] != expected[1]


@pytest.mark.sweep
def test_any_number_of_cores_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    network = load("xor")
    planned = Planner(network, Batches()).plan()
    draw = random.Random(0)
    runs = [State(tuple(draw.gauss(0, 1) for _ in network.weights)) for _ in range(7)]
    expected = Python(planned).advance(runs, 50, 0.5, range(7), keep=True)
    if HAS_C:
        for many in (1, 2, 5, 16):
            monkeypatch.setattr(c, "cores", lambda many=many: many)
            assert c.C(planned).advance(runs, 50, 0.5, range(7), keep=True) == expected


# The choice, and what may go wrong with a compiler.


def test_the_estimate() -> None:
    xor = Planner(load("xor"), Batches()).plan()
    assert not runs.worth_c(xor, 1_000)
    assert runs.worth_c(xor, 1_000_000)
    assert xor.epoch
    huge = replace(xor, epoch=replace(xor.epoch, graph=Large()))
    assert not runs.worth_c(huge, 1_000_000_000)


class Large(plan.NodeGraph):
    """A graph that says that it is large."""

    def __init__(self) -> None:
        self.nodes = range(runs.MOST_STATEMENTS + 1)  # type: ignore[assignment]


OUTPUT = 'for word; do case "$before" in -o) out=$word;; esac; before=$word; done'
"""Shell: the file that a compiler is asked to write."""
LIBRARY_OF = (
    f'make() {{ echo "$1" | {c.compiler()} -shared -fPIC -nostdlib -x c - -o "$out"; }}; make'
)
"""Shell: write it, a library of a C source and of nothing else."""


@needs_c
@pytest.mark.parametrize(
    ("script", "note"),
    [
        ("exit 1", "failed: exit status 1"),
        ("echo 'no room' >&2; exit 2", "failed: no room"),
        ("sleep 60", "took more than 1 seconds"),
        ("exit 0", "failed: equations.so: cannot open shared object file: .*"),
        (f"{OUTPUT}; echo $out: no room >&2; exit 1", "failed: equations.so: no room"),
        (f"{OUTPUT}; {LIBRARY_OF} 'int nothing;'", "made a library without run"),
        (f"{OUTPUT}; {LIBRARY_OF} 'void run(void) {{}}'", "made a library without exp"),
    ],
)
def test_a_compiler_that_fails_or_hangs_is_a_note(
    script: str, note: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "cc"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CC", str(fake))
    if script.startswith("sleep"):
        monkeypatch.setattr(c, "PATIENCE", 1.0)
    engine, found = engine_for(load("xor"), Batches(), "c", epochs=1)
    assert engine.name == "python"
    assert re.fullmatch(
        rf"the C compiler .*/cc {note}; the equations run as Python, to the same figures", found
    )


@needs_c
def test_a_compiler_that_hangs_is_ended_with_all_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "cc"
    fake.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/child\nwait\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CC", str(fake))
    said, patience = tmp_path / "child", 1.0
    while not said.exists() or not said.read_text():  # a busy machine has not come so far
        monkeypatch.setattr(c, "PATIENCE", patience)
        engine_for(load("xor"), Batches(), "c", epochs=1)
        patience *= 2
    child = int(said.read_text())
    for _ in range(100):  # until whoever inherits it has seen it end
        try:
            status = Path(f"/proc/{child}/stat").read_text()
        except FileNotFoundError:
            return
        if ") Z " in status:
            return
        time.sleep(0.05)
    raise AssertionError("the compiler's child is still there")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("w: 1", "w: 1e400", "w is too large to train with"),
        ("x: 1", "x: -1e309", "x is too large to train with"),
    ],
)
def test_numbers_too_large_for_floats_are_named(old: str, new: str, message: str) -> None:
    with pytest.raises(BackcalcError) as caught:
        engine_for(loads(GROWING.replace(old, new)), Batches(), epochs=1)
    assert caught.value.message == message


def test_no_compiler_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    engine, note = engine_for(load("xor"), Batches(), "c", epochs=1)
    assert (engine.name, note) == (
        "python", "there is no C compiler; the equations run as Python, to the same figures",
    )  # fmt: skip


@needs_c
def test_a_library_that_rounds_otherwise_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(math, "tanh", lambda z: z)
    _, note = engine_for(load("xor"), Batches(), "c", epochs=1)
    assert note.startswith("the C library's tanh is not the one that Python calls; ")


@pytest.mark.sweep
def test_large_networks_for_few_epochs_are_not_compiled() -> None:
    network = loads(wide(300))
    assert engine_for(network, Batches(), epochs=1)[0].name == "equations"
    assert engine_for(network, Batches(), epochs=1000)[0].name != "equations"


def wide(units: int) -> str:
    """A network with one hidden layer of so many units."""
    draw = random.Random(units)
    numbers = [f"{draw.gauss(0, 1):.2f}" for _ in range(units)]
    return (
        "inputs: {x: 0.5}\ntargets: {y: 1}\nlayers:\n"
        f"  - {{name: h, units: {units}, activation: tanh,"
        f" weights: [{', '.join(f'[{number}]' for number in numbers)}],"
        f" bias: [{', '.join(numbers)}]}}\n"
        f"  - {{name: o, units: 1, activation: identity, weights: [[{', '.join(numbers)}]]}}\n"
        "loss: half_l2\n"
    )


# What the code is made of.

HOSTILE = """
inputs: {__import__: 1, os: 2}
targets: {system: 1}
weights: {exec: 0.5, exp: 0.25, v7: 2, lr_: 1}
equations:
  rows: exec*__import__ + exp*os
  yhat: v7*lr_*sigmoid(rows)
loss: bce
title: "'); import os; os.system('x')  # */ #include"
"""


def test_no_text_of_a_file_gets_into_the_code(shape: str) -> None:
    planned: Fragments = Planner(loads(HOSTILE), Batches()).plan()
    for code in ("".join(python.python_source(planned)), c.c_source(planned)):
        words = set(re.findall(r"[A-Za-z_]\w*", code))
        assert words.isdisjoint({"__import__", "os", "system", "exec", "lr_", "import", "title"})


PLAIN = {
    "exec": "w1", "exp": "w2", "v7": "w3", "lr_": "w4", "__import__": "x1", "os": "x2",
    "system": "y1", "rows": "z1",
}  # fmt: skip
"""Names that nobody minds, for the hostile ones."""

POSITIONAL = re.compile(r"[a-z]\d*|[a-z]+\d|(epoch|kept|sample|update|one_loss)\d+")
WORDS = {
    "python": "ZeroDivisionError _ and append batch batches block def else epochs float for if in"
    " keep len loss losses lr memory not one_loss orders pass raise return rows run sample total"
    " update weights",
    "c": "FE_ALL_EXCEPT FE_DIVBYZERO FE_INVALID FE_OVERFLOW __builtin_fabs"
    " __builtin_sqrt char const define double else end epochs failed feclearexcept fenv"
    " fetestexcept for free if include int long malloc losses lr memory one one_loss order"
    " return rows run runs sample size sizeof start static stride total"
    " unsigned update void weights zero",
}
"""The words of each language's code, next to positional names and the functions of math."""


def codes(planned: Fragments) -> dict[str, list[str]]:
    """All code that is made of a network, by language."""
    return {"python": ["".join(python.python_source(planned))], "c": [c.c_source(planned)]}


@pytest.mark.sweep
@written(3, 12)
def test_code_is_made_of_positional_names_and_numbers(path: str, shape: str) -> None:
    made = codes(Planner(load(path), Batches()).plan())
    for language, sources in made.items():
        known = {*WORDS[language].split(), *dir(math), "abs"}
        for code in sources:
            others = {*re.findall(r"[^\W\d]\w*", code)} - known
            assert [word for word in sorted(others) if not POSITIONAL.fullmatch(word)] == []
            assert not re.search(r"['\"@`$\\\\]|//", code.replace(" \\\n", ""))


def test_hostile_names_give_the_code_that_plain_ones_give(shape: str) -> None:
    text = re.sub(r"\w+", lambda word: PLAIN.get(word[0], word[0]), HOSTILE)
    hostile, plain = (codes(Planner(loads(each), Batches()).plan()) for each in (HOSTILE, text))
    assert hostile == plain


def test_what_pytorch_is_given_has_positional_names_too() -> None:
    hostile = HOSTILE.replace("bce", "half_l2")
    plain = re.sub(r"\w+", lambda word: PLAIN.get(word[0], word[0]), hostile)
    codes = [gradients_alone(calculation.backward(loads(text))) for text in (hostile, plain)]
    assert codes[0] == codes[1]
    words = {*re.findall(r"[^\W\d]\w*", codes[0])}
    assert words.isdisjoint({"__import__", "os", "system", "exec", "lr_", "title"})


def test_code_is_run_in_one_file() -> None:
    runs = [
        path for path in (ROOT / "backcalc").rglob("*.py") if "exec(" in path.read_text("utf-8")
    ]
    assert {path.relative_to(ROOT).as_posix() for path in runs} == {
        "backcalc/formulas/__init__.py",  # the names of a class's fields
        "backcalc/training/engines/python.py",
    }


@needs_c
def test_nothing_is_left_of_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    engine_for(load("xor"), Batches(), "c", epochs=1)
    assert os.listdir(tmp_path) == []
    assert shutil.which("sh")


@pytest.mark.sweep
def test_every_optimizer_in_every_shape(shape: str) -> None:
    for name in (name for name, row in OPTIMIZERS.items() if not row.ahead):
        network = replace(load("xor"), descent=parse_descent(name))
        for batches in shared(ORDERS, name + shape):
            engine = Python(Planner(network, batches).plan())
            assert advanced(engine, network, 10) == by_equations(name, batches)


@cache
def by_equations(optimizer: str, batches: Batches) -> Advance:
    """The same 10 epochs for every shape, worked out once."""
    network = replace(load("xor"), descent=parse_descent(optimizer))
    return advanced(Equations(network, batches), network, 10)


# Many arguments: counted, not timed.


def softmax_layer(outputs: int, function: str = "softmax", loss: str = "cross_entropy") -> str:
    """A layer of so many outputs; the target is the number of one, or one for each of them."""
    rows = ", ".join(f"[0.{k % 9 + 1}, -0.{k * 7 % 9 + 1}]" for k in range(outputs))
    each = ", ".join(f"y{k}: {int(k == 2)}" for k in range(1, outputs + 1))
    return (
        f"inputs: {{x1: 0.5, x2: -1}}\ntargets: {{{'y: 3' if loss == 'cross_entropy' else each}}}\n"
        f"layers:\n  - {{name: o, units: {outputs}, activation: {function},\n"
        f"     weights: [{rows}],\n     bias: [{', '.join('0' for _ in range(outputs))}]}}\n"
        f"loss: {loss}\n"
    )


def extreme(arguments: int, function: str) -> str:
    """The greatest or least of so many products."""
    weights = ", ".join(f"w{k}: 0.{k % 9 + 1}" for k in range(arguments))
    products = ", ".join(f"w{k}*x" for k in range(arguments))
    return (
        f"inputs: {{x: 0.5}}\ntargets: {{y: 1}}\nweights: {{{weights}}}\n"
        f"equations: {{yhat: '{function}({products})'}}\nloss: l2\n"
    )


@pytest.mark.sweep
def test_a_softmax_layer_of_300_outputs_takes_10_times_what_30_take() -> None:
    few, many = (Planner(loads(softmax_layer(n)), Batches()).plan() for n in (30, 300))
    assert many.statements < 10.5 * few.statements
    lengths = [sum(map(len, python.python_source(each))) for each in (few, many)]
    assert lengths[1] < 12 * lengths[0]  # a number of more digits here and there


@pytest.mark.sweep
@pytest.mark.parametrize(
    "text",
    [
        lambda n: extreme(n, "max"),
        lambda n: extreme(n, "min"),
        lambda n: softmax_layer(n, "softmax", "l2"),
        lambda n: softmax_layer(n, "log_softmax", "l2"),
    ],
)
def test_code_for_a_loss_grows_as_the_arguments_do(text: Callable[[int], str]) -> None:
    sizes = []
    for arguments in (8, 16, 32):
        loss = Planner(loads(text(arguments)), Batches()).plan().loss
        needed = {*loss.results}
        for place in range(len(loss.graph.nodes) - 1, -1, -1):
            if place in needed:
                needed.update(loss.graph.nodes[place].of)
        sizes.append(len(needed))
    assert sizes[2] - sizes[1] < 2.2 * (sizes[1] - sizes[0])


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("function", "loss"), [("softmax", "cross_entropy"), ("log_softmax", "half_l2")]
)
def test_a_large_softmax_layer_has_the_gradients_of_the_sheet(function: str, loss: str) -> None:
    network = loads(softmax_layer(40, function, loss))
    program = assemble(network)
    values = start_values(network) | {RATE: 0.5}
    values |= {name: float(value) for name, value in network.weights.items()}
    run((*program.forward, *program.backward, *program.update), values)
    engines = engines_of(network)
    reached = [engine.advance([start(network)], 1, 0.5, [0], keep=True)[0] for engine in engines]
    assert reached.count(reached[0]) == len(engines)
    assert reached[0].losses[0] == pytest.approx(float(values["L"]), rel=1e-13)
    after = [float(values[f"{name}'"]) for name in network.weights]
    assert reached[0].state.weights == pytest.approx(after, rel=1e-12, abs=1e-15)


def test_a_large_log_softmax_is_exact_where_one_argument_wins_by_far() -> None:
    text = softmax_layer(40, "log_softmax", "l2").replace("[0.1, -0.1]", "[120, 0]", 1)
    network = loads(text)
    values = Equations(network, Batches()).passes(start(network))[0]
    others = -float(values[network.outputs[0]])
    assert 0 < others < 1e-20


@pytest.mark.sweep
def test_a_large_softmax_layer_over_several_samples(shape: str) -> None:
    text = softmax_layer(40).replace(
        "inputs: {x1: 0.5, x2: -1}\ntargets: {y: 3}\n",
        "inputs: [x1, x2]\ntargets: [y]\n"
        "data: [{x1: 0.5, x2: -1, y: 3}, {x1: 1, x2: 2, y: 39}, {x1: -1, x2: 0.3, y: 0}]\n",
    )
    network = loads(text)
    found = [
        engine.advance([start(network)], 3, 0.5, [0], keep=True)[0]
        for engine in engines_of(network)
    ]
    assert found.count(found[0]) == len(found)
    assert found[0].losses[2] < found[0].losses[0]


@pytest.mark.sweep
@pytest.mark.parametrize("path", [*EVERY_NETWORK[::20], "networks/xor.yaml"])
def test_an_epoch_written_out_in_blocks(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (python, c):
        monkeypatch.setattr(module, "MOST_LOCAL", 0)
        monkeypatch.setattr(module, "BLOCK", 7)
    for own, batches in [*variants(load(str(ROOT / path)))][:2]:
        expected = advanced(Equations(own, batches), own, 10)
        planned = Planner(own, batches).plan()
        assert advanced(Python(planned), own, 10) == expected
        if HAS_C:
            assert advanced(c.C(planned), own, 10) == expected
