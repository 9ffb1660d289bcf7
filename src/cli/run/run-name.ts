// Names a run, and describes its origin for the plan.

import { randomBytes } from "node:crypto";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import type { RunIdentity } from "../../pipeline/plan/make-plan.ts";

/**
 * Returns the identity of a run that begins `now`. Its name, `20261124-031500-3fa9`, sorts by time; two runs of one
 * second have different names.
 */
export function newRunIdentity(now: Date = new Date()): RunIdentity {
  const digits = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return {
    run: `${digits}-${randomBytes(2).toString("hex")}`,
    tool_version: packageRoot().version,
    created_at: now.toISOString(),
  };
}
