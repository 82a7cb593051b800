"""The backprop calculator that shows its work and checks yours.

>>> from backcalc import load, step
>>> sheet = step(load("skip"), lr=1)
>>> sheet.number("dL/dw0"), sheet.number("w0'")
(Fraction(3, 4), Fraction(-1, 4))
>>> [(row["name"], row["exact"]) for row in sheet["steps"][0]["update"]]
[("w0'", '-1/4'), ("w1'", '1/4'), ("w2'", '1/4'), ("ws'", '0')]
"""

TYPE_CHECKING = False  # typing is not imported: a command is to answer Ctrl-C from its start
if TYPE_CHECKING:
    from backcalc.api import (
        BackcalcError,
        Checked,
        Network,
        Sheet,
        UndefinedError,
        Worked,
        backward,
        check,
        explain,
        formulas,
        forward,
        jacobian,
        load,
        loads,
        shapes,
        step,
    )

__version__ = "0.1.0"

__all__ = [
    "BackcalcError",
    "Checked",
    "Network",
    "Sheet",
    "UndefinedError",
    "Worked",
    "backward",
    "check",
    "explain",
    "formulas",
    "forward",
    "jacobian",
    "load",
    "loads",
    "shapes",
    "step",
]

if not TYPE_CHECKING:  # for which any name would do

    def __getattr__(name):
        """What Python code asks for, loaded when it first does."""
        if name not in __all__:
            raise AttributeError(f"module 'backcalc' has no attribute {name!r}")
        from importlib import import_module  # by name: the door stands above all rooms

        api = import_module("backcalc.api")
        globals().update((each, getattr(api, each)) for each in __all__)
        return globals()[name]

    def __dir__():
        """Those names too, before they are loaded."""
        return sorted({*globals(), *__all__})
