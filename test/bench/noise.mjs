// The tests' seeded noise, for benchmarks: the same seed gives the same draws.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundled } from "./bundled.mjs";

const folder = mkdtempSync(join(tmpdir(), "timetrial-noise-"));
const outfile = join(folder, "noise.mjs");
await bundled('export { exponential, normal, seeded } from "./test/support/noise-samples.ts";', outfile);
export const { exponential, normal, seeded } = await import(outfile);
rmSync(folder, { recursive: true });
