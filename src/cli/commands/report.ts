// `report`: a stored run, printed again.

import { formats, present } from "../present.ts";
import { oneOf } from "../options.ts";
import { openResults } from "../wiring.ts";

export interface ReportOptions {
  readonly format: string;
  readonly out?: string;
  readonly baseline?: string;
  readonly results: string;
}

export async function report(run: string, options: ReportOptions): Promise<number> {
  const format = oneOf("--format", options.format, formats);
  const stored = await (await openResults(options.results)).load(run);
  await present(stored, { format, out: options.out, baseline: options.baseline ?? stored.plan.spec.baseline });
  return 0;
}
