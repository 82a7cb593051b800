// What is on the page: the network and the settings, and the link that holds them.

import { call } from "./python.js";

/** A bundled network by its name, or the text of one; other numbers than the file's. */
export const state = { name: "skip", text: null, rate: null, set: {}, closed: false };

/** Learning rate of a network that names none. */
export const RATE = "0.1";

const EDITED = "network.yaml";

/** What a command takes for the network. */
export const file = () => (state.text === null ? state.name : EDITED);
export const changes = () => Object.entries(state.set).map(([name, value]) => `${name}=${value}`);
export const settings = () => [
  ...(state.rate === null ? [] : ["--lr", state.rate]),
  ...changes().flatMap((each) => ["--set", each]),
];

/** Write an edited network where Python finds it. */
export const keep = () => call("keep", EDITED, state.text ?? "");

const through = async (bytes, stream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

async function packed(text) {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

async function unpacked(word) {
  const bytes = atob(word.replaceAll("-", "+").replaceAll("_", "/"));
  const stream = new DecompressionStream("deflate-raw");
  return new TextDecoder().decode(
    await through(
      Uint8Array.from(bytes, (each) => each.charCodeAt(0)),
      stream,
    ),
  );
}

/** The part of the link behind #, which no browser sends anywhere. */
export async function link() {
  const parts = new URLSearchParams({ network: state.name });
  if (state.text !== null) parts.set("file", await packed(state.text));
  if (state.rate !== null) parts.set("lr", state.rate);
  for (const each of changes()) parts.append("set", each);
  if (state.closed) parts.set("closed", "1");
  return `#${parts}`;
}

/** Take over what a link says; what cannot be read is left out. */
export async function follow(hash, names) {
  const parts = new URLSearchParams(hash.slice(1));
  const named = parts.get("network");
  state.name = names.has(named) ? named : "skip";
  state.text = parts.has("file") ? await unpacked(parts.get("file")).catch(() => null) : null;
  state.rate = parts.get("lr");
  state.set = Object.fromEntries(
    parts
      .getAll("set")
      .filter((each) => each.includes("="))
      .map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]),
  );
  state.closed = parts.has("closed");
}
