// Runs axe, which is loaded before, and returns its violations as {rule, element} objects.
async () => {
  const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const options = {
    runOnly: { type: "tag", values },
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
  };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) => nodes.map((it) => ({ rule: id, element: `${it.target} ${it.html.slice(0, 120)}` })));
}
