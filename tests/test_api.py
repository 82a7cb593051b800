"""The Python functions: the command line's names and values, results to print, save and look at."""

from __future__ import annotations

import inspect
import json
import pickle
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import pytest
from conftest import ROOT

import backcalc
from backcalc import BackcalcError
from backcalc.commands import api
from backcalc.commands.called import python_name
from backcalc.commands.group import COMMANDS
from backcalc.commands.group import backcalc as group
from backcalc.worksheets.packages import PACKAGES

ADA = ROOT / "tests" / "sheets" / "ada.tex"
SKIP = backcalc.load("skip")

PYTHON = {name: name for name in api.__all__ if name in COMMANDS} | {"formulas": "symbolic"}
"""Each function and its command."""

METHODS = {"format", "output", "force"}
"""Options that `written` and `save` have in Python's results."""
FOLDERS = {
    "lint": {"files"},
    "variant": {*METHODS, *PACKAGES, "show", "view", "digits", "same"},
}
"""Options that say how many files are written, which is the command line's."""


def options_of(command: str) -> dict[str, click.Parameter]:
    found = group.get_command(click.Context(group), command)
    assert found
    return {python_name(each): each for each in found.params}


@pytest.mark.parametrize("function", PYTHON)
def test_options_are_those_of_the_command_line(function: str) -> None:
    command = PYTHON[function]
    there = inspect.signature(getattr(backcalc, function)).parameters
    known = options_of(command)
    left = METHODS - {*there} | FOLDERS.get(command, {"none"})
    assert {*known} - left == {*there} - ({"file"} if command == "lint" else set())
    for name, option in known.items():
        default = option.default
        if name in there and isinstance(option, click.Option) and isinstance(default, int | str):
            assert there[name].default == default, name


def test_every_command_that_answers_is_there() -> None:
    talk = {"import", "quiz", "slips", "help", "networks", "show", "init", "schema", "validate"}
    assert {*COMMANDS} - talk == {*PYTHON.values()}


RESULTS: dict[str, Callable[[], Any]] = {
    "step skip --lr 1": lambda: backcalc.step(SKIP, lr=1),
    "step skip --lr 0.1 --steps 2 --optimizer momentum,mu=0.9 --set w0=0.3 --set w1=1/3 --compact":
        lambda: backcalc.step(SKIP, 0.1, 2, optimizer="momentum,mu=0.9",
                              set={"w0": 0.3, "w1": Fraction(1, 3)}, compact=True),
    "forward skip --digits 3": lambda: backcalc.forward(SKIP, digits=3),
    "backward skip --of z1 --inputs": lambda: backcalc.backward(SKIP, "z1", inputs=True),
    "backward mlp --view matrix": lambda: backcalc.backward(backcalc.load("mlp"), view="matrix"),
    "explain skip dL/dw0 --without ws": lambda: backcalc.explain(SKIP, "dL/dw0", without="ws"),
    "symbolic skip --expand": lambda: backcalc.formulas(SKIP, expand=True),
    "verify skip --no-torch": lambda: backcalc.verify(SKIP, torch=False),
    "backward skip --upstream z2=1 --work rounded --digits 3":
        lambda: backcalc.backward(SKIP, upstream={"z2": 1}, work="rounded", digits=3),
    "tangent skip --along w0=1,w1=1/2":
        lambda: backcalc.tangent(SKIP, along={"w0": 1, "w1": "1/2"}),
    "hessian skip --by w0,w1 --lr 1": lambda: backcalc.hessian(SKIP, by=["w0", "w1"], lr=1),
    "gradcheck skip --h 0.001 --one-sided":
        lambda: backcalc.gradcheck(SKIP, h=0.001, one_sided=True),
    "jacobian skip --of z2 --by x": lambda: backcalc.jacobian(SKIP, "z2", "x"),
    "shapes skip": lambda: backcalc.shapes(SKIP),
    "errata": lambda: backcalc.errata(),
    "errata skip": lambda: backcalc.errata(SKIP),
    "train nand_gate --epochs 20 --batch-size 2 --shuffle --seed 3":
        lambda: backcalc.train(backcalc.load("nand_gate"), epochs=20, batch_size=2, shuffle=True,
                               seed=3),
    "train nand_gate --epochs 20 --restarts 3 --init normal,std=2 --success 0.1":
        lambda: backcalc.train(backcalc.load("nand_gate"), epochs=20, restarts=3,
                               init="normal,std=2", success=0.1),
    "sweep skip --lr 0.1,1/2 --optimizer sgd,momentum,mu=0.5 --set w0=0.1,0.3 --epochs 5":
        lambda: backcalc.sweep(SKIP, [0.1, "1/2"], 5, optimizer=["sgd", "momentum,mu=0.5"],
                               set={"w0": [0.1, 0.3]}),
    "landscape skip w0 w1 --size 3 --range w0=-1..1/2 --epochs 2":
        lambda: backcalc.landscape(SKIP, "w0", "w1", size=3, epochs=2,
                                   range={"w0": (-1, Fraction(1, 2))}),
}  # fmt: skip
"""Command lines, and the same in Python."""


@pytest.mark.sweep
@pytest.mark.parametrize("line", RESULTS)
def test_python_gives_what_the_command_line_prints(line: str, run) -> None:
    sheet = RESULTS[line]()
    assert sheet.json() == run(*line.split(), "--format", "json").stdout
    assert sheet == json.loads(sheet.json())
    assert str(sheet) == repr(sheet) == run(*line.split()).stdout.rstrip("\n")


def test_a_drawing_a_worksheet_and_code(run, tmp_path: Path) -> None:
    drawing = backcalc.draw(SKIP, values=True)
    assert f"{drawing}\n" == run("draw", "skip", "--values").stdout
    ET.fromstring(drawing._repr_html_())
    for name in ("net.svg", "net.dot", "net.txt"):
        drawing.save(tmp_path / name)
        shown = run("draw", "skip", "--values", "-o", str(tmp_path / f"own-{name}"))
        assert shown.exit_code == 0
        assert (tmp_path / name).read_bytes() == (tmp_path / f"own-{name}").read_bytes()
    paper = backcalc.worksheet(SKIP, lr=1, show="rules")
    assert f"{paper}\n" == run("worksheet", "skip", "--lr", "1", "--show", "rules").stdout
    assert backcalc.worksheet(SKIP, answers=True).written("text").startswith("# Skip connection")
    assert backcalc.export(SKIP, "python", lr=1) == run(
        "export", "skip", "--to", "python", "--lr", "1"
    ).stdout  # fmt: skip


@pytest.mark.sweep
def test_a_report_is_the_command_lines(run, tmp_path: Path) -> None:
    document = backcalc.report(SKIP, lr=1)
    for name in ("sheet.html", "sheet.md", "sheet.tex"):
        document.save(tmp_path / name)
        own = str(tmp_path / f"own-{name}")
        assert run("report", "skip", "--lr", "1", "-o", own).exit_code == 0
        assert (tmp_path / name).read_bytes() == Path(own).read_bytes()
    (tmp_path / "h.csv").touch()
    again = "exists already\nhint: say force=True to overwrite it"
    with pytest.raises(BackcalcError, match=again):
        document.save(tmp_path / "sheet.md")
    with pytest.raises(BackcalcError, match=again):
        backcalc.train(SKIP, lr=1, epochs=1, history=tmp_path / "h.csv")
    document.save(tmp_path / "sheet.md", force=True)
    with pytest.raises(BackcalcError, match=r"which is no format of this sheet"):
        document.save(tmp_path / "sheet.pdf")


@pytest.mark.sweep
def test_variants_are_those_of_the_command_line(run, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    assert run("variant", "skip", "--seed", "7", "--count", "2", "-o", str(folder)).exit_code == 0
    files = sorted(folder.glob("variant-*/network.yaml"))
    for own, path in zip(backcalc.variant(SKIP, seed=7, count=2), files, strict=True):
        again = backcalc.load(path)
        assert (own.title, own.weights, own.samples) == (again.title, again.weights, again.samples)
        assert own.title in repr(own)


@pytest.mark.sweep
def test_variants_have_the_text_of_their_files_and_a_page() -> None:
    found = backcalc.variant(SKIP, seed=7, count=2)
    again = [backcalc.loads(text) for text in found.files.values()]
    assert [*found.files] == ["variant-01", "variant-02"]
    assert [each.weights for each in again] == [each.weights for each in found]
    assert found._repr_html_() == found[0]._repr_html_() + found[1]._repr_html_()
    assert pickle.loads(pickle.dumps(found))[1].title == found[1].title


@pytest.mark.parametrize("path", ["returned/ada.tex", "ada.md", "returned/", "own work.txt"])
def test_a_path_in_place_of_a_text_says_what_to_write(path: str) -> None:
    with pytest.raises(BackcalcError, match="is the name of a file") as found:
        backcalc.check(SKIP, path)
    assert f"pathlib.Path({path!r})" in str(found.value)


OWN = """inputs: {X: [[1, 0.5, -1], [0, 2, 1]]}
targets: {T: [1, 0]}
weights: {W: [[0.1, -0.2], [0.4, 0.3], [-0.5, 0.2]]}
equations: {A: X @ W, H: relu(A), P: softmax(H)}
loss: cross_entropy
learning_rate: 1/2
names: {L: E, dL/dA: delta}
"""


def test_rows_and_verdicts_have_the_own_words() -> None:
    network = backcalc.loads(OWN)
    sheet = backcalc.step(network)
    words = {row["name"]: row["word"] for row in sheet.rows()}
    assert (words["dL/dA_11"], words["dL/dW_11"], words["A_11"]) == ("delta_11", "dE/dW_11", "A_11")
    assert backcalc.explain(network, "dE/dW_11").rows()
    marked = backcalc.check(network, "E = 1\nshape of E: 2x2\n", ask=["L", "dL/dW", "shapes"])
    assert {"E", "dE/dW", "shape of E", "shape of dE/dW"} <= {*marked.verdicts}
    assert marked.verdicts["shape of L"] == marked.verdicts["shape of E"] == "wrong"


def test_a_matrix_has_numbers_of_one_kind() -> None:
    sheet = backcalc.step(backcalc.loads(OWN))
    kinds = [{type(each) for row in sheet.matrix(name) for each in row} for name in ("dE/dA", "A")]
    assert kinds == [{float}, {Fraction}]


@pytest.mark.sweep
def test_a_sheet_is_marked_from_text_file_or_figures(run) -> None:
    marked = backcalc.check(SKIP, ADA, carry="half", tolerance=0.02, digits=3)
    line = ("check", "skip", str(ADA), "--carry", "half", "--tolerance", "0.02", "--digits", "3")
    assert marked.json() == run(*line, "--format", "json").stdout
    assert f"{marked}\n" == run(*line).stdout
    assert marked.written("csv") == run(*line, "--format", "csv").stdout
    assert marked.slips == {"dL/dh0": ["path-dropped"]}
    figures = backcalc.check(SKIP, {"z0": Fraction(1, 2), "L": -3.375, "dL/dw0": "1/2 + 1/4"})
    assert figures.verdicts == {"z0": "correct", "L": "wrong", "dL/dw0": "correct"}
    for strict in (False, True):
        other = backcalc.check(SKIP, {"z0": 0.5, "foo": 3}, strict=strict, missing="free")
        assert (other.unread, other.status) == (["foo = 3"], int(strict))
    notes = ROOT / "tests" / "sheets" / "notes.md"
    assert backcalc.lint(notes).verdicts["dL/dw0"] == "wrong"
    assert {*backcalc.lint(SKIP).verdicts.values()} == {"correct"}


class Single:
    """A float of 32 bits as NumPy and PyTorch have it."""

    shape, dtype = (), "torch.float32"

    def item(self) -> float:
        return 0.30327269434928894


def test_figures_of_each_sample_are_a_list() -> None:
    net = backcalc.load("xor")
    loss = backcalc.forward(net).number("J")
    marked = backcalc.check(net, {"x1": [0, 0, 1, 1], "y": (0, None, 1, 1), "J": float(loss)})
    found = dict.fromkeys(("x1[1]", "x1[2]", "x1[3]", "x1[4]", "y[1]", "y[3]", "J"), "correct")
    assert marked.verdicts == found | {"y[2]": "missing", "y[4]": "wrong"}
    with pytest.raises(backcalc.BackcalcError, match="x1 has 3 figures, but there are 4 samples"):
        backcalc.check(net, {"x1": [1, 2, 3]})
    step = backcalc.step(net)
    assert step.number("dL[1]/dz1") == step.number("dL/dz1[1]") == step.number("dL[1]/dz1[1]")


def test_a_short_float_has_the_digits_that_it_holds() -> None:
    marked = backcalc.check(backcalc.load("skip"), {"L": Single()})
    assert marked["files"][0]["answers"][0]["written"] == "0.303273"


@pytest.mark.sweep
def test_a_class_is_marked_as_on_the_command_line(run, tmp_path: Path) -> None:
    sheets = tmp_path / "in"
    (sheets / "ben").mkdir(parents=True)
    (sheets / "ada.tex").write_text(ADA.read_text("utf-8"), "utf-8")
    (sheets / "ben" / "sheet.txt").write_text("z0 = 1/2\nL = -3.375\n", "utf-8")
    (sheets / "cleo.ipynb").write_text("{", "utf-8")
    line = ("check", "skip", str(sheets), "--carry", "half")
    marked = backcalc.check(SKIP, sheets, carry="half", feedback=tmp_path / "back")
    told = run(*line, "--feedback", str(tmp_path / "told"))
    text, _, written = told.stdout.rpartition("\n\n")
    assert str(marked) == text
    assert written.endswith("told: 3 marked copies, gradebook.csv and class.html written\n")
    files = {path.name: path.read_bytes() for path in (tmp_path / "told").glob("[!.]*")}
    assert {path.name: path.read_bytes() for path in (tmp_path / "back").glob("[!.]*")} == files
    assert {"gradebook.csv", "class.html"} < {*files}
    assert marked.json() == run(*line, "--format", "json").stdout
    ada, cleo, ben = marked.sheets.values()
    assert [*marked.sheets] == [
        str(sheets / name) for name in ("ada.tex", "cleo.ipynb", "ben/sheet.txt")
    ]
    assert ben.verdicts == {"z0": "correct", "L": "wrong"}
    assert (ben.sheets[str(sheets / "ben" / "sheet.txt")], ben.error) == (ben, None)
    assert isinstance(cleo.error, BackcalcError)
    assert marked.score == ada.score + ben.score
    assert marked.slips[f"{sheets / 'ben' / 'sheet.txt'}: L"] == ["gradient-sign"]
    groups = backcalc.check(SKIP, [sheets / "ada.tex", str(sheets / "ben")], group_by="mistake")
    line = ("check", "skip", str(sheets / "ada.tex"), str(sheets / "ben"), "--group-by", "mistake")
    assert f"{groups}\n" == run(*line).stdout
    again = pickle.loads(pickle.dumps(marked))
    assert again.rows() == marked.rows()
    (tmp_path / "back" / "ada.tex.html").write_text("edited", "utf-8")
    with pytest.raises(BackcalcError, match="was edited since backcalc wrote it"):
        backcalc.check(SKIP, sheets / "ada.tex", feedback=tmp_path / "back")
    backcalc.check(SKIP, sheets / "ada.tex", feedback=tmp_path / "back", force=True)


@pytest.mark.sweep
def test_sheets_are_marked_against_a_folder_of_variants(run, tmp_path: Path) -> None:
    folder, sheet = tmp_path / "class", tmp_path / "ada.txt"
    run("variant", "skip", "--seed", "7", "--count", "2", "-o", str(folder))
    sheet.write_text("variant = 2\nz0 = 1/2\n", "utf-8")
    marked = backcalc.check(folder, sheet)
    assert f"{marked}\n" == run("check", str(folder), str(sheet)).stdout
    with pytest.raises(BackcalcError, match="does not say which variant"):
        backcalc.check(folder, "z0 = 1/2")


ROWS = {
    "step skip --lr 1": ("step", "part", "name", "formula", "substituted", "value", "exact"),
    "symbolic skip --expand": ("part", "name", "formula", "latex"),
    "verify skip --no-torch": ("part", "name", "value", "exact", "ways.sympy.value",
                               "ways.sympy.difference", "ways.differences.value",
                               "ways.differences.difference", "verdict", "kink"),
    "landscape skip w0 w1 --size 3 --range w0=-1..1/2 --epochs 2": ("w0", "w1", "loss"),
    "hessian skip --by w0,w1 --lr 1": ("name", "w0", "w1"),
    "jacobian skip --of z2 --by x": ("name", "x"),
}  # fmt: skip


@pytest.mark.parametrize("line", RESULTS)
def test_rows_are_flat(line: str) -> None:
    rows = RESULTS[line]().rows()
    assert rows
    assert all(
        isinstance(value, str | int | float | None) for row in rows for value in row.values()
    )
    assert tuple(rows[0]) == ROWS.get(line, tuple(rows[0]))


def test_rows_of_several_steps_and_of_a_marked_sheet() -> None:
    rows = backcalc.step(SKIP, lr=0.1, steps=2).rows()
    assert {(row["step"], row["part"]) for row in rows} == {
        (step, part) for step in (1, 2) for part in ("forward", "backward", "update", "after")
    }  # fmt: skip
    rows = backcalc.check(SKIP, ADA).rows()
    assert [row["verdict"] for row in rows if row["name"] == "dL/dh0"] == ["wrong"]
    assert rows[0]["file"] == str(ADA)


ANSWERS = "a text, a Path, a list of paths or a dictionary of figures"
MISTAKES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "an option": (lambda: backcalc.step(SKIP, lrr=1), TypeError,  # type: ignore[call-arg]
                  "step() has no option 'lrr'; did you mean 'lr'?"),
    "a file's key": (lambda: backcalc.step(SKIP, learning_rate=1), TypeError,  # type: ignore[call-arg]
                     "step() has no option 'learning_rate'; did you mean 'lr'?"),
    "no path": (lambda: backcalc.load(3), TypeError,  # type: ignore[arg-type]
                "load needs the path of a network file, or the name of a bundled network, "  # noqa: ISC004
                "and not int"),
    "another's option": (lambda: backcalc.lint("skip", epochs=3), TypeError,  # type: ignore[call-arg]
                         "lint() has no option 'epochs'; there are file, strict"),
    "a list": (lambda: backcalc.step(SKIP, lr=[1]), TypeError,  # type: ignore[arg-type]
               "lr must be a number such as 0.1, '1/3' or Fraction(1, 3) and not list"),
    "a word": (lambda: backcalc.step(SKIP, lr="fast"), BackcalcError,
               "lr='fast': 'fast' is not a number (numbers are written as 0.5, -3, 1/2 or 1e-3)"),
    "a text": (lambda: backcalc.train(SKIP, epochs="9"), TypeError,  # type: ignore[arg-type]
               "epochs must be a whole number and not str"),
    "True": (lambda: backcalc.step(SKIP, digits=True), TypeError,
             "digits must be a whole number and not bool"),
    "None": (lambda: backcalc.train(SKIP, epochs=None), TypeError,  # type: ignore[arg-type]
             "epochs must be a whole number and not NoneType"),
    "yes": (lambda: backcalc.step(SKIP, compact="yes"), TypeError,  # type: ignore[arg-type]
            "compact must be True or False and not str"),
    "too small": (lambda: backcalc.forward(SKIP, digits=0), BackcalcError,
                  "digits=0: 0 is not in the range 1<=x<=17."),
    "a choice": (lambda: backcalc.step(SKIP, view="matrx"), BackcalcError,  # type: ignore[arg-type]
                 "view='matrx': 'matrx' is not one of 'scalar', 'matrix'.\n"  # noqa: ISC004
                 "hint: did you mean 'matrix'?"),
    "a list to set": (lambda: backcalc.step(SKIP, set=["w0"]), TypeError,  # type: ignore[arg-type]
                      "set must be a dictionary of numbers such as {'w0': 0.3} and not list"),
    "lists to set": (lambda: backcalc.step(SKIP, set={"w0": [1, 2]}), TypeError,  # type: ignore[dict-item]
                     "a number such as 0.1, '1/3' or Fraction(1, 3) is wanted and not list"),
    "no weight": (lambda: backcalc.step(SKIP, lr=1, set={"w00": 1}), BackcalcError,
                  "there is no number 'w00' to set\nhint: did you mean 'w0'?"),
    "a name": (lambda: backcalc.step("skip"), TypeError,  # type: ignore[arg-type]
               "a Network is needed and not str; backcalc.load('skip') gives one"),
    "a path": (lambda: backcalc.step(Path("skip.yaml")), TypeError,  # type: ignore[arg-type]
               f"a Network is needed and not {type(Path()).__name__}; "  # noqa: ISC004
               "backcalc.load('skip.yaml') gives one"),
    "a number": (lambda: backcalc.explain(SKIP, 3), TypeError,  # type: ignore[arg-type]
                 "derivative must be a text and not int"),
    "no answers": (lambda: backcalc.check(SKIP, 5), TypeError,  # type: ignore[arg-type]
                   f"answers must be {ANSWERS} and not int"),
    "one end": (lambda: backcalc.landscape(SKIP, "w0", "w1", range={"w0": (1,)}),  # type: ignore[dict-item]
                BackcalcError, "range={'w0': (1,)}: 'w0=1' is not of the form w0=-3..3"),
    "a list of text": (lambda: backcalc.loads([1]), TypeError,  # type: ignore[arg-type]
                       "give the text of a network or a dictionary, not list"),
    "a format": (lambda: backcalc.forward(SKIP).written("htm"), BackcalcError,
                 "there is no format 'htm' here\nhint: did you mean 'html'?"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_errors_say_what_was_expected(mistake: str) -> None:
    call, kind, message = MISTAKES[mistake]
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.sweep
def test_numbers_of_other_libraries() -> None:
    numpy = pytest.importorskip("numpy")
    worked = backcalc.step(SKIP, lr=numpy.float64(0.1), steps=numpy.int64(1))
    assert worked.number("w0'") == backcalc.step(SKIP, lr="0.1").number("w0'")
    net = backcalc.loads({
        "inputs": {"x": numpy.float64(0.1)}, "targets": {"y": 1}, "weights": {"w": 1},
        "nodes": {0: {"from": {"x": "w"}}}, "loss": "half_l2",
    })  # fmt: skip
    assert backcalc.forward(net).number("yhat") == Fraction(1, 10)


@pytest.mark.sweep
def test_a_dictionary_is_read_as_the_file_would_be() -> None:
    yaml = pytest.importorskip("yaml")
    for name in ("skip_bias", "mlp", "softmax", "rnn_repeat", "lstm"):
        path = ROOT / "networks" / f"{name}.yaml"
        document = yaml.safe_load(path.read_text("utf-8"))
        net = backcalc.loads(document, name, str(path.parent))
        if "learning_rate" in document and not net.random:
            own = backcalc.step(backcalc.load(path))
            assert backcalc.step(net)["steps"] == own["steps"]
    with pytest.raises(BackcalcError, match="the network has no loss"):
        backcalc.loads({"inputs": {"x": 1}})


def test_results_go_to_another_process() -> None:
    for result in (backcalc.step(SKIP, lr=1), backcalc.check(SKIP, ADA), backcalc.formulas(SKIP)):
        again = pickle.loads(pickle.dumps(result))
        assert (type(again), again, again.rows()) == (type(result), result, result.rows())
    assert pickle.loads(pickle.dumps(backcalc.step(SKIP, lr=1))).number("L") == Fraction(27, 8)
    assert repr(again) == repr(dict(again))
    with pytest.raises(BackcalcError, match="this copy has the data"):
        str(again)


@pytest.mark.sweep
def test_a_page_in_a_notebook_leaves_the_notebook_alone() -> None:
    pages = [each._repr_html_() for each in (
        backcalc.step(SKIP, lr=1), backcalc.report(SKIP, lr=1), backcalc.check(SKIP, ADA), SKIP,
    )]  # fmt: skip
    for page in pages:
        assert page.startswith("<style>.backcalc-sheet {")
        rules, _, body = page.partition("</style>\n")
        assert not re.search(r":root|\b(html|body)\b *[{:]", rules)
        assert "<nav>" not in body
        assert "<script" not in page
        own = re.findall(r' id="([^"]+)"', body)
        assert all(re.match(r"s[0-9a-f]{8}-", each) for each in own)
        assert {*re.findall(r'href="#([^"]+)"', body)} <= {*own}
        ET.fromstring(body.replace("&nbsp;", " "))
    assert len({page.split(' id="', 1)[-1][:10] for page in pages}) == len(pages)


def test_a_dictionary_gives_each_quantity_once() -> None:
    network = backcalc.loads({
        "inputs": {"x": 1}, "targets": {"y": 1}, "weights": {"w": 0.5}, "loss": "l2",
        "nodes": {"1": {"from": {"x": "w"}, "activation": "sigmoid"}},
    })  # fmt: skip
    with pytest.raises(backcalc.BackcalcError, match="yhat and h1 are one quantity"):
        backcalc.check(network, {"yhat": 0.622, "z1": 0.5, "h1": 0.6})
