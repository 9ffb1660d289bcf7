// Prints one stored run: by its sides, with published figures beside them, or by its commands.

import type { StoredRun } from "../../ports/results.ts";
import { type ComparisonAxis, pivotRun, pivotRunWhole } from "../../pipeline/compare/pivot-by-command.ts";
import { addPublishedSides } from "../load/table-sources.ts";
import { type OutputOptions, type OutputTarget, type PrintedRun, showsTable, wholeFormats } from "./formats.ts";
import { printable } from "../../domain/printable.ts";
import { say } from "./terminal.ts";
import { printRun } from "./print-run-lazily.ts";

/**
 * Prints `stored` as `axis` compares it. The answer of a gate is the same in all formats. Says why there is no result
 * where no table on standard output says it.
 */
export async function printStoredRun(
  stored: StoredRun,
  axis: ComparisonAxis,
  options: Omit<OutputOptions, "baseline">,
): Promise<PrintedRun> {
  const printed = await printInAllFormats(stored, axis, options);
  if (!printed.isComplete && !showsTable(options.targets))
    say(printable(`timetrial: not every row has a result: ${printed.left_out}`));
  return printed;
}

async function printInAllFormats(
  stored: StoredRun,
  axis: ComparisonAxis,
  options: Omit<OutputOptions, "baseline">,
): Promise<PrintedRun> {
  if (axis.by === "side")
    return await printRun(await addPublishedSides(stored), { ...options, baseline: axis.baseline });
  const isWhole = ({ format }: OutputTarget): boolean => wholeFormats.has(format);
  const [whole, shown] = [options.targets.filter(isWhole), options.targets.filter((target) => !isWhole(target))];
  const first =
    shown.length === 0
      ? undefined
      : await printRun(pivotRun(stored, axis), { ...options, targets: shown, baseline: axis.baseline });
  if (first !== undefined && whole.length === 0) return first;
  // The plot stands below the table, which is printed already.
  const { run, baseline } = pivotRunWhole(stored, axis);
  const second = await printRun(run, {
    ...options,
    ...(shown.length > 0 ? { plot: false } : {}),
    targets: whole,
    baseline,
  });
  return { ...second, isComplete: second.isComplete && first?.isComplete !== false };
}
