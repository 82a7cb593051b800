"""Run backcalc and note what it touches besides its output.

python watched.py NOTES ARGUMENTS...
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = {
    "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink",
    "os.truncate", "os.utime",
}  # fmt: skip
LEAVING = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "urllib.")

written: set[str] = set()
left: list[str] = []


def watch(event: str, args: tuple[Any, ...]) -> None:
    """Note a path that is written or changed, a process that is started, a socket that is made."""
    changes = event in CHANGING or (event == "open" and (args[2] or 0) & WRITING)
    if changes and isinstance(args[0], (str, bytes)):
        written.add(os.path.realpath(os.fsdecode(args[0])))
    elif event.startswith(LEAVING):
        left.append(f"{event} {args}")


def main() -> None:
    notes = sys.argv.pop(1)
    sys.addaudithook(watch)
    try:
        runpy.run_module("backcalc", run_name="__main__", alter_sys=True)
    finally:
        modules = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
        found = {"written": sorted(written), "left": left, "modules": sorted(modules)}
        with open(notes, "w", encoding="utf-8") as file:
            json.dump(found, file)


if __name__ == "__main__":
    main()
