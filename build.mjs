// Builds dist/: the command line and the sandbox in one esbuild run, and the library with its types by the compiler.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, resolve } from "node:path";
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

// An `import` of a module of Node makes Node link it and read each of its properties, some of which load more modules. A
// bundle of thirty such imports starts 10 ms sooner where it requires them. Only what is used is read.
const requiredBuiltins = {
  name: "required-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_]+(\/promises)?$/ }, ({ path, kind }) =>
      isBuiltin(path) && (kind === "import-statement" || kind === "dynamic-import")
        ? { path: path.replace(/^(node:)?/, "node:"), namespace: "builtin", sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== "default");
      const contents = [
        `const timetrialModule = /* @__PURE__ */ require(${JSON.stringify(path)});`,
        "const timetrialRead = (name) => timetrialModule[name];",
        "export default timetrialModule;",
        ...names.map((name) => `export const ${name} = /* @__PURE__ */ timetrialRead("${name}");`),
      ].join("\n");
      return { contents, loader: "js" };
    });
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

// The places where the SDK looks for credentials after the environment, which it imports dynamically: a bundle of their own.
const laterCredentials = {
  name: "later-credentials",
  setup({ onResolve, onLoad, resolve: find }) {
    const packages = ["sso", "ini", "process", "web-identity", "http"].map(
      (one) => `@aws-sdk/credential-provider-${one}`,
    );
    packages.push("@smithy/credential-provider-imds");
    onResolve({ filter: /^(@aws-sdk|@smithy)\/credential-provider-/ }, ({ path, kind, importer }) =>
      kind === "dynamic-import" && /[\\/]credential-provider-node[\\/]/.test(importer) && packages.includes(path)
        ? { path: "./credentials.js", external: true }
        : undefined,
    );
    onResolve({ filter: /^later-credentials$/ }, () => ({ path: "all", namespace: "later-credentials" }));
    onLoad({ filter: /.*/, namespace: "later-credentials" }, async () => {
      const { path } = await find("@aws-sdk/client-ec2", { kind: "import-statement", resolveDir: import.meta.dirname });
      const chain = await find("@aws-sdk/credential-provider-node", {
        kind: "import-statement",
        resolveDir: dirname(path),
      });
      return { contents: packages.map((one) => `export * from "${one}";`).join("\n"), resolveDir: dirname(chain.path) };
    });
  },
};

// cephes holds five WebAssembly modules and a Buffer for browsers; Student's t needs the module of probabilities alone.
const onlyProbabilities = {
  name: "only-probabilities",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^probabilities-of-cephes$/ }, () => ({ path: "three", namespace: "probabilities" }));
    onLoad({ filter: /.*/, namespace: "probabilities" }, () => ({
      contents: 'export { compiled, incbet, incbi } from "cephes";',
      resolveDir: import.meta.dirname,
    }));
    onLoad({ filter: /[\\/]cephes[\\/]index\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const afterBuffer = text.slice(text.indexOf("class CephesCompiled "));
      const contents = afterBuffer.replace(/^var wasmMap = \{[^}]*\};$/m, "var wasmMap = { cprob };");
      if (afterBuffer === text || contents === afterBuffer)
        throw new Error(
          `${path}: expected its Buffer, then CephesCompiled and wasmMap: see what this version looks like`,
        );
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
  examples: "src/cli/flags/examples.ts",
  "environment-agent": "src/adapters/aws/environment-agent.ts",
  ssh: "src/adapters/ssh/machines.ts",
  cloud: "src/cli/wiring/cloud-ports.ts",
  microvms: "src/adapters/firecracker/provisioner.ts",
  "microvm-file": "src/adapters/firecracker/config-file.ts",
  "read-run": "src/adapters/folders/stored/read-run.ts",
  published: "src/adapters/folders/published.ts",
  upload: "src/adapters/folders/upload.ts",
  "microvm-boots": "src/adapters/firecracker/boot-provisioner.ts",
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
    onResolve({ filter: /^cephes$/ }, ({ namespace }) =>
      namespace === "probabilities" ? undefined : beside("cephes"),
    );
  },
};

const result = await build({
  entryPoints: {
    cli: "src/cli/main.ts",
    credentials: "later-credentials",
    ...always,
    ...whenDynamic,
    cephes: "probabilities-of-cephes",
    sandbox: "src/sandbox/main.ts",
  },
  ...built,
  // CommonJS starts sooner than ES modules do: Node reads, links and runs each in one step, and leaves its loader of ES
  // modules unused. `dist/lib` has the library as ES modules.
  format: "cjs",
  supported: { "dynamic-import": false },
  define: { "import.meta.url": "timetrialUrl" },
  banner: { js: '"use strict";const timetrialUrl=require("node:url").pathToFileURL(__filename).href;' },
  outdir: "dist",
  keepNames: false,
  legalComments: "linked",
  metafile: true,
  plugins: [lazyChildProcess, requiredBuiltins, laterCredentials, plainSchemas, onlyProbabilities, outside],
});
if (unmatched.size > 0)
  throw new Error(`build.mjs: nothing imports ${[...unmatched].join(", ")} (any more): name the module that is meant`);
await chmod("dist/cli.js", 0o755);
await writeFile("dist/metafile.json", JSON.stringify(result.metafile));

await writeFile("dist/package.json", `${JSON.stringify({ type: "commonjs" })}\n`);

const compiled = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.lib.json"], {
  stdio: "inherit",
});
await writeFile("dist/lib/package.json", `${JSON.stringify({ type: "module" })}\n`);
removeUnreachableTypes();
process.exit(compiled.status ?? 1);

/** Removes from dist/lib the declarations that neither entry of the library leads to. */
function removeUnreachableTypes() {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)\.[jt]s"/g))
      visit(resolve(dirname(file), `${path}.d.ts`));
  };
  for (const entry of ["dist/lib/index.d.ts", "dist/lib/adapters/index.d.ts"]) visit(resolve(entry));
  for (const name of readdirSync("dist/lib", { recursive: true })) {
    const file = resolve("dist/lib", name);
    if (file.endsWith(".d.ts") && !reached.has(file)) rmSync(file);
  }
}
