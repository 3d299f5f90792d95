"use strict";
// Everything works without this: it copies ids and brings the reader to the id box.
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input,select,textarea");
  const box = document.querySelector("#q");
  if (event.key === "/" && !typing && box) {
    event.preventDefault();
    box.focus();
  }
});
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copy));
}
