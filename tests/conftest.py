"""What all tests share: running the command line, golden files, the bundled networks."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
TRAINED = ("moons", "nand_gate", "noisy_line", "spiral", "xor_2_8_1")
"""Bundled networks to be trained: too many figures for a sheet that is tried in every way."""

EXAMPLES = (
    "adagrad", "additive_attention", "animal_scores", "asked", "average_pooling", "bidirectional",
    "brownlee", "cat_scores", "column_weights", "cross_attention", "deep_relu", "distillation",
    "error_in_parts", "fixed_biases", "focal", "given_upstream", "gradient_penalty", "graph_conv",
    "hagan", "highway", "look_ahead", "lora", "matrix_product", "miniflow", "multi_head",
    "nesterov", "newton", "pinball", "poisson", "reinforce", "relu_log_loss", "rms_norm", "rmsprop",
    "rolling", "rosenblatt", "sequential", "strided_conv", "td_zero", "thresholds",
    "two_hidden_layers", "two_in_a_row", "two_outputs", "weight_norm",
)  # fmt: skip
"""Bundled networks that bring an example but no construct: their figures are tested, not more."""

LIBRARY = tuple(path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("networks/*.yaml")))
"""Every bundled network file, from the repository root."""

NETWORKS = tuple(path for path in LIBRARY if Path(path).stem not in (*TRAINED, *EXAMPLES))
"""Those that are tried in every way."""

LOOKS = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONIOENCODING")
"""Settings of a person's terminal that would change what is printed."""

HANGS = 600
"""Seconds after which a process hangs for certain, however busy the machine is."""

FEW_CASES = 2
"""So many cases of a test are all in `make quick`."""

WHOLE = bool(os.environ.get("WHOLE"))
"""True for `make test WHOLE=1`, which tries every network and sheet in every test over many."""

# What is named to pytest is run all the same.
collect_ignore = ["sheets", "bench.py", "drill.py", "soak", "installed", "pytorch", "page"]
settings.register_profile(  # nothing fails because a machine is slow
    "backcalc", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("backcalc")


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of backcalc left behind."""

    stdout: str
    stderr: str
    exit_code: int


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew",
        action="store_true",
        help="rewrite golden files and the outputs in README and manual",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make quick` leaves out of a test with many cases: eleven of twelve.

    What shares the longest work comes first, so that one process has all of it.
    """
    longest = ("test_terminals.py", "test_determinism.py")
    items.sort(key=lambda item: item.path.name not in longest)
    for _, group in groupby(items, key=lambda item: item.nodeid.partition("[")[0]):
        cases = [*group]
        for place, case in enumerate(cases):
            if len(cases) > FEW_CASES and place % 12:
                case.add_marker(pytest.mark.sweep)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let the search for reference cycles pass over what collecting has made, which stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `network_file` on bundled networks, in `make quick` on fewer."""
    if "network_file" in metafunc.fixturenames:
        metafunc.parametrize("network_file", mostly_swept(shared(NETWORKS, metafunc.function, 3)))


def shared(rows: Sequence[Any], test: Callable[..., object] | str, each: int = 2) -> list[Any]:
    """Return one of so many rows: others for another test; all of them for WHOLE=1.

    So each network has some test of each kind, and the time for all grows more slowly than they.
    """
    if WHOLE:
        return [*rows]
    name = test if isinstance(test, str) else test.__name__
    return [*rows[crc32(name.encode()) % each :: each]]


def mostly_swept(rows: Iterable[object], each: int = 3) -> list[object]:
    """Return the rows of a test, of which `make quick` takes one of so many."""
    return [
        pytest.param(*row if isinstance(row, tuple) else (row,), marks=pytest.mark.sweep)
        if place % each
        else row
        for place, row in enumerate(rows)
    ]


DOCS = (ROOT / "README.md", *sorted((ROOT / "backcalc" / "manual").glob("*.md")))
"""What users read: the README and the pages of the manual."""


def between(mark: str, text: str, renew: bool) -> str:
    """What stands in a page between two comments; under --renew the text is put there first."""
    page = next(each for each in DOCS if f"<!-- {mark} -->\n" in each.read_text("utf-8"))
    before, opening, rest = page.read_text("utf-8").partition(f"<!-- {mark} -->\n")
    found, closing, after = rest.partition(f"<!-- /{mark} -->\n")
    if renew:
        page.write_text(f"{before}{opening}\n{text}\n\n{closing}{after}", "utf-8")
        return text
    return found.strip("\n")


@cache
def marking(network: str) -> Any:
    """The marking of a bundled network, or of a file's text: its key is worked out once for all."""
    from backcalc.checking.report import Marking
    from backcalc.loading.loader import load, loads

    return Marking(loads(network) if "\n" in network else load(network))


def rendered(form: str, sheet: Any, wishes: Any, network: Any) -> str:
    """A sheet in a format, as a command writes it into a file."""
    from backcalc.commands.options import Shown

    return Shown(network, lambda _: sheet, wishes=wishes).written(form)


def effort(work: Callable[[], object]) -> int:
    """Return how many functions some work calls, which no slow or busy machine changes."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.fixture
def signals() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP do what they usually do, here and in processes started here.

    Under nohup and in the background of a shell, where a parent ignores some, they would not.
    """
    usual = {
        "SIGINT": signal.default_int_handler,
        "SIGTERM": signal.SIG_DFL,
        "SIGHUP": signal.SIG_DFL,
    }
    numbers = {getattr(signal, name): each for name, each in usual.items() if hasattr(signal, name)}
    before = {number: signal.signal(number, each) for number, each in numbers.items()}
    yield
    for number, each in before.items():
        signal.signal(number, each)


@pytest.fixture(autouse=True, scope="session")
def patience() -> Iterator[None]:
    """Let a C compiler take as long as a busy machine needs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backcalc.training.engines.c.PATIENCE", HANGS)
        yield


@pytest.fixture
def renew(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--renew"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run backcalc in this process: run("step", "networks/skip.yaml", "--lr", "1").

    From the repository root unless `cwd` says otherwise; `env` sets or, with None, unsets.
    """

    def run(
        *args: str,
        stdin: str | bytes = "",
        env: dict[str, str | None] | None = None,
        cwd: Path = ROOT,
    ) -> Result:
        from backcalc.commands import main

        encoding = (env or {}).get("PYTHONIOENCODING") or "utf-8"
        streams = [_stream(stdin), _stream(encoding=encoding), _stream(encoding=encoding)]
        with monkeypatch.context() as patch:
            patch.chdir(cwd)
            for name, value in {**dict.fromkeys(LOOKS), **(env or {})}.items():
                if value is None:
                    patch.delenv(name, raising=False)
                else:
                    patch.setenv(name, value)
            patch.setattr(sys, "argv", ["backcalc", *args])
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(sys, name, stream)
            try:
                code = main()
            except SystemExit as stop:
                code = stop.code
        if isinstance(code, str):
            streams[2].write(f"{code}\n")
        return Result(
            *map(_written, streams[1:]), code if isinstance(code, int) else int(bool(code))
        )

    return run


@pytest.fixture
def run_process() -> Callable[..., Result]:
    """Run backcalc as a process of its own, with the same arguments as `run`."""

    def run_process(
        *args: str,
        stdin: str = "",
        env: dict[str, str | None] | None = None,
        cwd: Path = ROOT,
    ) -> Result:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        wanted = {**os.environ, **dict.fromkeys(LOOKS), "PYTHONPATH": path, **(env or {})}
        done = subprocess.run(
            [sys.executable, "-m", "backcalc", *args],
            input=stdin.encode(),
            capture_output=True,
            cwd=cwd,
            env={name: value for name, value in wanted.items() if value is not None},
            check=False,
        )
        return Result(done.stdout.decode(), done.stderr.decode(), done.returncode)

    return run_process


def in_a_copy(
    words: Sequence[str], folder: Path, stdout: int, stderr: int, before: Callable[[], object]
) -> int:
    """Start backcalc in a copy of this process and return its number: no module is loaded anew.

    It leads a session of its own, and does `before` first. Nothing is open in it but the streams.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # of threads; those of pytest-xdist hold nothing needed here
        child = os.fork()
    if child:
        return child
    status: object = 99
    try:
        os.setsid()
        os.chdir(folder)
        for name in LOOKS:
            os.environ.pop(name, None)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, descriptor in enumerate((nothing, stdout, stderr)):
            os.dup2(descriptor, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
            for number in range(3)
        )
        before()
        from backcalc.commands import main

        try:
            main(words)
        except SystemExit as stop:
            status = stop.code
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status if isinstance(status, int) else 98)


@pytest.fixture
def golden(renew: bool) -> Callable[[str, str], None]:
    """Compare a text with tests/golden/NAME, or write it there under --renew."""

    def golden(name: str, text: str) -> None:
        path = ROOT / "tests" / "golden" / name
        if renew:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.exists(), f"no golden file {name}; `make golden` writes it"
        assert text == path.read_bytes().decode(), f"{name} differs; `make golden` renews it"

    return golden


def _stream(text: str | bytes = "", encoding: str = "utf-8") -> io.TextIOWrapper:
    data = text.encode() if isinstance(text, str) else text
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined]
