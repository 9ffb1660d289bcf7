// `report`: a stored run, printed again.

import { turned, wayOf } from "../by-command.ts";
import { bootFormats, presentBoots } from "../present-boots.ts";
import { formats, present } from "../present.ts";
import { oneOf } from "../options.ts";
import { openBoots, openResults } from "../wiring.ts";

export interface ReportOptions {
  readonly format: string;
  readonly out?: string;
  readonly baseline?: string;
  readonly results: string;
  readonly by?: string;
}

export async function report(run: string, options: ReportOptions): Promise<number> {
  const boots = await (await openBoots(options.results)).load(run);
  if (boots !== undefined) {
    await presentBoots(boots, { ...options, format: oneOf("--format", options.format, bootFormats) });
    return 0;
  }
  const format = oneOf("--format", options.format, formats);
  const stored = await (await openResults(options.results)).load(run);
  const way = wayOf(stored.plan.spec, options.by, options.baseline);
  await present(turned(stored, way), { format, out: options.out, baseline: way.baseline });
  return 0;
}
