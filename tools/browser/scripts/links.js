// Returns the addresses of this site that the page leads to, and the status of the page itself.
() => ({
  status: performance.getEntriesByType("navigation")[0].responseStatus,
  title: document.querySelector("h1")?.textContent ?? "",
  links: [...document.querySelectorAll("a[href]")].filter((it) => it.origin === location.origin).map((it) => it.pathname + it.search),
})
