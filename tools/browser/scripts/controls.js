// Remembers the controls that the Tab key has to reach, in their order, and returns their number.
() => {
  const controls = "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex='0']";
  const canBeReached = (it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled;
  window.controls = [...document.querySelectorAll(controls)].filter(canBeReached);
  document.activeElement?.blur();
  scrollTo(0, 0);
  return window.controls.length;
}
