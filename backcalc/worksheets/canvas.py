"""Variants as a Canvas quiz: a group for each line, from which one variant is drawn.

Canvas keeps the tolerance of a number only in QTI 1.2, in the dialect that it exports itself.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape

from backcalc.worksheets.qti import CONTENT, HEAD, check_sizes, zipped
from backcalc.worksheets.questions import Handout, Question

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"


def files(handout: Handout) -> dict[str, bytes]:
    """Write the package; raises BackcalcError for an answer that Canvas would take for 0."""
    check_sizes(handout)
    groups = "\n".join(_group(*group) for group in handout.lines.items())
    quiz = f"""{HEAD}<questestinterop xmlns="{QTI}">
  <assessment ident="quiz" title="{escape(handout.title)}">
    <section ident="root_section">
{groups}
    </section>
  </assessment>
</questestinterop>
"""
    manifest = f"""{HEAD}<manifest xmlns="{CONTENT}" identifier="package">
  <metadata>
    <schema>IMS Content</schema>
    <schemaversion>1.1.3</schemaversion>
  </metadata>
  <organizations/>
  <resources>
    <resource identifier="quiz" type="imsqti_xmlv1p2">
      <file href="quiz/quiz.xml"/>
    </resource>
  </resources>
</manifest>
"""
    return {"canvas.zip": zipped({"imsmanifest.xml": manifest, "quiz/quiz.xml": quiz})}


def _group(line: str, questions: list[Question]) -> str:
    """Return the questions of a line, of which Canvas draws one for each person."""
    items = "\n".join(map(_item, questions))
    return f"""\
      <section ident="line-{line[:3]}" title="{escape(line)}">
        <selection_ordering>
          <selection>
            <selection_number>1</selection_number>
            <selection_extension>
              <points_per_item>{questions[0].points}</points_per_item>
            </selection_extension>
          </selection>
        </selection_ordering>
{items}
      </section>"""


def _item(question: Question) -> str:
    kind = "short_answer_question" if question.spellings else "numerical_question"
    kind = "multiple_choice_question" if question.choices else kind
    fields = {"question_type": kind, "points_possible": question.points}
    metadata = "".join(
        f"<qtimetadatafield><fieldlabel>{label}</fieldlabel><fieldentry>{entry}</fieldentry>"
        "</qtimetadatafield>"
        for label, entry in fields.items()
    )
    return f"""\
        <item ident="{question.identifier}" title="{escape(question.title)}">
          <itemmetadata><qtimetadata>{metadata}</qtimetadata></itemmetadata>
          <presentation>
            <material><mattext texttype="text/html">{escape(question.text)}</mattext></material>
{_response(question)}
          </presentation>
          <resprocessing>
            <outcomes>
              <decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/>
            </outcomes>
            <respcondition continue="No">
              <conditionvar>
{_condition(question)}
              </conditionvar>
              <setvar action="Set" varname="SCORE">100</setvar>
            </respcondition>
          </resprocessing>
        </item>"""


def _response(question: Question) -> str:
    """Return the field, or the answers from which one is chosen."""
    if question.choices:
        labels = "\n".join(
            f'                <response_label ident="{escape(each)}"><material>'
            f'<mattext texttype="text/plain">{escape(each)}</mattext></material></response_label>'
            for each in question.choices
        )
        return f"""\
            <response_lid ident="response1" rcardinality="Single">
              <render_choice>
{labels}
              </render_choice>
            </response_lid>"""
    return f"""\
            <response_str ident="response1" rcardinality="Single">
              <render_fib{' fibtype="Decimal"' * (not question.spellings)}>\
<response_label ident="answer1"/></render_fib>
            </response_str>"""


def _condition(question: Question) -> str:
    """Return what is right: one of several texts, or the value and what lies in its bounds."""
    if question.spellings:
        return "\n".join(
            f'                <varequal respident="response1">{escape(each)}</varequal>'
            for each in question.spellings[: 1 if question.choices else None]
        )
    least, most = question.bounds
    return f"""\
                <or>
                  <varequal respident="response1">{Decimal(question.value):f}</varequal>
                  <and>
                    <vargte respident="response1">{least}</vargte>
                    <varlte respident="response1">{most}</varlte>
                  </and>
                </or>"""
