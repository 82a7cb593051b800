"""Sheets, random networks and hostile files by the thousand: `make soak`.

Exit status 1 if one is wrong. Everything follows from the seed. Each fault is written to a file
that reproduces it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the checkout's own backcalc

import soak_class
import soak_files
import soak_marking
import soak_networks
import soak_sheets
from tally import Fault, Tally

MINUTES = 17  # what all parts need on 2 cores
FOUND = Path("soak-found")


@dataclass(frozen=True)
class Part:
    """One kind of soak."""

    name: str
    """What it is called on the command line."""
    batch: Callable[[int], Tally]
    """One batch, which follows from its seed."""
    batches: int
    """How many batches there are."""
    least: Mapping[str, int] = field(default_factory=dict)
    """What must have been counted at the end."""
    share: float = 1.0
    """Of the time that is left, how much it may take."""


PARTS = {
    part.name: part
    for part in (
        Part("class", soak_class.batch, soak_class.BATCHES, soak_class.LEAST, 0.15),
        Part("marking", soak_marking.batch, soak_marking.BATCHES, soak_marking.LEAST, 0.3),
        Part("sheets", soak_sheets.batch, soak_sheets.BATCHES, soak_sheets.LEAST, 0.15),
        Part("networks", soak_networks.batch, soak_networks.BATCHES, soak_networks.LEAST, 0.65),
        Part("files", soak_files.batch, soak_files.BATCHES, soak_files.LEAST),
    )
}


def main() -> int:
    """Run the parts that were asked for; the exit status."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all unless given")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--minutes", type=float, default=MINUTES)
    given = asked.parse_args()
    # PyTorch does without NumPy here, and need not say so in each process.
    os.environ["PYTHONWARNINGS"] = "ignore:Failed to initialize NumPy:UserWarning"
    deadline = time.monotonic() + 60 * given.minutes
    chosen = [PARTS[name] for name in given.parts or PARTS]
    results = dict(run(chosen, given.seed, deadline))
    status = 0
    for part in chosen:
        status |= report(part, results[part.name])
    return status


def run(parts: list[Part], seed: int, deadline: float) -> Iterator[tuple[str, Tally]]:
    """Each part on all cores, with its share of the time."""
    for part in parts:
        share = part.share if part is not parts[-1] else 1.0
        now = time.monotonic()
        yield part.name, part_run(part, seed, now + share * (deadline - now))


def part_run(part: Part, seed: int, until: float) -> Tally:
    """The batches of one part, as many as there is time for."""
    start, tally = time.monotonic(), Tally()
    seeds = range(seed * part.batches, (seed + 1) * part.batches)
    with multiprocessing.get_context("spawn").Pool() as pool:
        for done, each in enumerate(pool.imap_unordered(part.batch, seeds), 1):
            tally.add(each)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{part.name}: {done} of {part.batches} batches")
            if time.monotonic() > until:
                pool.terminate()
                break
    tally.measure("seconds in all", time.monotonic() - start, f"on {os.cpu_count()} cores")
    return tally


def report(part: Part, tally: Tally) -> int:
    """Print what was seen and write a file for each fault; 1 if there are any, or too little."""
    print(f"\n{part.name}")
    for what, count in tally.counts.items():
        print(f"  {count:>12,}  {what}")
    for what, (figure, where) in tally.largest.items():
        print(f"  {figure:>12.3g}  {what}, at most: {where}")
    for fault in tally.faults:
        print(f"  wrong: {fault.why}\n         {written(fault)}")
    short = {what: least for what, least in part.least.items() if tally.counts[what] < least}
    for what, least in short.items():
        print(f"  too little time: {tally.counts[what]:,} of {least:,} {what}")
    return int(bool(tally.faults or short))


def written(fault: Fault) -> Path:
    """The file that reproduces a fault."""
    FOUND.mkdir(exist_ok=True)
    path = FOUND / fault.file
    path.write_bytes(fault.content)
    return path


if __name__ == "__main__":
    sys.exit(main())
