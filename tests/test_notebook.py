"""A notebook as a course would have it: run cell by cell, its displays looked at.

The outputs that are kept in it are compared with what its cells give; --renew writes them anew.
"""

from __future__ import annotations

import ast
import json
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from conftest import ROOT

NOTEBOOK = ROOT / "tests" / "notebook" / "course.ipynb"


def run_cell(source: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a cell as Jupyter does, and return its outputs: what is printed, and its last value."""
    cell = ast.parse(source)
    last = cell.body.pop() if cell.body and isinstance(cell.body[-1], ast.Expr) else None
    printed, outputs = StringIO(), []
    with redirect_stdout(printed):
        exec(compile(cell, "cell", "exec"), names)
        value = eval(ast.unparse(last), names) if last else None
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        outputs.append({"name": "stdout", "output_type": "stream", "text": text})
    if value is not None:
        data = {"text/plain": repr(value).splitlines(keepends=True)}
        for kind, method in (("text/html", "_repr_html_"), ("text/latex", "_repr_latex_")):
            if hasattr(value, method):
                data[kind] = getattr(value, method)().splitlines(keepends=True)
        outputs.append({"data": data, "metadata": {}, "output_type": "execute_result"})
    return outputs


@pytest.fixture(scope="module")
def cells() -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The code cells, each with the outputs that it has now."""
    names: dict[str, Any] = {}
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    found = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [(cell, run_cell("".join(cell["source"]), names)) for cell in found]


def plain(outputs: list[dict[str, Any]]) -> list[Any]:
    """What is read in the outputs, without the pages."""
    return [each["data"]["text/plain"] if "data" in each else each["text"] for each in outputs]


@pytest.mark.sweep
def test_the_outputs_are_those_that_are_kept(cells: Any, renew: bool) -> None:
    if renew:
        renewed(NOTEBOOK, [outputs for _, outputs in cells])
    for cell, outputs in cells:
        assert renew or plain(cell["outputs"]) == plain(outputs), "".join(cell["source"])


def renewed(path: Path, outputs: list[list[dict[str, Any]]]) -> None:
    """Write the notebook with other outputs; of a page, its text alone is kept."""
    notebook = json.loads(path.read_text("utf-8"))
    code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for count, (cell, own) in enumerate(zip(code, outputs, strict=True), 1):
        cell["execution_count"] = count
        cell["outputs"] = [
            {**each, "data": {"text/plain": each["data"]["text/plain"]}, "execution_count": count}
            if "data" in each else each
            for each in own
        ]  # fmt: skip
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


def test_what_is_shown_is_a_page(cells: Any) -> None:
    pages = ["".join(each["data"]["text/html"]) for _, outputs in cells for each in outputs
             if "text/html" in each.get("data", ())]  # fmt: skip
    assert len(pages) == 6
    network, sheet, marked, drawing, trained, landscape = pages
    for page in pages:
        assert "<script" not in page
        body = re.sub("<style>.*?</style>", "", page, flags=re.DOTALL)
        for element in ET.fromstring(f"<all>{body}</all>").iter():
            assert not element.get("src")
    assert "<svg" in network
    assert sheet.count("<math") > 100
    assert "path through" in marked
    assert drawing.lstrip().startswith("<svg")
    assert "converged" in trained
    assert "clip-path" in landscape
    latex = ["".join(each["data"]["text/latex"]) for _, outputs in cells for each in outputs
             if "text/latex" in each.get("data", ())]  # fmt: skip
    assert len(latex) == 1
    assert latex[0].count("&=") == 28
