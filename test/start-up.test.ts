// What starting the command line loads, from the bundler's own account: no timing, no noise.

import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { expect, test } from "vitest";

interface Metafile {
  readonly outputs: Readonly<Record<string, Output>>;
}

interface Output {
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
  readonly imports: readonly Import[];
}

interface Import {
  readonly path: string;
  readonly kind: string;
  readonly external?: boolean;
}

const file = new URL("../dist/metafile.json", import.meta.url);
const metafile = (): Metafile => JSON.parse(readFileSync(file, "utf8")) as Metafile;

/** What the bundle `from` loads before its first line runs: bundles, the modules in them, and modules outside of them. */
function loadedBy(from: string, { outputs }: Metafile): { bundles: string[]; inputs: string[]; external: string[] } {
  const bundles = new Set<string>();
  const external = new Set<string>();
  const visit = (bundle: string): void => {
    if (bundles.has(bundle)) return;
    bundles.add(bundle);
    for (const { path, kind, external: outside } of outputs[bundle]?.imports ?? []) {
      if (kind === "dynamic-import") continue;
      if (outside === true) external.add(path);
      else visit(path);
    }
  };
  visit(from);
  return {
    bundles: [...bundles],
    inputs: [...bundles].flatMap((bundle) => Object.keys(outputs[bundle]?.inputs ?? {})),
    external: [...external],
  };
}

test.skipIf(!existsSync(file))(
  "starting loads commander, modules of Node, and a few small ones of ours, in at most four files [needs build]",
  () => {
    const { bundles, inputs, external } = loadedBy("dist/cli.js", metafile());
    const others = inputs.filter((path) => !path.includes("node_modules/commander/") && path !== "lazy:child_process");
    expect(others).toContain("src/cli/main.ts");
    expect(others.filter((path) => !path.startsWith("src/"))).toEqual([]);
    expect(others.length).toBeLessThan(16);
    const sizes = bundles.flatMap((bundle) => Object.entries(metafile().outputs[bundle]?.inputs ?? {}));
    const ours = sizes.filter(([path]) => others.includes(path)).map(([, { bytesInOutput }]) => bytesInOutput);
    expect(ours.reduce((sum, bytes) => sum + bytes)).toBeLessThan(25_000);
    expect(bundles.length).toBeLessThanOrEqual(4);
    expect(external.filter((name) => !isBuiltin(name))).toEqual([]);
  },
);

test("a bundle that is loaded by a bundle is found, unless it is loaded later", () => {
  const now = (path: string): Import => ({ path, kind: "import-statement" });
  const later = (path: string): Import => ({ path, kind: "dynamic-import" });
  const inputs = (name: string) => ({ [name]: { bytesInOutput: 1 } });
  const outputs = {
    "dist/cli.js": { inputs: inputs("main"), imports: [now("dist/a.js"), later("dist/lazy.js")] },
    "dist/a.js": {
      inputs: inputs("a"),
      imports: [now("dist/b.js"), { path: "node:fs", kind: "require-call", external: true }],
    },
    "dist/b.js": { inputs: inputs("heavy"), imports: [] },
    "dist/lazy.js": { inputs: inputs("lazy"), imports: [] },
  };
  expect(loadedBy("dist/cli.js", { outputs })).toEqual({
    bundles: ["dist/cli.js", "dist/a.js", "dist/b.js"],
    inputs: ["main", "a", "heavy"],
    external: ["node:fs"],
  });
});

test.skipIf(!existsSync(file))("no module of ours is in two bundles [needs build]", () => {
  const seen = Object.values(metafile().outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
      path.startsWith("src/") && bytesInOutput > 0 ? [path] : [],
    ),
  );
  expect(seen.length).toBeGreaterThan(100);
  expect(seen.filter((path, n) => seen.indexOf(path) !== n)).toEqual([]);
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
  "a run on this computer begins without what is for clouds, microVMs, uploads, tables or the reading of stored runs [needs build]",
  () => {
    const foreign =
      /^src\/adapters\/(ec2|ssm|ssh|firecracker|aws\/(?!region))|^src\/adapters\/folders\/(published|upload|stored\/read-run)|^src\/report\/table\/|\/cli-table3\//;
    const { outputs } = metafile();
    const needed = [
      "cli/commands/compare",
      "adapters/local/tools",
      "adapters/local/machine",
      "adapters/folders/suites",
    ];
    for (const name of [...needed, "adapters/folders/results", "adapters/folders/stored/origin"]) {
      const bundle = Object.keys(outputs).find((one) => (outputs[one]?.inputs ?? {})[`src/${name}.ts`] !== undefined);
      const { inputs } = loadedBy(bundle ?? "", metafile());
      expect(inputs, name).toContain(`src/${name}.ts`);
      expect(inputs.filter((path) => foreign.test(path))).toEqual([]);
    }
  },
);

test.skipIf(!existsSync(file))("the SDK's later places for credentials are not in its bundle [needs build]", () => {
  const { inputs } = loadedBy("dist/sdk.js", metafile());
  expect(
    inputs.filter((path) => /credential-provider-(sso|ini|process|web-identity|imds)|nested-clients\/dist/.test(path)),
  ).toEqual([]);
});
