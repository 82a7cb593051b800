"""The same command gives the same bytes: on every run, machine, locale, clock and folder.

Each command of the table runs in each setting, into pipes and into files, and every byte on
stdout and stderr and in every file is compared with those of the first run.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("pty")  # Windows has no such terminals

from command_lines import LINES, ODD, Line, Seen, Setting, run_all
from conftest import ROOT, Result

from backcalc.commands.group import COMMANDS

pytestmark = pytest.mark.sweep

FILES = (
    Line("step skip -o {out}/step.txt"),
    Line("step - -o {out}/odd.txt", typed=ODD),
    Line("forward mazur --format markdown -o {out}/forward.md"),
    Line("backward softmax --format latex -o {out}/backward.tex"),
    Line("report skip -o {out}/report.html"),
    Line("train xor --init normal --seed 3 --epochs 40 --history {out}/loss.csv --save {out}/w.yaml"
         " --plot {out}/loss.svg --format json -o {out}/train.json"),
    Line("train xor_2_8_1 --epochs 30 --restarts 6 --shuffle --online -o {out}/restarts.txt"),
    Line("sweep xor --init normal --lr 0.1,0.3 --optimizer adam,sgd --epochs 10 --restarts 3"
         " --format json -o {out}/sweep.json"),
    Line("symbolic lstm --format html -o {out}/symbolic.html"),
    Line("explain rnn_repeat dL/dwh -o {out}/explain.txt"),
    Line("landscape mazur w1 w5 --size 9 --epochs 4 --plot {out}/land.svg -o {out}/land.txt"),
    Line("draw lstm --gradients -o {out}/lstm.svg"),
    Line("draw mazur -o {out}/mazur.dot"),
    Line("export mazur --to numpy -o {out}/mazur.py"),
    Line("verify skip --no-torch --format json -o {out}/verify.json"),
    Line("worksheet mazur --format html -o {out}/sheet.html"),
    Line("variant mazur --seed 5 --count 3 --moodle --csv --format html -o {out}/class"),
    Line("check skip - --format json -o {out}/check.json", typed="z0 = 1\ndL/dw0 = 2\n", status=1),
    Line("lint skip mazur geeks --format junit -o {out}/lint.xml"),
    Line("init mlp -o {out}/mlp.yaml"),
    Line("schema -o {out}/schema.json"),
)  # fmt: skip
"""Commands that write files, in every format."""
SHOWN_ONLY = {"quiz", "validate", "networks"}
"""Commands that write no file."""
ALL = (*LINES, *FILES)

ELSEWHERE = Path("elsewhere")  # in the test's own folder
SETTINGS = {
    "first": Setting({"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}),
    "elsewhere": Setting(
        {"PYTHONHASHSEED": "1", "TZ": "Europe/Berlin", "LC_ALL": "de_DE.UTF-8"}, cwd=ELSEWHERE,
        cores=1,
    ),
    "a stranger's": Setting(
        {"PYTHONHASHSEED": "random", "TZ": "Asia/Kolkata", "LC_ALL": "tr_TR.UTF-8", "HOME": "",
         "USER": "nobody", "USERNAME": "nobody", "LOGNAME": "nobody", "LANG": "nowhere",
         "PYTHONIOENCODING": ""}, flags=("-OO", "-X", "utf8"),
    ),
}  # fmt: skip
"""Each has much else that no output may depend on; locales that a machine lacks do no harm."""


@cache
def seen(name: str, folder: Path) -> tuple[dict[Line, Seen], dict[str, bytes]]:
    """What commands leave behind in a setting, and the files: all in the first, else a third."""
    out = folder / f"files of {name}".replace(" ", "-")
    place = folder / ELSEWHERE
    place.mkdir(exist_ok=True)
    out.mkdir()
    setting = SETTINGS[name]
    lines = {"first": ALL, "elsewhere": ALL[1::3]}.get(name, ALL[::3])
    if setting.cwd == ELSEWHERE:
        setting = replace(setting, cwd=place)
    here = str(out).encode()  # as the command line says it
    found = {
        line: replace(each, err=each.err.replace(here, b"OUT"))
        for line, each in zip(lines, run_all(lines, setting, out), strict=True)
    }
    files = {path.relative_to(out).as_posix(): path.read_bytes()
             for path in sorted(out.rglob("*")) if path.is_file()}  # fmt: skip
    return found, files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def test_no_command_is_missing() -> None:
    assert {line.command for line in LINES} == set(COMMANDS)
    assert {line.command for line in FILES} | SHOWN_ONLY <= set(COMMANDS)


def test_every_command_ends_as_it_should(folder: Path) -> None:
    found, files = seen("first", folder)
    assert {
        line.words: each.err for line, each in found.items() if each.status != line.status
    } == {}
    wanted = {name for line in FILES for name in re.findall(r"\{out\}/(\S+)", line.words)}
    assert wanted <= {name.partition("/")[0] for name in files}
    assert len(files) > len(wanted)


@pytest.mark.parametrize("name", list(SETTINGS)[1:])
def test_the_same_bytes(name: str, folder: Path) -> None:
    first, first_files = seen("first", folder)
    found, files = seen(name, folder)
    for line, each in found.items():
        assert each == first[line], line.words
    assert files.keys() <= first_files.keys()
    for file, data in files.items():
        assert data == first_files[file], file


@pytest.mark.parametrize("name", ["skip", "mazur", "lstm"])
def test_a_network_by_its_name_and_by_its_path_differ_in_the_name_alone(
    name: str, run: Callable[..., Result], folder: Path
) -> None:
    """Only what says how to name the file again has the path."""
    assert run("step", str(ROOT / f"networks/{name}.yaml"), cwd=folder) == run("step", name)


def test_nothing_says_where_when_or_by_whom(folder: Path) -> None:
    """No path, user, date, version of Python: neither on a stream nor in a file."""
    found, files = seen("first", folder)
    import datetime
    import getpass
    import platform
    import socket

    today = datetime.datetime.now(tz=datetime.timezone.utc)
    private = {
        str(ROOT), str(folder), str(Path.home()), getpass.getuser(), socket.gethostname(),
        platform.python_version(), sys.prefix, f"{today:%Y-%m-%d}", f"{today:%d.%m.%Y}",
    }  # fmt: skip
    shown = {line.words: each.out + each.err for line, each in found.items()} | files
    for place, data in shown.items():
        text = data.decode("utf-8")
        told = {word for word in private if len(word) > 4 and word in text}
        assert not told, (place, told)
