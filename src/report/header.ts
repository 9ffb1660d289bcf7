// The line above the table: what is constant.

import { isSandbox } from "../domain/machine.ts";
import { emulated } from "./footer.ts";
import { common, contenders, type Told } from "./told.ts";

export function header(told: Told): string {
  const { comparison, machines } = told;
  const sides =
    contenders(told).length === 0 ? comparison.baseline : `${comparison.baseline} -> ${contenders(told).join(", ")}`;
  const facts = machines.map((machine) => machine.facts);
  const parts = [
    sides,
    [common(facts.map(({ os, uname }) => os ?? uname)), common(facts.map(({ arch }) => arch))]
      .filter(Boolean)
      .join(" "),
    common(facts.map(({ instance }) => instance?.zone ?? "")) ?? "",
    machineCount(told),
    keptCount(told),
    facts.length > 0 && facts.every(isSandbox) ? "sandbox: this host" : "",
    ...emulated(told),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function machineCount({ comparison }: Told): string {
  const counts = comparison.sides.map((side) => comparison.machines[side]?.length ?? 0);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least !== most) return `${counts.join(" and ")} machines`;
  return comparison.sides.length === 1 ? plural(most, "machine") : `${plural(most, "machine")} a side`;
}

function keptCount({ comparison }: Told): string {
  const kept = comparison.rows.flatMap((row) =>
    Object.values(row.cells).flatMap(({ real }) => real.machines.map((machine) => machine.kept)),
  );
  if (kept.length === 0) return "no kept run";
  const [least, most] = [Math.min(...kept), Math.max(...kept)];
  return `${least === most ? plural(most, "kept run") : `${least}-${most} kept runs`} each`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
