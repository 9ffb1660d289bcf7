// Says of which sides the times are no performance: their machines are emulated, or simulated and measured nothing.

import { emulatorOf, isSimulated } from "../domain/run/machine.ts";
import type { ReportData } from "./report-data.ts";

/** Returns `c: emulated (qemu-tcg): times are not performance`. No side is named where it is so of all. */
export function unrealTimes({ machines, comparison }: ReportData): string[] {
  const emulated = machines.flatMap(({ side, facts }) => {
    const by = isSimulated(facts) ? undefined : emulatorOf(facts);
    return by === undefined ? [] : [{ side, by }];
  });
  const simulated = machines.flatMap(({ side, facts }) => (isSimulated(facts) ? [side] : []));
  const whose = (sides: readonly string[]): string =>
    sides.length === machines.length ? "" : `${comparison.sides.filter((one) => sides.includes(one)).join(", ")}: `;
  const means = [...new Set(emulated.map(({ by }) => by))].join(", ");
  return [
    ...(simulated.length === 0 ? [] : [`${whose(simulated)}simulated: nothing was measured`]),
    ...(emulated.length === 0
      ? []
      : [`${whose(emulated.map(({ side }) => side))}emulated (${means}): times are not performance`]),
  ];
}
