"""`report` and the HTML format: what a browser, GitHub and pdflatex will get."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from backcalc import load, step
from backcalc.formats import FORMATS, REPORTS, Format
from backcalc.formats.html import anchor
from backcalc.formats.mathml import MATHML, marked
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import PLAIN, formula_text, rounded
from backcalc.formulas.parser import parse

HOSTILE = """
title: "<script>document.title='x'</script> & \\"quotes\\" ]]> $x$ `code` \\\\input{x} | % # ~ ^ {"
inputs: {x: 1, y_1_: 3}
targets: {t: 2}
weights: {w: 2, Größe: 3, λ: 1/3, b: -1}
nodes:
  Ω: {from: {x: w, y_1_: Größe}, bias: b, activation: relu}
  last: {from: {Ω: λ}, activation: identity}
loss: half_l2
learning_rate: 0.1
"""
TITLE = "<script>document.title='x'</script> & \"quotes\" ]]> $x$ `code` \\input{x} | % # ~ ^ {"

CHILDREN = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "mover": 2}
FORBIDDEN = {
    "script", "iframe", "frame", "object", "embed", "link", "base", "form", "input", "button",
    "img", "image", "picture", "video", "audio", "source", "use", "foreignObject", "animate", "set",
}  # fmt: skip
"""Elements that run, load or send something."""


def page_of(html: str) -> ET.Element:
    """A page as a tree; every page is XML too, so nothing in it is left open."""
    start, _, rest = html.partition("\n")
    assert start == "<!DOCTYPE html>"
    return ET.fromstring(rest)


def tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def check_page(html: str) -> ET.Element:
    """A page must stand alone, run nothing, and lead nowhere but into itself."""
    page = page_of(html)
    elements = list(page.iter())
    assert not {tag(element) for element in elements} & FORBIDDEN
    assert not re.search(r"url\(|@import|javascript:", html)
    assert set(re.findall(r"https?:[^\"' <]*", html)) <= {"http://www.w3.org/2000/svg"}
    names = {name for element in elements for name in element.attrib}
    assert not {name for name in names if name.startswith("on")} | {"src", "action"} & names
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    assert max(ids.values()) == 1
    for element in elements:
        if (link := element.get("href")) is not None:
            assert link[0] == "#"
            assert unquote(link[1:]) in ids
        wanted = CHILDREN.get(tag(element))
        assert wanted in (None, len(element)), ET.tostring(element)
    return page


@pytest.mark.sweep
def test_every_network_gives_a_page(network_file: str, run) -> None:
    result = run("report", network_file, "--no-expand", "--digits", "9")
    assert (result.exit_code, result.stderr) == (0, "") or "note:" in result.stderr
    page = check_page(result.stdout)
    assert page.find(".//{*}svg") is not None
    text = "".join(page.itertext()).replace("−", "-")
    data = json.loads(run("step", network_file, "--no-expand", "--format", "json").stdout)
    for row in [*data["steps"][0]["forward"], *data["steps"][0]["backward"]]:
        decimal = rounded(row["value"])[0]
        assert decimal.partition("e")[0] in text, row["name"]


@pytest.mark.parametrize("form", ["step", "forward", "backward", "symbolic", "explain"])
def test_other_sheets_are_pages_too(form: str, run) -> None:
    more = {"step": ["--lr", "1"], "explain": ["dL/dw0"]}.get(form, [])
    check_page(run(form, "skip", *more, "--format", "html").stdout)


def test_matrices_are_pages_too(run) -> None:
    page = check_page(run("step", "mlp", "--view", "matrix", "--format", "html").stdout)
    assert len(page.findall(".//mtable")) > 10


def test_a_derivative_leads_to_what_it_uses_and_to_its_place(run) -> None:
    page = page_of(run("report", "skip", "--lr", "1").stdout)
    sections = {section.get("id"): section for section in page.iter("section")}
    links = {
        name: [link.get("href") for link in section.iter("a")] for name, section in sections.items()
    }
    assert set(links["dL-dw1"]) == {"#edge-w1", "#dL-dz1", "#h0"}
    assert set(links["dL-dh0"]) == {"#node-h0", "#dL-dz2", "#dL-dz1", "#ws", "#w1", "#h0", "#z2",
                                    "#z1", "#L"}  # fmt: skip
    contents = [link.get("href") for link in page.iter("a")][:20]
    assert "#part-3" in contents
    assert "#dL-dw0" in contents


def test_anchors_differ() -> None:
    names = ["dL/dw0", "dL/dw0'", "w0", "w0'", "w0''", "h[2]", "h[2][1]", "h[21]", "h2", "z0'[2]"]
    assert len(set(map(anchor, names))) == len(names)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_function_is_mathml(function) -> None:
    from backcalc.formulas.expression import Call, Name

    arguments = (
        (Name("x"), Name("y")) if function.variadic else tuple(map(Name, function.parameters))
    )
    call = Call(function, arguments, 0) if function.outputs else Call(function, arguments)
    ET.fromstring(marked(formula_text(call, MATHML)))


def test_labels_stay_text(run) -> None:
    html = run("report", "-", stdin=HOSTILE).stdout
    page = check_page(html)
    assert [title.text for title in page.findall("head/title")] == [TITLE]
    assert page.findtext("body/header/h1") == TITLE
    markdown = run("report", "-", "--format", "markdown", stdin=HOSTILE).stdout
    assert markdown.splitlines()[0].startswith(r"# \<script\>document.title='x'\</script\> \& ")
    outside = re.sub(r"(?s)^```mermaid.*?^```$|^# .*?$", "", markdown, flags=re.MULTILINE)
    assert "<script" not in outside


@pytest.mark.sweep
def test_markdown_is_what_github_draws(network_file: str, run) -> None:
    text = run("report", network_file, "--no-expand", "--format", "markdown").stdout
    fences = re.findall(r"^```(\w*)$", text, re.MULTILINE)
    assert fences[0::2].count("mermaid") == 1
    assert set(fences[0::2]) <= {"mermaid", "math"}
    assert set(fences[1::2]) <= {""}
    for fence in re.findall(r"(?s)^```math\n(.*?)\n```$", text, re.MULTILINE):
        assert fence.startswith("\\begin{aligned}")
        assert fence.count("{") == fence.count("}")
        assert fence.count(r"\begin") == fence.count(r"\end")
    prose = re.sub(r"(?s)^```.*?^```$", "", text, flags=re.MULTILINE)
    assert prose.count("$`") == prose.count("`$")
    for line in prose.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) >= 3


def test_markdown_of_the_skip_sheet(run, golden) -> None:
    text = run("report", "skip", "--lr", "1", "--format", "markdown").stdout
    golden("report-skip.markdown", text)


PARENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,longtable,array,textcomp}
\begin{document}
Before.
INSIDE
After the sheets.
\end{document}
"""


@pytest.mark.sweep
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not on this machine")
def test_latex_compiles_alone_and_within(run, tmp_path: Path) -> None:
    sheets = {"skip": "skip", "xor": "xor", "adam": "adam", "lstm": "lstm", "own": "-"}
    for sheet, network in sheets.items():
        output = tmp_path / f"{sheet}.tex"
        result = run("report", network, "--lr", "1", "-o", str(output), stdin=HOSTILE)
        assert (result.exit_code, result.stdout) == (0, "")
    inside = "Between.\n".join(f"\\input{{{sheet}}}\n" for sheet in (*sheets, "skip"))
    (tmp_path / "parent.tex").write_text(PARENT.replace("INSIDE", inside), "utf-8")
    for name in ("own.tex", "parent.tex"):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        said = done.stdout.decode("utf-8", "replace")
        assert done.returncode == 0, said[-2000:]
        assert "end occurred" not in said


@pytest.mark.parametrize(("form", "row"), REPORTS.items(), ids=REPORTS)
def test_the_suffix_says_the_format(form: str, row: Format, run, tmp_path: Path) -> None:
    output = tmp_path / f"sheet{row.suffixes[0].upper()}"
    assert run("report", "skip", "-o", str(output), "--lr", "1").exit_code == 0
    shown = run("report", "skip", "--format", form, "--lr", "1").stdout
    assert output.read_text("utf-8") == shown
    again = run("report", "skip", "-o", str(output), "--lr", "1")
    assert (again.exit_code, again.stderr) == (
        2, f"{output} exists already\nhint: add --force to overwrite it\n",
    )  # fmt: skip
    assert run("report", "skip", "-o", str(output), "--lr", "1", "--force").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


@pytest.mark.parametrize(("form", "row"), FORMATS.items(), ids=FORMATS)
def test_a_sheet_is_in_the_format_that_its_file_says(
    form: str, row: Format, run, tmp_path: Path
) -> None:
    output = tmp_path / f"sheet{row.suffixes[0]}"
    assert run("step", "skip", "--lr", "1", "-o", str(output)).exit_code == 0
    shown = run("step", "skip", "--lr", "1", "--format", form).stdout
    assert output.read_text("utf-8") == shown
    other = next(name for name in FORMATS if name != form)
    done = run("step", "skip", "--lr", "1", "-o", str(output), "--force", "--format", other)
    said = f"{output} would hold {other}, but its name means {form}\n"
    ends = FORMATS[other].suffixes[0]
    assert (done.exit_code, done.stderr) == (
        2, f"{said}hint: let it end in {ends}, or leave out --format\n",
    )  # fmt: skip
    assert output.read_text("utf-8") == shown


def test_a_name_that_contradicts_the_format_is_told_before_a_long_run(run, tmp_path: Path) -> None:
    output = tmp_path / "run.txt"
    words = ("--lr", "0.1", "--epochs", "1000000000", "--format", "json")
    done = run("train", "skip", *words, "-o", str(output))
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        2, f"{output} would hold json, but its name means text",
    )  # fmt: skip


def test_a_format_is_a_module_and_a_row(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("backcalc.formats.throwaway")
    vars(module)["NOTATION"] = PLAIN
    vars(module)["render"] = lambda sheet, _: f"{sheet.title}: {len(sheet.blocks)} blocks\n"
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(FORMATS, "throwaway", Format((".thr",), ".throwaway"))
    output = tmp_path / "sheet.thr"
    assert run("forward", "skip", "-o", str(output)).exit_code == 0
    assert re.fullmatch(r"Skip connection.*: \d+ blocks\n", output.read_text("utf-8"))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("sheet.doc", "sheet.doc ends in '.doc', which is no format of a report"),
        ("sheet", "sheet has no ending, which is no format of a report"),
    ],
)
def test_an_unknown_suffix(output: str, message: str, run, tmp_path: Path) -> None:
    result = run("report", "skip", "-o", output, cwd=tmp_path)
    hint = "hint: known: .md, .tex, .html; or say --format html\n"
    assert (result.exit_code, result.stderr) == (2, f"{message}\n{hint}")
    assert list(tmp_path.iterdir()) == []


CYRILLIC = """
title: "Сеть é β 网"
inputs: {x: 1}
targets: {y: 2}
weights: {вес: 2}
nodes: {0: {from: {x: вес}, activation: identity}}
loss: l2
"""


def test_a_broad_page_holds_two_derivations_side_by_side(run) -> None:
    latex = run("report", "mazur", "--format", "latex").stdout
    assert "landscape" in latex
    pairs = re.findall(r"(?s)\\begin\{minipage\}.*?\\end\{minipage\}\\hfill", latex)
    assert len(pairs) == latex.count(r"\begin{minipage}") / 2 >= 7
    steps = step(load("mazur"))["steps"][0]["backward"]
    assert latex.count("worked out &") == len(steps)
    assert "minipage" not in run("report", "skip", "--format", "latex").stdout


def test_letters_that_latex_has_not_are_named_once(run) -> None:
    note = "note: LaTeX cannot set С, е, т, ь, 网, в, с: ? or a number stands in their place\n"
    report = run("report", "-", "--lr", "1", "--format", "latex", stdin=CYRILLIC)
    assert (report.exit_code, report.stderr) == (0, note)
    assert "\\section*{???? é $\\beta$ ?}" in report.stdout
    step = run("step", "-", "--lr", "1", "--format", "latex", stdin=CYRILLIC)
    assert (step.exit_code, step.stderr) == (0, note)
    drawing = run("draw", "-", "--format", "tikz", stdin=CYRILLIC)
    assert (drawing.exit_code, drawing.stderr) == (0, note)
    for form in ("html", "markdown"):
        assert run("report", "-", "--lr", "1", "--format", form, stdin=CYRILLIC).stderr == ""
    assert run("report", "skip", "--format", "latex").stderr == ""


def test_a_folder_that_is_not_there(run, tmp_path: Path) -> None:
    result = run("report", "skip", "--lr", "1", "-o", "none/sheet.html", cwd=tmp_path)
    message = "cannot write none/sheet.html: there is no folder none\n"
    assert (result.exit_code, result.stderr) == (2, message)


@pytest.mark.sweep
def test_options_are_those_of_step(run) -> None:
    more = ("--lr", "0.5", "--steps", "2", "--set", "w1=0.25", "--digits", "3", "--online",
            "--optimizer", "momentum,mu=0.9", "--no-expand", "--format", "markdown")  # fmt: skip
    text = run("report", "xor", *more).stdout
    step = run("step", "xor", *more).stdout
    tables = [line for line in step.splitlines() if line.startswith("| $")]
    assert len(tables) > 50
    for line in tables:
        assert re.sub(r"\$(.*?)\$", r"$`\1`$", line) in text
    assert "Update of step 2" in text


def test_a_run_that_stops_is_written_as_far_as_it_goes(run, tmp_path: Path) -> None:
    output = tmp_path / "sheet.md"
    result = run("report", "quadratic", "--lr", "1e100", "--steps", "3", "-o", str(output))
    assert result.exit_code == 3
    assert result.stderr.startswith(f"{output} written\nf'' is undefined")
    assert "Update" in output.read_text("utf-8")


@pytest.mark.sweep
def test_no_link_stands_within_a_formula_and_every_row_has_a_head_in_words(run) -> None:
    for command in (("report", "mazur"), ("report", "xor"), ("worksheet", "skip")):
        html = run(*command, "--format", "html").stdout
        for formula in re.findall("<math>.*?</math>", html):
            assert "<a " not in formula
        assert all("<math" not in head for head in re.findall('<th scope="row">.*?</th>', html))


def test_a_worksheet_starts_with_name_and_date(run) -> None:
    html = run("worksheet", "skip", "--format", "html").stdout
    assert html.index("name ") < html.index("date ") < html.index("<main>")
    assert "<nav>" not in html


def test_brackets_of_matrices_are_drawn(run) -> None:
    html = run("step", "mlp", "--view", "matrix", "--format", "html").stdout
    assert html.count('<mtable class="matrix">') > 20
    assert "<mo>[</mo>" not in html


def test_a_line_ends_within_a_product_only_where_that_is_long() -> None:
    name = parse("-t*log(q)+s*log(q2)-exp(r)", FUNCTIONS)
    assert [piece.count("·") for piece in marked(formula_text(name, MATHML)).split("<wbr/>")] == [
        1, 1, 0,
    ]  # fmt: skip
    factors = parse("*".join(f"factor_{each}" for each in range(9)), FUNCTIONS)
    assert 2 <= marked(formula_text(factors, MATHML)).count("<wbr/>") <= 4


def test_one_minus_sign_on_a_page(run, tmp_path) -> None:
    drawn = run("draw", "skip", "--set", "w0=-0.5", "--values", "--format", "svg").stdout
    words = re.sub("<[^>]*>", "", drawn.partition("</style>")[2])
    assert "w0 = −0.5" in words
    assert not re.search(r"(?<!e)-\d", words)
    (tmp_path / "a.txt").write_text("dL/dw0 = -0.75\n", "utf-8")
    run("check", "skip", "a.txt", "--feedback", "back", cwd=tmp_path)
    page = (tmp_path / "back" / "a.txt.html").read_text("utf-8")
    assert "=−0.75" in re.sub("<[^>]*>", "", page)
    assert "dL/dw0 = -0.75</code>" in page  # as it was handed in


def test_the_hint_to_scroll_a_chart_stands_above_it(run) -> None:
    page = run("train", "skip", "--epochs", "5", "--format", "html").stdout
    assert page.index("Scroll the chart sideways") < page.index('class="backcalc"')
    page = run("forward", "xor", "--format", "html").stdout
    assert 'class="hint vast stacked">Scroll the table sideways' in page
    assert not re.search(r"log\W*</mi>[^w]*\(</mo><mn>1</mn></math><wbr/>", page)
