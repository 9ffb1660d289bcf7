// Files that are written from the code say what the code says: `npm run generate` writes them.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

function generate(folder: string, ...words: string[]) {
  const { status, stderr } = spawnSync(process.execPath, [join(folder, "scripts", "generate.mjs"), ...words], {
    encoding: "utf8",
  });
  return { status, stderr };
}

describe("what is written from the code is as the code is:", () => {
  for (const [file, source] of [
    ["docs/api.md", "what the library exports, each with a docstring and an example"],
    ["NOTICE", "the third parties of whom the bundles in dist/ hold code"],
    ["schemas/compare.schema.json", "what the options of compare make of its spec files"],
    ["schemas/boot.schema.json", "what the options of boot make of its spec files"],
    ["man/timetrial.1", "the commands, their arguments and options, and what the exit statuses mean"],
    ["docs/house.svg", "the rooms of src/ and their imports"],
  ] as const)
    test(`${file}, ${source}`, () => {
      expect(generate(root, "--check", file)).toEqual({ status: 0, stderr: "" });
    });
});

describe("in a copy of the house", () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "timetrial-house-"));
    for (const path of ["src", "scripts", "docs", "NOTICE", "package.json", "tsconfig.json", "tsconfig.lib.json"])
      cpSync(join(root, path), join(copy, path), { recursive: true });
    for (const path of ["dist", "node_modules"]) symlinkSync(join(root, path), join(copy, path));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  test("an import between rooms that the picture does not show is found", () => {
    const path = join(copy, "src", "ports", "clock.ts");
    writeFileSync(
      path,
      `import "../analysis/statistics/samples.ts";\nimport type { Comparison } from "../analysis/comparison/comparison.ts";\n${readFileSync(path, "utf8")}`,
    );
    expect(generate(copy, "--check", "docs/house.svg")).toEqual({
      status: 1,
      stderr: "docs/house.svg: differs from what the code says; run `npm run generate` and commit it\n",
    });
  });

  test("a package that NOTICE does not name is found", () => {
    const path = join(copy, "NOTICE");
    writeFileSync(path, readFileSync(path, "utf8").replace(/^ {2}commander .*\n/m, ""));
    expect(generate(copy, "--check", "NOTICE").status).toBe(1);
  });

  test("a type that a signature names and nobody can import, and an export without a docstring, are found", () => {
    const index = join(copy, "src", "index.ts");
    writeFileSync(index, readFileSync(index, "utf8").replace(/^export type \{ .*Transport \} .*\n/m, ""));
    const clock = join(copy, "src", "ports", "clock.ts");
    writeFileSync(clock, readFileSync(clock, "utf8").replace(/\/\*\*[^/]*\*\/\nexport/, "export"));
    const { status, stderr } = generate(copy, "--check", "docs/api.md");
    expect(status).toBe(1);
    expect(stderr).toContain("Transport: named by RunPorts, but not exported\n");
    expect(stderr).toContain("timetrial: Clock: has no docstring\n");
  });
});
