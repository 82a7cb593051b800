"""Variants: good numbers, the same from the same seed, files that lead back to them."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from conftest import ROOT

from backcalc.equations import calculation
from backcalc.equations.calculation import start_values
from backcalc.equations.named import with_numbers
from backcalc.equations.program import assemble
from backcalc.errors import BackcalcError
from backcalc.formats import READABLE
from backcalc.formulas.expression import answers
from backcalc.formulas.notation import rounded
from backcalc.loading.loader import load, loads
from backcalc.worksheets import class_folder
from backcalc.worksheets.asked import Exercise, exercise, given, room
from backcalc.worksheets.class_folder import network_text
from backcalc.worksheets.packages import PACKAGES
from backcalc.worksheets.search import (
    BLEMISHES,
    CONDITIONS,
    Examiner,
    draws,
    saturates,
    search,
    variants,
)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# The numbers are good: looked at from the calculation, not from the conditions.


def judged(network, rate: Fraction) -> list[str]:
    """What is wrong with a sheet, found without the module under test."""
    worked = calculation.step(network, rate)
    values = worked.values
    found = [f"{name} = 0" for name, value in values.items() if value == 0]
    for unit in network.units:
        for primes in ("", "'"):
            z = float(values[unit.pre_activation + primes])
            if unit.activation.name == "relu" and z <= 0:
                found.append(f"unit {unit.name} is closed")
            if unit.activation.name == "sigmoid" and abs(z) > 4:
                found.append(f"unit {unit.name} is saturated")
    return found


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "seed"), [("skip", 7), ("mazur", 8)])
def test_thirty_variants_are_good_and_differ(name: str, seed: int) -> None:
    network = load(name)
    found = [*variants(search(network), seed, 30)]
    assert [each.index for each in found] == [*range(1, 31)]
    for each in found:
        assert judged(each.network, network.learning_rate) == []
    assert len({tuple(start_values(each.network).items()) for each in found}) == 30


@pytest.mark.sweep
def test_variants_of_an_exact_sheet_are_exact_and_short() -> None:
    for each in variants(search(load("skip")), 7, 30):
        for step in each.exercise.steps:
            assert isinstance(step.value, Fraction)
            assert rounded(step.value, 6)[1], f"{step.name} = {step.value}"


@pytest.mark.sweep
def test_numbers_have_no_more_digits_than_the_file_s() -> None:
    network = load("mazur")
    for each in variants(search(network), 7, 10):
        for name, value in each.network.weights.items():
            assert value % Fraction(1, 20) == 0, name
        assert {each.network.samples[0][n] for n in ("y1", "y2")} == {
            Fraction(1, 100),
            Fraction(99, 100),
        }
        assert each.network.learning_rate == network.learning_rate
        assert each.network.frozen == network.frozen


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["linear_classifier", "lstm_vectors", "matrix_rows"])
def test_vectors_and_matrices_get_other_numbers(name: str) -> None:
    network = load(name)
    (found,) = variants(search(network), 7, 1)
    again = loads(network_text(network.file, found.exercise))
    assert again.matrices is not None
    assert start_values(again) == start_values(found.network)
    assert start_values(again) != start_values(network)


@pytest.mark.sweep
def test_the_first_variants_do_not_depend_on_the_count() -> None:
    wanted = search(load("skip"))
    few = [each.numbers for each in variants(wanted, 3, 4)]
    assert few == [each.numbers for each in variants(search(load("skip")), 3, 9)][:4]
    assert few != [each.numbers for each in variants(wanted, 4, 4)]


def test_classes_zeros_and_truth_tables_stay() -> None:
    for name, kept in (("xor", ("x1", "x2", "y")), ("or_gate", ("x1", "x2", "y"))):
        names = {n.partition("[")[0] for each in draws(load(name)) for n in each.names}
        assert names.isdisjoint(kept)
    rng = Random(0)
    for _ in range(20):
        drawn = dict(pair for each in draws(load("softmax")) for pair in each.drawn(rng))
        assert sorted(drawn[name] for name in ("y1", "y2", "y3")) == [0, 0, 1]
        drawn = dict(pair for each in draws(load("softmax_regression")) for pair in each.drawn(rng))
        assert drawn["c"] in (0, 1, 2)
        drawn = dict(pair for each in draws(load("rnn_repeat")) for pair in each.drawn(rng))
        assert "h[0]" not in drawn


# Each condition finds its case.

UNIT = """
inputs: {{x: {x}}}
targets: {{y: 5}}
weights: {{w: 0.3}}
nodes: {{0: {{from: {{x: w}}, activation: {activation}}}}}
loss: {loss}
learning_rate: 0.1
"""


def complaints(sheet: Exercise, model: Exercise) -> set[str]:
    """The words for all faults of a sheet."""
    judge = Examiner.of(model)
    return {
        *judge.conditions(sheet.values),
        *judge.blemishes(sheet.values),
    }


@pytest.mark.parametrize(
    ("x", "activation", "loss", "words"),
    [
        (2, "relu", "l2", set()),
        (-2, "relu", "l2", {"dead", "zero", "equal"}),
        (2, "sigmoid", "l2", set()),
        (30, "sigmoid", "l2", {"saturated", "size", "cancelled"}),
        (1, "identity", "l2", {"equal"}),
        (Fraction(50, 3), "identity", "l1", {"zero", "kink", "equal"}),
    ],
)
def test_a_condition_is_found(x: object, activation: str, loss: str, words: set[str]) -> None:
    model = exercise(loads(UNIT.format(x=2, activation=activation, loss=loss)))
    sheet = exercise(loads(UNIT.format(x=x, activation=activation, loss=loss)))
    assert complaints(sheet, model) - {"long"} == words


SUM = """
weights: {{a: {a}, b: {b}, c: {c}}}
equations: {{f: a - b + c*c, g: 2*f}}
loss: g
learning_rate: 0.01
"""


@pytest.mark.parametrize(
    ("a", "b", "c", "words"),
    [
        (3, 2, 0.5, set()),
        (30, 30.24, 0.5, {"cancelled"}),
        (3, 3.25, 0.5, {"zero"}),
        (3, 2, 0.0001, {"size"}),
        (3000, 2, 0.5, {"size"}),
        (300, 200, 20, set()),
        (3, 3.24, 0.5, set()),
    ],
)
def test_cancellation_and_size_are_found(a: float, b: float, c: float, words: set[str]) -> None:
    model = exercise(loads(SUM.format(a=3, b=2, c=0.5)))
    sheet = exercise(loads(SUM.format(a=a, b=b, c=c)))
    assert complaints(sheet, model) & set(CONDITIONS) == words


def test_a_file_s_own_figure_that_is_almost_0_is_no_measure() -> None:
    model = exercise(loads(SUM.format(a=3, b=3.2491, c=0.5)))
    sheet = exercise(loads(SUM.format(a=3, b=2, c=0.5)))
    assert not complaints(sheet, model) & set(CONDITIONS)


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["softmax_regression", "sigmoid_gates"])
def test_no_answer_is_almost_nothing(name: str) -> None:
    network = load(name)
    own = exercise(network).values
    for each in variants(search(network), 7, 3):
        for step in each.exercise.steps:
            size = abs(float(step.value))
            assert size == 0 or size >= min(1, abs(float(own[step.name])) or 1) / 1000, step.name
            if step.name.startswith("yhat"):
                assert 0.01 <= size <= 0.98


@pytest.mark.sweep
def test_a_variant_s_loss_falls_as_the_file_s_does_where_it_can_be_had() -> None:
    rounds = [each.exercise.calculation.rounds[0] for each in variants(search(load("skip")), 7, 30)]
    assert sum(each.loss_after > each.loss_before for each in rounds) <= 2


TANH = """
inputs: {u1: 0.6, u2: -1.2}
targets: {t1: 0, t2: 1}
weights: {v11: 0.3, v12: -0.2, v21: 0.5, v22: 0.4, v31: -0.6, v32: 0.1,
           c11: 0.7, c12: -0.3, c13: 0.2, c21: -0.4, c22: 0.5, c23: 0.9}
biases: {a1: 0.1, a2: 0, a3: -0.2, d1: 0.05, d2: -0.05}
nodes:
  1: {from: {u1: v11, u2: v12}, bias: a1, activation: tanh}
  2: {from: {u1: v21, u2: v22}, bias: a2, activation: tanh}
  3: {from: {u1: v31, u2: v32}, bias: a3, activation: tanh}
  o1: {from: {1: c11, 2: c12, 3: c13}, bias: d1, activation: softmax}
  o2: {from: {1: c21, 2: c22, 3: c23}, bias: d2, activation: softmax}
loss: cross_entropy
"""


@pytest.mark.sweep
def test_numbers_show_an_activation_s_derivative_that_is_left_out() -> None:
    for each in variants(search(loads(TANH)), 3, 5):
        at = {name: float(value) for name, value in each.exercise.values.items()}
        wide = room(each.exercise, 4)
        for unit in "123":
            back = sum(at[f"dL/dz_o{o}"] * at[f"c{o}{unit}"] for o in "12")
            assert abs(back - at[f"dL/dz{unit}"]) > wide[f"dL/dz{unit}"], (each.index, unit)


@pytest.mark.sweep
def test_a_mistake_that_still_hides_is_told(run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(TANH)
    kept = "v11,v12,v21,v22,v31,v32,a1,a3,u1,u2"
    options = ("--seed", "3", "-o", str(tmp_path / "out"), "--digits", "2")
    said = run("variant", str(tmp_path / "net.yaml"), *options, "--keep", kept).stderr
    (line,) = [each for each in said.splitlines() if "does not show" in each]
    assert "dL/dz2 (activation derivative left out: variant 1)" in line


def test_a_long_figure_is_a_blemish() -> None:
    model = exercise(loads(UNIT.format(x=2, activation="identity", loss="l1")))
    sheet = exercise(loads(UNIT.format(x="1.000000001", activation="identity", loss="l1")))
    assert complaints(sheet, model) == {"long"}
    assert not set(BLEMISHES) & set(CONDITIONS)


def test_the_functions_that_saturate_follow_from_the_table() -> None:
    from backcalc.formulas.functions import FUNCTIONS

    assert [n for n in FUNCTIONS if saturates(n)] == ["sigmoid", "tanh", "sech", "erf", "erfc"]


def test_what_no_numbers_avoid_is_said_and_let_through(run, tmp_path: Path) -> None:
    done = run("variant", "max_gate", "--seed", "1", "-o", str(tmp_path / "v"))
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == (
        "note: whatever the numbers, each sheet has an answer that is 0 once at least\n"
        f"{tmp_path}/v: 1 variant written, keys in {tmp_path}/v/keys\n"
    )


AT_A_KINK = """
inputs: {x: 2}
targets: {y: 1}
weights: {W: [[0.5, -1.5], [0.25, 0.3]], b: [-1, 0.4], v: 0.7}
equations: {z: W.T @ b, h: "relu(W[0, 0]*x + b[0])", p: h + sum(z)*v}
names: {b: bias}
loss: half_l2
learning_rate: 0.1
"""


@pytest.mark.sweep
@pytest.mark.parametrize("allow", [(), ("--allow", "kink")])
def test_a_kink_that_is_lost_is_told_and_may_be_kept(
    allow: tuple[str, ...], run, tmp_path: Path
) -> None:
    (tmp_path / "net.yaml").write_text(AT_A_KINK, "utf-8")
    made = ("variant", "net.yaml", "--seed", "1", "--count", "2", *allow)
    lost = run(*made, "-o", "lost", cwd=tmp_path)
    assert lost.exit_code == 0
    assert lost.stderr.startswith("note: your own sheet has ")
    assert lost.stderr.splitlines()[0].endswith(
        "a value at which a derivative jumps, and no variant has;"
        " --keep NAME,... keeps the numbers that make it so"
    )
    kept = run(*made, "-o", "kept", "--keep", "x, W_11,bias", cwd=tmp_path)
    assert kept.exit_code == 0
    assert "jumps, and no variant has" not in kept.stderr
    own = load(str(tmp_path / "net.yaml"))
    for path in (tmp_path / "kept").glob("variant-*/network.yaml"):
        found = load(str(path))
        same = {name for name, value in found.weights.items() if value == own.weights[name]}
        assert {"W_11", "b_1", "b_2"} <= same < {*own.weights}
        assert found.samples[0]["x"] == 2


def test_a_number_that_does_not_vary_cannot_be_kept(run, tmp_path: Path) -> None:
    made = run("variant", "skip", "--seed", "1", "-o", str(tmp_path / "v"), "--keep", "w9")
    assert made.exit_code == 2
    assert made.stderr.startswith("'w9' is no number that varies\nhint: these vary: w0, w1, ")
    made = run("variant", "xor", "--seed", "1", "-o", str(tmp_path / "v"), "--keep", "x1")
    assert "'x1' is no number that varies" in made.stderr  # XOR is XOR


NEVER_OPEN = """
inputs: {x: 1}
targets: {y: 3}
weights: {w: 0.5}
constants: {far: 1.9}
equations:
  z: w*x
  open: relu(z - far)
  shut: relu(far - z)
  yhat: z + w*open - w*shut
loss: l2
"""


@pytest.mark.sweep
def test_numbers_without_an_answer_in_doubles_are_judged_by_their_sheet() -> None:
    """sigmoid(50) is 1 in doubles, and log(1 - 1) has no value; the sheet has 50 digits."""
    text = "inputs: {x: 50}\nweights: {w: 1}\nequations: {p: sigmoid(w*x)}\nloss: -log(1 - p)\n"
    found, _ = search(loads(text)).roughly({"w": Fraction(1), "x": Fraction(50)})
    assert found["cancelled"]


@pytest.mark.sweep
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_terms_without_a_value_in_doubles_are_judged_too(seed: int) -> None:
    """The loss of a sure answer holds log(1 - yhat) with a yhat that is 1 in doubles."""
    (found,) = variants(search(load("sentiment")), seed, 1)
    assert found.exercise.steps


@pytest.mark.sweep
def test_few_of_the_numbers_that_are_tried_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doubles say for nearly all numbers that they will not do."""
    worked = []

    def counted(*arguments: object) -> Exercise:
        worked.append(arguments)
        return exercise(*arguments)

    monkeypatch.setattr("backcalc.worksheets.search.exercise", counted)
    wanted = search(load("closed_relu"))
    assert len(worked) == 1  # the file's own
    assert [*variants(wanted, 1, 2)]
    assert len(worked) < 10


@pytest.mark.parametrize("name", ["skip", "softmax", "svm", "mlp", "max_gate"])
def test_a_line_is_worked_out_as_by_the_evaluator(name: str) -> None:
    model = exercise(load(f"networks/{name}.yaml"))
    numbers = dict(pair for each in draws(model.network) for pair in each.drawn(Random(name)))
    network = with_numbers(model.network, numbers)
    values, right = (dict(given(network, model.calculation)) for _ in range(2))
    [*Examiner.of(model).work_out(values)]
    calculation.run([step.equation for step in model.steps], right)
    assert values == pytest.approx(right, rel=1e-9, abs=1e-12)
    assert {n for n in right if right[n] == 0} == {n for n in values if values[n] == 0}
    assert [type(values[n]) for n in right] == [type(right[n]) for n in right]


@pytest.mark.sweep
def test_a_softmax_is_worked_out_once_for_all_its_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = search(load("networks/softmax.yaml"))
    worked = []
    once = lambda *args: worked.append(args) or answers(*args)  # noqa: E731
    monkeypatch.setattr("backcalc.worksheets.search.answers", once)
    wanted.roughly(wanted.numbers(Random(1)))
    assert len(worked) == 2  # before the step and after it


@pytest.mark.sweep
def test_where_none_is_found_the_error_names_what_stood_in_the_way() -> None:
    network = loads(NEVER_OPEN)
    wanted = replace(search(network), unavoidable=type(search(network).unavoidable)())
    with pytest.raises(BackcalcError) as caught:
        [*variants(wanted, 1, 1)]
    pattern = (
        r"no variant 1 was found: of 2000 sets of numbers (\d+) have (.*)\nhint: add --allow (.*)"
    )
    match = re.fullmatch(pattern, str(caught.value))
    assert match
    assert int(match[1]) > 1900
    assert match[2] == CONDITIONS[match[3]]
    allowed = replace(wanted, allowed=frozenset(CONDITIONS))
    assert len([*variants(allowed, 1, 2)]) == 2


def test_there_are_only_so_many_variants() -> None:
    network = loads("weights: {a: 1}\nequations: {f: 3*a**2}\nloss: f\nlearning_rate: 0.1")
    with pytest.raises(BackcalcError) as caught:
        [*variants(search(network), 1, 30)]
    assert str(caught.value).startswith("no variant 8 was found: of 2000 sets of numbers 2000 have")
    assert str(caught.value).endswith("the same numbers as another variant\nhint: ask for fewer")
    with pytest.raises(BackcalcError, match="no number of this network may vary"):
        search(loads("weights: {a: 0}\nequations: {f: 3*a**2}\nloss: f"))


# Files.


@pytest.mark.sweep
def test_a_file_with_other_numbers_gives_that_network(network_file: str) -> None:
    path = str(ROOT / network_file)
    network = load(path)
    numbers = dict(pair for each in draws(network) for pair in each.drawn(Random(1)))
    changed = with_numbers(network, numbers)
    try:
        sheet = exercise(replace(changed, title="a: 'b' # \"c\"", expect=()))
    except BackcalcError:
        pytest.skip("these numbers have no sheet")
    again = loads(network_text(path, sheet), "new")
    assert start_values(again) == start_values(changed)
    assert (again.title, again.expect) == ("a: 'b' # \"c\"", ())
    values = {step.name: step.value for step in sheet.steps}
    assert {step.name: step.value for step in exercise(again).steps} == values


def test_random_weights_and_flow_style_become_numbers(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        '{"inputs": {"x": 1}, "targets": {"y": 2}, "layers": [{"name": "a", "units": 2,'
        ' "weights": random}, {"name": "b", "units": 1, "weights": [[0.5, v]]}],'
        ' "weights": {"v": random}, "loss": "l2", "learning_rate": 0.1, "init": {"seed": 3}}'
    )
    (found,) = variants(search(load(str(path))), 1, 1)
    again = loads(network_text(str(path), found.exercise))
    assert dict(again.weights) == dict(found.network.weights)
    assert again.random == ()


@pytest.fixture
def made(run, tmp_path: Path):
    """Variants in a folder; the folder."""

    def made(*arguments: str, name: str = "v", env: dict | None = None) -> Path:
        folder = tmp_path / name
        done = run("variant", *arguments, "-o", str(folder), env=env)
        assert (done.exit_code, done.stdout) == (0, "")
        assert re.fullmatch(
            f"{folder}: \\d+ variants? written, keys in {folder}/keys.*\n", done.stderr
        )
        return folder

    return made


@pytest.mark.sweep
def test_what_comes_back_is_marked(made, run, tmp_path: Path) -> None:
    folder = made("skip", "--seed", "7", "--count", "12", "--moodle", "--csv")
    assert sorted(path.name for path in folder.iterdir()) == [
        "answers.csv",
        "keys",
        "moodle.xml",
        *(f"variant-{n:02}" for n in range(1, 13)),
    ]
    own = folder / "variant-07"
    assert sorted(tree(own)) == ["answers.txt", "network.yaml", "worksheet.txt"]
    assert sorted(tree(folder / "keys")) == [f"variant-{n:02}.txt" for n in range(1, 13)]
    rows = [*csv.DictReader((folder / "answers.csv").read_text("utf-8").splitlines())]
    right = {r["quantity"]: r["exact"] for r in rows if r["variant"] == "variant-07"}
    lines = (own / "answers.txt").read_text("utf-8").splitlines()
    returned = [
        f"{line} {right.get(line.removesuffix(' ='), 'Ada')}" if line.endswith(" =") else line
        for line in lines
    ]
    path = tmp_path / "ada.txt"
    path.write_text("\n".join(returned), "utf-8")
    assert run("check", str(own / "network.yaml"), str(path)).exit_code == 0
    other = run("check", str(folder / "variant-08/network.yaml"), str(path))
    assert (other.exit_code, other.stdout) == (2, "")
    assert run("validate", str(own / "network.yaml")).exit_code == 0


@pytest.mark.sweep
def test_files_are_the_same_bytes_where_colours_are_forced(run, tmp_path: Path) -> None:
    for name, forced in (("a", None), ("b", "1")):
        words = ("variant", "skip", "--seed", "7", "--moodle", "--csv", "-o", str(tmp_path / name))
        done = run(*words, env={"FORCE_COLOR": forced})
        assert done.exit_code == 0
        assert done.stderr.endswith("/keys, answers.csv, moodle.xml\n")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


@pytest.mark.parametrize("form", ["markdown", "latex", "html"])
def test_other_formats(made, form: str) -> None:
    suffix = READABLE[form].suffixes[0]
    folder = made("skip", "--seed", "1", "--format", form)
    names = sorted(path.name for path in (folder / "variant-01").iterdir())
    assert names == ["answers.txt", "network.yaml", f"worksheet{suffix}"]
    assert [path.name for path in (folder / "keys").iterdir()] == [f"variant-01{suffix}"]


def test_allow_takes_words(run, tmp_path: Path) -> None:
    done = run("variant", "skip", "--seed", "1", "-o", str(tmp_path / "v"), "--allow", "dead,zeros")
    assert done.exit_code == 2
    assert "'zeros' is none of dead, kink, zero, saturated, cancelled" in done.stderr
    assert not (tmp_path / "v").exists()


# Bad luck.


@pytest.mark.sweep
def test_a_folder_that_holds_something_is_refused(made, run, tmp_path: Path) -> None:
    folder = made("skip", "--seed", "7")
    before = tree(folder)
    arguments = ("variant", "skip", "--seed", "8", "--count", "2", "-o", str(folder))
    again = run(*arguments)
    assert (again.exit_code, again.stderr) == (
        2,
        f"{folder} holds variants already\nhint: add --force to replace them\n",
    )
    assert tree(folder) == before
    (folder / "variant-01" / "returned").mkdir()
    (folder / "variant-01" / "returned" / "ada.txt").write_text("z0 = 1")
    refused = run(*arguments, "--force")
    names = "variant-01/returned, variant-01/returned/ada.txt"
    assert (refused.exit_code, refused.stderr) == (
        2,
        f"{folder} holds files that are no variants: {names}\nhint: name another folder\n",
    )
    assert tree(folder) == before | {"variant-01/returned/ada.txt": b"z0 = 1"}
    (folder / "variant-01" / "returned" / "ada.txt").unlink()
    (folder / "variant-01" / "returned").rmdir()
    assert run(*arguments, "--force").exit_code == 0
    assert len(tree(folder)) == 8
    assert [path.name for path in tmp_path.iterdir()] == ["v"]


@pytest.mark.sweep
@pytest.mark.parametrize(
    "work",
    [b"\nz0 = 0.5\n", b"name = Ada\n", b"z0: 1/2\n", b"z0 is a half\n", b"\xff\xfez\x000\x00"],
)
def test_answers_that_are_filled_in_are_not_replaced(made, run, work: bytes) -> None:
    folder = made("skip", "--seed", "7", "--count", "2")
    path = folder / "variant-02" / "answers.txt"
    empty = path.read_bytes()
    path.write_bytes(empty + work)
    arguments = ("variant", "skip", "--seed", "8", "-o", str(folder), "--force")
    refused = run(*arguments)
    assert (refused.exit_code, refused.stderr) == (
        2,
        f"{path} has been filled in\nhint: name another folder\n",
    )
    assert path.read_bytes() == empty + work
    path.write_bytes(empty.replace(b"\n", b"\r\n") + b"variant = 02\nname =\n")
    assert run(*arguments).exit_code == 0


@pytest.mark.sweep
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_what_ends_early_leaves_nothing_half_written(
    made, run, tmp_path: Path, monkeypatch, error
) -> None:
    folder = made("skip", "--seed", "7")
    before = tree(folder)
    write = Path.write_bytes
    written: list[Path] = []

    def stops(path: Path, *arguments: object, **options: object) -> int:
        written.append(path)
        if len(written) == 6:
            raise error
        return write(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_bytes", stops)
    arguments = ("variant", "skip", "--seed", "8", "--count", "3", "--force", "-o", str(folder))
    done = run(*arguments)
    assert done.exit_code == (130 if error is KeyboardInterrupt else 2)
    if error is not KeyboardInterrupt:
        assert done.stderr == f"cannot write {folder}: No space left on device\n"
    assert tree(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["v"]


@pytest.mark.sweep
def test_a_rename_that_fails_leaves_the_old_folder(made, run, tmp_path, monkeypatch) -> None:
    folder = made("skip", "--seed", "7")
    before = tree(folder)
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    done = run("variant", "skip", "--seed", "8", "--force", "-o", str(folder))
    assert (done.exit_code, done.stderr) == (2, f"cannot write {folder}: Permission denied\n")
    assert tree(folder) == before


@pytest.mark.parametrize("name", ["file", "no/such/place"])
def test_a_place_where_no_folder_can_be_made(run, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    done = run("variant", "skip", "--seed", "1", "-o", str(tmp_path / name))
    path = tmp_path / name
    assert done.exit_code == 2
    assert done.stderr in (
        f"{path} is no folder\n",
        f"cannot write {path}: No such file or directory\n",
    )


def test_standard_input_is_no_file_to_vary(run, tmp_path: Path) -> None:
    done = run("variant", "-", "--seed", "1", "-o", str(tmp_path / "v"), stdin="")
    assert (done.exit_code, done.stderr) == (
        2,
        "a network from standard input has no file to vary; name one\n",
    )


def test_the_folder_s_own_names_are_known() -> None:
    names = ("variant-07/answers.txt", "variant-07/key.tex", "variant-107", "moodle.xml")
    assert all(class_folder.OWN.fullmatch(name) for name in names)
    strange = ("variant-07/key.exe", "variant-07/returned/a.txt", "notes.txt", "variant-x")
    assert not any(class_folder.OWN.fullmatch(name) for name in strange)


def test_variants_share_their_derivatives() -> None:
    """With another convention at kinks, or by fewer weights, there are others."""
    network = load("skip")
    found = assemble(network).backward
    assert assemble(with_numbers(network, {"w0": Fraction(1, 3)})).backward is found
    turned = replace(network, conventions={**network.conventions, "relu_at_zero": Fraction(1)})
    assert [each.expression for each in assemble(turned).backward] != [
        each.expression for each in found
    ]
    fewer = replace(network, weights={"w0": network.weights["w0"]})
    assert len(assemble(fewer).backward) < len(found)


def test_an_exercise_as_it_stands_is_handed_out_to_all(run, tmp_path: Path) -> None:
    platforms = [f"--{name}" for name in PACKAGES]
    done = run("variant", "skip", "--same", "-o", "out", *platforms, cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("out: 1 variant written, keys in out/keys, ")
    own = tmp_path / "out" / "variant-01"
    net = load(str(own / "network.yaml"))
    assert (net.title, net.weights) == ("Skip connection", load("skip").weights)
    rows = csv.DictReader((tmp_path / "out" / "answers.csv").read_text("utf-8").splitlines())
    assert {row["quantity"]: row["exact"] for row in rows}["dL/dw0"] == "3/4"
    (tmp_path / "ada.txt").write_text("z0 = 0.5\nh0 = 0.4\n", "utf-8")  # it names no variant
    marked = run("check", "out", "ada.txt", "--format", "gradescope", cwd=tmp_path)
    assert [each["score"] for each in json.loads(marked.stdout)["tests"]] == [1, 0]
    for options in ((), ("--same", "--seed", "1"), ("--same", "--count", "2")):
        wrong = run("variant", "skip", *options, "-o", "other", cwd=tmp_path)
        assert wrong.exit_code == 2
        assert wrong.stderr.startswith("give either --seed or --same, and --count with --seed\n")
