// The quiz: what `backcalc quiz` says, line by line.

import { at, made } from "./html.js";
import { call } from "./python.js";
import { changes, file, state } from "./state.js";

let prompt = "";

/** Leave the quiz, as another network has been chosen. */
export function close() {
  at("asked").hidden = true;
  at("prompt").textContent = prompt = "";
  at("begin").textContent = "Begin the quiz";
}

async function begin() {
  const { said, prompt: asked, trouble } = await call("quiz", file(), changes(), state.rate);
  at("asked").hidden = false;
  at("begin").textContent = "Begin again";
  at("told").replaceChildren(made("div", {}, made("pre", { textContent: trouble ?? said })));
  ask(trouble ? "" : asked);
}

function ask(next) {
  prompt = next;
  at("prompt").textContent = prompt;
  at("answer").value = "";
  for (const each of at("asked").querySelectorAll(".row > *")) each.hidden = !prompt;
  if (prompt) at("answer").focus();
}

async function reply(text) {
  if (!prompt) return;
  const asked = prompt,
    { said, prompt: next, trouble } = await call("reply", text);
  const kind = /^correct|^right/.test(said) ? "right" : /^wrong/.test(said) ? "off" : "";
  const item = made(
    "div",
    { className: kind },
    made("b", { textContent: `${asked}${text}` }),
    made("pre", { textContent: (trouble ?? said).trim() }),
  );
  at("told").append(item);
  ask(trouble ? asked : next);
  item.scrollIntoView({ block: "nearest" });
}

at("begin").addEventListener("click", begin);
at("asked").addEventListener("submit", (event) => {
  event.preventDefault();
  if (at("answer").value.trim()) reply(at("answer").value);
});
at("hint").addEventListener("click", () => reply("?"));
at("skip").addEventListener("click", () => reply(""));
