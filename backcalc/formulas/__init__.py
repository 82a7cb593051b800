"""One formula: its tree, how it is read and written, its functions and derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass
    from operator import attrgetter

    def record(*, frozen=False, slots=True, eq=True):
        """Decorate a class as `dataclass` does, at a fifth of its cost.

        A dataclass compiles six methods; this one has its `__init__` compiled, and the others are
        closures. That it is frozen is for mypy to see: at run time nothing guards the fields.
        """

        def decorate(cls):
            made = dataclass(repr=False, eq=False, slots=slots)(cls)
            names = made.__match_args__
            made.__repr__ = _repr
            if eq:
                made.__eq__, made.__hash__ = _compared(made, attrgetter(*names))
                if not frozen:
                    made.__hash__ = None
            return made

        return decorate

    def _repr(self):
        fields = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__qualname__}({', '.join(fields)})"

    def _compared(cls, values):
        """Return the methods by which records of a class are equal if their fields are."""

        def is_equal(self, other):
            return values(self) == values(other) if other.__class__ is cls else NotImplemented

        def hashed(self):
            return hash((cls, values(self)))

        return is_equal, hashed
