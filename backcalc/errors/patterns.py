"""Regular expressions that are compiled when they are first used: of some 600 a sheet needs 100."""

from __future__ import annotations

import re
from typing import Any, cast


class _Waiting:
    """A pattern that has what a compiled one has, as soon as it is asked for it."""

    def __init__(self, text: str, flags: int) -> None:
        self._written = text, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._written)
        for each in dir(compiled):
            if not each.startswith("_"):
                setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression that is compiled at its first use.

    >>> regex(r"[0-9]+").findall("w1 and w22")
    ['1', '22']
    """
    return cast("re.Pattern[str]", _Waiting(text, flags))
