// Tells sides whose machines existed before the run, and stay after it, from sides that are launched.

import type { Spec } from "./plan/plan.ts";
import type { Side } from "./plan/side.ts";

/** Whether the machines of `side` are not launched for the run. Published figures have none. */
export function outlivesRun(side: Side, spec: Pick<Spec, "tags">): boolean {
  if (side.kind === "published" || side.kind === "firecracker") return false;
  return side.kind !== "ec2" || spec.tags !== undefined;
}
