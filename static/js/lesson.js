// A lesson's bar and "Còn … phút" follow the reading. Without this module both show where the lesson begins.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const holder = document.querySelector("[data-lesson]");
const minutes = document.querySelector("[data-minutes]");
const body = document.querySelector(".lesson-body");

if (holder && minutes && body) {
  const bar = holder.querySelector("progress");
  const lesson = Number(holder.dataset.lesson);
  const lessons = Number(holder.dataset.lessons);
  const total = Number(minutes.dataset.minutes);
  let waiting = false;

  const show = () => {
    waiting = false;
    const box = body.getBoundingClientRect();
    const read = Math.min(1, Math.max(0, (innerHeight - box.top) / box.height));
    // What fits on the first screen has not been read yet.
    const seen = scrollY < 8 ? 0 : read;
    bar.value = ((lesson - 1 + seen) * 100) / lessons;
    const left = Math.ceil(total * (1 - seen));
    minutes.textContent = left > 0 ? say(`Còn ${left} phút`, `${left} min left`) : say("Đã đọc hết", "Read to the end");
  };

  addEventListener("scroll", () => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(show);
    }
  }, { passive: true });
}

// A wide screen has room for the outline: there it stands open, with the lesson's own line in sight.
const outline = document.querySelector("[data-outline]");
const wide = matchMedia("(min-width: 64rem)");

const unfold = () => {
  outline.open = wide.matches;
  if (!wide.matches) return;
  const side = outline.closest(".player-side").getBoundingClientRect();
  const here = outline.querySelector("[aria-current=page]")?.getBoundingClientRect();
  // A column of nested parts scrolls by itself; the page stays where it is.
  if (here && here.bottom > side.bottom) {
    outline.closest(".player-side").scrollTop = here.top - side.top - side.height / 3;
  }
};

if (outline) {
  if (wide.matches) unfold();
  // A tablet that is turned has another width: what stood beside the lesson would stand before it.
  wide.addEventListener("change", unfold);
}
