// A button to look at the password one is typing: fewer mistakes than typing it twice. Without this module the field
// is a plain password field.
const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);

for (const input of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.textContent = visible ? say("Ẩn mật khẩu", "Hide password") : say("Hiện mật khẩu", "Show password");
  };
  button.type = "button";
  button.className = "linklike show-password";
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  show(false);
  input.after(button);
  // A password manager and the browser's history should see a password, not a text.
  input.form?.addEventListener("submit", () => show(false));
}
