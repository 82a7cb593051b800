"""Sheets of every kind that was once marked badly, each with what is to be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import ROOT, Result, marking

from backcalc.checking.report import Marking, Report, check
from backcalc.equations import calculation
from backcalc.equations.calculation import Step
from backcalc.equations.network import Network
from backcalc.formulas.notation import PLAIN, phrase_text, rounded
from backcalc.loading.loader import load, loads

RIGHT = ("correct", "rounded")


@dataclass(frozen=True)
class Seen:
    """What is said of one line."""

    verdict: str
    slip: str
    comment: str
    sources: tuple[str, ...]


def marked(network: Network | str, text: str, **options: object) -> tuple[Report, dict[str, Seen]]:
    """A sheet's verdicts by quantity."""
    if isinstance(network, str) and not options:
        own = marking(network)
    else:
        net = load(network) if isinstance(network, str) else network
        own = Marking(net, **options)  # type: ignore[arg-type]
    report = check(own, text, "sheet")
    seen = {
        each.name: Seen(
            each.verdict,
            each.finding.slip.name if each.finding else "",
            phrase_text(each.comment, PLAIN),
            each.sources,
        )
        for each in report.answers
    }
    return report, seen


def lines(network: Network | str) -> tuple[Step, ...]:
    """Every line of the right sheet."""
    net = load(network) if isinstance(network, str) else network
    if net.learning_rate is None:
        done = calculation.backward(net)
        return (*done.forward, *done.backward)
    done = calculation.step(net)
    (step,) = done.rounds
    return (*done.forward, *step.backward, *step.update, *step.after)


def sheet(
    network: Network | str, digits: int = 9, changes: Mapping[str, str] = {}, after: str = ""
) -> str:
    """A right sheet with some lines changed."""
    figures = {step.name: rounded(step.value, digits)[0] for step in lines(network)}
    assert changes.keys() <= figures.keys()
    text = "".join(f"{name} = {value}\n" for name, value in {**figures, **changes}.items())
    return text + after


NEURON = """
inputs: {h: 0.5}
targets: {y: 1}
weights: {w: 0.4}
nodes: {o: {from: {h: w}, activation: sigmoid}}
loss: half_l2
"""


# A written number leaves open what its last digit leaves open.


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("network", "figure"),
    [("mazur", "0.0e9"), ("mazur", "1e9*0.0"), ("lstm", "10000*0.12-1199"), ("skip", "0.00e5")],
)
def test_no_spelling_fits_every_line(network: str, figure: str) -> None:
    values = {step.name: step.value for step in lines(network)}
    names = [name for name, value in values.items() if value and abs(value - 1) > 0.1]
    report, seen = marked(network, "".join(f"{name} = {figure}\n" for name in names))
    assert not [name for name in names if seen[name].verdict in (*RIGHT, "close")]
    assert report.score < report.points  # though 1 may follow from 1


@pytest.mark.sweep
@pytest.mark.parametrize("figure", ["0.0e9", "10000*0.12-1199"])
def test_no_spelling_passes_in_a_quiz_or_in_lint(
    run: Callable[..., Result], tmp_path: Path, figure: str
) -> None:
    result = run("quiz", "mazur", stdin=f"{figure}\n" * 200)
    assert "correct" not in result.stdout.split("score")[0]
    file = tmp_path / "skip.yaml"
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8").split("expect:")[0]
    file.write_text(f"{text}expect: {{z0: {figure}, h1: {figure}, dL/dh0: {figure}}}\n", "utf-8")
    result = run("lint", str(file))
    assert result.exit_code == 1
    assert "3 off" in result.stdout


@pytest.mark.parametrize(
    ("one", "other"),
    [("1000", "1.0e3"), ("0.25", "2.5e-1"), ("0", "0.0e9"), ("0.00", "0.0e-1"), ("1200", "1.2e3")],
)
def test_a_number_is_the_same_however_it_is_spelled(one: str, other: str) -> None:
    from backcalc.checking.written import written_number
    from backcalc.formulas.expression import Number

    ends = {written_number(Number(Fraction(each)), each).ends for each in (one, other)}
    assert len(ends) == 1


def test_arithmetic_is_judged_like_the_number_that_it_comes_to() -> None:
    verdicts = {
        marked("mazur", f"w5' = {text}")[1]["w5'"].verdict
        for text in ("0.4 - 0.0410825203", "0.3589174797")
    }
    assert len(verdicts) == 1
    assert not verdicts & {*RIGHT, "follows"}
    assert marked("mazur", "w5' = 0.4 - 0.0410835203")[1]["w5'"].verdict in RIGHT


def test_a_float32_has_seven_digits() -> None:
    net = loads(NEURON.replace("sigmoid", "tanh").replace("0.4", "2"))
    assert marked(net, "yhat = 0.7615941762924194")[1]["yhat"].verdict == "rounded"
    assert marked(net, "yhat = 0.7615941762934194")[1]["yhat"].verdict not in RIGHT


@pytest.mark.parametrize(
    ("network", "line", "others"),
    [
        ("p: 1.5", "p = 2", "q = 0.33\nr = 2.67\n"),
        ("w: -0.00409", "w = -0.00", ""),
        ("w: -1.693", "w = -2", ""),
    ],
)
def test_too_few_digits_tell_nothing(network: str, line: str, others: str) -> None:
    name, value = network.split(": ")
    net = loads(
        f"weights: {{a: {value}, b: 3}}\n"
        f"equations: {{{name}: 1*a, q: 1/b, r: 8/b, f: {name} + q + r}}\nloss: f\n"
    )
    seen = marked(net, others + line)[1][name]
    assert seen.verdict == "undecided"
    assert seen.comment.startswith(("Too few digits: write at least", "Write more digits"))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("z1 = 0.3\nh1 = 0.3\nL = 0.1352\nyhat = 0.48\ndL/dyhat = -0.52\n", "undecided"),
        ("z1 = 0.3\nh1 = z1 = 0.3", "wrong"),  # and its working says so
        ("z1 = 0.3\nh1 = 0.3", "rounded"),  # nobody knows how many digits this sheet has
        ("z1 = 0.3\nh1 = 0.29\nyhat = 0.4661\nL = 0.14253\ndL/dyhat = -0.5339\n", "rounded"),
        ("z1 = 0.3\nh1 = z1 = 0.2913", "rounded"),
    ],
)
def test_a_short_figure_that_a_mistake_gives_exactly_is_not_taken_for_right(
    text: str, verdict: str
) -> None:
    net = loads(
        "inputs: {x: 1}\ntargets: {y: 1}\nweights: {w1: 0.3, w2: 1.6}\nloss: half_l2\nnodes:\n"
        "  1: {from: {x: w1}, activation: tanh}\n  2: {from: {1: w2}, activation: identity}\n"
    )
    seen = marked(net, text)[1]["h1"]
    assert seen.verdict == verdict
    said = "You did not apply tanh" if verdict == "wrong" else "Too few digits: write at least 2."
    assert (said in seen.comment) == (verdict != "rounded")


# What is given.


def test_a_misread_given_is_one_mistake_that_is_said() -> None:
    mazur = load("mazur")
    misread = replace(mazur, samples=({**mazur.samples[0], "i1": Fraction("0.5")},))
    report, seen = marked("mazur", f"i1 = 0.5\n{sheet(misread)}")
    assert seen["i1"].verdict == "wrong"
    assert seen["i1"].comment == "You have misread this: the sheet gives i1 = 0.05."
    assert not [n for n, each in seen.items() if each.verdict == "wrong" and n != "i1"]
    assert report.points - report.score == 1


def test_a_misread_given_that_is_not_restated_costs_one_line() -> None:
    mazur = load("mazur")
    misread = replace(mazur, samples=({**mazur.samples[0], "i1": Fraction("0.5")},))
    report, seen = marked("mazur", sheet(misread))
    assert [n for n, each in seen.items() if each.verdict == "wrong"] == ["z1"]
    assert seen["z1"].comment.startswith("You read i1 as 0.5: copy the given numbers again.")
    assert report.points - report.score == 1


def test_a_right_figure_is_right_however_near_a_misread_number_brings_it() -> None:
    net = loads("inputs: {x1: 2.7, x2: 0.1}\nweights: {w: 1.053, v: 0.3}\nloss: L\n"
                "equations: {z1: w*x1, z2: w*x2, L: (z1 + v*z2)**2}\n")  # fmt: skip
    seen = marked(net, "z1 = 2.7945\nz2 = 0.10\n")[1]
    assert seen["z1"].comment.startswith("You read w as 1.035")
    assert seen["z2"].verdict in RIGHT  # 0.1053 cut off, though 0.1035 is nearer


def test_a_sheet_of_another_variant_is_recognised() -> None:
    skip = load("skip")
    ones = {name: Fraction(1) for name in skip.weights}
    other = replace(skip, weights=ones, samples=({"x": Fraction(1), "y": Fraction(1)},))
    given = "".join(f"{name} = 1\n" for name in (*ones, "x", "y"))
    report, seen = marked("skip", given + sheet(other))
    assert report.score < report.points / 3
    assert any("another variant" in each.comment for each in seen.values())


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_a_sheet_with_other_numbers_is_asked_about_once(digits: int) -> None:
    mazur = load("mazur")
    changed = [*map(Fraction, ("0.5", "0.35", "0.45", "-0.3", "0.1", "0.15", "-0.2", "0.25"))]
    weights = {**mazur.weights, **dict(zip(mazur.weights, changed, strict=False))}
    inputs = {**mazur.samples[0], "i1": Fraction("0.15"), "i2": Fraction("0.45")}
    other = replace(mazur, weights=weights, samples=(inputs,))
    report, seen = marked("mazur", sheet(other, digits))
    assert report.elsewhere
    assert {each.slip for each in seen.values()} == {""}
    assert {each.verdict for each in seen.values()} <= {"wrong", "follows", *RIGHT}


def test_one_misread_number_is_no_other_variant() -> None:
    skip = load("skip")
    for changed in (
        replace(skip, learning_rate=Fraction("0.1")),
        replace(skip, weights={**skip.weights, "w2": Fraction("0.3")}),
    ):
        assert not marked("skip", sheet(changed))[0].elsewhere
    assert not marked("skip", "w0' = 0.425\nw1' = 0.475\nw2' = 0.475\nws' = 0.95")[0].elsewhere


# Names of mistakes.


def test_the_flagship_mistake_on_the_flagship_net() -> None:
    seen = marked("skip", sheet("skip", changes={"dL/dh0": "0.25"}))[1]["dL/dh0"]
    assert seen.slip == "path-dropped"
    assert seen.comment.startswith("You left out the path through z2: ")


def test_old_weights_and_several_mistakes() -> None:
    assert marked("skip", "L' = 3.375")[1]["L'"].slip == "old-weights"
    seen = marked("skip", "dL/dw0 = 0.5")[1]["dL/dw0"]
    assert seen.slip == ""
    assert "Several mistakes would give your figure" in seen.comment


def test_unrounded_figures_behind_rounded_ones() -> None:
    net = loads(
        "inputs: {x: 1}\ntargets: {y: 0}\nweights: {w: 2}\nbiases: {b: 1}\n"
        "nodes: {1: {from: {x: w}, bias: b, activation: sigmoid}}\nloss: half_l2\n"
    )
    seen = marked(net, "z1 = 3\nyhat = 0.9526\ndL/dz1 = 0.04303")[1]
    assert seen["dL/dz1"].verdict in (*RIGHT, "follows")


def test_memory_behind_one_real_mistake() -> None:
    text = sheet("mazur", 4)
    _, seen = marked("mazur", text.replace("dL/dz3 = 0.1385", "dL/dz3 = -0.1385"))
    wrong = [name for name, each in seen.items() if each.verdict in ("wrong", "again")]
    assert wrong == ["dL/dz3"]
    net = loads(NEURON.replace("half_l2", "l2"))
    seen = marked(net, "dL/dz_o = 0.223\ndL/dw = 0.11142")[1]
    assert [each.verdict for each in seen.values()] == ["wrong", "follows"]


def test_a_square_is_least_between_the_ends_of_what_is_squared() -> None:
    seen = marked("linear_regression", "yhat'[2] = 6.9\nL'[2] = 0.00090")[1]
    assert {each.verdict for each in seen.values()} <= {*RIGHT}
    text = "w' = 0.49\nb' = 2.9\nz1'[2] = 6.9\nyhat'[2] = 6.9\nL'[2] = {}"
    for figure, verdict in (("0.00090", RIGHT), ("0.020", ("wrong",))):
        seen = marked("linear_regression", text.format(figure))[1]
        assert seen["L'[2]"].verdict in verdict


def test_local_derivatives_of_ones_own() -> None:
    text = "dL/dyhat = -0.45\ndyhat/dz_o = 0.25\ndz_o/dw = 0.5\ndL/dw = -0.05625"
    seen = marked(loads(NEURON), text)[1]
    assert {each.verdict for each in seen.values()} <= {*RIGHT, "follows"}


def test_weights_alone_under_adam() -> None:
    net = loads("inputs: {x: 1}\ntargets: {y: 2}\nweights: {w: 0.04}\n"
                "equations: {yhat: tanh(w*x)}\noutputs: [yhat]\nloss: half_l2\n"
                "learning_rate: 0.1\noptimizer: adam\n")  # fmt: skip
    (right,) = [step.value for step in lines(net) if step.name == "w'"]
    assert rounded(right, 7)[0] == "0.14"
    for figure, verdicts in (("0.13999999", RIGHT), ("0.12345678", ("wrong",))):
        assert marked(net, f"w' = {figure}")[1]["w'"].verdict in verdicts


def test_the_step_of_another_optimizer_is_no_rounding() -> None:
    seen = marked("adam", "df/dx = 3\nx' = 0.7\ny' = -1.8\nm_x' = 0.3")[1]
    assert (seen["x'"].verdict, seen["y'"].verdict) == ("wrong", "undecided")
    assert marked("adam", "df/dx = 3\ny' = -1.9")[1]["y'"].verdict in RIGHT


def test_factors_of_one_product_added() -> None:
    text = "a0 = 0.81775\ni0 = 0.96083\nf0 = 0.85195\ns0 = 1.77858"
    assert marked("lstm", text)[1]["s0"].slip == "added-for-multiplied"


def test_a_new_weight_beside_wrong_ones_follows_or_is_wrong() -> None:
    net = loads("inputs: {x1: 0.3, x2: 0.1}\ntargets: {y: 0.7}\n"
                "weights: {w11: 0.1, w12: 0.3, w21: 0.2}\n"
                "nodes: {1: {from: {x1: w11, x2: w21}, activation: sigmoid},"
                " 2: {from: {1: w12}, activation: sigmoid}}\n"
                "loss: half_l2\nlearning_rate: 0.5\n")  # fmt: skip
    right = {step.name: float(step.value) for step in lines(net)}
    turned = {
        name: f"{2 * float(net.weights[name]) - right[name + chr(39)]:.4f}" for name in net.weights
    }
    text = "".join(f"{name}' = {figure}\n" for name, figure in turned.items())
    seen = marked(net, text)[1]
    assert [seen[f"{name}'"].verdict for name in net.weights] == ["wrong", "again", "again"]


def test_a_line_follows_only_from_what_it_depends_on() -> None:
    skip = sheet("skip", changes={"dL/dw2": "0.5", "dL/dyhat": "-1", "dL/dz2": "-1"})
    seen = marked("skip", skip.replace("dL/dh1 = 0.5", "dL/dh1 = -0.5"))[1]
    assert seen["dL/dh1"].sources == ("dL/dz2",)


def test_the_first_mistake_is_the_first_on_the_persons_sheet() -> None:
    report, _ = marked("skip", "dL/dw0 = 0.6\nz2 = 0.4142\nyhat = 0.41421\ndz2/dh0 = 0.61\n")
    assert report.first is not None
    assert report.first.name == "dL/dw0"
    report, _ = marked("mazur", "dyhat1/dz3 = 0.2868\nh1 = 0.6932")
    assert report.first is not None
    assert report.first.name == "dyhat1/dz3"


LAYERS = """
inputs: {x1: 0.3, x2: -0.7}
targets: {y: 0.7}
layers:
  - {name: h, units: 2, activation: tanh, weights: random, bias: random}
  - {name: o, units: 1, weights: random, bias: random}
loss: half_l2
learning_rate: 0.5
"""


def test_one_mistake_made_in_nine_weights_costs_one_line() -> None:
    net = loads(LAYERS)
    right = {step.name: step.value for step in lines(net)}
    changes = {
        f"{name}'": rounded(2 * value - right[f"{name}'"], 6)[0]
        for name, value in net.weights.items()
    }
    text = sheet(net, 6, changes)
    head = text[: text.index("z1'")] if "z1'" in text else text
    report, seen = marked(net, head)
    verdicts = [seen[name].verdict for name in changes]
    assert verdicts == ["wrong"] + ["again"] * (len(changes) - 1)
    assert len(changes) == 9
    assert report.points - report.score == 1


@pytest.mark.parametrize(
    ("text", "verdicts", "score"),
    [
        ("z0 = 0.4\nz0 = 0.4", ["wrong", "wrong"], 0),
        ("z0 = 0.4\nz0 = 0.41", ["wrong", "wrong"], 0),
        ("dL/dh0 = 0.250\ndL/dh0 = 0.2500", ["wrong", "wrong"], 0),
        ("z0 = 0.4\nz0 = 0.5", ["wrong", "correct"], 1),
    ],
)
def test_a_mistake_repeated_for_one_quantity_costs_its_point(
    text: str, verdicts: list[str], score: int
) -> None:
    report, _ = marked("skip", text)
    assert [each.verdict for each in report.answers] == verdicts
    assert (report.score, report.points) == (score, 1)


@pytest.mark.parametrize("left_out", [(), ("dL/dyhat1", "dL/dyhat2")])
def test_the_sign_of_the_loss_flipped_is_one_mistake(left_out: tuple[str, ...]) -> None:
    mazur = load("mazur")
    turned = {
        step.name: rounded(-step.value, 6)[0] for step in lines(mazur) if step.name.startswith("dL")
    }
    text = sheet(mazur, 6, turned)
    kept = [line for line in text.splitlines() if not line.startswith((*left_out, "w1'"))]
    head = "\n".join(kept[: next(n for n, line in enumerate(kept) if line.startswith("w2'"))])
    report, seen = marked("mazur", head)
    off = [name for name, each in seen.items() if each.verdict == "wrong"]
    assert len(off) == 1
    assert seen[off[0]].slip in ("loss-sign", "gradient-sign")
    assert report.points - report.score == 1
    other = "dL/dz3" if left_out else "dL/dyhat1"
    assert seen[other].verdict == "again"


@pytest.mark.parametrize("text", ["w0 = -0.25", "w0 = w0 - 1*dL/dw0 = -0.25", "w0 := -0.25"])
def test_a_weight_after_the_gradients_is_the_new_one(text: str) -> None:
    _, seen = marked("skip", f"dL/dw0 = 0.75\n{text}\n")
    assert seen["w0'"].verdict == "correct"


# Kinks and branches.


def test_another_convention_at_a_kink_is_said() -> None:
    net = loads("inputs: {x: 0}\ntargets: {y: 2}\nweights: {w: 0.4, v: 3}\n"
                "nodes: {1: {from: {x: w}, activation: relu}, 2: {from: {1: v}}}\n"
                "loss: half_l2\n")  # fmt: skip
    seen = marked(net, sheet(net, changes={"dL/dz1": "-6"}))[1]["dL/dz1"]
    assert seen.slip == "other-convention"
    assert "Your figure is right with 1 for it" in seen.comment
    assert "relu'(0) is taken as 0" in seen.comment
    tie = loads("weights: {a: 2, b: 2}\nequations: {f: 'max(a, b)'}\nloss: f\n")
    seen = marked(tie, "df/da = 1/2\ndf/db = 0.5")[1]
    assert {each.slip for each in seen.values()} == {"other-convention"}
    assert "at a tie of max or min" in seen["df/da"].comment


def test_a_formula_that_holds_on_the_sheets_own_branch() -> None:
    net = loads("weights: {x: 2, y: 1, z: 4}\n"
                "equations: {a: x/z + y*2, f: 'max(a, y)'}\nloss: f\n")  # fmt: skip
    seen = marked(net, "df/dx = 1/z")[1]["df/dx"]
    assert seen.verdict == "correct"
    assert "right only where a > y" in seen.comment


def test_a_closed_relu_that_is_the_loss() -> None:
    net = loads("weights: {a: 4, b: -7}\nequations: {d: a*b, e: relu(d)}\nloss: e\n")
    assert marked(net, "d = -28\ne = 0\nde/dd = 1")[1]["de/dd"].slip == "closed-relu-as-1"


# Samples.

THREE = """
inputs: [x]
targets: [y]
data: [{x: 1, y: 2}, {x: 2, y: 3.5}, {x: 3, y: 5}]
weights: {w: 0.7}
biases: {b: 0.3}
nodes: {1: {from: {x: w}, bias: b}}
loss: mse
learning_rate: 0.1
"""


def test_a_mistake_made_in_every_sample() -> None:
    net = loads(THREE)
    right = {step.name: step.value for step in lines(net)}
    text = "".join(f"{n} = {rounded(right[n] / 2, 6)[0]}\n" for n in ("dJ/dw", "dJ/db"))
    seen = marked(net, text)[1]
    assert seen["dJ/dw"].slip == "factor-two"
    assert seen["dJ/db"].verdict in ("follows", "again")


@pytest.mark.sweep
def test_a_sheet_done_sample_by_sample() -> None:
    net = loads(THREE)
    online = calculation.step(net, online=True)
    steps = [*online.forward]
    for each in online.rounds:
        steps += [*each.backward, *each.update, *each.after]
    values = {step.name: rounded(step.value, 7)[0] for step in steps}
    text = "".join(f"{name} = {value}\n" for name, value in values.items())
    _, seen = marked(net, text, online=True)
    assert {each.verdict for each in seen.values()} <= set(RIGHT)
    report, _ = marked(net, text)
    assert report.online


# The rest.


def test_a_link_that_does_not_hold_is_shown() -> None:
    seen = marked("skip", "z0 = w0*x = 1*0.5 = 0.4")[1]["z0"]
    assert seen.verdict == "wrong"
    assert seen.comment == "1*0.5 is 0.5, not 0.4."


@pytest.mark.sweep
def test_many_equations_and_many_wrong_lines_get_their_verdicts() -> None:
    rows = "".join(f"  a{n}: 'tanh(a{n - 1}*w{n % 7} + a{max(n - 3, 0)})'\n" for n in range(1, 93))
    weights = ", ".join(f"w{n}: 0.{n + 2}" for n in range(7))
    head = f"inputs: {{a0: 0.4}}\nweights: {{{weights}}}\n"
    net = loads(f"{head}equations:\n{rows}  f: a92**2\nloss: f\n")
    text = "".join(f"df/dw{n} = 0.1{n}7\n" for n in range(7)) + "f = 0.7\n"
    report, seen = marked(net, text)
    assert len(seen) == 8
    assert report.score == 0


def test_a_rounded_one_has_a_logarithm_below_it() -> None:
    net = loads("inputs: {x: 1}\ntargets: {y: 1}\nweights: {w: 0.75}\n"
                "nodes: {1: {from: {x: w}, activation: sigmoid}}\nloss: bce\n")  # fmt: skip
    seen = marked(net, "z1 = 7.5\nyhat = 1.0\nL = 0.00056")[1]
    assert [each.verdict for each in seen.values()] == ["wrong", "follows", "follows"]


def test_a_copy_that_is_left_out_may_be_cut_off_anew() -> None:
    text = "z1[4] = 3\nyhat[4] = 3\nz1'[2] = 1.36\nL'[2] = 0.0112\n"
    assert marked("huber", text)[1]["L'[2]"].verdict == "follows"


def test_a_new_weight_that_the_sheet_s_own_derivative_gives_is_right() -> None:
    """The velocity that is left out is a copy: what is lost was lost in yhat, which is shown."""
    net = loads("inputs: {x: 2.67}\ntargets: {y: 0.1}\nweights: {w: -0.4}\nbiases: {b: -3}\n"
                "nodes: {1: {from: {x: w}, bias: b, activation: tanh}}\n"
                "loss: l2\nlearning_rate: 1\noptimizer: momentum\n")  # fmt: skip
    lines = "z1 = -4.07\nyhat = -0.999\ndL/dyhat = -2.20\ndL/dz1 = -0.00440\ndL/dw = -0.0117\n"
    seen = marked(net, f"{lines}w' = -0.388\n")[1]
    assert {each.verdict for each in seen.values()} <= set(RIGHT)


RECURRENT = """
repeat: 2
inputs: {x: [0.9, 0.6]}
targets: {y: -1}
weights: {wx: -0.83, wh: 0.25, wy: 1.2, b: 0.4}
constants: {"h[0]": 0.5}
equations: {"z[t]": "wx*x[t] + wh*h[t-1] + b", "h[t]": sigmoid(z[t]), yhat: "wy*h[2]"}
loss: l2
learning_rate: 0.5
optimizer: adagrad
"""


def test_a_line_that_hardly_depends_on_what_is_left_out_is_judged() -> None:
    text = "h[2] = 0.503\ndL/dwh = 0.457\nwy' = 0.700\nb' = -0.0999\nwh' = -0.249\nyhat' = -0.137\n"
    _, seen = marked(loads(RECURRENT), text)
    assert seen["yhat'"].verdict == "wrong"


SATURATED = """
inputs: {x: 3.9}
targets: {y: 1.2}
weights: {w1: -1, w2: 0.9}
nodes:
  1: {from: {x: w1}, activation: tanh}
  2: {from: {1: w2}, activation: identity}
loss: half_l2
"""


def test_people_go_on_from_one_digit_more_than_they_write() -> None:
    _, seen = marked(loads(SATURATED), "z1 = -3.9\nh1 = -1.00\ndL/dh1 = -1.9\ndL/dz1 = -0.0038\n")
    assert seen["dL/dz1"].verdict == "rounded"  # from -0.999, where h1 is -0.99918
    _, seen = marked(loads(SATURATED), "z1 = -3.9\nh1 = -1.00\ndL/dh1 = -1.9\ndL/dz1 = -0.019\n")
    assert seen["dL/dz1"].verdict == "wrong"


def test_any_number_may_stand_behind_a_line_that_rests_on_a_guess() -> None:
    _, seen = marked("huber", "L'[2] = 0.011\nyhat'[4] = 3.1\nL'[4] = 5.3\n")
    assert seen["yhat'[4]"].verdict == "again"  # from an old weight, as it seems
    assert seen["L'[4]"].verdict == "follows"  # from 3.16, where that weight gives 3.055


ONE_UNIT = """
inputs: {x: 1.37}
targets: {y: 0.9}
weights: {w: 0.823}
biases: {b: 0.4}
nodes: {1: {from: {x: w}, bias: b, activation: sigmoid}}
loss: half_l2
"""


@pytest.mark.parametrize(
    ("network", "line", "slip"),
    [
        (NEURON, "yhat = 0.5489339", "digits-transposed"),  # of 0.5498339, cut off
        (NEURON, "yhat = 0.5798339", "digit-wrong"),
        ("mazur", "z1' = 0.377489036", "old-weights"),  # w2 is the old one, w1' is not
        ("mazur", "dL/dh1 = 0.001725666", "swapped-weights"),  # w1 for w5
        (ONE_UNIT, "z1 = 1.59601", "misread-given"),  # w as 0.873
        ("logistic_regression", "dL[8]/db = 0.05000000", "decimal-point"),
    ],
)
def test_rarer_ways_of_a_mistake_have_its_name(network: str, line: str, slip: str) -> None:
    net = loads(network) if "\n" in network else load(network)
    name, figure = line.split(" = ")
    assert marked(net, sheet(net, changes={name: figure}))[1][name].slip == slip


ADAGRAD = """
inputs: {x: 0.5}
targets: {y: 0}
weights: {w: 0.06}
nodes: {1: {from: {x: w}, activation: identity}}
loss: half_l2
learning_rate: 0.01
optimizer: OPTIMIZER
"""


@pytest.mark.parametrize(("weight", "verdict"), [
    ("-3", "undecided"), ("25", "wrong"), ("0.07", "wrong"), ("0.05", "rounded"),
])  # fmt: skip
def test_a_nought_of_few_digits_does_not_make_every_weight_right(weight: str, verdict: str) -> None:
    network = loads(ADAGRAD.replace("OPTIMIZER", "adagrad"))
    _, seen = marked(network, f"dL/dw = 0.015\ns_w' = 0.000\nw' = {weight}\n")
    assert seen["s_w'"].verdict == "undecided"
    assert seen["w'"].verdict == verdict


def test_what_rests_on_an_undecided_weight_follows() -> None:
    network = loads(ADAGRAD.replace("OPTIMIZER", "adagrad"))
    _, seen = marked(network, "dL/dw = 0.015\ns_w' = 0.000\nw' = -3\nz1' = -1.5\nL' = 1.125\n")
    assert [seen[each].verdict for each in ("z1'", "L'")] == ["follows", "follows"]


@pytest.mark.parametrize("working", ["0.1*(0.0150)^2", "0.1*0.000225"])
def test_a_product_that_rounds_to_nought_is_no_mistake(working: str) -> None:
    network = loads(ADAGRAD.replace("OPTIMIZER", "{name: rmsprop, alpha: 0.9}"))
    _, seen = marked(network, f"dL/dw = 0.0150\ns_w' = {working} = 0.0000\n")
    assert (seen["s_w'"].verdict, seen["s_w'"].slip) == ("undecided", "")


def test_a_nought_has_no_name_by_chance() -> None:
    _, seen = marked(loads(NEURON), "dL/dyhat = 0.0000\ndL/dw = 0\n")
    assert {each.slip for each in seen.values()} == {""}


def test_a_shorter_figure_below_a_right_one_is_right() -> None:
    report, seen = marked(
        "skip", "z2 = 0.375\ndL/dw0 = 0.75\nw0' = 0.5 - 0.75 = -0.25\nSo: w0' = -0.3\n"
    )
    assert seen["w0'"].verdict in RIGHT
    assert report.score == report.points


def test_a_sheet_of_so_many_decimals_has_rounded_what_it_leaves_out_to_them() -> None:
    """dL/dw = 0.0186 is 0.019 in three decimals, and the new weight 0.8095 or 0.810."""
    net = loads("inputs: {a: 0.031, b: 0.6}\nweights: {w: 0.8, v: 0.1, u: 0.2}\n"
                "equations: {p: a*w, q: b*v, r: a*u, s: a*v, L: p*b + q*a + r*a}\nloss: L\n"
                "learning_rate: -0.5\n")  # fmt: skip
    sheet = "p = 0.025\nq = 0.060\nr = 0.006\ns = 0.003\ndL/dv = 0.019\ndL/du = 0.001\nL = 0.017\n"
    seen = marked(net, sheet + "w' = 0.810\n")[1]
    assert seen["w'"].verdict in RIGHT
    seen = marked(net, "p = 0.0248\nr = 0.0062\nL = 0.0169\nw' = 0.810\n")[1]
    assert seen["w'"].verdict not in RIGHT  # in three digits it is 0.0186, and then 0.8093


def test_an_end_zero_may_be_left_out_of_what_follows() -> None:
    net = loads("inputs: {x: 2}\nweights: {w: 0.3, v: 0.413}\n"
                "equations: {p: w*x, q: p*v}\nloss: q\nlearning_rate: 0.1\n")  # fmt: skip
    seen = marked(net, "p = 0.9685\nq = 0.4\ndq/dv = 0.9685\n")[1]
    assert (seen["p"].verdict, seen["q"].verdict) == ("wrong", "follows")
