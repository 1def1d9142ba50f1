// Answers save as they are given, and survive a lost network, a killed browser and an empty battery.
//
// Each state of the form has a number on its page (luot); the same number twice is kept once. What is not saved yet is
// kept in this browser under the attempt and the page, until the server has it, the attempt is handed in or the person
// signs out (site.js). That an attempt was handed in is kept in the same way: should the browser be killed before the
// network is back, the next page of the attempt hands it in. Without this module the buttons of the form save.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const KEPT = "bai-lam/";
const LONGEST = 30 * 24 * 3600 * 1000; // milliseconds that unsent answers are kept
const QUIET = 1000; // milliseconds without a key before what is typed is sent
const FIRST_WAIT = 3000;
const LONGEST_WAIT = 30000;

const form = [...document.querySelectorAll("form[data-work]")].find((one) => one.dataset.autosave) ?? document.querySelector("form[data-work]");
const status = document.querySelector("[data-autosave-status]");
const closed = document.querySelector("[data-handed-in]")?.dataset.handedIn;

const show = (text, look = "") => {
  if (!status || status.textContent === text) return;
  status.textContent = text;
  status.className = `status ${look}`;
};

// --- What this browser keeps ---------------------------------------------------------------------------------------
const store = (() => {
  try {
    return window.localStorage;
  } catch {
    return null; // forbidden by the reader: answers are only as safe as the network
  }
})();
const names = (start) => Object.keys(store ?? {}).filter((name) => name.startsWith(start));
const forget = (name) => store?.removeItem(name);
const read = (name) => {
  try {
    return JSON.parse(store.getItem(name));
  } catch {
    return null;
  }
};

for (const name of names(KEPT)) {
  if (!(Date.now() - read(name)?.at < LONGEST)) forget(name);
}
if (closed) names(`${KEPT}${closed}/`).forEach(forget);

const work = () => {
  const own = `${KEPT}${form.dataset.work}/${form.elements.khoa.value}`;
  const pressed = `${KEPT}${form.dataset.work}/nop`; // handed in, and the server has not said that it has it
  const token = form.elements.csrfmiddlewaretoken.value;
  let seq = 0; // number of the form's present state
  let changedAt = null; // performance.now() of the oldest change that is not saved
  let sending = false;
  let wait = FIRST_WAIT;
  let timer;
  let request;
  let isCutOff = false; // the last word from the network was none
  let leaving = false; // for another page of the attempt
  let held = null; // what was pressed while there was no network: {button, target, handsIn, fields of an earlier page}

  // --- Saving ------------------------------------------------------------------------------------------------------
  const write = (name, entry) => {
    const fields = [...new FormData(form)].filter(([field]) => field !== "csrfmiddlewaretoken");
    try {
      store?.setItem(name, JSON.stringify({ fields, seq, at: Date.now(), ...entry }));
    } catch {
      // full: the network has to do
    }
  };
  const keep = (isOnItsWay = false) => {
    write(own, { isOnItsWay });
    if (held?.handsIn && !held.fields) write(pressed, { target: held.target });
  };
  const dataOf = (fields) => {
    const data = new FormData();
    for (const [field, value] of fields) data.append(field, value);
    data.set("csrfmiddlewaretoken", token);
    return data;
  };

  const body = () => {
    const data = new FormData(form);
    data.set("luot", seq);
    data.set("tre", Math.round(performance.now() - (changedAt ?? performance.now())));
    return data;
  };

  // True when the server has dealt with it, false when it should be tried again.
  const post = async (data) => {
    let response;
    request = new AbortController();
    try {
      response = await fetch(form.dataset.autosave, { method: "POST", body: data, signal: request.signal });
    } catch (error) {
      if (error.name === "AbortError") return { isDone: false, isStopped: true };
      return { isDone: false };
    }
    if (response.status >= 500) return { isDone: false };
    const answer = await response.json().catch(() => ({}));
    // Signed out, or with the token of an earlier sign-in: the next page can still send it.
    const isOver = ![401, 403].includes(response.status);
    return { isDone: true, isSaved: response.ok, isOver, text: answer.text };
  };

  const cutOff = () => {
    isCutOff = true;
    clearTimeout(timer);
    timer = setTimeout(tryAgain, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
    if (held?.handsIn) show(say(
      "Chưa nộp được vì mất mạng. Hãy giữ trang này mở: bài tự nộp khi có mạng.",
      "Not handed in: there is no network. Keep this page open: your test is handed in by itself when you are online.",
    ), "bad");
    else if (held) show(say(
      "Chưa sang trang được vì mất mạng. Câu trả lời được giữ lại; trang tự đi tiếp khi có mạng.",
      "Cannot go on: there is no network. Your answers are kept; the page goes on by itself when you are online.",
    ), "bad");
    else show(say(
      "Chưa lưu được vì mất mạng. Câu trả lời được giữ trên máy này và tự gửi khi có mạng.",
      "Not saved: there is no network. Your answers are kept on this device and sent when you are online.",
    ), "bad");
  };

  const save = async () => {
    clearTimeout(timer);
    if (sending || changedAt === null || !form.dataset.autosave) return;
    sending = true;
    const number = seq;
    show(say("Đang lưu…", "Saving…"), "waiting");
    const said = await post(body());
    sending = false;
    if (said.isStopped) return;
    if (!said.isDone) {
      cutOff();
      return;
    }
    isCutOff = false;
    wait = FIRST_WAIT;
    if (said.isSaved) show(said.text);
    else show(said.text || say("Chưa lưu được. Hãy tải lại trang.", "Not saved. Please load the page again."), "bad");
    if (number === seq) {
      changedAt = null;
      // Who signs in again finds here what the server did not take.
      if (said.isOver) forget(own);
    } else {
      save();
    }
    if (held) goOn();
    else if (read(pressed)) resume();
  };

  const changed = (target) => {
    seq += 1;
    changedAt ??= performance.now();
    // From here on the answer to this question is this page's own, even if it comes back to what it was.
    const place = /^c(\d+)/.exec(target.name ?? "");
    if (place) form.elements[`g${place[1]}`]?.remove();
    keep();
  };

  // --- Moving on and handing in ------------------------------------------------------------------------------------
  const handIn = async () => {
    if (held.fields) show(say(
      "Bạn đã bấm nộp bài lúc mất mạng. Đang nộp bài…",
      "You handed in while there was no network. Handing in…",
    ), "waiting");
    else show(say("Đang nộp bài…", "Handing in…"), "waiting");
    if (!held.fields) write(pressed, { target: held.target });
    const data = held.fields ? dataOf(held.fields) : new FormData(form);
    let response;
    try {
      response = await fetch(held.target, { method: "POST", body: data, redirect: "manual" });
    } catch {
      cutOff();
      return;
    }
    if (response.status >= 500) {
      cutOff();
      return;
    }
    leaving = true;
    if (response.type === "opaqueredirect" || response.ok) {
      location.assign(form.dataset.page); // the result's own page forgets what was kept
    } else {
      forget(pressed);
      form.action = held.target; // the server's page says why not
      form.submit();
    }
  };

  // Handed in on a page that is gone: first what else that page could not send, then the attempt itself.
  const resume = async () => {
    await restore();
    const entry = read(pressed);
    if (!entry || leaving || isCutOff || changedAt !== null || held) return;
    held = { target: entry.target, handsIn: true, fields: entry.fields };
    handIn();
  };

  const goOn = () => {
    if (held.handsIn) {
      handIn();
      return;
    }
    const { button } = held;
    held = null;
    isCutOff = false;
    form.requestSubmit(button);
  };

  const tryAgain = () => {
    if (held?.handsIn) {
      handIn();
    } else if (held) {
      // Whether there is a network is asked with a save, even of nothing new.
      changedAt ??= performance.now();
      save();
    } else if (changedAt !== null) {
      save();
    } else {
      isCutOff = false;
      resume();
    }
  };

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    const target = button?.hasAttribute("formaction") ? button.formAction : form.action;
    const handsIn = new URL(target).pathname.endsWith("/nop/");
    if (held || handsIn || isCutOff || !navigator.onLine) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (held && (held.handsIn || !handsIn)) return; // pressed twice; handing in overrules a move that waits
    clearTimeout(timer);
    // The form itself carries the latest answers: a slower save behind it must not arrive later with older ones.
    request?.abort();
    if (handsIn) {
      held = { button, target, handsIn };
      handIn();
    } else if (isCutOff || !navigator.onLine) {
      held = { button, target, handsIn };
      cutOff();
    } else {
      // The next page asks for it once more, in case this never arrives.
      if (changedAt !== null) keep(true);
      leaving = true;
    }
  });

  // --- Leaving and coming back -------------------------------------------------------------------------------------
  const note = (what, seconds) => {
    if (!form.dataset.notes) return;
    const data = new FormData();
    data.set("csrfmiddlewaretoken", token);
    data.set("khoa", form.elements.khoa.value);
    data.set("viec", what);
    if (seconds !== undefined) data.set("giay", seconds);
    navigator.sendBeacon(form.dataset.notes, data);
  };

  const sendLast = () => {
    if (changedAt !== null && !leaving && form.dataset.autosave) navigator.sendBeacon(form.dataset.autosave, body());
  };

  let leftAt = null;
  document.addEventListener("visibilitychange", () => {
    if (leaving) return;
    if (document.visibilityState === "hidden") {
      sendLast();
      leftAt = performance.now();
      note("roi");
    } else if (leftAt !== null) {
      note("lai", Math.round((performance.now() - leftAt) / 1000));
      leftAt = null;
      if (changedAt !== null) save();
    }
  });
  addEventListener("pagehide", sendLast);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link && new URL(link.href).pathname.startsWith(form.dataset.page) && !event.ctrlKey && !event.metaKey) {
      sendLast();
      leaving = true;
    }
  });

  // --- What another page of this attempt could not send ------------------------------------------------------------
  const isHere = (entry) => entry.fields.some(([name, value]) => name === "cau" && form.querySelector(`input[name=cau][value="${CSS.escape(value)}"]`));

  const isAnswer = ([name]) => /^c\d/.test(name);
  const told = (fields) => JSON.stringify(fields.filter(isAnswer).map(String).sort());
  // The page may have been made after all that was kept had arrived. The last look shows no answers, it counts them.
  const isNews = (entry) => (form.elements.cau ? isHere(entry) && told(entry.fields) !== told([...new FormData(form)]) : !entry.isOnItsWay);

  const fillIn = (entry) => {
    const given = entry.fields.filter(isAnswer);
    for (const field of form.elements) {
      if (!isAnswer([field.name])) continue;
      const values = given.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
      changed(field);
    }
    changedAt = performance.now() - (Date.now() - entry.at);
  };

  const restore = async () => {
    let isNew = false;
    for (const name of names(`${KEPT}${form.dataset.work}/`).filter((one) => ![own, pressed].includes(one))) {
      const entry = read(name);
      const data = dataOf(entry.fields);
      data.set("luot", entry.seq);
      data.set("tre", Math.max(0, Date.now() - entry.at));
      const said = await post(data);
      if (said.isDone && said.isOver) {
        forget(name);
        isNew ||= said.isSaved && isNews(entry);
        if (!said.isSaved) show(said.text, "bad");
      } else if (!said.isDone) {
        if (changedAt === null && form.elements.cau && isNews(entry)) {
          fillIn(entry);
          forget(name);
        }
        cutOff();
        return;
      }
    }
    if (isNew && changedAt === null) {
      // The server says which answer stands; another device may have given a later one.
      leaving = true;
      location.reload();
    }
  };

  if (!form.dataset.autosave) return;
  form.addEventListener("change", (event) => {
    changed(event.target);
    save();
  });
  form.addEventListener("input", (event) => {
    if (event.target.matches("input[type=radio], input[type=checkbox], select")) return; // "change" tells of these
    changed(event.target);
    if (!isCutOff) show(say("Chưa lưu…", "Not saved yet…"), "waiting");
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
  });
  addEventListener("online", tryAgain);
  resume();
};

if (form) work();
