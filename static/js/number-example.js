// The next number as it would be written, while pattern and sign are typed. Without this module the server says it.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const shown = document.querySelector("[data-number-example]");
const pattern = document.querySelector("[data-number-pattern]");
const suffix = document.querySelector("[data-number-suffix]");

const show = () => {
  const seq = shown.dataset.numberExample;
  const unknown = pattern.value.replace(/\{so(?::0(\d)d)?\}|\{nam\}|\{ky_hieu\}/g, "");
  const sound = /\{so(:0\dd)?\}/.test(pattern.value) && pattern.value.includes("{nam}") && !/[{}]/.test(unknown);
  shown.textContent = sound
    ? pattern.value
        .replace(/\{so(?::0(\d)d)?\}/, (_, digits) => seq.padStart(Number(digits ?? 0), "0"))
        .replace("{nam}", String(new Date().getFullYear()))
        .replace("{ky_hieu}", suffix.value || say("KÝ-HIỆU", "SYMBOL"))
    : say("(cách viết số chưa rõ)", "(the format is not clear yet)");
};

if (shown && pattern && suffix) [pattern, suffix].forEach((field) => field.addEventListener("input", show));
