// Answers save as they are given: a form with data-autosave sends itself there on every change.
// One save at a time and always the latest state of the form, so an older answer never overtakes a newer one.

const form = document.querySelector("form[data-autosave]");
const status = document.querySelector("[data-autosave-status]");

let sending = false;
let changed = false;
let wait = 3000;
let timer;
let request;

const say = (text, look) => {
  status.textContent = text;
  status.className = `status ${look}`;
};

// True when the form's present state has been dealt with; false when it should be tried again.
const send = async () => {
  let response;
  request = new AbortController();
  try {
    response = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), signal: request.signal });
  } catch (error) {
    return error.name === "AbortError";
  }
  if (response.status >= 500) return false;
  const answer = await response.json().catch(() => ({}));
  if (response.ok) say(answer.text, "");
  else say(answer.text || "Chưa lưu được. Hãy tải lại trang.", "bad");
  return true;
};

const loop = async () => {
  while (changed) {
    changed = false;
    say("Đang lưu…", "waiting");
    if (await send()) {
      wait = 3000;
    } else {
      changed = true;
      say("Chưa lưu được vì mất mạng. Trang sẽ tự lưu lại khi có mạng.", "bad");
      timer = setTimeout(save, wait);
      wait = Math.min(wait * 2, 30000);
      break;
    }
  }
  sending = false;
};

const save = () => {
  clearTimeout(timer);
  if (sending) return;
  sending = true;
  loop();
};

if (form) {
  form.addEventListener("change", () => {
    changed = true;
    save();
  });
  addEventListener("online", save);
  // The form itself carries the latest answers: a slower save behind it must not arrive later with older ones.
  form.addEventListener("submit", () => {
    changed = false;
    clearTimeout(timer);
    request?.abort();
  });
}
