"""The manual, the bundled files and what `backcalc` alone says: what a newcomer types first."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from conftest import NETWORKS, ROOT, Result

import backcalc
from backcalc.commands.files import pages
from backcalc.commands.group import FIRST
from backcalc.formats.terminal import page

Run = Callable[..., Result]


def test_backcalc_alone_says_what_to_type_first(run: Run) -> None:
    result = run()
    assert (result.stdout, result.exit_code) == (FIRST, 0)


@pytest.mark.parametrize("line", [line for line in FIRST.splitlines() if line.startswith("  ")])
def test_what_it_says_can_be_typed(line: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "sheet.md").write_text("$z_0 = 0.5$\n", "utf-8")
    command = line.split("  ")[1].split()[1:]
    assert run(*command, cwd=tmp_path).exit_code == 0


def test_help_alone_lists_every_page(run: Run) -> None:
    shown = run("help").stdout
    assert [line.split()[0] for line in shown.splitlines()] == [*pages()]


@pytest.mark.parametrize("topic", pages())
def test_a_page_is_printed_as_it_is(topic: str, run: Run) -> None:
    assert run("help", topic).stdout == pages()[topic].read_text("utf-8")


def test_help_of_a_command_is_its_own(run: Run) -> None:
    assert run("help", "check").stdout == run("check", "--help").stdout


def test_an_unknown_topic_is_guessed(run: Run) -> None:
    result = run("help", "polices")
    assert result.stderr == "no such topic: polices\nhint: did you mean 'policies'?\n"
    assert result.exit_code == 2
    chance = run("help", "foo")  # an example has the word once
    assert chance.stderr == "no such topic: foo\nhint: `backcalc help` lists the topics\n"


@pytest.mark.parametrize(("topic", "page"), [
    ("mark", "marking"), ("moodle", "lms"), ("network files", "files"), ("GitHub", "ci"),
    ("names?", "names"),
])  # fmt: skip
def test_a_topic_is_found_by_what_a_page_speaks_of(topic: str, page: str, run: Run) -> None:
    said = run("help", *topic.split())
    assert f"`backcalc help {page}`" in said.stderr or said.stdout.startswith(f"# {page.title()}")


@pytest.mark.parametrize("path", NETWORKS[:3])
def test_show_prints_a_bundled_file(path: str, run: Run) -> None:
    assert run("show", Path(path).stem).stdout == Path(path).read_text("utf-8")


def test_show_copy_writes_it_here(run: Run, tmp_path: Path) -> None:
    assert run("show", "skip", "--copy", cwd=tmp_path).exit_code == 0
    copied = (tmp_path / "skip.yaml").read_text("utf-8")
    assert copied == (ROOT / "networks" / "skip.yaml").read_text("utf-8")
    assert run("show", "skip", "--copy", cwd=tmp_path).exit_code == 2  # never over a file


def test_an_unknown_network_is_guessed(run: Run) -> None:
    assert "did you mean 'skip'?" in run("show", "skp").stderr


def test_the_networks_of_the_page_on_files_can_be_worked() -> None:
    page = (ROOT / "backcalc" / "manual" / "files.md").read_text("utf-8")
    networks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(networks) == 1
    sheet = backcalc.step(backcalc.loads(networks[0]))
    assert {"z_a1[2]", "h_a1[1]", "z_o1[1]", "yhat1[2]"} <= {row["name"] for row in sheet.rows()}
    assert sheet.number("w_a1_x2'")


@pytest.fixture
def in_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], str]:
    """Shows a page as a terminal of some width does."""

    class Terminal(StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    def shown(text: str, width: int) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        return re.sub(r"\x1b\[[0-9;]*m", "", page(text, Terminal()))

    return shown


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("topic", ["policies", "lms", "names"])
def test_a_terminal_gets_a_page_that_fits_it(
    topic: str, width: int, in_terminal: Callable[[str, int], str]
) -> None:
    text = pages()[topic].read_text("utf-8")
    shown = in_terminal(text, width)
    assert max(map(len, shown.splitlines())) <= width
    words = re.sub(r"<!--.*?-->|[^\w\s]", " ", re.sub(r"(?s)```.*?```|\|.*?\n", "", text)).split()
    assert {*words} <= {*re.findall(r"\w+", shown)}


@pytest.mark.parametrize(("width", "most"), [(60, 60), (80, 80), (120, 100), (140, 100)])
def test_examples_go_on_at_the_edge_of_a_terminal_and_lose_nothing(
    width: int, most: int, in_terminal: Callable[[str, int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")  # for which rich takes 80 columns
    text = pages()["step"].read_text("utf-8")
    lines = in_terminal(text, width).splitlines()
    code = " ".join(re.findall(r"(?s)```\w*\n(.*?)```", text))
    words = {each for each in re.findall(r"[^\s─]+", code) if len(each) < 40}
    assert words <= {*re.findall(r"[^\s─]+", " ".join(lines))}
    assert max(map(len, lines)) <= width
    prose = [line for line in lines if not line.startswith(" ")]
    assert most - 12 < max(map(len, prose)) <= most
    assert any("less -S" in line for line in lines) == (width < 140)
