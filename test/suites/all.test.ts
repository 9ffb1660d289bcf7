// What holds for every suite of this package.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import { archive } from "../../src/pipeline/archive/archive.ts";
import { removeShipped, shells, shipped } from "../support/shipped-suites.ts";
import { which } from "../support/suite-steps.ts";

afterAll(removeShipped);

const folder = join(import.meta.dirname, "../../suites");
const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".sh"))
  .map((path) => join(folder, path));
const names = await suiteFolders().list();

describe("every suite", () => {
  for (const name of names) {
    test(`${name} fits the archive in which it is shipped, with what it needs, an estimate and what it compares`, async () => {
      const { manifest, files } = await suiteFolders().load(name);
      expect(archive(files).bytes.length).toBeLessThan(1_000_000);
      expect(Object.keys(manifest.estimate)).not.toEqual([]);
      expect(manifest.needs.disk_bytes).toBeGreaterThan(0);
      expect(manifest.needs.memory_bytes).toBeGreaterThan(0);
      expect(manifest.comparable).toMatch(/\w/);
    });
  }

  test.skipIf(which("shellcheck") === undefined)("leaves shellcheck silent [needs shellcheck]", () => {
    expect(spawnSync("shellcheck", ["-s", "sh", ...scripts], { encoding: "utf8" })).toMatchObject({
      status: 0,
      stdout: "",
    });
  });

  for (const [name, ...args] of shells) {
    test.skipIf(which(name) === undefined)(`is read without a complaint by ${name} [needs ${name}]`, () => {
      const each = `for script; do ${[name, ...args].join(" ")} -n "$script" || exit; done`;
      expect(spawnSync("sh", ["-c", each, "sh", ...scripts], { encoding: "utf8" })).toMatchObject({
        status: 0,
        stderr: "",
      });
    });
  }

  test("sources only files that it is shipped with", async () => {
    for (const name of names) {
      const { folder: at } = await shipped(name);
      const files = readdirSync(at, { recursive: true, encoding: "utf8" });
      for (const file of files.filter((path) => path.endsWith(".sh") && !path.includes("/"))) {
        const text = readFileSync(join(at, file), "utf8");
        const parts = [...text.matchAll(/^for part in ([a-z ]+); do$/gm)].flatMap(([, list = ""]) => list.split(" "));
        const direct = [...text.matchAll(/^\t*\. "\$\{TT_SUITE_DIR\}\/([^"$]+)"/gm)].map(([, path]) => path);
        expect(files, `${name}/${file}`).toEqual(
          expect.arrayContaining([...parts.map((part) => `lib/${part}.sh`), ...direct]),
        );
      }
    }
  });
});
