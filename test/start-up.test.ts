// What starting the command line loads, from the bundler's own account: no timing, no noise.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
  readonly inputs: Readonly<Record<string, unknown>>;
}

const metafile = new URL("../dist/metafile.json", import.meta.url);

/** What `from` loads before its first line runs: modules bundled, and modules of Node. */
function loadedBy(from: string, outputs: Readonly<Record<string, Output>>): { inputs: string[]; external: string[] } {
  const seen = new Set<string>();
  const external = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: to, kind, external: outside } of outputs[path]?.imports ?? []) {
      if (kind !== "import-statement") continue;
      if (outside === true) external.add(to);
      else visit(to);
    }
  };
  visit(from);
  return { inputs: [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {})), external: [...external] };
}

test.skipIf(!existsSync(metafile))(
  "starting loads commander, modules of Node, and nine small ones of ours [needs build]",
  () => {
    const { outputs } = JSON.parse(readFileSync(metafile, "utf8")) as { outputs: Record<string, Output> };
    const { inputs, external } = loadedBy("dist/cli.js", outputs);
    const others = inputs.filter((path) => !path.includes("node_modules/commander/"));
    expect(others.sort()).toEqual([
      "lazy:child_process",
      "src/adapters/folders/package-root.ts",
      "src/cli/main.ts",
      "src/cli/options/split-dashes.ts",
      "src/cli/output/closed-pipe.ts",
      "src/cli/output/print-error.ts",
      "src/cli/output/terminal.ts",
      "src/domain/errors.ts",
      "src/domain/printable.ts",
    ]);
    expect(external.filter((name) => !name.startsWith("node:"))).toEqual([]);
  },
);

test("a chunk that is loaded by a chunk is found", () => {
  const statement = (path: string) => ({ path, kind: "import-statement" });
  const outputs = {
    "cli.js": { imports: [statement("a.js"), { path: "lazy.js", kind: "dynamic-import" }], inputs: { main: {} } },
    "a.js": { imports: [statement("b.js")], inputs: {} },
    "b.js": { imports: [], inputs: { heavy: {} } },
    "lazy.js": { imports: [], inputs: { lazy: {} } },
  };
  expect(loadedBy("cli.js", outputs).inputs).toEqual(["main", "heavy"]);
});

test.skipIf(!existsSync(metafile))(
  "no command loads the SDK, execa or cephes before it needs them [needs build]",
  () => {
    const { outputs } = JSON.parse(readFileSync(metafile, "utf8")) as { outputs: Record<string, Output> };
    for (const name of ["cli", "measure", "stored", "around", "account", "boot"]) {
      const { inputs, external } = loadedBy(`dist/${name}.js`, outputs);
      expect(inputs.filter((path) => /node_modules\/(@aws-sdk|@smithy|execa|cephes)\//.test(path))).toEqual([]);
      expect(external.filter((path) => !path.startsWith("node:"))).toEqual([]);
    }
  },
);
