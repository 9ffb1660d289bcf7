// Prints one stored run: by its sides, with published figures beside them, or by its commands.

import type { StoredRun } from "../../ports/results.ts";
import { type ComparisonAxis, pivotRun, pivotRunWhole } from "../../pipeline/compare/pivot-by-command.ts";
import { addPublishedSides } from "../load/table-sources.ts";
import { type OutputOptions, type OutputTarget, wholeFormats } from "./formats.ts";
import { printRun } from "./print-run-lazily.ts";

/** Prints `stored` as `axis` compares it. Returns whether there is a result, as `printRun` does. */
export async function printStoredRun(
  stored: StoredRun,
  axis: ComparisonAxis,
  options: Omit<OutputOptions, "baseline">,
): Promise<boolean> {
  if (axis.by === "side")
    return await printRun(await addPublishedSides(stored), { ...options, baseline: axis.baseline });
  const isWhole = ({ format }: OutputTarget): boolean => wholeFormats.has(format);
  const [whole, shown] = [options.targets.filter(isWhole), options.targets.filter((target) => !isWhole(target))];
  const isComplete =
    shown.length === 0 ||
    (await printRun(pivotRun(stored, axis), { ...options, targets: shown, baseline: axis.baseline }));
  if (whole.length === 0) return isComplete;
  // The plot stands below the table, which is printed already.
  const { run, baseline } = pivotRunWhole(stored, axis);
  const isWholeComplete = await printRun(run, {
    ...options,
    ...(shown.length > 0 ? { plot: false } : {}),
    targets: whole,
    baseline,
  });
  return isComplete && isWholeComplete;
}
