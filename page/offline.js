// Keeps the page's files in the browser, so that it works without a network from then on.

const CACHE = "backcalc-VERSION",
  FILES = ["FILES"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((kept) => kept.addAll(["./", ...FILES])));
});

addEventListener("activate", (event) => {
  const others = (names) => names.filter((name) => name.startsWith("backcalc-") && name !== CACHE);
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(others(names).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(
    caches
      .open(CACHE)
      .then((kept) => kept.match(event.request, { ignoreSearch: true }))
      .then((found) => found ?? fetch(event.request)),
  );
});
