"""Every row of the table of mistakes has a sheet on file that must yield exactly that verdict."""

from __future__ import annotations

from fractions import Fraction

import pytest
from conftest import NETWORKS, ROOT, mostly_swept
from hand_sheets import answers, cut_off, lines_of_a_step, sheet, written

from backcalc.checking.key import Key, key_for
from backcalc.checking.marking import mark
from backcalc.checking.report import Marking, check
from backcalc.checking.slips import SLIPS
from backcalc.checking.verdict import AGAIN, CLOSE, WRONG
from backcalc.equations.network import Network
from backcalc.loading.loader import load, loads

SHEETS = ROOT / "tests" / "sheets" / "slips"


ROUNDED_SHEETS = [
    (network, digits, bool((place + turn) % 2))
    for place, network in enumerate(NETWORKS)
    for turn, digits in [(place // 4 % 2, (2, 3, 4, 6)[place % 4])]
]
"""Every network with one number of digits, rounded or cut off; a third of them is enough here."""


@pytest.fixture(scope="module")
def key(request: pytest.FixtureRequest) -> Key:
    network = load(str(ROOT / request.param))
    return key_for(network, network.learning_rate or Fraction(1, 1000), 1)


def on_file(name: str) -> tuple[Network, str, str]:
    """The network of a sheet on file, its wrong line, its text."""
    text = (SHEETS / f"{name}.txt").read_text("utf-8")
    heads = dict(line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("# "))
    own = "".join(f"{line[4:]}\n" for line in text.splitlines() if line.startswith("#   "))
    return loads(own) if own else load(heads["network"]), heads["wrong"], text


@pytest.mark.parametrize("name", mostly_swept(SLIPS))
def test_a_sheet_on_file_yields_its_mistake(name: str) -> None:
    network, wrong, text = on_file(name)
    report = check(Marking(network), text, name)
    first, *others = [each for each in report.answers if each.verdict in (WRONG, CLOSE, AGAIN)]
    assert first.name == wrong
    assert first.finding is not None
    assert first.finding.names == (name,)
    assert first.verdict == (CLOSE if name == "other-convention" else WRONG)
    assert {each.verdict for each in others} <= {AGAIN}


def test_there_is_no_sheet_without_a_row() -> None:
    assert {path.stem for path in SHEETS.glob("*.txt")} == set(SLIPS)


@pytest.mark.sweep
@pytest.mark.parametrize(("key", "digits", "trimmed"), ROUNDED_SHEETS[::3], indirect=["key"])
def test_right_sheets_have_no_wrong_line(key: Key, digits: int, trimmed: bool) -> None:
    whole = sheet(key, digits, trimmed=trimmed).figures
    for part in (whole, dict(list(whole.items())[::2]), dict(list(whole.items())[1::3])):
        marked = mark(key, answers(part))
        wrong = [(each.name, each.answer.text) for each in marked if each.verdict == WRONG]
        assert not wrong or (digits == 2 and part is not whole)  # two digits keep no third one


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("key", "digits"), [(each, 2 + place % 3) for place, each in enumerate(NETWORKS[1::2])],
    indirect=["key"],
)  # fmt: skip
def test_sheets_rounded_or_cut_off_only_at_the_end_are_right(key: Key, digits: int) -> None:
    for shorten in (written, cut_off):
        figures = {name: shorten(key.value(name), digits) for name in lines_of_a_step(key)}
        marked = mark(key, answers(figures))
        assert [(each.name, each.answer.text) for each in marked if each.verdict == WRONG] == []


def test_the_table_reads_well() -> None:
    for name, slip in SLIPS.items():
        assert name == slip.name
        assert slip.title
        assert slip.comment[0].isupper()
        assert slip.comment.endswith(".")
        assert slip.title.count("{}") <= slip.comment.count("{}") <= 2
        assert 0 < slip.weight < 1
        assert set(slip.covers) <= SLIPS.keys()
