"""The part of QTI 2.1 that packages use, as a table: what stands where, with which attributes.

Written from the facts in the schemas of IMS, imsqti_v2p1.xsd (31 July 2012) and imscp_v1p1.xsd,
and from the rules on identifiers that stand beside the first. A question may hold more than we
write; what is not in the table is refused here.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
CONTENT = "http://www.imsglobal.org/xsd/imscp_v1p1"

NAME = r"[^\W\d][\w.·-]*"
NUMBER = r"\s*([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|-?INF|NaN)\s*"
BASE = "boolean|directedPair|duration|file|float|identifier|integer|pair|point|string|uri"
TYPES = {
    "text": r"(?s).*", "name": NAME, "whole": r"[+-]?\d+", "yes": "true|false|1|0",
    "address": r"[^\s<>\"{}|\\^`]*", "base": BASE, "how many": "single|multiple|ordered|record",
    "moves": "linear|nonlinear", "submits": "individual|simultaneous", "empty": r"\s*",
    "number": NUMBER,
}  # fmt: skip
"""Kinds of text, each with a pattern that the whole of it fits."""

WORDS = "(b|i|em|strong|br|sub|sup|span|code|img|textEntryInteraction)"
BLOCKS = "(p|div|table|pre|ul|ol|hr|blockquote|choiceInteraction)"
TEST = "(and|or|not|gt|lt|gte|lte|equal|match|stringMatch|variable|baseValue|correct)"
RULE = "(responseCondition|setOutcomeValue|exitResponse)"

ELEMENTS: dict[str, tuple[str, str, str]] = {
    "assessmentItem": (("responseDeclaration* outcomeDeclaration* templateDeclaration*"
                       " templateProcessing? stylesheet* itemBody? responseProcessing?"
                       " modalFeedback*"), "empty",
                       "identifier=text title=text adaptive=yes timeDependent=yes label=text?"),
    "responseDeclaration": ("defaultValue? correctResponse? mapping? areaMapping?", "empty",
                            "identifier=name cardinality=how_many baseType=base?"),
    "outcomeDeclaration": ("defaultValue? (matchTable|interpolationTable)?", "empty",
                           "identifier=name cardinality=how_many baseType=base?"),
    "correctResponse": ("value+", "empty", "interpretation=text?"),
    "defaultValue": ("value+", "empty", "interpretation=text?"),
    "value": ("", "text", "fieldIdentifier=name? baseType=base?"),
    "itemBody": (f"(rubricBlock|{BLOCKS})*", "empty", "id=name? class=text? label=text?"),
    "p": (f"{WORDS}*", "text", "id=name? class=text? label=text?"),
    "b": (f"{WORDS}*", "text", "id=name? class=text? label=text?"),
    "br": ("", "empty", "id=name? class=text? label=text?"),
    "table": ("caption? col* colgroup* thead? tfoot? tbody+", "empty", "id=name? summary=text?"),
    "tbody": ("tr+", "empty", "id=name? class=text?"),
    "tr": ("(td|th)+", "empty", "id=name? class=text?"),
    "td": (f"({WORDS}|{BLOCKS})*", "text", "id=name? rowspan=whole? colspan=whole?"),
    "textEntryInteraction": ("", "empty", ("responseIdentifier=name base=whole?"
                             " stringIdentifier=name? expectedLength=whole? patternMask=text?")),
    "choiceInteraction": ("prompt? simpleChoice+", "empty",
                          "responseIdentifier=name shuffle=yes maxChoices=whole minChoices=whole?"),
    "simpleChoice": (f"({WORDS}|{BLOCKS})*", "text", "identifier=name fixed=yes?"),
    "responseProcessing": (f"{RULE}*", "empty", "template=address? templateLocation=address?"),
    "responseCondition": ("responseIf responseElseIf* responseElse?", "empty", ""),
    "responseIf": (f"{TEST} {RULE}*", "empty", ""),
    "and": (f"{TEST}+", "empty", ""), "or": (f"{TEST}+", "empty", ""),
    "gte": (f"{TEST} {TEST}", "empty", ""), "lte": (f"{TEST} {TEST}", "empty", ""),
    "stringMatch": (f"{TEST} {TEST}", "empty", "caseSensitive=yes substring=yes?"),
    "match": (f"{TEST} {TEST}", "empty", ""), "correct": ("", "empty", "identifier=name"),
    "variable": ("", "empty", "identifier=name weightIdentifier=name?"),
    "baseValue": ("", "text", "baseType=base"),
    "setOutcomeValue": (f"{TEST}", "empty", "identifier=name"),
    "assessmentTest": (("outcomeDeclaration* timeLimits? stylesheet* testPart+ outcomeProcessing?"
                       " testFeedback*"), "empty", "identifier=text title=text toolName=text?"),
    "testPart": (("preCondition* branchRule* itemSessionControl? timeLimits?"
                 " (assessmentSection|assessmentSectionRef)+ testFeedback*"), "empty",
                 "identifier=name navigationMode=moves submissionMode=submits"),
    "assessmentSection": (("preCondition* branchRule* itemSessionControl? timeLimits? selection?"
                          " ordering? rubricBlock*"
                          " (assessmentItemRef|assessmentSection|assessmentSectionRef)*"), "empty",
                          "identifier=name title=text visible=yes required=yes? fixed=yes?"),
    "selection": ("", "empty", "select=whole withReplacement=yes?"),
    "assessmentItemRef": (("preCondition* branchRule* itemSessionControl? timeLimits?"
                          " variableMapping* weight* templateDefault*"), "empty",
                          "identifier=name href=address required=yes? fixed=yes? category=text?"),
    "manifest": ("metadata? organizations resources manifest*", "empty", "identifier=name"),
    "metadata": ("schema? schemaversion?", "empty", ""), "schema": ("", "text", ""),
    "schemaversion": ("", "text", ""), "organizations": ("organization*", "empty", ""),
    "resources": ("resource*", "empty", ""),
    "resource": ("metadata? file* dependency*", "empty", "identifier=name type=text href=address?"),
    "file": ("metadata?", "empty", "href=address"),
    "dependency": ("", "empty", "identifierref=name"),
}  # fmt: skip
"""For each element what it holds in which order, what its own text is, and its attributes.

`?` is at most one, `*` any number, `+` one or more; an attribute without `?` is required.
"""


def faults(root: ElementTree.Element) -> list[str]:
    """Return what a document breaks, an item, a test or a manifest; nothing where it is valid."""
    space = CONTENT if root.tag.endswith("}manifest") else QTI
    found = [fault for node in root.iter() for fault in _of(node, f"{{{space}}}")]
    names = [node.get("identifier") for node in root.iter() if _tag(node) in UNIQUE]
    found += [f"{name} names two parts" for name in {*names} if names.count(name) > 1]
    declared = {node.get("identifier") for node in root.iter() if "Declaration" in node.tag}
    for node in root.iter():
        used = node.get("responseIdentifier") or node.get("identifier")
        if _tag(node) in USES and used not in declared:
            found.append(f"{_tag(node)} uses {used}, which is not declared")
    return found


UNIQUE = {"assessmentTest", "testPart", "assessmentSection", "assessmentItemRef", "resource"}
USES = {"textEntryInteraction", "choiceInteraction", "variable", "correct", "setOutcomeValue"}


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _of(node: ElementTree.Element, space: str) -> list[str]:
    """What one element breaks."""
    tag = _tag(node)
    if not node.tag.startswith(space) or tag not in ELEMENTS:
        return [f"{node.tag} is not known"]
    holds, text, attributes = ELEMENTS[tag]
    inside = "".join(f"<{_tag(each)}>" for each in node)
    pattern = re.sub(r"\w+", r"(?:<\g<0>>)", holds).replace(" ", "")
    found = [] if re.fullmatch(pattern, inside) else [f"{tag} holds {inside}, not {holds}"]
    own = "".join([node.text or "", *(each.tail or "" for each in node)])
    found += [] if re.fullmatch(TYPES[text], own) else [f"{tag} holds the text {own.strip()!r}"]
    if node.get("baseType", "").startswith("float") and not re.fullmatch(NUMBER, node.text or ""):
        found += [f"{tag} is no number: {node.text!r}"] if tag == "baseValue" else []
    known = dict(each.split("=") for each in attributes.split())
    for name, kind in known.items():
        value, wanted = node.get(name), TYPES[kind.rstrip("?").replace("_", " ")]
        if value is None and not kind.endswith("?"):
            found.append(f"{tag} has no {name}")
        elif value is not None and not re.fullmatch(wanted, value):
            found.append(f"{name} of {tag} is {value!r}")
    return found + [f"{tag} has {name}" for name in node.attrib if name not in known]
