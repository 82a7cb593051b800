"""A class of two hundred, marked by one command: its points against what the maker knows."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tally import Fault, Tally

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from classroom import HOMEWORK, RULES, handed_in

ROOT = Path(__file__).resolve().parents[2]
BATCHES = 1
SHEETS, VARIANTS = 200, 40
MOST_OFF = SHEETS // 100
LEAST = {"sheets": SHEETS}


def backcalc(folder: Path, *arguments: str) -> int:
    """Run the command line in a folder; its exit status."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from backcalc.commands import main; main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def batch(seed: int) -> Tally:
    """One class."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "homework.yaml").write_text(HOMEWORK, "utf-8")
        backcalc(folder, "variant", "homework.yaml", "--seed", str(seed), "--count",
                 str(VARIANTS), "-o", "out")  # fmt: skip
        sheets = handed_in(folder / "out", seed, SHEETS)
        for each in sheets:
            path = folder / "in" / each.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(each.text, "utf-8")
        start = time.monotonic()
        backcalc(folder, "check", "out", "in", "--feedback", "back")
        tally.measure("seconds for a class", time.monotonic() - start, f"class {seed}")
        with open(folder / "back" / "gradebook.csv", encoding="utf-8", newline="") as stream:
            rows = {row["file"].removeprefix("in/"): row for row in csv.DictReader(stream)}
        copies = sum(path.suffix == ".html" for path in (folder / "back").iterdir())
    off = [
        each for each in sheets
        if (rows[each.file]["score"], rows[each.file]["points"])
        != (str(each.points), str(len(RULES)))
    ]  # fmt: skip
    tally.counts.update(
        {"sheets": len(sheets), "points that differ": len(off), "copies": copies - 1}
    )
    if len(off) > MOST_OFF or copies != len(sheets) + 1:
        for each in off or sheets[:1]:
            why = f"class {seed}: {each.points} points, marked with {rows[each.file]['score']}"
            name = f"class-{seed}-{each.file.replace('/', '-')}"
            tally.faults.append(Fault(name, each.text.encode(), f"{why}; {each.mistakes}"))
    return tally
