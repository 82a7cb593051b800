"""Hostile input that atheris finds by what it covers: tests/soak/fuzz_atheris.py READER RUNS SEED.

Each reader's promise is what is looked at; an input that breaks it is printed, as hex, with why.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

RUNS = 8000
PATIENCE = 240  # seconds of the clock
BROKEN = re.compile(r"^broken ([0-9a-f]*) (.*)$", re.MULTILINE)
DONE = re.compile(r"^Done (\d+) runs", re.MULTILINE)


def fuzzed(reader: str, seed: int, runs: int = RUNS) -> tuple[int, list[tuple[bytes, str]]]:
    """How many inputs were tried, and those that broke the promise."""
    command = [sys.executable, os.path.abspath(__file__), reader, str(runs), str(seed)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False
            )
    except subprocess.TimeoutExpired:
        return 0, [(b"", f"atheris was not done after {PATIENCE} s")]
    talk = done.stderr.decode("utf-8", "replace")
    found = [(bytes.fromhex(each[1]), f"by atheris: {each[2]}") for each in BROKEN.finditer(talk)]
    counted = DONE.search(talk)
    if not counted and not found:
        found.append((b"", f"atheris ended with status {done.returncode}: {talk[-300:]!r}"))
    return int(counted[1]) if counted else 0, found


def main() -> None:
    """Fuzz one reader from its good inputs on."""
    import atheris

    with atheris.instrument_imports(include=["backcalc"]):
        import promise
        from hostile import seeds

    reader, runs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    seen: set[str] = set()

    def one(data: bytes) -> None:
        why = promise.outcome(reader, data).why
        kind = re.sub(r"\W.*", "", why)
        if why and kind not in seen:  # one of each kind
            seen.add(kind)
            sys.stderr.write(f"\nbroken {data.hex()} {why.splitlines()[0]}\n")

    corpus = tempfile.mkdtemp(dir=os.getcwd())
    with promise.sandbox(os.getcwd()):
        for number, text in enumerate(seeds(reader)):
            Path(corpus, str(number)).write_bytes(text.encode("utf-8", "surrogateescape"))
        promise.watch()
        # libFuzzer leaves without a word to Python; who started this clears its folder away.
        options = (f"-runs={runs}", f"-seed={seed + 1}", "-max_len=3000", "-timeout=30", corpus)
        atheris.Setup([sys.argv[0], *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
