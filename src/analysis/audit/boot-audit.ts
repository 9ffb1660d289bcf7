// Checks a stored boot run's records against its plan and against each other.

import type { BootPlan, BootRecord } from "../../domain/boot/boot.ts";
import type { AuditFinding } from "./run-audit.ts";

/** Returns findings by line of boots.ndjson. An honest run has none. */
export function auditBoots({ spec }: BootPlan, records: readonly BootRecord[]): AuditFinding[] {
  const seen = new Set<string>();
  return records.flatMap((record, i) => {
    const side = spec.sides.find(({ name }) => name === record.side);
    const key = `${record.side} ${record.number}`;
    const twice = seen.has(key);
    seen.add(key);
    const found = [
      ...(side === undefined ? [`expected a planned side, found ${record.side}`] : []),
      ...(side !== undefined && side.type !== record.type ? [`type: expected ${side.type}, found ${record.type}`] : []),
      ...(record.number > spec.boots ? [`expected a boot up to ${spec.boots}, found ${record.number}`] : []),
      ...(record.warmup === (record.number === 1 && spec.boots > 1)
        ? []
        : [`warmup: expected of a side's first boot alone, found of boot ${record.number}`]),
      ...(twice ? [`boot ${record.number} of ${record.side} is there twice`] : []),
      ...outOfOrder(record),
    ];
    return found.map((what) => ({ where: `boots.ndjson:${i + 1}`, what }));
  });
}

/** Finds instants in the wrong order. A machine may be seen running before the launch request returns. */
function outOfOrder({ running_s, closed_s, open_s, closed_seen }: BootRecord): string[] {
  return [
    ...(running_s !== null && closed_s !== null && closed_s < running_s ? ["closed before it was running"] : []),
    ...(closed_s !== null && open_s !== null && open_s < closed_s ? ["open before it was closed"] : []),
    ...(!closed_seen && closed_s !== null && open_s !== null && closed_s !== open_s
      ? ["closed at another instant than open, and was never seen closed"]
      : []),
  ];
}
