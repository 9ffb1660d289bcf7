// Which spec files `plan` takes for boots.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bootPlanWords } from "../../../src/cli/spec/boot-plan-words.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "timetrial-boot-words-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["#:schema ../schemas/boot.schema.json\nsides = ['c7g.large']\n", true],
  ["sides = ['c7g.large']\nboots = 3\n", true],
  ["#:schema ../schemas/compare.schema.json\nsides = ['local']\n", false],
  ["sides = ['local']\nreboots = 3\n# boots = 3\n", false],
])("%j: %s", (text, isForBoots) => {
  const file = join(folder, "spec.toml");
  writeFileSync(file, text);
  const words = [file, "--price", "c7g.large=1"];
  expect(bootPlanWords([...words, "--offline"])).toEqual(isForBoots ? [...words, "--dry-run"] : undefined);
});

test("a file that is not there is for whoever reads it as a spec", () => {
  expect(bootPlanWords(["none.toml", "local"])).toBeUndefined();
});
