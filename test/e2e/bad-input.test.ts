// Bad input gets one clear error, the right exit status, and nothing launched.

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aPlan } from "../support/given.ts";
import { Desk, type Ended } from "../support/cli.ts";

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

const sandbox = ["--cloud", "sandbox"];

describe("refused with exit status", () => {
  const expectRefusal = (ended: Ended, status: number, message: RegExp): void => {
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
    expect(ended.stdout).toBe("");
    expect(ended.status).toBe(status);
    expect(existsSync(join(desk.folder, "results"))).toBe(false);
  };

  // One of each kind in a process of its own: by commander, by an option, by what this computer has.
  test.each<[number, string, string[], RegExp]>([
    [2, "an unknown option", ["compare", "local", "--round", "3"], /unknown option '--round'/],
    [2, "no rounds", ["run", "hashes", "--rounds", "0"], /--rounds: expected a whole number from 1 to 10000, got "0"/],
    [
      4,
      "no credentials",
      ["compare", "c6g.large", "c7g.large", "--region", "us-east-1"],
      /no AWS credentials were found/,
    ],
  ])("%i: %s", async (status, _what, words, message) => expectRefusal(await desk.run(words), status, message));

  test.each<[number, string, string[], RegExp]>([
    [2, "an unknown command", ["comapre", "local"], /unknown command|too many/],
    [2, "no side", ["compare"], /missing required argument/],
    [
      2,
      "an unknown suite",
      ["run", "hashses", "--on", "local"],
      /there is no suite "hashses"\n {2}did you mean hashes\?/,
    ],
    [2, "an unknown row", ["run", "hashes/sha3"], /--suite hashes\/sha3: suite hashes has no such row/],
    [
      2,
      "an unknown parameter",
      ["run", "hashes", "--set", "block=1"],
      /--set "block": no suite of this run has such a parameter/,
    ],
    [
      2,
      "an unknown type",
      ["compare", "s1.medium", "s9.medium", ...sandbox],
      /there is no instance type "s9.medium" in us-east-1\n {2}there is s1\.\w+, .*s2\./,
    ],
    [
      2,
      "a pattern that no type fits",
      ["compare", "s1.medium", "c7g.*large", ...sandbox],
      /side "c7g\.\*large": no instance type in us-east-1 fits it\n {2}there is s1\.\w+, .*s2\./,
    ],
    [
      2,
      "an unknown side",
      ["compare", "local", "laptop"],
      /side "laptop": expected local, ssh:HOST, firecracker:FILE.toml, i-… or a type such as/,
    ],
    [
      2,
      "an unknown image",
      ["compare", "s1.medium@plan9", "s2.medium", ...sandbox],
      /side "s1.medium@plan9": expected an image, got "plan9"/,
    ],
    [
      2,
      "an unknown format",
      ["run", "hashes", "--format", "yaml"],
      /--format: expected table, markdown, .* or benchstat, got "yaml"/,
    ],
    [
      2,
      "an unknown region",
      ["compare", "s1.medium", "s2.medium", ...sandbox, "--region", "mars"],
      /--region: expected a region/,
    ],
    [2, "two sides of one name", ["compare", "local", "local"], /two sides are called "local"/],
    [2, "a baseline that is not there", ["compare", "local", "x=local", "--baseline", "y"], /there is no side "y"/],
    [2, "a run that is not there", ["report", "yesterday"], /there is no run "yesterday"/],
    [4, "a burstable type", ["compare", "s1.medium", "t9.medium", ...sandbox], /t9.medium is burstable/],
  ])("%i: %s", async (status, _what, words, message) => expectRefusal(await desk.runHere(words), status, message));

  test.each([
    ["blocks=2000", 'expected a multiple of 10000 from 10000 to 999990000, got "2000"'],
    ["driver=pyhton", 'expected auto, c, python, node, got "pyhton"'],
  ])("2: a value that the suite's parameter does not take, before anything is done: %s", async (set, message) => {
    const ended = await desk.runHere(["run", "hashes/md5/portable-c", "--set", set, "--results", "refused"]);
    expect(ended.stderr).toContain(`--set ${set.split("=")[0]}: ${message}`.replace("python, node", "python or node"));
    expect(ended.status).toBe(2);
    expect(existsSync(join(desk.folder, "refused"))).toBe(false);
  });

  test.each([
    [
      "compare",
      ["compare", "s1.medium", "--cloud", "sandbox"],
      2,
      "compare: expected two sides or more, got s1.medium alone",
    ],
    [
      "a suite of another system",
      ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--suite", "world"],
      4,
      "suite world runs on freebsd only, and s1.medium runs linux, s2.medium runs linux",
    ],
    [
      "more work than the machines live",
      ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--suite", "hashes", "--rounds", "2000"],
      4,
      "its machines end themselves 2 h after their launch",
    ],
  ])("%s that cannot have a result, before anything is launched", async (_, words, status, message) => {
    const ended = await desk.runHere([...words, "--results", "refused"]);
    expect(ended.stderr).toContain(message);
    expect(ended.status).toBe(status);
    expect(existsSync(join(desk.folder, "refused"))).toBe(false);
  });

  test("1: a corrupt results folder, with the line", async () => {
    const folder = join(desk.folder, "kept", "a-run");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "plan.json"), JSON.stringify(aPlan()));
    writeFileSync(join(folder, "ledger.ndjson"), "");
    writeFileSync(join(folder, "records.ndjson"), "{}\nrubbish\n");
    const ended = await desk.run(["report", folder]);
    expect(ended.stderr).toMatch(/records\.ndjson:1: /);
    expect(ended.status).toBe(1);
  });
});

test("a profile that is not there is named as the AWS CLI names it, and what is missing for SSM before anything is asked", async () => {
  const words = ["compare", "c6g.large", "c7g.large", "--region", "us-east-1", "--profile", "nosuch"];
  const ended = await desk.runHere([...words, "--endpoint", "http://127.0.0.1:9"]);
  expect(ended.stderr).toMatch(/^no --instance-profile: the machines' SSM agent comes online only where/);
  expect(ended.stderr).toContain("the config profile (nosuch) could not be found");
  expect(ended.stderr).toContain("aws configure list-profiles");
  expect(ended.status).toBe(4);
});

test("a machine without the tools that every run needs is refused, all of them named once", async () => {
  const bin = join(desk.folder, "bin");
  mkdirSync(bin);
  for (const name of ["sh", "cat", "mkdir"]) symlinkSync(`/bin/${name}`, join(bin, name));
  for (const words of [
    ["run", "--", "true"],
    ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox"],
  ]) {
    const ended = await desk.run([...words, "--results", "refused"], { PATH: bin });
    expect(ended.stderr).toContain("this machine has no tar, gzip, sed, awk, grep: not on PATH");
    expect(ended.status).toBe(4);
    expect(existsSync(join(desk.folder, "refused"))).toBe(false);
  }
});

test("--help names the commands and goes to standard output", async () => {
  const ended = await desk.run(["--help"]);
  expect(ended.status).toBe(0);
  for (const command of ["compare", "run", "report", "list"]) expect(ended.stdout).toContain(`  ${command} `);
});
