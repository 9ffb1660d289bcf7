// Builds dist/: the command line and the sandbox in one esbuild run, and the library with its types by the compiler.

import { spawnSync } from "node:child_process";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";
import { built } from "./esbuild.options.mjs";

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

// The SDK's schemas write the keys of their traits as constants in brackets. esbuild must take such a key for something
// that runs, and keeps every schema of EC2: half a megabyte. With the constants' values as keys it drops what nothing uses.
const plainSchemas = {
  name: "plain-schemas",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const values = new Map([...text.matchAll(/^const (\w+) = (".*");$/gm)].map(([, name, value]) => [name, value]));
      const contents = text.replace(/\[(\w+)\]: /g, (key, name) => (values.has(name) ? `${values.get(name)}: ` : key));
      return { contents, loader: "js" };
    });
  },
};

// One file for what a command loads: Node takes longer to link thirty small files than to read one large. So each group of
// commands is a bundle of its own, and only what few runs need is left outside of it: the SDK, cephes, what needs execa, and
// what prints tables. Name in dist/ -> module. The second list is left out only where it is imported dynamically: other
// imports of it become part of the bundle that has them.
const always = {
  measure: "src/cli/flags/measure.ts",
  stored: "src/cli/flags/stored.ts",
  boot: "src/cli/flags/boot.ts",
  utilities: "src/cli/flags/utilities.ts",
  account: "src/cli/flags/account.ts",
};
const whenDynamic = {
  sdk: "src/adapters/aws/sdk.ts",
  "pricing-sdk": "src/adapters/aws/pricing-sdk.ts",
  "account-sdk": "src/adapters/aws/account-sdk.ts",
  "environment-agent": "src/adapters/aws/environment-agent.ts",
  ssh: "src/adapters/ssh/machines.ts",
  present: "src/cli/output/print-run.ts",
  live: "src/cli/run/live-view.ts",
  enough: "src/cli/run/judge-look.ts",
  "suite-check": "src/adapters/suite-check/check-suite.ts",
};
const unmatched = new Set([...Object.keys(always), ...Object.keys(whenDynamic), "cephes"]);
const outside = {
  name: "outside",
  setup({ onResolve }) {
    const beside = (name) => {
      unmatched.delete(name);
      return { path: `./${name}.js`, external: true };
    };
    const byPath = (modules) => new Map(Object.entries(modules).map(([name, path]) => [resolve(path), name]));
    const [alwaysByPath, dynamicByPath] = [byPath(always), byPath(whenDynamic)];
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, kind }) => {
      if (kind === "entry-point") return undefined;
      const module = resolve(resolveDir, path);
      const name = alwaysByPath.get(module) ?? (kind === "dynamic-import" ? dynamicByPath.get(module) : undefined);
      return name === undefined ? undefined : beside(name);
    });
    onResolve({ filter: /^cephes$/ }, ({ kind }) => (kind === "entry-point" ? undefined : beside("cephes")));
  },
};

const result = await build({
  entryPoints: { cli: "src/cli/main.ts", ...always, ...whenDynamic, cephes: "cephes", sandbox: "src/sandbox/main.ts" },
  ...built,
  outdir: "dist",
  keepNames: false,
  legalComments: "linked",
  metafile: true,
  plugins: [lazyChildProcess, plainSchemas, outside],
});
if (unmatched.size > 0)
  throw new Error(`build.mjs: nothing imports ${[...unmatched].join(", ")} (any more): name the module that is meant`);
await chmod("dist/cli.js", 0o755);
await writeFile("dist/metafile.json", JSON.stringify(result.metafile));

const compiled = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.lib.json"], {
  stdio: "inherit",
});
process.exit(compiled.status ?? 1);
