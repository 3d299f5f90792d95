// Returns all that a reader sees, but the time of day, ages, and the buttons that need a script.
() => {
  document.querySelectorAll("[data-copy]").forEach((it) => it.remove());
  return document.body.innerText.replace(/\d{1,2}:\d{2}(:\d{2})?|\d+ (s|min|秒|分)(?![a-z])/g, "TIME");
}
