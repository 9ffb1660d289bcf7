// Spec files on the built command line: a run keeps the one it was made by, and what plan saves gives the same plan.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

const write = (name: string, text: string) => writeFileSync(join(desk.folder, name), text);
const read = (name: string) => readFileSync(join(desk.folder, name), "utf8");

/** The plan that `words` give, without what each run has of its own. */
async function planOf(words: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await desk.runHere(["plan", "--format", "json", ...words]);
  expect(stdout, stderr).not.toBe("");
  const { plan, ...others } = JSON.parse(stdout) as { plan: Record<string, unknown> };
  return { ...others, plan: { ...plan, run: "", created_at: "" } };
}

test("what plan --save writes gives the same plan, names the schema first, and is not written over", async () => {
  const words = ["local", "b=local", "--suite", "hashes/md5", "--set", "blocks=10000", "--seed", "s", "--wide"];
  const saved = await desk.run(["plan", ...words, "--save", "saved.toml", "--", "printf", "%s\n", "a b"]);
  expect(saved.stderr).toBe("written to saved.toml: timetrial compare saved.toml runs it\n");
  expect(await planOf(["saved.toml"])).toEqual(await planOf([...words, "--", "printf", "%s\n", "a b"]));
  const [schema = ""] = read("saved.toml").split("\n");
  const [, path = ""] = /^#:schema (.*)$/.exec(schema) ?? [];
  expect(JSON.parse(read(path))).toMatchObject({ properties: { sides: {}, rounds: { type: "number" } } });
  const again = await desk.runHere(["plan", "local", "--save", "saved.toml"]);
  expect([again.status, again.stderr]).toEqual([
    2,
    'timetrial: --save: expected a new file, "saved.toml" is there already\n  remove it first, or name another\n',
  ]);
});

test("a run keeps the spec that it was made by, with the flags beside it; report, verify and bundle take it", async () => {
  write("own.toml", 'sides = "local"\ncommand = ["true"]\nrounds = 9\nresults = "results"\n');
  const ended = await desk.run(["run", "own.toml", "--rounds", "2", "--quiet"]);
  expect([ended.status, ended.stdout]).toEqual([0, expect.stringContaining("1 kept run each")]);
  const kept = join("results", desk.runName(), "spec.toml");
  expect(read(kept)).toMatch(/^# written by timetrial .*\nsides = \[ "local" \]\ncommand = \[ "true" \]\n/);
  expect(read(kept)).toMatch(/^rounds = 2$/m);
  const [given, again] = [
    await planOf(["own.toml", "--rounds", "2", "--seed", "s"]),
    await planOf([kept, "--seed", "s"]),
  ];
  expect(again).toEqual(given);
  expect(await desk.runHere(["verify", desk.runName()])).toMatchObject({ status: 0 });
  expect(await desk.run(["bundle", desk.runName(), "--out", "run.tar.gz"])).toMatchObject({ status: 0 });
  expect(await desk.runHere(["verify", "run.tar.gz"])).toMatchObject({ status: 0 });
});

test("a spec file that does not fit starts nothing, and the error names the line", async () => {
  const runs = desk.runs();
  write("bad.toml", 'sides = [\n  "local",\n  "local",\n]\ncloud = "sandbox"\n');
  const twins = await desk.run(["compare", "bad.toml"]);
  expect([twins.status, twins.stdout, twins.stderr]).toEqual([
    2,
    "",
    'timetrial: bad.toml:3: sides[1]: two sides are called "local"\n  give them labels, as in a=local b=local\n',
  ]);
  write("bad.toml", 'sides = ["local"]\nsuite = ["hashes/nope"]\n');
  const nowhere = await desk.run(["plan", "bad.toml"]);
  expect([nowhere.status, nowhere.stderr]).toEqual([
    2,
    expect.stringMatching(/^timetrial: bad\.toml:2: suite\[0\]: hashes\/nope: suite hashes has no such row\n/),
  ]);
  expect(desk.runs()).toEqual(runs);
  expect(existsSync(desk.sandboxFolder)).toBe(false);
});
