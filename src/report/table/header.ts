// The line above the table: what is constant.

import { isSandbox } from "../../domain/run/machine.ts";
import { emulationNotes } from "./footer.ts";
import { commonValue, contenders, isMeasured, type ReportData } from "../report-data.ts";

export function headerLine(told: ReportData): string {
  const { comparison, machines } = told;
  const sides =
    told.by === "command"
      ? commandsOf(told)
      : contenders(told).length === 0
        ? comparison.baseline
        : `${comparison.baseline} -> ${contenders(told).join(", ")}`;
  const facts = machines.map((machine) => machine.facts);
  // What is not known of published figures is nothing that they share with machines.
  const published = (told.published ?? []).map(({ figures }) => figures);
  const parts = [
    sides,
    [
      commonValue([...facts.map(({ os, uname }) => os ?? uname), ...published.map(({ os }) => os)]),
      commonValue([...facts, ...published].map(({ arch }) => (arch === "aarch64" ? "arm64" : arch))),
    ]
      .filter(Boolean)
      .join(" "),
    published.length > 0 ? "" : (commonValue(facts.map(({ instance }) => instance?.zone ?? "")) ?? ""),
    machineCount(told),
    keptCount(told),
    facts.length > 0 && published.length === 0 && facts.every(isSandbox) ? "sandbox: this host" : "",
    ...emulationNotes(told),
    facts.length === 0 && published.length > 0 ? "published figures" : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** `3 commands · local`; each command stands in its line. */
function commandsOf({ comparison }: ReportData): string {
  const [row, another] = comparison.rows;
  const where = row === undefined || another !== undefined ? "" : ` · ${row.row}`;
  return `${comparison.sides.length} commands${where}`;
}

function machineCount(told: ReportData): string {
  if (told.by === "command" && told.machines.length === 1) return "";
  const { comparison } = told;
  const measured = comparison.sides.filter((side) => isMeasured(told, side));
  if (measured.length === 0) return "";
  const counts = measured.map((side) => comparison.machines[side]?.length ?? 0);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least !== most) return `${counts.join(" and ")} machines`;
  return measured.length === 1 ? plural(most, "machine") : `${plural(most, "machine")} a side`;
}

function keptCount(told: ReportData): string {
  const { comparison } = told;
  const measured = comparison.sides.filter((side) => isMeasured(told, side));
  if (measured.length === 0) return "";
  const kept = comparison.rows.flatMap((row) =>
    measured.flatMap((side) => (row.cells[side]?.real.machines ?? []).map((machine) => machine.kept)),
  );
  if (kept.length === 0) return "no kept run";
  const [least, most] = [Math.min(...kept), Math.max(...kept)];
  return `${least === most ? plural(most, "kept run") : `${least}-${most} kept runs`} each`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
