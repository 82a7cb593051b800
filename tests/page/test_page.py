"""The built page in Chromium: what it prints, shows and loads, by keyboard, and offline.

`make page-test` builds it, fetches axe-core and runs this.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, browsing
from conftest import HANGS, ROOT

BUILT = ROOT / "page" / "built"
AXE = ROOT / "page" / "fetched" / "axe.min.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
WIDTHS = (390, 1280)
REFUSED = "https://example.org/"
"""An address elsewhere, which is asked in vain; what the console says of that comes late."""
MOST = 15_000_000  # bytes before the first sheet
LONG = ("moons", "spiral")
"""Networks whose whole sheet is a book; their tables are compared."""
ADA = (ROOT / "tests" / "sheets" / "ada.tex").read_text("utf-8")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on this machine"),
    pytest.mark.skipif(not BUILT.is_dir(), reason="`make page` builds it"),
]


class Server:
    """The page's folder on this machine, as `python -m http.server` serves it."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        """Each request: its method and its path."""
        self.sent = 0
        """Bytes that were sent."""
        own = self

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *said: object) -> None:
                """Keep quiet."""

            def log_request(self, *said: object) -> None:
                own.asked.append(f"{self.command} {self.path}")

            def copyfile(self, source: Any, target: Any) -> None:
                content = source.read()
                own.sent += len(content)
                target.write(content)

        handler = partial(Handler, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self) -> None:
        """End it; from then on there is no network."""
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server(BUILT)
    yield server
    server.close()


@pytest.fixture(scope="module")
def page(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(str(CHROMIUM), tmp_path_factory.mktemp("chromium")) as browser:
        browser.open(server.address)
        worked(browser)
        yield browser


WORKED = (
    "document.getElementById('paper').getAttribute('aria-busy') === 'false'"
    " && !document.getElementById('begin').disabled"
)


def worked(page: Browser) -> None:
    """Wait until the sheet is worked."""
    page.until(WORKED)


def text(page: Browser, selector: str) -> str:
    return str(page.run(f"return document.querySelector({json.dumps(selector)})?.textContent"))


def click(page: Browser, selector: str) -> None:
    page.run(f"document.querySelector({json.dumps(selector)}).click()")


def chosen(page: Browser, name: str) -> None:
    """Choose a network, and wait for its sheet."""
    page.run(
        f"const each = document.getElementById('network'); each.value = {json.dumps(name)};"
        "each.dispatchEvent(new Event('change'));"
    )
    worked(page)


def written(page: Browser, field: str, content: str) -> None:
    """Put a text into a field as if it was pasted there."""
    page.run(
        f"const each = document.getElementById({json.dumps(field)});"
        f"each.value = {json.dumps(content)}; each.dispatchEvent(new Event('input'));"
    )


def silent(page: Browser) -> None:
    """Assert that nobody has complained, in the page or in its worker."""
    assert [each for each in page.said if REFUSED not in each] == []


# In this order: the first test sees what the first visit loads, the last one stops the server.


def test_the_first_sheet_needs_few_bytes_and_nothing_from_elsewhere(
    page: Browser, server: Server
) -> None:
    page.run("await navigator.serviceWorker.ready")
    before = server.asked[: server.asked.index("GET /offline.js")]
    names = [each.removeprefix("GET /") for each in before]
    assert len(names) == len(set(names)), "nothing is loaded twice"
    assert sum((BUILT / (name or "index.html")).stat().st_size for name in names) < MOST
    assert "sympy.zip" not in names
    assert text(page, "#paper h1") == "Skip connection"
    silent(page)


def test_nothing_can_be_sent_elsewhere(page: Browser) -> None:
    policy = str(page.run("return document.querySelector('[http-equiv]').content"))
    assert policy.startswith("default-src 'none'; connect-src 'self';")
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
    refused = f"fetch('{REFUSED}').catch((each) => String(each))"
    assert "TypeError" in page.run(f"return {refused}")
    page.run(  # a worker of this kind, such as Python has, is under the page's rules
        f"const code = `{refused}.then(postMessage)`;"
        "const url = URL.createObjectURL(new Blob([code], {type: 'text/javascript'}));"
        "const worker = new Worker(url, {type: 'module'});"
        "await new Promise((done) => { worker.onmessage = done; });"
    )
    for _ in range(HANGS * 10):  # in the page, and in the worker
        told = [each for each in page.said if "Content Security Policy" in each]
        if {"blob:" in each for each in told} == {True, False}:
            return
        page.run("await new Promise((go) => setTimeout(go, 100))")
    raise AssertionError(f"one of them could ask: {page.said}")


@pytest.mark.parametrize("network", sorted(path.stem for path in ROOT.glob("networks/*.yaml")))
def test_the_same_bytes_as_the_command_line(network: str, page: Browser, run: Any) -> None:
    words = ("report", network, "--no-expand")
    if network in LONG:
        words = ("step", network, "--brief")
    found = page.run(f"return (await import('./python.js')).run(...{json.dumps(words)})")
    known = run(*words)
    assert found == {"stdout": known.stdout, "stderr": known.stderr, "status": known.exit_code}
    silent(page)


def test_closed_forms_load_when_they_are_asked_for(page: Browser, run: Any) -> None:
    chosen(page, "tree_sigmoid")
    click(page, "#closed")
    worked(page)
    assert page.run("return document.getElementById('command').textContent").endswith("--expand")
    words = ("report", "tree_sigmoid", "--expand")
    found = page.run(f"return (await import('./python.js')).run(...{json.dumps(words)})")
    assert found["stdout"] == run(*words).stdout
    assert "Closed forms" in text(page, "#paper")
    click(page, "#closed")
    worked(page)
    silent(page)


def test_networks_are_found_by_words(page: Browser) -> None:
    chosen(page, "skip")
    written(page, "find", "max POOLING")
    found = page.run("return [...document.querySelectorAll('#network option')].map((e) => e.value)")
    assert "small_cnn" in found
    assert "skip" in found, "the network that is shown stays in the list"
    assert len(found) < 20
    written(page, "find", "")
    assert page.run("return document.getElementById('network').value") == "skip"
    many = page.run("return document.getElementById('network').length")
    assert many == len([*ROOT.glob("networks/*.yaml")])


# Step by step.

SHOWN = (
    "return [...document.querySelectorAll('#drawing text:is(.value, .gradient)')]"
    ".filter((each) => getComputedStyle(each).visibility === 'visible')"
    ".map((each) => each.textContent)"
)


def test_values_go_forwards_and_gradients_come_back(page: Browser) -> None:
    chosen(page, "skip")
    given = ["w0 = 0.5", "w1 = 0.5", "w2 = 0.5", "ws = 0.5", "x = 1", "y = −3"]
    assert sorted(page.run(SHOWN)) == sorted(given)
    click(page, "#next")
    assert sorted(page.run(SHOWN)) == sorted([*given, "z0 = 0.5"])
    lit = "return [...document.querySelectorAll('.lit, .now')].map((each) => each.id)"
    assert page.run(lit) == ["sheet-edge-w0", "sheet-node-h0", "sheet-z0"]
    assert text(page, "#count") == "forwards, line 1 of 17"
    page.until("!document.querySelector('.token')")
    for _ in range(13):
        click(page, "#next")
    moving = page.run(
        "document.getElementById('next').click();"
        "return [...document.querySelectorAll('.token.gradient')].map((each) => each.textContent)"
    )
    assert moving[-2:] == ["0.5", "1"]
    assert text(page, "#count") == "backwards, line 15 of 17"
    shown = page.run(SHOWN)
    assert "∂L/∂h0 = 0.75" in shown
    assert "∂L/∂z0 = 0.75" not in shown
    assert page.run(lit) == [
        "sheet-edge-w1", "sheet-edge-ws", "sheet-node-h0", "sheet-dL-dh0",
    ]  # fmt: skip
    click(page, "#last")
    assert page.run("return document.querySelectorAll('.veiled').length") == 0
    silent(page)


@pytest.mark.parametrize("network", ["xor", "rnn", "softmax", "matrix_columns", "geeks", "lstm"])
def test_at_the_end_every_figure_is_shown(network: str, page: Browser) -> None:
    chosen(page, network)
    assert not any("∂" in each for each in page.run(SHOWN))
    click(page, "#last")
    assert page.run("return document.querySelectorAll('.veiled').length") == 0
    assert any("∂" in each for each in page.run(SHOWN))
    silent(page)


def test_a_row_of_the_sheet_leads_to_its_step(page: Browser) -> None:
    chosen(page, "skip")
    click(page, "#sheet-dL-dw2 .drawn")
    assert text(page, "#count") == "backwards, line 10 of 17"
    silent(page)


# Numbers, the file, and the link that holds both.


def moved(page: Browser, name: str, value: str) -> None:
    """Move a slider."""
    page.run(
        f"const each = document.querySelector('[type=range][data-name={name}]');"
        f"each.value = {value}; each.dispatchEvent(new Event('input'));"
    )
    worked(page)


def test_sliders_change_the_sheet_as_the_options_do(page: Browser, run: Any) -> None:
    chosen(page, "skip")
    moved(page, "w0", "-0.25")
    moved(page, "lr", "0.5")
    command = text(page, "#command")
    assert command == "backcalc report skip --no-expand --lr 0.5 --set w0=-0.25"
    assert "unit 0 is dead" in run(*command.split()[1:]).stdout
    assert "unit 0 is dead" in text(page, "#paper")
    click(page, "#reset")
    worked(page)
    assert text(page, "#command") == "backcalc report skip --no-expand"
    silent(page)


def test_a_mistake_in_the_file_is_shown_at_its_line(page: Browser) -> None:
    chosen(page, "skip")
    file = str(page.run("return document.getElementById('editor').value"))
    written(
        page,
        "editor",
        file.replace(
            "1: {from: {0: w1}, activation: relu}", "1: {from: {0: w1}, activation: rleu}"
        ),
    )
    page.until("document.getElementById('wrong').textContent")
    assert "unknown activation 'rleu'" in text(page, "#wrong")
    assert "did you mean 'relu'?" in text(page, "#wrong")
    assert text(page, "#gutter .wrong").strip() == str(
        file[: file.index("1: {from")].count("\n") + 1
    )
    assert (
        page.run("return document.getElementById('editor').getAttribute('aria-invalid')") == "true"
    )
    written(page, "editor", file.replace("loss: l1", "loss: half_l2"))
    page.until("!document.getElementById('wrong').textContent")
    worked(page)
    assert "half the squared error" in text(page, "#paper")
    silent(page)


def test_an_edited_network_finds_its_data_and_needs_no_rate(page: Browser) -> None:
    chosen(page, "nand_gate")
    file = str(page.run("return document.getElementById('editor').value"))
    written(
        page, "editor", file.replace("title: NAND", "title: My").replace("learning_rate: 1", "")
    )
    page.until("document.querySelector('#paper h1').textContent.startsWith('My')")
    worked(page)
    assert text(page, "#trouble") == ""
    assert text(page, "#command").endswith("--lr 0.1")
    silent(page)


def test_a_link_brings_back_network_and_settings(page: Browser, server: Server) -> None:
    chosen(page, "skip")
    file = str(page.run("return document.getElementById('editor').value"))
    mine = file.replace("Skip connection", "Mine <img src=x onerror=alert(1)> ü")
    written(page, "editor", mine)
    page.until("document.querySelector('#paper h1').textContent.startsWith('Mine')")
    worked(page)
    moved(page, "w1", "1.5")
    sheet, link = text(page, "#paper"), str(page.run("return location.href"))
    chosen(page, "xor")
    page.run(f"location.href = {json.dumps(link)}")
    page.until("document.querySelector('#paper h1').textContent.startsWith('Mine')")
    worked(page)
    assert text(page, "#paper") == sheet
    assert page.run("return document.getElementById('editor').value") == mine
    assert page.run("return document.querySelectorAll('#paper img').length") == 0
    page.run("location.hash = '#network=none&file=%%%&set=q&set=w9=1&lr=abc'")
    page.until("document.getElementById('trouble').textContent.includes('abc')")
    silent(page)


# A sheet that was worked by hand, and the quiz.


def test_a_pasted_sheet_is_marked_beside_its_lines(page: Browser, run: Any, tmp_path: Path) -> None:
    chosen(page, "skip")
    click(page, "#tab-check")
    written(page, "answers", ADA)
    click(page, "#mark")
    page.until("document.querySelector('#marked .copy')")
    run("check", "skip", "-", "--feedback", str(tmp_path), stdin=ADA)
    (copy,) = tmp_path.glob("*.html")
    verdicts = re.findall(r"<b>([^<]+)</b>", copy.read_text("utf-8"))
    found = page.run(
        "return [...document.querySelectorAll('#marked .copy b')].map((e) => e.textContent)"
    )
    assert found == verdicts
    assert "You left out the path through z2" in text(page, "#marked")
    silent(page)


HANDED_IN = ROOT / "tests" / "sheets" / "handed_in"


@pytest.mark.parametrize("ending", ["tex", "md", "ipynb", "txt", "yaml", "pdf"])
def test_a_dropped_sheet_is_read_in_every_form(ending: str, page: Browser) -> None:
    chosen(page, "skip")
    click(page, "#tab-check")
    lines = "z0 = 0.5\nh0 = 0.4\n"
    cell = {"cell_type": "markdown", "metadata": {}, "source": [lines]}
    content = {
        "tex": ADA, "md": f"$z_0 = 0.5$\n\n{lines}", "txt": lines, "yaml": "z0: 0.5\nh0: 0.4\n",
        "ipynb": json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
        "pdf": "%PDF-1.7 \xff",
    }[ending]  # fmt: skip
    page.run("document.getElementById('marked').replaceChildren()")
    page.run(
        "const data = new DataTransfer();"
        f"const bytes = Uint8Array.from({json.dumps(content)}, (each) => each.charCodeAt(0));"
        f"data.items.add(new File([bytes], 'my sheet.{ending}'));"
        "document.getElementById('check').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));"
    )
    page.until("document.getElementById('marked').textContent.trim()")
    shown = text(page, "#marked")
    if ending == "pdf":
        assert "this is a PDF, which cannot be read" in shown
    else:
        assert "correct" in shown
        assert "wrong" in shown
    silent(page)


def test_the_quiz_says_what_the_command_says(page: Browser, run: Any) -> None:
    chosen(page, "skip")
    click(page, "#tab-quiz")
    click(page, "#begin")
    page.until("document.getElementById('prompt').textContent === 'z0 = '")
    for answer, prompt in (("1/2", "h0 = "), ("0.4", "h0 = "), ("relu(z0)", "z1 = ")):
        page.run(f"document.getElementById('answer').value = {json.dumps(answer)}")
        before = page.run("return document.querySelectorAll('#told > div').length")
        click(page, "#asked .main")
        page.until(f"document.querySelectorAll('#told > div').length > {before}")
        assert text(page, "#prompt") == prompt
    said = run("quiz", "skip", stdin="1/2\n0.4\nrelu(z0)\n").stdout
    for line in page.run(
        "return [...document.querySelectorAll('#told pre')].map((e) => e.textContent)"
    ):
        assert line.strip() in said
    silent(page)


# How it looks, and by keyboard alone.

PANELS = ("sheet", "check", "quiz", "file")
TOO_WIDE = """
  const wide = [...document.querySelectorAll("body *")].filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1
      && !each.closest(".unseen, math, svg, #drawing, #line, .box, .long, span, dd, td, code");
  });
  return [document.scrollingElement.scrollWidth - document.documentElement.clientWidth,
    wide.map((each) => each.outerHTML.slice(0, 90))];
"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("network", ["skip", "xor", "self_attention", "matrix_columns", "mlp"])
def test_nothing_is_wider_than_the_window(network: str, width: int, page: Browser) -> None:
    page.resize(width)
    chosen(page, network)
    for panel in PANELS:
        click(page, f"#tab-{panel}")
        assert (panel, *page.run(TOO_WIDE)) == (panel, 0, [])
    silent(page)


@pytest.mark.skipif(not AXE.is_file(), reason="`make page-test` fetches axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation(width: int, scheme: str, page: Browser) -> None:
    page.resize(width)
    colours = [{"name": "prefers-color-scheme", "value": scheme}]
    page.ask("Emulation.setEmulatedMedia", features=colours)
    chosen(page, "skip")
    click(page, "#next")
    page.until("!document.querySelector('.token')")
    page.ask("Runtime.evaluate", expression=AXE.read_text("utf-8"))
    for panel in PANELS:
        click(page, f"#tab-{panel}")
        if panel == "check":
            written(page, "answers", ADA)
            click(page, "#mark")
            page.until("document.querySelector('#marked .copy')")
        if panel == "quiz":
            click(page, "#begin")
            page.until("document.getElementById('prompt').textContent")
        found = page.run(
            "const {violations} = await axe.run(document, {resultTypes: ['violations']});"
            "return violations.map((each) => [each.id, each.nodes[0].html.slice(0, 150)])"
        )
        assert (panel, found) == (panel, [])
    page.ask("Emulation.setEmulatedMedia", features=[])
    silent(page)


def focused(page: Browser) -> str:
    return str(page.run("return document.activeElement.id"))


def tabbed(page: Browser, wanted: str) -> None:
    """Press Tab until a part has the focus, which must be seen there."""
    for _ in range(60):
        page.press("Tab")
        if focused(page) == wanted:
            outline = "getComputedStyle(document.activeElement"
            parent = "getComputedStyle(document.activeElement.parentElement"
            style = f"return [{outline}).outlineStyle, {parent}).outlineStyle]"
            assert set(page.run(style)) != {"none"}
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def test_all_of_it_works_by_keyboard_alone(page: Browser) -> None:
    page.resize(1280)
    chosen(page, "skip")
    page.run("document.activeElement.blur(); scrollTo(0, 0)")
    tabbed(page, "network")
    page.press("ArrowUp")
    page.until("document.querySelector('#paper h1').textContent !== 'Skip connection'")
    page.press("ArrowDown")
    page.until("document.querySelector('#paper h1').textContent === 'Skip connection'")
    worked(page)
    tabbed(page, "next")
    page.press("Enter")
    assert text(page, "#count") == "forwards, line 1 of 17"
    page.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert text(page, "#count") == "forwards, line 2 of 17"
    page.press("Tab", "Tab", "Enter")  # to the end, where no button has that focus any more
    assert (text(page, "#count"), focused(page)) == ("backwards, line 17 of 17", "back")
    page.run("document.querySelector('[data-name=w0]').focus()")
    page.press("ArrowRight")
    page.until("document.getElementById('command').textContent.includes('w0=0.55')")
    worked(page)
    tabbed(page, selected(page))
    page.press("Home", "ArrowRight")
    assert selected(page) == "tab-check"
    tabbed(page, "answers")
    page.run("document.activeElement.value = ''")
    page.type("z0 = 0.55\nL = 7\n")
    tabbed(page, "mark")
    page.run("document.getElementById('marked').replaceChildren()")
    page.press("Enter")
    page.until("document.querySelector('#marked .copy')")
    assert "wrong" in text(page, "#marked")
    page.run("document.getElementById('tab-check').focus()")
    page.press("ArrowRight")
    tabbed(page, "begin")
    page.press("Enter")
    page.until("document.activeElement.id === 'answer'")
    page.type("0.55")
    page.press("Enter")
    page.until("document.getElementById('prompt').textContent === 'h0 = '")
    assert "correct" in text(page, "#told > :last-child")
    page.run("document.getElementById('tab-quiz').focus()")
    page.press("End")
    tabbed(page, "editor")
    page.type("nodes: ]\n")
    page.until("document.getElementById('wrong').textContent")
    tabbed(page, "restore")
    page.press("Enter")
    page.until("!document.getElementById('wrong').textContent")
    silent(page)


def selected(page: Browser) -> str:
    return str(page.run("return document.querySelector('[aria-selected=true]').id"))


# The zip, and no network.


def test_the_zip_holds_the_folder() -> None:
    with zipfile.ZipFile(ROOT / "page" / "backcalc-page.zip") as packed:
        found = {name: packed.read(name) for name in packed.namelist()}
    assert found == {f"backcalc-page/{path.name}": path.read_bytes() for path in BUILT.iterdir()}


def test_it_works_without_a_network_after_the_first_visit(page: Browser, server: Server) -> None:
    page.run("await navigator.serviceWorker.ready")
    page.until("navigator.serviceWorker.controller")
    assert {each.partition(" ")[0] for each in server.asked} == {"GET"}
    server.close()
    page.said.clear()
    page.ask("Network.clearBrowserCache")
    page.reload()
    worked(page)
    assert text(page, "#paper h1") == "Skip connection"
    click(page, "#closed")
    worked(page)
    assert "Closed forms" in text(page, "#paper")
    silent(page)
