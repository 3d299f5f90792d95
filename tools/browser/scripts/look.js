// Looks at a page for what axe does not know, and returns it as {rule, element} objects.
() => {
  const found = [];
  const name = (element) => {
    const classes = [...element.classList].map((it) => `.${it}`).join("");
    const text = (element.textContent || element.name || "").trim().slice(0, 40);
    return `${element.localName}${element.id && `#${element.id}`}${classes} ${text}`;
  };
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const isWide = (it) => it.getBoundingClientRect().right > root.clientWidth + 1 && !it.closest(".scroll *");
    const wide = [...document.body.querySelectorAll("*")].filter(isWide);
    found.push({ rule: "overflow", element: `${root.scrollWidth} px: ${wide.length ? name(wide.at(-1)) : "?"}` });
  }
  for (const control of document.querySelectorAll("button,input:not([type=hidden]),select,textarea,summary,.button")) {
    const { width, height } = control.getBoundingClientRect();
    if (control.checkVisibility() && (width < 24 || height < 24)) {
      found.push({ rule: "target under 24 px", element: `${Math.round(width)} x ${Math.round(height)}: ${name(control)}` });
    }
  }
  for (const text of document.querySelectorAll("svg text")) {
    const scale = text.ownerSVGElement.getScreenCTM().a;
    const size = parseFloat(getComputedStyle(text).fontSize) * scale;
    if (size < 9) {
      found.push({ rule: "text under 9 px", element: `${size.toFixed(1)} px: ${name(text)}` });
    }
  }
  for (const link of document.querySelectorAll("a[href^='#']")) {
    if (!document.getElementById(link.hash.slice(1))) {
      found.push({ rule: "link to nothing on the page", element: name(link) });
    }
  }
  return found;
}
