// Who saves data presses for each picture or video; it then takes the place of its button. Without this module the
// button opens the file by itself.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-held] > a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const held = link.closest("[data-held]");
  const shown = held.querySelector("template").content.cloneNode(true);
  const first = shown.firstElementChild;
  held.replaceWith(shown);
  if (first.matches("video")) {
    first.dispatchEvent(new CustomEvent("media:shown", { bubbles: true }));
  }
  if (!first.matches("a, video")) first.tabIndex = -1;
  first.focus({ preventScroll: true });
});
