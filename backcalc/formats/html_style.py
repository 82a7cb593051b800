"""How an HTML sheet looks: tables that stack where they have no room; light, dark, on paper."""

STYLE = """
:root { --ink: #1b1f24; --paper: #fff; --faint: #59636e; --line: #d8dee4; --tint: #f4f6f8;
  --link: #0a58b0; --name: #1f4e8c; --mark: #fff4d6;
  --edge: #d9480f; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
:root { --ink: #e6e9ed; --paper: #14181d; --faint: #9aa4af; --line: #363d46; --tint: #1d232a;
  --link: #6cb2ff; --name: #a9cdf7; --mark: #3a3114;
  --edge: #ff9d66; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { max-width: 58rem; margin: 0 auto; padding: 1rem 1rem 4rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: .5rem 0 1rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem;
  border-bottom: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
ul { margin: .5rem 0; padding-left: 1.25rem; }
math { font-size: 1.12em; math-style: normal; }
math math { font-size: 1em; }
.link { line-height: 0; }
math a { color: var(--name); }
mtd { text-align: left; }
li { padding: .1rem 0; }
li span { white-space: nowrap; }
.long { display: inline-block; max-width: 100%; overflow-x: auto; overflow-y: hidden;
  vertical-align: middle; }
nav { padding: .5rem 1rem; background: var(--tint); border-radius: .5rem; }
nav h2 { font-size: 1rem; margin: .25rem 0; border: 0; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { padding: .15rem 0; }
nav .links { display: flex; flex-wrap: wrap; gap: .4rem 1rem; margin: .1rem 0 .3rem 1rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.drawn { margin-left: .75rem; font-size: .75rem; font-weight: normal; white-space: nowrap; }
.box { overflow-x: auto; margin: .75rem 0; }
.drawing { --room: min(100vw - 3.5rem, var(--wide)); width: max(100%, var(--room));
  margin-left: min(0px, (100% - var(--room)) / 2); }
.drawing svg { display: block; width: clamp(.75 * var(--wide), 100%, var(--wide));
  max-width: none; height: auto; }
.note { margin: .75rem 0; padding: .5rem .75rem; background: var(--mark);
  border-left: 4px solid var(--edge); border-radius: .25rem; }
table { border-collapse: collapse; }
th, td { padding: .4rem 1rem .4rem 0; text-align: left; vertical-align: middle;
  border-bottom: 1px solid var(--line); }
th { font-weight: normal; }
td:last-child { padding-right: .25rem; }
thead th { font-size: .85rem; color: var(--faint); white-space: nowrap; }
dd span { display: block; overflow-x: auto; overflow-y: hidden; padding: .1rem 0; }
section { margin: 1.25rem 0; padding: .25rem 0 .25rem 1rem; border-left: 3px solid var(--line); }
section h3 { margin: 0 0 .25rem; }
dl { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: .3rem .75rem; margin: 0;
  align-items: center; }
dt { font-size: .85rem; color: var(--faint); }
dd { margin: 0; min-width: 0; }
:target { background: var(--mark); }
"""

STACKED = """
CLASS, CLASS tbody, CLASS tr, CLASS td, CLASS tbody th { display: block; }
CLASS thead { display: none; }
CLASS tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
CLASS td, CLASS tbody th { padding: .15rem 0; border: 0; }
CLASS td { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); align-items: center; }
CLASS td > span { overflow-x: auto; overflow-y: hidden; padding: .1rem 0; }
CLASS td:empty { display: none; }
CLASS td::before { content: attr(data-head); font-size: .85rem; font-weight: normal;
  color: var(--faint); }
"""
"""A table's rows one below the other, each cell after its column's head."""


def _stacked(kind: str) -> str:
    return STACKED.replace("CLASS", f"table.{kind}")


STYLE += "".join(
    f"@media (max-width: {width}) {{{_stacked(kind)}}}\n"
    for kind, width in (
        ("slim", "20rem"),
        ("middling", "40rem"),
        ("wide", "42rem"),
        ("broad", "58rem"),
    )
) + _stacked("vast")
STYLE += """
@media (max-width: 40rem) {
  section { padding-left: .6rem; }
  dl { grid-template-columns: 5.5rem minmax(0, 1fr); gap: .3rem 0; }
  dt { line-height: 1.2; }
}
@page { margin: 16mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav, .drawn { display: none; }
  .drawing { width: auto; margin-left: 0; }
  .drawing svg { width: min(100%, var(--wide)); }
  a, math a { color: inherit; }
  .derivative h3 { display: none; }
  section { margin: .7rem 0; padding-top: 0; padding-bottom: 0; }
  dl { gap: .1rem .75rem; }
  h2 { margin: 1.5rem 0 .5rem; }
  table { font-size: 9.5pt; }
  .box, dd span, .long { overflow: visible; }
  h2, h3 { break-after: avoid; }
  section, tr, .note { break-inside: avoid; }
}
"""
