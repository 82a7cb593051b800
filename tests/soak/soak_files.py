"""Hostile files against what is promised of them, in batches."""

from __future__ import annotations

import importlib.util
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

from hostile import ROOT, hostile
from promise import FILES, Outcome, command_broken, outcome, prepare, run_broken, sandbox, watch
from tally import Fault, Tally

BATCHES = 240
SHARES = {"networks": 600, "expressions": 3200, "answers": 20, "data": 380}
"""How many inputs of each reader are in a batch; a sheet takes as long as fifty formulas."""
LEAST = {
    "inputs": 1_000_000,
    **{f"of them {reader}": BATCHES * share * 19 // 20 for reader, share in SHARES.items()},
    "commands on what was accepted": 600,
    "runs as a process": 40,
}

SECONDS, CHARACTERS = 1.0, 6_000
"""What an input may take, and for how many characters it may."""
MEGABYTES = 200
COMMANDS = (
    "step net.yaml", "step net.yaml --format json", "forward net.yaml", "validate net.yaml",
    "backward net.yaml --format json", "step net.yaml --steps 3",
    "backward net.yaml --format markdown", "step net.yaml --format html",
    "step net.yaml --format latex", "lint net.yaml",
    "backward net.yaml --compact", "step net.yaml --view matrix", "draw net.yaml",
)  # fmt: skip
SELDOM = ("symbolic net.yaml", "check net.yaml answers.txt")
MEASURED = """
import os, sys
from backcalc.commands import main
try:
    main()
finally:
    sys.stdout.flush()
    status = open("/proc/self/status").read()
    os.write(2, b"peak" + status.partition("VmHWM:")[2].split()[0].encode())
"""
"""A run that says last how much memory it took; what its parent is told holds the parent's own."""
FOLLOWED = 1 / 16
"""The share of accepted networks that commands go on with."""
LARGE = 400
"""Equations, beyond which a sheet is an honest long work."""


def batch(seed: int) -> Tally:
    """Some thousand inputs of all readers; a few of them on through commands and processes."""
    tally, draw = Tally(), random.Random(seed)
    with sandbox() as folder:
        watch()
        before = kept(folder)
        for reader, share in SHARES.items():
            for _ in range(share):
                one(reader, hostile(draw, reader), draw, tally)
        if seed % 5 == 0:
            process(draw, tally, folder)
        if kept(folder) != before:
            tally.faults.append(Fault(f"batch-{seed}.txt", b"", f"files were written: {folder}"))
    if seed % BATCHES < len(SHARES):
        guided([*SHARES][seed % BATCHES], seed, tally)
    return tally


def kept(folder: Path) -> set[str]:
    """The files in a folder, but for those that are written here."""
    return {path.name for path in folder.iterdir()} - {*FILES.values()}


def one(reader: str, data: bytes, draw: random.Random, tally: Tally) -> None:
    """One input of one reader."""
    start = time.process_time()
    found = outcome(reader, data)
    seconds = time.process_time() - start
    tally.counts["inputs"] += 1
    tally.counts[f"of them {reader}"] += 1
    tally.counts[f"{reader} accepted"] += found.error is None
    note(tally, reader, data, found.why, seconds)
    if found.error is None and not found.why and draw.random() < FOLLOWED:
        follow(reader, found, data, draw, tally)


def note(tally: Tally, reader: str, data: bytes, why: str, seconds: float) -> None:
    """Count what one input took, and keep it where the promise was broken."""
    tally.measure(f"seconds of processor time for one of {reader}", seconds, repr(data[:40]))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    tally.measure("MB of a process that has read thousands", megabytes, reader)
    if not why and seconds > SECONDS * max(1, len(data) / CHARACTERS):
        why = f"{seconds:.1f} s"
    if why:
        name = f"{reader}-{random.Random(data).getrandbits(40):x}"
        tally.faults.append(Fault(name, data, f"{reader}: {why}"))


def follow(reader: str, found: Outcome, data: bytes, draw: random.Random, tally: Tally) -> None:
    """What was accepted, on through a command in this process."""
    if reader == "answers":
        prepare("networks", b"")
        command = "check skip answers.txt"
    elif reader == "networks":
        if len(found.value.units) + len(found.value.definitions) > LARGE:  # type: ignore[attr-defined]
            return
        command = draw.choice(SELDOM if draw.random() < 0.05 else COMMANDS)
    else:
        return
    tally.counts["commands on what was accepted"] += 1
    start = time.process_time()
    why = command_broken(command.split(), data.decode("utf-8", "replace"))
    seconds = time.process_time() - start
    tally.measure("seconds for a command on what was accepted", seconds, command)
    if why:
        note(tally, reader, data, why, 0)


def process(draw: random.Random, tally: Tally, folder: Path) -> None:
    """One hostile network as a process of its own."""
    prepare("networks", hostile(draw, "networks"))
    arguments = draw.choice(COMMANDS).split()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        cwd=folder, capture_output=True, check=False,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    tally.counts["runs as a process"] += 1
    talk, _, peak = done.stderr.decode().rpartition("peak")
    megabytes = float(peak) / 1000
    tally.measure("MB of a run as a process", megabytes, " ".join(arguments))
    why = run_broken(arguments, done.returncode, done.stdout.decode(), talk)
    if megabytes > MEGABYTES:
        why = why or f"{megabytes:.0f} MB"
    if why:
        data = (folder / FILES["networks"]).read_bytes()
        note(tally, "networks", data, why, 0)


def guided(reader: str, seed: int, tally: Tally) -> None:
    """Inputs that atheris finds by what they cover, where it is installed."""
    if importlib.util.find_spec("atheris") is None:
        return
    from fuzz_atheris import fuzzed

    count, faults = fuzzed(reader, seed)
    tally.counts["inputs by atheris"] += count
    tally.faults += [Fault(f"{reader}-atheris", data, f"{reader}: {why}") for data, why in faults]
