// Draws the factors of the speedups in the page: a stacked bar for each row, on a scale of ratios.

import { contenders, type ReportData } from "../report-data.ts";
import { ratioScale, type Scale } from "../plot/scale.ts";
import { rowName } from "../table/row-names.ts";
import { markup, type Markup } from "../text/markup.ts";
import { axis } from "../html/forest.ts";
import type { SpeedupFactor } from "../../analysis/why/decompose.ts";
import { factorNames, factorText, factorTitles, whyNotes } from "./why-block.ts";
import { formatSignificant } from "../text/numbers.ts";

const [barHeight, rowHeight] = [12, 30];

/** One factor's part of a bar: from one ratio to another. */
interface Segment {
  readonly factor: SpeedupFactor;
  readonly from: number;
  readonly to: number;
}

/** Returns the section; undefined where factors were not asked for. */
export function whySection(report: ReportData): Markup | undefined {
  if (report.why === undefined) return undefined;
  const names = factorNames(report);
  const bars = contenders(report).map((contender) => ({
    contender,
    rows: report.comparison.rows.map((row, i) => ({
      row,
      value: row.speedups[contender]?.cpu.value ?? null,
      segments: segmentsOf(report.why?.[i]?.[contender]?.factors ?? []),
    })),
  }));
  const ends = bars.flatMap(({ rows }) =>
    rows.flatMap(({ segments }) => segments.flatMap(({ from, to }) => [from, to])),
  );
  const scale = ratioScale(ends);
  return markup`<section id="why"><h2>Why</h2>
<p class="key">The factors of each speedup in CPU time, on a scale of ratios: right of 1 a factor makes the contender faster, left of 1 slower.
From 1, the factors that help reach to the right, the others to the left; the stroke is their product, the speedup.</p>
${
  names.length === 0
    ? undefined
    : markup`<p class="key">${names.map((name) => markup`<span class="factor"><svg class="sample factor-${name}" width="26" height="12"><rect class="part" x="1" width="24" y="0" height="12"/></svg> ${factorTitles[name]}</span> `)}</p>`
}
${bars.map(
  ({ contender, rows }) => markup`<div class="forest">${bars.length > 1 ? markup`<h3>${contender}</h3>` : undefined}
${rows.map(({ row, value, segments }, i) => {
  const { title, impl } = rowName(report, row);
  const group = row.suite === rows[i - 1]?.row.suite ? undefined : markup`<p class="group">${row.suite}</p>\n`;
  return [group, bar(`${title} ${impl}`.trim(), value, segments, scale)];
})}
${axis(scale)}</div>
`,
)}
<ul class="notes">${whyNotes(report).map((line) => markup`<li>${line}</li>`)}</ul></section>`;
}

/** Stacks the factors above 1 to the right of 1, and those below 1 to its left. */
export function segmentsOf(factors: readonly SpeedupFactor[]): Segment[] {
  let [left, right] = [1, 1];
  return factors.map((factor) => {
    const from = factor.value >= 1 ? right : left;
    const to = from * factor.value;
    if (factor.value >= 1) right = to;
    else left = to;
    return { factor, from, to };
  });
}

function bar(label: string, value: number | null, segments: readonly Segment[], scale: Scale): Markup {
  const speedup = value === null ? "-" : `${formatSignificant(value)}x`;
  const words = segments.map(
    ({ factor }, i) => `${i === 0 ? "=" : "×"} ${factorTitles[factor.name]} ${factorText(factor)}`,
  );
  const said = [speedup, ...words].join(" ");
  // A line may break between factors, never within one.
  const shown = [speedup, ...words.map((one) => markup` <span class="factor">${one}</span>`)];
  const top = (rowHeight - barHeight) / 2;
  const parts = segments.map(({ factor, from, to }) => {
    const [x, end] = [scale.at(Math.min(from, to)), scale.at(Math.max(from, to))];
    return markup`<rect class="part factor-${factor.name}" x="${x}%" width="${Math.max(0, end - x).toFixed(2)}%" y="${top}" height="${barHeight}"><title>${factorTitles[factor.name]} ${factorText(factor)}</title></rect>`;
  });
  const product =
    value === null
      ? undefined
      : markup`<line class="median" x1="${scale.at(value)}%" x2="${scale.at(value)}%" y1="3" y2="${rowHeight - 3}"/>`;
  const lines = scale.ticks.map(
    (tick) =>
      markup`<line class="${tick === 1 ? "one" : "grid"}" x1="${scale.at(tick)}%" x2="${scale.at(tick)}%" y1="0" y2="${rowHeight}"/>`,
  );
  return markup`<div class="label">${label}<span class="scale">${shown}</span></div><svg class="plot" height="${rowHeight}" role="img" aria-label="${label}: ${said}">${lines}${parts}${product}</svg>
`;
}
