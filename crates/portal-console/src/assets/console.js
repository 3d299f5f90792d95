"use strict";
// Everything works without this: it copies ids, ticks ranges of boxes, brings the reader to the id box,
// and refreshes the page where its address asks for that.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const showCopyButtons = () => {
  for (const it of all("button[data-copy]")) it.hidden = !navigator.clipboard;
};
showCopyButtons();

addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input,select,textarea");
  const box = document.querySelector("#q");
  if (event.key === "/" && !typing && box) {
    event.preventDefault();
    box.focus();
  }
});

// The box that was clicked last: with the shift key all from there to here become like this one.
let clicked = null;
addEventListener("click", (event) => {
  const copy = event.target.closest("button[data-copy]");
  if (copy) navigator.clipboard.writeText(copy.dataset.copy);
  if (!event.target.matches("input[type=checkbox]")) return;
  const boxes = all("input[type=checkbox]");
  const [from, to] = [boxes.indexOf(clicked), boxes.indexOf(event.target)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) {
    for (const it of boxes.slice(from, to)) it.checked = event.target.checked;
    boxes[to].checked = event.target.checked;
  }
  clicked = event.target;
});

// Nobody is disturbed who reads elsewhere, types, ticks or selects.
const isBusy = () =>
  document.hidden ||
  document.activeElement?.closest("form") ||
  getSelection()?.type === "Range" ||
  document.querySelector("main input[type=checkbox]:checked");

// The numbers that matter, as they are read out.
const said = (root) => all("[data-says]", root).map((it) => it.textContent.trim());

const show = (next) => {
  const main = document.querySelector("main");
  const focusable = "main :is(a,button,summary,[tabindex])";
  const open = all("main details").map((it) => it.open);
  const scrolled = all("main .scroll").map((it) => it.scrollLeft);
  const focused = all(focusable).indexOf(document.activeElement);
  const before = said(main);
  main.replaceChildren(...next.querySelector("main").childNodes);
  document.querySelector("#as-of").replaceWith(next.querySelector("#as-of"));
  all("main details").forEach((it, place) => (it.open = open[place]));
  all("main .scroll").forEach((it, place) => (it.scrollLeft = scrolled[place] ?? 0));
  all(focusable)[focused]?.focus({ preventScroll: true });
  showCopyButtons();
  return said(main).filter((it, place) => it !== before[place]);
};

const live = document.querySelector("#live");
let isAsking = false;
const refresh = async () => {
  if (isAsking || isBusy()) return;
  isAsking = true;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) throw new Error(answer.status);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (isBusy()) return;
    const news = show(next);
    if (news.length || live.textContent === live.dataset.failed) live.textContent = news.join(" ");
  } catch {
    live.textContent = live.dataset.failed;
  } finally {
    isAsking = false;
  }
};
if (live) setInterval(refresh, Number(document.body.dataset.live) * 1000);
