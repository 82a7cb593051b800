"""`-o FILE`: what the file's name ends with decides the format, for every command that has it."""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from conftest import ROOT, mostly_swept

from backcalc.commands.group import COMMANDS, backcalc
from backcalc.formats import FILES, FORMATS, MARKS, PICTURES, READABLE, REPORTS, Format, png

ADA = str(ROOT / "tests" / "sheets" / "ada.tex")

WRITERS: dict[str, tuple[str, Mapping[str, Format]]] = {
    "step": ("step skip --lr 1", FORMATS),
    "forward": ("forward skip", FORMATS),
    "backward": ("backward skip", FORMATS),
    "symbolic": ("symbolic skip", FORMATS),
    "explain": ("explain skip dL/dw0", FORMATS),
    "jacobian": ("jacobian skip --of z2 --by x", FORMATS),
    "shapes": ("shapes skip", FORMATS),
    "tangent": ("tangent skip --by w0", FORMATS),
    "hessian": ("hessian skip", FORMATS),
    "gradcheck": ("gradcheck skip", FORMATS),
    "slips": ("slips", READABLE),
    "networks": ("networks --topic attention", FORMATS),
    "errata": ("errata skip", FORMATS),
    "verify": ("verify skip --no-torch", FORMATS),
    "report": ("report skip", REPORTS),
    "draw": ("draw skip", PICTURES),
    "worksheet": ("worksheet skip", READABLE),
    "check": (f"check skip {ADA}", MARKS),
    "lint": ("lint skip", MARKS),
    "train": ("train skip --lr 0.1 --epochs 2", FORMATS),
    "sweep": ("sweep skip --lr 0.1 --epochs 2", FORMATS),
    "landscape": ("landscape skip w0 w1 --size 2 --epochs 0", FORMATS),
    "export": ("export skip --to python", {"Python": FILES["Python"]}),
    "show": ("show skip", {"YAML": FILES["YAML"]}),
    "init": ("init skip", {"YAML": FILES["YAML"]}),
    "schema": ("schema", {"JSON": FILES["JSON"]}),
}
"""A line for each command with -o, and its formats."""

SUFFIXES = [(name, each) for name, (_, rows) in WRITERS.items()
            for row in rows.values() for each in row.suffixes if each != png.ENDING]  # fmt: skip
PICTURED = [name for name, (_, rows) in WRITERS.items() if "svg" in rows]
"""The commands whose files may be a PNG."""


def test_no_command_is_forgotten() -> None:
    context = click.Context(backcalc)
    commands = {name: backcalc.get_command(context, name) for name in COMMANDS}
    assert {*WRITERS, "variant", "import"} == {
        name
        for name, command in commands.items()
        if command and any("--output" in each.opts for each in command.params)
    }


@pytest.mark.parametrize(("name", "suffix"), mostly_swept(SUFFIXES[::3]))
def test_the_suffix_decides(name: str, suffix: str, run, tmp_path: Path) -> None:
    line, rows = WRITERS[name]
    meant = next(form for form, row in rows.items() if suffix in row.suffixes)
    target = tmp_path / f"out{suffix.upper()}"
    done = run(*line.split(), "-o", str(target))
    assert (done.exit_code < 2, done.stdout) == (True, "")
    assert target.stat().st_size > 0
    if rows is MARKS:  # the other commands' own tests compare theirs
        same = run(*line.split(), "--format", meant, "-o", str(tmp_path / f"same{suffix}"))
        assert same.exit_code == done.exit_code
        assert (tmp_path / f"same{suffix}").read_bytes() == target.read_bytes()


@pytest.mark.parametrize("name", WRITERS)
def test_an_unknown_suffix_lists_what_is_possible(name: str, run, tmp_path: Path) -> None:
    line, rows = WRITERS[name]
    done = run(*line.split(), "-o", "out.doc", cwd=tmp_path)
    assert done.exit_code == 2
    said, hint = done.stderr.splitlines()
    assert said.startswith("out.doc ends in '.doc', which is no format of ")
    assert hint.startswith("hint: known: ")
    for row in rows.values():
        assert all(suffix in hint for suffix in row.suffixes)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    "name", [name for name, (_, rows) in WRITERS.items() if len(rows) > 1 and name != "slips"]
)
def test_a_contradiction_names_both(name: str, run, tmp_path: Path) -> None:
    line, rows = WRITERS[name]
    form, (suffix, *_) = next((n, row.suffixes) for n, row in rows.items() if row.suffixes)
    other = next(each for each in rows if each != form)
    done = run(*line.split(), "--format", other, "-o", f"out{suffix}", cwd=tmp_path)
    said = f"out{suffix} would hold {other}, but its name means {form}"
    assert (done.exit_code, done.stderr.splitlines()[0]) == (2, said)
    assert [*tmp_path.iterdir()] == []


def test_a_pdf_is_printed_by_a_browser(run, tmp_path: Path) -> None:
    done = run("step", "skip", "-o", "out.pdf", cwd=tmp_path)
    assert done.stderr.endswith(".svg, .png; a browser prints the .html as a PDF\n")


def test_what_another_command_means_by_a_suffix_contradicts_too(run, tmp_path: Path) -> None:
    done = run("step", "skip", "--format", "json", "-o", "picture.svg", cwd=tmp_path)
    said = "picture.svg would hold json, but its name means svg\n"
    assert (done.exit_code, done.stderr.splitlines(keepends=True)[0]) == (2, said)


@pytest.mark.parametrize("option", ["--plot curve.pdf", "--history loss.json", "--save net.txt"])
def test_other_files_of_a_run_have_one_kind(option: str, run, tmp_path: Path) -> None:
    done = run("train", "skip", "--lr", "0.1", "--epochs", "2", *option.split(), cwd=tmp_path)
    assert done.exit_code == 2
    assert "which is no format of this command" in done.stderr
    assert [*tmp_path.iterdir()] == []


def test_a_class_in_one_page(run, tmp_path: Path) -> None:
    other = str(ROOT / "tests" / "sheets" / "a.txt")
    for name, start in (("class.html", "<!DOCTYPE html>"), ("class.tex", "% Compiles alone.")):
        assert run("check", "skip", ADA, other, "-o", name, cwd=tmp_path).exit_code == 1
        text = (tmp_path / name).read_text("utf-8")
        assert text.startswith(start)
        assert "ada.tex" in text.replace("\\", "")


# Pictures as PNG.

COPY = """
import sys
svg = open(sys.argv[1], encoding="utf-8").read()
assert svg.startswith("<svg ") and "paint-order" not in svg
open(sys.argv[2], "wb").write(bytes.fromhex("89504e470d0a1a0a") + svg.encode())
"""
"""A program that makes no PNG of an SVG, but what begins like one."""


def no_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("which", "find_spec"):
        monkeypatch.setattr(png, name, lambda _: None)


@pytest.mark.parametrize("name", PICTURED)
def test_a_png_is_the_svg_through_another_program(
    name: str, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_converter(monkeypatch)
    program = tmp_path / "copy.py"
    program.write_text(COPY, "utf-8")
    failing = png.Converter("nothing", (), "-c 1/0")
    copying = png.Converter("copy", (), f"{program} {{svg}} {{png}}")
    monkeypatch.setattr(png, "CONVERTERS", (failing, copying))
    monkeypatch.setattr(png.Converter, "command", lambda self: [sys.executable])
    line, _ = WRITERS[name]
    for ending in (".PNG", ".svg"):
        done = run(*line.split(), "-o", f"x{ending}", cwd=tmp_path)
        assert done.exit_code < 2
        told = "" if name in ("check", "lint") else f"x{ending} written\n"
        assert done.stderr.endswith(told)
    assert (tmp_path / "x.PNG").read_bytes().startswith(png.START)
    assert {each.name for each in tmp_path.iterdir()} == {"copy.py", "x.PNG", "x.svg"}


@pytest.mark.parametrize(
    "line",
    [
        "step skip --lr 1 -o x.png",
        "draw skip -o x.png",
        "train skip --lr 1 --epochs 2 --plot x.png",
        "landscape skip w0 w1 --plot x.png",
    ],
)
def test_without_a_program_one_line_says_what_to_install(
    line: str, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_converter(monkeypatch)
    done = run(*line.split(), cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "x.png needs one of these programs: rsvg-convert, Inkscape, Chromium, cairosvg,"
        " ImageMagick\nhint: `pip install cairosvg` is enough; or write an .svg, which any browser"
        " shows\n"
    )
    assert [*tmp_path.iterdir()] == []


@pytest.mark.sweep
@pytest.mark.parametrize("converter", png.CONVERTERS, ids=lambda each: each.name)
def test_each_program_draws_the_picture(converter: png.Converter, run) -> None:
    if not (command := converter.command()):
        pytest.skip(f"{converter.name} is not on this machine")
    svg = run("draw", "skip", "--format", "svg").stdout
    made = png._made(svg, command, converter.arguments)
    if not made and "convert" in command[0]:
        pytest.skip("this is another program of that name")
    assert made.startswith(png.START)
    size = [float(each) for each in png.SIZE.search(svg).groups()]
    shown = struct.unpack(">II", made[16:24])
    factor = 1 if converter.name == "ImageMagick" else 2  # which may not know --density for SVG
    assert [round(each * factor) for each in size] <= [*shown]
    assert len(made) > 5000  # an empty page is smaller
