// Sides in the cloud as a user meets them: the built command line against the sandbox as a process of its own.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Instance, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";
import { statusWithoutOthers } from "../support/run-status.ts";

let desk: Desk;
beforeEach(async () => {
  desk = new Desk(0.02);
  await desk.sandbox(["--idle-s", "10000"]);
});
afterEach(() => desk.clear());

const quick = ["--cloud", "sandbox", "--suite", "hashes/sha256/openssl-evp", "--set", "blocks=10000", "--rounds", "2"];

const instances = (): Promise<Instance[]> => desk.instances();

const results = (): string => join(desk.folder, "results");

/** Machines that a run failed on and kept. */
async function kept(): Promise<{ ids: string[]; said: string; out: string }> {
  const words = ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--machines", "1", "--rounds", "2"];
  const ended = await desk.run([...words, "--keep-on-failure", "--", "false"]);
  expect(ended.status).toBe(3);
  return {
    ids: (await instances()).map(({ InstanceId: id }) => id ?? "").sort(),
    said: ended.stderr,
    out: ended.stdout,
  };
}

describe("--keep-on-failure", () => {
  test("leaves the machines, says until when and how to look in, and ends with 3", async () => {
    const { ids, said, out } = await kept();
    expect((await instances()).map(({ State }) => State?.Name)).toEqual(["running", "running"]);
    const until = /until (\S+) at the latest/.exec(said)?.[1] ?? "";
    expect(Math.abs(Date.parse(until) - Date.now() - 7_200_000)).toBeLessThan(120_000);
    for (const id of ids)
      expect(said).toContain(`look in with: aws ssm start-session --target ${id} --region us-east-1\n`);
    expect(said).toContain(`terminate-instances --region us-east-1 --instance-ids ${ids.join(" ")}\n`);
    expect(out.replace(/\s+/g, " ")).toContain(`left running on purpose: ${ids.join(", ")}`);
    expect(out).not.toContain("0 instances left");
  });

  test("gives them back where nothing failed", async () => {
    const ended = await desk.run([
      "compare",
      "s1.medium",
      "s2.medium",
      ...quick,
      "--machines",
      "1",
      "--keep-on-failure",
    ]);
    expect(ended.status).toBe(0);
    expect(ended.stdout).toContain("0 instances left running");
    expect((await instances()).map(({ State }) => State?.Name)).toEqual(["terminated", "terminated"]);
  });
});

describe("machines that are there already", () => {
  test("are compared by id and found by tag, are said to stay, and stay", async () => {
    const { ids } = await kept();
    const [first = "", second = ""] = ids;
    const byId = await desk.run(["compare", `a=${first}`, `b=${second}`, ...quick]);
    expect(statusWithoutOthers(byId, 0)).toBe(0);
    expect(byId.stderr).toContain("no machine to launch");
    expect(byId.stderr).toContain(`a: 1 machine: ${first}; used and left running`);
    // Nothing is claimed of machines that were not launched, and no price of them is spoken of.
    expect(byId.stdout).not.toMatch(/left running|launched|price/);

    const byTag = await desk.run(["run", "--on", "s2.medium", ...quick, "--tag", "timetrial:side=s2.medium"]);
    expect(statusWithoutOthers(byTag, 0)).toBe(0);
    expect(byTag.stderr).toMatch(/s2\.medium: 1 machine, running s2\.medium that bear "timetrial:side=s2\.medium": i-/);
    expect((await instances()).map(({ State }) => State?.Name)).toEqual(["running", "running"]);

    const newest = readdirSync(results()).sort().at(-1) ?? "";
    expect(readFileSync(join(results(), newest, "ledger.ndjson"), "utf8")).toBe("");
    const facts = JSON.parse(
      readFileSync(join(results(), newest, "machines", "s2.medium-1", "facts.json"), "utf8"),
    ) as unknown;
    expect(facts).toMatchObject({
      instance: { type: "s2.medium", zone: "us-east-1a", image: expect.stringMatching(/^ami-/) },
    });
    await desk.ec2((ec2) => ec2.send(new TerminateInstancesCommand({ InstanceIds: ids })));
  });
});

describe("what cannot be had is refused before anything is launched", () => {
  test.each([
    [4, "is not offered in us-east-1a", ["s1.medium", "t9.medium", "--allow-burstable", "--zone", "us-east-1a"]],
    [
      4,
      "(L-1216C47A) allows 128 vCPUs in us-east-1: 0 are in use, 160 more are needed",
      ["s1.large", "s2.large", "--machines", "40"],
    ],
    [2, "there is no subnet subnet-00000000", ["s1.medium", "s2.medium", "--subnet", "subnet-00000000"]],
    [2, "there is no group sg-00000000", ["s1.medium", "s2.medium", "--security-group", "sg-00000000"]],
    [4, "there is no instance i-0123456789abcdef0", ["s1.medium", "i-0123456789abcdef0"]],
    [4, 'no running s1.medium in us-east-1 bears "role=bench"', ["s1.medium", "s2.medium", "--tag", "role=bench"]],
    [2, "--spot: machines found by --tag are as they are", ["s1.medium", "s2.medium", "--tag", "role=bench", "--spot"]],
  ])("with %d: %s", async (status, said, words) => {
    const ended = await desk.run(["compare", ...words, ...quick]);
    expect(ended.stderr).toContain(said);
    expect(ended.status).toBe(status);
    expect(await instances()).toEqual([]);
  });
});
