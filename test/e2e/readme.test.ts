// The README's commands do what it says.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const commands = [...readme.matchAll(/^npx timetrial (.*?) *(?:#.*)?$/gm)].map(([, words]) => words as string);
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

/** Commands on files of the user's own, and those that wait for an end, have tests of their own. */
const elsewhere = /^report|^sandbox|--instance-profile| -- /;

/** What makes a command of the README short enough for a test, by its beginning. */
const shortened: Record<string, string[]> = {
  "run node": ["--rounds", "1", "--set", "iterations=2"],
  "run hashes --on": ["--rounds", "2", "--set", "blocks=10000"],
  // Not fewer rounds: a machine most of whose runs were stolen from is left out, and nothing can be compared.
  "compare s1": ["--machines", "1", "--rounds", "10", "--set", "blocks=10000"],
};

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

describe("the README", () => {
  test("has commands", () => {
    expect(commands.length).toBeGreaterThanOrEqual(6);
  });

  for (const command of commands.filter((words) => !elsewhere.test(words))) {
    test(`says truly: timetrial ${command}`, async () => {
      const more = Object.entries(shortened).find(([start]) => command.startsWith(start))?.[1] ?? [];
      const ended = await desk.run([...command.split(" "), ...more]);
      expect(ended.stderr).not.toContain("timetrial:");
      expect(ended.status).toBe(0);
      expect(ended.stdout).toMatch(/hashes|^node\b|aws iam create-role/m);
    });
  }

  test("says truly how a stored run is printed again", async () => {
    const ended = await desk.run(["run", "hashes/md5", "--rounds", "2", "--set", "blocks=10000"]);
    const run = /results in (\S+)/.exec(ended.stderr)?.[1] as string;
    const [command = ""] = commands.filter((words) => words.startsWith("report"));
    const report = await desk.run(command.replace("results/RUN", run).split(" "));
    expect(JSON.parse(report.stdout)).toMatchObject({ schema: 1, baseline: "local" });
  });

  test("says truly that AWS needs credentials before anything else", async () => {
    const [command = ""] = commands.filter((words) => words.includes("--instance-profile"));
    expect(await desk.run(command.replace("PROFILE", "timetrial").split(" "))).toMatchObject({ status: 4 });
  });

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
