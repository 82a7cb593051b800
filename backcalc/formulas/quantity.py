"""Quantities and derivatives as values: how their names are spelled, and read back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache


class Quantity(str):
    """The name of a quantity, with what it says.

    Two are equal where their texts are, so the plain name in a file or a formula finds them too.

    >>> Quantity("z0", step=1, sample=2), Quantity("h", element=(3,))
    ("z0'[2]", 'h[3]')
    """

    __slots__ = ("element", "sample", "stem", "step")
    stem: str
    """The name in the file: `z0`; for a derivative `dL/dz0`."""
    step: int
    """Steps of gradient descent that it comes after: one prime for each."""
    sample: int | None
    """Number of its sample, from 1; None for what all samples share, or where there is only one."""
    element: tuple[int, ...]
    """Its place in a sequence or a matrix: h[3], W[1,2]."""

    def __new__(
        cls, stem: str, step: int = 0, sample: int | None = None, element: tuple[int, ...] = ()
    ) -> Quantity:
        """A quantity, spelled `stem'[element][sample]`."""
        text = stem
        if step or element or sample is not None:
            place = f"[{','.join(map(str, element))}]" if element else ""
            text = f"{stem}{chr(39) * step}{place}{'' if sample is None else f'[{sample}]'}"
        name = super().__new__(cls, text)
        name.stem, name.step, name.sample, name.element = stem, step, sample, element
        return name

    def __reduce__(self) -> tuple[type[Quantity], tuple[object, ...]]:
        return type(self), (self.stem, self.step, self.sample, self.element)

    def at_step(self, step: int) -> Quantity:
        """The same quantity after so many steps in all."""
        return Quantity(self.stem, step, self.sample, self.element)

    def after(self, steps: int) -> Quantity:
        """The same quantity so many steps later."""
        return self.at_step(self.step + steps) if steps else self

    def of_sample(self, number: int | None) -> Quantity:
        """The same quantity of another sample; None: without a sample."""
        return Quantity(self.stem, self.step, number, self.element)


class Derivative(Quantity):
    """The name of a derivative.

    Its step, sample and element are those of what it is differentiated by.

    >>> name = Derivative("L", "w0")
    >>> name, name.of, name.by, name.after(1), Derivative(name, "w1")
    ('dL/dw0', 'L', 'w0', "dL'/dw0'", 'd(dL/dw0)/dw1')
    """

    __slots__ = ("by", "of")
    of: Quantity
    """The value that is differentiated."""
    by: Quantity
    """The value that it is differentiated by."""

    def __new__(cls, of: str, by: str) -> Derivative:
        """A derivative of one quantity by another, spelled `dL/dw0`."""
        of, by = parsed(of), parsed(by)
        above = f"({of})" if isinstance(of, Derivative) else of
        below = f"({by})" if isinstance(by, Derivative) else by
        name = str.__new__(cls, f"d{above}/d{below}")
        name.of, name.by = of, by
        name.stem = f"d{of.stem}/d{by.stem}"
        name.step = max(of.step, by.step)
        name.sample = by.sample if of.sample is None else of.sample
        name.element = by.element
        return name

    def __reduce__(self) -> tuple[type[Quantity], tuple[object, ...]]:
        return type(self), (self.of, self.by)

    def at_step(self, step: int) -> Derivative:
        """The same derivative after so many steps in all."""
        return Derivative(self.of.at_step(step), self.by.at_step(step))

    def after(self, steps: int) -> Derivative:
        """The same derivative so many steps later."""
        return Derivative(self.of.after(steps), self.by.after(steps)) if steps else self

    def of_sample(self, number: int | None) -> Derivative:
        """The same derivative for another sample; what all samples share stays as it is."""
        by = self.by if self.by.sample is None else self.by.of_sample(number)
        return Derivative(self.of.of_sample(number), by)

    def in_full(self) -> Derivative:
        """The same derivative, written out where a sheet has a word for it."""
        name = Derivative(self.of, self.by)
        name.stem = ""  # which no word stands for
        return name


def called(name: Quantity, names: Mapping[str, str]) -> Quantity:
    """The quantity under another name, which stands in `names` for its stem.

    >>> called(Derivative("L'", "z1'"), {"L": "E"}), called(Quantity("z0", 1, 2), {"z0": "net"})
    ("dE'/dz1'", "net'[2]")
    >>> called(Quantity("delta_1", 1), {"delta_1": "dL/dz1"})
    "dL'/dz1'"
    """
    if name.stem in names:
        found = parsed(names[name.stem])
        if isinstance(found, Derivative):
            of, by = (each.of_sample(name.sample) for each in (found.of, found.by))
            return Derivative(of, by).at_step(name.step)
        return Quantity(found, name.step, name.sample, name.element)
    if isinstance(name, Derivative):
        return Derivative(called(name.of, names), called(name.by, names))
    return name


QUANTITY = r"[^\W\d]\w*(?:\[[0-9]{1,9}\])*(?:'+(?:\[[0-9]{1,9}\])*)?"
"""The pattern of a quantity as people write it."""
DERIVATIVE = rf"[d∂]{QUANTITY}/[d∂]{QUANTITY}"  # that of a derivative

_OWN = re.compile(r"([^\['/]+)('*)((?:\[\d+(?:,\d+)*\])*)")
_LETTERS = str.maketrans("∂₀₁₂₃₄₅₆₇₈₉′’", "d0123456789''")


def parsed(text: str, *, several: bool = False) -> Quantity:
    """The quantity or derivative that a name in our own spelling stands for.

    The second index of a name is its sample's number; where there are `several` samples, so is
    the only one.

    >>> name = parsed("dL'[2]/dh'[3][2]", several=True)
    >>> name.of.sample, name.by.step, name.by.element, name.by.sample
    (2, 1, (3,), 2)
    """
    return text if isinstance(text, Quantity) else _parsed(text, several)


def derivative(text: str) -> Derivative:
    """The derivative that a name in our own spelling stands for."""
    name = parsed(text)
    assert isinstance(name, Derivative)
    return name


@lru_cache(maxsize=2048)  # a sheet names the same ones again and again
def _parsed(text: str, several: bool) -> Quantity:
    of, slash, by = text.rpartition("/d")
    if slash and of.startswith("d") and len(of) > 1 and by:
        of = of[2:-1] if of.startswith("d(") else of[1:]
        return Derivative(parsed(of, several=several), parsed(by, several=several))
    found = _OWN.fullmatch(text)
    if not found or found[0] == found[1]:
        return Quantity(text)
    places = [tuple(map(int, each.split(","))) for each in found[3][1:-1].split("][") if each]
    own = places and len(places[-1]) == 1 and (several or len(places) == 2)
    sample = places.pop()[0] if own else None
    name = Quantity(found[1], len(found[2]), sample, places[0] if places else ())
    return name if name == text else Quantity(text)


def typed(text: str, loss: str = "L") -> str:
    """A quantity's name as people type it: `∂L/∂ŷ` and `grad w0` are understood.

    >>> typed("∂L/∂ŷ1"), typed("grad w0"), typed("z0[2]'")
    ('dL/dyhat1', 'dL/dw0', "z0'[2]")
    """
    name = unicodedata.normalize("NFC", text).strip().replace("ŷ", "yhat").translate(_LETTERS)
    if gradient := re.fullmatch(r"grad[ (]+([^ )]+)\)?", name):
        return Derivative(loss, gradient[1])
    name = re.sub(r"(?<!\])((?:\[\d+\])+)('+)", r"\2\1", name)
    return re.sub(r"(?<!\s)\s*/\s*", "/", name)
