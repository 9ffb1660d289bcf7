// Which region machines are launched in: the order is the AWS CLI's, and nothing is guessed.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { parseCloudTarget } from "../../../src/cli/options/location-options.ts";
import { accountOptions, withRegion } from "../../../src/cli/wiring.ts";
import { refusalOf } from "../../support/refusal.ts";

const folder = mkdtempSync(join(tmpdir(), "timetrial-region-"));
afterAll(() => rmSync(folder, { recursive: true }));

const before = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  process.env["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent";
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

const profiles = "[default]\nregion = eu-west-1\n[profile ops]\nregion = eu-west-2\n[profile bare]\noutput = json\n";
let files = 0;

/** The region of a run's calls, in `environment`, where the AWS configuration holds `config`. */
async function regionIn(environment: Record<string, string>, region?: string, config = profiles): Promise<string> {
  // A file of its own for each: the SDK reads one file once.
  const path = join(folder, `config-${++files}`);
  writeFileSync(path, config);
  Object.assign(process.env, { AWS_CONFIG_FILE: path, ...environment });
  const target = parseCloudTarget({ cloud: "aws", region });
  const spec = await withRegion(target, true);
  // What is kept with the run is what its calls go to.
  expect((await accountOptions(target)).region).toBe(spec.region);
  return spec.region ?? "none";
}

test.each([
  ["--region, before all else", "us-east-2", { AWS_REGION: "us-west-1", AWS_DEFAULT_REGION: "us-west-2" }, "us-east-2"],
  ["AWS_REGION", undefined, { AWS_REGION: "us-west-1", AWS_DEFAULT_REGION: "us-west-2" }, "us-west-1"],
  ["AWS_DEFAULT_REGION", undefined, { AWS_DEFAULT_REGION: "us-west-2", AWS_PROFILE: "ops" }, "us-west-2"],
  ["AWS_DEFAULT_REGION where AWS_REGION is empty", undefined, { AWS_REGION: "", AWS_DEFAULT_REGION: "us-west-2" }, "us-west-2"],
  ["the profile that AWS_PROFILE names", undefined, { AWS_PROFILE: "ops" }, "eu-west-2"],
  ["the default profile", undefined, {}, "eu-west-1"],
] as const)("is that of %s", async (_, region, environment, expected) => {
  expect(await regionIn(environment, region)).toBe(expected);
}); // prettier-ignore

test("that nobody names is refused, with the line to add", async () => {
  const refusal = await refusalOf(() => regionIn({ AWS_PROFILE: "bare" }));
  expect(refusal).toMatchObject({ code: "REGION_UNKNOWN", exitStatus: 2 });
  expect(refusal.message).toBe("no region is named: not by --region, AWS_REGION, or an AWS profile");
  expect(refusal.hint).toBe(
    "add --region us-east-1, or set one for the profile: aws configure set region us-east-1 --profile bare",
  );
});

test("that a profile names and that is none is refused, and not asked", async () => {
  const refusal = await refusalOf(() => regionIn({}, undefined, "[default]\nregion = evil.example/\n"));
  expect(refusal).toMatchObject({ code: "REGION_UNKNOWN" });
  expect(refusal.message).toContain("evil.example");
});

test("of the sandbox is its own, whatever the environment says", async () => {
  process.env["AWS_REGION"] = "eu-west-1";
  const target = parseCloudTarget({ cloud: "sandbox" });
  expect(await withRegion(target, true)).toEqual({ cloud: "sandbox" });
});
