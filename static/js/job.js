// The page of a long job follows it without being loaded anew. Without this module it loads itself every few seconds.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const card = document.querySelector("[data-job]");
const said = document.querySelector("[data-job-said]");
const PATIENCE = [1000, 1000, 1000, 2000, 2000, 3000];
const SAY_EVERY = 25; // per cent: a screen reader need not read out every step

let asked = 0;
let spoken = 0;

const show = (answer) => {
  card.innerHTML = answer.html;
  if (answer.percent !== null && answer.percent >= spoken + SAY_EVERY) {
    spoken = answer.percent - (answer.percent % SAY_EVERY);
    said.textContent = say(`Đã xong ${answer.percent} %`, `${answer.percent} % done`);
  }
};

const ask = async () => {
  try {
    const response = await fetch(card.dataset.job, { headers: { Accept: "application/json" } });
    const answer = response.ok && !response.redirected ? await response.json() : null;
    // Finished, signed out or gone: the page itself knows best what to show, and where to lead.
    if (response.status < 500 && !answer?.unfinished) return location.reload();
    if (answer) show(answer);
  } catch {
    // No network for a moment: the work goes on, ask again.
  }
  setTimeout(ask, PATIENCE[Math.min(asked++, PATIENCE.length - 1)]);
};

if (card) setTimeout(ask, PATIENCE[0]);
