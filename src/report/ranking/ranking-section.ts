// Shows a ranking in the page, and its matrix as a heat map: each cell has its number, a colour only repeats it.

import type { Ranking } from "../../analysis/ranking/ranking.ts";
import type { ReportData } from "../report-data.ts";
import type { TableLine, TableView } from "../table/table-view.ts";
import { markup, type Markup } from "../text/markup.ts";
import { isShown, matrixColumn, matrixMetric, matrixSides, matrixText } from "./matrix.ts";
import { rankingView } from "./ranking-view.ts";

/** Returns the ranking of `report`, best first. */
export function rankingSection(report: ReportData & { readonly ranking: Ranking }): Markup {
  const { title, grid, notes, rangeNotes } = rankingView(report);
  return markup`<section id="ranking"><h2>${title}</h2>
<div class="scroll"><table class="facts"><thead><tr>${grid.columns.map(({ head }) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${grid.rows.map(
    (row) =>
      markup`<tr>${(typeof row === "string" ? [row] : row).map((cell, i) => (i === 1 ? markup`<th scope="row">${cell}</th>` : markup`<td>${cell}</td>`))}</tr>
`,
  )}</tbody></table></div>
${[...notes, ...rangeNotes].map((note) => markup`<p class="key">${note}</p>`)}</section>`;
}

/** Returns the matrix of `view`: faster cells are blue, slower ones orange, the stronger the farther from 1. */
export function heatMap(view: TableView, ranking: Ranking): Markup {
  const [sides, metric] = [matrixSides(ranking, view), matrixMetric(ranking)];
  const row = (line: TableLine): Markup =>
    markup`<tr><th scope="row">${line.label}</th>${sides.map((side) => {
      const speedup = line.speedups[side]?.[metric];
      const level = speedup?.value == null || !isShown(speedup) ? 0 : levelOf(speedup.value);
      return markup`<td class="heat${level}">${matrixText(line, side, view, metric)}</td>`;
    })}</tr>
`;
  return markup`<section id="matrix"><h2>Speedup over ${view.baseline}, ${metric === "cpu" ? "CPU" : "real"} time</h2>
<div class="scroll"><table class="heat"><thead><tr><td></td>${sides.map((side) => markup`<th scope="col">${headOf(side)}</th>`)}</tr></thead>
${view.groups.map(
  ({ title, lines }) =>
    markup`<tbody><tr class="group"><th colspan="${1 + sides.length}" scope="rowgroup">${title}</th></tr>
${lines.map(row)}</tbody>`,
)}${view.overall.length === 0 ? undefined : markup`<tbody>${view.overall.map(row)}</tbody>`}</table></div>
<p class="key">blue: faster · orange, slanted: slower · the stronger, the farther from 1: from 5 %, 25 % and 75 % on · no colour: less, or no difference shown</p></section>`;
}

/** Returns a type's family above its size, so that more columns fit; another side as it is. */
function headOf(side: string): Markup {
  const { over, head } = matrixColumn(side);
  return over === "" ? markup`${head}` : markup`${over}<br>${head}`;
}

/** Returns -3 to 3: how far `value` is from 1. */
function levelOf(value: number): number {
  const size = [1.05, 1.25, 1.75].filter((limit) => Math.abs(Math.log(value)) >= Math.log(limit)).length;
  return size === 0 ? 0 : Math.sign(value - 1) * size;
}
