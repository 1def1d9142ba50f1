/* Rows without a reload, and places drawn on a picture. The page does all of it without this file too. */

const LIVE = document.createElement("p");
LIVE.className = "w-sr-only";
LIVE.setAttribute("role", "status");
document.body.append(LIVE);

/** Put the next row in, as the server would, and go to its first field. */
function addRow(button) {
  const rows = button.closest("[data-rows]");
  const pattern = rows?.querySelector(":scope > template");
  const count = rows?.querySelector(":scope > input[type=hidden]");
  if (!pattern || !count || button.value !== rows.dataset.rows) return false;
  const number = Number(count.value);
  const holder = document.createElement("template");
  holder.innerHTML = pattern.innerHTML.replaceAll("__n__", String(number)).replaceAll("__m__", String(number + 1));
  const row = holder.content.firstElementChild;
  pattern.before(row);
  count.value = String(number + 1);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  LIVE.textContent = row.querySelector("legend")?.textContent?.trim() ?? "";
  return true;
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[name="them"]') : null;
  if (button && addRow(button)) event.preventDefault();
});

/* A row that the server added gets the focus. */
const wanted = document.querySelector("form[data-focus]")?.dataset.focus;
if (wanted) {
  const rows = [...document.querySelectorAll(`[data-rows="${CSS.escape(wanted)}"] > .cq-row`)];
  rows.at(-1)?.querySelector("input:not([type=hidden])")?.focus();
}

/* ---- Places on a picture ---- */
const SIDES = ["x", "y", "width", "height"];
const vi = (value) => String(Math.round(value * 10) / 10).replace(".", ",");
const read = (field) => Number.parseFloat((field?.value ?? "").replace(",", "."));

function fieldsOf(row) {
  return Object.fromEntries(SIDES.map((side) => [side, row.querySelector(`input[name$="-${side}"]`)]));
}

function startDrawing(board) {
  const rows = document.querySelector(`[data-rows="${CSS.escape(board.dataset.draw)}"]`);
  const layer = board.querySelector(".cq-draw__areas");
  if (!rows || !layer) return;
  document.querySelector("[data-draw-help]")?.removeAttribute("hidden");
  let now = null;
  const rowsNow = () => [...rows.querySelectorAll(":scope > .cq-row")];
  const isEmpty = (row) => !Number.isFinite(read(fieldsOf(row).width));

  function show() {
    layer.replaceChildren(
      ...rowsNow().flatMap((row, n) => {
        const values = Object.values(fieldsOf(row)).map(read);
        if (!values.every(Number.isFinite)) return [];
        const area = document.createElement("div");
        area.className = row === now ? "cq-draw__area cq-draw__area--now" : "cq-draw__area";
        ["left", "top", "width", "height"].forEach((side, place) => area.style.setProperty(side, `${values[place]}%`));
        const label = document.createElement("span");
        label.textContent = String(n + 1);
        area.append(label);
        return [area];
      }),
    );
  }

  rows.addEventListener("input", show);
  rows.addEventListener("focusin", (event) => {
    now = event.target.closest(".cq-row");
    show();
  });
  board.addEventListener("pointerdown", (down) => {
    const row = now ?? rowsNow().find(isEmpty);
    if (!row) return;
    down.preventDefault();
    board.setPointerCapture(down.pointerId);
    const box = board.getBoundingClientRect();
    const at = (event) => [
      Math.min(100, Math.max(0, ((event.clientX - box.left) / box.width) * 100)),
      Math.min(100, Math.max(0, ((event.clientY - box.top) / box.height) * 100)),
    ];
    const [x0, y0] = at(down);
    const move = (event) => {
      const [x1, y1] = at(event);
      const fields = fieldsOf(row);
      fields.x.value = vi(Math.min(x0, x1));
      fields.y.value = vi(Math.min(y0, y1));
      fields.width.value = vi(Math.abs(x1 - x0));
      fields.height.value = vi(Math.abs(y1 - y0));
      show();
    };
    const up = () => {
      board.removeEventListener("pointermove", move);
      now = null;
      row.querySelector("input:not([type=hidden])")?.focus();
    };
    board.addEventListener("pointermove", move);
    board.addEventListener("pointerup", up, { once: true });
    board.addEventListener("pointercancel", up, { once: true });
  });
  show();
}

document.querySelectorAll("[data-draw]").forEach(startDrawing);
