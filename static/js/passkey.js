// Buttons for the key of this device: shown where the browser knows keys, and what went wrong said in words.
const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const REASONS = {
  NotAllowedError: say(
    "Máy chưa xác nhận: bạn đã bấm huỷ hoặc để quá lâu. Hãy thử lại, hoặc chọn cách khác.",
    "Your device did not confirm: you cancelled, or it took too long. Try again, or choose another way.",
  ),
  InvalidStateError: say(
    "Máy này đã có khoá cho tài khoản của bạn rồi.",
    "This device already has a passkey for your account.",
  ),
  SecurityError: say(
    "Địa chỉ trang này chưa dùng được khoá của máy. Hãy chọn cách khác.",
    "Passkeys do not work at this address yet. Choose another way.",
  ),
};
const known = Boolean(window.PublicKeyCredential);
for (const form of document.querySelectorAll("[data-passkey]")) {
  if (known) form.hidden = false;
  else if (!form.hidden) {
    tell(form, say(
      "Trình duyệt này chưa có khoá của máy. Hãy chọn cách khác.",
      "This browser has no passkeys yet. Choose another way.",
    ));
  }
}

function tell(form, text) {
  const place = form.querySelector("[data-passkey-error]");
  place.textContent = text;
  place.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const text = REASONS[event.detail.exception?.name] ?? say(
    "Chưa dùng được khoá của máy. Hãy thử lại, hoặc chọn cách khác.",
    "The passkey could not be used. Try again, or choose another way.",
  );
  for (const form of document.querySelectorAll("[data-passkey]:not([hidden])")) tell(form, text);
});
