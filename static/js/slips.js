// Printing answers with a file, so the page stays: let the same form be sent again, after a pause long enough that an
// impatient second tap makes no second set of slips.
const PAUSE = 8000;
for (const form of document.querySelectorAll("form[data-prints]")) {
  form.addEventListener("submit", () => setTimeout(() => delete form.dataset.sent, PAUSE));
}
// Tick everybody on the page at once.
for (const all of document.querySelectorAll("[data-tick-all]")) {
  const boxes = document.querySelectorAll(`input[name="${all.dataset.tickAll}"]`);
  all.hidden = false;
  all.addEventListener("click", () => {
    const tick = [...boxes].some((box) => !box.checked);
    for (const box of boxes) box.checked = tick;
  });
}
