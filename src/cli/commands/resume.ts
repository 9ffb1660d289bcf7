// `resume`: a run whose client died or was interrupted goes on where it was, then its table is printed.

import { resume as goOn } from "../../pipeline/run/run.ts";
import { turned, wayOf } from "../output/pivot-by-command.ts";
import { anyFailed, carryOut } from "../run/execute-run.ts";
import { highest } from "../output/exit-status.ts";
import { formats } from "../output/formats.ts";
import { present } from "../output/print-run-lazily.ts";
import { oneOf } from "../options/option-values.ts";
import { withPublished } from "../load/table-sources.ts";
import { openResults } from "../wiring.ts";
import type { ReportOptions } from "./report.ts";

export interface ResumeOptions extends ReportOptions {
  readonly quiet?: boolean;
}

export async function resume(run: string, options: ResumeOptions): Promise<number> {
  const format = oneOf("--format", options.format, formats);
  const results = await openResults(options.results);
  const before = await results.load(run);
  const { spec } = before.plan;
  const way = wayOf(spec, options.by, options.baseline);
  if (before.finished === true && before.sums !== undefined) {
    process.stderr.write(`timetrial: ${before.plan.run} is finished: nothing was done\n`);
    return 0;
  }
  const status = await carryOut(spec, { ...options, way }, (ports, observe, signal) =>
    goOn(before, ports, observe, signal),
  );
  const stored = await results.load(run);
  if (stored.records.length > 0) {
    const shown = way.by === "command" ? turned(stored, way) : await withPublished(stored);
    await present(shown, { ...options, format, baseline: way.baseline });
  }
  return highest([status, anyFailed(stored) ? 1 : 0]);
}
