// The time left, counted on the screen. The server's clock decides; this only shows it and hands in on time.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const shown = document.querySelector("[data-seconds-left]");
const said = document.querySelector("[data-time-said]");
const button = document.querySelector("[data-time-up]");
const end = Date.now() + Number(shown.dataset.secondsLeft) * 1000;
const WARN_AT = [300, 60];

const words = (seconds) =>
  seconds >= 60
    ? say(`Còn ${Math.floor(seconds / 60)} phút ${seconds % 60} giây`, `${Math.floor(seconds / 60)} min ${seconds % 60} sec left`)
    : say(`Còn ${seconds} giây`, `${seconds} sec left`);

let last = Number(shown.dataset.secondsLeft);

const tick = () => {
  const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
  shown.textContent = words(left);
  shown.classList.toggle("short", left <= 60);
  if (WARN_AT.some((mark) => last > mark && left <= mark)) said.textContent = words(left);
  last = left;
  if (left > 0) return;
  clearInterval(timer);
  said.textContent = say("Đã hết giờ. Bài đang được nộp.", "Time is up. Your test is being handed in.");
  shown.textContent = say("Đã hết giờ", "Time is up");
  // The whole form goes along, so the answer on the page counts even if it was never saved.
  button.form.requestSubmit(button);
};

const timer = setInterval(tick, 1000);
tick();
