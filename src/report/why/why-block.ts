// Shows the factors of the speedups in CPU time: a grid of its own, one line a row, and what must be known beside it.

import {
  factorsOfRow,
  type FactorName,
  type SpeedupFactor,
  type SpeedupFactors,
} from "../../analysis/why/decompose.ts";
import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { rowName } from "../table/row-names.ts";
import { type Grid, leftColumn } from "../table/grid.ts";
import { formatInterval, formatSignificant } from "../text/numbers.ts";
import { contenders, type ReportData } from "../report-data.ts";

export const factorTitles: Readonly<Record<FactorName, string>> = {
  clock: "clock",
  instructions: "instructions",
  "work-per-cycle": "work a cycle",
  rest: "rest",
};

/** Computes the factors of all speedups of `report`. */
export async function withFactors(report: ReportData): Promise<ReportData> {
  const { baseline, rows } = report.comparison;
  const why: Record<string, SpeedupFactors>[] = [];
  for (const [i, row] of rows.entries())
    why.push(await factorsOfRow(row, report.runs[i], { baseline, contenders: contenders(report) }));
  return { ...report, why };
}

/** Returns the factors that any row has, in the order in which they are shown. */
export function factorNames(report: ReportData): FactorName[] {
  const seen = new Set((report.why ?? []).flatMap((row) => Object.values(row)).flatMap(namesOf));
  return (Object.keys(factorTitles) as FactorName[]).filter((name) => seen.has(name));
}

function namesOf({ factors }: SpeedupFactors): FactorName[] {
  return factors.map(({ name }) => name);
}

/** Returns the block of one contender: a line a row, `1.38x = 1.04 × 1.33`. `titled`: implementations are in titles. */
export function whyGrid(report: ReportData, contender: string, labels: "whole" | "titled" = "whole"): Grid {
  const names = factorNames(report);
  let title = "";
  const rows = report.comparison.rows.flatMap((row, i) => {
    const { label, group } = labelOf(report, row, labels);
    const line = [`  ${label}`, ...cellsOf(row, report.why?.[i]?.[contender], contender, names)];
    if (group === title) return [line];
    title = group;
    return [group, line];
  });
  return {
    columns: [
      leftColumn(whyHead(report, contender)),
      leftColumn("speedup"),
      ...names.map((name) => leftColumn(`  ${factorTitles[name]}`)),
    ],
    rows,
  };
}

/** Returns the head of the block of `contender`, which is named where there are several. */
export function whyHead(report: ReportData, contender: string): string {
  return contenders(report).length === 1 ? "why, cpu" : `why ${contender}, cpu`;
}

function labelOf(report: ReportData, row: ComparedRow, labels: "whole" | "titled"): { label: string; group: string } {
  const { title, impl } = rowName(report, row);
  if (labels === "whole" || impl === "") return { label: `${title} ${impl}`.trim(), group: row.suite };
  return { label: title, group: `${row.suite}, ${impl}` };
}

/** Returns the speedup as text, then `= 1.04` and `× 1.33` for each of `names`; empty for those that are not known. */
export function cellsOf(
  row: ComparedRow,
  found: SpeedupFactors | undefined,
  contender: string,
  names: readonly FactorName[],
): string[] {
  const value = row.speedups[contender]?.cpu.value ?? null;
  const cells = factorCells(found, names);
  const first = cells.findIndex((cell) => cell !== "");
  return [
    value === null ? "-" : `${formatSignificant(value)}x`,
    ...cells.map((cell, i) => (cell === "" ? "" : `${i === first ? "=" : "×"} ${cell}`)),
  ];
}

/** Returns the factors as texts, `1.04 (1.03-1.05)`, in the order of `names`; empty for those that are not known. */
export function factorCells(found: SpeedupFactors | undefined, names: readonly FactorName[]): string[] {
  return names.map((name) => {
    const factor = found?.factors.find((one) => one.name === name);
    return factor === undefined ? "" : factorText(factor);
  });
}

export function factorText({ value, lo, hi }: SpeedupFactor): string {
  const shown = formatSignificant(value);
  return lo === null || hi === null ? shown : `${shown} ${formatInterval(value, lo, hi)}`;
}

/** Returns what the reader of the factors must know: why there are no more of them, and what they cannot say. */
export function whyNotes(report: ReportData): string[] {
  const notes = (report.why ?? []).flatMap((row) => Object.values(row).flatMap((found) => found.notes));
  const counted = factorNames(report).includes("instructions");
  return [
    "factors of the speedup in CPU time, with 95 % intervals: their product is the speedup, above 1 is faster",
    ...new Set(notes),
    ...(counted ? architectureNotes(report) : withoutCounters(report)),
  ];
}

function architectureNotes({ machines, comparison }: ReportData): string[] {
  const archs = new Set(
    machines
      .filter(({ side }) => comparison.sides.includes(side))
      .map(({ facts }) => sameNames[facts.arch] ?? facts.arch),
  );
  if (archs.size < 2) return [];
  return [`instruction sets differ (${[...archs].join(", ")}): an instruction of one is not one of the other`];
}

/** What systems call the same instruction set. */
const sameNames: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64" };

/** Says where and why instructions are not counted. */
function withoutCounters({ machines }: ReportData): string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { side, facts } of machines)
    if (facts.no_counters !== undefined)
      reasons.set(facts.no_counters, (reasons.get(facts.no_counters) ?? new Set()).add(side));
  return [...reasons].map(([reason, sides]) => `no counts of instructions on ${[...sides].join(", ")}: ${reason}`);
}
