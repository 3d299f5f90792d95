// Returns the control that has the focus: its place among the controls, and whether that can be seen.
() => {
  const focused = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  return {
    place: window.controls.indexOf(focused),
    is_body: focused === document.body || focused === null,
    is_seen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    element: `${focused.localName} ${focused.textContent.trim().slice(0, 40)}`,
    is_skip_link: focused.matches(".skip"),
  };
}
