"""The commands: parse options, call one function, show what comes back."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False  # nothing is loaded before signals are answered
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    status = 130
    collects = gc.isenabled()
    gc.disable()  # a search for reference cycles takes a tenth of the start, and trees have none
    try:
        from backcalc.commands.interruption import answered, ended, loading

        try:
            with answered():
                with loading():
                    from backcalc.commands.group import run
                status = run(sys.argv[1:] if arguments is None else [*arguments])
        except KeyboardInterrupt:
            status = ended()
            raise
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("interrupted\n")
    finally:
        if collects:
            gc.enable()
    sys.exit(status)
