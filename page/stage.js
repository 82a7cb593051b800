// Step by step in the drawing: the values forwards, then the gradients back along the edges.

import { at, made } from "./html.js";

const SVG = "http://www.w3.org/2000/svg";
const WAY = 650; // milliseconds that a number takes along an edge
const PAUSE = 1500; // milliseconds for each line while it plays
const still = matchMedia("(prefers-reduced-motion: reduce)");

let steps = []; // each with name, role, place, row, what moves along which edges, its line
let done = 0; // how many of them are shown
let playing = 0; // the timer

const inDrawing = (id) => (id ? at(`sheet-${id}`) : null);

/** Take a drawing and the lines that go with it; who was at the end stays there. */
export function set(drawing, lines) {
  const ended = steps.length > 0 && done === steps.length;
  at("drawing").replaceChildren(...(drawing ? [drawing] : []));
  if (drawing) at("drawing").style.setProperty("--wide", `${drawing.viewBox.baseVal.width}px`);
  steps = lines.map((step) => ({ ...step, texts: textsOf(step) }));
  done = ended ? steps.length : Math.min(done, steps.length);
  shown();
}

/** Begin at the start, with another network. */
export const restart = () => {
  done = 0;
  stop();
};

/** The texts of the drawing that a line puts in: a shared bias stands in several boxes. */
function textsOf({ name, role, place, moved }) {
  const own = [...at("drawing").querySelectorAll(`text.${role}`)].filter(
    (text) => (text.dataset.name ?? text.textContent.split(/ [=≈] /)[0]) === name,
  );
  const home = inDrawing(place);
  if (role === "gradient" && home?.classList.contains("edge"))
    for (const edge of [home, ...moved.map(([id]) => inDrawing(id))])
      own.push(edge, ...edge.querySelectorAll("text.gradient"));
  return own;
}

/** Bring the drawing, the line and the buttons to where the steps are. */
function shown() {
  for (const each of document.querySelectorAll(".now, .lit")) each.classList.remove("now", "lit");
  const seen = new Set(steps.slice(0, done).flatMap(({ texts }) => texts));
  for (const text of steps.flatMap(({ texts }) => texts))
    text.classList.toggle("veiled", !seen.has(text));
  const step = steps[done - 1];
  if (step) {
    for (const id of [step.place, ...step.moved.map(([edge]) => edge)])
      inDrawing(id)?.classList.add("lit");
    inDrawing(step.row)?.classList.add("now");
    at("line").replaceChildren(step.line);
    reveal(inDrawing(step.place));
  } else {
    at("line").replaceChildren(
      made("p", {
        textContent: steps.length
          ? "Press “Next line”: first the values go forwards, then the gradients come back."
          : "",
      }),
    );
  }
  const pass = step ? (step.role === "value" ? "forwards, " : "backwards, ") : "";
  at("count").textContent = steps.length ? `${pass}line ${done} of ${steps.length}` : "";
  for (const id of ["first", "back"]) at(id).disabled = done === 0;
  for (const id of ["next", "last"]) at(id).disabled = done === steps.length;
  at("play").disabled = steps.length === 0;
  if (document.activeElement.disabled) at(done === 0 ? "next" : "back").focus();
}

/** Scroll the drawing, and only the drawing, to one of its parts. */
function reveal(part) {
  if (!part) return;
  const room = at("drawing");
  const view = room.getBoundingClientRect();
  const box = part.getBoundingClientRect();
  const off = (start, end, from, to) =>
    start < from || end > to ? (start + end - from - to) / 2 : 0;
  room.scrollBy({
    left: off(box.left, box.right, view.left, view.right),
    top: off(box.top, box.bottom, view.top, view.bottom),
    behavior: still.matches ? "auto" : "smooth",
  });
}

/** Go to a place; on the way to the next line its numbers move along the edges. */
function go(place) {
  if (place < 0 || place > steps.length) return;
  const onwards = place === done + 1;
  done = place;
  shown();
  if (onwards && !still.matches)
    for (const [edge, number] of steps[done - 1].moved)
      travel(inDrawing(edge), number, steps[done - 1].role);
}

/** Let a number move along an edge, a gradient against its direction. */
function travel(edge, number, role) {
  const path = edge?.querySelector("path");
  if (!path) return;
  const [token, box, text] = ["g", "rect", "text"].map((tag) => document.createElementNS(SVG, tag));
  const width = 8 * number.length + 14;
  token.setAttribute("class", `token ${role}`);
  token.setAttribute("aria-hidden", "true");
  for (const [name, value] of Object.entries({ x: -width / 2, y: -11, width, height: 22, rx: 11 }))
    box.setAttribute(name, value);
  text.setAttribute("text-anchor", "middle");
  text.setAttribute("y", 4.5);
  text.textContent = number;
  token.append(box, text);
  edge.ownerSVGElement.append(token);
  const length = path.getTotalLength();
  const start = performance.now();
  requestAnimationFrame(function move(now) {
    const part = Math.min(Math.max(now - start, 0) / WAY, 1);
    const { x, y } = path.getPointAtLength(length * (role === "value" ? part : 1 - part));
    token.setAttribute("transform", `translate(${x} ${y})`);
    if (part < 1 && token.isConnected) requestAnimationFrame(move);
    else token.remove();
  });
}

function stop() {
  clearInterval(playing);
  playing = 0;
  at("play").textContent = "Play";
}

function play() {
  if (playing) return stop();
  if (done === steps.length) go(0);
  at("play").textContent = "Pause";
  go(done + 1);
  playing = setInterval(() => (done < steps.length ? go(done + 1) : stop()), PAUSE);
}

/** Go to the line with this row of the sheet. */
export function follow(row) {
  const place = steps.findIndex((step) => step.row === row);
  if (place >= 0) go(place + 1);
}

const buttons = {
  first: () => go(0),
  back: () => go(done - 1),
  next: () => go(done + 1),
  last: () => go(steps.length),
};
for (const [id, act] of Object.entries(buttons))
  at(id).addEventListener("click", () => {
    stop();
    act();
  });
at("play").addEventListener("click", play);
at("next")
  .closest(".player")
  .addEventListener("keydown", ({ key }) => {
    if (key === "ArrowRight") buttons.next();
    if (key === "ArrowLeft") buttons.back();
  });
