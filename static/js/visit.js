// How long a lesson is in front of somebody and whether its end was reached, told to the server now and then; videos
// and sounds go on where they stopped, on whatever device. Without this module the buttons below the lesson do the same.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const place = document.querySelector("[data-visit]");
const SOON = 15000; // milliseconds between two reports at the least: when the end is reached, or all is done that is asked
const EVERY = 30000; // and as a rule
const ACTIVE = 60000; // without a touch for so long, nobody is reading
const WORTH = 5; // seconds of a video that are worth going on after

const needs = Number(place.dataset.needs ?? NaN);
const before = Number(place.dataset.seconds ?? 0);
let seconds = 0; // in front, not told yet
let told = 0;
let atEnd = "reached" in place.dataset;
let endTold = atEnd;
let done = false;
let lastSent = Date.now() - SOON;
let lastTouch = Date.now();
const moved = {}; // where videos and sounds stand, not told yet
const kept = JSON.parse(place.dataset.resume);

// --- Telling -------------------------------------------------------------------------------------------------------
const report = () => {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", place.dataset.token);
  data.set("giay", seconds);
  if (atEnd) data.set("cuoi", "1");
  data.set("media", JSON.stringify(moved));
  return data;
};

const somethingToTell = () => seconds > 0 || atEnd !== endTold || Object.keys(moved).length > 0;

const markTold = () => {
  told += seconds;
  seconds = 0;
  endTold = atEnd;
  for (const block of Object.keys(moved)) delete moved[block];
};

const takeBack = (wasSeconds, wasEnd, wasMoved) => {
  told -= wasSeconds;
  seconds += wasSeconds;
  endTold = wasEnd;
  for (const [block, second] of Object.entries(wasMoved)) moved[block] ??= second;
};

const send = async () => {
  const isMet = !done && atEnd && before + told + seconds >= needs;
  const wait = isMet || atEnd !== endTold ? SOON : EVERY;
  if (!somethingToTell() || Date.now() - lastSent < wait) return;
  lastSent = Date.now();
  const data = report();
  const was = [seconds, endTold, { ...moved }];
  markTold();
  try {
    const response = await fetch(place.dataset.visit, { method: "POST", body: data, keepalive: true });
    if (response.status === 200 && (await response.json()).done) showDone();
    else if (response.status >= 500) takeBack(...was);
  } catch {
    takeBack(...was); // no network: the next report tells it
  }
};

const sendLast = () => {
  if (somethingToTell() && navigator.sendBeacon(place.dataset.visit, report())) markTold();
};

addEventListener("pagehide", sendLast);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") sendLast();
});

// --- Reading -------------------------------------------------------------------------------------------------------
for (const touch of ["scroll", "pointerdown", "keydown", "pointermove"]) {
  addEventListener(touch, () => (lastTouch = Date.now()), { passive: true });
}
const isPlaying = () => [...document.querySelectorAll("video, audio")].some((one) => !one.paused && !one.ended);

const note = document.querySelector("[data-visit-note]");
let lastNote = "";
const show = (text) => {
  if (note && text !== lastNote) note.textContent = lastNote = text;
};
const words = (left) => (left >= 60 ? say(`${Math.ceil(left / 60)} phút`, `${Math.ceil(left / 60)} min`) : say(`${left} giây`, `${left} sec`));

const showDone = () => {
  done = true;
  document.querySelector("[data-until-done]")?.setAttribute("hidden", "");
  document.querySelector("[data-when-done]")?.removeAttribute("hidden");
  show(say("✓ Bạn đã học xong bài này.", "✓ You have finished this lesson."));
};

const tick = () => {
  if (document.visibilityState === "visible" && (isPlaying() || Date.now() - lastTouch < ACTIVE)) seconds += 1;
  const left = needs - before - told - seconds;
  // What is left is told in steps, so that a screen reader is not talked to every second.
  if (!done && atEnd && left > 0 && (left % 15 === 0 || !lastNote)) {
    show(say(
      `Bạn đã đọc đến cuối. Còn khoảng ${words(left)} nữa là đủ thời gian của bài.`,
      `You have read to the end. About ${words(left)} more and this lesson counts as read.`,
    ));
  }
  send();
};

new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting || entry.boundingClientRect.bottom < 0)) atEnd = true;
}).observe(place);
setInterval(tick, 1000);

// --- Videos and sounds ---------------------------------------------------------------------------------------------
const clock = (second) => `${String(Math.floor(second / 60)).padStart(2, "0")}:${String(second % 60).padStart(2, "0")}`;
const asMedia = (target) => (target instanceof HTMLMediaElement && target.dataset.media ? target : null);

const goTo = (media, second) => {
  if (media.readyState > 0) media.currentTime = second;
  else media.addEventListener("loadedmetadata", () => (media.currentTime = second), { once: true });
};

const button = (text, press) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "linklike";
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
};

const offer = (media) => {
  const second = kept[media.dataset.media] ?? 0;
  if (second < WORTH || media.dataset.offered) return;
  media.dataset.offered = "1";
  const [verb, act] = media.tagName === "VIDEO" ? ["Xem", "Watch"] : ["Nghe", "Listen"];
  const row = document.createElement("p");
  row.className = "resume";
  const begin = (at) => () => {
    row.remove(); // before playing begins: the place is chosen
    goTo(media, at);
    media.play();
  };
  row.append(
    button(say(`${verb} tiếp từ ${clock(second)}`, `${act} on from ${clock(second)}`), begin(second)),
    button(say(`${verb} lại từ đầu`, `${act} from the start`), begin(0)),
  );
  media.after(row);
  // Whoever presses the player's own button goes on, too.
  media.addEventListener("play", () => {
    if (row.isConnected && media.currentTime < 1) goTo(media, second);
    row.remove();
  }, { once: true });
};

const offerAll = () => document.querySelectorAll("video[data-media], audio[data-media]").forEach(offer);
offerAll();
// A player that a press brings into the page later.
new MutationObserver(offerAll).observe(document.querySelector("main"), { childList: true, subtree: true });

const remember = (event) => {
  const media = asMedia(event.target);
  if (!media || (event.type === "timeupdate" && media.paused)) return;
  const length = media.duration || Infinity;
  // At the end there is nothing to go on with.
  moved[media.dataset.media] = media.ended || media.currentTime > length - 3 ? 0 : Math.floor(media.currentTime);
};
for (const name of ["timeupdate", "pause", "seeked", "ended"]) document.addEventListener(name, remember, true);
