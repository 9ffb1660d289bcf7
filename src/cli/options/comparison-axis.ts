// Parses `--by` and `--baseline`: what the table compares, and which of them is the baseline.

import { displayTitle } from "../../domain/plan/user-command.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { commandNames, type ComparisonAxis, defaultAxis } from "../../pipeline/compare/pivot-by-command.ts";
import { axes } from "./choices.ts";
import { parseChoice } from "./option-values.ts";

/**
 * Returns how the table shows `spec`: by side or by command. Where `by` is absent, it is by command if one side runs
 * several commands.
 *
 * @throws TimetrialError USAGE where there are no commands to compare, BASELINE_UNKNOWN
 */
export function parseComparisonAxis(spec: Spec, by: string | undefined, baseline: string | undefined): ComparisonAxis {
  const axis = by === undefined ? defaultAxis(spec) : parseChoice("--by", by, axes);
  if (axis === "side") return { by: axis, baseline: baseline ?? spec.baseline };
  const names = commandNames(spec);
  if (names.length === 0) throw new TimetrialError("USAGE", "--by command: the run has no command of its own");
  const chosen = baseline === undefined ? names[0] : names.find((name) => name === displayTitle(baseline));
  if (chosen !== undefined) return { by: axis, baseline: chosen };
  throw new TimetrialError(
    "BASELINE_UNKNOWN",
    `--baseline: the run has no command ${quoteForMessage(baseline ?? "")}`,
    { hint: `its commands are ${names.join(", ")}` },
  );
}
