import { describe, expect, test } from "vitest";
import { type RunOptions, parseSpec } from "../../../src/cli/options/run-options.ts";
import { type Refusal, thrownBy } from "../../support/refusal.ts";

const defaults: RunOptions = { machines: "3", cloud: "aws", maxHours: "2", results: "results", format: "table" };

const refusal = (sides: string[], options: Partial<RunOptions>): Refusal =>
  thrownBy(() => parseSpec(sides, { ...defaults, ...options }, "seed"));

describe("options", () => {
  test("left out mean the suite hashes, three machines a side, the first side as baseline", () => {
    expect(parseSpec(["c6g.large", "c7g.large"], defaults, "s")).toMatchObject({
      baseline: "c6g.large",
      suites: [{ suite: "hashes" }],
      machines: 3,
      seed: "s",
    });
  });

  test("name a suite, a row of it, an implementation of the row", () => {
    expect(parseSpec(["local"], { ...defaults, suite: ["hashes/sha256/openssl-evp"] }, "s").suites).toEqual([
      { suite: "hashes", row: "sha256", impl: "openssl-evp" },
    ]);
  });

  test.each([
    ["./my-suite", { folder: "./my-suite" }],
    ["../suites/x:slow", { folder: "../suites/x", row: "slow" }],
    ["/a:b/c:row/impl", { folder: "/a:b/c", row: "row", impl: "impl" }],
    ["/a:b/c/", { folder: "/a:b/c/" }],
    [".", { folder: "." }],
  ])("name the suite of one's own in %s", (text, choice) => {
    const own = new Map([[choice.folder, "mine"]]);
    expect(parseSpec(["local"], { ...defaults, suite: [text], own }, "s").suites).toEqual([
      { suite: "mine", ...choice },
    ]);
  });

  test("tags of the user's own are kept with the run, and a key encrypts", () => {
    const options = { ...defaults, launchTag: ["cost-centre=4=2", "empty="], kmsKey: "alias/bench" };
    expect(parseSpec(["c7g.large"], options, "s")).toMatchObject({
      launch_tags: { "cost-centre": "4=2", empty: "" },
      encrypted: true,
      kms_key: "alias/bench",
    });
  });

  test("set a parameter to anything after the first equals sign", () => {
    expect(parseSpec(["local"], { ...defaults, set: ["flags=a=b $(c)"] }, "s").params).toEqual({ flags: "a=b $(c)" });
  });

  test.each<[string, Partial<RunOptions>]>([
    ["--rounds", { rounds: "0" }],
    ["--rounds", { rounds: "ten" }],
    ["--rounds", { rounds: "-1" }],
    ["--machines", { machines: "0" }],
    ["--machines", { machines: "1.5" }],
    ["--cloud", { cloud: "azure" }],
    ["--region", { region: "mars" }],
    ["--region", { region: "us-east-1; id" }],
    ["--endpoint", { endpoint: "file:///etc" }],
    ["--suite", { suite: ["a/../x"] }],
    ["--suite", { suite: ["a/b/c/d"] }],
    ["--set", { set: ["blocks"] }],
    ["--volume-size", { volumeSize: "0" }],
    ["--volume-size", { volumeSize: "500GB" }],
    ["--volume-size", { volumeSize: "16385" }],
    ["--launch-tag", { launchTag: ["cost-centre"] }],
    ["--launch-tag", { launchTag: ["a=1", "a=2"] }],
    ["--launch-tag", { launchTag: ["timetrial:run=mine"] }],
    ["--launch-tag", { launchTag: ["aws:name=x"] }],
    ["--launch-tag", { launchTag: Array.from({ length: 46 }, (_, i) => `k${i}=v`) }],
    ["--launch-tag", { launchTag: [`k=${"v".repeat(257)}`] }],
    ["--kms-key", { kmsKey: "mine" }],
    ["--kms-key", { kmsKey: "arn:aws:s3:::bucket" }],
    ["--seed", { seed: "a b" }],
    ["--max-hours", { maxHours: "0" }],
    ["--image", { image: "../x" }],
    ["--zone", { zone: "us-east-1" }],
    ["--subnet", { subnet: "sub" }],
    ["--security-group", { securityGroup: ["default"] }],
    ["--tenancy", { tenancy: "mine" }],
    ["--tag", { tag: ["fleet"] }],
    ["--instance-profile", { instanceProfile: "a b" }],
    ["--baseline", { baseline: "c9g.large" }],
  ])("%s of %j is bad usage", (option, options) => {
    expect(refusal(["c6g.large", "c7g.large"], options)).toMatchObject({
      exitStatus: 2,
      message: expect.stringContaining(option),
    });
  });
});

describe("--tag", () => {
  test("takes all machines that it finds, or as many as --machines says", () => {
    const { machines: _, ...bare } = defaults;
    const spec = parseSpec(["c7g.large"], { ...bare, tag: ["role=bench", "team=a=b"] }, "s");
    expect([spec.tags, spec.at_most]).toEqual([{ role: "bench", team: "a=b" }, undefined]);
    expect(parseSpec(["c7g.large"], { ...bare, tag: ["role=bench"], machines: "2" }, "s").at_most).toBe(2);
  });

  test.each<[string, string[], Partial<RunOptions>]>([
    ["--zone", ["c7g.large"], { zone: "us-east-1a" }],
    ["--security-group", ["c7g.large"], { securityGroup: ["sg-00000000"] }],
    ["--instance-profile", ["c7g.large"], { instanceProfile: "bench" }],
    ["--keep-on-failure", ["c7g.large"], { keepOnFailure: true }],
    ["c7g.large@debian/12", ["c7g.large@debian/12"], {}],
    ["no side is an instance type", ["local"], {}],
    ['"role" is given twice', ["c7g.large"], { tag: ["role=a", "role=b"] }],
    ["expected KEY=VALUE", ["c7g.large"], { tag: ["role"] }],
  ])("does not go with what it cannot mean: %s", (said, sides, options) => {
    expect(refusal(sides, { tag: ["role=bench"], ...options })).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(said),
    });
  });
});

test("spot instances on dedicated hosts are refused: EC2 has none", () => {
  expect(refusal(["c7g.large"], { spot: true, tenancy: "host" })).toMatchObject({ code: "USAGE" });
});
