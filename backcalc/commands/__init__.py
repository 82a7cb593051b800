"""The commands: parse options, call one function, show what comes back."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # nothing is loaded before signals are answered
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    status = 130
    try:
        from backcalc.commands.interruption import answered, ended, loading

        try:
            with answered():
                with loading():
                    from backcalc.commands.group import run
                    from backcalc.loading.loader import collector_paused
                with collector_paused():
                    status = run(sys.argv[1:] if arguments is None else [*arguments])
        except KeyboardInterrupt:
            status = ended()
            raise
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("interrupted\n")
    sys.exit(status)
