// Names a run, and describes its origin for the plan.

import { randomBytes } from "node:crypto";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import type { RunIdentity } from "../../pipeline/plan/make-plan.ts";

/**
 * Returns the identity of a run that begins `now`. Its name, `20261124-031500-3fa9`, sorts by time: the digit after the
 * second is the sixteenth part of it, in hex. The last three are random, so that runs begun together have different names.
 */
export function newRunIdentity(now: Date = new Date()): RunIdentity {
  const digits = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const sixteenth = Math.floor((now.getUTCMilliseconds() * 16) / 1000).toString(16);
  return {
    run: `${digits}-${sixteenth}${randomBytes(2).toString("hex").slice(1)}`,
    tool_version: packageRoot().version,
    created_at: now.toISOString(),
  };
}
