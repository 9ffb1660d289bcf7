// Prints a boot run: analyses it, renders it, and writes the text to its target.

import { TimetrialError } from "../../domain/errors.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import type { StoredBoots } from "../../ports/boot-results.ts";
import type { BootReportFormat } from "../../report/boot/render-boots.ts";
import { outputColumns } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

export interface BootOutputOptions {
  readonly format: BootReportFormat;
  readonly baseline?: string | undefined;
  readonly published?: PublishedBoots | undefined;
  readonly out?: string | undefined;
}

/**
 * Prints `stored`, or the published figures alone where it is undefined. Returns whether every side has a kept boot.
 *
 * @throws TimetrialError BASELINE_UNKNOWN, USAGE
 */
export async function printBoots(
  stored: StoredBoots | undefined,
  { format, baseline, published, out }: BootOutputOptions,
): Promise<boolean> {
  const { buildBootReport, publishedBootReport, renderBootReport } = await import("../../report/boot/render-boots.ts");
  if (stored === undefined && published === undefined)
    throw new TimetrialError("USAGE", "expected a boot run or published figures");
  const data =
    stored === undefined
      ? publishedBootReport(published as PublishedBoots)
      : await buildBootReport(stored, baseline ?? stored.plan.spec.baseline, published);
  await writeOutput(await renderBootReport(data, format, outputColumns()), out);
  return data.analysis.sides.every(({ kept }) => kept > 0);
}
