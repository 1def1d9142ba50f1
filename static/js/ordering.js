// Buttons that move the rows of an order up and down; each press gives every row its place. Without this module, and for
// whoever prefers it, the lists beside the rows do the same.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);

const button = (text, name, press) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn quiet";
  made.textContent = text;
  made.title = name;
  made.setAttribute("aria-label", name);
  made.addEventListener("click", press);
  return made;
};

for (const list of document.querySelectorAll("[data-ordering]")) {
  const rows = () => [...list.children];
  const place = (row) => row.querySelector("select");
  const values = rows().map((row) => place(row).value);

  if (new Set(values).size === values.length && !values.includes("")) {
    rows().sort((one, other) => place(one).value - place(other).value).forEach((row) => list.append(row));
  }

  const number = () => {
    rows().forEach((row, at) => (place(row).value = String(at + 1)));
    place(rows()[0]).dispatchEvent(new Event("change", { bubbles: true }));
  };

  const move = (row, step) => {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (other && step < 0) other.before(row);
    else if (other) other.after(row);
    number();
  };

  for (const row of rows()) {
    const text = row.querySelector("label").textContent.trim();
    const up = button("↑", say(`Đưa lên: ${text}`, `Move up: ${text}`), () => (move(row, -1), up.focus()));
    const down = button("↓", say(`Đưa xuống: ${text}`, `Move down: ${text}`), () => (move(row, 1), down.focus()));
    const buttons = document.createElement("span");
    buttons.className = "ordering-moves";
    buttons.append(up, down);
    row.append(buttons);
  }
}
