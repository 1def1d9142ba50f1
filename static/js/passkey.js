// Buttons for the key of this device: shown where the browser knows keys, and what went wrong said in words.
const REASONS = {
  NotAllowedError: "Máy chưa xác nhận: bạn đã bấm huỷ hoặc để quá lâu. Hãy thử lại, hoặc chọn cách khác.",
  InvalidStateError: "Máy này đã có khoá cho tài khoản của bạn rồi.",
  SecurityError: "Địa chỉ trang này chưa dùng được khoá của máy. Hãy chọn cách khác.",
};
const known = Boolean(window.PublicKeyCredential);
for (const form of document.querySelectorAll("[data-passkey]")) {
  if (known) form.hidden = false;
  else if (!form.hidden) say(form, "Trình duyệt này chưa có khoá của máy. Hãy chọn cách khác.");
}

function say(form, text) {
  const place = form.querySelector("[data-passkey-error]");
  place.textContent = text;
  place.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const text = REASONS[event.detail.exception?.name] ?? "Chưa dùng được khoá của máy. Hãy thử lại, hoặc chọn cách khác.";
  for (const form of document.querySelectorAll("[data-passkey]:not([hidden])")) say(form, text);
});
