"""Names of quantities as names in Python code: safe, unique, and as near as can be."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable


def identifier(name: str) -> str:
    """A name that Python reads as it is written.

    >>> identifier("z[2]"), identifier("dL/dw0"), identifier("lambda"), identifier("ŵ")
    ('z_2', 'dL_dw0', 'lambda_', 'ŵ')
    """
    text = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name).replace("]", ""))
    text = "".join(char if f"a{char}".isidentifier() else f"u{ord(char):x}" for char in text)
    if text.startswith("_") or not text.isidentifier():
        text = f"n{text}"  # a leading underscore means something to Python
    return f"{text}_" if keyword.iskeyword(text) else text


def identifiers(names: Iterable[str], reserved: Collection[str]) -> dict[str, str]:
    """Each name as an identifier of its own that hides nothing the code needs."""
    taken = {*reserved, *dir(builtins)}
    found: dict[str, str] = {}
    for name in names:
        if name not in found:
            own = identifier(name)
            while own in taken:
                own += "_"
            taken.add(own)
            found[name] = own
    return found
