// `doctor` as a user meets it.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

test("doctor finds the sandbox fit, a line each", async () => {
  const { status, stdout, stderr } = await desk.run(["doctor", "--cloud", "sandbox", "--instance-profile", "machine"]);
  expect([status, stderr]).toEqual([0, ""]);
  const lines = stdout.trimEnd().split("\n");
  for (const line of lines) expect(line).toMatch(/^(ok|missing|unknown) +\S/);
  expect(lines.map((line) => line.slice(9, 21).trim())).toEqual(
    "node,sh,tar,gzip,sed,awk,grep,ssh,cc,python3,shellcheck,counters,credentials,region,account,looking,way out,launching,ending,role,prices,quota,not tried".split(
      ",",
    ),
  );
});

test("doctor without credentials says so, asks nobody, and ends with 4", async () => {
  const { status, stdout } = await desk.run(["doctor", "--region", "us-east-1", "--endpoint", "http://127.0.0.1:9"]);
  expect(status).toBe(4);
  expect(stdout).toMatch(/\nmissing +credentials .*no AWS credentials were found; set AWS_PROFILE/);
  expect(stdout).not.toMatch(/\n\S+ +region /);
});

test("doctor says the same as one JSON document, with the same status", async () => {
  const words = ["doctor", "--region", "us-east-1", "--endpoint", "http://127.0.0.1:9", "--format", "json"];
  const { status, stdout, stderr } = await desk.runHere(words);
  expect([status, stderr]).toEqual([4, ""]);
  const { schema, fit, checks } = JSON.parse(stdout) as { schema: number; fit: boolean; checks: { name: string }[] };
  expect([schema, fit]).toEqual([1, false]);
  expect(checks.find(({ name }) => name === "credentials")).toEqual({
    name: "credentials",
    state: "missing",
    needed: true,
    found: expect.stringContaining("no AWS credentials were found"),
    todo: expect.stringContaining("set AWS_PROFILE"),
  });
  expect(checks.find(({ name }) => name === "node")).toMatchObject({ state: "ok" });
});

test("doctor says in the line of what is missing what to do about it, and ends with 4", async () => {
  const words = ["doctor", "--cloud", "sandbox", "--subnet", "subnet-00000000"];
  const { status, stdout } = await desk.run(words);
  expect(status).toBe(4);
  expect(stdout).toMatch(
    /^missing +way out +no subnet subnet-00000000 in us-east-1.*; name one by --subnet, or make the default network: aws ec2 create-default-vpc$/m,
  );
  // No profile was named: that is advice, and no obstacle.
  expect(stdout).toMatch(/^unknown +role +.*; make a role and a profile as timetrial setup says, and name it$/m);
});

test("doctor refuses what can be no subnet", async () => {
  const { status, stderr } = await desk.runHere(["doctor", "--cloud", "sandbox", "--subnet", "x"]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("--subnet: expected a subnet's id")]);
});
