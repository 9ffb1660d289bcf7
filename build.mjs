// Builds dist/: the command line and the sandbox in one esbuild run, and the library with its types by the compiler.

import { spawnSync } from "node:child_process";
import { chmod, cp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { built } from "./esbuild.options.mjs";
import { sharedBundles } from "./scripts/bundles.mjs";
import { joinTypes } from "./scripts/joined-types.mjs";
import { minifyScripts } from "./scripts/minified.mjs";
import { onlyUsedParts } from "./scripts/used-parts.mjs";
import { writeOutInferredTypes } from "./scripts/written-out-types.mjs";

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
// bundle of thirty such imports starts 10 ms sooner where it requires them. Only what is used is read. What is imported
// dynamically is required there, too: the first `import` of a program loads what Node needs for ES modules.
const requiredBuiltins = {
  name: "required-builtins",
  setup({ onResolve, onLoad }) {
    const namespaces = { "import-statement": "builtin", "dynamic-import": "later-builtin" };
    onResolve({ filter: /^(node:)?[a-z_]+(\/promises)?$/ }, ({ path, kind }) =>
      isBuiltin(path) && namespaces[kind] !== undefined
        ? { path: path.replace(/^(node:)?/, "node:"), namespace: namespaces[kind], sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "later-builtin" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: "js",
    }));
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

// Each group of commands is an entry of its own, and so is each module that is imported dynamically: what few runs need is
// not loaded by the others. The first run of esbuild names those that tests ask for.
const measuring = ["cli", "measure", "src/cli/commands/compare.ts", "src/adapters/system/clock.ts"];
const reports = [
  ...["csv", "csv-long", "benchstat", "svg"].map((name) => `formats/${name}`),
  ...["table/build-view", "html/page", "plot/terminal", "gate/gate-markdown"],
  ...["ranking/ranked-table", "ranking/ranking-markdown", "why/why-text", "why/why-columns"],
];
const reading = [
  ...["report", "verify"].map((name) => `cli/commands/${name}`),
  ...["cli/load/table-sources", "cli/output/print-run"],
  ...["results", "stored-folder", "published", "stored/origin", "stored/read-run"].map(
    (name) => `adapters/folders/${name}`,
  ),
  ...reports.map((name) => `report/${name}`),
].map((name) => `src/${name}.ts`);
const storing = ["results", "suites", "stored/origin"].map((name) => `src/adapters/folders/${name}.ts`);
const metafile = await sharedBundles({
  start: "cli",
  commands: [
    [...measuring, ...storing, "src/adapters/local/tools.ts", "src/adapters/local/machine.ts"],
    [
      ...measuring,
      ...storing,
      "src/cli/wiring/cloud-ports.ts",
      "src/adapters/aws/account.ts",
      "src/adapters/aws/prices.ts",
      "src/adapters/ec2/existing-provisioner.ts",
      "src/adapters/ec2/provisioner.ts",
      "src/adapters/ec2/instance-types.ts",
      "src/adapters/ssm/transport.ts",
      "src/domain/cost/price.ts",
      "sdk",
    ],
    ["cli", "stored", ...reading],
  ],
  entries: {
    cli: "src/cli/main.ts",
    measure: "src/cli/flags/measure.ts",
    stored: "src/cli/flags/stored.ts",
    boot: "src/cli/flags/boot.ts",
    utilities: "src/cli/flags/utilities.ts",
    account: "src/cli/flags/account.ts",
    sdk: "src/adapters/aws/sdk.ts",
    credentials: "later-credentials",
    cephes: "cephes",
    sandbox: "src/sandbox/main.ts",
    library: "src/index.ts",
    "library-adapters": "src/adapters/index.ts",
  },
  first: {
    ...built,
    banner: {},
    external: ["node:*"],
    plugins: [lazyChildProcess, laterCredentials, ...onlyUsedParts("dist")],
  },
  second: {
    ...built,
    format: "cjs",
    banner: { js: '"use strict";' },
    logOverride: { "commonjs-variable-in-esm": "silent" },
    keepNames: false,
    // NOTICE has them.
    legalComments: "none",
    plugins: [requiredBuiltins],
  },
});
await minifyScripts("dist", built.target);
await chmod("dist/cli.js", 0o755);
await writeFile("dist/metafile.json", JSON.stringify(metafile));

// What suites ship to machines of npm's packages (`bundle` in their manifests): there is no node_modules beside an installed timetrial.
const brought = "dist/npm/tinybench";
await cp("node_modules/tinybench", brought, {
  recursive: true,
  dereference: true,
  filter: (path) => !/\.d\.[cm]?ts$|\.md$/.test(path),
});
const { name, version, license, type, main } = JSON.parse(await readFile(`${brought}/package.json`, "utf8"));
await writeFile(`${brought}/package.json`, `${JSON.stringify({ name, version, license, type, main })}\n`);

await writeFile("dist/package.json", `${JSON.stringify({ type: "commonjs" })}\n`);

const compiled = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.lib.json"], {
  stdio: "inherit",
});
await writeFile("dist/lib/package.json", `${JSON.stringify({ type: "module" })}\n`);
await writeFile("dist/lib/index.js", facade("../library.js"));
await writeFile("dist/lib/adapters/index.js", facade("../../library-adapters.js"));
writeOutInferredTypes(import.meta.dirname, "dist/lib");
joinTypes("dist/lib", ["dist/lib/index.d.ts", "dist/lib/adapters/index.d.ts"]);
process.exit(compiled.status ?? 1);

/** An ES module with what the bundle at `path` exports. */
function facade(path) {
  const names = Object.keys(
    createRequire(import.meta.url)(join(import.meta.dirname, "dist", path.replace(/^(\.\.\/)+/, ""))),
  );
  return `import bundle from "${path}";\nexport const { ${names.join(", ")} } = bundle;\n`;
}
