// Formats the plan of a boot run for people: machines, time and cost, a line a side, and published times beside it.

import type { BootPlan } from "../../domain/boot/boot.ts";
import { type CostForecast, dollars } from "../../domain/cost/cost-forecast.ts";
import { type PriceList, priceOfSide } from "../../domain/cost/price-list.ts";
import { jsonText, printable } from "../../domain/printable.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import { leftColumn, renderGrid } from "../table/grid.ts";
import { formatDuration } from "../text/duration.ts";
import { foldWords } from "../text/fold-words.ts";

/** What a boot run is expected to take and to cost. */
export interface BootPlanReport {
  readonly plan: BootPlan;
  /** One boot, from its launch to the open port, and the whole run. Seconds. */
  readonly one_s: number;
  readonly whole_s: number;
  /** The time that is billed for a machine at least. Seconds. */
  readonly least_s: number;
  readonly list: PriceList;
  readonly forecast: CostForecast;
  readonly published: PublishedBoots | undefined;
}

const unasked = "nothing was asked: types, images, zones and quotas are checked before the first launch";

/** Returns the plan as JSON, with the keys that `plan` of a comparison has. */
export function bootPlanJson(report: BootPlanReport): string {
  const { plan, whole_s, list, forecast, published } = report;
  const machines = plan.spec.sides.map(({ name, type, image }) => ({
    side: name,
    type,
    image,
    count: plan.spec.boots,
  }));
  const text = {
    plan,
    machines,
    expected_s: whole_s,
    billed_s: Object.fromEntries(
      plan.spec.sides.flatMap(({ name, vm }) => (vm === undefined ? [[name, billedOfSide_s(report)]] : [])),
    ),
    market: forecast.market,
    prices: list.prices,
    unknown: list.unknown,
    expected_usd: forecast.expected_usd ?? null,
    worst_usd: forecast.worst_usd ?? null,
    deadline_h: forecast.life_h,
    budget_usd: plan.spec.budget_usd ?? null,
    published: published?.rows ?? [],
    notes: [unasked],
  };
  return `${jsonText(text, 2)}\n`;
}

/** Billed for all machines of a side. Seconds. */
function billedOfSide_s({ plan, one_s, least_s }: BootPlanReport): number {
  return plan.spec.boots * Math.max(one_s, least_s);
}

/** Returns the plan as lines, at most `width` columns wide where words allow it. */
export function bootPlanText(report: BootPlanReport, width: number): string {
  const { one_s, whole_s, forecast } = report;
  const { spec } = report.plan;
  const { boots, sides, parallel } = spec;
  const lines: [string, string][] = [
    ["machines", `${boots * sides.length}: ${boots} of each of ${sides.length} sides, ${parallel} at a time`],
    [
      "takes",
      `about ${formatDuration(whole_s)}: a guess of ${formatDuration(one_s)} a boot; images take from 10 s to over a minute`,
    ],
    ["cost", costText(report)],
    ["deadline", `each machine ends itself ${formatDuration(forecast.life_h * 3600)} after its launch at the latest`],
    ["note", unasked],
    ...(spec.security_groups === undefined
      ? [["", `a security group that lets TCP port ${spec.port} in is needed: --security-group`] as [string, string]]
      : []),
  ];
  const indented = lines.flatMap(([what, text]) =>
    foldWords(printable(text), width - 10).map((line, i) => `${(i === 0 ? what : "").padEnd(10)}${line}`),
  );
  return [...indented, "", ...sideTable(report)].map((line) => `${line}\n`).join("");
}

function costText({ forecast: { expected_usd, worst_usd = 0 }, least_s }: BootPlanReport): string {
  if (expected_usd === undefined) return "price unknown: give it by --price TYPE=USD";
  return `about ${dollars(expected_usd)}, ${dollars(worst_usd)} where every machine lives to its deadline; each is billed ${formatDuration(least_s)} at least, volumes and addresses aside`;
}

function sideTable(report: BootPlanReport): string[] {
  const { list, forecast, published } = report;
  const { spec } = report.plan;
  const isPublished = published !== undefined;
  const billed_s = billedOfSide_s(report);
  const right = (head: string) => ({ over: "", head, align: "right" as const, expendable: 0 });
  const rows = spec.sides.map(({ name, image, vm }) => {
    const price = priceOfSide(list, name, forecast.market, spec.zone)?.usd_per_hour;
    const cost = price === undefined || vm !== undefined ? "-" : dollars((billed_s / 3600) * price);
    const figure = published?.rows.find(({ ami_id }) => ami_id === image);
    const cells = [printable(name), String(spec.boots), vm === undefined ? formatDuration(billed_s) : "-", cost];
    return isPublished ? [...cells, figure === undefined ? "-" : `${figure.total_s.toFixed(2)} s`] : cells;
  });
  const columns = [leftColumn("side"), right("boots"), right("billed"), right("cost")];
  if (isPublished) columns.push(right("published"));
  const lines = renderGrid({ columns, rows }, 0).filter((line) => line !== "");
  if (published === undefined) return lines;
  const { author, title, date } = published.source;
  const { instance_type, region } = published.environment;
  return [
    ...lines,
    printable(`published: ${author}, ${title}, ${date}:`),
    printable(`  running to port open, ${instance_type} in ${region}`),
  ];
}
