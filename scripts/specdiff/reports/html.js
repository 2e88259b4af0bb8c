"use strict";
const form = document.getElementById("filters");
if (form) {
  const findings = Array.from(document.querySelectorAll(".finding"), (node) => ({
    node,
    words: `${node.querySelector("summary").textContent} ${node.querySelector("dl").textContent}`.toLowerCase(),
    operations: new Set(node.dataset.operations.split(" ")),
  }));
  const groups = Array.from(document.querySelectorAll(".group"));
  const shown = document.getElementById("shown");
  // Only pages about contracts of this project have these boxes.
  const hasImpacts = form.querySelector("[name=python]") !== null;
  const chosen = (name) => new Set(Array.from(form.querySelectorAll(`[name=${name}]:checked`), (box) => box.value));

  const filter = () => {
    const [verdicts, impacts] = [chosen("verdict"), chosen("python")];
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const operation = form.elements.operation.value;
    let count = 0;
    for (const { node, words: said, operations } of findings) {
      const fits =
        verdicts.has(node.dataset.verdict) &&
        (!hasImpacts || impacts.has(node.dataset.python)) &&
        (operation === "" || operations.has(operation)) &&
        words.every((word) => said.includes(word));
      node.hidden = !fits;
      count += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector(".finding:not([hidden])");
    shown.textContent = `${count} of ${findings.length} shown`;
  };
  const open = (wanted) => {
    for (const { node } of findings) if (!wanted || !node.hidden) node.open = wanted;
  };
  // A link to a finding opens it, even if it is filtered out.
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.matches(".finding")) return;
    if (target.hidden) form.reset();
    filter();
    target.open = true;
    target.scrollIntoView();
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields are empty only when the event is over.
  form.addEventListener("reset", () => setTimeout(filter));
  document.getElementById("open").addEventListener("click", () => open(true));
  document.getElementById("close").addEventListener("click", () => open(false));
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => open(true));
  form.hidden = false;
  filter();
  follow();
}
