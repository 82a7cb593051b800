"""The commands: parse options, call one function, show what comes back."""

from backcalc.commands.group import main

__all__ = ["main"]
