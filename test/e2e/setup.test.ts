// `setup` as a user meets it: policies to be read, for programs and for shells. It creates nothing and asks nobody.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Desk, type Ended } from "../support/cli.ts";

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string>>;
}
interface Policy {
  Version: string;
  Statement: Statement[];
}

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

/** Whoever would be asked, of whatever kind: it counts. */
const anybody = createServer((_, answer) => {
  asked += 1;
  answer.writeHead(500).end();
});
let asked = 0;
let address = "";
beforeEach(async () => {
  asked = 0;
  await new Promise<void>((listening) => anybody.listen(0, "127.0.0.1", listening));
  address = `http://127.0.0.1:${(anybody.address() as AddressInfo).port}`;
});
afterEach(() => anybody.close());

/** Keys that would do, and every way to AWS by way of the one who counts. */
const environment = (): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "x".repeat(40),
  AWS_ENDPOINT_URL: address,
  HTTPS_PROXY: address,
  HTTP_PROXY: address,
});
const setup = (...words: string[]): Promise<Ended> => desk.runHere(["setup", ...words], environment());

const actionsOf = ({ Statement: all }: Policy): string[] => all.flatMap(({ Action }) => Action);

test("as JSON it parses to policies that allow named actions alone, on the region and account that were named", async () => {
  const words = ["--role", "bench", "--region", "eu-west-1", "--account", "123456789012", "--format", "json"];
  const { status, stdout, stderr } = await setup(...words);
  expect([status, stderr]).toEqual([0, ""]);
  const told = JSON.parse(stdout) as { role: string; trust: Policy; machine: Policy; operator: Policy };
  expect(Object.keys(told)).toEqual(["role", "trust", "machine", "operator"]);
  expect(told.role).toBe("bench");
  const policies = [told.trust, told.machine, told.operator];
  expect(policies.map(({ Version }) => Version)).toEqual(Array(3).fill("2012-10-17"));
  for (const action of policies.flatMap(actionsOf)) expect(action).toMatch(/^[a-z0-9]+:[A-Z][A-Za-z]+$/);

  // What changes anything is confined: to a resource or by a condition, never to everything.
  const changing = told.operator.Statement.filter(({ Action }) =>
    [Action].flat().some((action) => !/:(Describe|Get|List)/.test(action)),
  );
  expect(changing.flatMap(({ Action }) => Action)).toEqual(
    expect.arrayContaining(["ec2:RunInstances", "ec2:TerminateInstances", "ssm:SendCommand", "iam:PassRole"]),
  );
  for (const { Resource } of changing) {
    for (const each of [Resource].flat()) {
      expect(each).toMatch(/^arn:aws:(ec2|ssm|iam):(eu-west-1)?:(123456789012)?:/);
      expect(each).not.toBe("*");
    }
  }
  // The policy lets nobody make roles, keys or users: it passes the role, and asks what it may.
  const iam = actionsOf(told.operator).filter((action) => action.startsWith("iam:"));
  expect(iam.toSorted()).toEqual(["iam:GetInstanceProfile", "iam:PassRole", "iam:SimulatePrincipalPolicy"]);
});

test("machines and parameters of one's own are named in the policy, in GovCloud by its ARNs", async () => {
  const words = ["--region", "us-gov-east-1", "--instance", "i-0123456789abcdef0", "--tag", "fleet=perf", "--parameter", "/images/mine"]; // prettier-ignore
  const { status, stdout } = await setup(...words, "--format", "json");
  expect(status).toBe(0);
  const text = JSON.stringify((JSON.parse(stdout) as { operator: Policy }).operator);
  for (const part of ["instance/i-0123456789abcdef0", '"ssm:resourceTag/fleet":"perf"', "parameter/images/mine"])
    expect(text).toContain(part);
  expect(text).not.toContain('"arn:aws:');
});

test("as commands it prints what a shell can read, and what to look at afterwards", async () => {
  const { status, stdout, stderr } = await setup("--role", "bench");
  expect([status, stderr]).toEqual([0, ""]);
  const commands = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(commands.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    "aws iam create-role",
    "aws iam put-role-policy",
    "aws iam create-instance-profile",
    "aws iam add-role-to-instance-profile",
    "aws iam create-policy",
    "timetrial doctor --instance-profile",
  ]);
  for (const [, document = ""] of stdout.matchAll(/-document '([^']*)'/g))
    expect(JSON.parse(document)).toMatchObject({ Version: "2012-10-17" });
});

test.each([[], ["--format", "json"]])("nobody is asked for anything: setup %s", async (...words) => {
  expect((await desk.run(["setup", ...words], environment())).status).toBe(0);
  expect([asked, desk.address()]).toEqual([0, undefined]);
});

test("it refuses names that would be something else in a policy", async () => {
  for (const [option, value] of [
    ["--role", "a role"],
    ["--account", "1234"],
    ["--region", "mars"],
    ["--instance", "i-*"],
    ["--tag", "fleet"],
    ["--tag", "fleet=*"],
    ["--tag", "fleet=${aws:username}"],
    ["--parameter", "images"],
    ["--parameter", "/im*ages"],
  ] as const) {
    const { status, stdout, stderr } = await setup(option, value);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining(`${option}: expected`)]);
  }
});
