// Copying the address with one press, and the phone's own way of sending it. Without this the address can be selected.
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
        said.textContent = "Đã chép.";
      } catch {
        address.select();
        said.textContent = "Máy không cho chép. Hãy giữ ngón tay trên địa chỉ rồi chọn Sao chép.";
      }
    });
  }
  if (navigator.share) {
    const title = block.querySelector("[data-share-send]").dataset.title;
    // Closing the sheet without sending is no error.
    offer("[data-share-send]", () => navigator.share({ title, url: address.value }).catch(() => {}));
  }
}
