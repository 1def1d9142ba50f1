// A page that Back brings out of the browser's memory still offers what was pressed on it: fetch it as it is now.
// Without this module the browser asks again by itself, for such pages are not to be stored.

addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("main form[method=post]")) location.reload();
});
