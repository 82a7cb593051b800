"""The files that come with backcalc: inside the package, or beside it in a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def bundled(ending: str = ".yaml") -> list[Path]:
    """The files with this ending, networks unless another is given."""
    from pathlib import Path  # it loads urllib, which a file given by its path does not need

    package = Path(__file__).parent.parent
    for folder in (package / "networks", package.parent / "networks"):
        if folder.is_dir():
            return sorted(folder.glob(f"*{ending}"))
    return []
