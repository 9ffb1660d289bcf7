// Shows dollars a job: a block of its own below the table for each market that has a price.

import type { Ranking } from "../../analysis/ranking/ranking.ts";
import { type CostPerJob, costPerJob, jobsPerBaselineJob } from "../../analysis/notes/cost-per-job.ts";
import type { Price } from "../../domain/cost/price.ts";
import { printable } from "../../domain/printable.ts";
import { type Column, leftColumn, renderGrid, type Grid, wrapText } from "./grid.ts";
import { pagesOf } from "./paged-grid.ts";
import { formatInterval, formatSignificant, formatSpeedup } from "../text/numbers.ts";
import { matrixColumn } from "../ranking/matrix.ts";
import { rowName } from "./row-names.ts";
import { contenders, isRanked, type CostBlock, type ReportData, type RowCost } from "../report-data.ts";

/** Computes what the rows of `report` cost at `prices`, market by market. */
export async function costBlocks(report: ReportData, prices: readonly Price[]): Promise<CostBlock[]> {
  const markets = (["on-demand", "spot"] as const).filter((market) => prices.some((price) => price.market === market));
  return await Promise.all(
    markets.map(async (market) => {
      const own = prices.filter((price) => price.market === market);
      return {
        market,
        prices: own,
        rows: await Promise.all(report.comparison.rows.map((_, i) => pricedRow(report, i, own))),
      };
    }),
  );
}

async function pricedRow(report: ReportData, i: number, prices: readonly Price[]): Promise<RowCost> {
  const { baseline, rows } = report.comparison;
  const row = rows[i] as (typeof rows)[number];
  const usd = new Map(prices.map(({ side, usd_per_hour }) => [side, usd_per_hour]));
  const jobs = await Promise.all(
    report.comparison.sides.flatMap((side) => {
      const [price, cell] = [usd.get(side), row.cells[side]?.real];
      if (price === undefined || cell === undefined) return [];
      return [costPerJob(cell, price, shareHost(report, side)).then((job) => [side, job] as const)];
    }),
  );
  const worths = contenders(report).flatMap((side) => {
    const [b, c, speedup] = [usd.get(baseline), usd.get(side), row.speedups[side]?.real];
    return b === undefined || c === undefined || speedup === undefined
      ? []
      : [[side, jobsPerBaselineJob(speedup, b, c)] as const];
  });
  const { title, impl } = rowName(report, row);
  return { label: `${title} ${impl}`.trim(), jobs: Object.fromEntries(jobs), worth: Object.fromEntries(worths) };
}

function shareHost({ machines }: ReportData, side: string): boolean {
  const hosts = machines.filter((machine) => machine.side === side).map(({ facts }) => facts.host_id);
  return new Set(hosts).size < hosts.length;
}

/** Returns the blocks as text, at most `width` columns wide where that is possible. Each ends with a line end. */
export function costBlocksText(report: ReportData, blocks: readonly CostBlock[], width: number, wide = false): string {
  return blocks
    .map(
      (block) =>
        `${[...costLines(report, block, width, wide), ...costFooter(block).flatMap((line) => wrapText(line, width))].join("\n")}\n`,
    )
    .join("");
}

/** Returns the lines of the block; below a ranking in pages, dollars alone unless `wide`. */
function costLines(report: ReportData, block: CostBlock, width: number, wide: boolean): string[] {
  const grid = costGrid(report, block);
  if (!isRanked(report)) return renderGrid(grid, 0);
  return pagesOf(wide ? grid : dollarsGrid(block, report.ranking), width).flatMap((page) => ["", ...page]);
}

/** Returns what the jobs cost, the best side first. */
function dollarsGrid({ market, prices, rows }: CostBlock, { sides, unranked }: Ranking): Grid {
  const { count, word } = unitOf(rows);
  const shown = [...sides, ...unranked].flatMap(({ side }) =>
    prices.some((price) => price.side === side) ? [side] : [],
  );
  return {
    columns: [leftColumn(`$ ${word}, ${market}`), ...shown.map(matrixColumn)],
    rows: rows.map(({ label, jobs }) => [
      `  ${label}`,
      ...shown.map((side) => {
        const job = jobs[side] ?? null;
        return job === null ? "-" : formatSignificant(job.usd * count);
      }),
    ]),
  };
}

function unitOf(rows: readonly RowCost[]): ReturnType<typeof jobsUnit> {
  return jobsUnit(rows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job ?? [])));
}

/** Returns the block as a grid of texts. */
export function costGrid(report: ReportData, { market, prices, rows }: CostBlock): Grid {
  const { count, word } = unitOf(rows);
  const sides = report.comparison.sides.filter((side) => prices.some((price) => price.side === side));
  const both = contenders(report).filter((side) => rows.some((row) => row.worth[side] !== undefined));
  const column = (over: string, head: string): Column => ({ over, head, align: "left", expendable: 0 });
  return {
    columns: [
      column("", `$ ${word}, ${market}`),
      ...sides.map((side) => column(side, "")),
      ...both.map((side) => column(both.length === 1 ? "jobs for the same money" : side, "")),
    ],
    rows: rows.map((row) => [
      `  ${row.label}`,
      ...sides.map((side) => dollarsText(row.jobs[side] ?? null, count)),
      ...both.map((side) => ratio(row.worth[side])),
    ]),
  };
}

/** Chooses the number of jobs that is priced, such that the most expensive ones cost a cent or more. */
export function jobsUnit(jobs: readonly CostPerJob[]): { readonly count: number; readonly word: string } {
  const most = jobs.reduce((dearest, { usd }) => Math.max(dearest, usd), 0);
  if (most >= 0.01) return { count: 1, word: "a job" };
  return most >= 1e-5 ? { count: 1000, word: "a thousand jobs" } : { count: 1e6, word: "a million jobs" };
}

/** Returns `0.0123 ±0.4 %`: what `count` jobs cost, with the interval. */
export function dollarsText(job: CostPerJob | null, count: number): string {
  if (job === null) return "-";
  const shown = formatSignificant(job.usd * count);
  return job.lo === null || job.hi === null
    ? shown
    : `${shown} ${formatInterval(job.usd * count, job.lo * count, job.hi * count)}`;
}

function ratio(worth: RowCost["worth"][string] | undefined): string {
  return worth?.value == null ? "-" : formatSpeedup(worth.value, worth.lo, worth.hi);
}

/** Returns the footer of a block: the prices, their source and date, and what a job is. */
export function costFooter({ market, prices }: CostBlock): string[] {
  const priceTexts = prices.map(({ side, usd_per_hour }) => `${side} $${usd_per_hour}`).join(", ");
  const sources = [...new Set(prices.map(priceSourceText))].join(" and ");
  return [`${market}, an hour: ${priceTexts} (${sources}); a job is a row's real time on a machine of its own`];
}

/** Returns the source of a price, and its date. */
export function priceSourceText({ source, date }: Price): string {
  if (source === "--price") return `as given by --price${date === undefined ? "" : ` on ${date}`}`;
  return printable(date === undefined ? source : `${source} of ${date}`);
}
