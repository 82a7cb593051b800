"""One formula: its tree, how it is read and written, its functions and derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["record", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import replace
else:
    from dataclasses import MISSING, Field, dataclass, field
    from operator import attrgetter

    @dataclass(init=False, repr=False, eq=False)
    class Pattern:
        """A class that dataclasses made, for what they put into every one."""

        any: int

    def record(*, frozen=False, slots=True, eq=True):
        """Decorate a class without bases as `dataclass` does, at a tenth of its cost.

        A dataclass compiles six methods; this one has its `__init__` compiled when the first object
        is made, and the others are closures. That it is frozen is for mypy to see: at run time
        nothing guards the fields.
        """

        def decorate(cls):
            fields = {name: _field(cls, name) for name in cls.__annotations__}
            names = tuple(fields)

            def first(self, *values, **named):
                made.__init__ = _init(fields)  # most of them are never made by one command
                made.__init__(self, *values, **named)

            own = {name: each for name, each in vars(cls).items() if name not in LEFT}
            own = {"__repr__": _repr, **own}  # one of its own stays
            own |= {"__dataclass_fields__": fields, "__match_args__": names}
            own |= {"__dataclass_params__": Pattern.__dataclass_params__}
            if slots:
                own = {name: each for name, each in own.items() if name not in fields}
                own["__slots__"] = names
            made = type(cls.__name__, (), own)
            made.__qualname__, made.__init__ = cls.__qualname__, first
            if eq:
                made.__eq__, made.__hash__ = _compared(made, attrgetter(*names))
                if not frozen:
                    made.__hash__ = None
            return made

        return decorate

    def replace(made, **changes):
        """Return a record with some fields changed, at a quarter of what `dataclasses` takes."""
        names = made.__match_args__
        fields = dict(zip(names, map(made.__getattribute__, names), strict=True))
        return type(made)(**fields | changes)

    LEFT = ("__dict__", "__weakref__")
    """What a class of a body has, and the one that is made of it gets anew."""

    def _field(cls, name):
        """Return what `dataclasses.replace` wants to know of a field."""
        default = vars(cls).get(name, MISSING)
        made = default if isinstance(default, Field) else field(default=default)
        made.name, made.type = name, cls.__annotations__[name]
        made._field_type = Pattern.__dataclass_fields__["any"]._field_type
        return made

    def _init(fields):
        """Return the method that sets each field, or takes its default."""
        scope = {"__name__": __name__}
        parameters, lines = ["self"], []
        for name, each in fields.items():
            value = name
            if each.default_factory is not MISSING:
                scope[f"_{name}"] = each.default_factory
                parameters.append(f"{name}=_{name}")
                value = f"_{name}() if {name} is _{name} else {name}"
            elif each.default is not MISSING:
                scope[f"_{name}"] = each.default
                parameters.append(f"{name}=_{name}")
            else:
                parameters.append(name)
            lines.append(f" self.{name} = {value}")
        # Only the names of this package's own fields stand in it, as in what dataclass makes.
        source = f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines)
        exec(compile(source, __file__, "exec"), scope)
        return scope["__init__"]

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
