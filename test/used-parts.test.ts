// Of the bundled packages, the parts that are left out: what throws, what is kept, and where the build must fail.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runInNewContext } from "node:vm";
import { build, type Plugin, type PluginBuild } from "esbuild";
import { expect, test } from "vitest";
import { joinTypes } from "../scripts/joined-types.mjs";
import { withoutUncalled } from "../scripts/left-out.mjs";
import { withUsedFields } from "../scripts/used-fields.mjs";
import { met } from "../scripts/used-parts.mjs";
import { withOnlyExports } from "../scripts/wasm-parts.mjs";

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

/**
 * A WebAssembly module: `used` returns what a second function does, 42; `unused`, whose body is `body`, is also in `table`.
 * Written by hand, as https://webassembly.github.io/spec/core/binary says.
 */
function moduleOfThree(body: number[]): Buffer {
  const section = (id: number, ...content: number[]) => [id, content.length, ...content];
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  return Buffer.from([
    ...Buffer.from("\0asm\u0001\0\0\0"),
    ...section(1, 1, 0x60, 0, 1, 0x7f),
    ...section(3, 3, 0, 0, 0),
    ...section(4, 1, 0x70, 0, 1),
    ...section(7, 3, ...name("used"), 0, 0, ...name("unused"), 0, 2, ...name("table"), 1, 0),
    ...section(9, 1, 0, 0x41, 0, 0x0b, 1, 2),
    ...section(10, 3, 4, 0, 0x10, 1, 0x0b, 4, 0, 0x41, 42, 0x0b, body.length + 2, 0, ...body, 0x0b),
    ...section(0, ...name("names"), 1, 2, 3),
  ]);
}

/** What `module` exports; the values of WebAssembly are not among the types that Node's come with. */
async function exportsOf(module: Buffer, env = {}): Promise<Record<string, (...numbers: number[]) => number>> {
  const { WebAssembly: engine } = globalThis as unknown as {
    WebAssembly: {
      instantiate: (
        module: Buffer,
        imports: object,
      ) => Promise<{ instance: { exports: Record<string, () => number> } }>;
    };
  };
  return (await engine.instantiate(module, { env })).instance.exports;
}

const returns7 = [0x41, 7];
const callsByNumber = [0x41, 0, 0x11, 0, 0];

test("of a WebAssembly module, what the exports lead to that are used does as before, and the rest traps", async () => {
  const whole = moduleOfThree(returns7);
  expect((await exportsOf(whole))["unused"]?.()).toBe(7);
  const { used, table, ...others } = await exportsOf(withOnlyExports(whole, ["used", "table"]));
  expect(others).toEqual({});
  expect(used?.()).toBe(42);
  expect(() => (table as unknown as Map<number, () => number>).get(0)?.()).toThrow("unreachable");
});

test("a build fails where a WebAssembly module is not as expected", () => {
  const whole = moduleOfThree(returns7);
  expect(() => withOnlyExports(whole, ["used", "renamed"])).toThrow(
    "expected the exports used, renamed, found used, unused, table",
  );
  expect(() => withOnlyExports(moduleOfThree(callsByNumber), ["unused"])).toThrow("not known here: 0x11");
  expect(withOnlyExports(moduleOfThree(callsByNumber), ["used"])).toHaveLength(withOnlyExports(whole, ["used"]).length);
  expect(() => withOnlyExports(whole.subarray(1), ["used"])).toThrow("expected a WebAssembly module of version 1");
});

const built = new URL("../dist/cephes.wasm", import.meta.url);

test.skipIf(!existsSync(built))(
  "the built part of cephes computes what cephes does, to the last bit [needs build]",
  async () => {
    const cephes = await import("cephes");
    await cephes.compiled;
    const stopped = {
      mtherr: () => {
        throw new Error("outside of the domain");
      },
    };
    const { incbet, incbi, ...others } = await exportsOf(await readFile(built), stopped);
    expect(Object.keys(others)).toEqual(["memory"]);
    const shapes = [0.5, 0.75, 1, 2.5, 7, 33.3, 1e3, 1e6];
    const values = [0, 1e-12, 1e-3, 0.05, 0.3, 0.5, 0.9, 0.975, 1 - 1e-9, 1];
    for (const a of shapes)
      for (const b of shapes)
        for (const x of values) {
          expect(incbet?.(a, b, x)).toBe(cephes.incbet(a, b, x));
          expect(incbi?.(a, b, x)).toBe(cephes.incbi(a, b, x));
        }
    expect(() => incbet?.(1, 1, 2)).toThrow("outside of the domain");
    expect(() => cephes.incbet(1, 1, 2)).toThrow("argument domain error");
  },
);

/** The declaration files that are left of `files`, path to text, where `index.d.ts` and `more/index.d.ts` are the entries. */
async function joinedTypes(files: Record<string, string>): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "tt-types-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    joinTypes(folder, [join(folder, "index.d.ts"), join(folder, "more/index.d.ts")]);
    const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".d.ts"));
    return Object.fromEntries(
      await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), "utf8")])),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

const declarations = {
  "index.d.ts": 'export { a } from "./a.ts";\nexport type { Shape } from "./shape.ts";\n',
  "more/index.d.ts": 'export { b, type B } from "./b.ts";\n',
  "a.d.ts":
    'import type { Shape } from "./shape.ts";\n/** Of a shape. */\nexport declare function a(of: Shape): Own;\ninterface Own {\n    x: number;\n}\n',
  "shape.d.ts": "export type Shape = {\n    y: 1;\n};\nexport type Unused = 2;\n",
  "more/b.d.ts": 'import type { Agent } from "node:http";\nexport type B = Agent;\nexport declare const b: B;\n',
};

test("the library's types are one file, of what its entries lead to, from which they export", async () => {
  const { "types.d.ts": types, ...entries } = await joinedTypes(declarations);
  expect(entries).toEqual({
    "index.d.ts": 'export { a, type Shape } from "./types.js";\n',
    "more/index.d.ts": 'export { b, type B } from "../types.js";\n',
  });
  expect(types).toBe(`/** Of a shape. */
export declare function a(of: Shape): Own;
interface Own {
    x: number;
}
import type { Agent } from "node:http";
export type B = Agent;
export declare const b: B;
export type Shape = {
    y: 1;
};
`);
});

test("a build fails where the library's types cannot be one file", async () => {
  const own = "export type B = Own;\nexport declare const b: B;\ninterface Own {\n    z: number;\n}\n";
  await expect(joinedTypes({ ...declarations, "more/b.d.ts": own })).rejects.toThrow(
    "two declarations of one name: Own",
  );
  const renamed = 'import type { Shape as B } from "../shape.ts";\nexport type { B };\nexport declare const b: B;\n';
  await expect(joinedTypes({ ...declarations, "more/b.d.ts": renamed })).rejects.toThrow("known by another name");
  const packaged = 'import type { B } from "pack";\nexport declare const b: B;\n';
  await expect(joinedTypes({ ...declarations, "more/b.d.ts": packaged })).rejects.toThrow("name another package");
});

test("a method that is left out of a class throws when it is called, the others work, and a name that it lacks stops the build", async () => {
  const module = `export class Pack {\n  used() {\n    return "used";\n  }\n\n  unused(a) {\n    if (a) {\n      return a;\n    }\n  }\n}\n`;
  const program = `import { Pack } from "./node_modules/pack/lib/index.js";
module.exports = { used: () => new Pack().used(), unused: () => new Pack().unused(1) };`;
  const without = (name: string) => withoutUncalled({ "pack/lib/index.js": { methods: [name] } });
  const { used, unused } = await bundled(module, program, without("unused"));
  expect(used?.()).toBe("used");
  expect(() => unused?.()).toThrow("left out of timetrial's bundles: unused of pack/lib/index.js");
  await expect(bundled(module, program, without("other"))).rejects.toThrow("does not declare other");
});
