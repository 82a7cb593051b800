"""THE table of the sections of a network file, one row each; a new section is a new row.

A row with a reader stands for itself: its value becomes the network's. The loader reads the other
sections, since they need each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from backcalc.equations.initial import INITIALISATIONS, MOST_SEED, RANDOM, Initial, Initialisation
from backcalc.equations.network import GROUPS, Asked, Erratum, Expected
from backcalc.equations.optimizers import OPTIMIZERS, Descent, Optimizer, known_options
from backcalc.errors import BackcalcError, Place, listed
from backcalc.formulas.functions import CONVENTIONS, FUNCTIONS, LAYOUTS, default_conventions
from backcalc.formulas.parser import SHORT, parse
from backcalc.formulas.quantity import DERIVATIVE, QUANTITY
from backcalc.loading import fields
from backcalc.loading.definitions import LAYER, NODE, PENALTIES, SKIP
from backcalc.loading.document import Entries, Items, Word, YamlNode
from backcalc.loading.fields import Field, Record, listing, of, table

GIVEN_KEYS = ("inputs", "targets", "weights", "biases", "constants")

MOST_FIGURES = 10_000  # printed answers in one file
MOST_POINTS = 1_000_000  # of one answer
MOST_SPREAD = 10**6
MOST_STEPS = 10_000

SEED = re.compile(r"[0-9]{1,9}")
FIGURE = re.compile(
    rf"(?:grad )?{QUANTITY}|{DERIVATIVE}".replace(r"\w*", r"\w*(?:\^\(\w{1,9}\)\w*)?")
)
"""A quantity; a word for one may count its layer above: a_1^(1)."""
SLIP = re.compile(r"[a-z][a-z0-9-]*")


# Words, and printed answers.


def _label(node: YamlNode) -> str:
    return fields.word(node, "a line of text").text


def _expected(node: YamlNode) -> tuple[Expected, ...]:
    entries = fields.mapping(node, "a mapping of quantities to figures").entries
    if len(entries) > MOST_FIGURES:
        raise BackcalcError(f"more than {MOST_FIGURES} printed answers", entries[-1][0].place)
    return tuple(_figure(name, value) for name, value in entries)


def _figure(name: Word, node: YamlNode) -> Expected:
    quantity = _quantity(name)
    found: dict[str, Any] = PRINTED.read(node) if isinstance(node, Entries) else {"value": node}
    if "value" not in found:
        raise BackcalcError(f"the figure of {quantity!r} has no value", node.place)
    return Expected(quantity, _printed(found["value"]), found.get("wrong"), name.place)


def _errata(node: YamlNode) -> tuple[Erratum, ...]:
    """What is wrong where it is published."""
    items = fields.sequence(node, "a list of errata").items
    return tuple(Erratum(**ERRATUM.read(item), where=item.place) for item in items)


def _printed(node: YamlNode) -> str:
    figure = fields.word(node, "a number or a formula")
    if not SHORT.fullmatch(figure.text):  # nearly all are numbers
        parse(figure.text, FUNCTIONS, place=figure.inside, derivatives=True)
    return figure.text


def _slip(node: YamlNode) -> str:
    word = fields.word(node, "the name of a mistake")
    if not SLIP.fullmatch(word.text):
        raise BackcalcError(f"{word.text[:60]!r} is not the name of a mistake", word.place)
    return word.text


def _quantity(scalar: Word) -> str:
    if not FIGURE.fullmatch(scalar.text):
        hint = "quantities are written z0, dL/dw0, w0', yhat[2]"
        raise BackcalcError(f"{scalar.text[:60]!r} is not a quantity", scalar.place, hint)
    return scalar.text


def _names(node: YamlNode) -> dict[str, str]:
    """The sheet's own words for quantities; the loader sees to it that each has one meaning."""
    entries = fields.mapping(node, "a mapping of quantities to words").entries
    return {_quantity(key): fields.own_word(fields.word(e, "a word")) for key, e in entries}


def _points(node: YamlNode) -> dict[str, Fraction]:
    points = {}
    for name, value in fields.mapping(node, "a mapping of quantities to points").entries:
        points[_quantity(name)] = _worth(value)
    return points


def points_at(node: YamlNode) -> dict[str, Place]:
    """Return where the points of each quantity stand."""
    entries = fields.mapping(node, "a mapping of quantities to points").entries
    return {_quantity(name): name.place for name, _ in entries}


def _asked(node: YamlNode) -> tuple[Asked, ...]:
    """What a sheet must hold, in order: quantities and groups, some with points and digits."""
    if isinstance(node, Items):
        found = [each for item in node.items for each in _asked_item(item)]
    else:
        entries = fields.mapping(node, "a list, or a mapping, of what is asked").entries
        found = [_asked_entry(name, value) for name, value in entries]
    if len(found) > MOST_FIGURES:
        raise BackcalcError(f"more than {MOST_FIGURES} quantities are asked", node.place)
    if not found:
        hint = "name quantities, or leave ask: out"
        raise BackcalcError("ask: asks for nothing", node.place, hint)
    for place, each in enumerate(found):
        if each.name in {other.name for other in found[:place]}:
            raise BackcalcError(f"{each.name!r} is asked twice", each.where, "once will do")
    return tuple(found)


def _asked_item(node: YamlNode) -> list[Asked]:
    """One entry of a list: a quantity or a group, or a mapping of some."""
    if isinstance(node, Entries):
        for name, _ in node.entries:
            if name.text in ("points", "digits"):
                hint = f"write them below the quantity: dL/dw0: {{{name.text}: 3}}"
                raise BackcalcError(f"the {name.text} of no quantity", name.place, hint)
        return [_asked_entry(name, value) for name, value in node.entries]
    name = fields.word(node, "a quantity, or one of " + listed(GROUPS))
    return [Asked(_quantity(name), where=name.place)]


def _asked_entry(name: Word, node: YamlNode) -> Asked:
    """A quantity or a group with its points, or with points and digits."""
    if isinstance(node, Entries):
        return Asked(_quantity(name), **ASKED.read(node), where=name.place)
    blank = isinstance(node, Word) and not node.text and not node.quoted
    return Asked(_quantity(name), None if blank else _worth(node), where=name.place)


def parse_asked(text: str) -> tuple[Asked, ...]:
    """Return what `--ask` asks: names with commas between them, a seed behind a colon.

    >>> [(each.name, each.seed) for each in parse_asked("shapes, slip:7")]
    [('shapes', None), ('slip', 7)]
    """
    found: dict[str, Asked] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, colon, seed = (each.strip() for each in part.partition(":"))
        if not FIGURE.fullmatch(name) or (colon and not SEED.fullmatch(seed)):
            hint = "write names with commas between them: shapes, dL/dw0, slip:7"
            raise BackcalcError(f"{part[:60]!r} is nothing to ask", hint=hint)
        found[name] = Asked(name, seed=int(seed) if colon else None)
    if not found:
        raise BackcalcError("nothing is asked", hint="write a name such as shapes")
    return tuple(found.values())


def _worth(node: YamlNode) -> Fraction:
    value = fields.number(node)
    if not 0 <= value <= MOST_POINTS:
        message = "negative points" if value < 0 else f"more than {MOST_POINTS} points"
        raise BackcalcError(message, node.place)
    return value


def _fewest(node: YamlNode) -> int:
    from backcalc.loading.policies import read_policy  # few files say how they are marked

    value: int = read_policy("digits", fields.word(node, "a number").text, node.place)
    return value


def _marking(node: YamlNode) -> dict[str, str]:
    from backcalc.loading.policies import policies, read_policy  # as above

    said = {}
    for name, value in fields.mapping(node, "a mapping of policies").entries:
        text = fields.word(value, "a word or a number").text
        if name.text == "policy":
            policies({}, text)
        else:
            read_policy(name.text, text, name.place)
        said[name.text] = text
    return said


def _marking_keys() -> Record:
    from backcalc.loading.policies import POLICIES, PRESETS  # as above

    sentence = "Preset for all policies that you do not name."
    return Record(
        "a mapping of policies",
        Field("policy", sentence, {"enum": [*PRESETS]}),
        *(Field(row.name, row.sentence, {"type": ["string", "number"]})
          for row in POLICIES.values()),
    )  # fmt: skip


# A row of a table with its options: an optimizer, an initialisation.


def _row(rows: Mapping[str, Any], kind: str, node: YamlNode, more: str = "") -> Any:
    """The row that a word names."""
    word = fields.word(node, f"the name of an {kind}{more}")
    return rows[fields.one_of(word, rows, kind)]


_optimizer = partial(_row, OPTIMIZERS, "optimizer")
_initialisation = partial(_row, INITIALISATIONS, "initialisation")


def _optimizer_keys(row: Optimizer) -> Record:
    def below_1(value: Fraction) -> str | None:
        return fields.not_negative(value) or ("be below 1" if value >= 1 else None)

    averages = ("mu", "alpha", "beta1", "beta2")
    known = known_options(row)
    own = dict(row.options)
    usual = [f"{name} ({float(own[name]):g} without it)" if name in own else name for name in known]
    others = {"mu": "momentum or beta", "alpha": "beta or rho"}
    meant = [f"; {name} is what others call {word}" for name, word in others.items() if name in own]
    return Record(
        "",
        Field("name", "Name of the optimizer.", {"const": row.name}),
        *(
            Field(name, f"The optimizer's {name}.", of("points"),
                fields.bounded(name, below_1 if name in averages else fields.not_negative))
            for name in known
        ),
        unknown=f"the optimizer {row.name} has no option",
        hint=f"its options are {listed(usual)}{''.join(meant)}",
        required=["name"],
    )  # fmt: skip


def _descent(node: YamlNode) -> Descent:
    if not isinstance(node, Entries):
        return Descent(_optimizer(node, ", or a mapping with its name"))
    named = [value for key, value in node.entries if key.text == "name"]
    if not named:
        hint = f"write {{name: momentum, mu: 0.9}}; there are {listed(OPTIMIZERS, 20)}"
        for key, value in node.entries:
            if key.text in OPTIMIZERS and isinstance(value, Word):
                first = next(iter(known_options(OPTIMIZERS[key.text])))
                hint = f"write {{name: {key.text}, {first}: {value.text[:20]}}}"
        raise BackcalcError("this optimizer has no 'name'", node.place, hint)
    row = _optimizer(named[0])
    options = _optimizer_keys(row).read(node)
    del options["name"]
    return Descent(row, options)


def parse_descent(text: str) -> Descent:
    """Return an optimizer as a command names it: `adam`, or `momentum,mu=0.5,clip_norm=1`."""
    word, settings = fields.settings(text, "mu=0.9")
    row = _optimizer(word)
    return Descent(row, _optimizer_keys(row).read(settings))


def _initialisation_keys(row: Initialisation, in_file: bool = True) -> Record:
    """The keys of one initialisation, or its options alone."""

    def spread(value: Fraction) -> str | None:
        if 0 < value <= MOST_SPREAD:
            return None
        return "be above 0" if value <= 0 else f"be at most {MOST_SPREAD}"

    options = [
        Field(name, f"The {name}.", of("above 0"), fields.bounded(name, spread))
        if name == row.spread
        else Field(name, f"The {name}.", of("number"), fields.number)
        for name, _ in row.options
    ]
    name = Field("distribution", "Name of the initialisation.", {"const": row.name})
    seed = Field("seed", "Seed of the random numbers. Without it: 0.",
               of("number", minimum=0, maximum=MOST_SEED, multipleOf=1), _seed)  # fmt: skip
    return Record(
        "",
        *((name, *options, seed) if in_file else options),
        unknown=f"the initialisation {row.name} has no option",
        hint=f"it takes {listed(dict(row.options))}" if options else f"it is {row.words}",
        required=[] if row is Initial().row else ["distribution"],
    )


def _seed(node: YamlNode) -> int:
    value = fields.number(node)
    if value.denominator != 1 or not 0 <= value <= MOST_SEED:
        raise BackcalcError(f"a seed is a whole number from 0 to {MOST_SEED}", node.place)
    return int(value)


def _initial(node: YamlNode) -> Initial:
    if not isinstance(node, Entries):
        return Initial(_initialisation(node, ", or a mapping with it"))
    named = [value for key, value in node.entries if key.text == "distribution"]
    row = _initialisation(named[0]) if named else Initial().row
    options = _initialisation_keys(row).read(node)
    options.pop("distribution", None)
    return Initial(row, options, options.pop("seed", 0))


def parse_initial(text: str) -> Initial:
    """Return an initialisation as a command names it: `xavier`, or `normal,std=0.5`."""
    word, settings = fields.settings(text, "std=0.5")
    row = _initialisation(word)
    if any(key.text == "seed" for key, _ in settings.entries):
        message = f"the initialisation {row.name} has no option 'seed'"
        raise BackcalcError(message, hint="--seed gives the seed")
    return Initial(row, _initialisation_keys(row, in_file=False).read(settings))


def _layout(node: YamlNode) -> Fraction:
    """The layout of derivatives, as a number among the other conventions."""
    word = fields.word(node, "numerator or denominator")
    return Fraction([*LAYOUTS].index(fields.one_of(word, LAYOUTS, "layout")))


NUMBERS = table(of("name"), {"anyOf": [of("number"), {"const": RANDOM}, of("matrix"), of("drawn")]})
SEQUENCES = table(of("name"), {"anyOf": [of("number"), of("matrix")]})
GIVENS = {**SEQUENCES, "type": ["object", "array", "null"], "items": of("name")}
KINKS = Record(
    "a mapping of conventions",
    *(
        Field(row.name, f"{row.meaning.format('this')}; without it {row.default}.", of("number"),
            fields.number)
        for row in CONVENTIONS.values()
    ),
    Field("layout", "Derivatives by a matrix in its shape, or in the transposed one; denominator"
        " unless given.", {"enum": [*LAYOUTS]}, _layout),
    type=["object", "null"],
)  # fmt: skip
PRINTED = Record(
    "a figure",
    Field("value", "The printed number or formula.", of("formula")),
    Field("wrong", "Mistake that it is known to come from.",
        of("text", pattern=f"^{SLIP.pattern}$"), _slip),
    required=["value"],
)  # fmt: skip
ERRATUM = Record(
    "a mapping such as {quantity: yhat, printed: 0.3, right: 0.4, mistake: ..., place: ...}",
    Field("quantity", "The quantity.", of("quantity"),
        lambda node: _quantity(fields.word(node, "a quantity")), required=True),
    Field("printed", "The number or formula as it is printed.", of("formula"), _printed,
        required=True),
    Field("right", "What it should be.", of("formula"), _printed, required=True),
    Field("mistake", "The name of the mistake, or a sentence that says what happened.", of("text"),
        _label, required=True),
    Field("place", "Where it is printed.", of("text"), _label, required=True),
    thing="erratum",
)  # fmt: skip
ASKED = Record(
    "points and digits",
    Field("points", "Points for it.", of("points"), _worth),
    Field("digits", "Significant digits that a rounded figure needs at least.",
        of("number", minimum=1, maximum=15, multipleOf=1), _fewest),
    Field("seed", "For the question slip: the number that draws its mistake.",
        of("number", minimum=0, maximum=MOST_SEED, multipleOf=1), _seed),
)  # fmt: skip
ASKING = table(of("quantity"), {"anyOf": [of("points"), {"type": "null"}, ASKED]})

NETWORK = Record(
    "a mapping",
    Field("title", "Title of the sheet.", of("text"), _label),
    Field("topic", "Topic of the network, in a word.", of("text"), _label),
    Field("about", "One sentence that says what the network shows.", of("text"), _label),
    Field("source", "Source of the network.", of("text"), _label),
    Field("inputs", "Inputs with their numbers, or only their names if data: gives the numbers.",
        GIVENS),
    Field("targets", "Targets, one for each output.", GIVENS),
    Field("weights", "Weights, each with its number before the step.", NUMBERS),
    Field("biases", "Biases. They may stand under weights: too.", NUMBERS),
    Field("constants", "Numbers that are neither inputs nor weights.", SEQUENCES),
    Field("frozen", "Weights that the update does not change.", listing(of("name"))),
    Field("nodes",
        "Units. Each adds up its weighted sources and applies its activation: unit 0 gives z0, h0.",
        table(of("unit"), NODE)),
    Field("skip", "Extra edges, which skip units.", listing(SKIP)),
    Field("layers", "Dense layers of units. Each reads the one before.", listing(LAYER)),
    Field("equations", "One formula for each quantity, in any order.",
        table(of("left side"), of("formula"))),
    Field("outputs",
        "Units that the loss compares with the targets. Without it: units that no other unit uses.",
        listing(of("unit"), uniqueItems=True)),
    Field("loss", "Loss: its name, an expression, or the name of an equation.",
        of("loss")),
    Field("upstream", "Gradients that are given instead of a loss, such as {yhat: 0.3}.",
        SEQUENCES),
    Field("data", "Samples such as {x: 1, y: -3}, or the name of a CSV file beside this one.",
        {"anyOf": [listing(SEQUENCES, minItems=1),
                   of("text", pattern=r"^(?!\.{1,2}$)[^/\\:\x00]+$")]}),
    Field("reduction", "Mean or sum of the samples' losses. Without it: mean.",
        {"enum": ["mean", "sum"]},
        lambda node: fields.one_of(fields.word(node, "mean or sum"), ("mean", "sum"), "reduction")),
    Field("learning_rate", "Factor of the gradient in the update.", of("number"),
        fields.number),
    Field("conventions", "Values of derivatives at points that have none, and their layout.", KINKS,
        lambda node: default_conventions() | KINKS.read(node)),
    Field("expect", "Printed answers, which `lint` tests.",
        table(of("quantity"), {"anyOf": [of("formula"), PRINTED, of("matrix")]}), _expected),
    Field("errata", "Figures and formulas that are wrong where they are published.",
        listing(ERRATUM), _errata),
    Field("points", "Points for each answer.", table(of("quantity"), of("points")),
        _points),
    Field("ask", "Lines that a sheet must hold, in order: quantities, "
        f"{listed(GROUPS)}, or questions such as shapes and dead. Each may have points and digits.",
        {"anyOf": [listing({"anyOf": [of("quantity"), ASKING]}), ASKING]}, _asked),
    Field("names", "Your own names for quantities, such as {L: E, z1: net_h1, dL/dz1: delta_1}.",
        table(of("quantity"), of("text")), _names),
    Field("marking", "Policies for marking, such as {carry: half}.",
        _marking_keys, _marking),
    Field("repeat",
        "Number of steps. An equation with [t] on its left side holds at each step.",
        {"type": ["integer", "string"], "pattern": "^[1-9][0-9]{0,4}$",
         "minimum": 1, "maximum": MOST_STEPS}),
    Field("optimizer",
        "Optimizer, such as adam, or with its options {name: momentum, mu: 0.9}. Without it: sgd.",
        lambda: {"anyOf": [{"enum": [*OPTIMIZERS]}, *map(_optimizer_keys, OPTIMIZERS.values())]},
        _descent),
    Field("maximise", "True to climb: the update adds the gradient instead of subtracting it.",
        {"enum": [True, False, "true", "false"]}),
    Field("state", "Values that the optimizer starts from, such as {v_w0: 0.2}.",
        SEQUENCES),
    Field("regularisation",
        "Penalty that is added to the loss: l2 times the weights' squares, l1 times their sizes.",
        PENALTIES),
    Field("init", "Rule for drawing `random` weights. Without it: normal with std 1.",
        lambda: {"anyOf": [{"enum": [*INITIALISATIONS]},
                           *map(_initialisation_keys, INITIALISATIONS.values())]},
        _initial),
    anyOf=[{"required": ["loss"]}, {"required": ["upstream"]}],
)  # fmt: skip
"""THE table of sections, in the order in which editors and errors list them."""

FIELDS = {"optimizer": "descent", "init": "initial"}
"""The sections that a network holds under another name."""


def wrong_settings(document: fields.Sections) -> Iterator[BackcalcError]:
    """Yield what is wrong in sections that stand for themselves, whatever else is wrong."""
    for name, key in NETWORK.keys.items():
        if key.read and name in document:
            try:
                key.read(document[name])
            except BackcalcError as error:
                yield error


def read_settings(document: fields.Sections) -> dict[str, Any]:
    """Read the sections that stand for themselves, under the names that a network gives them."""
    return {
        FIELDS.get(name, name): key.read(document[name])
        for name, key in NETWORK.keys.items()
        if key.read and name in document
    }
