// Formats a plan for people and for programs: what it would launch, how long it would take, how narrow the intervals
// would be, and what it would cost.

import type { SpreadSource } from "../../analysis/statistics/expected-width.ts";
import { dollars, type CostForecast } from "../../domain/cost/cost-forecast.ts";
import { mayRunOs } from "../../domain/cost/duration-estimate.ts";
import { fewestKept, launchedSides, leastKeptForInterval, type Plan, roundsOf } from "../../domain/plan/plan.ts";
import { describeMicroVm } from "../../domain/microvm/microvm.ts";
import { type PriceList, priceOfSide } from "../../domain/cost/price-list.ts";
import { jsonText, printable } from "../../domain/printable.ts";
import type { RowEstimate } from "../../domain/cost/row-estimates.ts";
import { formatDuration } from "../text/duration.ts";
import { foldWords } from "../text/fold-words.ts";
import { costOfRow, planRowLines, type PlanRows } from "./plan-rows.ts";

export interface PlanReport {
  readonly plan: Plan;
  readonly zones: readonly string[];
  /** What could not be looked up, one sentence each. */
  readonly notes: readonly string[];
  readonly costEstimate?:
    | {
        readonly list: PriceList;
        readonly forecast: CostForecast;
        readonly rows?: readonly RowEstimate[];
        readonly sources?: ReadonlyMap<string, string>;
      }
    | undefined;
  /** The published sides of the plan. */
  readonly published?: PlanRows["published"];
  readonly spread: SpreadSource;
  /** Half the width of a speedup's 95 % interval, as a fraction of the speedup; null with one machine on each side. */
  readonly half_width: number | null;
  /** Whether all machines are this computer. */
  readonly oneHost: boolean;
}

/** Returns the plan as JSON text. */
export function planJson(report: PlanReport): string {
  const { plan, zones, notes, costEstimate, spread, half_width, oneHost } = report;
  const { forecast } = costEstimate ?? {};
  const detail = rowsOf(report);
  const text = {
    plan,
    zones,
    machines: launchedSides(plan.spec).map(({ name, type, image }) => ({
      side: name,
      type,
      image,
      count: forecast?.expected?.launched[name] ?? plan.spec.machines,
    })),
    expected_s: forecast?.expected?.whole_s ?? null,
    interval: { half_width: oneHost ? null : half_width, spread: spread.spread, source: spread.source },
    market: forecast?.market ?? null,
    prices: costEstimate?.list.prices ?? [],
    unknown: costEstimate?.list.unknown ?? [],
    usd_per_hour: forecast?.usd_per_hour ?? null,
    expected_usd: forecast?.expected_usd ?? null,
    worst_usd: forecast?.worst_usd ?? null,
    deadline_h: forecast?.life_h ?? null,
    budget_usd: plan.spec.budget_usd ?? null,
    rows: (detail?.rows ?? []).map((row) => {
      const cost = detail === undefined ? undefined : costOfRow(row, detail);
      return { ...row, usd: cost?.usd ?? null };
    }),
    estimates: Object.fromEntries(detail?.sources ?? []),
    notes,
  };
  return `${jsonText(text, 2)}\n`;
}

function rowsOf({ plan, costEstimate, published = [] }: PlanReport): PlanRows | undefined {
  if (costEstimate?.rows === undefined) return undefined;
  const { rows, sources = new Map<string, string>(), list, forecast } = costEstimate;
  return { plan, rows, sources, list, forecast, published };
}

/** Returns the plan as lines, at most `width` columns wide where words allow it. */
export function planText(report: PlanReport, width: number): string {
  const { plan, zones } = report;
  const lines: [string, string][] = [
    ...machines(report).map((text, i): [string, string] => [i === 0 ? "machines" : "", text]),
    ...(zones.length === 0 ? [] : [["zone", zones.join(", else ")] as [string, string]]),
    ...plan.suites.map((suite, i): [string, string] => [i === 0 ? "suites" : "", suiteLine(suite, plan.spec.sides)]),
    ["takes", durationText(report)],
    ...withoutInterval(report).map((text, i): [string, string] => [i === 0 ? "too few" : "", text]),
    ...(launchedSides(plan.spec).length < 2 ? [] : [["interval", width95(report)] as [string, string]]),
    ...costLines(report),
    ...report.notes.map((text, i): [string, string] => [i === 0 ? "note" : "", text]),
  ];
  const detail = rowsOf(report);
  return [
    ...lines.flatMap(([what, text]) => hangingIndent(what, printable(text), width)),
    ...(detail === undefined ? [] : planRowLines(detail, width).map((line) => `${line}\n`)),
  ].join("");
}

function machines({ plan, costEstimate }: PlanReport): string[] {
  const { spec } = plan;
  const launched = launchedSides(spec);
  return spec.sides.map((side) => {
    if (side.kind === "firecracker") return microVmText(side);
    if (side.kind === "published") return `${side.name}: figures that were published, nothing is launched`;
    if (side.kind !== "ec2" || !launched.includes(side)) return `${side.name}: there already, nothing is launched`;
    const count = costEstimate?.forecast.expected?.launched[side.name] ?? spec.machines;
    const label = side.name === side.type || side.name === `${side.type}@${side.image}` ? "" : `${side.name}: `;
    const volume = spec.volume_gib === undefined ? "" : `, ${spec.volume_gib} GiB`;
    return `${label}${count} ${side.type}, ${side.image}${volume}${spec.spot === true ? ", spot" : ""}`;
  });
}

function microVmText({ name, vm }: Extract<Plan["spec"]["sides"][number], { kind: "firecracker" }>): string {
  if (vm === undefined) return name;
  return [`${name}: ${describeMicroVm(vm)}, booted on this computer`, ...vm.added].join("; ");
}

function suiteLine(suite: Plan["suites"][number], sides: Plan["spec"]["sides"]): string {
  if (suite.not_here !== undefined) return `${suite.name}: not run: needs ${suite.not_here}`;
  const rows = suite.rows.filter(({ os }) => sides.some((side) => os.some((one) => mayRunOs(side, one))));
  const trials = rows.reduce((sum, { runs }) => sum + runs, 0);
  const fresh = rows.some((row) => row.fresh === true);
  const where = fresh ? "each on a machine of its own" : "a machine";
  return `${suite.name}: ${count(rows.length, "row")}, ${count(roundsOf(suite), "round")}, ${count(trials, "trial")} ${where}`;
}

/**
 * Returns a line for each suite whose rows are run too seldom for an interval. Several launched machines a side are a
 * sample of their type, whose interval takes no number of runs.
 */
function withoutInterval({ plan, oneHost }: PlanReport): string[] {
  const { spec } = plan;
  const measured = spec.sides.filter(({ kind }) => kind !== "published");
  const allLaunched = launchedSides(spec).length === measured.length;
  if (spec.until !== undefined || (allLaunched && spec.machines > 1 && !oneHost)) return [];
  return plan.suites.flatMap((suite) => {
    if (suite.not_here !== undefined) return [];
    const kept = fewestKept(suite.rows);
    if (kept >= leastKeptForInterval) return [];
    const rounds = leastKeptForInterval + Math.max(...suite.rows.map(({ warmup }) => warmup));
    return `${suite.name}: no interval: that takes ${leastKeptForInterval} kept runs on each machine (--rounds ${rounds}), not ${kept}`;
  });
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function durationText({ plan, costEstimate }: PlanReport): string {
  const expected = costEstimate?.forecast.expected;
  if (expected === undefined) {
    const limit_s = Math.max(...plan.suites.flatMap(({ rows }) => rows.map((row) => row.limit_s)));
    return `not known: a suite does not say; a trial at most ${formatDuration(limit_s)}`;
  }
  const boot = launchedSides(plan.spec).length > 0 ? ", their boot included and setups not" : "";
  return `about ${formatDuration(expected.whole_s)}${boot}: a guess from the suites' own estimates`;
}

function width95({ plan, half_width, spread, oneHost }: PlanReport): string {
  if (oneHost) return "none of the types: all machines are this computer";
  if (half_width === null) return "none of the types: with one machine a side, how machines differ cannot be seen";
  const differ = `${Number((spread.spread * 100).toPrecision(3))} % (${spread.source})`;
  return `±${Number((half_width * 100).toPrecision(2))} % of a speedup with ${plan.spec.machines} machines a side, if those of one type differ by ${differ}`;
}

function costLines({ plan, costEstimate }: PlanReport): [string, string][] {
  const { spec } = plan;
  if (launchedSides(spec).length === 0) return [["cost", "nothing is launched"]];
  if (costEstimate === undefined) return [];
  const { forecast, list } = costEstimate;
  const deadline: [string, string] = [
    "deadline",
    `each machine ends itself ${formatDuration(forecast.life_h * 3600)} after its launch, whatever happens here`,
  ];
  const budget: [string, string][] =
    spec.budget_usd === undefined ? [] : [["budget", budgetLine(spec.budget_usd, forecast)]];
  const prices = launchedSides(spec).map(({ name }) => priceLine(name, list, forecast.market, spec.zone));
  const priceLines = prices.map((text, i): [string, string] => [i === 0 ? "price" : "", text]);
  const unknown = list.unknown.map((text): [string, string] => ["", text]);
  if (forecast.usd_per_hour === undefined)
    return [...priceLines, ...unknown, ["cost", "price unknown: give it by --price TYPE=USD"], deadline, ...budget];
  const sandbox = spec.cloud === "sandbox" ? "nothing; were these prices real: " : "";
  return [
    ...priceLines,
    ...unknown,
    [
      "cost",
      `${sandbox}${forecastText(forecast)}; ${dollars(forecast.usd_per_hour)} an hour for all machines, their volumes and addresses aside`,
    ],
    ["bound", boundText(spec, forecast)],
    deadline,
    ...budget,
  ];
}

/** Returns one figure: the expected cost of the run, or its highest cost where no suite says how long it takes. */
function forecastText({ expected_usd, worst_usd = 0 }: CostForecast): string {
  if (expected_usd === undefined) return `not known beforehand; at most ${dollars(worst_usd)}`;
  return expected_usd > worst_usd ? `at most ${dollars(worst_usd)}` : `about ${dollars(expected_usd)}`;
}

/** Returns the highest cost, and what limits it. */
function boundText({ budget_usd }: Plan["spec"], { worst_usd = 0 }: CostForecast): string {
  const why =
    budget_usd !== undefined && worst_usd >= budget_usd ? "the budget" : "every machine alive until its deadline";
  return `${dollars(worst_usd)}: ${why}`;
}

function priceLine(side: string, list: PriceList, market: CostForecast["market"], zone: string | undefined): string {
  const price = priceOfSide(list, side, market, zone);
  if (price === undefined) return `${side}: not known`;
  const since = price.date === undefined ? "" : `, ${price.date}`;
  return `${side}: $${price.usd_per_hour} an hour ${market === "spot" ? "on spot" : "on demand"} (${price.source}${since})`;
}

function budgetLine(usd: number, { expected_usd, unpriced }: CostForecast): string {
  if (unpriced.length > 0) return `${dollars(usd)}: refused, since a price is not known`;
  if (expected_usd !== undefined && expected_usd > usd) return `${dollars(usd)}: refused, since it is not enough`;
  return `${dollars(usd)}: no trial is begun that would go over it`;
}

const margin = 10;

/** Returns `text` as lines behind the label `what`, at most `width` columns wide; the lines are aligned. */
function hangingIndent(what: string, text: string, width: number): string[] {
  return foldWords(text, width - margin).map((line, i) => `${(i === 0 ? what : "").padEnd(margin)}${line}\n`);
}
