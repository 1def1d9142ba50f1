// After a proof: what was interrupted goes on by itself. Without this module there is a button.
for (const form of document.querySelectorAll("[data-go-on]")) form.requestSubmit();
