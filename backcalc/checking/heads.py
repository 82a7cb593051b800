"""What a sheet says of itself: whose it is, and of which variant."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from backcalc.errors import BackcalcError, Place, printable
from backcalc.errors.patterns import regex
from backcalc.loading.document import LINE_END, Word
from backcalc.reading.quoted import TITLES
from backcalc.reading.tokens import blanked

GIVEN_NAMES = "pr(?:e\u0301?|é)nom|vorname|(?:first|given)[ _-]?name|nombre"
FAMILY_NAMES = "nom|nachname|(?:last|family)[ _-]?name|sur-?name|apellidos?|cognome"
HEAD_LINE = regex(
    r"(?:[ \t>*_%{#-]|\\[a-zA-Z]+\b)*(?P<word>name|variant|(?:full|student)[ _-]?name|students?"
    rf"|authors?|nome|(?P<given>{GIVEN_NAMES})|(?P<family>{FAMILY_NAMES}))"
    r"[ \t*_}~]*(?:=|:|:=)[ \t*_}~$]*(?P<value>.*)",
    re.IGNORECASE,
)
AUTHOR = regex(r"\\author\s*\{\s*([^{}\\]+)")
STUDENT_NUMBER = r"(?:student|matr|mat\.|immatr|id\b|no\b|nr\b)[^\n\d]{0,24}[\dO]{3,}"
NUMBERED = regex(
    r"(?m)^(?:[#%*_> \t]*|[^\n:=$]{0,40}?(?:[-–—:|,]+[ \t*_]*|[ ]{2,}|\t[ \t]*))"
    r"(?P<name>[^\W\d_a-z][^\W\d_]*(?:[ '’.-]{1,2}[^\W\d_]+){1,3})[*_]*"
    rf"(?:[\s,;/|(–—-]+(?i:{STUDENT_NUMBER})|(?:[ \t]*[,;/|(–—-][ \t]*|[ \t]+)[\dO]{{6,9}}\b)"
)
"""The line near the top that holds a name and behind it a student number."""
NUMBER_BEHIND = regex(
    rf"[\s,;/|(–—-]+(?:{STUDENT_NUMBER}.*|\d{{5,}}.*)|\s*[,;/|(]\s*group\b.*", re.IGNORECASE
)
"""What stands behind a name on its line: a student number, a group."""
IN_QUOTES = regex(r"^(\[?[\"'])(.*)[\"']\]?$")
NO_NAMES = regex(
    r"exerci|home|work|sheet|assign|back|forw|prop|net|neur|layer|pass|grad|updat|learn|lab|lect|task"
    r"|problem|quest|answer|solut|connect|part|report|course|week|intro|übung|aufgabe|blatt|devoir"
    r"|softmax|sigmoid|deriv|universit|calcul|hoja|feuille|ejerc|\b(?:relu|tanh|loss|chain|machine|deep"
    r"|data|group|team|seminar|dear|hello|everything|figures?|digits|page|scan|mail|empty|blank|photo"
    r"|oops|late|again|final|copy|draft|test|new|section|teil|schritt|step|case|variante?|version|methode?|option"
    r"|weights?|inputs?|outputs?|matrix|vector|bias|unit|vorwärts|rückwärts|hidden|graph|value|werte"
    r"|my|meine?|the|of|hallo|liebe[rs]?|bonjour|hola|ciao|prof|notes|notizen|abgabe|truth"
    r"|mean|errors?|terms?|batch|cell|recurrent|optimi[sz]er|momentum|table|toy|dead|good|entropy)\b"
    r"|regress|logist|linear|intellig|maschin|lern|kette|regel|rule|lösung|soluc|result|ergebn|rechn"
    r"|comput|exam|exempl|beispiel|ejempl|esempi|avant|arrière|adelante|avanti|mathem|inform|statist",
    re.IGNORECASE,
)
"""Words of a heading that is nobody's name."""
PERSON = regex(r"[^\W\d_a-z][^\W\d_]{1,30}(?:[ -][^\W\d_a-z][^\W\d_]{0,30}\.?){0,2}")
"""One to three words with capitals, the last ones perhaps as letters."""
SHEET = regex(
    r"(?:(?:my )?solutions? (?:to|of|for) )?(?:ex(?:ercises?|\.)?|problem set|sheet|hw|homework"
    r"|assignment|aufgabe|blatt|übung(?:sblatt)?|serie|hoja|ejercicio|feuille|exercice|tp|td|foglio|esercizio)"
    r"[ .:#-]*(?:no\.? *|nr\.? *)?\d",
    re.IGNORECASE,
)
"""What a course calls a sheet, with its number."""
SHEET_BEHIND = regex(rf" (?={SHEET.pattern})", re.IGNORECASE)
"""The blank before that, behind a name."""
DAY = regex(r"\d{1,4}[./-] ?\d{1,2}(?:[./-](?: ?\d{2,4})?)?")
"""A date in figures."""
WITH_INITIAL = regex(r"[^\W\d_a-z][^\W\d_]{1,30}(?:[ -][^\W\d_a-z][^\W\d_]{1,30})? [^\W\d_a-z]\.")
"""A given name or two, and the first letter of the family's: so nobody calls a section."""
NAME_BELOW = regex(r"\A[^\n]*\n\s*[^#\s][^\n=:]*(?:\n[ \t]*\n|\s*\Z)")
"""A first line, and below it one that is no heading and has nothing right below it."""
WIDE_INITIAL = regex(r"(?<=[^\W\d_]) {2,}(?=[^\W\d_a-z]\.(?: |$))")
"""The blanks between a name and such a letter, where they are several."""
ASIDE = regex(r"\((?:[^()\n]|\([^()\n]*\)){32,}\)")
"""Words in brackets that are too many for a name."""
BETWEEN = regex(r"[,;|/()·\t\u2002\u2003]|[ ]-{1,3}[ ]|[–—]|[ ]{2,}")
"""What stands between a title and a name."""
SIGNED = regex(
    r"^[ \t]*(?:(?:with )?(?:best|kind|warm)(?: regards| wishes)?|regards|cheers|thanks|thank you"
    r"|(?:(?:viele|liebe|beste|schöne|mit freundliche)n? )?gr(?:u|ü|ue)(?:ß|ss)(?:en?)?|lg|vg|danke"
    r"|saludos|un saludo|atentamente|cordialement|merci|saluti)"
    r"[,.! \t]*\n\s*(?P<name>[^\n]{2,60}?)[ \t]*(?=\n\s*(?:\n|>|--|\Z)|\s*\Z)",
    re.IGNORECASE | re.MULTILINE,
)
"""The greeting at the end of a letter, and the name below it."""
BY = regex(
    r"(?:.{0,60}\n)?.{0,60}\b(?:by|von|par|por|di):? (?P<name>[^\n,;|()]{2,60}?)[ \t]*(?=\n|,)"
)
"""The name behind `by` near the top."""
INTRODUCED = regex(
    r"\b(?i:my name is|mein name ist|ich hei(?:ß|ss)e|je m['’]appelle|mon nom est|me llamo"
    r"|mi nombre es|mi chiamo|meu nome é|mijn naam is|jag heter|nazywam się)[ \t*_]+"
    r"(?P<name>[^\W\d_a-z][^\W\d_]*"
    r"(?:(?:[ ](?:v[ao]n|de[rnl]?|d[aio]s?|la|el|al|bin|ten|zu))*[ '’-]{1,2}"
    r"[^\W\d_a-z][^\W\d_]*){0,3})"
)
"""The name in a sentence that introduces its author."""
AROUND = " \t*_}~$\\"
"""What may stand around such a line in Markdown and LaTeX."""

AFTER_NAME = regex(
    r"(?P<name>.+?)(?:[\s,;|&~*_{}]|\\[a-zA-Z]+)+variant[ea]?[\s:=#*_{}]*(?P<number>\d{1,9})",
    re.IGNORECASE,
)
"""A name with the variant on the same line."""
BEFORE_NAME = regex(
    r"(?P<number>\d{1,9})(?:[\s,;|&~*_{}]|\\[a-zA-Z]+)+name[\s:=*_{}]*(?P<name>.*)", re.IGNORECASE
)
"""The number of a variant with a name on the same line."""

QUOTED = regex(r'[ \t]*(?:"source": )?"(?P<inside>.*?)(?:\\n)?",?[ \t]*')
"""A line of a notebook's file."""

ALONE = regex(
    r"(?:(?:[ \t#>*_%{-]|\\[a-zA-Z]+\*?)*"
    r"|.*(?:[,;|(–—\t]|[-/:.!?] |--|[ ]{2}|\b(?:my|have|habe|with|mit) )[ \t*_]*"
    rf"|[ \t#*_]*{SHEET.pattern}\w{{0,3}} )"
    r"variant[ea]?(?: is)?[ \t:#*_,;-]{0,4}(?:n[or]\.? ?)?(?P<number>\d{1,9})"
    r"[ \t*_.})\\]*(?:(?:[,;:|/–—(·•]|-{1,3} |(?-i:(?<= )(?=[A-ZÀ-Þ]\S* [A-ZÀ-Þ])))[^=\d]{0,60})?",
    re.IGNORECASE,
)
"""A line near the top that only names the variant, beside a title or a name."""
IN_ROW = regex(r"^\|([ *_]*(?:name|variant)[ *_]*)\|([^|\n]*)\|[ \t]*$", re.IGNORECASE)
"""Such a word in the first of two cells of a row in Markdown."""
CELL_AFTER = regex(r"^(name|variant)[,;](?=[^,;])", re.IGNORECASE)
"""Such a word in the first cell of a row of CSV."""
TOP = 20  # lines
TOP_LETTERS = 600

MAIL = regex(
    r"\ufeff?\s*(?:(?:(?P<sender>From|Von|De)|To|Cc|Bcc|Subject|Date|Sent|Received|References|An"
    r"|Betreff|Datum|Gesendet|[A-Za-z]+(?:-[A-Za-z]+)+): [^\n]*\n(?:[ \t]+\S[^\n]*\n)*){2,}(?=\s)"
)
"""The lines above a mail, which state nothing of its sheet."""
SENDER = regex(r"^(?:From|Von|De): *[\"']?([^\"'<@=\n]*[^\s\"'<@=])[\"']?[ \t]*(?:<|$)", re.M)

POINTS_TABLE = regex(
    r"^[ \t|>]*(?:\\textit\{)?quantity\}?[ \t|&]+(?:\\textit\{)?result\}?[ \t|&]+"
    r"(?:\\textit\{)?points\b.*(?:\n(?![ \t\r]*$|\\end\{).*)*",
    re.MULTILINE,
)
"""The table of a key with the points of each line, whose results stand above it."""
POINTS_TITLE = regex(
    r"^[ \t#]*(?:\\subsection\*\{)?Points(?:: .{1,20} in all)?\}?[ \t\r]*$", re.MULTILINE
)
"""The heading above that table; a table of the same columns elsewhere is somebody's own."""
TITLE_ABOVE = 800  # characters

RESULTS = "results: exact, or rounded to"
FILL_IN = "numbers, fractions or formulas, as "
"""What worksheets and answers files print, by which they are known again."""

PRINTED_EQUATIONS = "Equations of the network"
"""A heading of worksheets, below which nobody answers anything."""
PRINTED = regex(
    rf"^\\subsection\*\{{{PRINTED_EQUATIONS}\}}.*\n(?:(?!\\).*\n)+"
    rf"|^[ \t#]*{PRINTED_EQUATIONS}[ \t\r]*\n(?:[─\- \t\r]*\n)*(?:.*[^\s].*(?:\n|\Z))+",
    re.MULTILINE,
)
"""That heading, and the lines up to the next command of LaTeX, or else to an empty one."""

BLANK = regex(
    r"(?<=[\w\])'$]) \(\d+(?:\.\d+)? points?\)(?=[\s*}])|_{6,}"
    r"|\$(?:\\displaystyle +)?(?:= )?\\rule\{0pt\}\{8mm\}\\underline\{\\hspace\{\d+[cm]m\}\}\$"
)
"""What stands beside a blank of a worksheet: its points, and what is left of its line."""
BLOCK = regex(
    r"^(?:\*\*|\\textbf\{)?(?P<name>\$[^$\n]+\$|\S+?)[ \t]*"
    r"(?:\*\*|\}(?:\\par\\(?:medskip|vspace\{-3mm\}))?)?[ \t]*\n"
    r"(?:[ \t|:-]*\n|[ \t|]*(?:formula|chain rule|numbers)\b.*\n|\{?\\(?:renew|begin).*\n){1,6}"
    r"(?P<word>[ \t|]*result[ \t|&]+)(?P<said>=[^\n|]*)\|?",
    re.MULTILINE,
)
"""A name in a worksheet, and below it the blanks for its lines; the last gives its value."""


def _named(block: re.Match[str]) -> str:
    """Such a block, its name before the value."""
    before, start, name = block[0], block.start("word") - block.start(), block["name"]
    return f"{before[:start]}{'  ' + name:{len(block['word']) - 1}} {block['said']}"


TITLED = regex(r", variant (\d{1,9})$")
NUMBER = regex(r"(?:variant[-\s]*)?(\d{1,9})", re.IGNORECASE)
LONGEST_NAME = 100
MAX_BYTES = 1_000_000  # of a sheet
BLANKS = ("", "?", "-", "–", "—", "null", "~", "...", "…")
"""What people leave where they have no answer."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a sheet says of itself."""

    name: str = ""
    """Whose it is."""
    variant: int | None = None
    """Of which variant it is."""
    otherwise: int | None = None
    """The variant that the name of its file tells, where that is another one."""
    place: Place | None = None
    """Where it says of which."""


WORDS = regex(r"[^\W\d_]{2,}(?:[ _.'’-]+[^\W\d_]+)+")
"""How a file or its folder is called that tells a name: in two words or more, with no number."""
NUMBERED_FILE = regex(r"\d{1,4}[ _.-]+([^\W\d_]{3,30})(?: ?\(\d+\))?\.\w{1,5}")
"""A file that is called by a number and one word, perhaps as a copy of it: 7_ada (1).txt."""
MOODLE = regex(r"([^_]+)_\d+_assignsubmission_(?:file|onlinetext)(?:_.*)?")
"""The folder or file in which Moodle hands out what a person has handed in."""


def named_by_file(file: str) -> str:
    """Return a file's name without its ending, or its folder's, where that may be a person's."""
    *_, folder, name = ("", *file.replace("\\", "/").split("/"))
    if moodle := MOODLE.fullmatch(folder) or MOODLE.fullmatch(name):
        return moodle[1]
    words = (name.partition(".")[0], folder)
    found = next((e for e in words if WORDS.fullmatch(e) and not NO_NAMES.search(e)), "")
    own = NUMBERED_FILE.fullmatch(name)
    return found or (own[1].title() if own and not NO_NAMES.search(own[1]) else "")


def person_in(file: str) -> str:
    """Return a title's guess at whose a file is: its name without numbers, or else its stem.

    >>> person_in("in/18_rosa (1).txt"), person_in("Ada Byron.md"), person_in("sheet_7.tex")
    ('Rosa', 'Ada Byron', 'sheet_7.tex')
    """
    return named_by_file(file) or file.replace("\\", "/").rpartition("/")[2]


def variant_in(title: str) -> int | None:
    """The number of a variant, which its network's title ends with.

    >>> variant_in("Skip connection, variant 7"), variant_in("Skip connection")
    (7, None)
    """
    match = TITLED.search(title)
    return int(match[1]) if match else None


def headed(text: str, file: str, known: Callable[[str], bool]) -> tuple[Head, str]:
    """What a sheet says of itself, and the sheet without that; `known` tells the quantities.

    A sheet whose line with the variant is gone may still have its title.
    """
    head, said = Head(), dict[str, str]()
    parts = {"given": "", "family": "", "whole": ""}
    lines = LINE_END.split(text)
    notebook = text.lstrip("\ufeff \t\r\n").startswith("{")
    for number, line in enumerate(lines, 1):
        quoted = QUOTED.fullmatch(line) if notebook else None
        inside = quoted["inside"] if quoted else line.lstrip("\ufeff")
        cells = CELL_AFTER.sub(r"\1:", inside) if file.lower().endswith(".csv") else inside
        cells = IN_ROW.sub(r" \1:\2 ", cells)
        match = HEAD_LINE.fullmatch(cells)
        word = match["word"].casefold() if match else ""
        if not match or known(match["word"]):
            continue
        start = line.index(inside)
        value = match["value"].rstrip(AROUND if cells == inside else AROUND + ",;")
        length = max(len(value), 1)
        place = Place(file, number, match.start("value") + start + 1, line, length)
        if word in ("name", "variant") and said.get(word, value) != value:
            where = place.moved(match.start("word") - match.start("value"), len(word))
            raise BackcalcError(f"{word!r} stands here a second time", where, "once will do")
        said.setdefault(word, value)
        pattern, other = (BEFORE_NAME, "name") if word == "variant" else (AFTER_NAME, "variant")
        both = pattern.fullmatch(value[: 2 * LONGEST_NAME])
        if both and not known(other):
            value = both["name"].rstrip(AROUND)
            said[other] = value if other == "name" else both["number"]
            head = replace(head, variant=int(both["number"]), place=place)
            word = "name"
        if word != "variant":
            value = json_text(value) if quoted else IN_QUOTES.sub(r"\2", value)
            part = "given" if match["given"] else "family" if match["family"] else "whole"
            parts[part] = parts[part] or ("" if value in BLANKS else value)
        elif value not in BLANKS:
            head = replace(head, variant=_number(Word(value, place)), place=place)
        blank = line.replace(inside, " " * len(inside), 1)
        text = text.replace(line, blank, 1)
    for names, values in pairwise(text.splitlines()[:TOP]) if not said else ():
        told = [re.split(r"[;,\t]", line.strip().casefold()) for line in (names, values)]
        row = dict(zip(*told, strict=False)) if len(told[0]) == len(told[1]) else {}
        if row.get("variant", "").strip().isdecimal():  # a table of Student and Variant
            head = replace(head, variant=int(row["variant"]))
            said["variant"] = row["variant"]
            text = text.replace(names, " " * len(names), 1).replace(values, " " * len(values), 1)
            at = next((n for n, word in enumerate(told[0]) if word in ("name", "student")), -1)
            parts["whole"] = re.split(r"[;,\t]", values)[at].strip() if at >= 0 else ""
            break
    if notebook and not said:  # it is all on one line
        inner, _ = headed(_first_cell(text), file, known)
        head, parts["whole"] = replace(head, variant=inner.variant, place=inner.place), inner.name
    name = parts.pop("whole") or " ".join(filter(None, parts.values()))
    if not name and (author := AUTHOR.search(text)):
        name = author[1].strip(AROUND)
    mail = MAIL.match(text)
    if mail and mail["sender"] and not name and (sender := SENDER.search(mail[0])):
        name = sender[1]
    if not name:
        top = _first_cell(text) if notebook else text[:TOP_LETTERS]
        name = _introduced(top) or _unlabelled(top, notebook) or _beside_title(top)
        name = name or ("" if notebook else _signed(text))
    name = NUMBER_BEHIND.sub("", name)
    head = replace(head, name=printable(name)[:LONGEST_NAME])
    title = _by_title(head, text, file)
    text = blanked(text, [mail.span()]) if mail and mail["sender"] else text
    if head.variant is None:
        head = title
    elif title.variant != head.variant:
        message = f"the sheet is of variant {head.variant} here and of variant {title.variant} in "
        hint = "keep the line that is right"
        raise BackcalcError(f"{message}its title", head.place, hint)
    return head, text


def _introduced(top: str) -> str:
    """The name that a sentence near the top tells: My name is Ada Byron."""
    match = INTRODUCED.search(top)
    return match["name"] if match and not NO_NAMES.search(match["name"]) else ""


def _unlabelled(top: str, notebook: bool) -> str:
    """The name that stands at the top of a sheet with nothing that says that it is one."""
    if (found := SENDER.search(top)) and found[0].endswith("<"):
        return found[1].strip()
    for each in NUMBERED.finditer(top):
        if not NO_NAMES.search(each["name"]):
            return each["name"]
    if notebook:
        for line in top.splitlines():
            if (named := HEAD_LINE.fullmatch(line)) and named["word"].casefold() != "variant":
                return named["value"].strip(AROUND)
    return ""


def _beside_title(top: str) -> str:
    """The name beside the number of the sheet on the first line, alone above it, or with a variant.

    The last may stand on the line below a title.
    """
    plain = re.sub(r"\\(?:section|title|chapter|textbf|begin\{center)\*?\{?|[#*{}]", " ", top)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("\\", "%", "```", "---"))][:2]
    for place, line in enumerate(lines):
        first = WIDE_INITIAL.sub(" ", ASIDE.sub(" ", line)).strip()
        first = first if BETWEEN.search(first) else SHEET_BEHIND.sub("  ", first)
        if place == 0 and WITH_INITIAL.fullmatch(first) and _may_be_name(first):
            return first.title()
        parts = [each.strip() for each in BETWEEN.split(first) if each.strip()]
        people = [each for each in parts if _may_be_name(each)]
        alone = " " in first and TITLES.isdisjoint(first.casefold().split())
        single = place == 0 and len(parts) == 1 and (alone or SHEET.match(lines[-1]))
        below = place == 1 and alone and SHEET.match(lines[0]) and NAME_BELOW.search(top)
        single = single or (len(parts) == 1 and bool(below))
        titles = (ALONE.fullmatch, SHEET.match, DAY.fullmatch)[: 1 if place else 3]
        titled = single or any(is_one(each) for each in parts for is_one in titles)
        if titled and len(people) == 1 and len(parts) <= 3:
            return people[0].title()
    return ""


def _signed(text: str) -> str:
    """The name below the greeting at the end of a letter, or behind `von` at its top."""
    match = SIGNED.search(text) or BY.match(text[:TOP_LETTERS])
    return match["name"].strip() if match and _may_be_name(match["name"]) else ""


def _may_be_name(text: str) -> bool:
    capitals = {word.isupper() for word in text.split() if len(word.strip(".")) > 1}  # TU Berlin
    return bool(PERSON.fullmatch(text.strip())) and not NO_NAMES.search(text) and len(capitals) < 2


def _first_cell(text: str) -> str:
    """The text of a notebook's first cell; nothing where it is none."""
    import json  # few sheets are notebooks

    try:
        source = json.loads(text.lstrip("\ufeff"))["cells"][0]["source"]
        return str(source if isinstance(source, str) else "".join(source))[:TOP_LETTERS]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def without_printed(text: str) -> str:
    """Return a sheet without what worksheet and key print: equations, points, empty blanks."""
    for pattern in (POINTS_TABLE, PRINTED, BLANK):
        spans = [found.span() for found in pattern.finditer(text)]
        if pattern is POINTS_TABLE:
            title = POINTS_TITLE.search
            spans = [each for each in spans if title(text, max(each[0] - TITLE_ABOVE, 0), each[0])]
        text = blanked(text, spans)
    return BLOCK.sub(_named, text)


def json_text(inside: str) -> str:
    """Return what stands inside the quotes of a JSON string; itself where it is none."""
    import json  # few sheets are notebooks

    try:
        return str(json.loads(f'"{inside}"'))
    except ValueError:
        return inside


def _number(value: Word) -> int:
    """The number behind `variant =`."""
    match = NUMBER.fullmatch(value.text.strip())
    if not match:
        message = f"{value.text[:60]!r} is not the number of a variant"
        raise BackcalcError(message, value.place, "write a line such as variant = 7")
    return int(match[1])


def _by_title(head: Head, text: str, file: str) -> Head:
    """The head with the variant of the comment that is a skeleton's title."""
    for number, line in enumerate(LINE_END.split(text), 1):
        title = line.strip('\ufeff \t",').removesuffix("\\n").removesuffix(": answers")
        titled = title.startswith(("#", "\\section", "\\title"))
        variant = variant_in(title.rstrip(AROUND)) if titled else None
        if variant is None and number <= TOP and (match := ALONE.fullmatch(title[:200])):
            variant = int(match["number"])
        if variant is not None:
            return replace(head, variant=variant, place=Place(file, number, 1, line, len(line)))
    return head
