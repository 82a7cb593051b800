// The door to Python, which runs in a worker: a call by name, a promise of what comes back.

const waiting = new Map();
let count = 0;

// A worker that starts from a blob has this page's rules: it can reach nothing but this folder.
const start = `import ${JSON.stringify(new URL("worker.js", import.meta.url).href)};`;
const source = URL.createObjectURL(new Blob([start], { type: "text/javascript" }));
const worker = new Worker(source, { type: "module" });

worker.onmessage = ({ data: { id, value, error } }) => {
  const { done, failed } = waiting.get(id);
  waiting.delete(id);
  if (error === undefined) done(value);
  else failed(new Error(error));
};
worker.onerror = (event) => {
  for (const { failed } of waiting.values()) failed(new Error(event.message));
};

/** Call a function of in_browser.py, or "ready" or "algebra" of the worker. */
export function call(name, ...given) {
  return new Promise((done, failed) => {
    waiting.set(++count, { done, failed });
    worker.postMessage({ id: count, name, given });
  });
}

/** Run one command line: what it writes, and its exit status. */
export const run = (...given) => call("run", given);
