"""The commands called from Python: each value is read as the command line reads the option's."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import import_module
from numbers import Integral, Real
from typing import Any

import click

from backcalc.commands.group import COMMANDS
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, did_you_mean

OTHERS = {"check": "marked", "variant": "varied"}
"""The functions for commands that do more than to show one thing."""

FIGURE = (int, float, Real, Decimal, str)
NUMBER = "a number such as 0.1, '1/3' or Fraction(1, 3)"
WANTED: dict[str, tuple[tuple[type, ...], str]] = {
    "NUMBER": (FIGURE, NUMBER),
    "LOSS": (FIGURE, NUMBER),
    "right|LOSS": (FIGURE, f"'right' or {NUMBER}"),
    "HOW": (FIGURE, "a word or a number"),
    "NUMBER,...": ((*FIGURE, list, tuple), "a number or a list of numbers"),
    "NAME=NUMBER": ((Mapping,), "a dictionary of numbers such as {'w0': 0.3}"),
    "NAME=NUMBER,...": ((Mapping,), "a dictionary of lists such as {'w0': [0.1, 0.3]}"),
    "NAME=NUMBER|ROWS,...": (
        (Mapping,),
        "a dictionary of numbers, vectors and matrices such as {'z1': [0.3, -1]}",
    ),
    "NAME=FROM..TO": ((Mapping,), "a dictionary of two ends each such as {'w0': (-3, 3)}"),
    "NAME[,OPTION=NUMBER...]": ((str,), "a text such as 'momentum,mu=0.9'"),
    "NAME[,OPTION=NUMBER...],...": ((str, list, tuple), "a text or a list of texts"),
    "NAME,...": ((str, list, tuple), "a name or a list of names"),
    "WORDS": ((str, list, tuple), "a text or a list of texts"),
}
"""For each way in which the help shows a value its Python types, and how they are called."""

FILE_NAME = re.compile(r"[^\n=:≈]+\.(?:txt|md|tex|ipynb|ya?ml|csv|typ|zip)|[^\n=:≈]+[/\\]")
"""A text that is no answer, but the path of a sheet or of a folder of them."""

KINDS: dict[type, tuple[tuple[type, ...], str]] = {
    click.types.BoolParamType: ((bool,), "True or False"),
    click.types.IntParamType: ((Integral,), "a whole number"),
    click.Path: ((str, os.PathLike), "the path of a file"),
    click.types.ParamType: ((str,), "a text"),
}
"""The same by the kind of the option, for those that have no such word."""


def call(command: str, given: dict[str, Any]) -> Any:
    """Run the function of a command with Python's values, and return what it shows.

    Raises TypeError where a value is of another type than is wanted, BackcalcError where it is
    out of range or wrong in another way.
    """
    found, function = _command(command)
    context, values = click.Context(found), {}
    for each in found.params:
        name = python_name(each)
        if name in given and each.name:
            values[each.name] = _read(each, name, given[name], context)
    return function(**values)


@cache
def _command(name: str) -> tuple[click.Command, Any]:
    module = import_module(f"backcalc.commands.{COMMANDS[name]}")
    found: click.Command = getattr(module, name)
    other = OTHERS.get(name)
    return found, getattr(module, other) if other else vars(found.callback)["shown"]


def python_name(option: click.Parameter) -> str:
    """Return what an option or an argument is called in Python."""
    name = max(option.opts, key=len).lstrip("-").replace("-", "_") if option.opts else option.name
    return f"{name}_" if name in ("as", "from") else str(name)


def _read(option: click.Parameter, name: str, value: Any, context: click.Context) -> Any:
    """One value, read as the command line reads it."""
    if not isinstance(option, click.Option):
        folder = context.command.name == "check" and isinstance(value, os.PathLike)
        absent = value is None and not option.required
        return value if absent or folder else _argument(name, value)
    if value is None and not isinstance(option.default, int | str):
        value = () if option.multiple else None
        return option.callback(context, option, value) if option.callback else value
    types, words = _wanted(option)
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise TypeError(f"{name} must be {words} and not {_kind(value)}")
    try:
        return option.process_value(context, _text(option, value))
    except click.BadParameter as error:
        choices = option.type.choices if isinstance(option.type, click.Choice) else ()
        hint = did_you_mean(str(value), map(str, choices))
        raise BackcalcError(f"{name}={value!r}: {error.message}", hint=hint) from None


def _wanted(option: click.Parameter) -> tuple[tuple[type, ...], str]:
    """The types that a value may have, and how they are called."""
    shape = option.metavar or ""
    if shape == "NAME=NUMBER,..." and not getattr(option, "multiple", False):
        shape = "NAME=NUMBER"
    if shape in WANTED:
        return WANTED[shape]
    return next(row for kind, row in KINDS.items() if isinstance(option.type, kind))


def _text(option: click.Parameter, value: Any) -> Any:
    """A value as the command line would write it; a number or a flag stays as it is."""
    shape = option.metavar or ""
    between = ".." if "FROM.." in shape else "," if ",..." in shape or shape == "WORDS" else ""
    several = isinstance(option, click.Option) and option.multiple
    if isinstance(value, Mapping):
        own = between if several else "[]" if "ROWS" in shape else ""
        parts = [f"{name}={_joined(each, own)}" for name, each in value.items()]
        return parts if several else ",".join(parts)
    if isinstance(value, bool | Integral) and shape not in WANTED:
        return value
    return _joined(value, between)


def _joined(value: Any, between: str) -> str:
    """One value, or several with a sign between them where there may be several."""
    if between == "[]" and isinstance(value, list | tuple):
        return f"[{','.join(_joined(each, between) for each in value)}]"
    several = value if between and isinstance(value, list | tuple) else [value]
    for each in several:
        if not isinstance(each, (*FIGURE, os.PathLike)) or isinstance(each, bool):
            raise TypeError(f"{NUMBER} is wanted and not {_kind(each)}")
    return between.join(os.fspath(e) if isinstance(e, os.PathLike) else str(e) for e in several)


def _argument(name: str, value: Any) -> Any:
    """What stands without an option: a network, or a text."""
    if name == "network" and not isinstance(value, Network):
        path = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
        loaded = f"; backcalc.load({path!r}) gives one" if path else ""
        raise TypeError(f"a Network is needed and not {_kind(value)}{loaded}")
    if name == "answers" and isinstance(value, str):
        single = not any(sign in value for sign in "\n=:≈")
        folder = single and os.path.isdir(value)
        if folder or FILE_NAME.fullmatch(value) or (single and os.path.isfile(value)):
            kind = "folder" if folder else "file"
            hint = f"pathlib.Path({value!r}) is the {kind}; a text is marked as it stands"
            raise BackcalcError(f"{value!r} is the name of a {kind}, and no answer", hint=hint)
    if name not in ("network", "answers") and not isinstance(value, str):
        raise TypeError(f"{name} must be a text and not {_kind(value)}")
    return value


def _kind(value: object) -> str:
    return type(value).__name__
