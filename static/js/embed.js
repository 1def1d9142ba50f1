// A video of another house: its player comes when the link is pressed, not before. Without this module the link opens
// the video there.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-embed]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const frame = document.createElement("iframe");
  frame.src = link.dataset.embed;
  frame.title = link.dataset.title;
  frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
  // The player asks from which site it is shown; it learns the site, not the lesson.
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  link.replaceWith(frame);
  frame.focus();
});
