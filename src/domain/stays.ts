// Distinguishes sides whose machines exist before and after the run from sides that are launched for it.

import type { Spec } from "./plan/plan.ts";
import type { Side } from "./plan/side.ts";

/**
 * Whether the machines of `side` exist before and after the run. False for published figures, which have no machines.
 */
export function outlivesRun(side: Side, spec: Pick<Spec, "tags">): boolean {
  if (side.kind === "published" || side.kind === "firecracker") return false;
  return side.kind !== "ec2" || spec.tags !== undefined;
}
