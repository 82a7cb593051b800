"""Completion in a real bash: files, bundled networks, quantities, topics, mistakes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete
from conftest import HANGS, ROOT

from backcalc.commands.completion import KINDS, completed
from backcalc.commands.group import backcalc

BASH = shutil.which("bash")

SCRIPT = r"""
eval "$(_BACKCALC_COMPLETE=bash_source backcalc)"
while IFS= read -r line; do
  COMP_LINE=$line; COMP_POINT=${#line}; read -ra COMP_WORDS <<< "$line"
  [[ $line == *" " ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
  _backcalc_completion backcalc 2>/dev/null
  printf '%s\t' "$line" "${COMPREPLY[@]}"; echo
done
"""
LINES = {
    "backcalc st": ["step"],
    "backcalc step ski": ["skip", "skip_bias", "skip_equations"],
    "backcalc step own/so": ["own/some/net.yaml", "own/some/other.yml"],
    "backcalc step skip --set w0": ["w0=1/2"],
    "backcalc step skip --wrt w": ["w0", "w1", "w2", "ws"],
    "backcalc explain skip dL/dw": ["dL/dw2", "dL/dws", "dL/dw1", "dL/dw0"],
    "backcalc explain own/some/net.yaml dL/dv": ["dL/dvery_own"],
    "backcalc help sp": ["speed"],
    "backcalc slips path-d": ["path-dropped"],
    "backcalc init cn": ["cnn"],
    "backcalc train xor --optimizer ad": ["adagrad", "adam", "adamw"],
    "backcalc check skip ret": ["returned.tex"],
    "backcalc explain nosuch dL/": [],
    "backcalc jacobian skip --of z": ["z0", "z1", "z2"],
    "backcalc hessian skip --by w0,w": ["w0,w0", "w0,w1", "w0,w2", "w0,ws"],
    "backcalc networks --topic re": ["recurrent", "regression", "residual"],
    "backcalc variant skip --allow dead,k": ["dead,kink"],
    "backcalc import own/some/": [],
}


IN_BASH = ("backcalc step own/so", "backcalc step skip --set w0", "backcalc explain skip dL/dw",
           "backcalc check skip ret", "backcalc slips path-d")  # fmt: skip
"""What goes through a real shell: each starts the command anew."""


@pytest.mark.parametrize("line", LINES)
def test_what_is_completed(line: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder(tmp_path))
    *words, incomplete = line.split(" ")
    completing = BashComplete(backcalc, {}, "backcalc", "_BACKCALC_COMPLETE")
    found = completing.get_completions(words[1:], incomplete)
    assert sorted(each.value for each in found) == sorted(LINES[line])


def folder(path: Path) -> Path:
    """A folder with a network file, and sheets with names that a shell may trip over."""
    (path / "own" / "some").mkdir(parents=True)
    text = "inputs: {x: 1}\nweights: {very_own: 1}\ntargets: {y: 0}\n"
    text += "equations: {yhat: very_own*x}\noutputs: [yhat]\nloss: l2\n"
    for name in ("net.yaml", "other.yml", "notes.txt"):
        (path / "own" / "some" / name).write_text(text, "utf-8")
    (path / "returned.tex").write_text("", "utf-8")
    (path / "returned $(touch hit) it's.tex").write_text("", "utf-8")
    tool = path / "bin" / "backcalc"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m backcalc "$@"\n', "utf-8")
    tool.chmod(0o755)
    return path


@pytest.mark.sweep
@pytest.mark.skipif(BASH is None, reason="bash is not on this machine")
def test_in_bash(tmp_path: Path) -> None:
    home = folder(tmp_path)
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(BASH), "--norc", "-c", SCRIPT], input="".join(f"{line}\n" for line in IN_BASH),
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}, cwd=home,
        capture_output=True, text=True, check=False, timeout=HANGS,
    )  # fmt: skip
    assert done.stderr == ""
    found = [line.rstrip("\t").split("\t") for line in done.stdout.splitlines()]
    assert {line: sorted(words) for line, *words in found} == {
        line: sorted(LINES[line]) for line in IN_BASH
    }
    assert not (home / "hit").exists()


def test_every_kind_is_used_and_every_name_of_a_file_is_safe(tmp_path: Path, monkeypatch) -> None:
    home = folder(tmp_path)
    monkeypatch.chdir(home)
    for command in backcalc.list_commands(click.Context(backcalc)):
        context = click.Context(backcalc, info_name=command)
        context.params["network"] = "xor"
        for kind in KINDS:
            words = completed(kind, context, "")
            assert len(words) == len(set(words))
            assert not [word for word in words if " " in word or "'" in word or "$" in word]
        break
    for name in ("nosuch", "-", str(home / "own"), None):
        context.params["network"] = name
        assert completed("quantities", context, "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, run) -> None:
    script = run(env={"_BACKCALC_COMPLETE": f"{shell}_source"}).stdout
    assert f"{shell}_complete" in script
