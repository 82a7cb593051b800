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
    from backcalc.commands.api import *  # noqa: F403  # its __all__ is the one list

__version__ = "0.1.0"

if not TYPE_CHECKING:  # for which any name would do

    def __getattr__(name):
        """What Python code asks for, loaded when it first does."""
        if not name.startswith("_") or name == "__all__":
            from importlib import import_module  # by name: the door stands above all rooms

            api = import_module("backcalc.commands.api")
            names = globals()["__all__"] = api.__all__
            globals().update((each, getattr(api, each)) for each in names)
        if name not in globals():
            raise AttributeError(f"module 'backcalc' has no attribute {name!r}")
        return globals()[name]

    def __dir__():
        """Those names, and what every module has; not the parts of the package."""
        return sorted({*__getattr__("__all__"), *(n for n in globals() if n.startswith("_"))})
