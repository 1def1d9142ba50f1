// Where there is no network a page of ours says so, in our clothes. Nothing else is kept: no page of anybody, no answer.
const KEEP = "hoc-so-{{ version }}";
const OFFLINE = "{{ offline }}";
const CLOTHES = {{ clothes|safe }};

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEEP).then((kept) => kept.addAll([OFFLINE, ...CLOTHES])).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("hoc-so-") && name !== KEEP;
  event.waitUntil(
    Promise.all([
      caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))),
      registration.navigationPreload?.enable(), // the page is asked for while this worker still wakes up
    ]).then(() => clients.claim()),
  );
});

const page = async (event) => {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return caches.match(OFFLINE);
  }
};

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (CLOTHES.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
