"""Reports in a browser, at the width of a phone and of a desk, where Chromium is installed.

A report may hold no script, so a page around it measures it in two frames.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from conftest import HANGS, ROOT
from test_report import HOSTILE, TITLE

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
WIDTHS = (390, 1280, 1920)

AROUND = """<!DOCTYPE html>
<body>
<script>
const found = {};
function measure(frame, name, width) {
  const page = frame.contentDocument, view = frame.contentWindow, problems = [];
  const root = page.documentElement;
  if (root.scrollWidth > width) problems.push(`the page is ${root.scrollWidth} wide`);
  for (const each of page.body.querySelectorAll("*")) {
    // A drawing may be broader than the text, but not than the page.
    if (each.closest("math, svg, .unseen") || each.matches("main")) continue;
    const shown = view.getComputedStyle(each).overflowX;
    if (each.clientWidth && each.scrollWidth > each.clientWidth + 1 && shown == "visible")
      problems.push(`${each.outerHTML.slice(0, 60)} is ${each.scrollWidth} wide in its`
        + ` ${each.clientWidth}`);
  }
  for (const box of page.querySelectorAll(".box, .long, dd > span, td > span")) {
    const own = box.getBoundingClientRect(), style = view.getComputedStyle(box);
    const down = style.overflowY;
    if (style.display == "inline") continue;
    if (down == "auto" || down == "scroll") problems.push(`${box.className} scrolls down`);
    for (const part of box.querySelectorAll("math")) {
      const inside = part.getBoundingClientRect();
      if (inside.top < own.top - 1 || inside.bottom > own.bottom + 1)
        problems.push(`${part.textContent} is cut off`);
    }
  }
  for (const box of page.querySelectorAll(".box:has(> table)"))
    if (box.scrollWidth > box.clientWidth + 1 && box.getBoundingClientRect().right < width - 60)
      problems.push("a table is cut off beside empty paper");
  for (const line of page.querySelectorAll(".equation .box")) {
    const rows = [...line.querySelectorAll("mtable.matrix")].map((e) => e.getBoundingClientRect());
    rows.forEach((low, n) => rows.slice(0, n).forEach((high) => {
      const nested = low.top < high.bottom - 2;
      if (!nested && low.top < high.bottom + 3 && low.left < high.right && high.left < low.right)
        problems.push("matrices touch");
    }));
  }
  for (const cell of page.querySelectorAll("td")) {
    const parts = [...cell.querySelectorAll("mfrac")].map((e) => e.getBoundingClientRect());
    parts.forEach((low, n) => parts.slice(0, n).forEach((high) => {
      const below = low.top > high.top + 5 && low.left < high.right && high.left < low.right;
      if (below && low.bottom > high.bottom && low.top < high.bottom + 5)
        problems.push("fractions touch");
    }));
  }
  for (const hint of page.querySelectorAll(".hint")) {
    const head = hint.nextElementSibling.querySelector("thead"), no = "none";
    const shown = view.getComputedStyle(hint).display != no;
    const drawing = hint.previousElementSibling;
    const scrolls = drawing.scrollWidth > drawing.clientWidth;
    if (drawing.matches(".drawing") && (hint.offsetHeight > 9) != scrolls)
      problems.push(`a hint to scroll at a drawing that ${scrolls ? "has none" : "is all seen"}`);
    if (head && shown && view.getComputedStyle(head).display == no)
      problems.push("what is stacked is said to scroll");
  }
  const blocks = page.querySelectorAll(".short"), main = page.querySelector("main");
  if (width > 700 && blocks.length > 1) {
    main.style.width = "178mm"; // on A4
    const [first, next] = [...blocks].map((each) => each.getBoundingClientRect());
    if (first.top != next.top) problems.push("short blanks stand in one column");
    main.style.width = "";
  }
  for (const blank of page.querySelectorAll(".matrix .cell"))
    if (blank.getBoundingClientRect().height < 30) problems.push("a blank is below 8 mm");
  for (const blank of page.querySelectorAll(".lead .blank, dd .blank")) {
    const line = blank.closest("li, dd").getBoundingClientRect();
    if (blank.previousSibling && blank.getBoundingClientRect().left < line.left + 4)
      problems.push(`${blank.parentNode.textContent} and its blank stand on two lines`);
  }
  for (const bracket of page.querySelectorAll("mtable.round")) {
    const tall = bracket.getBoundingClientRect().height;
    if (view.getComputedStyle(bracket).borderCollapse != "separate")
      problems.push("round brackets are bars, as of an absolute value");
    for (const inner of bracket.querySelectorAll("mtable.matrix"))
      if (inner.getBoundingClientRect().height > tall) problems.push("brackets do not grow");
  }
  for (const box of page.querySelectorAll(".node .box")) {
    const inside = box.getBoundingClientRect();
    for (const text of box.parentNode.querySelectorAll("text")) {
      const own = text.getBoundingClientRect();
      if (own.left < inside.left || own.right > inside.right || own.bottom > inside.bottom)
        problems.push(`${text.textContent} leaves its box`);
    }
  }
  for (const drawing of page.querySelectorAll(".drawing svg")) {
    const scale = drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
    if (scale < 0.7) problems.push(`the drawing is ${scale} of its size`);
  }
  for (const link of page.querySelectorAll("a")) {
    if (link.classList.contains("elsewhere")) continue;
    const target = page.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target || !target.getClientRects().length) problems.push(`${link.hash} leads nowhere`);
  }
  found[`${name} ${width}`] = {
    problems, title: page.title, links: page.links.length,
    scripts: page.scripts.length, math: page.querySelectorAll("math").length,
    loaded: view.performance.getEntriesByType("resource").map((each) => each.name),
  };
}
for (const name of NAMES) for (const width of WIDTHS) {
  const frame = document.createElement("iframe");
  frame.style = `width: ${width}px; height: 800px; border: 0`;
  frame.onload = () => {
    measure(frame, name, width);
    if (Object.keys(found).length == NAMES.length * WIDTHS.length)
      document.body.textContent = `found: ${JSON.stringify(found)} :found`;
  };
  frame.src = `${name}.html`;
  document.body.append(frame);
}
</script>
"""

pytestmark = [
    pytest.mark.sweep,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on this machine"),
]


def measured(folder: Path, **pages: str) -> dict[str, Any]:
    """What a browser finds in each page at each width; a browser starts slowly."""
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, "utf-8")
    around = AROUND.replace("WIDTHS", json.dumps(WIDTHS)).replace("NAMES", json.dumps([*pages]))
    (folder / "around.html").write_text(around, "utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder / 'profile'}", "--allow-file-access-from-files",
            "--virtual-time-budget=20000", "--dump-dom", (folder / "around.html").as_uri(),
        ],
        capture_output=True, check=False, timeout=HANGS,
    )  # fmt: skip
    match = re.search("found: (.*) :found", done.stdout.decode("utf-8"))
    assert match, done.stderr.decode("utf-8", "replace")[-2000:]
    found: dict[str, Any] = json.loads(unescape(match[1]))
    assert len(found) == len(pages) * len(WIDTHS)
    return found


def test_a_report_in_a_browser(run, tmp_path: Path) -> None:
    names = {
        "adam": "adam",
        "lstm": "lstm",
        "attention": "self_attention",
        "xor": "xor",
        "own": "-",
    }
    reports = {
        name: run("report", network, "--lr", "1", stdin=HOSTILE).stdout
        for name, network in names.items()
    }
    for page, found in measured(tmp_path, **reports).items():
        assert (page, found["problems"]) == (page, [])
        assert (found["loaded"], found["scripts"]) == ([], 0)
        assert found["links"] > 6
        assert found["math"] > 40
        assert not page.startswith("own ") or found["title"] == TITLE


def test_fractions_of_two_lines_of_a_cell_do_not_touch(run, tmp_path: Path) -> None:
    html = run("report", "skip", "--lr", "1").stdout
    fraction = re.search("<math><mfrac>.*?</math>", html)
    assert fraction
    pieces = f'<span class="piece">{fraction[0]},</span> ' * 4
    cell = f'<td><span style="display: block; width: 5rem">{pieces}</span></td>'
    table = f"<table><tbody><tr>{cell}</tr></tbody></table></main>"
    for found in measured(tmp_path, cell=html.replace("</main>", table)).values():
        assert found["problems"] == []


COLUMNS = "networks/matrix_columns.yaml"


def test_a_worksheet_in_a_browser(run, tmp_path: Path) -> None:
    commands = {
        "key": ("worksheet", COLUMNS, "--key"),
        "columns": ("worksheet", COLUMNS),
        "skip": ("worksheet", "skip", "--lr", "1"),
        "norm": ("step", "layer_norm", "--lr", "1"),
    }
    sheets = {name: run(*words, "--format", "html").stdout for name, words in commands.items()}
    for page, found in measured(tmp_path, **sheets).items():
        assert (page, found["problems"]) == (page, [])
    for html in sheets.values():
        by_paper = html.partition("@media print")[2]
        assert re.search(r"[^}]*\.equation[^}]*break-inside: avoid", by_paper)
        for rule in re.findall(r"@media ([^{]*)\{ \.hint", html):
            assert rule.startswith("screen"), "a hint to scroll is printed"


def test_a_marked_copy_in_a_browser(run, tmp_path: Path) -> None:
    copies = {}
    for name in ("more-01-macros", "07-notebook-eqnarray", "12-ocr-two-columns"):
        folder = ROOT / "tests" / "sheets" / "handed_in" / name
        (sheet,) = (each for each in folder.glob("sheet.*"))
        run("check", str(folder / "net.yaml"), str(sheet), "--feedback", str(tmp_path / name))
        copies[name] = (tmp_path / name / f"{sheet.name}.html").read_text("utf-8")
    for page, found in measured(tmp_path, **copies).items():
        assert (page, found["problems"]) == (page, [])
        assert (found["loaded"], found["scripts"]) == ([], 0)
        assert min(found["links"], found["math"]) > 5


def test_what_is_wrong_is_found(run, tmp_path: Path) -> None:
    html = run("report", "skip", "--lr", "1").stdout
    spoilt = re.sub("<meta http-equiv[^>]*>", "", html).replace(
        "<main>",
        '<main><p style="white-space: nowrap">' + "wide " * 500 + '</p><a href="#none">x</a>'
        '<img src="http://elsewhere.invalid/x.png">',
    ).replace(">x = 1<", f">{'x' * 50}<")  # fmt: skip
    for found in measured(tmp_path, spoilt=spoilt).values():
        problems = "\n".join(found["problems"])
        assert re.search(r"the page is \d+ wide", problems)
        assert re.search(r'<p style="white-space: nowrap">.* is \d+ wide', problems)
        assert "#none leads nowhere" in problems
        assert "leaves its box" in problems
        assert found["loaded"] == ["http://elsewhere.invalid/x.png"]


AXE = Path(os.environ.get("AXE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))
"""axe-core, where somebody has fetched it: `npm install --no-save axe-core`."""
ASKING = """<script src="axe.js"></script>
<script>
axe.run(document, {resultTypes: ["violations"]}).then((found) => {
  const said = found.violations.map((each) => [each.id, each.nodes[0].html.slice(0, 200)]);
  document.title = "found" + ": " + JSON.stringify(said) + " :found";
});
</script></body>"""

PAGES = {
    "report": ("report", "skip", "--lr", "1"),
    "batch": ("report", "xor"),
    "matrices": ("step", "mlp", "--view", "matrix", "--format", "html"),
    "worksheet": ("worksheet", "mazur", "--format", "html"),
    "compact": ("step", "softmax", "--compact", "--format", "html"),
    "jacobian": ("jacobian", "matrix_columns", "--of", "z2", "--by", "x", "--format", "html"),
    "hessian": ("hessian", "xor", "--format", "html"),
    "tangent": ("tangent", "skip", "--by", "w0", "--reverse", "--format", "html"),
    "gradcheck": ("gradcheck", "skip", "--format", "html"),
    "shapes": ("shapes", "matrix_columns", "--format", "html"),
    "symbolic": ("symbolic", "matrix_columns", "--format", "html"),
    "sweep": ("sweep", "skip", "--lr", "0.1,0.2", "--epochs", "20", "--format", "html"),
    "networks": ("networks", "--format", "html"),
    "errata": ("errata", "--format", "html"),
    "class": ("check", "skip", "tests/sheets/ada.tex", "tests/sheets/a.txt", "--format", "html"),
}


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not on this machine")
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_violation(page: str, width: int, run, tmp_path: Path) -> None:
    html = run(*PAGES[page]).stdout.replace("default-src 'none'", "script-src * 'unsafe-inline'")
    (tmp_path / "axe.js").write_bytes(AXE.read_bytes())
    (tmp_path / "sheet.html").write_text(html.replace("</body>", ASKING), "utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            f"--user-data-dir={tmp_path / 'profile'}", "--allow-file-access-from-files",
            f"--window-size={width},900", "--virtual-time-budget=20000", "--dump-dom",
            (tmp_path / "sheet.html").as_uri(),
        ],
        capture_output=True, check=False, timeout=HANGS,
    )  # fmt: skip
    match = re.search("found: (.*) :found", unescape(done.stdout.decode("utf-8")))
    assert match, done.stderr.decode("utf-8", "replace")[-2000:]
    assert json.loads(match[1]) == []
