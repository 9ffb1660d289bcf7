// `list`: what there is.

import type { Manifest } from "../../domain/suite.ts";
import { oneOf } from "../options.ts";
import { openSuites } from "../wiring.ts";

export async function list(what: string, name: string | undefined): Promise<number> {
  oneOf("list", what, ["suites"]);
  const suites = await openSuites();
  if (name !== undefined) {
    process.stdout.write(inFull((await suites.load(name)).manifest));
    return 0;
  }
  for (const known of await suites.list()) {
    const { manifest } = await suites.load(known);
    process.stdout.write(`${known.padEnd(14)} ${manifest.title}\n`);
  }
  return 0;
}

function inFull(manifest: Manifest): string {
  const rows = manifest.rows.map(
    (row) =>
      `  ${row.name.padEnd(12)} ${row.impl.padEnd(14)} ${row.runs} runs, the first ${row.warmup} dropped${row.os === undefined ? "" : `; ${row.os.join(", ")} only`}\n`,
  );
  const params = Object.entries(manifest.params).map(([param, value]) => `  ${param}=${value}\n`);
  return [
    `${manifest.name} ${manifest.version}: ${manifest.title}\n`,
    `on ${manifest.os.join(", ")}\n`,
    "rows\n",
    ...rows,
    "parameters (--set)\n",
    ...params,
  ].join("");
}
