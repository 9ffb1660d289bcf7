// Builds dist/: the command line and the sandbox in one esbuild run (bundled, split, so that each command loads only
// what it needs), and the library with its types by the compiler.

import { spawnSync } from "node:child_process";
import { chmod, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

await rm("dist", { recursive: true, force: true });

// commander asks for node:child_process, which it needs for subcommands that are programs of their own; we have none,
// and loading it is a good part of what --help costs. It gets one that loads when it is first used.
const lazyChildProcess = {
  name: "lazy-child-process",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: "child_process", namespace: "lazy" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "lazy" }, () => ({
      contents: "module.exports = { get spawn() { return require('node:child_process').spawn; } };",
      loader: "js",
    }));
  },
};

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
  plugins: [lazyChildProcess],
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
