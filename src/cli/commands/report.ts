// `report`: a stored run, printed again.

import { turned, wayOf } from "../by-command.ts";
import { formats, present } from "../present.ts";
import { oneOf } from "../options.ts";
import { loadRun } from "../stored-run.ts";

export interface ReportOptions {
  readonly format: string;
  readonly out?: string;
  readonly plot?: boolean;
  readonly price?: readonly string[];
  readonly baseline?: string;
  readonly results: string;
  readonly by?: string;
}

export async function report(run: string, options: ReportOptions): Promise<number> {
  const format = oneOf("--format", options.format, formats);
  const stored = await loadRun(run, options.results);
  const way = wayOf(stored.plan.spec, options.by, options.baseline);
  await present(turned(stored, way), {
    format,
    out: options.out,
    plot: options.plot,
    price: options.price,
    baseline: way.baseline,
  });
  return 0;
}
