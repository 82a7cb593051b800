"""A person's own code run in a process of its own, which hands the network back as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from backcalc.errors import BackcalcError, did_you_mean, printable
from backcalc.importing.draft import Imported, ImportRequest
from backcalc.importing.tracing import INSTALL, from_module, in_short, library

QUIET = ("-W", "ignore:Failed to initialize NumPy")  # which PyTorch misses and nothing here needs
BOOT = "import sys; sys.path.append(sys.argv[1]); from backcalc.importing.child import main; main()"
SEED = 0  # what PyTorch draws weights with while the person's code runs


def imported_module(
    path: str, name: str, asked: dict[str, Any], tell: Callable[[str], None]
) -> Imported:
    """Run a Python file in a process of its own, and import the module of this name in it."""
    if find_spec("torch") is None:
        raise BackcalcError(INSTALL)
    if not os.path.isfile(path):
        raise BackcalcError(f"no such file: {path[:200]}")
    file = printable(os.path.basename(path))
    tell(f"running the code of {file}, in a process of its own, to get its network")
    request = json.dumps({"path": os.path.abspath(path), "name": name, **asked})
    root = str(Path(__file__).parent.parent.parent)
    done = subprocess.run(
        [sys.executable, "-X", "utf8", *QUIET, "-c", BOOT, root],
        input=request.encode(), stdout=subprocess.PIPE, check=False,
    )  # fmt: skip
    try:
        found = json.loads(done.stdout)
    except ValueError:
        message = f"{os.path.basename(path)} ended its process (exit status {done.returncode})"
        raise BackcalcError(message) from None
    if "error" in found:
        first, *others = [BackcalcError(message, hint=hint) for message, hint in found["error"]]
        raise first.beside(others)
    return Imported(found["text"], found["values"], found["gradients"], tuple(found["notes"]))


def main() -> None:
    """Import what stdin asks for; the answer goes to stdout, what the code prints to stderr."""
    request = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        found = _imported(**request)
        answered: dict[str, Any] = {
            "text": found.text, "values": found.values, "gradients": found.gradients,
            "notes": found.notes,
        }  # fmt: skip
    except BackcalcError as error:
        answered = {"error": [(each.message, each.hint) for each in (error, *error.others)]}
    with answer:
        json.dump(answered, answer)


def _imported(
    path: str, name: str, inputs: list[Any], targets: list[Any], loss: str | None, *,
    evaluate: bool, asked: dict[str, Any],
) -> Imported:  # fmt: skip
    library().manual_seed(SEED)
    code = _run(path)
    module = _module(code, path, name)
    if evaluate:
        module.train(False)
    measure: Any = loss
    if loss is not None and hasattr(code, loss) and callable(getattr(code, loss)):
        measure = getattr(code, loss)
        measure = measure() if isinstance(measure, type) else measure
    return from_module(module, inputs, targets, measure, ImportRequest(**asked))


def _run(path: str) -> Any:
    """Run a Python file as a module; raise BackcalcError, with the line, where it fails."""
    stem = os.path.splitext(os.path.basename(path))[0]
    spec = spec_from_file_location(stem, path)
    if spec is None or spec.loader is None:
        raise BackcalcError(f"{os.path.basename(path)} is no Python file")
    sys.path[0] = os.path.dirname(path)
    sys.argv[:] = [path]
    code = module_from_spec(spec)
    sys.modules[stem] = code
    return _tried(lambda: spec.loader.exec_module(code), path, "does not run") or code


def _tried(work: Any, path: str, what: str) -> Any:
    """What the person's code gives; BackcalcError where it fails in any way."""
    try:
        return work()
    except BackcalcError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it may fail in any way
        raise BackcalcError(f"{os.path.basename(path)} {what}: {in_short(error)}") from None


def _module(code: Any, path: str, name: str) -> Any:
    """The module of a name: itself, made by a class or a function; the only one without a name."""
    torch = library()
    kinds = (torch.nn.Module, type, type(_module))
    known = {key: value for key, value in vars(code).items()
             if isinstance(value, kinds)}  # fmt: skip
    if not name:
        found = [key for key, value in known.items() if isinstance(value, torch.nn.Module)]
        if len(found) != 1:
            listed = ", ".join(found) or "no module"
            file = os.path.basename(path)
            raise BackcalcError(f"{file} holds {listed}", hint=f"say which: {file}:net")
        (name,) = found
    if not hasattr(code, name):
        raise BackcalcError(f"{os.path.basename(path)} has no {name[:60]!r}",
                            hint=did_you_mean(name, known))  # fmt: skip
    module = getattr(code, name)
    if not isinstance(module, torch.nn.Module) and callable(module):
        module = _tried(module, path, f"cannot make {name}()")
    if not isinstance(module, torch.nn.Module):
        raise BackcalcError(f"{name} is no torch.nn.Module but {type(module).__name__}")
    return module
