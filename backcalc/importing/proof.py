"""The proof of a file that was written: its figures beside those of where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backcalc.equations.calculation import backward
from backcalc.equations.matrix_form import elements_called
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, counted
from backcalc.formulas.expression import Scalar
from backcalc.formulas.matrices import Shape
from backcalc.formulas.notation import PLAIN, phrase_text
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.importing.draft import NEAR, ArrayFigures, Imported, commented
from backcalc.loading.loader import loads
from backcalc.sheets.remarks import kinks_at


class DifferentError(BackcalcError):
    """The file has other figures than what it was written from."""

    exit_status = 1


def documented(made: Imported, source: str) -> tuple[str, str, Network]:
    """The file with its notes on top, what was proved of it, and its network.

    Raises DifferentError where one of its figures differs.
    """
    try:
        network = loads(made.text, source)
    except BackcalcError as error:  # whose place is in a file that nobody has
        raise BackcalcError(error.message, hint=error.hint) from None
    calculation = backward(network, by_inputs=True)
    worked = calculation.values
    shapes = network.matrices.shapes if network.matrices else {}
    sides = [[*_pairs(table, worked, shapes, derived)]
             for table, derived in ((made.values, False), (made.gradients, True))]  # fmt: skip
    for derived, pairs in zip((False, True), sides, strict=True):
        for name, ours, theirs in pairs:
            if not difference(ours, theirs) <= NEAR:
                message = f"{name} is {ours!r} in the file, and {theirs!r} by PyTorch's"
                hint = "please report it"
                if derived and (kinks := kinks_at(calculation)):
                    hint = f"PyTorch has another convention here. {phrase_text(kinks[0], PLAIN)}"
                raise DifferentError(message, hint=f"nothing was written; {hint}")
    values, slopes = map(len, sides)
    said = (f"proved: {counted(values, 'value')} of the forward pass and"
            f" {counted(slopes, 'derivative')} equal PyTorch's to {NEAR:g}")  # fmt: skip
    return commented(made.text, [f"From {source}.", *made.notes, said]), said, network


Pair = tuple[str, float, float]


def _pairs(
    table: ArrayFigures, worked: Mapping[str, Scalar], shapes: Mapping[str, Shape], derived: bool
) -> Iterator[Pair]:
    """Each figure of the file beside the other side's."""
    for quantity, numbers in table.items():
        own = Derivative("L", parsed(quantity)) if derived else parsed(quantity)
        for name, theirs in zip(elements_called(own, shapes), numbers, strict=True):
            yield name, float(worked.get(name, 0) if derived else worked[name]), theirs


def difference(ours: float, theirs: float) -> float:
    """How far two figures differ: absolute, or of large ones as a share."""
    return abs(ours - theirs) / max(1.0, abs(ours), abs(theirs))
