"""lint of a course's own documents: each figure held against the network that they name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT

Run = Callable[..., Result]

BLOCK = "```backcalc\ninputs: {a: 2}\nweights: {w: 3}\nequations: {p: w*a}\nloss: p**2\n```\n"
RIGHT = "$z_0 = 0.5$, $h_0 = 0.5$ and $L = 3.375$.\n"
WAYS = {
    "block.md": f"# Skip\n\n```backcalc\nnetworks/skip.yaml\n```\n\n{RIGHT}",
    "comment.md": f"# Skip\n\n<!-- backcalc: networks/skip.yaml -->\n{RIGHT}",
    "front.md": f"---\ntitle: Skip\nbackcalc: networks/skip.yaml\n---\n\n{RIGHT}",
    "bundled.markdown": f"<!-- backcalc: skip -->\n{RIGHT}",
    "sheet.tex": "\\documentclass{article}\n% backcalc: networks/skip.yaml\n\\begin{document}\n"
    f"{RIGHT}\\end{{document}}\n",
}
"""One document for each way to name a network."""


def notebook(*cells: str) -> str:
    """A notebook of cells in Markdown."""
    made = [{"cell_type": "markdown", "source": each.splitlines(keepends=True)} for each in cells]
    return json.dumps({"cells": made}, indent=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course's folder with the networks in it."""
    (tmp_path / "networks").mkdir()
    for name in ("skip", "mazur"):
        text = (ROOT / "networks" / f"{name}.yaml").read_text("utf-8")
        (tmp_path / "networks" / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def linted(run: Run, folder: Path) -> Callable[..., tuple[int, list[dict[str, object]], str]]:
    """Lint one document: the exit status, its answers, what it says of errors."""

    def linted(text: str, name: str = "notes.md") -> tuple[int, list[dict[str, object]], str]:
        (folder / name).write_text(text, "utf-8")
        result = run("lint", name, "--format", "json", cwd=folder)
        (file,) = json.loads(result.stdout)["files"]
        return result.exit_code, file["answers"], result.stderr

    return linted


Linted = Callable[..., tuple[int, list[dict[str, object]], str]]


def verdicts(answers: list[dict[str, object]]) -> dict[object, object]:
    return {each["name"]: each["verdict"] for each in answers}


@pytest.mark.parametrize("name", WAYS)
def test_each_way_to_name_a_network(linted: Linted, name: str) -> None:
    status, answers, _ = linted(WAYS[name], name)
    assert (status, verdicts(answers)) == (0, dict.fromkeys(("z0", "h0", "L"), "correct"))
    status, answers, _ = linted(WAYS[name].replace("3.375", "3.5"), name)
    assert (status, verdicts(answers)["L"]) == (1, "wrong")
    assert answers[-1]["line"] == WAYS[name].splitlines().index(RIGHT.strip()) + 1


def test_a_notebook_names_cell_and_line(run: Run, folder: Path) -> None:
    text = notebook("# Skip\n\n" + BLOCK, "so\n$p = 6$ and\n$dL/dw = 25$")
    (folder / "n.ipynb").write_text(text, "utf-8")
    result = run("lint", "n.ipynb", cwd=folder)
    assert result.exit_code == 1
    assert "cell:line   quantity" in result.stdout
    assert "\n2:3         ∂L/∂w" in result.stdout
    said = run("lint", "n.ipynb", "--format", "github", cwd=folder).stdout
    line = text.splitlines().index('    "$dL/dw = 25$"') + 1
    assert said.startswith(
        f"::error file=n.ipynb,line={line},col=2,title=backcalc%3A dL/dw::cell 2,"
    )


def test_each_network_holds_from_its_place_on(linted: Linted) -> None:
    text = f"$L = 1$\n\n<!-- backcalc: skip -->\n\n{RIGHT}\n{BLOCK}\n$p = 6$, $L = 35$\n"
    status, answers, _ = linted(text + "\n<!-- backcalc: none -->\n\n$L = 99$\n")
    assert [(a["name"], a["verdict"]) for a in answers] == [
        ("z0", "correct"), ("h0", "correct"), ("L", "correct"), ("p", "correct"), ("L", "wrong"),
    ]  # fmt: skip
    assert status == 1


def test_the_macros_above_hold_in_each_part(linted: Linted) -> None:
    text = "\\newcommand{\\p}[2]{\\frac{\\partial #1}{\\partial #2}}\n\\begin{document}\n"
    text += "% backcalc: mazur\n% backcalc: skip\n$\\p{L}{w_0} = 0.75$\n"
    assert verdicts(linted(text, "a.tex")[1]) == {"dL/dw0": "correct"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<!-- backcalc: skip -->\n| | value |\n|---|---|\n| $z_0$ | 0.5 |\n", "notes.md"),
        (r"""% backcalc: skip
\begin{tabular}{cc} & value \\ $z_0$ & 0.5 \\ \end{tabular}
""", "notes.tex"),
    ],
)  # fmt: skip
def test_a_table_whose_first_cell_is_empty_is_read(linted: Linted, text: str, name: str) -> None:
    status, answers, _ = linted(text, name)
    assert (status, verdicts(answers)) == (0, {"z0": "correct"})


def test_given_numbers_that_are_out_of_date_are_found(linted: Linted) -> None:
    _, answers, _ = linted(
        "<!-- backcalc: skip -->\nWith $x = 2$ and $w_0 = 0.5$:\n\n$z_0 = 0.5$\n"
    )
    assert answers[0]["comment"] == "The network gives x = 1."
    assert [each["verdict"] for each in answers] == ["wrong", "correct"]


# Known errors.


@pytest.mark.parametrize(
    ("line", "verdict", "said"),
    [
        (
            "$L = 6.75$ <!-- backcalc: known factor-two, in the book -->",
            "known",
            "twice as large because of a factor of the loss",
        ),
        ("<!-- backcalc: known factor-two -->\n$L = 6.75$", "known", ""),
        ("$L = 9.1$ <!-- backcalc: known 9.1: a misprint -->", "known", "known to be wrong: 9.1"),
        ("$L = 3.375$ <!-- backcalc: known factor-two -->", "wrong", "but it is correct"),
        ("$L = 3.375$ <!-- backcalc: known 3.375 -->", "wrong", "but it is correct"),
        ("$L = 9.1$ <!-- backcalc: known factor-two -->", "wrong", "not by the mistake"),
        ("$L = 9.2$ <!-- backcalc: known 9.1 -->", "wrong", "but this says 9.2"),
        ("$L = 9.2$\n\n<!-- backcalc: known 9.2 -->\n$z_0 = 0.5$", "wrong", ""),
    ],
)
def test_a_known_error_is_held(linted: Linted, line: str, verdict: str, said: str) -> None:
    status, answers, _ = linted(f"<!-- backcalc: skip -->\n{line}\n")
    (loss,) = (each for each in answers if each["name"] == "L")
    assert loss["verdict"] == verdict
    assert said in str(loss["comment"])
    assert status == (verdict != "known")


def test_a_known_figure_is_the_one_that_says_so(linted: Linted) -> None:
    line = "$z_0 = 0.5$ and $h_1 = 0.3$ <!-- backcalc: known 0.3 -->"
    _, (first, second), _ = linted(f"<!-- backcalc: skip -->\n{line}\n")
    assert first["verdict"] == "correct"
    assert second["comment"] == "marked as wrong (0.3), but it is rounded"


def test_a_known_error_above_the_first_network(linted: Linted) -> None:
    text = "<!-- backcalc: known 0.4 -->\n$z_0 = 0.4$\n<!-- backcalc: skip -->\n$z_0 = 0.5$\n"
    status, _, errors = linted(text, "a.md")
    assert (status, "a.md:1:1: no network is named before this" in errors) == (2, True), errors


def test_what_goes_on_from_a_known_error_is_known(linted: Linted) -> None:
    text = "% backcalc: skip\n\\begin{align}\n\\hat y &= 0.5 \\\\ % backcalc: known 0.5\n"
    status, answers, _ = linted(f"{text}L &= 3.5\n\\end{{align}}\n", "a.tex")
    assert (status, verdicts(answers)) == (0, {"yhat": "known", "L": "known"})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("<!-- backcalc: known -->", "a.md:2:1: this does not say what is known to be wrong"),
        ("<!-- backcalc: known factor-too -->", "did you mean 'factor-two'?"),
        ("Words. <!-- backcalc: known 0.8 -->", "a.md:2:8: there is no figure here"),
    ],
)
def test_a_known_error_that_says_nothing(linted: Linted, line: str, said: str) -> None:
    status, _, errors = linted(f"<!-- backcalc: skip -->\n{line}\n\n$L = 1$\n", "a.md")
    assert (status, said in errors) == (2, True), errors


# Formats.


def test_annotations_stand_at_the_line(run: Run, folder: Path) -> None:
    (folder / "a, b.md").write_text("<!-- backcalc: skip -->\n\n$L = 3.5$ but $q_7 = 3$\n")
    said = run("lint", "a, b.md", "--format", "github", cwd=folder).stdout.splitlines()
    start = "::error file=a%2C b.md,line=3,col=2,title=backcalc%3A L::wrong: written 3.5, "
    assert said[0].startswith(f"{start}expected 3.375.")
    assert said[1].startswith("::notice file=a%2C b.md,line=3,col=")
    log = json.loads(run("lint", "a, b.md", "--format", "sarif", cwd=folder).stdout)
    (part,) = log["runs"]
    assert [each["level"] for each in part["results"]] == ["error", "note"]
    place = part["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%2C%20b.md"
    assert place["region"] == {"startLine": 3, "startColumn": 2, "endColumn": 9}
    rules = {each["id"] for each in part["tool"]["driver"]["rules"]}
    assert rules == {each["ruleId"] for each in part["results"]}
    for each in part["tool"]["driver"]["rules"]:  # GitHub wants all three
        assert all(each[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
    junit = run("lint", "a, b.md", "--format", "junit", cwd=folder).stdout
    assert '<testcase name="L" classname="a, b.md" line="3">' in junit


def test_a_network_file_has_annotations_too(run: Run, folder: Path) -> None:
    text = (folder / "networks" / "skip.yaml").read_text("utf-8")
    (folder / "off.yaml").write_text(text.replace("L: 27/8", "L: 3.5"), "utf-8")
    said = run("lint", "off.yaml", "--format", "github", cwd=folder).stdout
    line = text.splitlines().index("  L: 27/8") + 1
    assert said.startswith(f"::error file=off.yaml,line={line},col=3,title=backcalc%3A L::")


def test_what_was_not_read_is_listed_and_fails_only_where_all_must_be_read(
    run: Run, folder: Path
) -> None:
    (folder / "a.md").write_text("<!-- backcalc: skip -->\n\n$z_0 = 0.5$\n\n$q_7 = 3$\n", "utf-8")
    result = run("lint", "a.md", cwd=folder)
    assert result.exit_code == 0
    assert "1 right, 1 not read" in result.stdout
    assert "this network has no quantity called q_7" in result.stdout
    result = run("lint", "--strict", "--format", "github", "a.md", cwd=folder)
    assert result.exit_code == 1
    assert result.stdout.startswith("::error file=a.md,line=5,")


def test_a_figure_that_was_not_read_is_a_warning(run: Run, folder: Path) -> None:
    text = "<!-- backcalc: skip -->\n\nWe have accuracy = 0.9.\n\n$z_0 = (0.5$\n"
    (folder / "a.md").write_text(text, "utf-8")
    said = run("lint", "a.md", "--format", "github", cwd=folder).stdout.splitlines()
    assert [line.partition(",title")[0] for line in said] == [
        "::warning file=a.md,line=1,col=1",  # nothing is tested
        "::notice file=a.md,line=3,col=9",  # no name of the network
        "::warning file=a.md,line=5,col=2",
    ]
    levels = run("lint", "a.md", "--format", "sarif", cwd=folder).stdout.count('"level": "warning"')
    assert levels == 2
    suites = run("lint", "a.md", "--format", "junit", cwd=folder).stdout
    assert (suites.count("<skipped"), suites.count("<failure")) == (2, 0)
    suites = run("lint", "a.md", "--strict", "--format", "junit", cwd=folder).stdout
    assert (suites.count("<skipped"), suites.count("<failure")) == (0, 2)
    assert "with --strict it is an error" in run("lint", "a.md", cwd=folder).stdout


def test_a_figure_that_is_close_fails_everywhere(run: Run, folder: Path) -> None:
    (folder / "a.md").write_text("<!-- backcalc: mazur -->\n\n$out_{h1} = 0.5940$\n", "utf-8")
    result = run("lint", "a.md", "--format", "github", cwd=folder)
    assert (result.exit_code, result.stdout.partition(" ")[0]) == (1, "::error")
    suites = run("lint", "a.md", "--format", "junit", cwd=folder).stdout
    assert '<failure message="Close: ' in suites
    assert "written 0.5940, expected 0.5932699921<" in suites


# Hostile documents.


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../secret.yaml", "leads out of the folder"),
        ("networks/../../secret.yaml", "leads out of the folder"),
        ("link.yaml", "leads out of the folder"),
        ("{outside}", "is not the path of a network file"),
        ("https://example.org/net.yaml", "is not the path of a network file"),
        ("file:///etc/passwd", "is not the path of a network file"),
        ("//host/share/net.yaml", "is not the path of a network file"),
        (".env", "is not the path of a network file"),
        ("mazu", "did you mean 'mazur'?"),
        ("", "is not the path of a network file"),
        ("nowhere.yaml", "no such file"),
        ("no\0where.yaml", "is not the path of a network file"),
        ("networks.yaml", "no such file"),  # a folder
        ("x" * 3000 + ".yaml", "no such file"),
        ("huge.yaml", "the network huge.yaml: the file is larger than 5 MB"),
        ("broken.yaml", "the network broken.yaml, line 2: unknown name 'y'"),
    ],
)
def test_nothing_is_read_but_what_is_named(run: Run, tmp_path: Path, path: str, said: str) -> None:
    folder = tmp_path / "course"
    (folder / "networks.yaml").mkdir(parents=True)
    secret = tmp_path / "secret.yaml"
    secret.write_text("inputs: {secret: 1}\nloss: secret\n", "utf-8")
    os.symlink(secret, folder / "link.yaml")
    (folder / "huge.yaml").write_text("# \n" * 1_700_000, "utf-8")
    (folder / "broken.yaml").write_text("inputs: {x: 1}\nloss: x*y\n", "utf-8")
    (folder / ".env").write_text("KEY=secret\n", "utf-8")
    path = path.format(outside=secret)
    (folder / "a.md").write_text(f"# A\n\n<!-- backcalc: {path} -->\n$L = 1$\n", "utf-8")
    result = run("lint", "a.md", cwd=folder)
    assert result.exit_code == 2
    assert result.stderr.startswith("a.md:3:")
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert "KEY" not in result.stderr


def test_a_path_may_lead_up_within_the_folder_that_one_works_in(run: Run, folder: Path) -> None:
    (folder / "notes").mkdir()
    text = f"<!-- backcalc: ../networks/skip.yaml -->\n{RIGHT}"
    (folder / "notes" / "a.md").write_text(text, "utf-8")
    assert run("lint", "notes/a.md", cwd=folder).exit_code == 0
    assert run("lint", "a.md", cwd=folder / "notes").exit_code == 2


def test_a_network_in_the_document_is_told_at_its_line(linted: Linted) -> None:
    wrong = BLOCK.replace("p**2", "q**2")
    assert linted(f"# A\n\n{wrong}", "a.md")[2].startswith("a.md:7:7: unknown name 'q'")
    said = linted(notebook("# A", wrong), "a.ipynb")[2]
    assert "(cell 2, line 5): unknown name 'q'" in said


def test_what_stands_in_code_is_no_word_to_backcalc(linted: Linted) -> None:
    text = "````\n<!-- backcalc: nowhere.yaml -->\n```backcalc\nnowhere\n```\n````\n"
    assert linted(f"{text}\n<!-- backcalc: skip -->\n{RIGHT}")[0] == 0


def test_a_document_that_names_no_network(linted: Linted) -> None:
    status, _, errors = linted("$L = 1$\n")
    assert (status, "the document names no network" in errors) == (2, True)


def test_among_others_a_document_that_names_no_network_is_left_out(run, folder: Path) -> None:
    (folder / "none.md").write_text("$L = 1$\n", "utf-8")
    (folder / "a.md").write_text(f"<!-- backcalc: skip -->\n{RIGHT}", "utf-8")
    result = run("lint", "none.md", "a.md", cwd=folder)
    assert (result.exit_code, result.stderr) == (0, "none.md is left out: it names no network\n")
    assert run("lint", "none.md", "none.md", cwd=folder).exit_code == 2
    assert "hint: name its files: ./*.yaml" in run("lint", ".", cwd=folder).stderr


@pytest.mark.parametrize("row", ["w0x | 17", "$h_3$ | 9", "$q$ | 3", "dL/dw9 | 7", "q | 3.5"])
def test_a_row_that_names_what_nobody_knows_is_listed(run, folder: Path, row: str) -> None:
    rows = f"| $z_0$ | 0.5 |\n| {row} |\n| step | 3 |\n| n | 4 |\n"
    text = f"<!-- backcalc: skip -->\n\n| quantity | value |\n|---|---|\n{rows}"
    (folder / "a.md").write_text(text, "utf-8")
    shown = run("lint", "a.md", cwd=folder).stdout
    assert f"\n6      {row}" in shown
    assert "1 right, 1 not read" in shown


def test_a_web_page_with_set_formulas_is_no_document(run: Run, folder: Path) -> None:
    (folder / "notes.html").write_text(f"<html><math></math>{RIGHT}", "utf-8")
    result = run("lint", "notes.html", cwd=folder)
    assert (result.exit_code, "this is a web page" in result.stderr) == (2, True)


def test_check_takes_no_network_in_a_block_for_answers(run: Run, folder: Path) -> None:
    (folder / "sheet.md").write_text(BLOCK.replace("p:", "z0:") + RIGHT, "utf-8")
    result = run("check", "skip", "sheet.md", "--format", "json", cwd=folder)
    (file,) = json.loads(result.stdout)["files"]
    assert [each["name"] for each in file["answers"]] == ["z0", "h0", "L"]
    assert file["unread"] == []


def matrix_notes(run: Run, number: str = "") -> str:
    """The key of a network of matrices as notes; below it figures of another network."""
    key = run("worksheet", "matrix_columns", "--key", "--format", "markdown").stdout
    assert "-0.1301" in key
    key = key.replace("-0.1301", number or "-0.1301")
    return f"<!-- backcalc: matrix_columns -->\n{key}\n<!-- backcalc: skip -->\n{RIGHT}"


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["notes.md", "notes.ipynb"])
def test_matrices_of_a_document_are_read(run: Run, linted: Linted, name: str) -> None:
    """Each matrix is a figure, as `check` has it, and one wrong element is found."""

    def kept(text: str) -> str:
        return text if name.endswith(".md") else notebook(*text.split("\n\n"))

    status, answers, _ = linted(kept(matrix_notes(run)), name)
    assert status == 0
    assert {"W1", "z1", "dL/dW1", "z0", "h0"} <= verdicts(answers).keys()
    assert {each["verdict"] for each in answers} <= {"correct", "rounded"}
    status, answers, _ = linted(kept(matrix_notes(run, "-0.3101")), name)
    assert status == 1
    assert "wrong" in {each["verdict"] for each in answers}


def test_a_known_error_in_a_matrix_is_held(linted: Linted) -> None:
    """By the figure of one element, or by its mistake."""
    line = "$W_1 = \\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}$"
    block = (
        "```backcalc\ninputs: {x: [1, 2]}\ntargets: {y: [1, 0]}\n"
        "weights: {W1: [[1, 2], [3, 4]]}\nequations: {z: W1 @ x}\nloss: sum((z - y)**2)\n```\n"
    )
    status, answers, _ = linted(f"{block}\n$z = (5, 11)^T$\n\n{line}\n")
    assert (status, verdicts(answers)) == (0, {"z": "correct", "W1": "correct"})
    wrong = "\n$z = \\begin{bmatrix} 5 \\\\ 12 \\end{bmatrix}$ <!-- backcalc: known 12 -->\n"
    status, answers, _ = linted(block + wrong)
    assert (status, verdicts(answers)) == (0, {"z": "known"})
    status, answers, _ = linted(block + wrong.replace("known 12", "known 13"))
    assert (status, verdicts(answers)) == (1, {"z": "wrong"})


def test_a_figure_in_prose_that_is_not_read_is_listed(run: Run, folder: Path) -> None:
    text = f"<!-- backcalc: skip -->\n{RIGHT}\nThe two add up to 0.93.\n"
    (folder / "notes.md").write_text(text, "utf-8")
    result = run("lint", "notes.md", cwd=folder)
    assert (result.exit_code, "The two add up to 0.93." in result.stdout) == (0, True)


def test_each_figure_of_a_text_is_listed_that_is_neither_tested_nor_given(
    run: Run, folder: Path
) -> None:
    ends = ("Here the loss falls from 3.375, and so to 2.9 after one step.", "It is about $-0.9$.")
    same = ("In section 2.1 we saw $L = 3.375$.", "The input is 1.0, and the loss was 3.375.")
    for text, many in (*((each, 1) for each in ends), *((each, 0) for each in same)):
        (folder / "notes.md").write_text(f"<!-- backcalc: skip -->\n\n{RIGHT}\n\n{text}\n", "utf-8")
        told = run("lint", "--strict", "notes.md", cwd=folder)
        assert (told.exit_code, "Not read" in told.stdout) == (many, bool(many)), text


def test_a_block_with_a_key_before_the_name_says_to_write_the_name_alone(run, folder: Path) -> None:
    (folder / "notes.md").write_text("```backcalc\nnetwork: skip\n```\n\n$L = 3.375$\n", "utf-8")
    told = run("lint", "notes.md", cwd=folder).stderr
    assert "notes.md:2:1: unknown key 'network'" in told
    assert "hint: write the name alone: skip" in told
