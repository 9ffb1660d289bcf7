// The rows of a plan, one a line: trials, the time of one, machine time and cost, where each estimate comes from, and
// published times beside them.

import { dollars, type CostForecast } from "../../domain/cost/cost-forecast.ts";
import { type PriceList, priceOfSide } from "../../domain/cost/price-list.ts";
import type { RowEstimate } from "../../domain/cost/row-estimates.ts";
import { launchedSides, type Plan } from "../../domain/plan/plan.ts";
import { printable } from "../../domain/printable.ts";
import type { PublishedRecord, PublishedSide } from "../../domain/published/figures.ts";
import { type Column, leftColumn, renderGrid } from "../table/grid.ts";
import { foldWords } from "../text/fold-words.ts";
import { formatDuration } from "../text/duration.ts";
import { formatTime, unitFor } from "../text/numbers.ts";

/** What the lines are made of. */
export interface PlanRows {
  readonly plan: Plan;
  readonly rows: readonly RowEstimate[];
  /** By suite: where its estimate comes from. */
  readonly sources: ReadonlyMap<string, string>;
  readonly list: PriceList;
  readonly forecast: CostForecast;
  /** Published sides. */
  readonly published: readonly { readonly figures: PublishedSide }[];
}

/** A row's estimate with its price. */
interface EstimatedCost {
  readonly machine_s: number;
  /** Undefined where the price of a side is not known. */
  readonly usd: number | undefined;
}

/** Returns the machine time of `row` on all launched sides, and its cost; undefined where nobody estimated it. */
export function costOfRow(
  { trials, trial_s, machine_s }: RowEstimate,
  { plan: { spec }, list, forecast }: Pick<PlanRows, "plan" | "list" | "forecast">,
): EstimatedCost | undefined {
  if (Object.keys(trials).some((side) => trial_s[side] === undefined)) return undefined;
  const parts = Object.entries(machine_s).map(([side, s]) => {
    const price = priceOfSide(list, side, forecast.market, spec.zone)?.usd_per_hour;
    return { s, usd: price === undefined ? undefined : (s / 3600) * price };
  });
  return {
    machine_s: parts.reduce((sum, { s }) => sum + s, 0),
    usd: parts.reduce<number | undefined>(
      (sum, { usd }) => (sum === undefined || usd === undefined ? undefined : sum + usd),
      0,
    ),
  };
}

/** Returns the lines; none where no row is estimated. */
export function planRowLines(report: PlanRows, width: number): string[] {
  const { rows } = report;
  if (!rows.some(({ trial_s }) => Object.keys(trial_s).length > 0)) return [];
  return [
    "",
    ...costTable(report).filter((line) => line !== ""),
    "",
    ...sourceLines(report, width),
    ...publishedTable(report),
  ];
}

const right = (head: string, over = ""): Column => ({ over, head, align: "right", expendable: 0 });

function costTable(report: PlanRows): string[] {
  const { plan, rows, forecast } = report;
  const isLaunched = launchedSides(plan.spec).length > 0;
  const lines: (string | string[])[] = bySuite(rows).flatMap(([suite, own]) => [
    suite,
    ...own.map((row) => {
      const cost = costOfRow(row, report);
      const trials = Object.values(row.trials).reduce((sum, n) => sum + n, 0);
      const cells = [`  ${nameOf(row, report)}`, String(trials), trialText(row)];
      return isLaunched ? [...cells, timeText(cost?.machine_s), usdText(cost?.usd)] : cells;
    }),
  ]);
  const columns = [leftColumn("row"), right("trials"), right("a trial")];
  if (isLaunched) columns.push(right("machine time"), right("cost"));
  return renderGrid({ columns, rows: isLaunched ? [...lines, ...sumLines(report, forecast)] : lines }, 0);
}

/** Returns what is not time of a row, and the sum; none where the run's time is not known. */
function sumLines(report: PlanRows, { expected, expected_usd }: CostForecast): string[][] {
  if (expected === undefined) return [];
  const whole_s = Object.values(expected.machines_s).reduce((sum, s) => sum + s, 0);
  const costs = report.rows.map((row) => costOfRow(row, report));
  const rest_s = whole_s - costs.reduce((sum, cost) => sum + (cost?.machine_s ?? 0), 0);
  const rest_usd =
    expected_usd === undefined ? undefined : expected_usd - costs.reduce((sum, cost) => sum + (cost?.usd ?? 0), 0);
  return [
    ["boots and waits", "", "", timeText(rest_s), usdText(rest_usd)],
    ["all", "", "", timeText(whole_s), usdText(expected_usd)],
  ];
}

/** Returns where each suite's estimate comes from. */
function sourceLines({ rows, sources }: PlanRows, width: number): string[] {
  return bySuite(rows).flatMap(([suite]) => {
    const source = sources.get(suite);
    const text = source === undefined ? "its manifest does not say where its estimate comes from" : printable(source);
    return foldWords(`${suite}: ${text}`, width - 2).map((line, i) => (i === 0 ? line : `  ${line}`));
  });
}

function publishedTable({ plan, rows, published }: PlanRows): string[] {
  if (published.length === 0) return [];
  const columns = [
    leftColumn("row"),
    right("a trial", "estimate"),
    ...published.flatMap(({ figures }) => [right("real", figures.of), right("cpu", figures.of)]),
  ];
  const lines = rows.flatMap((row) => {
    const found = published.map(({ figures }) => figureOf(row, plan, figures));
    if (found.every((figure) => figure === undefined)) return [];
    return [[`${row.suite}/${row.row}`, trialText(row), ...found.flatMap((figure) => [clock(figure?.real_s), clock(figure?.cpu_s ?? figure?.user_s)])]]; // prettier-ignore
  });
  if (lines.length === 0) return [];
  const sources = new Set(
    published.map(({ figures: { source } }) => `${source.author}, ${source.title}, ${source.date}`),
  );
  return [
    "",
    "beside what was published:",
    ...renderGrid({ columns, rows: lines }, 0),
    ...[...sources].map((source) => `published: ${printable(source)}`),
  ];
}

/** Returns the published figure of `row`: of the same implementation, where the source names one. */
function figureOf(
  { suite, row, impl }: RowEstimate,
  { suites }: Plan,
  { records, titles }: PublishedSide,
): PublishedRecord | undefined {
  const name = `${suite}/${row}`;
  const ours = titles.find((title) => title.ours === name);
  const params = suites.find((one) => one.name === suite)?.params ?? {};
  return records.find((record) => {
    const isRow =
      ours === undefined ? `${record.suite}/${record.row}` === name : record.suite === ours.suite && record.row === ours.row; // prettier-ignore
    const isWork = Object.entries(record.params).every(([param, value]) => params[param] === value);
    return isRow && isWork && (record.impl === "published" || record.impl === impl);
  });
}

function clock(time_s: number | undefined): string {
  return time_s === undefined ? "-" : formatTime(time_s, unitFor([time_s]));
}

/** Returns the suites in their order, each with its rows. */
function bySuite(rows: readonly RowEstimate[]): [string, RowEstimate[]][] {
  const names = [...new Set(rows.map(({ suite }) => suite))];
  return names.map((name) => [name, rows.filter(({ suite }) => suite === name)]);
}

/** Returns the row's title, with its implementation where several rows have its name. */
function nameOf({ suite, row, impl }: RowEstimate, { plan, rows }: PlanRows): string {
  const planned = plan.suites.find(({ name }) => name === suite)?.rows.find((one) => one.name === row);
  const alike = rows.filter((other) => other.suite === suite && other.row === row);
  return printable(`${planned?.title ?? row}${alike.length > 1 ? ` ${impl}` : ""}`);
}

function trialText({ trial_s }: RowEstimate): string {
  const times = Object.values(trial_s);
  if (times.length === 0) return "-";
  const [least, most] = [Math.min(...times), Math.max(...times)].map(durationText);
  return least === most ? (least ?? "") : `${least} to ${most}`;
}

function durationText(s: number): string {
  return s < 9.95 ? `${Number(s.toPrecision(2))} s` : formatDuration(s);
}

function timeText(s: number | undefined): string {
  return s === undefined ? "-" : formatDuration(Math.max(0, s));
}

function usdText(usd: number | undefined): string {
  return usd === undefined ? "-" : dollars(Math.max(0, usd));
}
