"""The order of a sheet, said once: forward pass, backward pass, update, forward pass after it."""

from __future__ import annotations

from collections.abc import Iterator

from backcalc.equations.calculation import Calculation, Step
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, Program, after_steps, update
from backcalc.formulas import record

FORWARD, BACKWARD, UPDATE, AFTER = "forward", "backward", "update", "after"

HEADINGS = {
    FORWARD: "1. Forward pass",
    BACKWARD: "2. Backward pass",
    UPDATE: "3. Update",
    AFTER: "4. Forward pass after the update",
}
"""The stages of a sheet in order, and what each is called."""


@record(frozen=True, slots=True)
class Stage:
    """One stage of the work in one step of gradient descent."""

    name: str
    """Its row in the table of headings."""
    number: int = 0
    """Which step it belongs to, from 0."""

    @property
    def updates(self) -> int:
        """How many updates went before its lines, which is how many primes their names have."""
        return self.number + (self.name == AFTER)

    def heading(self, calculation: Calculation) -> str:
        """Its heading, with the step that it belongs to where there are several of its kind."""
        several = len(calculation.rounds) > 1 and (calculation.online or self.name != FORWARD)
        return HEADINGS[self.name] + (f" of step {self.number + 1}" if several else "")

    def equations(self, program: Program, network: Network) -> tuple[Equation, ...]:
        """Its lines as equations."""
        equations = {
            FORWARD: program.forward,
            BACKWARD: program.backward,
            UPDATE: update(network, program.loss, self.number + 1) if self.name == UPDATE else (),
            AFTER: program.forward,
        }[self.name]
        return after_steps(equations, self.updates, network)


def stages(steps: int, *, online: bool = False) -> Iterator[Stage]:
    """Yield the stages of a sheet of so many steps; without a step the two passes.

    With `online` the forward pass is over another sample in each step, so each step has its own.
    """
    for number in range(max(steps, 1)):
        for name in HEADINGS:
            repeated = name == FORWARD and number > 0 and not online
            if not repeated and (steps or name in (FORWARD, BACKWARD)):
                yield Stage(name, number)


def worked_stages(calculation: Calculation) -> Iterator[tuple[Stage, tuple[Step, ...]]]:
    """Yield the stages of a calculation, each with its lines worked out."""
    rounds = calculation.rounds
    for stage in stages(len(rounds), online=calculation.online):
        yield stage, getattr(rounds[stage.number] if rounds else calculation, stage.name)


def is_shown(step: Step, shown: set[str] | None) -> bool:
    """True if a quantity, or for an update the new weight, is among those to be shown."""
    return shown is None or step.name.at_step(1 if step.equation.before else 0) in shown
