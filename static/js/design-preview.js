// A draft is kept and drawn anew while it is typed. Without this module the button «Lưu và xem thử» does the same.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const form = document.querySelector("form[data-preview]");
const target = form && document.querySelector(form.dataset.preview);
const status = document.querySelector("[data-preview-status]");
const QUIET = 900; // milliseconds without a key

let timer;
let running = null;
let again = false;

const draw = async () => {
  if (running) {
    again = true; // one at a time: each answer carries the moment that the next must name
    return;
  }
  running = true;
  status.textContent = say("Đang vẽ lại…", "Drawing it again…");
  const data = new FormData(form);
  data.delete("picture"); // a file goes with the button
  data.delete("drop_picture");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Preview": "1" } });
    if (answer.ok && !answer.redirected) {
      target.innerHTML = await answer.text();
      form.elements.seen.value = target.querySelector("[name=seen-now]").value;
      status.textContent = say("Đã lưu và vẽ lại.", "Saved and drawn again.");
    } else {
      status.textContent = say(
        "Chưa lưu được. Bấm «Lưu và xem thử» để biết vì sao.",
        "Not saved. Press “Save and preview” to see why.",
      );
    }
  } catch {
    status.textContent = say("Mất mạng: chưa lưu được.", "No connection: not saved.");
  }
  running = null;
  if (again) {
    again = false;
    draw();
  }
};

form?.addEventListener("input", (event) => {
  if (event.target.type === "file") return;
  clearTimeout(timer);
  timer = setTimeout(draw, QUIET);
});
