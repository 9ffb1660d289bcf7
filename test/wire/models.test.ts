// Every request that our client makes, and every reply of the sandbox's, against botocore's service models.
//
// The e2e tests and those of the adapters record what goes over the wire and are held to the same (test/support/cli.ts,
// test/support/rented-machine.ts); here one whole comparison is, and that the check finds what it should.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Exchange } from "../../src/sandbox/protocol/wire-log.ts";
import { Desk } from "../support/cli.ts";
import { hasModels, violations, violationsIn } from "../support/wire-models.ts";

const withModels = test.skipIf(!hasModels);
const because = "[needs Debian's awscli]";

withModels(`a comparison asks only what the services' models allow, and is answered so ${because}`, async () => {
  const desk = new Desk(0.02);
  const folder = mkdtempSync(join(tmpdir(), "tt-"));
  onTestFinished(async () => {
    await desk.clear();
    rmSync(folder, { recursive: true, force: true });
  });
  const record = join(folder, "record.ndjson");
  const words = ["compare", "s1.medium", "b=s2.medium@debian/12", "--cloud", "sandbox", "--machines", "1"];
  const ended = await desk.run(
    [...words, "--suite", "hashes/sha1/portable-c", "--rounds", "2", "--set", "blocks=10000"],
    {
      TIMETRIAL_SANDBOX_RECORD: record,
    },
  );
  expect([ended.status, ended.stderr]).toEqual([0, expect.any(String)]);
  const { exchanges, violations: found } = violationsIn(record);
  expect(found).toEqual([]);
  const actions = new Set(exchanges.map((each) => each.action));
  for (const action of [
    "DescribeImages",
    "DescribeInstances",
    "DescribeInstanceTypes",
    "GetParameter",
    "GetServiceQuota",
    "RunInstances",
    "SendCommand",
    "GetCommandInvocation",
    "TerminateInstances",
  ])
    // prettier-ignore
    expect(actions).toContain(action);
});

const exchange = (service: Exchange["service"], action: string, request: string, reply = ""): Exchange => ({
  service,
  action,
  status: reply === "" ? 400 : 200,
  request,
  reply,
});

withModels(`what a model forbids is found, with where and why ${because}`, () => {
  const command = { DocumentName: "AWS-RunShellScript", TimeoutSeconds: 5, Comment: "x".repeat(101), Colour: "blue" };
  expect(violations(exchange("ssm", "SendCommand", JSON.stringify({ ...command, InstanceIds: ["i-1"] })))).toEqual([
    "SendCommand.TimeoutSeconds: 5, at least 30",
    "SendCommand.Comment: 101 characters, at most 100",
    "SendCommand.Colour: is no member",
    'SendCommand.InstanceIds[]: "i-1" does not fit (^i-(\\w{8}|\\w{17})$)|(^mi-\\w{17}$)',
  ]);
  const launch =
    "Action=RunInstances&Version=2016-11-15&MaxCount=one&Colour=blue&TagSpecification.2.ResourceType=thing";
  expect(violations(exchange("ec2", "RunInstances", launch))).toEqual([
    "RunInstances.MinCount: is required, and not there",
    'RunInstances.MaxCount: is no number: "one"',
    "RunInstances.Colour: is no member",
    "RunInstances.TagSpecifications[]: is no structure",
  ]);
  expect(violations(exchange("servicequotas", "GetServiceQuota", '{"ServiceCode":"ec2"}'))).toEqual([
    "GetServiceQuota.QuotaCode: is required, and not there",
  ]);
  const reply = "<DescribeInstancesResponse><requestId>1</requestId><reservationSet><thing/></reservationSet><colour>blue</colour></DescribeInstancesResponse>"; // prettier-ignore
  expect(violations(exchange("ec2", "DescribeInstances", "Action=DescribeInstances", reply))).toEqual([
    "ReservationList: <thing> where <item> is due",
    "DescribeInstances, reply.colour: is no member",
  ]);
});
