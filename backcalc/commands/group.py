"""The `backcalc` command itself: its subcommands, its errors, its exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from io import StringIO
from keyword import iskeyword
from typing import Any

import click

from backcalc.commands.interruption import arrived, ended, loading
from backcalc.commands.options import Closed, judged, say
from backcalc.errors import BackcalcError, BugError, did_you_mean
from backcalc.formats.terminal import columns, fitted
from backcalc.loading.document import INPUTS

VERSION = sys.modules["backcalc"].__version__  # loaded before any part of it
WIDEST = 100  # columns of a help text, however wide the terminal is
NARROWEST = 12  # columns, below which click's own layout breaks down
UNFORCED = ("0", "false", "no")  # what people set FORCE_COLOR to where they want no colours

GROUPS = {
    "Work a sheet": {
        "step": "working", "forward": "working", "backward": "working", "symbolic": "working",
        "jacobian": "verify", "shapes": "verify", "explain": "verify", "tangent": "verify",
        "hessian": "verify", "draw": "draw", "verify": "verify", "gradcheck": "verify",
    },
    "Check": {"check": "check", "lint": "check", "quiz": "session", "slips": "files"},
    "Hand out": {
        "worksheet": "worksheet", "variant": "worksheet", "report": "working", "export": "draw",
    },
    "Train": {"train": "train", "sweep": "train", "landscape": "train"},
    "Files and help": {
        "help": "files", "networks": "files", "errata": "files", "show": "files", "init": "files",
        "import": "imported", "schema": "files", "validate": "files",
    },
}  # fmt: skip
"""The commands by what they are for, each with the module that holds it, read when it is used."""

COMMANDS = {name: module for group in GROUPS.values() for name, module in group.items()}


class Page(click.HelpFormatter):
    """A help text whose explanations stand beside the options on narrow terminals too."""

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Options or commands, and what they are."""
        super().write_dl([*rows], max(min(col_max, self.width // 2 - 9), 1), col_spacing)


click.Context.formatter_class = Page


class Commands(click.Group):
    """The commands, in the order of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        if cmd_name not in COMMANDS:
            return None
        with loading():
            module = import_module(f"backcalc.commands.{COMMANDS[cmd_name]}")
        own = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(module, own)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = did_you_mean(args[0], COMMANDS)
            if hint is None:
                raise
            raise click.UsageError(f"{error.message}\nhint: {hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their first sentences, never cut."""
        for title, group in GROUPS.items():
            found = ((name, self.get_command(ctx, name)) for name in group)
            with formatter.section(title):
                formatter.write_dl(
                    [(name, each.get_short_help_str(limit=1000)) for name, each in found if each]
                )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise Closed(0) from None
        except KeyboardInterrupt:  # for which click would print an empty line
            raise click.Abort from None


FIRST = """\
backcalc works out the backward pass of a small network as you would on paper.

  backcalc step skip --lr 1      the whole sheet of a bundled network
  backcalc networks              all bundled networks; `backcalc show skip` prints one
  backcalc init skip             a network file to start from
  backcalc check skip sheet.md   mark a sheet that was worked by hand
  backcalc help                  the manual; `backcalc --help` lists the commands
"""
"""What `backcalc` alone says."""


@click.group(
    cls=Commands,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",  # releases of click differ in theirs
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(VERSION, prog_name="backcalc")
@click.option("--debug", is_flag=True, help="Show the traceback if backcalc has a bug.")
@click.pass_context
def backcalc(ctx: click.Context, debug: bool) -> None:
    """The backprop calculator that shows its work and checks yours.

    NETWORK is a YAML file, - for standard input, or the name of a bundled network
    (see `backcalc networks`). Results go to stdout, notes and errors to stderr.

    Exit status: 0 done, 1 a check failed, 2 bad usage or bad input, 3 undefined arithmetic,
    70 a bug; interrupted: 130 by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP.

    \b
    Shell completion: eval "$(_BACKCALC_COMPLETE=bash_source backcalc)"
    (or zsh_source, fish_source).
    """  # noqa: D301 - click reads the control character
    if ctx.invoked_subcommand is None:
        click.echo(FIRST, nl=False)


def run(arguments: list[str]) -> int:
    """Run one command; its exit status."""
    if os.environ.get("FORCE_COLOR") in UNFORCED:
        del os.environ["FORCE_COLOR"]  # rich would take any word for a yes
        os.environ["NO_COLOR"] = "1"
    if sys.stdout is None:
        return complain("cannot write the output: stdout is closed", 2)
    INPUTS.clear()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace", newline="\n")
    try:
        result = backcalc.main(
            arguments, prog_name="backcalc", standalone_mode=False,
            terminal_width=max(min(columns(sys.stdout) or 80, WIDEST) - 2, NARROWEST),
        )  # fmt: skip
        status = result if isinstance(result, int) else 0
        with judged(lambda: status):
            sys.stdout.flush()
        return status
    except BackcalcError as error:
        return complain(error, error.exit_status)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _interrupted()
    except click.ClickException as error:
        if sys.stderr is not None:  # click would take stdout
            shown, hints = StringIO(), [*_examples(error)]
            if isinstance(error, click.NoSuchOption) and hints:  # click's guess would mislead
                error = click.NoSuchOption(error.option_name, ctx=error.ctx)
            error.show(shown)
            for line in (*shown.getvalue().splitlines(), *hints):
                say("\n".join(fitted(line, sys.stderr)))
        return 2
    except Closed as closed:
        _leave_stdout()
        return closed.status
    except OSError as error:
        _leave_stdout()
        if arrived():  # the terminal is gone
            return _interrupted()
        return complain(f"cannot write the output: {error.strerror}", 2)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the user sees one line
        if arrived():  # a library has taken the signal for an error of its own
            return _interrupted()
        if "--debug" in arguments:
            sys.excepthook(*sys.exc_info())
        what = f"{type(error).__name__}: {str(error)[:200]}"
        said = "please report it with the network file and the output of `backcalc --debug ...`"
        return complain(f"this is a bug in backcalc: {what}\n{said}", BugError.exit_status)


ELSEWHERE = {
    "--points": "the file says what a line earns: ask: [{dL/dw0: 3}] or points: {dL/dw0: 3}",
    "--policy": "for no points on lines that follow from a mistake say --carry none",
}
"""What people look for, and where it is."""
MISSING = {
    "network": "name a network file, or one that comes along, such as skip",
    "answers": "name a sheet to be marked, a folder of them, or - for standard input",
}
"""What to write where it is missing."""


def _examples(error: click.ClickException) -> Iterable[str]:
    """Yield a hint where the network is missing, or what is asked for has another name."""
    option = ""
    if isinstance(error, click.NoSuchOption):
        option = error.option_name
    elif isinstance(error, click.BadParameter) and error.param:
        option = error.param.opts[0]
    if option in ELSEWHERE:
        yield f"hint: {ELSEWHERE[option]}"
    missing = error.param if isinstance(error, click.MissingParameter) else None
    if missing and missing.name in MISSING:
        yield f"hint: {MISSING[missing.name]}"


def _interrupted() -> int:
    """Say so, on a line of its own where the terminal has written ^C; the exit status."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return complain("\ninterrupted" if terminal else "interrupted", ended())


def _leave_stdout() -> None:
    """Send what is still waiting for a closed or full stdout nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str | BackcalcError, status: int) -> int:
    """Say what is wrong on stderr; the exit status."""
    say(message)
    return status
