"""The JSON Schema of network files, made from the tables, so that an editor helps while one writes.

A schema sees one word at a time: a misspelt key or activation, a list where a number belongs. What
needs the whole file (names that nothing defines, shapes that do not fit) is for the loader to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from backcalc.equations.initial import INITIALISATIONS, MOST_SEED, RANDOM, Initialisation
from backcalc.equations.optimizers import OPTIMIZERS, known_options
from backcalc.formulas.functions import CONVENTIONS, FUNCTIONS
from backcalc.formulas.parser import KEYWORDS, MAX_DIGITS, MAX_LENGTH, NUMBER, SPELLINGS
from backcalc.loading.definitions import PARAMETERS
from backcalc.loading.descent import PENALTIES
from backcalc.loading.drawn import DEFAULT, MOST_SPREAD
from backcalc.loading.fields import ACTIVATIONS, MOST_LETTERS, RESERVED
from backcalc.loading.layers import LAYER_KEYS
from backcalc.loading.loader import FIGURE, KEYS, SLIP
from backcalc.loading.loader import GIVENS as GIVEN_KEYS
from backcalc.loading.repeat import MOST_STEPS
from backcalc.loading.units import MOST_UNITS, NODE_KEYS, SKIP_KEYS

Schema: TypeAlias = dict[str, Any]

FILE = "network.schema.json"
"""What the schema is called where it lies beside network files."""

# Patterns. Python and JavaScript both read them, so a letter is whatever is no known sign.

SIGNS = r"\x00-/:-@\[-^`{-\x7f" + "".join(sign for sign in SPELLINGS if not sign.isascii())
FIRST, REST, END = f"[^0-9{SIGNS}]", f"[^{SIGNS}]", f"[{SIGNS}]"
NO_DIGITS = r"(?!.*[\xb2\xb3\xb9\xbc-\xbe\u2070\u2074-\u2079\u2080-\u2089])"  # such as ½ and w₀


def portable(pattern: str) -> str:
    """A pattern of the parser in words that JavaScript knows too."""
    plain = pattern.replace("?P<name>", "?:")
    return plain.replace(r"[^\W\d]", FIRST).replace(r"\w", REST)


def none_of(words: Iterable[str]) -> str:
    """A pattern that stands where a word starts and refuses these."""
    return rf"(?!(?:{'|'.join(words)})(?!{REST}))"


NAME = f"{none_of(KEYWORDS)}{NO_DIGITS}{FIRST}{REST}{{0,{MOST_LETTERS - 1}}}"
AT_STEP = r"(?:\[(?:0|[1-9][0-9]{0,8})\])?"  # h[0], in a file that repeats
QUANTITY = f"{none_of(RESERVED)}{NAME}{AT_STEP}"
WRONG_INDEX = r"\[(?!\s*(?:t(?:\s*-\s*1)?|T|[0-9]{1,9})\s*\])"
ONCE = rf"\s*{none_of(word for word in RESERVED if word != 'L')}{NAME}\s*"  # L may be the loss
AT_ONE = rf"\s*{none_of(RESERVED)}{NAME}\s*\[\s*[0-9]{{1,9}}\s*\]\s*"
AT_EACH = rf"\s*{none_of(RESERVED)}{NAME}\s*\[\s*t\s*\]\s*"
LEFT_SIDE = f"(?:{ONCE}|{AT_ONE})(?:,(?:{ONCE}|{AT_ONE}))*|{AT_EACH}(?:,{AT_EACH})*"
UNKNOWN_CALL = rf"(?:^|{END}){none_of([*FUNCTIONS, *KEYWORDS])}{FIRST}{REST}*\s*\("
NO_PRODUCT = rf"(?:^|{END})[0-9]+(?:\.[0-9]*)?(?![eE][-+−]?[0-9]){FIRST}"  # 2x
STRANGE = r'"#$%&:;?@\\`{|}~'  # no formula holds these

DECIMAL = (
    rf"(?!0[0-9])(?![0-9.]{{{MAX_DIGITS + 1}}})(?![0-9.]*[eE][-+−]?[0-9]{{6}})"
    + NUMBER.pattern.replace("[+-]", "[-+−]")
)
ABOVE_0 = rf"(?=[0-9.]*[1-9]){DECIMAL}"
FRACTION = rf"\s*[-+−]?\s*{DECIMAL}(?:\s*/\s*{ABOVE_0})?\s*"
POSITIVE = rf"\s*\+?\s*{ABOVE_0}(?:\s*/\s*{ABOVE_0})?\s*"


def words(settings: Mapping[str, int], number: str) -> tuple[Schema, Schema]:
    """A table's names, for an editor to complete, and the same with settings: `leaky_relu(0.2)`."""
    calls = (
        rf"{name}\s*\({number}(?:,{number}){{0,{count - 1}}}\)" if count else name
        for name, count in settings.items()
    )
    bare = "|".join(settings)
    pattern = rf"^\s*(?:{bare}|{'|'.join(calls)})\s*$"
    return {"enum": list(settings)}, {"type": "string", "pattern": pattern}


# What stands in several places. A word that looks like a number or a boolean is a word all the
# same, though an editor may read it as one.

DEFINITIONS: dict[str, Schema] = {
    "text": {"type": ["string", "number", "boolean"], "minLength": 1},
    "number": {
        "type": ["number", "string"],
        "pattern": f"^{FRACTION}$",
        "patternErrorMessage": "Numbers are written as 0.5, -3, 1/2 or 1e-3.",
    },
    "name": {
        "type": ["string", "boolean"],
        "pattern": f"^{QUANTITY}$",
        "patternErrorMessage": "A name is a letter or _, then letters, digits and _.",
    },
    "unit": {
        "type": ["string", "integer", "boolean"],
        "pattern": rf"^(?:[0-9]{{1,19}}|{NAME}(?:\[[0-9T]+\])?)$",
        "minimum": 0,
        "patternErrorMessage": "A unit is called by a number or a name.",
    },
    "formula": {
        "type": ["string", "number", "boolean"],
        "minLength": 1,
        "maxLength": MAX_LENGTH,
        "patternErrorMessage": "A formula holds names, numbers, brackets and + - * / **.",
        "pattern": f"^[^{STRANGE}]*$",
        "not": {"type": "string", "pattern": f"{UNKNOWN_CALL}|{NO_PRODUCT}|{WRONG_INDEX}"},
    },
}


def ref(name: str) -> Schema:
    """What stands in several places, by its name."""
    return {"$ref": f"#/$defs/{name}"}


# Kinds of sections.


def listing(items: Schema, **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": items, **more}


def table(keys: Schema, values: Schema, **more: Any) -> Schema:
    """A mapping whose keys the author chooses; nothing at all is an empty one."""
    return {
        "type": ["object", "null"], "propertyNames": keys, "additionalProperties": values, **more
    }  # fmt: skip


def closed(keys: Iterable[str], known: Mapping[str, Schema], **more: Any) -> Schema:
    """A mapping with keys of its own, in their order; one that nothing is known of may hold all."""
    return {
        "type": "object",
        "properties": {key: known.get(key, {}) for key in keys},
        "additionalProperties": False,
        **more,
    }


def said(schema: Schema, description: str) -> Schema:
    """A section with the sentence that an editor shows."""
    return {"description": description, **schema}


# The sections.

LEFT_OPEN: Schema = {"const": RANDOM}
NUMBERS = table(ref("name"), {"anyOf": [ref("number"), LEFT_OPEN]})
SEQUENCES = table(ref("name"), {"anyOf": [ref("number"), listing(ref("number"))]})
GIVENS = SEQUENCES | {"type": ["object", "array", "null"], "items": ref("name")}
CELL: Schema = {"anyOf": [ref("number"), ref("name"), LEFT_OPEN]}
ACTIVATION = said(
    {"anyOf": [*words(ACTIVATIONS, FRACTION)]}, "What is applied; identity unless given."
)
COMES_IN: Schema = {
    "required": ["from"],
    "properties": {"from": {"type": "object", "minProperties": 1}},
}

NODE = {
    "from": said(table(ref("unit"), ref("name")), "What comes in, each source with its weight."),
    "bias": said(ref("name"), "The weight that is added; units may share it."),
    "activation": ACTIVATION,
}
SKIP_EDGE = {
    "from": said(ref("unit"), "The unit or input that it comes from."),
    "to": said(ref("unit"), "The unit that it leads to."),
    "weight": said(ref("name"), "The name of its weight."),
}
LAYER = {
    "name": said(
        {"type": ["string", "boolean"], "pattern": f"^{NAME}$"},
        "Units get it with 1, 2, ... behind it.",
    ),
    "units": said(
        ref("number") | {"minimum": 1, "maximum": MOST_UNITS, "multipleOf": 1},
        "How many units it has.",
    ),
    "activation": ACTIVATION,
    "weights": said(
        {"anyOf": [LEFT_OPEN, listing({"anyOf": [LEFT_OPEN, listing(CELL)]}, minItems=1)]},
        "A matrix with a row for each receiving unit: numbers, or names of weights, or random.",
    ),
    "bias": said(
        {"anyOf": [ref("name"), LEFT_OPEN, listing(CELL, minItems=1)]},
        "A bias for each unit, or the name of one that all share.",
    ),
    "from": said(
        listing(ref("unit"), uniqueItems=True),
        "What each unit reads; the layer before, or the inputs, unless given.",
    ),
}
FIGURE_KEYS = {
    "value": said(ref("formula"), "The printed number or formula."),
    "wrong": said(
        ref("text") | {"pattern": f"^{SLIP.pattern}$"}, "The mistake that it is known to come from."
    ),
}
QUANTITIES: Schema = {"pattern": f"^(?:{portable(FIGURE.pattern)})$"}
ABOVE = {
    "allOf": [ref("number")],
    "exclusiveMinimum": 0,
    "maximum": MOST_SPREAD,
    "not": {"type": "string", "pattern": r"^\s*(?:[-−]|\+?[\s0.]*(?:[eE/]|$))"},
}
POINTS = {
    "allOf": [ref("number")],
    "minimum": 0,
    "not": {"type": "string", "pattern": r"^\s*[-−]\s*[0.]*[1-9]"},
}


def initialisation(row: Initialisation) -> Schema:
    """One initialisation with its options."""
    keys = {
        "distribution": said({"const": row.name}, "Which initialisation."),
        **{
            option: said(ABOVE if option == row.spread else ref("number"), f"The {option}.")
            for option, _ in row.options
        },
        "seed": said(
            ref("number") | {"minimum": 0, "maximum": MOST_SEED, "multipleOf": 1},
            "Where the stream of random numbers starts; 0 unless given.",
        ),
    }
    required = [] if row.name == DEFAULT else ["distribution"]
    return closed(keys, keys, required=required)


SECTIONS: dict[str, Schema] = {
    "title": said(ref("text"), "What the sheet is called."),
    "topic": said(ref("text"), "What the network is an example of, in a word."),
    "about": said(ref("text"), "What it shows, in a sentence."),
    "source": said(ref("text"), "Where it comes from."),
    "inputs": said(
        GIVENS, "Known numbers that come in; names alone where data: gives the numbers."
    ),
    "targets": said(GIVENS, "What the outputs should be, one for each output."),
    "weights": said(NUMBERS, "What the update changes, each with its number before the step."),
    "biases": said(NUMBERS, "Weights that are added; they may stand under weights: too."),
    "constants": said(SEQUENCES, "Known numbers that are neither inputs nor weights."),
    "frozen": said(listing(ref("name")), "Weights that the update leaves alone."),
    "nodes": said(
        table(ref("unit"), closed(NODE_KEYS, NODE, anyOf=[COMES_IN, {"required": ["bias"]}])),
        "Units: each adds up what comes in and applies its activation; unit 0 gives z0 and h0.",
    ),
    "skip": said(
        listing(closed(SKIP_KEYS, SKIP_EDGE, required=list(SKIP_KEYS))),
        "Edges past units, each one more way into a unit.",
    ),
    "layers": said(
        listing(closed(LAYER_KEYS, LAYER, required=["name", "units", "weights"])),
        "Dense layers of units, each reading the one before.",
    ),
    "equations": said(
        table({"pattern": f"^(?:{LEFT_SIDE})$"}, ref("formula")),
        "One formula for each quantity, in any order.",
    ),
    "outputs": said(
        listing(ref("unit"), uniqueItems=True),
        "Units that the loss compares with the targets; those that nothing consumes unless given.",
    ),
    "loss": said(
        {"anyOf": [*words(PARAMETERS, POSITIVE), ref("formula")]},
        "What is to become small: a name, an expression, or the name of an equation.",
    ),
    "data": said(
        {
            "anyOf": [
                listing(SEQUENCES, minItems=1),
                ref("text") | {"pattern": r"^(?!\.{1,2}$)[^/\\:\x00]+$"},
            ]
        },
        "Samples such as {x: 1, y: -3}, or the name of a CSV file beside this one.",
    ),
    "reduction": said(
        {"enum": ["mean", "sum"]},
        "How the losses of several samples become one; mean unless given.",
    ),
    "learning_rate": said(ref("number"), "What the gradient is multiplied by in the update."),
    "optimizer": said(
        {
            "anyOf": [
                {"enum": [*OPTIMIZERS]},
                *(
                    closed(
                        ("name", *known_options(row)),
                        {
                            "name": said({"const": row.name}, "Which optimizer."),
                            **{
                                option: said(POINTS, f"The optimizer's {option}.")
                                for option in known_options(row)
                            },
                        },
                        required=["name"],
                    )
                    for row in OPTIMIZERS.values()
                ),
            ]
        },
        "The rule of the update: sgd unless given.",
    ),
    "regularisation": said(
        closed(
            PENALTIES,
            {each: said(POINTS, f"The factor of the {each} penalty.") for each in PENALTIES},
        ),
        "What the weights cost: l2 times their squares, l1 times their sizes, added to the loss.",
    ),
    "init": said(
        {"anyOf": [{"enum": [*INITIALISATIONS]}, *map(initialisation, INITIALISATIONS.values())]},
        "How weights given as random are drawn: normal with std 1 unless given.",
    ),
    "repeat": said(
        {
            "type": ["integer", "string"],
            "pattern": "^[1-9][0-9]{0,4}$",
            "minimum": 1,
            "maximum": MOST_STEPS,
        },
        "How many steps there are: each equation with [t] on its left side stands for each.",
    ),
    "conventions": said(
        closed(
            CONVENTIONS,
            {
                row.name: said(
                    ref("number"), f"{row.meaning.format('this')}; {row.default} unless given."
                )
                for row in CONVENTIONS.values()
            },
            type=["object", "null"],
        ),
        "What a derivative is where it has none.",
    ),
    "expect": said(
        table(
            QUANTITIES,
            {"anyOf": [ref("formula"), closed(FIGURE_KEYS, FIGURE_KEYS, required=["value"])]},
        ),
        "Printed answers, which check and the tests hold.",
    ),
    "points": said(table(QUANTITIES, POINTS), "What the answer to each quantity earns."),
}
"""Each key of a file and what may stand under it."""

WITH_DATA: Schema = {
    "if": {"required": ["data"]},
    "then": {"properties": {key: {"maxProperties": 0} for key in ("inputs", "targets")}},
    "else": {"properties": {key: {"maxItems": 0} for key in ("inputs", "targets")}},
}
"""Numbers stand under `inputs:` and `targets:`, or all of them under `data:`."""

NO_STEPS: Schema = {
    "propertyNames": {"pattern": r"^[^\[]*$"},
    "additionalProperties": {"not": {"type": "array"}},
}
WITH_REPEAT: Schema = {
    "if": {"not": {"required": ["repeat"]}},
    "then": {
        "properties": dict.fromkeys((*GIVEN_KEYS, "equations"), NO_STEPS)
        | {"data": {"items": NO_STEPS}}
    },
}
"""Only a file that repeats has names such as h[0] and a list of numbers for one of them."""


def schema() -> Schema:
    """The schema of a whole network file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A network file of backcalc",
        **closed(KEYS, SECTIONS, required=["loss"]),
        "allOf": [WITH_DATA, WITH_REPEAT],
        "$defs": DEFINITIONS,
    }


def written() -> str:
    """The schema as the text of its file."""
    return json.dumps(schema(), indent=2) + "\n"
