// «Cách đọc» takes effect at a tap. Without this module the button sends the form and the page comes back changed.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const form = document.querySelector("[data-display]");

if (form) {
  const root = document.documentElement;
  const button = form.querySelector("button");
  const status = form.querySelector("[role=status]");
  button.hidden = true;

  // An attribute stands only where a page differs from the usual one, as the server writes it.
  const mark = (name, value) => (value ? root.setAttribute(name, value) : root.removeAttribute(name));

  form.addEventListener("change", async (event) => {
    const chosen = new FormData(form);
    mark("data-text", chosen.get("co_chu") === "vua" ? "" : chosen.get("co_chu"));
    mark("data-contrast", chosen.get("tuong_phan") === "cao" ? "cao" : "");
    mark("data-scheme", chosen.get("nen") === "theo-may" ? "" : chosen.get("nen"));
    status.hidden = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(chosen),
        headers: { "X-Requested-With": "fetch" },
      });
      if (!answer.ok) throw new Error(answer.statusText);
      status.textContent = say("Đã nhớ cách đọc này trên máy.", "Your reading settings are saved on this device.");
      // Which pictures and videos come is for the server to say.
      if (event.target.name === "tiet_kiem") location.reload();
    } catch {
      status.textContent = say(
        "Chưa nhớ được vì mất mạng. Hãy chọn lại khi có mạng.",
        "Not saved: there is no network. Please choose again when you are online.",
      );
    }
  });
}
