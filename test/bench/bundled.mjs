// TypeScript of ours as one module, built as the product is, for a benchmark to load.

import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");
const banner =
  "import { createRequire as timetrialCreateRequire } from 'node:module'; const require = timetrialCreateRequire(import.meta.url);";

/** Writes `contents`, whose imports start from the project's root, to `outfile` with all that it imports. */
export async function bundled(contents, outfile) {
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    mainFields: ["module", "main"],
    minify: true,
    banner: { js: banner },
    logLevel: "warning",
  });
}
