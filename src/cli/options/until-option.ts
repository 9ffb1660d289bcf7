// Parses `--until 1%`.

import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { StoppingRule } from "../../domain/plan/stopping-rule.ts";

/** Parses the value of --until. @throws TimetrialError USAGE */
export function parseUntil(text: string): StoppingRule {
  if (text === "gate") return { gate: true };
  const [, number, of, metric] = /^(\d{1,2}(?:\.\d{1,3})?)%(?::(geomean))?(?::(real|cpu))?$/.exec(text) ?? [];
  const percent = Number(number);
  if (number === undefined || percent <= 0 || percent > 50) {
    throw new TimetrialError("USAGE", `--until: expected a width such as 1%, up to 50%, got ${quoteForMessage(text)}`, {
      hint: "1%:geomean asks for the suite's geometric mean alone, 1%:cpu and 1%:geomean:real for one metric alone, gate for --fail-if to be decided",
    });
  }
  return {
    percent,
    of: of === undefined ? "rows" : "geomean",
    ...(metric === "real" || metric === "cpu" ? { metric } : {}),
  };
}
