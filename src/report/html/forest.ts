// Draws the forest of all speedups in the page. Labels are text beside the plots, so that they wrap and a search finds
// them.

import { type Forest, type ForestRow, forests, hasRanges } from "../plot/forest.ts";
import { rowHeight, rowMarks } from "../plot/forest-marks.ts";
import type { Scale } from "../plot/scale.ts";
import type { ReportData } from "../report-data.ts";
import type { TableView } from "../table/table-view.ts";
import { markup, type Markup } from "../text/markup.ts";

export function forestSection(report: ReportData, view: TableView): Markup | undefined {
  const { forests: each, scale } = forests(report, view);
  const all = report.by === "command" ? oneForest(each) : each;
  if (all.length === 0) return undefined;
  return markup`<section id="speedups"><h2>All speedups</h2>
<p class="key"><svg class="sample real" width="26" height="12"><line class="reach" x1="1" x2="25" y1="6" y2="6"/><circle class="dot" cx="13" cy="6" r="4"/></svg> real
<svg class="sample cpu" width="26" height="12"><line class="reach" x1="1" x2="25" y1="6" y2="6"/><circle class="dot" cx="13" cy="6" r="4"/></svg> CPU,
with 95 % intervals${hasRanges(all) ? ", of means dotted where it is the range with one row left out" : ""}; faded where no difference is shown. Right of 1 is faster than ${report.comparison.baseline}.
The scale is of ratios: twice as fast and half as fast are equally far from 1.</p>
${all.map((forest) => figure(forest, scale, all.length > 1))}</section>`;
}

/** Returns commands on one machine as one forest, in which a row is a command; the same where several machines ran them. */
function oneForest(all: readonly Forest[]): readonly Forest[] {
  const rows = all.flatMap(({ contender, groups }) =>
    groups.flatMap((group) => group.rows.map((row) => ({ ...row, label: contender }))),
  );
  return rows.length === all.length && rows.length > 0 ? [{ contender: "", groups: [{ title: "", rows }] }] : all;
}

function figure({ contender, groups }: Forest, scale: Scale, named: boolean): Markup {
  return markup`<div class="forest">${named ? markup`<h3>${contender}</h3>` : undefined}
${groups.map(
  ({ title, rows }) => markup`${title === "" ? undefined : markup`<p class="group">${title}</p>`}
${rows.map((row) => line(row, scale))}`,
)}
${axis(scale)}</div>
`;
}

function line(row: ForestRow, scale: Scale): Markup {
  const words = row.marks.map(({ metric, text }) => `${metric} ${text === "" ? "-" : text}`).join(", ");
  const height = rowHeight;
  return markup`<div class="label${row.mean ? " mean" : ""}">${row.label}</div><svg class="plot" height="${height}" role="img" aria-label="${row.label}: ${words}">${rowMarks(row, scale)}</svg>
`;
}

export function axis(scale: Scale, name: (tick: number) => string = String): Markup {
  return markup`<div class="label"></div><svg class="plot axis" height="18" aria-hidden="true">${scale.ticks.map(
    (tick) => markup`<text x="${scale.at(tick)}%" y="13" text-anchor="middle">${name(tick)}</text>`,
  )}</svg>`;
}
