// A marked word opens its meaning in a box at the foot of the screen. Without this module the word leads to the list of
// meanings.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);

let box = null;
let opener = null;

const close = () => {
  if (!box) return;
  box.remove();
  box = null;
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
};

const open = (link) => {
  const entry = document.getElementById(link.hash.slice(1));
  if (!entry) return false;
  close();
  opener = link;
  box = document.createElement("div");
  box.className = "term-box";
  box.tabIndex = -1;
  box.setAttribute("role", "dialog");
  const word = document.createElement("b");
  word.id = "tu-dang-xem";
  word.lang = "vi"; // lessons are written in Vietnamese, whatever the language of the page
  word.textContent = entry.querySelector("dt").textContent;
  const meaning = document.createElement("p");
  meaning.lang = "vi";
  meaning.textContent = entry.querySelector("dd").textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn quiet";
  button.textContent = say("Đóng", "Close");
  button.addEventListener("click", close);
  box.setAttribute("aria-labelledby", word.id);
  box.append(word, meaning, button);
  document.body.append(box);
  link.setAttribute("aria-expanded", "true");
  box.focus();
  return true;
};

for (const link of document.querySelectorAll("a[data-term]")) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      link.click();
    }
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-term]");
  if (link && open(link)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
