// TypeScript of ours as one module, built as the product is, for a benchmark to load.

import { join } from "node:path";
import { build } from "esbuild";
import { built } from "../../esbuild.options.mjs";

const root = join(import.meta.dirname, "../..");

/** Writes `contents`, whose imports start from the project's root, to `outfile` with all that it imports. */
export async function bundled(contents, outfile) {
  await build({ ...built, stdin: { contents, resolveDir: root, loader: "ts" }, outfile });
}
