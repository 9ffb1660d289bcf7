// Renders a report in each of its formats. The module of a format is loaded when it is needed.

import type { TextPiece } from "../domain/printable-bytes.ts";
import { contenders, isRanked, type ReportData } from "./report-data.ts";
import type { TableView } from "./table/table-view.ts";

/** The formats of a report; docs/formats.md and docs/reports.md show each. */
export type ReportFormat = "table" | "markdown" | "csv" | "json" | "html" | "svg" | "benchstat";

/** The layout of a report. */
export interface RenderOptions {
  /** Columns of a terminal, for `table`; 80 where absent. */
  readonly width?: number;
  /**
   * Whether times stand beside the speedups with any number of sides, for `table`, `markdown` and `html`; else only
   * with two.
   */
  readonly wide?: boolean;
}

/** A text, or the pieces of one that shows single runs, which may be many. */
type Rendered = string | Iterable<TextPiece>;

const renderers: Readonly<Record<ReportFormat, (data: ReportData, options: RenderOptions) => Promise<Rendered>>> = {
  async table(data, { wide, width = 80 }) {
    const [{ table }, { costBlocksText }] = await Promise.all([
      import("./table/terminal-table.ts"),
      import("./table/cost-per-job.ts"),
    ]);
    const why = data.why === undefined ? "" : (await import("./why/why-text.ts")).whyText(data, width);
    const view = await viewOf(data, wide);
    const below = why + costBlocksText(data, data.priced ?? [], width, wide);
    if (!isRanked(data)) return table(view, width) + below;
    const { rankedTable } = await import("./ranking/ranked-table.ts");
    return rankedTable(data, view, width, wide === true) + below;
  },
  async markdown(data, { wide }) {
    const [{ markdown, markdownBlock }, { costFooter, costGrid }] = await Promise.all([
      import("./formats/markdown.ts"),
      import("./table/cost-per-job.ts"),
    ]);
    const blocks = (data.priced ?? []).map((block) => markdownBlock(costGrid(data, block), costFooter(block)));
    if (data.why !== undefined) {
      const { whyGrid, whyNotes } = await import("./why/why-block.ts");
      const [last, ...others] = contenders(data).toReversed();
      const block = (side: string, notes: readonly string[]): string => markdownBlock(whyGrid(data, side), notes);
      if (last !== undefined)
        blocks.unshift(...others.toReversed().map((side) => block(side, [])), block(last, whyNotes(data)));
    }
    const top = data.gate === undefined ? "" : (await import("./gate/gate-markdown.ts")).gateMarkdown(data, data.gate);
    const view = await viewOf(data, wide);
    if (!isRanked(data)) return top + markdown(view) + blocks.join("");
    const { rankingMarkdown } = await import("./ranking/ranking-markdown.ts");
    const ranking = rankingMarkdown(data, view, wide !== true);
    return top + ranking + (wide === true ? markdown(view) : "") + blocks.join("");
  },
  csv: async (data) => (await import("./formats/csv.ts")).csv(data),
  json: async (data) => (await import("./formats/json.ts")).json(data),
  benchstat: async (data) => (await import("./formats/benchstat.ts")).benchstat(data),
  svg: async (data) => (await import("./formats/svg.ts")).svg(data),
  html: async (data, { wide }) => (await import("./html/page.ts")).htmlPieces(data, wide),
};

/** Returns the view of the table; with --wide, factors of the speedups that were asked for are columns of it. */
async function viewOf(data: ReportData, wide = false): Promise<TableView> {
  const { buildTableView } = await import("./table/build-view.ts");
  const view = buildTableView(data, wide);
  return wide && data.why !== undefined ? (await import("./why/why-columns.ts")).withFactorColumns(view, data) : view;
}

/**
 * Renders a report as text, ended by a line end. Times are in seconds unless the text says otherwise; `json` has every digit.
 *
 * @example
 * import { buildReportData, renderReport } from "timetrial";
 * import { resultFolders } from "timetrial/adapters";
 *
 * const run = await resultFolders("results").load("20261124-031500-3fa9");
 * const report = await buildReportData(run, run.plan.spec.baseline);
 * process.stdout.write(await renderReport(report, "table", { width: 100 }));
 */
export async function renderReport(
  data: ReportData,
  format: ReportFormat,
  options: RenderOptions = {},
): Promise<string> {
  const rendered = await renderInPieces(data, format, options);
  return typeof rendered === "string" ? rendered : [...rendered].map((piece) => piece.toString()).join("");
}

/** Renders a report as `renderReport` does, in pieces where it shows single runs. */
export async function renderInPieces(
  data: ReportData,
  format: ReportFormat,
  options: RenderOptions,
): Promise<Rendered> {
  return await renderers[format](data, options);
}
