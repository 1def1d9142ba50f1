// Compares a PDF with the fingerprint of the one that was issued, or finds the certificate of a PDF by its fingerprint.
// The file is read here and sent nowhere.

const say = (vi, en) => (document.documentElement.lang === "en" ? en : vi);
const section = document.querySelector(".verify-file");
const result = section?.querySelector(".verify-result");
const drop = section?.querySelector(".drop");

function show(text, warning) {
  result.textContent = text;
  result.classList.toggle("warning", warning);
}

function looksLikePdf(bytes) {
  return new TextDecoder("latin1").decode(bytes.slice(0, 1024)).includes("%PDF-");
}

async function fingerprint(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function compare(file) {
  if (!file) return;
  show(say("Đang đọc tệp…", "Reading the file…"), false);
  try {
    const bytes = await file.arrayBuffer();
    if (!looksLikePdf(bytes)) {
      show(
        say(
          "✕ Đây không phải tệp PDF. Hãy chọn đúng tệp PDF đã tải về; ảnh chụp giấy không so được.",
          "✕ This is not a PDF file. Choose the PDF file that was downloaded; a photo of the paper cannot be compared.",
        ),
        true,
      );
      return;
    }
    const found = await fingerprint(bytes);
    const { sha256, said, lookup } = section.dataset;
    if (lookup) {
      show(say("Đang tra trong sổ…", "Looking in the register…"), false);
      location.assign(`${lookup}${found}/`);
    } else if (found !== sha256) {
      show(
        say(
          "✕ Tệp này khác bản gốc: đã bị sửa, hoặc là bản chụp, bản in lại. Chỉ tin nội dung hiện trên trang này.",
          "✕ This file differs from the original: it was changed, or it is a photo or another print. Trust only what this page shows.",
        ),
        true,
      );
    } else if (said) {
      show(say(`✕ Tệp này đúng là tệp đã cấp, nhưng giấy này ${said}.`, `✕ This is the file that was issued, but the certificate ${said}.`), true);
    } else {
      show(say("✓ Tệp này đúng là bản gốc, không bị sửa một chữ nào.", "✓ This file is the original. Nothing in it was changed."), false);
    }
  } catch {
    show(say("Không đọc được tệp này. Hãy chọn lại tệp.", "This file could not be read. Please choose it again."), true);
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
