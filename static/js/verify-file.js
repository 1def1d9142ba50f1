// Compares a PDF with the fingerprint of the one that was issued. The file is read here and sent nowhere.

const section = document.querySelector(".verify-file");
const result = section?.querySelector(".verify-result");
const drop = section?.querySelector(".drop");

function say(text, warning) {
  result.textContent = text;
  result.classList.toggle("warning", warning);
}

async function fingerprint(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function compare(file) {
  if (!file) return;
  say("Đang so tệp…", false);
  try {
    const same = (await fingerprint(file)) === section.dataset.sha256;
    const valid = section.dataset.state === "valid";
    if (!same) {
      say("✕ Tệp này khác bản gốc: đã bị sửa, hoặc là bản chụp, bản in lại. Chỉ tin nội dung hiện trên trang này.", true);
    } else if (!valid) {
      say("✕ Tệp này đúng là tệp đã cấp, nhưng giấy này đã bị thu hồi.", true);
    } else {
      say("✓ Tệp này đúng là bản gốc, không bị sửa một chữ nào.", false);
    }
  } catch {
    say("Không đọc được tệp này. Hãy chọn lại tệp.", true);
  }
}

// Browsers only hash on a secure page; elsewhere the section stays hidden and the page says all that matters.
if (section && globalThis.crypto?.subtle) {
  section.hidden = false;
  section.querySelector("input").addEventListener("change", (event) => compare(event.target.files[0]));
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    compare(event.dataTransfer.files[0]);
  });
}
