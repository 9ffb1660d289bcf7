// Tags that are made and taken away, machines that are found by them, and status checks.

import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { SendCommandCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nameOf, rent, type Rented } from "../../support/rented-machine.ts";
import { until } from "../../support/until.ts";

let rented: Rented;
let id: string;
beforeAll(async () => {
  rented = await rent({ timeScale: 0.01, checkWire: true });
  id = await rented.launchOnline({
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "role", Value: "bench" }] }],
  });
});
afterAll(() => rented[Symbol.asyncDispose]());

const tags = async (Filters: { Name: string; Values: string[] }[]) =>
  (await rented.ec2.send(new DescribeTagsCommand({ Filters }))).Tags;
const byTag = async (name: string, value: string) =>
  (await rented.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: name, Values: [value] }] }))).Reservations;

test("a tag is put on instance, volume and interface, found, changed and taken away", async () => {
  const instance = await rented.describe(id);
  const volume = instance.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
  const nic = instance.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "";
  const all = [id, volume, nic];
  await rented.ec2.send(new CreateTagsCommand({ Resources: all, Tags: [{ Key: "owner", Value: "me" }] }));
  expect((await tags([{ Name: "key", Values: ["owner"] }]))?.map((tag) => [tag.ResourceType, tag.ResourceId])).toEqual([
    ["instance", id],
    ["volume", volume],
    ["network-interface", nic],
  ]);
  expect((await byTag("tag:owner", "m?"))?.length).toBe(1);
  const tagged = new DescribeVolumesCommand({ Filters: [{ Name: "tag:owner", Values: ["me"] }] });
  expect((await rented.ec2.send(tagged)).Volumes?.map((each) => each.VolumeId)).toEqual([volume]);

  await rented.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "owner", Value: "you" }] }));
  expect((await byTag("tag:owner", "me"))?.length).toBe(0);
  // One with another value stays.
  await rented.ec2.send(new DeleteTagsCommand({ Resources: all, Tags: [{ Key: "owner", Value: "me" }] }));
  expect((await tags([{ Name: "tag:owner", Values: ["*"] }]))?.map((tag) => tag.ResourceId)).toEqual([id]);
  await rented.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: "owner" }] }));
  expect(await tags([{ Name: "key", Values: ["owner"] }])).toEqual([]);
  expect(await tags([{ Name: "resource-id", Values: [id] }])).toMatchObject([{ Key: "role", Value: "bench" }]);
});

test("what cannot be tagged is refused, and nothing is changed by it", async () => {
  const outcome = (Resources: string[], Key: string, more: object = {}): Promise<string> =>
    rented.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value: "x" }], ...more })).then(String, nameOf);
  expect([
    await outcome([id, "i-0123456789abcdef0"], "lost"),
    await outcome(["vol-0123456789abcdef0"], "lost"),
    await outcome([id], "aws:lost"),
    await outcome([id], "lost", { DryRun: true }),
  ]).toEqual(["InvalidInstanceID.NotFound", "InvalidVolume.NotFound", "InvalidParameterValue", "DryRunOperation"]);
  expect(await tags([{ Name: "value", Values: ["x"] }])).toEqual([]);
});

test("a command goes to the machines that its targets name, and to no others", async () => {
  await rented.launchOnline();
  const sent = async (...Targets: { Key: string; Values: string[] }[]) =>
    (
      await rented.ssm.send(
        new SendCommandCommand({ DocumentName: "AWS-RunShellScript", Targets, Parameters: { commands: ["echo hi"] } }),
      )
    ).Command;
  const command = await sent({ Key: "tag:role", Values: ["bench", "other"] });
  expect([command?.TargetCount, command?.Targets]).toEqual([1, [{ Key: "tag:role", Values: ["bench", "other"] }]]);
  expect((await rented.outcome(id, command?.CommandId ?? "")).StandardOutputContent).toBe("hi\n");
  const both = await sent({ Key: "tag-key", Values: ["role"] }, { Key: "InstanceIds", Values: [id] });
  expect(both?.TargetCount).toBe(1);
  const nobody = await sent({ Key: "tag:role", Values: ["none"] });
  expect([nobody?.TargetCount, nobody?.StatusDetails]).toEqual([0, "NoInstancesInTag"]);
  const mixed = new SendCommandCommand({
    DocumentName: "AWS-RunShellScript",
    InstanceIds: [id],
    Targets: [{ Key: "tag:role", Values: ["bench"] }],
    Parameters: { commands: ["true"] },
  });
  expect(await rented.ssm.send(mixed).then(String, nameOf)).toBe("InvalidParameters");
});

test("status checks begin when a machine runs, and pass; a machine that does not run has none", async () => {
  const fresh = await rented.launch();
  await rented.until(fresh, "running");
  const status = async (all: boolean, of = fresh) =>
    (await rented.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [of], IncludeAllInstances: all })))
      .InstanceStatuses?.[0];
  const first = await status(false);
  expect(["initializing", "ok"]).toContain(first?.InstanceStatus?.Status);
  await until(async () => (await status(false))?.SystemStatus?.Status === "ok");
  expect((await status(false))?.InstanceStatus?.Details).toMatchObject([{ Name: "reachability", Status: "passed" }]);
  await rented.send(id, "poweroff");
  await rented.until(id, "stopped");
  expect([await status(false, id), (await status(true, id))?.InstanceStatus?.Status]).toEqual([
    undefined,
    "not-applicable",
  ]);
});

test("the account's one VPC is described, and no other", async () => {
  const { Vpcs: vpcs } = await rented.ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] }),
  );
  expect(vpcs).toMatchObject([{ State: "available", IsDefault: true, CidrBlock: "10.0.0.0/16" }]);
  const other = new DescribeVpcsCommand({ VpcIds: ["vpc-0123456789abcdef0"] });
  expect(await rented.ec2.send(other).then(String, nameOf)).toBe("InvalidVpcID.NotFound");
});
