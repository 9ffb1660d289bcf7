// Shows the table in the page: the same texts as on a terminal, with numbers that a script may sort by.

import { columnHead, speedupText, timeText, unitOfLines } from "../table/cell-text.ts";
import { markOf, markUrl } from "../table/marks.ts";
import type { TimeUnit } from "../text/numbers.ts";
import { lineRow } from "../table/terminal-table.ts";
import type { TableLine, TableView } from "../table/table-view.ts";
import { markup, type Markup } from "../text/markup.ts";

export function mainTable(view: TableView): Markup {
  if (view.layout === "stacked") return stackedTable(view);
  const values = view.showValues ? view.sides : [];
  const columns = 1 + 2 * (values.length + view.contenders.length);
  const over = view.contenders.length === 1 ? () => "speedup (95 %)" : (side: string) => `${side} (95 %)`;
  const heads = [
    ...values.map((side) => markup`<th colspan="2" scope="colgroup">${side}</th>`),
    ...view.contenders.map((side) => markup`<th colspan="2" scope="colgroup">${over(side)}</th>`),
  ];
  const pairs = Array.from({ length: values.length + view.contenders.length }, (_, i) => {
    const kind = i < values.length ? "value" : "speedup";
    return markup`<th scope="col" class="${kind}" data-sort>real</th><th scope="col" class="${kind}" data-sort>cpu</th>`;
  });
  return markup`<div class="scroll"><table class="main">
<thead><tr><td></td>${heads}</tr>
<tr><th scope="col" class="row" data-sort>row</th>${pairs}</tr></thead>
${view.groups.map(
  ({ title, lines }) => markup`<tbody><tr class="group"><th colspan="${columns}" scope="rowgroup">${title}</th></tr>
${lines.map((line) => tableRow(line, view, values, unitOfLines(lines, values)))}</tbody>
`,
)}${view.overall.length === 0 ? undefined : markup`<tbody>${view.overall.map((line) => tableRow(line, view, values, "s"))}</tbody>`}</table></div>
`;
}

/** As on a terminal: a line for each side below each row; for commands on one machine no line for the row. */
function stackedTable(view: TableView): Markup {
  const speedups = view.contenders.length === 0 ? 0 : 2;
  const heads = [
    markup`<th scope="col" class="value" data-sort>real</th><th scope="col" class="value" data-sort>cpu</th>`,
    ...(speedups === 0
      ? []
      : [
          markup`<th scope="col" class="speedup" data-sort>real</th><th scope="col" class="speedup" data-sort>cpu</th>`,
        ]),
  ];
  const group = (title: string): Markup =>
    markup`<tr class="group"><th colspan="${3 + speedups}" scope="rowgroup">${title}</th></tr>`;
  const sidesOf = (line: TableLine, unit: TimeUnit): Markup[] =>
    (Object.keys(line.cells).length === 0 ? view.contenders : view.sides).map((side) =>
      sideRow(line, side, view, unit),
    );
  const bodies = view.groups.flatMap(({ title, lines }) => {
    const unit = unitOfLines(lines, view.sides);
    const [only, another] = lines;
    if (only !== undefined && another === undefined && view.commands === true)
      return [markup`<tbody>${sidesOf(only, unit)}</tbody>`];
    return lines.map(
      (line, i) =>
        markup`<tbody>${i === 0 ? group(title) : undefined}${group(line.label)}${sidesOf(line, unit)}</tbody>`,
    );
  });
  const overall = view.overall.map((line) => markup`<tbody>${group(line.label)}${sidesOf(line, "s")}</tbody>`);
  return markup`<div class="scroll"><table class="main">
<thead><tr><td></td><td colspan="2"></td>${speedups === 0 ? undefined : markup`<th colspan="2" scope="colgroup">speedup (95 %)</th>`}</tr>
<tr><th scope="col" class="row" data-sort>${view.commands === true ? "command" : "side"}</th>${heads}</tr></thead>
${[...bodies, ...overall]}</table></div>
`;
}

function sideRow(line: TableLine, side: string, view: TableView, unit: TimeUnit): Markup {
  const { real, cpu } = line.cells[side] ?? {};
  const speedup = line.speedups[side];
  const isBaseline = side === view.baseline && speedup === undefined && view.contenders.length > 0;
  const faster = (metric: "real" | "cpu"): Markup =>
    td(
      `speedup ${speedup?.[metric].verdict ?? ""}`,
      `speedup ${metric}`,
      speedupText(speedup?.[metric]),
      speedup?.[metric].value,
    );
  const speedups = isBaseline
    ? markup`<td class="speedup" data-h="speedup" colspan="2">baseline</td>`
    : [faster("real"), faster("cpu")];
  return markup`<tr><th scope="row" class="row">${columnHead(view, side)}</th>${td("value", "real", timeText(real, unit), real?.time_s)}${td("value", "cpu", timeText(cpu, unit), cpu?.time_s)}${view.contenders.length === 0 ? undefined : speedups}</tr>
`;
}

function tableRow(line: TableLine, view: TableView, values: readonly string[], unit: TimeUnit): Markup {
  const [label = "", ...texts] = lineRow(line, view, values, unit);
  const mean = Object.keys(line.cells).length === 0;
  const cells = values.flatMap((side) => [line.cells[side]?.real, line.cells[side]?.cpu]);
  const speedups = view.contenders.flatMap((side) => [line.speedups[side]?.real, line.speedups[side]?.cpu]);
  const alone = view.contenders.length === 1;
  const head = (name: string, i: number): string => `${name} ${i % 2 === 0 ? "real" : "cpu"}`;
  const shown = [
    ...cells.map((cell, i) => td("value", head(values[Math.floor(i / 2)] ?? "", i), texts[i], cell?.time_s)),
    ...speedups.map((speedup, i) => {
      const name = alone ? "speedup" : (view.contenders[Math.floor(i / 2)] ?? "");
      return td(`speedup ${speedup?.verdict ?? ""}`, head(name, i), texts[cells.length + i], speedup?.value);
    }),
  ];
  return markup`<tr${mean ? markup` class="mean"` : undefined}><th scope="row" class="row">${label}</th>${shown}</tr>
`;
}

/** Returns `text` with a link from each mark to its meaning. */
function linked(text: string): Markup[] {
  return text.split(/(?<= )/).map((part) => {
    const word = part.trimEnd();
    const mark = markOf(word);
    return mark === undefined
      ? markup`${part}`
      : markup`<a class="means" href="${markUrl(mark)}">${word}</a>${part.slice(word.length)}`;
  });
}

/** Returns one cell. `head` is shown beside the text where the page is too narrow for the table's heads. */
function td(kind: string, head: string, text: string | undefined, value: number | null | undefined): Markup {
  const number = value == null ? undefined : markup` data-v="${value}"`;
  // The tilde hangs, so that numbers with and without it are aligned.
  const [, tilde = "", rest = ""] = /^(~ )?(.*)$/s.exec(text ?? "") ?? [];
  const shown =
    kind === "value" ? linked(text ?? "") : markup`<span class="tilde">${linked(tilde.trim())}</span>${linked(rest)}`;
  return markup`<td class="${kind}" data-h="${head}"${number}>${shown}</td>`;
}
