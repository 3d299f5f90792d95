// Returns all that a reader sees, but the time of day and the buttons that need a script.
() => {
  document.querySelectorAll("[data-copy]").forEach((it) => it.remove());
  return document.body.innerText.replace(/\d{1,2}:\d{2}(:\d{2})?/g, "TIME");
}
