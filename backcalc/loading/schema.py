"""The JSON Schema of network files, made from the tables, so that an editor helps while one writes.

A schema sees one word at a time: a misspelt key or activation, a list where a number belongs. What
needs the whole file (names that nothing defines, shapes that do not fit) is for the loader to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from backcalc.equations.initial import RANDOM
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrix_reader import SPOKEN
from backcalc.formulas.parser import KEYWORDS, MAX_DIGITS, MAX_LENGTH, NUMBER, SPELLINGS
from backcalc.loading.definitions import PARAMETERS
from backcalc.loading.fields import ACTIVATIONS, DRAWN, MOST_LETTERS, RESERVED, Record
from backcalc.loading.sections import FIGURE, GIVEN_KEYS, MOST_SPREAD, NETWORK

Json = dict[str, Any]

FILE = "network.schema.json"  # name of the schema's file beside network files

# Patterns. Python and JavaScript both read them, so a letter is whatever is no known sign.

SIGNS = r"\x00-/:-@\[-^`{-\x7f" + "".join(sign for sign in SPELLINGS if not sign.isascii())
FIRST, REST, END = f"[^0-9{SIGNS}]", f"[^{SIGNS}]", f"[{SIGNS}]"
NO_DIGITS = r"(?!.*[\xb2\xb3\xb9\xbc-\xbe\u2070\u2074-\u2079\u2080-\u2089])"  # such as ½ and w₀


def portable(pattern: str) -> str:
    """A pattern of the parser in words that JavaScript knows too."""
    return pattern.replace("?P<name>", "?:").replace(r"[^\W\d]", FIRST).replace(r"\w", REST)


def none_of(words: Iterable[str]) -> str:
    """A pattern that stands where a word starts and refuses these."""
    return rf"(?!(?:{'|'.join(words)})(?!{REST}))"


NAME = f"{none_of(KEYWORDS)}{NO_DIGITS}{FIRST}{REST}{{0,{MOST_LETTERS - 1}}}"
AT_STEP = r"(?:\[(?:0|[1-9][0-9]{0,8})\])?"  # h[0], in a file that repeats
QUANTITY = f"{none_of(RESERVED)}{NAME}{AT_STEP}"
PLACE = rf"-?[0-9]{{1,9}}|{FIRST}{REST}*|-?[0-9]{{0,9}}\s*:\s*-?[0-9]{{0,9}}"
WRONG_INDEX = rf"\[(?!\s*(?:t\s*-\s*1|(?:{PLACE})(?:\s*,\s*(?:{PLACE}))*)\s*\])"
ONCE = rf"\s*{none_of(word for word in RESERVED if word not in 'LJ')}{NAME}\s*"  # or the loss
AT_ONE = rf"\s*{none_of(RESERVED)}{NAME}\s*\[\s*[0-9]{{1,9}}\s*\]\s*"
AT_EACH = rf"\s*{none_of(RESERVED)}{NAME}\s*\[\s*t\s*\]\s*"
LEFT_SIDE = f"(?:{ONCE}|{AT_ONE})(?:,(?:{ONCE}|{AT_ONE}))*|{AT_EACH}(?:,{AT_EACH})*"
UNKNOWN_CALL = rf"(?:^|{END}){none_of([*FUNCTIONS, *SPOKEN, *KEYWORDS])}{FIRST}{REST}*\s*\("
NO_PRODUCT = rf"(?:^|{END})[0-9]+(?:\.[0-9]*)?(?![eE][-+−]?[0-9]){FIRST}"  # 2x
STRANGE = r'"#$%&;?\\`{|}~'  # no formula holds these

DECIMAL = (
    rf"(?!0[0-9])(?![0-9.]{{{MAX_DIGITS + 1}}})(?![0-9.]*[eE][-+−]?[0-9]{{6}})"
    + NUMBER.pattern.replace("[+-]", "[-+−]")
)
ABOVE_0 = rf"(?=[0-9.]*[1-9]){DECIMAL}"
FRACTION = rf"\s*[-+−]?\s*{DECIMAL}(?:\s*/\s*{ABOVE_0})?\s*"
POSITIVE = rf"\s*\+?\s*{ABOVE_0}(?:\s*/\s*{ABOVE_0})?\s*"


def words(settings: Mapping[str, int], number: str) -> list[Json]:
    """A table's names, for an editor to complete, and the same with settings: `leaky_relu(0.2)`."""
    calls = (
        rf"{name}\s*\({number}(?:,{number}){{0,{count - 1}}}\)" if count else name
        for name, count in settings.items()
    )
    bare = "|".join(settings)
    pattern = rf"^\s*(?:{bare}|{'|'.join(calls)})\s*$"
    return [{"enum": list(settings)}, {"type": "string", "pattern": pattern}]


# Kinds of words. One that looks like a number or a boolean is a word all the same, though an
# editor may read it as one.

LETTERS = rf"{NAME}(?: ?[-+*] ?[A-Za-z0-9_]{{1,20}}){{0,9}}"  # a size in letters: n - k + 1

DEFINITIONS: dict[str, Json] = {
    "text": {"type": ["string", "number", "boolean"], "minLength": 1},
    "number": {
        "type": ["number", "string"], "pattern": f"^{FRACTION}$",
        "patternErrorMessage": "Numbers are written as 0.5, -3, 1/2 or 1e-3.",
    },
    "name": {
        "type": ["string", "boolean"], "pattern": f"^{QUANTITY}$",
        "patternErrorMessage": "A name is a letter or _, then letters, digits and _.",
    },
    "unit": {
        "type": ["string", "integer", "boolean"],
        "pattern": rf"^(?:[0-9]{{1,19}}|{NAME}(?:\[[0-9T]+\])?)$", "minimum": 0,
        "patternErrorMessage": "A unit is called by a number or a name.",
    },
    "matrix": {
        "type": "array", "minItems": 1,
        "items": {
            "anyOf": [{"$ref": f"#/$defs/{each}"} for each in ("number", "name", "matrix")]
            + [{"const": RANDOM}, {"type": "string", "pattern": f"^{LETTERS}$"}]
        },
    },
    "drawn": {"type": "string", "pattern": f"^{DRAWN.pattern}$"},
    "formula": {
        "type": ["string", "number", "boolean"], "minLength": 1, "maxLength": MAX_LENGTH,
        "patternErrorMessage": "A formula holds names, numbers, brackets and + - * / **.",
        "pattern": f"^[^{STRANGE}]*$",
        "not": {"type": "string", "pattern": f"{UNKNOWN_CALL}|{NO_PRODUCT}|{WRONG_INDEX}"},
    },
}  # fmt: skip
"""The kinds that stand in many places, under their names."""


def ref(name: str) -> Json:
    """The schema that stands for one of DEFINITIONS."""
    return {"$ref": f"#/$defs/{name}"}


KINDS: dict[str, Json] = {
    **{name: ref(name) for name in DEFINITIONS},
    "activation": {"anyOf": words(ACTIVATIONS, FRACTION)},
    "loss": {"anyOf": [*words(PARAMETERS, POSITIVE), ref("formula")]},
    "layer": {"type": ["string", "boolean"], "pattern": f"^{NAME}$"},
    "left side": {"pattern": f"^(?:{LEFT_SIDE})$"},
    "quantity": {"pattern": f"^(?:{portable(FIGURE.pattern)})$"},
    "points": {
        "allOf": [ref("number")], "minimum": 0,
        "not": {"type": "string", "pattern": r"^\s*[-−]\s*[0.]*[1-9]"},
    },
    "above 0": {
        "allOf": [ref("number")], "exclusiveMinimum": 0, "maximum": MOST_SPREAD,
        "not": {"type": "string", "pattern": r"^\s*(?:[-−]|\+?[\s0.]*(?:[eE/]|$))"},
    },
}  # fmt: skip
"""The schema of each `$kind` in the table of sections."""


def expanded(part: Any) -> Any:
    """The JSON Schema of a part of the table."""
    if isinstance(part, Record):
        return expanded(keyed(part))
    if callable(part):
        return expanded(part())
    if isinstance(part, list):
        return [expanded(each) for each in part]
    if not isinstance(part, dict):
        return part
    kind = KINDS[part["$kind"]] if "$kind" in part else {}
    return kind | {key: expanded(value) for key, value in part.items() if key != "$kind"}


def keyed(record: Record) -> Json:
    """A mapping with its keys, each with the sentence that an editor shows."""
    required = [key.name for key in record.keys.values() if key.required]
    return {
        "type": "object",
        "properties": {
            key.name: {"description": key.sentence, **expanded(key.schema)}
            for key in record.keys.values()
        },
        "additionalProperties": False,
        **({"required": required} if required else {}),
        **record.more,
    }


# What is to be seen only over several sections.

WITH_DATA: Json = {
    "if": {"required": ["data"]},
    "then": {"properties": {key: {"maxProperties": 0} for key in ("inputs", "targets")}},
    "else": {"properties": {key: {"maxItems": 0} for key in ("inputs", "targets")}},
}
"""Numbers stand under `inputs:` and `targets:`, or all of them under `data:`."""

NO_STEPS: Json = {"propertyNames": {"pattern": r"^[^\[]*$"}}
WITH_REPEAT: Json = {
    "if": {"not": {"required": ["repeat"]}},
    "then": {
        "properties": dict.fromkeys((*GIVEN_KEYS, "equations"), NO_STEPS)
        | {"data": {"items": NO_STEPS}}
    },
}
"""Only a file that repeats has names such as h[0]."""


def schema() -> Json:
    """Return the JSON Schema of a whole network file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A network file of backcalc",
        **expanded(NETWORK),
        "allOf": [WITH_DATA, WITH_REPEAT],
        "$defs": DEFINITIONS,
    }


def written() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(schema(), indent=2) + "\n"
