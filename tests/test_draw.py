"""Pictures of networks: the geometry of every bundled one, every format, what files may not do."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import HANGS, NETWORKS, TRAINED, Result, mostly_swept, shared
from random_networks import random_network
from rich.cells import cell_len

from backcalc.drawing.as_dot import MERMAID_BOXES, drawing_dot, drawing_mermaid
from backcalc.drawing.as_svg import drawing_svg
from backcalc.drawing.as_text import drawing_text, text_ruler
from backcalc.drawing.as_tikz import drawing_tikz, tikz_document
from backcalc.drawing.layout import KEPT, MOST_COLUMNS, draw
from backcalc.drawing.picture import PIXELS, Arrow, Box, Drawing, Ruler
from backcalc.equations import calculation
from backcalc.equations.calculation import Calculation
from backcalc.equations.network import Network
from backcalc.equations.program import lower
from backcalc.errors import BackcalcError
from backcalc.formats import PICTURES
from backcalc.formulas.expression import Expression, Name, names_in, walk
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import PLAIN, UNICODE, phrase_text
from backcalc.loading.loader import load, loads

Run = Callable[..., Result]

ALL = (*NETWORKS, *(f"networks/{name}.yaml" for name in TRAINED))
CURVE_POINTS = 40  # at which a curve is looked at


def every_network(test: Callable[..., None]) -> Callable[..., None]:
    """A test over bundled networks, over others than the next test."""
    return pytest.mark.parametrize("file", shared(ALL, test))(test)


def picture(network: Network, ruler: Ruler = PIXELS, **shown: bool) -> Drawing:
    worked = calculation.backward(network) if shown else None
    return draw(network, worked, ruler=ruler, **shown)


@cache
def worked_out(file: str) -> Calculation:
    return calculation.backward(load(file))


@cache
def bundled(file: str, full: bool = True) -> Drawing:
    """A bundled network's picture, bare or with values and gradients; drawn once for all tests."""
    if not full:
        return draw(load(file))
    return draw(worked_out(file).network, worked_out(file), values=True, gradients=True)


# Geometry.

Area = tuple[float, float, float, float]


def box_of(node: Box) -> Area:
    return node.x, node.y, node.x + node.width, node.y + node.height


def text_boxes(edge: Arrow) -> Iterator[Area]:
    """Where the lines of an edge's text stand: the first above it, others below."""
    x, y = edge.label
    for place, line in enumerate(edge.lines):
        top = y + (place - 1) * PIXELS.line
        yield x, top, x + PIXELS.width(PIXELS.text(line)), top + PIXELS.line


def overlap(one: Area, other: Area) -> bool:
    return all(one[at] < other[at + 2] - 1e-6 and other[at] < one[at + 2] - 1e-6 for at in (0, 1))


def points(edge: Arrow) -> Iterator[tuple[float, float]]:
    """Points on the way of an edge, its curves as every format draws them."""
    for (x, y), (to_x, to_y), curved in edge.parts():
        for step in range(CURVE_POINTS + 1):
            t = step / CURVE_POINTS
            s = 3 * t * t - 2 * t**3 if curved else t  # both handles lie in the middle
            across = 1.5 * t * (1 - t) + t**3 if curved else t
            yield x + across * (to_x - x), y + s * (to_y - y)


def faults(drawing: Drawing) -> Iterator[str]:
    """What is wrong with a picture, one sentence each."""
    boxes = {node.name: box_of(node) for node in drawing.nodes}
    for (one, first), (other, second) in combinations(boxes.items(), 2):
        if overlap(first, second):
            yield f"{one} lies on {other}"
    for edge in drawing.edges:
        name = f"{edge.source} to {edge.target}"
        source, target = boxes[edge.source], boxes[edge.target]
        (x, y), (to_x, to_y) = edge.bends[0], edge.bends[-1]
        if not (x == source[2] and source[1] < y < source[3]):
            yield f"{name} does not start at its box"
        if not (to_x == target[0] and target[1] < to_y < target[3]):
            yield f"{name} does not end at its box"
        if len(edge.bends) % 2 or any(a[1] != b[1] for a, b in pairs(edge)):
            yield f"{name} has a level part that is not level"
        others = {n: b for n, b in boxes.items() if n not in (edge.source, edge.target)}
        for x, y in points(edge):
            for box in (n for n, b in others.items() if b[0] <= x <= b[2] and b[1] <= y <= b[3]):
                yield f"{name} crosses {box}"
            if not (0 <= x <= drawing.width and 0 <= y <= drawing.height):
                yield f"{name} leaves the picture"
    texts = [(edge, box) for edge in drawing.edges for box in text_boxes(edge)]
    for edge, text in texts:
        if any(overlap(text, box) for box in boxes.values()):
            yield f"the text of {edge.source} to {edge.target} lies on a box"
    for (one, first), (other, second) in combinations(texts, 2):
        if overlap(first, second):
            yield f"the text of {one.weight} lies on that of {other.weight}"
    for node in drawing.nodes:
        needed = (PIXELS.widest(node.lines), len(node.lines) * PIXELS.line)
        if needed[0] >= node.width or needed[1] >= node.height:
            yield f"the text of {node.name} does not fit its box"
        if not (node.x > 0 and node.x + node.width < drawing.width):
            yield f"{node.name} leaves the picture"
        if not (node.y > 0 and node.y + node.height < drawing.height):
            yield f"{node.name} leaves the picture"


def pairs(edge: Arrow) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return list(zip(edge.bends[::2], edge.bends[1::2], strict=True))


@pytest.mark.sweep
@every_network
def test_nothing_lies_on_anything_else(file: str) -> None:
    full = ALL.index(file) % 3 > 0  # the more to draw, the more may lie on something
    assert list(faults(bundled(file, full))) == []


@pytest.mark.parametrize("seed", mostly_swept(range(0, 60, 2)))
def test_random_networks_are_drawn_as_cleanly(seed: int) -> None:
    network = loads(random_network(seed))
    assert list(faults(draw(network))) == []


@pytest.mark.parametrize("seed", mostly_swept(range(0, 60, 4)))
def test_a_loss_that_is_not_the_last_equation_is_drawn_as_cleanly(seed: int) -> None:
    network = loads(random_network(seed))
    for loss in [equation.name for equation in lower(network)][:-1:2]:
        inner = replace(network, loss=loss, loss_name=None)
        assert list(faults(draw(inner))) == [], loss


@pytest.mark.parametrize("after", ["a**2", "a*v", "v + 1", "3"])
def test_what_reads_the_loss_stands_right_of_it(run: Run, tmp_path: Path, after: str) -> None:
    file = tmp_path / "after.yaml"
    file.write_text(
        f"weights: {{w: 1.1, v: 2}}\nequations: {{a: w**3 + w, b: {after}}}\n"
        "loss: a\nlearning_rate: 0.1\n"
    )
    boxes = {node.name: node for node in draw(load(str(file))).nodes}
    assert boxes["a"].layer < boxes["b"].layer or "a" not in after
    for form in PICTURES:
        assert run("draw", str(file), "--format", form).exit_code == 0
    told = run("report", str(file), "--format", "markdown")
    assert "the loss $`a`$ falls from $`2.431`$ to" in told.stdout


def test_a_box_stands_after_what_reads_the_pre_activation() -> None:
    """u reads e, which reads z of k, a unit that stands later in the file."""
    text = (
        "inputs: {x: 1}\ntargets: {y: 1}\nweights: {w: 1, v: 2}\n"
        "nodes:\n  u: {from: {e: w}}\n  k: {from: {x: v}, activation: tanh}\n"
        "equations: {e: z_k**2}\nloss: (h_k + yhat - y)**2\n"
    )
    drawing = draw(loads(text))
    assert list(faults(drawing)) == []
    assert ("h_k", "e") in {(edge.source, edge.target) for edge in drawing.edges}


def test_a_fault_is_found() -> None:
    drawing = draw(load("skip"))
    moved = {"h1": {"y": drawing.nodes[1].y - 40}, "yhat": {"x": 0.0}, "L": {"width": 10.0}}
    nodes = tuple(replace(node, **moved.get(node.name, {})) for node in drawing.nodes)
    found = set(faults(replace(drawing, nodes=nodes)))
    assert {"h0 to yhat crosses h1", "yhat leaves the picture",
            "h1 to yhat does not end at its box",
            "the text of L does not fit its box"} <= found  # fmt: skip


@every_network
def test_values_flow_from_left_to_right(file: str) -> None:
    network, drawing = load(file), bundled(file, full=False)
    place = {node.name: node for node in drawing.nodes}
    assert all(place[edge.source].x < place[edge.target].x for edge in drawing.edges)
    (loss,) = (node for node in drawing.nodes if node.kind == "loss")
    assert loss.x == max(node.x for node in drawing.nodes)
    if network.units:
        inputs = [place[name] for name in network.inputs]
        assert {node.x for node in inputs} == {min(node.x for node in drawing.nodes)}


@every_network
def test_every_quantity_has_its_place(file: str) -> None:
    network, drawing = load(file), bundled(file, full=False)
    equations = lower(network)
    used_names = {name for each in equations for name in names_in(each.expression)}
    quantities = {*network.weights, *network.inputs} & used_names | {*(e.name for e in equations)}
    if "left out" in str(drawing.remarks):
        pytest.skip("a large network, drawn in part")
    assert quantities <= drawing.identifiers.keys()
    used = [edge.weight for unit in network.units for edge in unit.edges]
    assert len(used) <= sum(edge.weight is not None for edge in drawing.edges)


def test_the_skip_network_is_what_the_file_says() -> None:
    drawing = draw(load("skip"))
    found = [(e.source, e.target, e.weight, e.skip) for e in drawing.edges]
    assert found == [
        ("x", "h0", "w0", False), ("h0", "h1", "w1", False), ("h1", "yhat", "w2", False),
        ("h0", "yhat", "ws", True), ("yhat", "L", None, False), ("y", "L", None, False),
    ]  # fmt: skip
    kinds = {node.name: (node.kind, node.layer) for node in drawing.nodes}
    assert kinds == {
        "x": ("input", 0), "h0": ("unit", 1), "h1": ("unit", 2), "yhat": ("unit", 3),
        "y": ("target", 3), "L": ("loss", 4),
    }  # fmt: skip


def test_the_arc_of_a_skip_edge_passes_above_the_units_between() -> None:
    drawing = draw(load("skip"))
    (arc,) = (edge for edge in drawing.edges if edge.weight == "ws")
    between = next(node for node in drawing.nodes if node.name == "h1")
    assert min(y for _, y in arc.bends) < between.y


def test_equations_have_weights_on_their_edges_and_biases_in_their_boxes() -> None:
    drawing = draw(load("lstm"))
    entering = [(e.source, e.weight) for e in drawing.edges if e.target == "a0"]
    assert entering == [("x01", "wa1"), ("x02", "wa2"), ("h", "ua")]
    box = next(node for node in drawing.nodes if node.name == "a0")
    assert texts(box) == ["a0", "tanh", "bias ba"]
    assert "ba" in box.quantities


def test_a_bias_is_never_written_as_if_it_came_after_the_activation() -> None:
    """σ(z) + b would be another unit than σ(z + b)."""
    for file in ALL:
        for node in bundled(file, full=False).nodes:
            for line in (line for line in node.lines if line.role == "kind"):
                assert not re.match(rf"({'|'.join(FUNCTIONS)}|sum) \+ ", PIXELS.text(line)), file
    bare, full = draw(load("mazur")), picture(load("mazur"), values=True, gradients=True)
    (h1,) = (texts(node) for node in bare.nodes if node.name == "h1")
    assert h1 == ["h1", "sigmoid", "bias b1"]
    (h1,) = (texts(node) for node in full.nodes if node.name == "h1")
    assert h1[1:4] == ["sigmoid", "bias b1 = 0.35", "z1 = 0.3775"]
    assert h1[-1] == "∂L/∂b1 ≈ 0.01873"
    listed = drawing_text(bare, UNICODE, 20)
    assert "\nh1: sigmoid, bias b1\n" in listed


def test_a_weight_that_multiplies_no_value_is_a_box() -> None:
    drawing = draw(load("circuit"))
    kinds = {node.name: node.kind for node in drawing.nodes}
    assert kinds == {"x": "weight", "y": "weight", "q": "equation", "f": "loss"}
    assert [(e.source, e.target, e.weight) for e in drawing.edges] == [
        ("x", "q", None), ("y", "q", None), ("q", "f", "z"),
    ]  # fmt: skip


def test_an_equation_may_read_a_pre_activation() -> None:
    drawing = draw(loads(
        "inputs: {x: 1}\nweights: {w: 2}\nnodes: {0: {from: {x: w}, activation: relu}}\n"
        "equations: {s: z0**2}\nloss: s\noutputs: [0]\n"
    ))  # fmt: skip
    assert ("h0", "s") in {(e.source.replace("yhat", "h0"), e.target) for e in drawing.edges}


# Numbers.


def texts(part: Box | Arrow) -> list[str]:
    return [PIXELS.text(line) for line in part.lines]


def test_values_and_gradients_are_those_of_the_sheet() -> None:
    drawing = picture(load("skip"), values=True, gradients=True)
    nodes = {node.name: texts(node) for node in drawing.nodes}
    edges = {edge.weight: texts(edge) for edge in drawing.edges}
    assert nodes["x"] == ["x = 1"]
    assert nodes["h0"] == ["h0", "relu", "z0 = 0.5", "h0 = 0.5", "∂L/∂h0 = 0.75", "∂L/∂z0 = 0.75"]
    assert nodes["L"] == ["L", "|ŷ - y|", "L = 3.375"]
    assert edges["w0"] == ["w0 = 0.5", "∂L/∂w0 = 0.75"]
    assert edges["w2"] == ["w2 = 0.5", "∂L/∂w2 = 0.25"]
    sizes = {edge.weight: edge.size for edge in drawing.edges}
    assert sizes == {"w0": 1.0, "w1": 1 / 3, "w2": 1 / 3, "ws": 2 / 3, None: None}


@pytest.mark.sweep
@every_network
def test_every_number_is_that_of_the_calculation(file: str) -> None:
    worked, drawing = worked_out(file), bundled(file)
    network = worked.network
    lines = [line for part in (*drawing.nodes, *drawing.edges) for line in part.lines]
    shown = [line.text for line in lines if line.role in ("value", "gradient")]
    shown = [text for text in shown if text[0] != "share"]
    assert shown
    for *bias, name, _, number in shown:
        assert bias in ([], ["bias "])
        assert isinstance(name, Name)
        assert number.value == worked.values[name.id]  # type: ignore[union-attr]
    assert any(line.role == "gradient" for line in lines) == bool(network.weights)


def test_negative_gradients_are_told_apart_without_colour() -> None:
    drawing = picture(load("mazur"), gradients=True)
    signs = {edge.weight: edge.negative for edge in drawing.edges if edge.weight}
    assert [name for name, negative in signs.items() if negative] == ["w7", "w8"]
    svg = drawing_svg(drawing)
    assert svg.count('class="edge negative"') == 2
    assert ".negative path { stroke: #9a3412; stroke-dasharray" in svg
    assert drawing_dot(drawing).count("style=dashed, penwidth") == 2
    assert drawing_tikz(drawing).count("\\draw[bc negative") == 2
    assert drawing_mermaid(drawing).count("-.->") == 2


@pytest.mark.sweep
@every_network
def test_the_shares_of_a_shared_weight_are_its_whole_derivative(file: str) -> None:
    worked, drawing = worked_out(file), bundled(file)
    network = worked.network
    places = [name for each in lower(network) for name in every_name(each.expression)]
    for weight in network.weights:
        edges = [edge for edge in drawing.edges if edge.weight == weight]
        if len(edges) < 2:
            assert [edge.share for edge in edges] in ([None], []) or places.count(weight) > 1
        elif len(edges) == places.count(weight):
            total = worked.values[f"d{worked.of}/d{weight}"]
            shares = [float(edge.share or 0) for edge in edges]
            assert sum(shares) == pytest.approx(float(total), rel=1e-9, abs=1e-12)
            assert [edge.negative for edge in edges] == [share < 0 for share in shares]
            assert [edge.size == 0 for edge in edges] == [share == 0 for share in shares]


def every_name(expression: Expression) -> list[str]:
    return [part.id for part in walk(expression) if isinstance(part, Name)]


SHARED = """
data: [{x: 1, y: 2}, {x: 3, y: -1}]
inputs: [x]
targets: [y]
weights: {w: 0.5, v: 2}
equations:
  a: tanh(w*x)
  b: w*a + v*x
  c: a*(w*x)**2 + w*x
loss: (b - y)**2 + w**2 + c
"""


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_share_is_the_derivative_by_that_use_alone(reduction: str) -> None:
    """As the backward pass finds it where each use has a weight of its own."""
    network = loads(f"{SHARED}reduction: {reduction}\n")
    drawing = draw(network, calculation.backward(network), gradients=True)
    found = {(e.source, e.target): e.share for e in drawing.edges if e.weight == "w"}
    assert [*found] == [("x", "a"), ("a", "b"), ("x", "c")]
    apart = SHARED.replace("w: 0.5", "w: 0.5, w1: 0.5, w2: 0.5, w3: 0.5")
    apart = apart.replace("tanh(w*x)", "tanh(w1*x)").replace("w*a", "w2*a")
    apart = apart.replace("(w*x)**2 + w*x", "(w3*x)**2 + w3*x")
    worked = calculation.backward(loads(f"{apart}reduction: {reduction}\n"))
    expected = [float(worked.values[f"d{worked.of}/dw{number}"]) for number in (1, 2, 3)]
    assert [float(share or 0) for share in found.values()] == pytest.approx(expected)
    first, *others = (texts(edge) for edge in drawing.edges if edge.weight == "w")
    assert [line.split()[0] for line in first] == ["w", "∂J/∂w", "share"]
    assert [[line.split()[0] for line in each] for each in others] == [["w", "share"]] * 2


def test_no_gradient_is_drawn_where_none_flows() -> None:
    """A convolution under a maximum: what is not the largest gets nothing."""
    drawing = picture(load("conv2d"), gradients=True)
    into = {target: [e for e in drawing.edges if e.weight and e.target == target]
            for target in ("c11", "c22")}  # fmt: skip
    assert [edge.size for edge in into["c11"]] == [0.0] * 4
    assert all(edge.size for edge in into["c22"])
    assert "c11" in drawing_text(drawing, UNICODE, 80)
    assert "share: this edge's part of the derivative" in " ".join(drawing.remarks)
    assert not any("share" in remark for remark in picture(load("skip"), gradients=True).remarks)


@every_network
def test_a_weight_is_a_box_or_on_edges_and_never_both(file: str) -> None:
    drawing = bundled(file, full=False)
    assert not {node.name for node in drawing.nodes} & {edge.weight for edge in drawing.edges}


@pytest.mark.sweep
def test_a_picture_shows_one_sample_and_gradients_over_all() -> None:
    network = load("xor")
    worked = calculation.backward(network)
    drawing = draw(network, worked, values=True, gradients=True, sample=3)
    nodes = {node.name: texts(node) for node in drawing.nodes}
    assert nodes["x1"] == ["x1[3] = 1"]
    assert "∂L[3]/∂ŷ[3] ≈ -1.718" in nodes["yhat"]
    assert "∂J/∂b3 ≈ 0.04122" in nodes["yhat"]
    said = "The numbers are those of sample 3 of 4"
    assert drawing.remarks == (f"{said}; the derivatives of J are the mean over all samples.",)
    assert draw(network, worked, values=True, sample=3).remarks == (f"{said}.",)
    with pytest.raises(BackcalcError, match="there is no sample 5"):
        draw(network, worked, values=True, sample=5)


# Large networks.


def wide(units: int) -> Network:
    rows = ", ".join(["[1]"] * units)
    return loads(
        f"inputs: {{x: 1}}\ntargets: {{y: 1}}\nlayers:\n- {{name: h, units: {units},"
        " activation: relu,"
        f" weights: [{rows}]}}\n- {{name: o, units: 1, activation: identity,"
        f" weights: [[{', '.join('1' * units)}]]}}\nloss: l2\n"
    )


def deep(lines: int) -> Network:
    steps = "".join(f"  a{n}: tanh(w*a{n - 1} + a{max(n - 3, 0)})\n" for n in range(1, lines))
    return loads(
        f"inputs: {{x: 1}}\nweights: {{w: 1/2}}\nequations:\n  a0: w*x\n{steps}loss: a{lines - 1}\n"
    )


def test_the_middle_of_a_long_column_is_left_out() -> None:
    drawing = picture(wide(200), values=True, gradients=True)
    assert list(faults(drawing)) == []
    assert [texts(node) for node in drawing.nodes if node.kind == "more"] == [["… 188 more …"]]
    assert sum(node.kind == "unit" for node in drawing.nodes) == 2 * KEPT + 1
    assert drawing.remarks == ("188 boxes in the middle of a column are left out.",)
    more = next(place for place, node in enumerate(drawing.nodes) if node.kind == "more")
    assert [node.name for node in drawing.nodes][more - 1 : more + 2 : 2] == ["h_h6", "h_h195"]


def test_boxes_of_two_kinds_are_left_out_apart() -> None:
    drawing = draw(load("softmax_batch"), ruler=text_ruler(UNICODE))
    left_out = [node for node in drawing.nodes if node.kind == "more"]
    assert [texts(node) for node in left_out] == [["… 6 more …"]] * 2  # targets and softmaxes
    read = {edge.target for edge in drawing.edges}
    assert [node.name in read for node in left_out] == [False, True]
    assert "\n  … 6 more … --> L\n" in drawing_text(drawing, UNICODE, 80)


def test_the_middle_of_a_long_chain_is_left_out() -> None:
    drawing = draw(deep(300))
    assert list(faults(drawing)) == []
    assert len({node.layer for node in drawing.nodes}) == MOST_COLUMNS + 1
    assert drawing.remarks == ("261 columns with 261 boxes in the middle are left out.",)


# Formats.

TITLE = '<script>alert("1")</script> ]]> "]; x --> \\input{/etc/passwd} $50% & #1; `~^_{} |a| -- \\'
NAMES = "inputs: {x_1: 1, ζ: 2, 层: 3}\ntargets: {y: 1}\nweights: {w_a_b: 2, end: -1, graph: 1/3}\n"
HOSTILE = f"""\
title: '{TITLE}'
{NAMES}nodes:
  n_1: {{from: {{x_1: w_a_b, ζ: end, 层: graph}}, activation: identity}}
loss: l2
"""


@pytest.fixture
def hostile() -> Drawing:
    network = loads(HOSTILE)
    assert network.title == TITLE
    return picture(network, values=True, gradients=True)


def test_titles_and_names_stay_text_in_svg(hostile: Drawing) -> None:
    root = ElementTree.fromstring(drawing_svg(hostile, prefix="a-"))
    tags = {each.tag.partition("}")[2] for each in root.iter()}
    assert tags == {"svg", "title", "style", "g", "path", "rect", "text", "tspan"}
    (title,) = root.iter("{http://www.w3.org/2000/svg}title")
    assert title.text == TITLE
    shown = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "层 = 3" in shown
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "wa,b = 2" in texts  # w_a_b, set as in a formula


def test_titles_stay_text_in_dot(hostile: Drawing) -> None:
    text = drawing_dot(hostile)
    strict_dot(text)
    (quoted,) = re.findall(r'^digraph "((?:[^"\\]|\\.)*)" \{$', text, re.MULTILINE)
    assert re.sub(r"\\(.)", r"\1", quoted) == TITLE


def test_titles_stay_text_in_mermaid(hostile: Drawing) -> None:
    text = drawing_mermaid(hostile)
    strict_mermaid(text)
    (quoted,) = re.findall(r'^title: "((?:[^"\\]|\\.)*)"$', text, re.MULTILINE)
    assert re.sub(r"\\(.)", r"\1", quoted) == TITLE
    assert "w#95;a#95;b = 2" in text


def test_titles_stay_text_in_tikz(hostile: Drawing) -> None:
    text = tikz_document(hostile)
    (line,) = (line for line in text.splitlines() if "script" in line)
    assert "\\input" not in line
    assert "\\textless{}script\\textgreater{}" in line
    assert "\\$50\\% \\& \\#1;" in line
    fragment = re.sub(r"\\[{}]", "", drawing_tikz(hostile))
    assert fragment.count("{") == fragment.count("}")
    assert fragment.isascii()


@pytest.mark.parametrize("form", ["svg", "dot", "mermaid", "text", "list"])
def test_a_name_from_right_to_left_leaves_the_order_as_it_is(
    form: str, run: Run, tmp_path: Path
) -> None:
    """Without the isolates around it `אב = 0.5` is shown as `0.5 = אב`."""
    file = tmp_path / "net.yaml"
    file.write_text(
        "inputs: {אב: 0.5}\nweights: {w: 2}\nequations: {yhat: w*אב}\n"
        "targets: {y: 1}\nloss: l2\n", "utf-8"
    )  # fmt: skip
    words = ["--format", "text"] if form == "list" else ["--format", form]
    narrow: dict[str, str | None] = {"COLUMNS": "20"} if form == "list" else {}
    out = run("draw", str(file), "--values", *words, env=narrow).stdout
    out = re.sub(r"#(\d+);", lambda entity: chr(int(entity[1])), out)
    assert "\u2068אב\u2069 = 0.5" in out
    plain = run("draw", "networks/skip.yaml", "--values", *words).stdout
    assert "\u2068" not in plain


def test_titles_stay_text_in_the_terminal() -> None:
    network = replace(loads(HOSTILE), title="\x1b[31mred\x07")
    drawing = draw(network, ruler=text_ruler(UNICODE))
    assert drawing_text(drawing, UNICODE, 80).startswith("\\x1b[31mred\\x07\n")


@pytest.mark.sweep
@every_network
def test_the_svg_is_well_formed_and_every_place_has_an_id(file: str) -> None:
    drawing = bundled(file, full=ALL.index(file) % 2 > 0)
    text = drawing_svg(drawing, prefix="p-")
    root = ElementTree.fromstring(text)
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids)) == len(drawing.nodes) + len(drawing.edges) + 1
    assert {f"p-{own}" for own in drawing.identifiers.values()} <= set(ids)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "p-drawing-title"
    assert re.findall(r"https?:|url\(|@import|href", text) == ["http:"]
    assert re.fullmatch(r"0 0 \d+ \d+", root.get("viewBox") or "")


MEASURE = """<script>
const bad = [], touch = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width
  && a.y < b.y + b.height && b.y < a.y + a.height;
for (const svg of document.querySelectorAll('svg')) {
  const boxes = [...svg.querySelectorAll('.node')];
  for (const box of boxes) for (const text of box.querySelectorAll('text')) {
    const b = box.querySelector('rect').getBBox(), t = text.getBBox();
    if (t.x < b.x || t.x + t.width > b.x + b.width || t.y < b.y || t.y + t.height > b.y + b.height)
      bad.push(text.textContent);
  }
  for (const text of svg.querySelectorAll('.edge text')) for (const box of boxes)
    if (touch(text.getBBox(), box.querySelector('rect').getBBox())) bad.push(text.textContent);
}
document.title = `looked at ${document.querySelectorAll('svg').length}: ${bad.join('; ')}`;
</script>"""
LONG = "mmmmmmmmmm_WWWWWWWWWW_very_long_name_of_a_unit"


@pytest.mark.sweep
@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not on this machine")
def test_a_browser_finds_all_text_where_the_layout_put_it(tmp_path: Path, hostile: Drawing) -> None:
    named = loads(HOSTILE.replace("n_1", LONG))
    nets = [named, *map(load, ("skip", "lstm", "attention", "xor", "spiral"))]
    drawings = [hostile, *(picture(net, values=True, gradients=True) for net in nets)]
    drawings += map(draw, nets)
    pictures = "".join(drawing_svg(d, prefix=f"a{n}-") for n, d in enumerate(drawings))
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{pictures}{MEASURE}", "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/user"]
    done = subprocess.run(
        ["chromium", *flags, "--dump-dom", page.as_uri()],
        capture_output=True, check=False, timeout=HANGS,
    )  # fmt: skip
    found = re.search("<title>(looked.*?)</title>", done.stdout.decode())
    assert found
    assert found[1] == f"looked at {len(drawings)}: "


def test_ids_are_those_that_a_page_links_to() -> None:
    places = draw(load("skip")).identifiers
    assert places == {
        "x": "node-x", "h0": "node-h0", "z0": "node-h0", "h1": "node-h1", "z1": "node-h1",
        "yhat": "node-yhat", "z2": "node-yhat", "y": "node-y", "L": "node-L",
        "w0": "edge-w0", "w1": "edge-w1", "w2": "edge-w2", "ws": "edge-ws",
    }  # fmt: skip
    assert draw(load("rnn_repeat")).identifiers["h[2]"] == "node-h.2"


def test_a_shared_weight_stands_on_each_edge_and_has_one_place() -> None:
    drawing = draw(load("rnn"))
    assert [edge.weight for edge in drawing.edges].count("wx") == 3
    ids = [own for _, own in drawing.edge_ids()]
    assert [own for own in ids if "wx" in own] == ["edge-wx", "edge-wx-z2", "edge-wx-z3"]


QUOTED = r'"(?:[^"\\]|\\.)*"'
DOT_LINES = (
    rf"digraph {QUOTED} {{",
    rf"  (?:graph|node|edge) \[(?:\w+=(?:[\w.]+|{QUOTED})(?:, )?)+\];",
    rf"  {QUOTED}(?: -> {QUOTED})? \[(?:\w+=(?:[\w.]+|{QUOTED})(?:, )?)+\];",
    "}",
)
MERMAID_QUOTED = r'"(?:[^"<>&`\\]|<br>)*"'
BOXES = "|".join(
    re.escape(box).replace(r'"\{\}"', MERMAID_QUOTED) for box in MERMAID_BOXES.values()
)
MERMAID_LINES = (
    "---", rf"title: {QUOTED}", "flowchart LR",
    rf"  n\d+(?:{BOXES})",
    rf"  n\d+ (?:-->|-\.->)(?:\|{MERMAID_QUOTED}\|)? n\d+",
    r"  linkStyle \d+ stroke:#\w{6},stroke-width:\d+\.\dpx", r"  %% [^\n]*",
)  # fmt: skip


def strict_dot(text: str) -> None:
    """Every line is one of a few kinds, and every end of an edge is a node."""
    strict(text, DOT_LINES)
    nodes = set(re.findall(rf"^  ({QUOTED}) \[", text, re.MULTILINE))
    ends = re.findall(rf"^  ({QUOTED}) -> ({QUOTED}) ", text, re.MULTILINE)
    assert {end for pair in ends for end in pair} <= nodes


def strict_mermaid(text: str) -> None:
    """Every line is one of a few kinds, and every end of an edge is a node."""
    strict(text, MERMAID_LINES)
    nodes = set(re.findall(r"^  (n\d+)[\[(]", text, re.MULTILINE))
    ends = re.findall(r"^  (n\d+) -\S*>.* (n\d+)$", text, re.MULTILINE)
    assert {end for pair in ends for end in pair} <= nodes


def strict(text: str, kinds: tuple[str, ...]) -> None:
    strange = [
        line for line in text.splitlines() if not any(re.fullmatch(kind, line) for kind in kinds)
    ]
    assert strange == []


@pytest.mark.sweep
@every_network
def test_the_graph_languages_are_well_formed(file: str) -> None:
    drawing = bundled(file, full=ALL.index(file) % 2 == 0)
    strict_dot(drawing_dot(drawing))
    strict_mermaid(drawing_mermaid(drawing))


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not on this machine")
def test_graphviz_draws_it(hostile: Drawing) -> None:
    for drawing in (hostile, picture(load("lstm"), values=True, gradients=True)):
        subprocess.run(
            ["dot", "-Tsvg", "-o/dev/null"], input=drawing_dot(drawing).encode(), check=True
        )


def has_tikz() -> bool:
    if not (shutil.which("pdflatex") and shutil.which("kpsewhich")):
        return False
    found = subprocess.run(
        ["kpsewhich", "tikz.sty", "xcolor.sty"], capture_output=True, check=False
    )
    return len(found.stdout.split()) == 2


needs_tikz = pytest.mark.skipif(not has_tikz(), reason="no pdflatex with TikZ on this machine")


@pytest.mark.sweep
@needs_tikz
@pytest.mark.parametrize("name", ["skip", "lstm", "hostile"])
def test_the_tikz_compiles(name: str, tmp_path: Path) -> None:
    network = loads(HOSTILE) if name == "hostile" else load(name)
    compile_latex(tikz_document(picture(network, values=True, gradients=True)), tmp_path)


@pytest.mark.sweep
@needs_tikz
def test_the_fragment_compiles_inside_another_document(tmp_path: Path) -> None:
    fragment = drawing_tikz(picture(load("mlp"), values=True, gradients=True))
    (tmp_path / "net.tex").write_text(fragment, "utf-8")
    outer = "\\documentclass{article}\\usepackage{amsmath,tikz}\\begin{document}\n\\noindent\n"
    log = compile_latex(f"{outer}\\input{{net}}\n\\end{{document}}\n", tmp_path)
    assert "Overfull" not in log


def compile_latex(text: str, folder: Path) -> str:
    (folder / "sheet.tex").write_text(text, "utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"],
        cwd=folder, capture_output=True, check=False, timeout=HANGS,
    )  # fmt: skip
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert "(1 page" in log
    return log


# The terminal.


@pytest.mark.sweep
@every_network
def test_the_text_says_every_weight_in_80_columns(file: str) -> None:
    network, notation = load(file), (UNICODE, PLAIN)[ALL.index(file) % 2]
    drawing = draw(network, ruler=text_ruler(notation))
    text = drawing_text(drawing, notation, 80)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert notation is UNICODE or "left out" in text or text.removeprefix(network.title).isascii()
    for edge in drawing.edges:
        if edge.weight:
            weight = phrase_text((Name(edge.weight),), notation)
            assert re.search(rf"-->|-{re.escape(weight)}-|─{re.escape(weight)}─", text)


SKIP = """\
Skip connection

                      ┌───────────────┐
                      │               │
╭───╮        ┌──────┐ │      ┌──────┐ │        ┌──────────┐       ╔═════════╗
│ x │────w0─▸│  h0  │ ├──w1─▸│  h1  │ └────ws─▸│    ŷ     │ ┌────▸║    L    ║
╰───╯        │ relu │─┘      │ relu │──────w2─▸│ identity │─┘ ┌──▸║ |ŷ - y| ║
             └──────┘        └──────┘          └──────────┘   │   ╚═════════╝
                                                              │
                                               ╭──────────╮   │
                                               │    y     │───┘
                                               ╰──────────╯
"""


def test_a_small_network_is_drawn_in_the_terminal(run: Run) -> None:
    assert run("draw", "networks/skip.yaml").stdout == SKIP


def test_without_unicode_it_is_drawn_in_ascii(run: Run) -> None:
    text = run("draw", "networks/xor.yaml", env={"PYTHONIOENCODING": "ascii"}).stdout
    assert text.isascii()
    assert "--w5->|" in text


def test_what_does_not_fit_is_a_list(run: Run, golden: Callable[[str, str], None]) -> None:
    done = run("draw", "networks/skip.yaml", "--values", "--gradients")
    golden("draw-skip-list.txt", done.stdout)


def test_lines_that_cross_are_no_junction() -> None:
    text = drawing_text(draw(load("xor"), ruler=text_ruler(UNICODE)), UNICODE, 80)
    assert "│ x1 │─│─┤" in text


# The command.


@pytest.mark.parametrize("form", PICTURES)
def test_every_format_is_what_it_was(
    form: str, run: Run, golden: Callable[[str, str], None]
) -> None:
    suffix = PICTURES[form].suffixes[0]
    options = () if form == "text" else ("--values", "--gradients")
    golden(
        f"draw-skip{suffix}", run("draw", "networks/skip.yaml", "--format", form, *options).stdout
    )


@pytest.mark.parametrize(
    ("form", "suffix"),
    [(form, each) for form, row in PICTURES.items() for each in row.suffixes if each != ".png"],
)
def test_the_file_name_says_the_format(form: str, suffix: str, run: Run, tmp_path: Path) -> None:
    target = tmp_path / f"net{suffix.upper()}"
    done = run("draw", "networks/mazur.yaml", "-o", str(target))
    said = f"{target} written\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", said, 0)
    assert target.read_text("utf-8") == run("draw", "networks/mazur.yaml", "--format", form).stdout


def test_an_unknown_ending_is_refused_with_the_known_ones(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "net.pdf"
    done = run("draw", "networks/skip.yaml", "-o", str(target))
    assert done.exit_code == 2
    assert done.stderr == (
        f"{target} ends in '.pdf', which is no format of a picture\n"
        "hint: known: .svg, .png, .dot, .gv, .mmd, .mermaid, .tex, .tikz, .txt; or say --format"
        " text\n"
    )
    assert not target.exists()
    assert run("draw", "skip", "-o", str(target), "--format", "svg").exit_code == 0


def test_a_name_that_means_another_format_is_refused(run: Run, tmp_path: Path) -> None:
    done = run("draw", "skip", "--format", "svg", "-o", "y.DOT", cwd=tmp_path)
    assert done.exit_code == 2
    assert done.stderr == (
        "y.DOT would hold svg, but its name means dot\n"
        "hint: let it end in .svg, .png, or leave out --format\n"
    )
    done = run("draw", "skip", "--format", "mermaid", "-o", "y.txt", cwd=tmp_path)
    assert done.stderr.endswith("hint: let it end in .mmd, .mermaid, or leave out --format\n")
    assert list(tmp_path.iterdir()) == []
    assert run("draw", "skip", "--format", "dot", "-o", "y.gv", cwd=tmp_path).exit_code == 0


def test_a_file_is_overwritten_only_with_force(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "net.svg"
    target.write_text("mine")
    done = run("draw", "networks/skip.yaml", "-o", str(target))
    assert done.stderr == f"{target} exists already\nhint: add --force to overwrite it\n"
    assert target.read_text() == "mine"
    assert run("draw", "networks/skip.yaml", "-o", str(target), "--force").exit_code == 0
    assert target.read_text().startswith("<svg")


def test_numbers_can_be_set_and_samples_chosen(run: Run) -> None:
    done = run("draw", "networks/skip.yaml", "--values", "--set", "w0=3", "--format", "dot")
    assert 'label="w0 = 3"' in done.stdout
    done = run("draw", "networks/xor.yaml", "--values", "--sample", "9")
    assert (done.stderr, done.exit_code) == (
        "there is no sample 9\nhint: the network has 4\n", 2,
    )  # fmt: skip


def test_what_is_undefined_can_be_drawn_without_numbers(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "log.yaml"
    file.write_text("weights: {w: 0}\nequations: {f: log(w)}\nloss: f\n")
    assert run("draw", str(file)).exit_code == 0
    assert run("draw", str(file), "--values").exit_code == 3


def test_a_drawing_says_which_index_is_the_row(run) -> None:
    """In words that fit W1_12 and W with the indices 1, 12 alike."""
    shown = run("draw", "matrix_columns", "--format", "svg").stdout
    assert "Behind W1, 12 stands for row 1 and column 2." in shown
