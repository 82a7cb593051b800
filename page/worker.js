// Python in a thread of its own: loads Pyodide and the packages, then answers calls.
// Everything comes from the folder that this file stands in.

import { loadPyodide } from "./pyodide.js";

const here = new URL(".", import.meta.url).href;
const bytes = async (name) => {
  const answer = await fetch(here + name);
  if (!answer.ok) throw new Error(`cannot load ${name}: ${answer.status}`);
  return answer.arrayBuffer();
};

// The machine code of Python is packed: a third of the bytes, and no server need know its kind.
const plain = globalThis.fetch;
globalThis.fetch = async (asked, ...rest) => {
  if (!String(asked).endsWith("/pyodide.asm.wasm")) return plain(asked, ...rest);
  const { body } = await plain(`${here}pyodide.asm.packed`);
  const unpacked = body.pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(unpacked, { headers: { "Content-Type": "application/wasm" } });
};

const packages = bytes("packages.zip");
const ready = (async () => {
  const python = await loadPyodide({
    indexURL: here,
    env: { HOME: "/home", PYTHONDONTWRITEBYTECODE: "1" },
  });
  python.unpackArchive(await packages, "zip", { extractDir: "/lib/packages" });
  python.runPython("import sys; sys.path.insert(0, '/lib/packages')");
  return { python, module: python.pyimport("in_browser") };
})();

let algebra; // sympy, from when it is first asked for

onmessage = async ({ data: { id, name, given } }) => {
  try {
    const { python, module } = await ready;
    if (name === "algebra") {
      algebra ??= bytes("sympy.zip").then((zip) =>
        python.unpackArchive(zip, "zip", { extractDir: "/lib/packages" }),
      );
      await algebra.catch((error) => {
        algebra = undefined;
        throw error;
      });
      return postMessage({ id, value: true });
    }
    postMessage({ id, value: name === "ready" || JSON.parse(module[name](JSON.stringify(given))) });
  } catch (error) {
    postMessage({ id, error: String(error.message ?? error) });
  }
};
