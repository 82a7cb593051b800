"""`python -m backcalc`."""

from backcalc.commands import main

if __name__ == "__main__":
    main()
