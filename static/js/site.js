// Small comforts on every page; nothing here is needed to read, learn or submit.

// Focus the error summary, so that a screen reader starts there.
document.querySelector(".summary")?.focus();

// A form that is on its way is not sent twice by an impatient second tap.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  // Back/forward cache brings the page back as it was left.
  addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

// Whoever signs out leaves no answers behind in this browser (see autosave.js).
document.addEventListener("submit", (event) => {
  if (!new URL(event.target.action).pathname.endsWith("/logout/")) return;
  try {
    Object.keys(localStorage).filter((name) => name.startsWith("bai-lam/")).forEach((name) => localStorage.removeItem(name));
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
});

// Where there is no network a page of ours says so (sw.js). Asked for when the page is at rest: on 3G it must wait.
if ("serviceWorker" in navigator && !document.documentElement.dataset.saver) {
  addEventListener("load", () => setTimeout(() => navigator.serviceWorker.register("/sw.js").catch(() => {}), 5000));
}

// On that page: the one that was wanted comes by itself, as soon as anything answers. Phones say too early, or never,
// that they are online, so it is asked.
const asked = document.querySelector("[data-offline]");
const wanted = async () => {
  try {
    if (!document.hidden && (await fetch(location.href, { method: "HEAD", cache: "no-store" }))) return location.reload();
  } catch {
    // No network yet.
  }
  setTimeout(wanted, 3000);
};
if (asked && location.pathname !== asked.dataset.offline) setTimeout(wanted, 3000);
