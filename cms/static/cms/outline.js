// The outline as a list to rearrange: by the arrow buttons, by keys on a handle, or by dragging the handle.
// Without this module the arrow buttons ask the server; nothing is saved either way until it is confirmed.

const EDGE = 120; // pixels from the upper and lower edge within which a drag scrolls
const STEP = 12; // pixels that each movement scrolls there

const list = document.querySelector("[data-outline]");
const form = list?.closest("form");

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const rows = () => [...list.children];
const isModule = (row) => row.dataset.kind === "module";

/** A module takes along what stands under it; anything else goes alone. */
function blockOf(row) {
  const block = [row];
  if (isModule(row)) {
    for (let next = row.nextElementSibling; next && !isModule(next); next = next.nextElementSibling) block.push(next);
  }
  return block;
}

/** Move one place; a module passes the whole module beside it. Says whether anything moved. */
function step(row, direction) {
  const block = blockOf(row);
  if (direction < 0) {
    let before = row.previousElementSibling;
    if (!before) return false;
    while (isModule(row) && !isModule(before) && before.previousElementSibling) before = before.previousElementSibling;
    before.before(...block);
  } else {
    const after = block.at(-1).nextElementSibling;
    if (!after) return false;
    (isModule(row) ? blockOf(after).at(-1) : after).after(...block);
  }
  return true;
}

/** Move a lesson to the end of the module before, or to the start of the next. */
function jump(row, direction) {
  if (isModule(row)) return step(row, direction);
  const heads = rows().filter(isModule);
  const under = heads.filter((head) => head.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1);
  const head = direction < 0 ? under : heads[heads.indexOf(under) + 1];
  if (!head) return false;
  if (direction < 0) head.before(row);
  else head.after(row);
  return true;
}

const wayOf = (direction) => (direction < 0 ? say("lên", "up to") : say("xuống", "down to"));

function placeWords(row, way) {
  const title = row.dataset.title;
  if (isModule(row)) {
    const number = rows().filter(isModule).indexOf(row) + 1;
    return say(
      `${title} đã chuyển ${way} thứ tự ${number} trong các phần`,
      `${title} moved ${way} place ${number} among the modules`,
    );
  }
  let place = 1;
  let before = row.previousElementSibling;
  for (; before && !isModule(before); before = before.previousElementSibling) place += 1;
  const module = before ? before.dataset.title : say("đầu đề cương", "the beginning of the outline");
  return say(
    `${title} đã chuyển ${way} vị trí ${place} trong ${module}`,
    `${title} moved ${way} place ${place} in ${module}`,
  );
}

function settle(row, way = say("đến", "to")) {
  const all = rows();
  all.forEach((each, number) => {
    const [up, down] = each.querySelectorAll('[name="move"]');
    up.disabled = number === 0;
    down.disabled = number === all.length - 1;
  });
  document.querySelector("[data-live]").textContent = placeWords(row, way);
  changed();
}

function changed() {
  form.dataset.changed = "";
  document.querySelector("[data-changed-words]").hidden = false;
}

/** What has the focus keeps it while its row moves through the list. */
function keepFocus(move) {
  const had = document.activeElement;
  const moved = move();
  if (moved) {
    had?.focus();
    had?.scrollIntoView({ block: "nearest" });
  }
  return moved;
}

function onKey(event) {
  const handle = event.target.closest("[data-handle]");
  const keys = { ArrowUp: [step, -1], ArrowDown: [step, 1], PageUp: [jump, -1], PageDown: [jump, 1] };
  if (!handle || !keys[event.key]) return;
  event.preventDefault();
  const [move, direction] = keys[event.key];
  const row = handle.closest("li");
  if (keepFocus(() => move(row, direction))) settle(row, wayOf(direction));
}

function onClick(event) {
  const button = event.target.closest('[name="move"]');
  if (!button) return;
  event.preventDefault();
  const row = button.closest("li");
  const direction = button.value.startsWith("up") ? -1 : 1;
  if (!keepFocus(() => step(row, direction))) return;
  settle(row, wayOf(direction));
  if (button.disabled) row.querySelector("[data-handle]").focus();
}

/** What scrolls the list: the admin scrolls its main part, not the window. */
function scrollerOf(element) {
  for (let each = element.parentElement; each; each = each.parentElement) {
    if (each.scrollHeight > each.clientHeight && /auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
  }
  return window;
}

/** Follow the pointer: the row goes before the first row whose middle lies below it. */
function onPointerDown(event) {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button !== 0) return;
  const row = handle.closest("li");
  const block = blockOf(row);
  const home = block.at(-1).nextElementSibling;
  const scroller = scrollerOf(list);
  let moved = false;
  block.forEach((each) => each.classList.add("outline-row--dragged"));

  function follow(move) {
    const others = rows().filter((each) => !block.includes(each) && (!isModule(row) || isModule(each)));
    const below = others.find((each) => {
      const box = each.getBoundingClientRect();
      return move.clientY < box.top + box.height / 2;
    });
    if (below !== block.at(-1).nextElementSibling) {
      if (below) below.before(...block);
      else list.append(...block);
      moved = true;
    }
    if (move.clientY < EDGE) scroller.scrollBy(0, -STEP);
    else if (move.clientY > window.innerHeight - EDGE) scroller.scrollBy(0, STEP);
  }

  function end(last) {
    window.removeEventListener("pointermove", follow);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    window.removeEventListener("keydown", giveUp);
    block.forEach((each) => each.classList.remove("outline-row--dragged"));
    if (last?.type === "pointercancel") putBack();
    else if (moved) settle(row);
  }

  function putBack() {
    if (home) home.before(...block);
    else list.append(...block);
    moved = false;
  }

  function giveUp(key) {
    if (key.key !== "Escape") return;
    putBack();
    end();
  }

  // Not on the handle: it loses the pointer when its row changes places.
  window.addEventListener("pointermove", follow);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
  window.addEventListener("keydown", giveUp);
}

if (list?.querySelector('[name="move"]')) {
  form.querySelectorAll("[data-handle], [data-with-script]").forEach((part) => {
    part.hidden = false;
  });
  list.addEventListener("keydown", onKey);
  list.addEventListener("click", onClick);
  list.addEventListener("pointerdown", onPointerDown);
  list.addEventListener("change", changed);
  let isSending = false;
  form.addEventListener("submit", () => {
    isSending = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if ("changed" in form.dataset && !isSending) event.preventDefault();
  });
}
