// Dollars a job: a block of its own below the table, one for each market that has a price.

import { type CostPerJob, costPerJob, jobsPerBaselineJob } from "../../analysis/notes/cost-per-job.ts";
import type { Price } from "../../domain/cost/price.ts";
import { printable } from "../../domain/printable.ts";
import { type Column, renderGrid, type Grid, wrapText } from "./grid.ts";
import { formatInterval, formatSignificant, formatSpeedup } from "../text/numbers.ts";
import { rowName } from "./row-names.ts";
import { contenders, type CostBlock, type ReportData, type RowCost } from "../report-data.ts";

/** What `told`'s rows cost at `prices`, market by market. */
export async function costBlocks(told: ReportData, prices: readonly Price[]): Promise<CostBlock[]> {
  const markets = (["on-demand", "spot"] as const).filter((market) => prices.some((one) => one.market === market));
  return await Promise.all(
    markets.map(async (market) => {
      const own = prices.filter((one) => one.market === market);
      return {
        market,
        prices: own,
        rows: await Promise.all(told.comparison.rows.map((_, i) => pricedRow(told, i, own))),
      };
    }),
  );
}

async function pricedRow(told: ReportData, i: number, prices: readonly Price[]): Promise<RowCost> {
  const { baseline, rows } = told.comparison;
  const row = rows[i] as (typeof rows)[number];
  const usd = new Map(prices.map(({ side, usd_per_hour }) => [side, usd_per_hour]));
  const jobs = await Promise.all(
    told.comparison.sides.flatMap((side) => {
      const [price, cell] = [usd.get(side), row.cells[side]?.real];
      if (price === undefined || cell === undefined) return [];
      return [costPerJob(cell, price, shareHost(told, side)).then((job) => [side, job] as const)];
    }),
  );
  const worths = contenders(told).flatMap((side) => {
    const [b, c, one] = [usd.get(baseline), usd.get(side), row.speedups[side]?.real];
    return b === undefined || c === undefined || one === undefined
      ? []
      : [[side, jobsPerBaselineJob(one, b, c)] as const];
  });
  const { title, impl } = rowName(told, row);
  return { label: `${title} ${impl}`.trim(), jobs: Object.fromEntries(jobs), worth: Object.fromEntries(worths) };
}

function shareHost({ machines }: ReportData, side: string): boolean {
  const hosts = machines.filter((machine) => machine.side === side).map(({ facts }) => facts.host_id);
  return new Set(hosts).size < hosts.length;
}

/** The blocks as text, at most `width` columns wide as far as they can be; each ends with a line end. */
export function costBlocksText(told: ReportData, blocks: readonly CostBlock[], width: number): string {
  return blocks
    .map(
      (block) =>
        `${[...renderGrid(costGrid(told, block), 0), ...costFooter(block).flatMap((line) => wrapText(line, width))].join("\n")}\n`,
    )
    .join("");
}

/** The block as columns of texts. */
export function costGrid(told: ReportData, { market, prices, rows }: CostBlock): Grid {
  const { count, word } = unitOf(rows);
  const sides = told.comparison.sides.filter((side) => prices.some((one) => one.side === side));
  const both = contenders(told).filter((side) => rows.some((row) => row.worth[side] !== undefined));
  const column = (over: string, head: string): Column => ({ over, head, align: "left", expendable: 0 });
  return {
    columns: [
      column("", `$ ${word}, ${market}`),
      ...sides.map((side) => column(side, "")),
      ...both.map((side) => column(both.length === 1 ? "jobs for the same money" : side, "")),
    ],
    rows: rows.map((row) => [
      `  ${row.label}`,
      ...sides.map((side) => dollars(row.jobs[side] ?? null, count)),
      ...both.map((side) => ratio(row.worth[side])),
    ]),
  };
}

/** So many jobs that the dearest costs a cent or more. */
function unitOf(rows: readonly RowCost[]): { readonly count: number; readonly word: string } {
  const most = Math.max(0, ...rows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job?.usd ?? [])));
  if (most >= 0.01) return { count: 1, word: "a job" };
  return most >= 1e-5 ? { count: 1000, word: "a thousand jobs" } : { count: 1e6, word: "a million jobs" };
}

function dollars(job: CostPerJob | null, count: number): string {
  if (job === null) return "-";
  const shown = formatSignificant(job.usd * count);
  return job.lo === null || job.hi === null
    ? shown
    : `${shown} ${formatInterval(job.usd * count, job.lo * count, job.hi * count)}`;
}

function ratio(one: RowCost["worth"][string] | undefined): string {
  return one?.value == null ? "-" : formatSpeedup(one.value, one.lo, one.hi);
}

/** What was paid, who says so since when, and what a job is. */
export function costFooter({ market, prices }: CostBlock): string[] {
  const said = prices.map(({ side, usd_per_hour }) => `${side} $${usd_per_hour}`).join(", ");
  const sources = [...new Set(prices.map(priceSourceText))].join(" and ");
  return [`${market}, an hour: ${said} (${sources}); a job is a row's real time on a machine of its own`];
}

/** Who says so, since when. */
export function priceSourceText({ source, date }: Price): string {
  if (source === "--price") return `as given by --price${date === undefined ? "" : ` on ${date}`}`;
  return printable(date === undefined ? source : `${source} of ${date}`);
}
