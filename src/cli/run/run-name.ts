// What a run is called, and what its plan says of its origin.

import { randomBytes } from "node:crypto";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import type { RunIdentity } from "../../pipeline/plan/make-plan.ts";

/** The identity of a run that begins `now`. Its name, `20261124-031500-3fa9`, sorts by time; two in one second differ. */
export function newRunIdentity(now: Date = new Date()): RunIdentity {
  const digits = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return {
    run: `${digits}-${randomBytes(2).toString("hex")}`,
    tool_version: packageRoot().version,
    created_at: now.toISOString(),
  };
}
