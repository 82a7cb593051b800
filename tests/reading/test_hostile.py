"""Documents that mean harm, or are broken: one clear message or lines unread, and nothing run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backcalc.errors import BackcalcError
from backcalc.loading.loader import load
from backcalc.reading import read

SKIP = load("skip")

BOMB = (
    "".join(
        rf"\newcommand{{\{name}}}{{{f'{chr(92)}{inner}' * 8}}}"
        for name, inner in ("ab", "bc", "cd", "da")
    )
    + "$z_1 = \\a$\n"
)
LINE = "z0 = 0.5\n"


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("$z_1 = " + "{" * 100_000 + "0.5" + "}" * 100_000 + "$\n", "a.tex"),
        ("$z_1 = " + "(" * 20_000 + "0.5" + ")" * 20_000 + "$\n", "a.md"),
        ("$z_1 = " + r"\frac{1}{" * 5_000 + "2" + "}" * 5_000 + "$\n", "a.md"),
        ("$z_1 = " + r"\left(" * 300 + "1" + r"\right)" * 300 + "$\n", "a.md"),
        ("$z_1 = 2^{2^{2^{2^{2^{2}}}}}$\n", "a.md"),
        ("z1 = 9**9**9**9\n", "a.txt"),
        ("z1 = " + "9" * 50_000 + "\n", "a.txt"),
        ("z1 = " + "-" * 50_000 + "1\n", "a.txt"),
        ("z1 = " + "1 + " * 20_000 + "1\n", "a.txt"),
        ("z1 = " + "|" * 5_000 + "\n", "a.txt"),
        ("$z_1 = " + r"\hat{" * 2_000 + "y" + "}" * 2_000 + "$\n", "a.md"),
        ("$" + "z_1 = " * 2_000 + "1$\n", "a.md"),
        ("|" * 5_000 + "\n|---|\n|" * 50, "a.md"),
        ("$" * 5_001 + "\n", "a.md"),
        ("`" * 5_001 + "\n", "a.md"),
        ("<script>alert(1)</script>\n<!-- " + "x" * 10_000 + "\n", "a.md"),
        (BOMB, "a.tex"),
        ("h1\nsample 1\n\nL\nsample 1 :\n", "a.txt"),
        (r"\newcommand{\x}{\x\x}$z_1 = \x$" + "\n", "a.tex"),
        (r"\def\y#1{#1#1#1#1}$z_1 = \y{\y{\y{\y{\y{\y{\y{\y{1}}}}}}}}$" + "\n", "a.tex"),
    ],
)  # fmt: skip
def test_a_hostile_line_costs_itself_only(text: str, file: str) -> None:
    found = read(f"{LINE}\n{text}", file, SKIP)
    assert [each.quantity for each in found.assertions][:1] == ["z0"]
    assert all(each.quantity == "z0" for each in found.assertions)


@pytest.mark.parametrize(
    "text",
    [
        '{"cells": ' + "[" * 50_000,
        '{"cells": 3}',
        '{"cells": [{"cell_type": "markdown", "source": 3}]}',
        '{"cells": [3]}',
        "no notebook",
        '{"cells": [{"cell_type": "markdown", "source": [["z0 = 1"]]}]}',
    ],
)
def test_a_broken_notebook_is_one_error(text: str) -> None:
    with pytest.raises(BackcalcError):
        read(text, "a.ipynb", SKIP)


def test_a_notebook_of_ten_megabytes_is_refused() -> None:
    cell = {"cell_type": "markdown", "source": ["x" * 10_000_000]}
    with pytest.raises(BackcalcError, match="characters"):
        read(json.dumps({"cells": [cell]}), "a.ipynb", SKIP)


def test_a_web_page_with_formulas_of_a_browser_is_refused() -> None:
    text = "<!DOCTYPE html>\n<html><body><math><mi>z</mi></math> = 0.5</body></html>\n"
    with pytest.raises(BackcalcError, match="web page"):
        read(text, "a.html", SKIP)


def test_of_a_web_page_the_words_are_read_and_no_script() -> None:
    text = """<!DOCTYPE html>
<html><head><title>z0 = 9</title><script>h0 = 9</script></head><body>
<p><i>z</i><sub>0</sub> = 0.5<br><i>h</i><sub>0</sub>
= 0.5</p><table><tr><th>line</th><th>value</th></tr>
<tr>
<td><p>z<sub>1</sub></p></td><td><p class="c">0.25</p></td></tr></table>
<ul><li>L = 3.375</li></ul><pre>
h1 = 0.25
yhat = 0.375
</pre></body></html>
"""
    said = [f"{e.quantity} = {e.chain[-1].text}" for e in read(text, "a.html", SKIP).assertions]
    right = ["z0 = 0.5", "h0 = 0.5", "z1 = 0.25", "L = 3.375", "h1 = 0.25", "yhat = 0.375"]
    assert said == right


def test_no_command_of_a_document_reads_or_writes(tmp_path: Path) -> None:
    other = tmp_path / "other.tex"
    other.write_text("$z_1 = 0.25$", "utf-8")
    text = rf"\input{{{other}}}\write18{{touch {tmp_path}/made}}\include{{{other}}} $z_0 = 0.5$"
    found = read(text, str(tmp_path / "sheet.tex"), SKIP)
    assert [each.quantity for each in found.assertions] == ["z0"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.tex"]
