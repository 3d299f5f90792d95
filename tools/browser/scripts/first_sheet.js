// Returns the texts that a reader looks for on the first sheet: the heading, and the sums of a statement.
() => {
  const sums = location.pathname === "/ops/statement" ? document.querySelector("main table:not(.rows table)") : null;
  const due = [document.querySelector("h1"), ...(sums?.querySelectorAll("th,td") ?? [])];
  return due.map((it) => it.innerText).filter((it) => it.trim());
}
