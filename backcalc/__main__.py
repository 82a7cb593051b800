"""`python -m backcalc`."""

from backcalc.commands import main

main()
