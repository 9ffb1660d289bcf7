// The page's script, for browsers that run it: it sorts the table on a click, and shows the words of a dot as soon as
// the pointer is on it. The page is complete without it. Nothing in it comes from a run.

export const pageScript = `"use strict";
for (const table of document.querySelectorAll("table.main")) {
  const heads = [...table.querySelectorAll("th[data-sort]")];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const state = head.getAttribute("aria-sort");
      const next = state === null ? "descending" : state === "descending" ? "ascending" : null;
      for (const other of heads) other.removeAttribute("aria-sort");
      if (next !== null) head.setAttribute("aria-sort", next);
      for (const body of table.tBodies) sort(body, column, next);
    });
  });
}
function sort(body, column, direction) {
  const rows = [...body.rows].filter((row) => !row.matches(".group, .mean"));
  const mean = body.querySelector(".mean");
  rows.forEach((row, place) => { row.dataset.place ??= String(place); });
  const key = (row) => {
    const cell = row.cells[column];
    if (direction === null) return Number(row.dataset.place);
    return column === 0 ? cell.textContent : cell.dataset.v === undefined ? undefined : Number(cell.dataset.v);
  };
  const sign = direction === "descending" ? -1 : 1;
  rows.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
    return sign * (typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y);
  });
  for (const row of rows) body.insertBefore(row, mean);
}
const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);
for (const title of document.querySelectorAll("svg title")) {
  title.parentNode.dataset.tip = title.textContent;
  title.remove();
}
document.addEventListener("pointerover", (event) => {
  const marked = event.target.closest?.("[data-tip]");
  tip.hidden = marked == null;
  if (marked == null) return;
  tip.textContent = marked.dataset.tip;
  const box = marked.getBoundingClientRect();
  const left = Math.min(box.left + box.width / 2 + 8, innerWidth - tip.offsetWidth - 8);
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = (box.top > 40 ? box.top - tip.offsetHeight - 6 : box.bottom + 6) + "px";
});
`;
