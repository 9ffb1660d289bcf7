// What starting the command line loads, from the bundler's own account: no timing, no noise.

import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { expect, test } from "vitest";

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
  readonly inputs: Readonly<Record<string, { readonly imports: readonly Import[] }>>;
}

interface Import {
  readonly path: string;
  readonly kind: string;
  readonly external?: boolean;
}

const file = new URL("../dist/metafile.json", import.meta.url);
const metafile = (): Metafile => JSON.parse(readFileSync(file, "utf8")) as Metafile;

/** What the bundle `from` loads before its first line runs: modules bundled, and modules that are not. */
function loadedBy(from: string, { outputs, inputs }: Metafile): { inputs: string[]; external: string[] } {
  const bundles = new Set<string>();
  const external = new Set<string>();
  const visit = (bundle: string): void => {
    if (bundles.has(bundle)) return;
    bundles.add(bundle);
    for (const module of Object.keys(outputs[bundle]?.inputs ?? {}))
      for (const { path, kind, external: outside } of inputs[module]?.imports ?? []) {
        if (outside !== true || kind === "dynamic-import" || path === "<runtime>") continue;
        if (path.startsWith("./")) visit(`dist/${path.slice(2)}`);
        else external.add(path);
      }
  };
  visit(from);
  return {
    inputs: [...bundles].flatMap((bundle) => Object.keys(outputs[bundle]?.inputs ?? {})),
    external: [...external],
  };
}

test.skipIf(!existsSync(file))(
  "starting loads commander, modules of Node, and nine small ones of ours [needs build]",
  () => {
    const { inputs, external } = loadedBy("dist/cli.js", metafile());
    const others = inputs.filter((path) => !path.includes("node_modules/commander/") && !path.startsWith("builtin:"));
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
    expect(external.filter((name) => !isBuiltin(name))).toEqual([]);
  },
);

test("a bundle that is loaded by a bundle is found, unless it is loaded later", () => {
  const outside = (path: string, kind: string): Import => ({ path, kind, external: true });
  const built = {
    outputs: {
      "dist/cli.js": { inputs: { main: {} } },
      "dist/a.js": { inputs: { a: {} } },
      "dist/b.js": { inputs: { heavy: {} } },
      "dist/lazy.js": { inputs: { lazy: {} } },
    },
    inputs: {
      main: { imports: [outside("./a.js", "import-statement"), outside("./lazy.js", "dynamic-import")] },
      a: { imports: [outside("./b.js", "require-call"), outside("node:fs", "require-call")] },
      heavy: { imports: [] },
      lazy: { imports: [] },
    },
  };
  expect(loadedBy("dist/cli.js", built)).toEqual({ inputs: ["main", "a", "heavy"], external: ["node:fs"] });
});

test.skipIf(!existsSync(file))("no command loads the SDK, execa or cephes before it needs them [needs build]", () => {
  for (const name of ["cli", "measure", "stored", "utilities", "account", "boot"]) {
    const { inputs, external } = loadedBy(`dist/${name}.js`, metafile());
    expect(inputs).not.toEqual([]);
    expect(inputs.filter((path) => /node_modules\/(@aws-sdk|@smithy|execa|cephes)\//.test(path))).toEqual([]);
    expect(external.filter((path) => !isBuiltin(path))).toEqual([]);
  }
});

test.skipIf(!existsSync(file))(
  "a run on this computer loads nothing that is for clouds, microVMs, uploads or the reading of stored runs [needs build]",
  () => {
    const { inputs } = loadedBy("dist/measure.js", metafile());
    const foreign =
      /^src\/adapters\/(ec2|ssm|ssh|firecracker|aws\/(?!region))|^src\/adapters\/folders\/(published|upload|stored\/read-run)/;
    expect(inputs.filter((path) => foreign.test(path))).toEqual([]);
  },
);

test.skipIf(!existsSync(file))("the SDK's later places for credentials are not in its bundle [needs build]", () => {
  const { inputs } = loadedBy("dist/sdk.js", metafile());
  expect(
    inputs.filter((path) => /credential-provider-(sso|ini|process|web-identity|imds)|nested-clients\/dist/.test(path)),
  ).toEqual([]);
});
