// The page: chooses a network, works its sheet, and hands both to the other parts.

import * as editor from "./editor.js";
import { at, made, parts, save } from "./html.js";
import "./marking.js";
import { call, run } from "./python.js";
import * as quiz from "./quiz.js";
import * as sliders from "./sliders.js";
import * as stage from "./stage.js";
import { RATE, changes, file, follow, keep, link, settings, state } from "./state.js";

const MOST = 500; // lines of a forward pass that are worked without asking

const about = new Map(); // each bundled network by its name: its title, its topic, what it shows
let report = ""; // the sheet as a page
let original = ""; // the chosen network's file as it came
let working = false,
  again = false;
let asked = false; // whether a large network is to be worked all the same

/** Work the sheet anew; while it is worked, what happens is noted and done once afterwards. */
async function refresh() {
  if (working) {
    again = true;
    return;
  }
  working = true;
  at("paper").setAttribute("aria-busy", "true");
  try {
    do {
      again = false;
      await work();
      if (!again) history.replaceState(null, "", await link());
    } while (again);
  } catch (error) {
    complain(`this is a bug in the page: ${error.message}`);
  }
  working = false;
  at("paper").setAttribute("aria-busy", "false");
}

async function work() {
  await keep();
  const first = await call("numbers", file(), []);
  if (first.trouble) return complain(first.trouble);
  for (const name of Object.keys(state.set)) if (!(name in first.weights)) delete state.set[name];
  if (first.rate === null) state.rate ??= RATE;
  const now = changes().length ? await call("numbers", file(), changes()) : first;
  if (now.trouble) return complain(now.trouble);
  sliders.set(now, first, refresh);
  if (first.lines > MOST && !asked) return offer(first.lines);
  const words = ["report", file(), state.closed ? "--expand" : "--no-expand", ...settings()];
  if (state.closed) await call("algebra");
  const { stdout, stderr, status } = await run(...words);
  if (!stdout) return complain(stderr || `backcalc ended with ${status}`);
  complain(status ? stderr : "");
  at("command").textContent = ["backcalc", ...words].join(" ");
  report = stdout;
  const drawing = paper(report);
  stage.set(drawing, []);
  const told = await call("steps", file(), changes());
  if (again) return undefined;
  const lines = told.trouble ? [] : [...parts(told.html, "line").body.querySelectorAll("li")];
  return stage.set(
    drawing,
    lines.map((line, place) => ({ ...told.steps[place], line: paragraph(line) })),
  );
}

const paragraph = (line) => made("p", { className: "formula" }, ...line.childNodes);

/** Put the sheet into the page, and return its drawing, which has a place of its own. */
function paper(text) {
  const { page, style, head, body } = parts(text, "sheet");
  const drawing = page.querySelector(".drawing svg");
  for (const each of page.querySelectorAll(".drawing, .hint")) each.remove();
  at("paper").replaceChildren(style, ...head.childNodes, ...body.childNodes);
  return drawing;
}

/** Say what is wrong, at the line of the file and above the sheet; the last good sheet stays. */
function complain(message) {
  editor.complain(message);
  at("trouble").textContent = message;
  at("trouble").hidden = !message;
  at("paper").classList.toggle("stale", Boolean(message));
}

/** Say how long a sheet would be, and work it if it is wanted. */
function offer(lines) {
  complain("");
  const go = made("button", { type: "button", textContent: "Work it all the same" });
  go.addEventListener("click", () => {
    asked = true;
    refresh();
  });
  const words = `This network’s forward pass has ${lines} lines: a sheet takes minutes here, and is long.`;
  at("paper").replaceChildren(made("p", { textContent: words }), go);
  stage.set(null, []);
}

/** Offer the networks in which all words stand that are searched for, by topic. */
function offered() {
  const words = at("find").value.toLowerCase().split(/\s+/);
  const fits = (each) => {
    const text = `${each.name} ${each.title} ${each.topic} ${each.about}`.toLowerCase();
    return each.name === state.name || words.every((word) => text.includes(word));
  };
  const topics = new Map();
  for (const each of [...about.values()].filter(fits))
    topics.set(each.topic, [...(topics.get(each.topic) ?? []), each]);
  at("network").replaceChildren(
    ...[...topics]
      .sort()
      .map(([topic, found]) =>
        made(
          "optgroup",
          { label: topic },
          ...found.map(({ name, title }) => made("option", { value: name, textContent: title })),
        ),
      ),
  );
  at("network").value = state.name;
  const many = at("network").length;
  at("found").textContent = at("find").value ? `${many} of ${about.size} networks` : "";
}

/** Show a network that was chosen, or that a link brought. */
async function choose() {
  at("paper").setAttribute("aria-busy", "true");
  at("network").value = state.name;
  at("about").textContent = about.get(state.name).about;
  asked = false;
  stage.restart();
  quiz.close();
  original = (await run("show", state.name)).stdout;
  editor.set(state.text ?? original);
  at("closed").checked = state.closed;
  await refresh();
}

/** The tabs: arrow keys go from one to the next. */
function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  const open = (tab) => {
    for (const each of all) {
      each.setAttribute("aria-selected", String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
      at(each.getAttribute("aria-controls")).hidden = each !== tab;
    }
  };
  all.forEach((tab, place) => {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      const next = step
        ? all.at((place + step) % all.length)
        : { Home: all[0], End: all.at(-1) }[key];
      if (next) {
        open(next);
        next.focus();
      }
    });
  });
}

/** Links within the page lead to their place and leave the address, which holds the settings. */
document.addEventListener("click", (event) => {
  const found = event.target.closest?.("a[href^='#']");
  if (!found) return;
  event.preventDefault();
  const target = at(decodeURIComponent(found.hash.slice(1)));
  if (target?.closest("#drawing")) {
    const row = found.closest("[id]");
    stage.follow(row?.id.replace("sheet-", ""));
    at("drawing").scrollIntoView({ block: "center" });
  } else if (target) {
    target.scrollIntoView({ block: "center" });
  }
});

at("network").addEventListener("change", () => {
  Object.assign(state, { name: at("network").value, text: null, rate: null, set: {} });
  choose();
});
at("find").addEventListener("input", offered);
at("closed").addEventListener("change", () => {
  state.closed = at("closed").checked;
  refresh();
});
at("reset").addEventListener("click", () => {
  Object.assign(state, { rate: null, set: {} });
  refresh();
});
at("restore").addEventListener("click", () => {
  state.text = null;
  editor.set(original);
  refresh();
});
at("download").addEventListener("click", () =>
  save(`${state.name}.yaml`, at("editor").value, "text/yaml"),
);
at("save").addEventListener("click", () => save(`${state.name}.html`, report, "text/html"));
at("copy-link").addEventListener("click", async () => {
  const address = new URL(await link(), location.href).href;
  await navigator.clipboard.writeText(address).then(
    () => {
      at("copied").textContent = "Copied.";
    },
    () => {
      at("copied").textContent = "The address of this page is the link.";
    },
  );
});
addEventListener("hashchange", async () => {
  await follow(location.hash, about);
  at("find").value = "";
  offered();
  choose();
});
editor.watch((text) => {
  state.text = text === original ? null : text;
  refresh();
});
tabs();
at("numbers").open = matchMedia("(min-width: 68rem)").matches;

at("line").replaceChildren(
  made("p", { textContent: "Loading Python into this page (10 MB, only once) …" }),
);
for (const each of (await (await fetch("networks.json")).json()).networks)
  about.set(each.name, each);
await follow(location.hash, about);
offered();
await choose().catch((error) => complain(`The page cannot start: ${error.message}`));
for (const id of ["mark", "begin"]) at(id).disabled = false;
// Only now, so that nothing is loaded twice before the first sheet.
navigator.serviceWorker?.register("offline.js");
