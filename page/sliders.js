// A slider and a field for the learning rate and for each weight.

import { at, made } from "./html.js";
import { RATE, state } from "./state.js";

const FEW = 8; // weights that are shown at once

let known = ""; // the names for which there are sliders

const size = (text) => {
  const [above, below = 1] = text.split("/");
  return above / below;
};
/** A number as the slider gives it, without the noise of binary fractions. */
const tidy = (value) => String(Number(Number(value).toPrecision(4)));

/** Show the numbers of a network; `changed` is told when a person moves one. */
export function set({ rate, weights }, original, changed) {
  const rows = [
    ["lr", state.rate ?? rate, original.rate ?? RATE],
    ...Object.entries(weights).map(([name, value]) => [name, value, original.weights[name]]),
  ];
  const names = JSON.stringify(rows.map(([name, , first]) => [name, first]));
  if (names !== known) {
    known = names;
    at("sliders").replaceChildren(...folded(rows.map((row) => slider(...row, changed))));
  }
  for (const [name, value] of rows) {
    const [range, field] = document.querySelectorAll(`[data-name="${CSS.escape(name)}"]`);
    for (const each of [range, field])
      if (each !== document.activeElement) each.value = each === range ? size(value) : value;
    field.removeAttribute("aria-invalid");
  }
  at("reset").hidden = state.rate === null && Object.keys(state.set).length === 0;
}

/** The first few, and the others to be unfolded. */
function folded(rows) {
  if (rows.length <= FEW + 1) return rows;
  const rest = made(
    "details",
    {},
    made("summary", { textContent: `${rows.length - FEW} more weights` }),
    ...rows.slice(FEW),
  );
  return [...rows.slice(0, FEW), rest];
}

/** A slider and a field for one number. */
function slider(name, value, first, changed) {
  const isRate = name === "lr";
  const middle = size(first);
  const span = isRate ? middle || 1 : 2 * Math.max(Math.abs(middle), 1);
  const bounds = isRate
    ? { min: 0, max: 4 * span, step: span / 20 }
    : { min: middle - span, max: middle + span, step: span / 40 };
  const range = made("input", { type: "range", ...bounds, value: size(value) });
  const field = made("input", { type: "text", value, inputMode: "decimal", autocomplete: "off" });
  for (const each of [range, field]) each.dataset.name = name;
  range.setAttribute("aria-label", isRate ? "learning rate" : name);
  field.setAttribute("aria-label", `${isRate ? "learning rate" : name}, exactly`);
  const moved = (text) => {
    if (isRate) state.rate = text;
    else state.set[name] = text;
    changed();
  };
  range.addEventListener("input", () => {
    field.value = tidy(range.value);
    moved(field.value);
  });
  field.addEventListener("change", () => moved(field.value.trim() || first));
  return made(
    "div",
    { className: "slider" },
    made("span", { textContent: isRate ? "lr" : name }),
    range,
    field,
  );
}
