// Pages that backcalc has written, put into this one.

const INSET = "backcalc-sheet";

/** An element by its id. */
export const at = (id) => document.getElementById(id);

/** An element with these properties and children. */
export const made = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** The parts of a page's body, and its style, which then holds only within `.backcalc-sheet`.
 * Its ids get a prefix, so that those of two pages do not meet. */
export function parts(text, prefix) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const own = (id) => `${prefix}-${id}`;
  for (const each of page.querySelectorAll("[id]")) each.id = own(each.id);
  for (const each of page.querySelectorAll("[aria-labelledby]"))
    each.setAttribute("aria-labelledby", own(each.getAttribute("aria-labelledby")));
  for (const each of page.querySelectorAll("a[href^='#']"))
    each.setAttribute("href", `#${own(decodeURIComponent(each.hash.slice(1)))}`);
  for (const each of page.querySelectorAll("nav")) each.remove();
  const rules = page
    .querySelector("style")
    .textContent.split("@page")[0]
    .replace(/^( *)(?::root|html|body)\b/gm, "$1&");
  const style = made("style", { textContent: `.${INSET} {${rules}}` });
  return { page, style, head: page.querySelector("header"), body: page.querySelector("main") };
}

/** Show a page within an element of this one. */
export function show(target, text, prefix) {
  const { style, head, body } = parts(text, prefix);
  target.replaceChildren(style, ...head.childNodes, ...body.childNodes);
}

/** Hand a text to the person as a file. */
export function save(name, text, kind) {
  const address = URL.createObjectURL(new Blob([text], { type: kind }));
  made("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
