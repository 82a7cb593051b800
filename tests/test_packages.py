"""What `variant` makes for learning platforms, read back by readers that are written here.

The readers know the platforms' formats and nothing of what writes them: each gives the questions
that somebody would see, and what an answer earns.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ROOT
from qti_grammar import faults

from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.loading.loader import load, loads
from backcalc.loading.sections import parse_asked
from backcalc.worksheets.asked import exercise
from backcalc.worksheets.class_folder import network_text
from backcalc.worksheets.packages import PACKAGES, FileTexts
from backcalc.worksheets.questions import Handout
from backcalc.worksheets.search import Variant, search, variants

HOSTILE = """
title: "{{#x}} ]]> <script>document.title='x'</script> & {0} \\\\input{x} %s"
inputs: {x: 1}
targets: {y: -3}
weights: {w0: 0.5, größe: 0.5}
nodes:
  0: {from: {x: w0}, activation: relu}
  ü: {from: {0: größe}, activation: identity}
loss: l2
learning_rate: 0.1
points: {z0: 0, dL/dw0: 2, dL/dgröße: 1/2}
"""


@dataclass(frozen=True)
class Asked:
    """One question as a platform has it."""

    variant: str
    line: int
    points: float
    earns: Callable[[str], float]
    """What somebody gets who types this."""
    text: str = ""


def handout(network: Network, count: int = 2, digits: int = 4, file: str = "") -> Handout:
    found = [*variants(search(network), 7, count)]
    file = file or network.file
    texts = {each.name: network_text(file, each.exercise) for each in found}
    return Handout(network.title, found, texts, digits)


# The readers.


def strict(text: bytes) -> ElementTree.Element:
    """The root of a document that has no entity of its own."""
    assert b"<!" not in text
    return ElementTree.fromstring(text)


QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
PACKAGE = "{http://www.imsglobal.org/xsd/imscp_v1p1}"


def opened(files: FileTexts, name: str) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(files[name])) as package:
        assert package.testzip() is None
        return {each: package.read(each) for each in package.namelist()}


def qti(files: FileTexts) -> Iterator[Asked]:
    inside = opened(files, "qti.zip")
    assert not [fault for text in inside.values() for fault in faults(strict(text))]
    resources = strict(inside.pop("imsmanifest.xml")).findall(f".//{PACKAGE}resource")
    assert {each.find(f"{PACKAGE}file").get("href") for each in resources} == {*inside}
    assert [each.get("href") for each in resources] == [*inside]
    known = {each.get("identifier"): each.get("href") for each in resources}
    test, *items = resources
    assert (test.get("type"), {each.get("type") for each in items}) == (
        "imsqti_test_xmlv2p1", {"imsqti_item_xmlv2p1"},
    )  # fmt: skip
    assert {each.get("identifierref") for each in test.findall(f"{PACKAGE}dependency")} == {
        each.get("identifier") for each in items
    }
    whole = strict(inside[test.get("href")])
    for number, section in enumerate(whole.iter(f"{QTI}assessmentSection")):
        assert section.find(f"{QTI}selection").get("select") == "1"
        for reference in section.iter(f"{QTI}assessmentItemRef"):
            assert known[reference.get("identifier")] == reference.get("href")
            item = strict(inside[reference.get("href")])
            yield qti_item(item, number)


def qti_item(item: ElementTree.Element, number: int) -> Asked:
    (response,) = item.iter(f"{QTI}responseDeclaration")
    assert (response.get("baseType"), response.get("cardinality")) == ("float", "single")
    (field,) = item.iter(f"{QTI}textEntryInteraction")
    assert field.get("responseIdentifier") == response.get("identifier")
    (given,) = item.iter(f"{QTI}setOutcomeValue")
    points = float("".join(given.itertext()))
    low, high = (float(item.find(f".//{QTI}{way}/{QTI}baseValue").text) for way in ("gte", "lte"))
    value = item.findtext(f".//{QTI}correctResponse/{QTI}value")
    assert low <= float(value) <= high
    text = "".join(item.find(f"{QTI}itemBody").itertext())
    return Asked(
        item.get("title").split()[0], number, points,
        lambda typed: points * (low <= float(typed) <= high), text,
    )  # fmt: skip


def canvas(files: FileTexts) -> Iterator[Asked]:
    inside = opened(files, "canvas.zip")
    (resource,) = strict(inside["imsmanifest.xml"]).iter(f"{PACKAGE}resource")
    own = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
    quiz = strict(inside[resource.find(f"{PACKAGE}file").get("href")])
    groups = quiz.findall(f"{own}assessment/{own}section/{own}section")
    for number, group in enumerate(groups):
        assert group.findtext(f".//{own}selection_number") == "1"
        points = float(group.findtext(f".//{own}points_per_item"))
        for item in group.findall(f"{own}item"):
            fields = {
                each.findtext(f"{own}fieldlabel"): each.findtext(f"{own}fieldentry")
                for each in item.iter(f"{own}qtimetadatafield")
            }
            assert fields["question_type"] == "numerical_question"
            assert float(fields["points_possible"]) == points
            exact, low, high = (
                item.findtext(f".//{own}{way}") for way in ("varequal", "vargte", "varlte")
            )
            assert not any("e" in each.lower() for each in (exact, low, high))
            yield Asked(
                item.get("title").split()[0], number, points,
                lambda typed, low=float(low), high=float(high), points=points:
                    points * (low <= float(typed) <= high),
                item.findtext(f".//{own}mattext"),
            )  # fmt: skip


def moodle(files: FileTexts) -> Iterator[Asked]:
    number = -1
    for question in ElementTree.fromstring(files["moodle.xml"]):
        if question.get("type") == "category":
            number += not question.findtext("category/text").endswith("/whole sheet")
        if question.get("type") != "numerical":
            continue  # a whole sheet is read back in test_moodle.py
        points = float(question.findtext("defaultgrade"))
        right, width = (float(question.findtext(f"answer/{tag}")) for tag in ("text", "tolerance"))
        yield Asked(
            question.findtext("name/text").split()[0], number, points,
            lambda typed, right=right, width=width, points=points:
                points * (abs(float(typed) - right) <= width),
            question.findtext("questiontext/text"),
        )  # fmt: skip


class Fields(HTMLParser):
    """The fields of a PrairieLearn page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if tag == "pl-number-input":
            self.found.append(dict(attrs))
        assert tag in ("pl-question-panel", "p", "pl-number-input", "br")


def prairielearn(files: FileTexts) -> Iterator[Asked]:
    info = json.loads(files["prairielearn/info.json"])
    assert (info["type"], {*info}) == ("v3", {"uuid", "title", "topic", "type"})
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", info["uuid"])
    server: dict[str, Callable[[dict], None]] = {}
    exec(files["prairielearn/server.py"], server)
    seen: dict[str, dict] = {}
    for seed in range(40):
        random.seed(seed)
        data = {"params": {}, "correct_answers": {}}
        server["generate"](data)
        seen[data["params"]["variant"]] = data
    for variant, data in sorted(seen.items()):

        def put(match: re.Match[str], data: dict = data) -> str:
            value: object = data
            for name in match[1].split("."):
                value = value[name]  # type: ignore[index]
            return str(value)

        page = re.sub(r"\{\{\{?([\w.]+)\}?\}\}", put, files["prairielearn/question.html"])
        fields = Fields()
        fields.feed(page)
        assert {each["answers-name"] for each in fields.found} == {*data["correct_answers"]}
        for number, field in enumerate(fields.found):
            assert (field["comparison"], field["rtol"]) == ("relabs", "0")
            right, width = data["correct_answers"][field["answers-name"]], float(field["atol"])
            weight = int(field["weight"])
            yield Asked(
                variant, number, weight,
                lambda typed, right=right, width=width, weight=weight:
                    weight * (abs(float(typed) - right) <= width),
                page,
            )  # fmt: skip


READERS = {each.__name__: each for each in (qti, canvas, moodle, prairielearn)}


def asked(name: str, wanted: Handout) -> list[Asked]:
    return sorted(READERS[name](PACKAGES[name].files(wanted)), key=lambda e: (e.variant, e.line))


# What the readers find.


@pytest.mark.sweep
@pytest.mark.parametrize("name", READERS)
def test_every_line_is_asked_and_its_right_figure_earns_its_points(name: str) -> None:
    wanted = handout(load("skip"))
    found = asked(name, wanted)
    steps = [(v.name, step) for v in wanted.variants for step in v.exercise.steps]
    assert [each.variant for each in found] == [variant for variant, _ in steps]
    for each, (_, step) in zip(found, steps, strict=True):
        right = float(step.value)
        assert each.points == 1
        for typed, earned in ((f"{right:.4g}", 1), (f"{right}", 1), (f"{right * 1.05 + 1e-3}", 0)):
            assert each.earns(typed) == earned, (step.name, typed)
    numbers = {each.text for each in found if each.line == 8}
    assert len(numbers) == len(wanted.variants)


@pytest.mark.parametrize("name", READERS)
def test_a_line_without_printed_is_left_out_and_hostile_text_stays_text(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(HOSTILE, "utf-8")
    wanted = handout(load(str(path)), 1, file=str(path))
    found = asked(name, wanted)
    (variant,) = wanted.variants
    names = [step.name for step in variant.exercise.steps]
    assert "z0" not in names
    points = dict.fromkeys(names, 1.0) | {"dL/dw0": 2.0, "dL/dgröße": 0.5}
    ratio = 2 if name == "prairielearn" else 1  # its weights are whole numbers
    assert [each.points for each in found] == [points[name] * ratio for name in names]
    assert "<script>" not in "".join(each.text for each in found)


@pytest.mark.parametrize("name", READERS)
def test_a_sheet_without_printed_has_nothing_to_ask(name: str) -> None:
    names = [step.name for step in handout(load("skip"), 1).variants[0].exercise.steps]
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8")
    text = text.partition("expect:")[0]
    points = "\n".join(f"  {each}: 0" for each in names)
    found = [*variants(search(loads(f"{text}\npoints:\n{points}\n")), 7, 1)]
    with pytest.raises(BackcalcError, match="no line of the sheet earns a point"):
        PACKAGES[name].files(Handout("", found, {}, 4))


@pytest.mark.parametrize("name", ["qti", "canvas"])
def test_an_answer_that_canvas_takes_for_zero_is_refused(name: str) -> None:
    network = loads(
        "inputs: {x: 0.003}\ntargets: {y: 1}\nweights: {w: 0.003}\n"
        "nodes: {0: {from: {x: w}, activation: identity}}\nloss: l1\n"
    )
    found = [*variants(search(network), 7, 1)]
    with pytest.raises(BackcalcError, match=r"z0 of variant-01 may be 0\.0000\d+, and Canvas"):
        PACKAGES[name].files(Handout("", found, {}, 4))
    assert "moodle.xml" in PACKAGES["moodle"].files(Handout("", found, {}, 4))


@pytest.mark.sweep
def test_each_row_owns_what_it_makes_and_makes_the_same_twice() -> None:
    wanted = handout(load("skip"))
    for row in PACKAGES.values():
        made = row.files(wanted)
        assert made == row.files(handout(load("skip")))
        for name in made:
            parts = name.split("/")
            for depth in range(1, len(parts) + 1):
                assert re.fullmatch(row.owns, "/".join(parts[:depth])), name


# The grammar of QTI, and readers and schemas of others.


@lru_cache
def package(name: str, kinds: str = "") -> dict[str, bytes]:
    """The files of a package with one variant: the network as it is."""
    network = load(name)
    if kinds:
        network = replace(network, ask=parse_asked(kinds))
    wanted = Handout(name, [Variant(1, {}, exercise(network))], {}, 4)
    return opened(PACKAGES["qti"].files(wanted), "qti.zip")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("skip", ""), ("skip", "graph,slip,parameters,dL/dw0"), ("closed_relu", "dead,zero"),
        ("closed_relu", "falls,L"), ("matrix_columns", "dL/dW1,shapes"), ("rnn", ""),
        ("rnn_vectors", "L,dL/dW"), ("nand_gate", "gradients"), ("softmax_batch", "L,dL/dW"),
        ("gru", ""),        ("conv1d", ""), ("max_gate", ""), ("residual_block", "update"),
    ],
)  # fmt: skip
def test_each_file_of_a_package_obeys_the_grammar_of_qti(name: str, kinds: str) -> None:
    for file, text in package(name, kinds).items():
        assert not faults(strict(text)), file


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (' adaptive="false"', ""), ('cardinality="single"', 'cardinality="one"'),
        ("<tbody>", ""), ("<itemBody>", "<itemBody>Given: "), ('="RESPONSE"/>', '="ANSWER"/>'),
        ('"float">', '"decimal">'), ("<br/>", "<hr/>"), ("<b>", "<u>"), ("<p>", "<p><p/>"),
        (' navigationMode="nonlinear"', ""), ('="part"', '="my part"'), ('select="1"', 'select=""'),
        (' visible="true"', ""), ('="part"', '="test"'), ("<selection ", "<ordering/><selection "),
        ("<organizations/>", ""), (' href="test.xml"/>', "/>"), ("<and>", "<and/><and>"),
        ("<gte>", "<gte><null/>"), ("<value>", "<value/><weight/><value>"),
        ("<stringMatch caseSensitive", "<stringMatch case"), ("<tr>", "<tr/><tr>"),
        ('shuffle="false"', 'shuffle="no"'), ("<simpleChoice identifier", "<simpleChoice id"),
    ],
)  # fmt: skip
def test_a_broken_package_is_found(part: str, other: str) -> None:
    texts = [*package("skip", "slip,dL/dw0,parameters").values()]
    held = [text.decode() for text in texts if part.encode() in text]
    assert held
    broken = held[0].replace(part, other)
    for tag in ("tbody", "b"):  # closed as it is opened
        if f"<{tag}>" == part:
            broken = broken.replace(f"</{tag}>", other.replace("<", "</"))
    assert faults(strict(broken.encode()))


@pytest.mark.filterwarnings("ignore")
def test_pyslet_takes_the_qti_package(tmp_path: Path) -> None:
    """A library for QTI reads the test and each item, and finds the same bounds in it."""
    reader = pytest.importorskip("pyslet.qtiv2.xml", exc_type=ImportError)
    inside = opened(PACKAGES["qti"].files(handout(load("skip"))), "qti.zip")
    for name, text in inside.items():
        if name != "imsmanifest.xml":
            document = reader.QTIDocument()
            document.read(src=BytesIO(text))
            wanted = "AssessmentTest" if name == "test.xml" else "AssessmentItem"
            assert type(document.root).__name__ == wanted
            assert document.root.identifier == strict(text).get("identifier")


SCHEMAS = {"imscp_v1p1.xsd": r"imsmanifest\.xml", "imsqti_v2p1.xsd": r"test\.xml|items/.*"}
"""The schemas of IMS, and the files of the package that each is for."""


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_qti_package_obeys_the_schemas_of_ims(schema: str) -> None:
    """IMS does not let others hand its schemas on: QTI_SCHEMAS names a folder that has them."""
    path = Path(os.environ.get("QTI_SCHEMAS", "nowhere")) / schema
    if not path.is_file():
        pytest.skip(f"{schema} is not on this machine")
    etree = pytest.importorskip("lxml.etree")
    rules = etree.XMLSchema(etree.parse(str(path)))
    inside = opened(PACKAGES["qti"].files(handout(load("skip"))), "qti.zip")
    held = [name for name in inside if re.fullmatch(SCHEMAS[schema], name)]
    assert held
    for name in held:
        rules.assertValid(etree.fromstring(inside[name]))


# Gradescope.


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.parametrize(
    ("sheets", "score", "said"),
    [
        ({"ada.txt": "variant = 2\nname = Ada\nz0 = {z0}\nh0 = 99\n"}, 1.0, "h0"),
        ({"a.txt": "variant = 2\nz0 = {z0}\n", "b.txt": "variant = 1\nz0 = 1\n"}, 0, "hand in one"),
        ({"a.txt": "z0 = 3\n"}, 0, "does not say which variant it is"),
        ({}, 0, "No sheet could be marked"),
    ],
)
@pytest.mark.sweep
def test_the_autograder_of_gradescope(
    sheets: dict[str, str], score: float, said: str, run, tmp_path: Path
) -> None:
    """The folder is laid out as Gradescope does it, and its script is run as it is."""
    done = run("variant", "skip", "--seed", "7", "--count", "2", "--gradescope",
               "-o", str(tmp_path / "v"))  # fmt: skip
    assert done.exit_code == 0, done.stderr
    (tmp_path / "v" / "gradescope").rename(tmp_path / "source")
    assert (tmp_path / "source" / "setup.sh").read_text("utf-8").startswith("#!")
    (tmp_path / "submission").mkdir()
    network = load(str(tmp_path / "source" / "variants" / "variant-02" / "network.yaml"))
    right = network.weights["w0"] * network.samples[0]["x"]
    for name, text in sheets.items():
        (tmp_path / "submission" / name).write_text(text.format(z0=float(right)), "utf-8")
    program = tmp_path / "backcalc"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m backcalc "$@"\n')
    program.chmod(0o755)
    subprocess.run(
        [tmp_path / "source" / "run_autograder"], check=True, capture_output=True,
        env={**os.environ, "AUTOGRADER": str(tmp_path), "BACKCALC": str(program),
             "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    results = json.loads((tmp_path / "results" / "results.json").read_text("utf-8"))
    tests = results.get("tests", [])
    assert results.get("score", sum(each["score"] for each in tests)) == score
    assert said in json.dumps(results)
    assert ("score" in results) != bool(tests)
    for each in tests:
        assert {*each} == {"name", "score", "max_score", "status", "output", "output_format"}
        assert 0 <= each["score"] <= each["max_score"]
        assert each["status"] in ("passed", "failed")
        assert each["output_format"] == "text"
