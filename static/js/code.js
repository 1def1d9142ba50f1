// The page of a code: sent by itself when six digits are there; and when another code can be asked for.
// Without this module there is the button, and the server says when it is too soon.
const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const form = document.querySelector("form[data-code]");
const field = form?.querySelector("input[name=code]");

field?.addEventListener("input", () => {
  const digits = field.value.replace(/\s/g, "");
  // A field marked as wrong still holds what was wrong: only what is typed or pasted now is sent.
  if (/^\d{6}$/.test(digits) && !form.dataset.sent) form.requestSubmit();
});

const again = document.querySelector("button[data-resend-after]");
if (again) {
  const words = again.textContent;
  let left = Number(again.dataset.resendAfter);
  const tick = () => {
    again.disabled = left > 0;
    again.textContent = left > 0 ? `${words} ${say(`(sau ${left} giây)`, `(in ${left} s)`)}` : words;
    if (left > 0) setTimeout(tick, 1000);
    left -= 1;
  };
  tick();
}
