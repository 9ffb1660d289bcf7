// Builds the line above the table: what is constant.

import { countOf } from "../../analysis/compare-tests/test-notes.ts";
import { isSandbox, isSimulated } from "../../domain/run/machine.ts";
import { unrealTimes } from "../unreal-times.ts";
import { commonValue, contenders, isMeasured, isRanked, type ReportData } from "../report-data.ts";

export function headerLine(report: ReportData): string {
  const { comparison, machines } = report;
  const sides =
    report.by === "command"
      ? commandsOf(report)
      : contenders(report).length === 0
        ? comparison.baseline
        : isRanked(report)
          ? `${comparison.sides.length} sides, over ${comparison.baseline}`
          : `${comparison.baseline} -> ${contenders(report).join(", ")}`;
  const facts = machines.map((machine) => machine.facts);
  // Published figures lack some facts. A missing fact is not a value that they share with machines.
  const published = (report.published ?? []).map(({ figures }) => figures);
  const parts = [
    sides,
    [
      commonValue([...facts.map(({ os, uname }) => os ?? uname), ...published.map(({ os }) => os)]),
      commonValue([...facts, ...published].map(({ arch }) => (arch === "aarch64" ? "arm64" : arch))),
    ]
      .filter(Boolean)
      .join(" "),
    published.length > 0 ? "" : (commonValue(facts.map(({ instance }) => instance?.zone ?? "")) ?? ""),
    machineCount(report),
    keptCount(report),
    facts.length > 0 && published.length === 0 && facts.every((one) => isSandbox(one) && !isSimulated(one))
      ? "sandbox: this host"
      : "",
    ...unrealTimes(report),
    facts.length === 0 && published.length > 0 ? "published figures" : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** Returns `3 commands · local`; each command stands in its own line of the table. */
function commandsOf({ comparison }: ReportData): string {
  const [row, another] = comparison.rows;
  const where = row === undefined || another !== undefined ? "" : ` · ${row.row}`;
  return `${comparison.sides.length} commands${where}`;
}

function machineCount(report: ReportData): string {
  if (report.by === "command" && report.machines.length === 1) return "";
  const { comparison } = report;
  const measured = comparison.sides.filter((side) => isMeasured(report, side));
  if (measured.length === 0) return "";
  const counts = measured.map((side) => comparison.machines[side]?.length ?? 0);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least !== most) return isRanked(report) ? `${least}-${most} machines a side` : `${counts.join(" and ")} machines`;
  return measured.length === 1 ? countOf(most, "machine") : `${countOf(most, "machine")} a side`;
}

function keptCount(report: ReportData): string {
  const { comparison } = report;
  const measured = comparison.sides.filter((side) => isMeasured(report, side));
  if (measured.length === 0) return "";
  const kept = comparison.rows.flatMap((row) =>
    measured.flatMap((side) => (row.cells[side]?.real.machines ?? []).map((machine) => machine.kept)),
  );
  if (kept.length === 0) return "no kept run";
  const [least, most] = [Math.min(...kept), Math.max(...kept)];
  return `${least === most ? countOf(most, "kept run") : `${least}-${most} kept runs`} each`;
}
