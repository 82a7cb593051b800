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
    from backcalc.commands.api import (
        BackcalcError,
        Checked,
        Display,
        Network,
        Sheet,
        UndefinedError,
        Worked,
        backward,
        check,
        draw,
        errata,
        explain,
        export,
        formulas,
        forward,
        from_torch,
        gradcheck,
        hessian,
        jacobian,
        landscape,
        lint,
        load,
        loads,
        report,
        shapes,
        step,
        sweep,
        tangent,
        train,
        variant,
        verify,
        worksheet,
    )

__version__ = "0.1.0"

__all__ = [
    "BackcalcError",
    "Checked",
    "Display",
    "Network",
    "Sheet",
    "UndefinedError",
    "Worked",
    "backward",
    "check",
    "draw",
    "errata",
    "explain",
    "export",
    "formulas",
    "forward",
    "from_torch",
    "gradcheck",
    "hessian",
    "jacobian",
    "landscape",
    "lint",
    "load",
    "loads",
    "report",
    "shapes",
    "step",
    "sweep",
    "tangent",
    "train",
    "variant",
    "verify",
    "worksheet",
]

if not TYPE_CHECKING:  # for which any name would do

    def __getattr__(name):
        """What Python code asks for, loaded when it first does."""
        if name not in __all__:
            raise AttributeError(f"module 'backcalc' has no attribute {name!r}")
        from importlib import import_module  # by name: the door stands above all rooms

        api = import_module("backcalc.commands.api")
        globals().update((each, getattr(api, each)) for each in __all__)
        return globals()[name]

    def __dir__():
        """Those names too, before they are loaded."""
        return sorted({*globals(), *__all__})
