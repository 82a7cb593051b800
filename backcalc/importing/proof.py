"""The proof of a file that was written: its figures beside those of where it comes from."""

from __future__ import annotations

from backcalc.equations.calculation import backward
from backcalc.equations.matrices import elements_called
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, counted
from backcalc.formulas import record
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.importing.draft import NEAR, Imported, commented
from backcalc.loading.loader import loads


class DifferentError(BackcalcError):
    """The file has other figures than what it was written from."""

    exit_status = 1


@record(frozen=True, slots=True, eq=False)
class Proved:
    """What was compared."""

    network: Network
    """The network that the file describes."""
    values: int
    """Numbers of the forward pass."""
    gradients: int
    """Derivatives."""
    worst: float
    """The largest difference."""

    def sentence(self, whose: str, near: float) -> str:
        """Return what was proved."""
        first, second = counted(self.values, "value"), counted(self.gradients, "derivative")
        apart = f" (the derivatives to {near:g})" if near != NEAR else ""
        return (
            f"proved: {first} of the forward pass and {second} equal {whose} to {NEAR:g}{apart};"
            f" the largest difference is {self.worst:.1g}"
        )


def prove(made: Imported, name: str) -> Proved:
    """Work the file out and compare all figures; raise DifferentError where one differs."""
    try:
        network = loads(made.text, name)
    except BackcalcError as error:  # whose place is in a file that nobody has
        raise BackcalcError(error.message, hint=error.hint) from None
    assert network.matrices is not None or not network.definitions
    worked = backward(network, by_inputs=True).values
    shapes = network.matrices.shapes if network.matrices else {}
    worst = 0.0
    for table, derived in ((made.values, False), (made.gradients, True)):
        for quantity, numbers in table.items():
            own: Quantity = parsed(quantity)
            for element, theirs in zip(elements_called(own, shapes), numbers, strict=True):
                key = Derivative("L", element) if derived else element
                ours = float(worked[key]) if key in worked or not derived else 0.0
                worst = max(worst, apart := difference(ours, theirs))
                if not apart <= (made.near if derived else NEAR):
                    message = f"{key} is {ours!r} in the file, but {made.whose} {theirs!r}"
                    raise DifferentError(message, hint="nothing was written; please report it")
    values, gradients = (sum(map(len, each.values())) for each in (made.values, made.gradients))
    return Proved(network, values, gradients, worst)


def documented(made: Imported, source: str) -> tuple[str, str, Network]:
    """The file with its notes on top, what was proved of it, and its network."""
    proved = prove(made, source)
    said = proved.sentence(made.whose, made.near)
    return commented(made.text, [f"From {source}.", *made.notes, said]), said, proved.network


def difference(ours: float, theirs: float) -> float:
    """How far two figures differ: absolute, or of large ones as a share."""
    return abs(ours - theirs) / max(1.0, abs(ours), abs(theirs))
