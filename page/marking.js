// A sheet that somebody worked by hand, marked by `check`.

import { at, made, show } from "./html.js";
import { call, run } from "./python.js";
import { file, settings } from "./state.js";

const COPIES = "marked"; // the folder of the marked copies
const LONGEST = 60; // letters of a file's name

let name = "sheet"; // of the file; what it ends with says which kind of document it is
let bytes = null; // its content, where it is no text

/** Take a file that was dropped or chosen, and mark it. */
async function take(given) {
  name =
    given.name
      .replace(/[^\p{L}\p{N}._-]/gu, "_")
      .slice(-LONGEST)
      .replace(/^[.-]+/, "") || "sheet";
  if (/\.csv$|^network\.yaml$/.test(name)) name = `sheet-${name}`; // those names are the network's
  const content = new Uint8Array(await given.arrayBuffer());
  try {
    at("answers").value = new TextDecoder("utf-8", { fatal: true }).decode(content);
    bytes = null;
  } catch {
    at("answers").value = "";
    bytes = content;
  }
  at("opened").textContent = given.name;
  await mark();
}

async function mark() {
  const marked = at("marked");
  if (!bytes && !at("answers").value.trim()) {
    marked.replaceChildren(
      made("p", { textContent: "There is nothing to check yet: paste your sheet above." }),
    );
    return at("answers").focus();
  }
  marked.setAttribute("aria-busy", "true");
  await call("keep", name, bytes ? [...bytes] : at("answers").value);
  const done = await run("check", file(), name, ...settings(), "--feedback", COPIES, "--force");
  const copy = await call("read", `${COPIES}/${name}.html`);
  marked.removeAttribute("aria-busy");
  if (copy.trouble)
    marked.replaceChildren(made("pre", { className: "trouble", textContent: done.stderr }));
  else show(marked, copy, "marked");
  at("opened").textContent = marked.querySelector("h1")?.textContent ?? "";
}

at("mark").addEventListener("click", mark);
at("answers").addEventListener("input", () => {
  bytes = null;
});
at("answers").addEventListener("paste", ({ target }) => {
  const whole = target.selectionEnd - target.selectionStart === target.value.length;
  if (whole) name = "sheet"; // of which kind it is, what was pasted says
});
at("open").addEventListener("change", () => {
  if (at("open").files[0]) take(at("open").files[0]);
});
const panel = at("check");
panel.addEventListener("dragover", (event) => {
  event.preventDefault();
  panel.classList.add("over");
});
panel.addEventListener("dragleave", () => panel.classList.remove("over"));
panel.addEventListener("drop", (event) => {
  event.preventDefault();
  panel.classList.remove("over");
  if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  else at("answers").value = event.dataTransfer.getData("text");
});
