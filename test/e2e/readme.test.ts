// What the README says beside its commands, which test/lab/pages.test.ts runs.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

describe("the README", () => {
  test("names what npm start runs", () => {
    expect(scripts["start"]).toBe(
      "node dist/cli.js compare s1.medium s2.medium --cloud sandbox --suite hashes --machines 2 --rounds 10 --set blocks=auto",
    );
    expect(readme).toContain("npm ci && npm start");
    expect(readme).toContain("npm ci && npm test");
  });

  test("has a library example that runs", async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] as string;
    const code = example.replace('"timetrial"', JSON.stringify(join(root, "dist", "lib", "index.js")));
    const ran = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
    const [speedup, lo, hi] = ran.stdout.trim().split(" ").map(Number) as [number, number, number];
    expect(lo).toBeLessThanOrEqual(speedup);
    expect(hi).toBeGreaterThanOrEqual(speedup);
    expect(speedup).toBeCloseTo(2.87 / 1.03, 2);
  });
});
