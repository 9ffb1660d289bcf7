// Writes the events of a run as JSON, one line each, for --progress ndjson.

import { defined } from "../../domain/defined.ts";
import type { BootEvent } from "../../domain/boot/boot.ts";

/**
 * Returns what is written of `event`: its name as `what`, and its fields, with machines by their names. Of a plan only its
 * name, folder, sides and cost: the rest is in the folder's plan.json, and it may hold what must not stand in a CI's log.
 */
export function progressObject(event: BootEvent): Readonly<Record<string, unknown>> {
  switch (event.what) {
    case "planned":
    case "boot-planned": {
      const { plan, folder, costEstimate } = event;
      const { expected, expected_usd, worst_usd } = costEstimate?.forecast ?? {};
      const expected_s = event.what === "planned" ? expected?.whole_s : event.expected_s;
      const sides = plan.spec.sides.map(({ name }) => name);
      const { what } = event;
      return { what, run: plan.run, folder, sides, ...defined({ expected_s, expected_usd, worst_usd }) };
    }
    case "machine-ready":
    case "machine-setup":
    case "suite-skipped":
      return { ...event, machine: event.machine.name };
    default:
      return event;
  }
}
