// `--until`: rounds that end by the width of the intervals, and what is kept of that end.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";
import { heldStep } from "../support/held-step.ts";
import { until } from "../support/until.ts";

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

const runOf = (results: string): string => desk.runName(results);
const rounds = (results: string): number[] =>
  desk.lines<{ round: number }>("records.ndjson", results).map(({ round }) => round);
const upTo = (most: number): number[] => Array.from({ length: most }, (_, i) => i + 1);

test("narrow intervals end a run at the first look, and its table, told again, says so", async () => {
  const ended = await desk.run(["run", "--until", "50%:real", "--results", "narrow", "--", "sleep", "0.05"]);
  expect(ended.status).toBe(0);
  expect(rounds("narrow")).toEqual(upTo(10));
  expect(ended.stdout).toContain("stopped after 10 rounds: every interval of real is within ±50 %\n");
  expect(ended.stdout).toContain("0 of 9 runs left out");
  const again = await desk.runHere(["report", runOf("narrow"), "--results", "narrow"]);
  expect(again.stdout).toBe(ended.stdout);
  const json = await desk.runHere(["report", runOf("narrow"), "--results", "narrow", "--format", "json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    until: { percent: 50, of: "rows", metric: "real" },
    stopped: [{ suite: "command", round: 10, why: "width", missed: [] }],
  });
});

test("at the cap it is said which rows missed, by how much; no more is run, and verify finds nothing", async () => {
  const words = [
    "run",
    "--until",
    "0.001%:real",
    "--rounds",
    "12",
    "--results",
    "cap",
    "--",
    "sleep 0.02",
    "sleep 0.03",
  ];
  const ended = await desk.run(words);
  expect(rounds("cap").toSorted((a, b) => a - b)).toEqual(upTo(12).flatMap((round) => [round, round]));
  expect(ended.stdout.replaceAll(/\s+/g, " ")).toMatch(
    /stopped at the cap of 12 rounds, not within ±0.001 %: \S+ \(real ±[\d.]+ %\)/,
  );
  expect((await desk.runHere(["verify", runOf("cap"), "--results", "cap"])).status).toBe(0);
});

test("a run whose client died keeps what was asked, and ends as it would have", async () => {
  const { step, release } = heldStep(desk.folder, "died", 1);
  const words = ["run", "--until", "50%:real", "--results", "died", "--shell", "sh", "--", `sleep 0.2; ${step}`];
  const running = desk.start(words);
  await until(() => rounds("died").length > 0).finally(() => running.child.kill("SIGKILL"));
  await running.ended.finally(release);
  const ended = await desk.run(["resume", runOf("died"), "--results", "died"]);
  expect(ended.status).toBe(0);
  expect(rounds("died")).toEqual(upTo(10));
  expect(ended.stdout).toContain("stopped after 10 rounds");
  expect((await desk.runHere(["verify", runOf("died"), "--results", "died"])).stdout).toContain("verified\n");
});

test("two sides go on together to the same round", async () => {
  const words = ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--machines", "1", "--until", "50%:real"];
  const ended = await desk.run([...words, "--results", "two", "--", "sleep", "0.05"]);
  expect(ended.status).toBe(0);
  expect(rounds("two").toSorted((a, b) => a - b)).toEqual(upTo(10).flatMap((round) => [round, round]));
  expect(ended.stdout).toMatch(/\d of 18 runs left out/);
});

test.each([
  [["--until", "1"], "--until: expected a width such as 1%"],
  [["--until", "0%"], "--until: expected a width such as 1%"],
  [["--until", "1%", "--rounds", "9"], "expected a whole number from 10"],
])("%j is refused", async (words, message) => {
  const ended = await desk.runHere(["run", ...words, "--", "true"]);
  expect(ended.status).toBe(2);
  expect(ended.stderr).toContain(message);
});

test("a run ends as soon as its gate is decided, and says so again", async () => {
  const words = ["run", "--until", "gate", "--fail-if", "real slower than 50 %", "--results", "gate"];
  const ended = await desk.run([...words, "--", "sleep 0.02", "sleep 0.3"]);
  const ofOne = desk
    .lines<{ round: number; row: string }>("records.ndjson", "gate")
    .filter(({ row }) => row === "cmd-1");
  // A claim on these machines takes nine kept runs: the look after 7 rounds is none of this run's.
  expect(ofOne.map(({ round }) => round)).toEqual(upTo(11));
  expect(ended.stdout).toContain("stopped after 11 rounds: the gate is decided\n");
  expect(ended.stdout).toContain(
    "the gate could end the rounds at 5 looks: the intervals of speedups allow for\n  them\n",
  );
  expect(ended.stdout).toMatch(/\ngate: fail\n/);
  expect(ended.status).toBe(6);
  const again = await desk.run(["report", runOf("gate"), "--results", "gate"]);
  expect(again).toMatchObject({ status: 6, stdout: ended.stdout });
  const verified = await desk.runHere(["verify", runOf("gate"), "--results", "gate"]);
  expect(verified.stdout).toMatch(/^ok {4}gate {5}fail: 1 limits? on 1 comparisons? judged again$/m);
  expect(verified.status).toBe(0);
});
