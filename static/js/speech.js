// «Nghe bài này»: the reader's own machine reads the lesson aloud, where it has a Vietnamese voice. Nothing is fetched.
//
// A text is said piece by piece: some machines fall silent in a long one, and some cannot pause, so that going on begins
// the piece anew. A lesson that a person has read aloud in Vietnamese needs no machine.
const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const PAUSE = say("Tạm dừng", "Pause");
const place = document.querySelector("[data-speech]");
const machine = window.speechSynthesis;
const PIECES = ":is(h2, h3, h4, p, li, dt, dd, tr, figcaption, summary)";
const SILENT = "form *, .no-print *, [hidden] *, details:not([open]) > :not(summary), details:not([open]) > :not(summary) *";

if (place && machine && !document.querySelector("[data-media=nghe-vi]")) {
  const [play, stop] = place.querySelectorAll("button");
  const said = place.querySelector("[role=status]");
  let pieces = [];
  let at = 0;
  let turn = 0; // whose word it is: what was cut off may still report its end

  const voice = () => machine.getVoices().find((one) => /^vi([-_]|$)/i.test(one.lang));
  const offer = () => {
    place.hidden = !voice();
  };
  const texts = () =>
    [...document.querySelectorAll(`h1, .lesson-body ${PIECES}`)]
      .filter((piece) => !piece.matches(SILENT) && !piece.querySelector(PIECES))
      .map((piece) => piece.textContent.trim())
      .filter(Boolean);

  const silence = (label) => {
    turn += 1;
    machine.cancel();
    play.textContent = label;
  };
  const end = (why = "") => {
    silence(say("Nghe bài này", "Listen to this lesson"));
    pieces = [];
    said.textContent = why;
    if (document.activeElement === stop) play.focus();
    stop.hidden = true;
  };
  const speak = () => {
    if (at >= pieces.length) return end();
    const mine = (turn += 1);
    const words = new SpeechSynthesisUtterance(pieces[at]);
    words.voice = voice();
    words.lang = "vi-VN";
    words.onend = () => {
      if (mine !== turn) return;
      at += 1;
      speak();
    };
    words.onerror = () => mine === turn && end(say("Máy chưa đọc được bài này.", "Your device could not read this lesson aloud."));
    play.textContent = PAUSE;
    machine.speak(words);
  };

  play.addEventListener("click", () => {
    if (play.textContent === PAUSE) return silence(say("Nghe tiếp", "Go on listening"));
    if (!pieces.length) [pieces, at] = [texts(), 0];
    said.textContent = "";
    stop.hidden = false;
    speak();
  });
  stop.addEventListener("click", () => end());
  addEventListener("pagehide", () => machine.cancel());
  machine.addEventListener?.("voiceschanged", offer); // many browsers tell their voices only now
  offer();
}
