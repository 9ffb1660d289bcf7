// The repository's workflows have the form that GitHub takes.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { validateWorkflow } from "@action-validator/core";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../.github/workflows", import.meta.url));

test.each(readdirSync(folder))("%s is a workflow", (name) => {
  const text = readFileSync(join(folder, name), "utf8");
  expect(validateWorkflow(text).errors).toEqual([]);
  expect(validateWorkflow(text.replace(/^on:/m, "when:")).errors).not.toEqual([]);
});

test("a release is published with provenance, by its own identity, after its package was tried", () => {
  const text = readFileSync(join(folder, "release.yml"), "utf8");
  expect(text).toContain("id-token: write");
  expect(text).not.toMatch(/secrets\.|NODE_AUTH_TOKEN/);
  const [tried, published] = [
    text.indexOf("npm run test:pack"),
    text.search(/npm publish "timetrial-.*\.tgz" --provenance/),
  ];
  expect(tried).toBeGreaterThan(0);
  expect(published).toBeGreaterThan(tried);
});
