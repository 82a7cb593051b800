// The network file in a field with numbered lines; what is wrong is shown at its line.

import { at, made } from "./html.js";

const PAUSE = 200; // milliseconds without a key, after which the file is read

let waiting = 0;

/** Tell `changed` the text when a person has changed it. */
export function watch(changed) {
  at("editor").addEventListener("input", () => {
    numbered();
    clearTimeout(waiting);
    waiting = setTimeout(() => changed(at("editor").value), PAUSE);
  });
}

/** Show a text. */
export function set(text) {
  if (at("editor").value !== text) at("editor").value = text;
  numbered();
}

function numbered(wrong = 0) {
  const many = at("editor").value.split("\n").length;
  at("editor").rows = many + 1;
  at("gutter").replaceChildren(
    ...Array.from({ length: many }, (_, place) =>
      made("span", {
        textContent: `${place + 1}\n`,
        className: place + 1 === wrong ? "wrong" : "",
      }),
    ),
  );
  at("editor").style.setProperty("--wrong", wrong);
  at("editor").toggleAttribute("data-wrong", wrong > 0);
}

/** Show what backcalc says is wrong with the file, or that nothing is. */
export function complain(message) {
  const place = /^[^\n:]*:(\d+):/.exec(message);
  at("wrong").textContent = message;
  at("editor").setAttribute("aria-invalid", String(Boolean(place)));
  numbered(place ? Number(place[1]) : 0);
}
