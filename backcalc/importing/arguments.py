"""What the rows of both tables ask: an argument as a term, a constant, whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backcalc.formulas import record
from backcalc.importing import layers
from backcalc.importing.draft import Draft, Sizes, Term, UnknownError, plain


@record(frozen=True, slots=True, eq=False)
class Fixed:
    """An array that depends on no weight and no input: numbers, whole numbers, a mask."""

    value: Any
    """The array, PyTorch's or NumPy's."""
    target: int | None = None
    """Its place among the targets, if it is one."""
    path: str = ""
    """The person's own name for it."""

    @property
    def numbers(self) -> list[Any]:
        """Its elements, the last axis running fastest."""
        found: list[Any] = self.value.flatten().tolist()
        return found

    @property
    def kind(self) -> type:
        """The type of its elements: bool, int or float."""
        return type(next(iter(self.numbers), 0.0))


@record(frozen=True, slots=True, eq=False)
class Unclear:
    """The result of an operation that is not known."""

    why: str = ""
    """The reason, where nothing has told it yet."""


@dataclass(eq=False)
class Arguments:
    """The arguments of the operation that is being written, and what was written before."""

    d: Draft
    """The file."""
    notes: list[str] = field(default_factory=list)
    """What a person has to know."""
    unknown: list[str] = field(default_factory=list)
    """What is not known, with its place."""
    constants: dict[Any, Term] = field(default_factory=dict)
    """The constants so far, by what they are."""
    shape: Sizes = ()
    """The shape of the result that is being written."""
    result: Any = None
    """That result as the other side has it."""
    called: str = ""
    """The name of the operation that is being written."""
    last: bool = False
    """True for the operation that is the loss."""

    def __call__(self, value: Any) -> Term:
        """An argument as a term."""
        if isinstance(value, Term):
            return value
        if isinstance(value, Fixed):
            if value.target is None and not value.value.shape:
                return layers.number(float(value.value))
            return self.named(value, "c" if value.target is None else "y")
        if isinstance(value, bool | int | float):
            return layers.number(float(value))
        raise UnknownError(f"an argument that is {type(value).__name__}")

    def maybe(self, value: Any) -> Term | None:
        """An argument that may be None."""
        return None if value is None else self(value)

    def named(self, value: Any, stem: str, number: int | None = None) -> Term:
        """A constant with a name of its own."""
        if not isinstance(value, Fixed):
            return self(value)
        section = "constants" if value.target is None else "targets"
        own = stem == "c" and bool(value.path)
        if own:
            stem = plain(value.path, stem)
        note = value.path or (self.d.note if section == "constants" else "")
        shape, numbers = tuple(value.value.shape), tuple(map(float, value.numbers))
        key = (section, stem, number, note, shape, numbers)
        if key not in self.constants:
            self.constants[key] = term = self.d.give(section, shape, numbers, stem, note, own=own)
            self.d.held[term.text].number = number
        return self.constants[key]

    def rows(self, argument: Any) -> list[int] | None:
        """Whole numbers of rows; None for what is something else."""
        if isinstance(argument, list | tuple):
            return [*argument] if all(isinstance(each, int) for each in argument) else None
        if not isinstance(argument, Fixed):
            raise UnknownError("whole numbers that depend on weights or inputs")
        return argument.numbers if argument.kind is int else None

    def index(self, value: Any) -> Any:
        """An index as a whole number, where it is an array of one."""
        return int(value.value) if isinstance(value, Fixed) and not value.value.shape else value

    def state(self, value: Any, like: Term, stem: str = "h") -> Term:
        """The state of a cell, as a vector where its input is one."""
        flat = len(like.shape) == 1
        if isinstance(value, Fixed):
            numbers = value.value.reshape(-1) if flat else value.value
            return self.named(Fixed(numbers), stem, 0)
        return self.d.vector(self(value)) if flat else self(value)

    def part(self, value: Any, place: int) -> Any:
        """One of the states of all layers."""
        if isinstance(value, Fixed):
            return Fixed(value.value[place])
        return layers.taken(self.d, self(value), (place,))

    def line(self, term: Term) -> Term:
        """A term with a name of its own."""
        known = term.text in self.d.lines
        return term if known else self.d.line("yhat", term.text, level=term.level)

    def distribution(self, target: Any, shape: Sizes, smoothing: float) -> Term:
        """The target of a cross entropy in the shape of the scores; of classes a single 1 each."""
        if isinstance(target, Fixed) and target.kind is int:
            classes = shape[-1]
            numbers = [float(place == each) * (1 - smoothing) + smoothing / classes
                       for each in target.numbers for place in range(classes)]  # fmt: skip
            return self.d.give("targets", shape, numbers, "y")
        found = self(target)
        if found.shape != shape or smoothing:
            raise UnknownError("cross entropy with such a target")
        return found

    def miss(self, what: str, place: str) -> None:
        """Remember what is not known, and where it stands."""
        self.unknown.append(f"not known: {what}" + (f" ({place})" if place else ""))


def check_shapes(found: Any, value: Any) -> None:
    """Raise UnknownError where a term has another shape than the other side's array."""
    if isinstance(found, tuple) and isinstance(value, tuple | list):
        for own, other in zip(found, value, strict=False):
            check_shapes(own, other)
    elif isinstance(found, Term) and hasattr(value, "shape") and found.shape != tuple(value.shape):
        raise UnknownError(f"a value of {tuple(value.shape)}, which comes to {found.shape} here")
