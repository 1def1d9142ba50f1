// Copying the address with one press, and the phone's own way of sending it. Without this the address can be selected.
const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const block = document.querySelector("[data-share]");
const address = block?.querySelector("[data-share-address]");
const said = block?.querySelector("[data-share-said]");

function offer(selector, act) {
  const button = block.querySelector(selector);
  button.hidden = false;
  button.addEventListener("click", act);
}

if (block) {
  address.addEventListener("focus", () => address.select());
  if (navigator.clipboard) {
    offer("[data-share-copy]", async () => {
      try {
        await navigator.clipboard.writeText(address.value);
        said.textContent = say("Đã chép.", "Copied.");
      } catch {
        address.select();
        said.textContent = say(
          "Máy không cho chép. Hãy giữ ngón tay trên địa chỉ rồi chọn Sao chép.",
          "Your device did not allow copying. Hold your finger on the address and choose Copy.",
        );
      }
    });
  }
  if (navigator.share) {
    const title = block.querySelector("[data-share-send]").dataset.title;
    // Closing the sheet without sending is no error.
    offer("[data-share-send]", () => navigator.share({ title, url: address.value }).catch(() => {}));
  }
}
