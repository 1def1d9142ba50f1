// The time left, counted on the screen. The server's clock decides; this only shows it and hands in on time.

const shown = document.querySelector("[data-seconds-left]");
const said = document.querySelector("[data-time-said]");
const button = document.querySelector("[data-time-up]");
const end = Date.now() + Number(shown.dataset.secondsLeft) * 1000;
const WARN_AT = [300, 60];

const words = (seconds) =>
  seconds >= 60 ? `Còn ${Math.floor(seconds / 60)} phút ${seconds % 60} giây` : `Còn ${seconds} giây`;

let last = Number(shown.dataset.secondsLeft);

const tick = () => {
  const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
  shown.textContent = words(left);
  shown.classList.toggle("short", left <= 60);
  if (WARN_AT.some((mark) => last > mark && left <= mark)) said.textContent = words(left);
  last = left;
  if (left > 0) return;
  clearInterval(timer);
  said.textContent = "Đã hết giờ. Bài đang được nộp.";
  shown.textContent = "Đã hết giờ";
  // The whole form goes along, so the answer on the page counts even if it was never saved.
  button.form.requestSubmit(button);
};

const timer = setInterval(tick, 1000);
tick();
