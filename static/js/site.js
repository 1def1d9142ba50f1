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
