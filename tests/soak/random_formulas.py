"""Formulas drawn at random over every row of the table of functions."""

from __future__ import annotations

import random
from collections.abc import Sequence

from drawn import RELATIONS, Formula, Num, Op, Ref
from frozen import FUNCTIONS

ACTIVATIONS = [row.name for row in FUNCTIONS.values() if row.activation and not row.outputs]
POSITIVE_ONLY = ("log", "log1p", "sqrt")  # defined on part of the line only
FAST = {"exp", "expm1"}  # too large a number for most arguments
EXACT = [name for name in ACTIVATIONS if FUNCTIONS[name].exact]
SMOOTH = [name for name in ACTIVATIONS if not FUNCTIONS[name].kinks and name != "sign"]
RISKY = 0.03  # how often something may leave its domain


def number(draw: random.Random) -> str:
    """A short number: mostly a decimal, seldom zero."""
    kind = draw.random()
    sign = draw.choice(["", "", "-", "-", "+"])
    if kind < 0.75:
        return f"{sign}{draw.randint(1, 15) / 10}"
    if kind < 0.83:
        return f"{sign}{draw.randint(1, 3)}"
    if kind < 0.91:
        return f"{sign}{draw.randint(1, 5)}/{draw.randint(2, 9)}"
    return draw.choice(["0", "0", "0", "0.0", f"{sign}.5", f"{sign}12e-1", f"{sign}1e-3"])


def unsigned(draw: random.Random) -> Num:
    """A number as a formula has it."""
    return Num(draw.choice(["2", "3", "1", "0", "0.5", "0.1", ".25", "1e-1", "1.5", "2.", "10"]))


def setting(draw: random.Random) -> str:
    """A further number of a function."""
    return draw.choice(["0.2", "0", "0.5", "1", "1/4", "2"])


def positive(draw: random.Random, scope: Sequence[Ref], exact: bool) -> Formula:
    """A formula that is above 0."""
    one, inner = Num(draw.choice(["1", "0.5", "2"])), draw.choice(scope)
    ways: list[Formula] = [
        Op("+", (one, Op("**", (inner, Num("2"))))),
        Op("+", (Op("abs", (inner,)), one)),
        Op("+", (Op("square", (inner,)), one)),
        Op("max", (inner, one)),
        Op("+", (one, Op("variance", (inner, draw.choice(scope))))),
    ]
    if not exact:
        ways += [Op(name, (inner,)) for name in ("sigmoid", "softplus", "exp")]
    return draw.choice(ways)


def power(draw: random.Random, scope: Sequence[Ref], depth: int, exact: bool) -> Formula:
    """A power that has a value."""
    kind = draw.random()
    if kind < 0.5 or exact:
        exponent: Formula = Num(draw.choice(["0", "1", "2", "2", "3", "4"]))
        if kind < 0.08:  # powers bind to the right
            pair = draw.choice([("2", "0"), ("1", "3"), ("2", "3")])
            exponent = Op("**", (Num(pair[0]), Num(pair[1])))
        if kind > 0.4:
            return Op("**", (positive(draw, scope, exact), Op("neg", (exponent,))))
        return Op("**", (formula(draw, scope, depth - 1, exact), exponent))
    broken = [Num("0.5"), Num("1.5"), Op("/", (Num("1"), Num("3"))), Op("neg", (Num("0.5"),))]
    exponent = draw.choice([*broken, draw.choice(scope), Op("-", (draw.choice(scope), Num("1")))])
    return Op("**", (positive(draw, scope, exact), exponent))


def call(draw: random.Random, scope: Sequence[Ref], depth: int, exact: bool) -> Formula:
    """A function of the table, each as likely as the others."""
    names = [row.name for row in FUNCTIONS.values() if not row.outputs and (row.exact or not exact)]
    row = FUNCTIONS[draw.choice(names)]
    if row.variadic:
        arguments = [formula(draw, scope, depth - 1, exact) for _ in range(draw.randint(1, 4))]
        if row.convention and draw.random() < 0.2:
            arguments.append(arguments[0])  # a tie
        return Op(row.name, tuple(arguments))
    safe = row.name in POSITIVE_ONLY and draw.random() > RISKY
    inner = positive(draw, scope, exact) if safe else formula(draw, scope, depth - 1, exact)
    if row.name in FAST and draw.random() < 0.7:
        inner = draw.choice(scope)
    given = draw.randint(0, len(row.defaults))
    return Op(row.name, (inner, *(constant(setting(draw)) for _ in range(given))))


def constant(text: str) -> Formula:
    """A number with its sign as a formula."""
    if text.startswith("-"):
        return Op("neg", (constant(text[1:]),))
    over, slash, under = text.removeprefix("+").partition("/")
    return Op("/", (Num(over), Num(under))) if slash else Num(over)


def formula(
    draw: random.Random, scope: Sequence[Ref], depth: int = 2, exact: bool = False
) -> Formula:
    """A formula of quantities in scope, mostly with a value; of exact functions only if asked."""
    kind = draw.random()
    if depth <= 0 or kind < 0.1:
        return draw.choice(scope) if draw.random() < 0.8 else unsigned(draw)

    def inner() -> Formula:
        return formula(draw, scope, depth - 1, exact)

    if kind < 0.3:
        return Op(draw.choice("+-"), (inner(), inner()))
    if kind < 0.48:
        return Op("*", (inner(), inner()))
    if kind < 0.55:
        risky = draw.random() < RISKY
        return Op("/", (inner(), inner() if risky else positive(draw, scope, exact)))
    if kind < 0.61:
        return power(draw, scope, depth, exact)
    if kind < 0.65:
        once = Op("neg", (inner(),))
        return Op("neg", (once,)) if draw.random() < 0.2 else once
    if kind < 0.72:
        return Op(draw.choice(RELATIONS), (inner(), inner(), inner(), inner()))
    return call(draw, scope, depth, exact)
