// The policies that setup prints: least, and enough.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  machinePolicy,
  operatorPolicy,
  type Policy,
  setupCommands,
  trustPolicy,
} from "../../../src/report/commands/iam-policies.ts";

const names = { role: "timetrial-machine", region: "us-east-1", account: "123456789012" };
const actionsOf = (policy: Policy): string[] => policy.Statement.flatMap(({ Action }) => Action);
const statement = (sid: string) => operatorPolicy(names).Statement.find(({ Sid }) => Sid === sid);

/** The calls that the client can make, by the commands that its facade names. */
function calls(): string[] {
  const facade = ["aws/sdk.ts", "aws/pricing-sdk.ts"]
    .map((name) => readFileSync(join(import.meta.dirname, "../../../src/adapters", name), "utf8"))
    .join("\n");
  return [...facade.matchAll(/export \{([^}]*)\} from "@aws-sdk\/client-([a-z0-9-]+)"/g)].flatMap(
    ([, exported = "", client = ""]) =>
      [...exported.matchAll(/\b(?:(\w+)Command|paginate(\w+))\b/g)].map(
        ([, command, paged]) => `${client}:${command ?? paged}`,
      ),
  );
}

describe("the operator's policy", () => {
  test("allows every call that the client makes", () => {
    expect(calls().length).toBeGreaterThan(8);
    expect(calls().filter((call) => !actionsOf(operatorPolicy(names)).includes(call))).toEqual([]);
  });

  test("allows nothing that the client does not call", () => {
    // Service Quotas is asked without a client of its own; the role is passed and the tags are made within RunInstances.
    const without = ["servicequotas:GetServiceQuota", "iam:PassRole", "ec2:CreateTags"];
    const asked = [...calls(), ...without];
    expect(actionsOf(operatorPolicy(names)).filter((action) => !asked.includes(action))).toEqual([]);
  });

  test.each([
    ["cn-north-1", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
    ["eu-west-1", "aws"],
    ["*", "aws"],
  ])("of region %s names what there is of partition %s alone", (region, partition) => {
    const text = JSON.stringify(operatorPolicy({ ...names, region, instances: ["i-1"], parameters: ["/mine"] }));
    expect(new Set([...text.matchAll(/"arn:([a-z-]+):/g)].map(([, name]) => name))).toEqual(new Set([partition]));
  });

  test("sends commands to the machines and reads the parameters that were named, beside its own", () => {
    const { Statement } = operatorPolicy({
      ...names,
      instances: ["i-0123456789abcdef0"],
      tags: [
        { key: "fleet", value: "perf" },
        { key: "team", value: "a=b" },
      ],
      parameters: ["/images/*"],
    });
    const added = Statement.filter(({ Sid }) => operatorPolicy(names).Statement.every((one) => one.Sid !== Sid));
    expect(
      added.map(({ Action, Resource, Condition }) => ({ Action, Resource, ...(Condition && { Condition }) })),
    ).toEqual([
      { Action: ["ssm:SendCommand"], Resource: ["arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0"] },
      {
        Action: ["ssm:SendCommand"],
        Resource: "arn:aws:ec2:us-east-1:123456789012:instance/*",
        Condition: { StringEquals: { "ssm:resourceTag/fleet": "perf" } },
      },
      {
        Action: ["ssm:SendCommand"],
        Resource: "arn:aws:ec2:us-east-1:123456789012:instance/*",
        Condition: { StringEquals: { "ssm:resourceTag/team": "a=b" } },
      },
      { Action: ["ssm:GetParameter"], Resource: ["arn:aws:ssm:us-east-1:123456789012:parameter/images/*"] },
    ]);
  });

  test("has no action with a star in it", () => {
    expect(
      [...actionsOf(operatorPolicy(names)), ...actionsOf(machinePolicy())].filter((one) => one.includes("*")),
    ).toEqual([]);
  });

  test("ends, and commands, only machines that bear the run's tag", () => {
    for (const sid of ["EndOurs", "SendToOurs", "CancelOurs"])
      expect(JSON.stringify(statement(sid)?.Condition)).toContain("timetrial:run");
    expect(statement("SendToOurs")?.Resource).toBe("arn:aws:ec2:us-east-1:123456789012:instance/*");
  });

  test("passes one role, to EC2 alone", () => {
    expect(statement("PassTheRole")).toMatchObject({
      Resource: "arn:aws:iam::123456789012:role/timetrial-machine",
      Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    });
  });

  test("tags only what RunInstances makes", () => {
    expect(statement("TagAtLaunch")?.Condition).toEqual({ StringEquals: { "ec2:CreateAction": "RunInstances" } });
  });
});

test("a machine may read no parameter: its scripts are not the account's", () => {
  expect(actionsOf(machinePolicy()).filter((action) => action.includes("Parameter"))).toEqual([]);
});

test("the commands hold the policies whole, in quotes that no policy breaks", () => {
  const documents = [...setupCommands(names).matchAll(/--(?:assume-role-)?policy-document '([^']*)'/g)];
  expect(documents.map(([, text = ""]) => Object.keys(JSON.parse(text)))).toEqual(
    Array(3).fill(["Version", "Statement"]),
  );
});

test("EC2 is trusted by the name that its partition knows it by", () => {
  expect(JSON.stringify(trustPolicy({ region: "cn-north-1" }))).toContain(
    '["ec2.amazonaws.com","ec2.amazonaws.com.cn"]',
  );
  expect(JSON.stringify(trustPolicy({ region: "us-gov-west-1" }))).toContain('"ec2.amazonaws.com"');
});
