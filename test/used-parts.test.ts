// Of the bundled packages, the parts that are left out: what throws, what is kept, and where the build must fail.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runInNewContext } from "node:vm";
import { build, type Plugin, type PluginBuild } from "esbuild";
import { expect, test } from "vitest";
import { withoutUncalled } from "../scripts/left-out.mjs";
import { withUsedFields } from "../scripts/used-fields.mjs";
import { met } from "../scripts/used-parts.mjs";

/** What a program exports that is bundled with `plugin` from a package of one module. */
async function bundled(moduleText: string, program: string, plugin: Plugin): Promise<Record<string, () => unknown>> {
  const folder = await mkdtemp(join(tmpdir(), "tt-used-"));
  try {
    const module = join(folder, "node_modules/pack/lib/index.js");
    await mkdir(dirname(module), { recursive: true });
    await writeFile(module, moduleText);
    await writeFile(join(folder, "program.js"), program);
    const { outputFiles } = await build({
      entryPoints: [join(folder, "program.js")],
      bundle: true,
      write: false,
      format: "cjs",
      logLevel: "silent",
      plugins: [plugin],
    });
    const context = { module: { exports: {} as Record<string, () => unknown> } };
    runInNewContext(outputFiles[0]?.text ?? "", context);
    return context.module.exports;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const packageOfTwo = `export const unused = () => "long code";
export function used() { return "used"; }
export const made = (isOurs) => isOurs ? "ours" : unused();
`;
const callsAll = `import { made, unused, used } from "./node_modules/pack/lib/index.js";
module.exports = { used, unused, ours: () => made(true), others: () => made(false) };`;

test("what is left out of a package throws when it is called, and says what it was; the rest works", async () => {
  const { used, unused, ours, others } = await bundled(
    packageOfTwo,
    callsAll,
    withoutUncalled({ "pack/lib/index.js": { unused: true } }),
  );
  expect([used?.(), ours?.()]).toEqual(["used", "ours"]);
  for (const call of [unused, others])
    expect(() => call?.()).toThrow("left out of timetrial's bundles: unused of pack/lib/index.js");
});

test("where a part of a package is needed for what timetrial does, code stands for it that throws for all else", async () => {
  const { ours, others } = await bundled(
    packageOfTwo,
    callsAll,
    withoutUncalled({ "pack/lib/index.js": { made: '(isOurs) => isOurs ? "short" : leftOut()' } }),
  );
  expect(ours?.()).toBe("short");
  expect(() => others?.()).toThrow("left out of timetrial's bundles: made of pack/lib/index.js");
});

test("a build fails where a module or an export that is to be left out is not found, as in a new version", async () => {
  await expect(
    bundled(packageOfTwo, callsAll, withoutUncalled({ "pack/lib/index.js": { renamed: true } })),
  ).rejects.toThrow("pack/lib/index.js does not declare renamed");
  await expect(bundled(packageOfTwo, callsAll, withoutUncalled({ "pack/moved.js": { unused: true } }))).rejects.toThrow(
    "no module pack/moved.js is bundled",
  );
  const nowhere: Plugin = met({
    name: "nowhere",
    setup: (at: PluginBuild) => at.onLoad({ filter: /moved\.js$/ }, () => ({ contents: "" })),
  });
  await expect(bundled(packageOfTwo, callsAll, nowhere)).rejects.toThrow("nowhere: no module matches /moved\\.js$/");
});

const schemas = `const _Id = "Id";
const _Key = "Key";
const _No = "No, [";
const _Tag = "Tag";
export var Thing$ = [3, n0, _Tag,
    { [_Key]: "a, b" },
    [_Key, _No, _Id],
    [0, [() => Tag$, { [_Id]: _Key,
      [_No]: \`x,]\` }], 4], 2
];
export var Fault$ = [-3, n0, _Tag, 0, [_No], [0]];
`;

test("the SDK's structures keep the fields that timetrial names, and errors all of theirs", () => {
  const used = new Set(["Id", "Key"]);
  expect(withUsedFields(schemas, (name: string) => used.has(name))).toBe(
    schemas.replace(
      /^export var Thing[\s\S]*?^\];$/m,
      'export var Thing$ = [3, n0, _Tag, { [_Key]: "a, b" }, [_Key, _Id], [0, 4], 1];',
    ),
  );
});

test("a build fails where the SDK's schemas have another form", () => {
  const isUsed = () => true;
  expect(() => withUsedFields("export var Thing$ = {};", isUsed)).toThrow("found no structure");
  expect(() => withUsedFields(schemas.replace("[_Key, _No, _Id]", "[_Key, _Id]"), isUsed)).toThrow(
    "expected [3, namespace, name, traits, names, schemas, required], got export var Thing$",
  );
});
