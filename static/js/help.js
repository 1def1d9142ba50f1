// «Trợ giúp» in the offices opens the part of the guide that fits the page beside it, so that one can read and do.
// Without this module, or when the guide does not come, the link leads to the guide.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const WIDE = matchMedia("(min-width: 60rem)");
let panel = null;
let opener = null;

const close = () => {
  if (!panel) return;
  panel.close();
  panel.remove();
  panel = null;
  opener.focus();
};

const element = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });

const show = (page, link) => {
  const anchor = new URL(link.href).hash.slice(1);
  const heading = anchor && page.getElementById(anchor);
  const part = heading ? heading.closest(".help-part") : page.querySelector(".help-text");
  if (!part) return false;
  close();
  opener = link;
  const said = document.importNode(part, true);
  said.querySelector(".help-toc")?.remove();
  // The page has headings of its own: none of these may take their addresses.
  for (const one of [said, ...said.querySelectorAll("[id], [aria-labelledby]")]) {
    one.removeAttribute("id");
    one.removeAttribute("aria-labelledby");
  }
  const button = element("button", "btn quiet", say("Đóng trợ giúp", "Close help"));
  button.type = "button";
  button.addEventListener("click", close);
  const whole = element("a", "touch", say("Mở cả hướng dẫn", "Open the whole guide"));
  whole.href = link.href;
  panel = element("dialog", "help-panel", "");
  panel.setAttribute("aria-label", say("Trợ giúp", "Help"));
  panel.append(button, said, whole);
  panel.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(panel);
  if (WIDE.matches) panel.show();
  else panel.showModal();
  return true;
};

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("main .help-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.HTMLDialogElement) return;
  event.preventDefault();
  try {
    const answer = await fetch(new URL(link.href).pathname);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && show(page, link)) return;
  } catch {
    // No network: the browser says so itself.
  }
  location.assign(link.href);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel?.open) close();
});
