// The data of a report of boots, and the texts that every format of it shares.

import { defined } from "../../domain/defined.ts";
import type { BootAnalysis } from "../../analysis/boot/boot-analysis.ts";
import { type Phase, phases, phaseTitles } from "../../analysis/boot/boot-phases.ts";
import { type BootPlan, type BootRecord, runPlanOfBoot } from "../../domain/boot/boot.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import { printable } from "../../domain/printable.ts";
import type { RunCost } from "../../domain/cost/run-cost.ts";
import { costText } from "../table/footer.ts";
import { sumsText } from "../report-data.ts";

/** The data of a report of boots. */
export interface BootReportData {
  readonly analysis: BootAnalysis;
  /** Absent where nothing was booted, and only published figures are shown. */
  readonly plan?: BootPlan;
  readonly records: readonly BootRecord[];
  readonly published?: PublishedBoots;
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  readonly sums?: string;
  readonly changed?: readonly string[];
  /** Absent where a price is not known. */
  readonly spent?: RunCost;
}

/** Returns the phases that have a row: those that occurred, and the one that the user asked for. */
export function visiblePhases({ analysis, plan }: Pick<BootReportData, "analysis" | "plan">): Phase[] {
  const isSeen = (phase: Phase): boolean => analysis.sides.some((side) => side.phases[phase] !== undefined);
  return phases.filter((phase) => isSeen(phase) || (phase === "online" && plan?.spec.ssm === true));
}

/** The phases that are segments of a bar. */
export const waterfallPhases = ["call", "running", "closed", "open"] as const;

/** Returns the names of the segments. Those of a microVM's first two are its VMM's API and InstanceStart. */
export function waterfallTitles(sides: BootAnalysis["sides"]): Readonly<Record<Phase, string>> {
  const isMicroVm = sides.map(({ phases: of }) => of.api !== undefined);
  const own = { call: phaseTitles.api, running: "API ready to InstanceStart answered" };
  if (!isMicroVm.includes(true)) return phaseTitles;
  if (!isMicroVm.includes(false)) return { ...phaseTitles, ...own };
  const both = { call: `${phaseTitles.call} or ${own.call}`, running: `${phaseTitles.running} or ${own.running}` };
  return { ...phaseTitles, ...both };
}

/** Returns the line above everything: what is constant. */
export function bootHeader({ plan, records, published, analysis }: BootReportData): string {
  const parts: string[] = [];
  if (plan !== undefined) {
    const { spec } = plan;
    const zones = [...new Set(records.map(({ zone }) => zone))];
    const kept = analysis.sides.map((side) => side.kept);
    const [least, most] = [Math.min(...kept), Math.max(...kept)];
    parts.push(
      analysis.sides.map(({ side }) => side).join(", "),
      zones.join(", "),
      `TCP port ${spec.port} of the ${hasCloudSides(plan) ? (spec.family === 6 ? "IPv6" : spec.address) : "guest's"} address`,
      `${least === most ? most : `${least}-${most}`} kept boots each`,
      spec.parallel === 1 ? "one at a time" : `${spec.parallel} at once`,
      spec.cloud === "sandbox" ? "sandbox: this host" : "",
    );
  }
  if (published !== undefined) parts.push(publishedLine(published));
  return parts.filter((part) => part !== "").join(" · ");
}

function publishedLine({ id, source, environment, method }: PublishedBoots): string {
  const { title, author, date } = source;
  return `${publishedBootName(id)}: ${title} (${author}, ${date}) · ${environment.instance_type}, ${environment.region} · ${method.statistic} of ${method.kept}, the first of ${method.runs} dropped`;
}

/** Returns the lines below the tables. */
export function bootFooter(report: BootReportData): string[] {
  const { plan, analysis, records } = report;
  if (plan === undefined) return report.published === undefined ? [] : [`source: ${report.published.source.url}`];
  const { spec } = plan;
  const compared = Object.values(analysis.speedups).flatMap((side) => Object.values(side));
  const legend = [
    compared.some(({ verdict }) => verdict === "none") ? "~ no difference shown" : "",
    compared.some(({ value, lo }) => value !== null && lo === null) ? "‡ not enough boots for an interval" : "",
    compared.some(({ verdict }) => verdict === "too-short") ? "short: under 10 times the interval of the polls" : "",
  ].filter((part) => part !== "");
  return [
    ...(legend.length === 0 ? [] : [legend.join("   ")]),
    `launch: ${records[0]?.connection ?? "never"}`,
    `polled: ${hasCloudSides(plan) ? `EC2 every ${ms(spec.describe_every_s)}, ` : ""}the port every ${ms(spec.probe_every_s)}, each attempt for ${spec.probe_life_s} s`,
    `running: ${runningMeans(plan)}   closed: first refusal   open: first connection`,
    ...accuracyLines(report),
    ...(analysis.sides.some(({ closed_unseen }) => closed_unseen > 0)
      ? [`< never refused before it opened: closed is taken as open (${unseenPhases(report)})`]
      : []),
    ...analysis.notes.map(printable),
    ...missingBoots(plan, records.length),
    closingSentence(report, plan),
  ];
}

function hasCloudSides({ spec }: BootPlan): boolean {
  return spec.sides.some(({ vm }) => vm === undefined);
}

function runningMeans(plan: BootPlan): string {
  const cloud = "EC2 shows it running, with an address";
  const own = "InstanceStart returned";
  if (!hasCloudSides(plan)) return own;
  return plan.spec.sides.some(({ vm }) => vm !== undefined) ? `${cloud}; of a microVM, ${own}` : cloud;
}

/** Returns the lines on the accuracy of the figures: the prober's own delays, its CPU, the network's round trips. */
function accuracyLines({ analysis, records }: BootReportData): string[] {
  const delays = analysis.sides.flatMap(({ loop_delay_max_s }) => loop_delay_max_s ?? []);
  const rtts = analysis.sides.flatMap(({ rtt_s, side }) => (rtt_s === undefined ? [] : [`${side} ${ms(rtt_s)}`]));
  const asked = records.reduce((sum, { describes }) => sum + describes.sent, 0);
  const throttled = records.reduce((sum, { describes }) => sum + describes.throttled, 0);
  const parts = [
    delays.length === 0 ? "" : `event loop late by at most ${ms(Math.max(...delays))}`,
    cpuShare(records),
    rtts.length === 0 ? "" : `round trip: ${rtts.join(", ")}`,
    throttled > 0 ? `${throttled} of ${asked} calls to EC2 throttled` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? [] : [`prober: ${parts.join("; ")}`];
}

function cpuShare(records: readonly BootRecord[]): string {
  const done = records.filter(({ cpu_s, open_s }) => cpu_s !== undefined && open_s !== null);
  const span_s = done.reduce((sum, { open_s, online_s }) => sum + Math.max(open_s ?? 0, online_s ?? 0), 0);
  const cpu_s = done.reduce((sum, record) => sum + (record.cpu_s ?? 0), 0);
  return span_s === 0 ? "" : `its CPU busy ${((100 * cpu_s) / span_s).toFixed(0)} % of the time`;
}

function unseenPhases({ analysis }: BootReportData): string {
  return analysis.sides
    .filter(({ closed_unseen }) => closed_unseen > 0)
    .map(({ side, closed_unseen, kept }) => `${side}: ${closed_unseen} of ${kept}`)
    .join(", ");
}

function missingBoots({ spec }: BootPlan, made: number): string[] {
  const planned = spec.boots * spec.sides.length;
  if (made >= planned) return [];
  return [
    `${planned - made} of ${planned} boots were not made: the run ended before ${planned - made === 1 ? "it" : "them"}`,
  ];
}

function closingSentence({ analysis, absence, sums, changed, spent }: BootReportData, plan: BootPlan): string {
  const reasons = new Map<string, number>();
  for (const { left_out } of analysis.sides)
    for (const [reason, count] of Object.entries(left_out)) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  const left = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const of = analysis.sides.reduce((sum, side) => sum + side.of, 0);
  const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).join(", ");
  return [
    `${left} of ${of} boots left out${why === "" ? "" : ` (${why})`}`,
    running(absence, hasCloudSides(plan)),
    costText({ plan: runPlanOfBoot(plan), ...defined({ spent }) }, false),
    sumsText(defined({ sums, changed })),
  ]
    .filter((part) => part !== "")
    .join("   ");
}

function running(absence: BootReportData["absence"], isCloud: boolean): string {
  if (absence === undefined) return "EC2 was not asked what is left running";
  if (absence.state === "none") return isCloud ? "0 instances left running" : "0 microVMs left";
  if (absence.state === "nothing-leased") return "nothing was launched";
  return `may be left running: ${absence.ids.join(", ") || "unknown"}`;
}

function ms(value_s: number): string {
  const value = value_s * 1000;
  return `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} ms`;
}

/** Returns the name of published figures as `boot` takes it. `id`: the id in the file, which is the source's own. */
export function publishedBootName(id: string): string {
  return `published:${id.replace(/^ec2-/, "")}`;
}
