"""The promises of the marking, measured on sheets that know nothing of the checker.

python tests/marking/measure.py [--lines N] [--seed N] [--show N]
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "soak"), str(HERE)]

from handwork import NAMES, Sheet, drawn_habits, worked  # noqa: E402
from random_networks import random_network  # noqa: E402

from backcalc.checking.report import Marking, check  # noqa: E402
from backcalc.equations.network import Network  # noqa: E402
from backcalc.equations.optimizers import OPTIMIZERS, Descent, own_names  # noqa: E402
from backcalc.equations.program import assemble  # noqa: E402
from backcalc.errors import BackcalcError  # noqa: E402
from backcalc.loading.loader import load, loads  # noqa: E402

RIGHT = ("correct", "rounded")
OFF, OFF_CHANGE = 5, 0.02  # units of the last digit, or parts of the change, that must be seen
LARGE = ("moons", "nand_gate", "noisy_line", "spiral", "xor_2_8_1")


@dataclass
class Tally:
    """What was seen on some sheets."""

    counts: Counter[str] = field(default_factory=Counter)
    cases: dict[str, list[str]] = field(default_factory=dict)
    """The sheets that broke a promise."""

    def add(self, other: Tally) -> None:
        """Count what another one has seen."""
        self.counts.update(other.counts)
        for what, cases in other.cases.items():
            self.cases.setdefault(what, []).extend(cases)

    def table(self) -> str:
        """The figures in a few lines."""
        n = self.counts
        honest = f"{n['honest close']} close, {n['honest undecided']} undecided"
        right = 1 - n["named falsely"] / (n["named"] or 1)
        return "\n".join((
            f"{n['sheets']} sheets, {n['lines']} lines",
            f"accused: {n['accused']} of {n['honest']} honest lines ({honest})",
            f"let through: {n['let through']} of {n['mistakes']} mistakes on full sheets",
            f"let through: {n['sparse let through']} of {n['sparse']} mistakes on sheets with gaps",
            f"let through: {n['weights let through']} of {n['weights']} new weights alone",
            f"named falsely: {n['named falsely']} of {n['named']} named ({right:.1%} right)",
            f"unnamed: {n['unnamed']} of {n['nameable']} mistakes that have a row",
        ))  # fmt: skip


def networks(seed: int) -> Iterator[tuple[str, Network]]:
    """Networks without end: the bundled ones and random ones, with every optimizer."""
    draw = random.Random(seed)
    bundled = [p for p in sorted((ROOT / "networks").glob("*.yaml")) if p.stem not in LARGE]
    while True:
        if draw.random() < 0.5:
            path = draw.choice(bundled)
            name, network = path.stem, load(str(path))
        else:
            name = f"random {draw.randrange(10**6)}"
            text = random_network(int(name.split()[1]))
            if "==" in text or "!=" in text:  # handwork compares floats, where 0.1 is not 1/10
                continue
            try:
                network = loads(text)
            except BackcalcError:
                continue
        network = replace(network, points={}, expect=(), ask=())
        if draw.random() < 0.3 and network.weights:
            row = draw.choice([*OPTIMIZERS.values()])
            lines = {each.name.partition("[")[0] for each in assemble(network).forward}
            if lines & own_names(Descent(row), network.weights):
                continue  # mu is a mean there, and no file may have both
            rate = network.learning_rate or Fraction(1, 10)
            network = replace(network, descent=Descent(row), learning_rate=rate)
            name += f" {row.name}"
        yield name, network


def measured(seed: int, lines: int) -> Tally:
    """Sheets of so many lines at least, marked."""
    draw, tally = random.Random(f"sheets {seed}"), Tally()
    for name, network in networks(seed):
        marking = Marking(network)
        for _ in range(4):
            updates = draw.random() < 0.2 and network.learning_rate is not None
            habits = drawn_habits(draw)
            if updates:
                habits = replace(habits, only_updates=True, left_out=0, local=False)
                habits = replace(habits, digits=max(habits.digits, 4))
            mistakes = draw.choice([0, 1, 1, 1, 2])
            try:
                sheet = worked(network, habits, draw, mistakes)
            except BackcalcError:
                break
            if sheet is None or len(sheet.lines) > 300:
                break
            judge(name, marking, sheet, tally)
        if tally.counts["lines"] >= lines:
            return tally
    return tally


def judge(name: str, marking: Marking, sheet: Sheet, tally: Tally) -> None:
    """Mark one sheet and count what became of its lines."""
    counts = tally.counts
    report = check(marking, sheet.text, "sheet")
    counts["sheets"] += 1
    full = not sheet.habits.left_out and not sheet.habits.only_updates

    def case(what: str, line: object, marked: object) -> None:
        counts[what] += 1
        said = f"{name} {sheet.habits}\n{line}\n{marked}\n{sheet.text}"
        tally.cases.setdefault(what, []).append(said)

    hidden_shown: set[str] = set()
    answers = {each.name: each for each in report.answers}
    for line in sheet.lines:
        if line.name not in answers:
            counts["unread"] += 1
            continue
        marked = answers[line.name]
        counts["lines"] += 1
        verdict = marked.verdict
        told = f"{verdict}: {marked.comment} {marked.sources} {marked.expected}"
        if line.mistake:
            visible = line.off >= OFF if full else line.off >= OFF and line.change > OFF_CHANGE
            if not visible:
                continue
            if sheet.habits.left_out and line.change > OFF_CHANGE:
                counts["sparse"] += 1
                if verdict in RIGHT:
                    case("sparse let through", line, told)
            if full:
                counts["mistakes"] += 1
                if verdict in RIGHT:
                    case("let through", line, told)
                elif verdict in ("follows", "close"):
                    counts[f"mistake {verdict}"] += 1
            elif sheet.habits.only_updates:
                counts["weights"] += 1
                if verdict in RIGHT:
                    case("weights let through", line, told)
            if sheet.habits.digits >= 4 and verdict in ("wrong", "again"):
                names = NAMES.get(line.mistake, ())
                counts["nameable"] += bool(names)
                if marked.finding:
                    counts["named"] += 1
                    if not set(names) & set(marked.finding.names):
                        case("named falsely", line, f"{told} {marked.finding.names}")
                elif names:
                    counts["unnamed"] += 1
                    tally.cases.setdefault("unnamed", []).append(f"{name}\n{line}\n{told}")
            continue
        if line.before:
            counts["behind a mistake out of sight"] += 1
            if verdict == "wrong":
                counts["behind, wrong"] += 1
                hidden_shown.add(line.before)
            continue
        counts["honest"] += 1
        if verdict in ("wrong", "again"):
            case("accused", line, told)
        elif verdict in ("close", "undecided"):
            counts[f"honest {verdict}"] += 1
            tally.cases.setdefault(f"honest {verdict}", []).append(
                f"{name} {sheet.habits}\n{line}\n{told}"
            )


def main() -> int:
    """Print the table; 1 where a promise is broken."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--lines", type=int, default=5000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--show", default="")
    asked.add_argument("--count", type=int, default=3)
    given = asked.parse_args()
    tally = measured(given.seed, given.lines)
    say = sys.stdout.write
    say(f"{tally.table()}\n{dict(tally.counts)}\n")
    for case in tally.cases.get(given.show, [])[: given.count]:
        say(f"---- {given.show}\n{case}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
