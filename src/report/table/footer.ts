// Builds the lines below the table: an explanation of every mark, every caveat, what was left out, what is still
// running.

import { othersMatter } from "../../analysis/comparison/bottleneck.ts";
import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { typeCaveat } from "../../analysis/compare-tests/test-notes.ts";
import type { FeatureDifference } from "../../analysis/notes/cpu-features.ts";
import { isSandbox } from "../../domain/run/machine.ts";
import { dollars } from "../../domain/cost/cost-forecast.ts";
import { launchedSides } from "../../domain/plan/plan.ts";
import { commandSuiteName, displayTitle } from "../../domain/plan/user-command.ts";
import { noInterval } from "./cell-text.ts";
import { stoppingLines } from "./stopping-lines.ts";
import { bottleneckLines } from "./bottleneck-lines.ts";
import { isMeasured, isRanked, rowTitle, type ReportData, type ReportRun, sumsText } from "../report-data.ts";
import { leftOutRuns } from "../text/left-out-runs.ts";
import { unrealTimes } from "../unreal-times.ts";

/** The footnotes of all explanations, each text once, numbered in the order of the rows. */
export class Footnotes {
  readonly #numbers = new Map<string, number>();

  /** Returns the mark of `explanation`: `†1`. */
  mark(explanation: FeatureDifference): string {
    return this.markOf(explanationText(explanation));
  }

  /** Returns the mark of the footnote `text`. */
  markOf(text: string): string {
    const number = this.#numbers.get(text) ?? this.#numbers.size + 1;
    this.#numbers.set(text, number);
    return `†${number}`;
  }

  lines(): string[] {
    return [...this.#numbers].map(([text, number]) => `†${number} ${text}`);
  }
}

/** Returns `explanation` in words. */
export function explanationText({ instruction, on, not_on, masked_by }: FeatureDifference): string {
  const mask = masked_by.length === 0 ? "" : ` (its machines set ${masked_by.join(", ")})`;
  return `instruction ${instruction}: on ${on}, not on ${not_on}${mask}`;
}

/** Returns the lines below the table of `report`. `marks`: the marks in its rows. */
export function footerLines(report: ReportData, footnotes: Footnotes, marks: ReadonlySet<string>): string[] {
  const bare = !report.comparison.sides.some((side) => isMeasured(report, side));
  const legend = [
    marks.has("~") ? "~ no difference shown" : "",
    marks.has(noInterval) ? `${noInterval} ${bare ? "n = 1: no interval" : needsMoreRuns}` : "",
    marks.has("!") ? "! most runs left out" : "",
    bare ? `- ${notPublished}` : "",
    marks.has("no mean") ? "geomean -: one row decides which side is faster" : "",
    marks.has("(a-b)") ? "geomean [a…b]: range with one row left out" : "",
  ].filter((part) => part !== "");
  // A note that the legend explains needs no second line.
  const caveatLines = caveats(report, [...(marks.has(noInterval) ? [notEnough] : []), ...(bare ? [notPublished] : [])]);
  return [...(legend.length > 0 ? [legend.join("   ")] : []), ...footnotes.lines(), ...caveatLines, ...closing(report)];
}

/** Notes of the analysis that the legend of a mark can replace. */
const notEnough = "not enough runs for an interval";
/** The least runs for an interval of one machine's median, and the warm-up run. */
const needsMoreRuns = "no interval: that takes 6 kept runs on each machine (--rounds 7)";
const notPublished = "not published";

/**
 * Returns what the reader must know to believe the numbers, and no more; without the notes in `known`. Below a ranking
 * the scope of the claims is said once, without what each speedup would take to hold for the types.
 */
export function caveats(report: ReportData, known: readonly string[] = []): string[] {
  const { comparison } = report;
  const byNote = new Map<string, Set<string>>();
  for (const row of comparison.rows) {
    const title = rowTitle(report, row);
    const name = title === undefined ? `${row.suite}/${row.row}/${row.impl}` : displayTitle(title);
    const notes = speedupNotes(row, known).filter((note) => !isRanked(report) || !note.includes(typeCaveat));
    for (const note of [...row.notes, ...notes, ...timeRemarks(report, row)])
      byNote.set(note, (byNote.get(note) ?? new Set()).add(name));
  }
  return [
    ...publications(report),
    ...(report.differences ?? []),
    ...stoppingLines(report),
    ...bottleneckLines(report),
    ...unrealTimes(report),
    ...fractions(report),
    ...drivers(report),
    ...captures(report),
    ...othersShareNote(report),
    ...report.skipped,
    ...(report.unpaid === undefined ? [] : [unpaid(report.unpaid)]),
    ...(report.repeated === undefined ? [] : [repeated(report.repeated)]),
    ...(report.cut === undefined ? [] : [cut(report.cut)]),
    ...comparison.notes,
    ...[...byNote].map(([note, names]) =>
      names.size === comparison.rows.length ? note : `${[...names].join(", ")}: ${note}`,
    ),
  ];
}

/** Returns the notes on a row's speedups. Metric and contender are named where a note is not on all of them. */
function speedupNotes(row: ComparedRow, known: readonly string[]): string[] {
  const left = (notes: readonly string[]) => notes.filter((note) => !known.includes(note));
  const bySide = Object.entries(row.speedups).map(([side, { real, cpu }]) => ({
    side,
    notes: [
      ...left(real.notes).map((note) => (cpu.notes.includes(note) ? note : `real: ${note}`)),
      ...left(cpu.notes)
        .filter((note) => !real.notes.includes(note))
        .map((note) => `cpu: ${note}`),
    ],
  }));
  return bySide.flatMap(({ side, notes }) =>
    notes.map((note) => (bySide.every((other) => other.notes.includes(note)) ? note : `${side}: ${note}`)),
  );
}

function timeRemarks({ remarks = [] }: ReportData, row: ComparedRow): string[] {
  return remarks
    .filter((remark) => remark.row === row && remark.contender === undefined)
    .map(({ metric, text }) => `${metric}: ${text}`);
}

/** Returns where published figures are from, and what is not known of them. */
function publications({ published = [], comparison }: ReportData): string[] {
  const shown = new Set(comparison.rows.map(({ suite, row, impl }) => JSON.stringify([suite, row, impl])));
  const lines = published.flatMap(({ figures: { source, os, release, arch, records } }) => {
    const userOnly = records.filter(
      (record) => record.user_s !== undefined && shown.has(JSON.stringify([record.suite, record.row, record.impl])),
    );
    return [
      `published: ${source.author}, ${source.title}, ${source.date}, ${source.url}`,
      `published: on ${os} ${arch}, ${release === null ? "release unknown" : release}`,
      "published: n = 1, since the source does not say how often a row was run",
      ...(userOnly.length === 0
        ? []
        : [`published: ${userOnly.map(({ row }) => row).join(", ")}: CPU is the user time alone`]),
    ];
  });
  return [...new Set(lines)];
}

/**
 * Returns a note for each parameter that differs from the suite's own: the row then did a fraction of the suite's work,
 * or a multiple.
 */
function fractions({ plan, comparison }: ReportData): string[] {
  return plan.suites.flatMap((suite) =>
    Object.entries(suite.defaults).flatMap(([name, full]) => {
      const rows = comparison.rows.filter((row) => row.suite === suite.name);
      return [...new Set(rows.flatMap(({ params }) => params[name] ?? []))].flatMap((used) => {
        const share = Number(used) / Number(full);
        if (!(share > 0) || share === 1) return [];
        const times = share < 1 ? `1/${Number((1 / share).toPrecision(3))}` : `${Number(share.toPrecision(3))} times`;
        return [
          `${suite.name}: ${name}=${used} is ${times} of the suite's own work (${full})${share < 1 ? ", start-up included" : ""}`,
        ];
      });
    }),
  );
}

function unpaid(trials: number): string {
  const [were, them] = trials === 1 ? ["trial was", "it"] : ["trials were", "them"];
  return `${trials} ${were} not begun: the budget would not have paid for ${them}`;
}

function repeated(trials: number): string {
  return `${trials} disturbed ${trials === 1 ? "run was" : "runs were"} measured again`;
}

function cut(trials: number): string {
  return `${trials} ${trials === 1 ? "trial" : "trials"} had been sent to a machine when the budget ended the run`;
}

function drivers({ comparison }: ReportData): string[] {
  const found = new Map<string, Set<string>>();
  for (const row of comparison.rows)
    // There is only one way to run the user's own commands.
    if (row.driver !== "none" && row.suite !== commandSuiteName)
      found.set(row.impl, (found.get(row.impl) ?? new Set()).add(row.driver));
  const names = [...found]
    .filter(([impl]) => !impl.startsWith("portable"))
    .map(([impl, names]) => `${[...names].join(" and ")} for ${impl}`);
  return names.length === 0 ? [] : [`drivers: ${names.join(", ")}`, ...shells(found)];
}

/** Returns the note that the shell of `--shell sh` is part of the times. */
function shells(drivers: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return drivers.get("command")?.has("sh") === true ? ["the start of --shell sh is part of each time"] : [];
}

function captures({ machines }: ReportData): string[] {
  const coarse = machines.filter(({ facts }) => facts.cpu_resolution_s >= 1e-3 || facts.real_resolution_s >= 1e-3);
  const bySide = new Map<string, Set<string>>();
  for (const { side, facts } of coarse) {
    const text = `times by ${captureName(facts)}: exact to ${facts.real_resolution_s} s real, ${facts.cpu_resolution_s} s CPU`;
    bySide.set(text, (bySide.get(text) ?? new Set()).add(side));
  }
  // No side is named where it is so of every machine.
  const isCommon = bySide.size === 1 && coarse.length === machines.length;
  const notes = [...bySide].map(([text, sides]) => (isCommon ? text : `${[...sides].join(", ")}: ${text}`));
  return [...notes, ...fixedCosts(machines)];
}

/** Returns what took the times: the capture `times` is a builtin of sh. */
function captureName({ capture }: { readonly capture: string }): string {
  return capture === "times" ? "sh" : capture;
}

/** Returns `real times: 0.38-0.41 ms of sh included`, a line a capture; none where it is below 0.01 ms. */
function fixedCosts(machines: ReportData["machines"]): string[] {
  const found = machines.flatMap(({ side, facts }) => {
    const ms = Number(((facts.capture_fixed_s ?? 0) * 1000).toPrecision(2));
    return ms < 0.01 ? [] : [{ side, ms, by: captureName(facts) }];
  });
  return [...new Set(found.map(({ by }) => by))].map((by) => {
    const own = found.filter((one) => one.by === by);
    const [least, most] = [Math.min(...own.map(({ ms }) => ms)), Math.max(...own.map(({ ms }) => ms))];
    // No side is named where it is so of every machine.
    const whose = own.length === machines.length ? "" : ` of ${[...new Set(own.map(({ side }) => side))].join(", ")}`;
    return `real times${whose}: ${least === most ? least : `${least}-${most}`} ms of ${by} included`;
  });
}

function othersShareNote({ others_share, machines }: ReportData): string[] {
  if (others_share === undefined || others_share <= othersMatter) return [];
  const where = machines.every(({ facts }) => isSandbox(facts)) ? "this host's" : "the machines'";
  return [`other processes used ${Math.round(others_share * 100)} % of ${where} CPUs: CPU is surer than real`];
}

/**
 * Returns `2 of 120 runs left out (1 steal, 1 failed)   0 instances left running   sums 3f9a…`; with several runs a
 * line for each.
 */
function closing(report: ReportData): string[] {
  if (!report.comparison.sides.some((side) => isMeasured(report, side))) return ["nothing was measured"];
  const left = leftOutRuns(report.comparison);
  const { sources } = report;
  if (sources === undefined) return [[left, ...ending(report, report.priced !== undefined)].join("   ")];
  return [
    left,
    ...sources.map((source) => [runName(source), ...ending(source, report.priced !== undefined)].join("   ")),
  ];
}

/** Returns `3fa9: run 20261124-031500-3fa9 of 2026-11-24`. */
function runName({ tag, plan }: ReportRun): string {
  const run = tag === plan.run ? `run ${tag}` : `${tag}: run ${plan.run}`;
  return `${run} of ${plan.created_at.slice(0, 10)}`;
}

function ending(
  run: Pick<ReportRun, "plan" | "absence" | "finished" | "sums" | "changed" | "spent">,
  priced: boolean,
): string[] {
  return [run.finished === false ? "not finished" : "", running(run), costText(run, priced), sumsText(run)].filter(
    (part) => part !== "",
  );
}

/** Returns `$0.31`. The sandbox costs nothing, and the text says so where the user asked about prices. */
export function costText({ plan, spent }: Pick<ReportRun, "plan" | "spent">, priced: boolean): string {
  if (launchedSides(plan.spec).length === 0) return "";
  if (plan.spec.cloud === "sandbox") return spent === undefined ? "" : "costs nothing";
  if (spent === undefined) return priced ? "" : "price unknown";
  return `${spent.atMost ? "at most " : ""}${dollars(spent.usd)}`;
}

function running({ absence, plan }: Pick<ReportRun, "plan" | "absence">): string {
  // Nothing is claimed of machines that timetrial did not launch: they keep running.
  if (launchedSides(plan.spec).length === 0) return "";
  if (absence === undefined) return "EC2 was not asked what is left running";
  if (absence.state === "none") return "0 instances left running";
  if (absence.state === "nothing-leased") return "nothing was launched";
  if (absence.state === "kept") return `left running on purpose: ${absence.ids.join(", ")}`;
  return `may be left running: ${absence.ids.join(", ") || "unknown"}`;
}
