// Builds dist/: the command line and the sandbox in one esbuild run (bundled, split, so that each command loads only
// what it needs), and the library with its types by the compiler.

import { spawnSync } from "node:child_process";
import { chmod, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

await rm("dist", { recursive: true, force: true });

const result = await build({
  entryPoints: { cli: "src/cli/main.ts", sandbox: "src/sandbox/main.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  mainFields: ["module", "main"],
  minify: true,
  keepNames: false,
  legalComments: "linked",
  metafile: true,
  // Bundled CommonJS packages call require; the name is long, lest minified code take it.
  banner: {
    js: "import { createRequire as timetrialCreateRequire } from 'node:module'; const require = timetrialCreateRequire(import.meta.url);",
  },
  logLevel: "warning",
});
await chmod("dist/cli.js", 0o755);
await writeFile("dist/metafile.json", JSON.stringify(result.metafile));

const compiled = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.lib.json"], {
  stdio: "inherit",
});
process.exit(compiled.status ?? 1);
