// The policies that setup prints: least, and enough.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  machinePolicy,
  operatorPolicy,
  type Policy,
  setupCommands,
} from "../../../src/report/commands/iam-policies.ts";

const names = { role: "timetrial-machine", region: "us-east-1", account: "123456789012" };
const actionsOf = (policy: Policy): string[] => policy.Statement.flatMap(({ Action }) => Action);
const statement = (sid: string) => operatorPolicy(names).Statement.find(({ Sid }) => Sid === sid);

/** The calls that the client can make, by the commands that its facade names. */
function calls(): string[] {
  const facade = readFileSync(join(import.meta.dirname, "../../../src/adapters/aws/sdk.ts"), "utf8");
  return [...facade.matchAll(/export \{([^}]*)\} from "@aws-sdk\/client-([a-z0-9-]+)"/g)].flatMap(
    ([, exported = "", client = ""]) =>
      [...exported.matchAll(/\b(?:(\w+)Command|paginate(\w+))\b/g)].map(
        ([, command, paged]) =>
          `${client.replaceAll("-", "").replace("servicequotas", "servicequotas")}:${command ?? paged}`,
      ),
  );
}

describe("the operator's policy", () => {
  test("allows every call that the client makes", () => {
    expect(calls().length).toBeGreaterThan(8);
    expect(calls().filter((call) => !actionsOf(operatorPolicy(names)).includes(call))).toEqual([]);
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
