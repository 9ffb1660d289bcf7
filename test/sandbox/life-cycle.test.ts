import {
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeImagesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
  GetConsoleOutputCommand,
  paginateDescribeInstances,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import { GetParameterCommand, GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostArchitecture } from "../../src/sandbox/catalogue.ts";
import { base64, imageId, nameOf, rent } from "../support/rented-machine.ts";
import { until } from "../support/until.ts";

type TypeName = NonNullable<RunInstancesCommandInput["InstanceType"]>;

test("an instance is launched, boots, is terminated for good, and leaves no folder", async () => {
  await using rented = await rent();
  const id = await rented.launch({
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "timetrial:run", Value: "a&<é>" }] }],
    InstanceInitiatedShutdownBehavior: "terminate",
  });
  const running = await rented.until(id, "running");
  expect(running).toMatchObject({
    InstanceType: "s2.medium",
    Architecture: hostArchitecture,
    Placement: { AvailabilityZone: "us-east-1a" },
    Tags: [{ Key: "timetrial:run", Value: "a&<é>" }],
  });
  await rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  const terminated = await rented.until(id, "terminated");
  expect(terminated.StateReason?.Code).toBe("Client.UserInitiatedShutdown");
  const again = await rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  expect(again.TerminatingInstances?.[0]?.CurrentState?.Name).toBe("terminated");
  expect(readdirSync(join(rented.dir, "instances"))).toEqual([]);
});

test("an instance just launched is not found, and the listing lacks it", async () => {
  await using rented = await rent({ timeScale: 3 });
  const id = await rented.launch();
  await expect(rented.describe(id)).rejects.toSatisfy((error) => nameOf(error) === "InvalidInstanceID.NotFound");
  expect((await rented.ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  expect((await until(() => rented.describe(id).catch(() => undefined))).State?.Name).toBe("pending");
});

test("one id that is not known fails the whole of a TerminateInstances", async () => {
  await using rented = await rent();
  const id = await rented.launchOnline();
  const both = new TerminateInstancesCommand({ InstanceIds: [id, "i-0123456789abcdef0"] });
  await expect(rented.ec2.send(both)).rejects.toSatisfy((error) => nameOf(error) === "InvalidInstanceID.NotFound");
  expect((await rented.describe(id)).State?.Name).toBe("running");
});

test("a client token launches once, and refuses other parameters", async () => {
  await using rented = await rent();
  const first = await rented.launch({ ClientToken: "run-side-a-1" });
  expect(await rented.launch({ ClientToken: "run-side-a-1" })).toBe(first);
  const other = rented.launch({ ClientToken: "run-side-a-1", UserData: base64("#!/bin/sh\n") });
  await expect(other).rejects.toSatisfy((error) => nameOf(error) === "IdempotentParameterMismatch");
  await rented.until(first, "running");
  const byToken = { Filters: [{ Name: "client-token", Values: ["run-side-a-1"] }] };
  expect((await rented.ec2.send(new DescribeInstancesCommand(byToken))).Reservations).toHaveLength(1);
});

test("what EC2 refuses to launch is refused under EC2's codes", async () => {
  await using rented = await rent();
  const asked: [string, Partial<RunInstancesCommandInput>][] = [
    ["DryRunOperation", { DryRun: true }],
    ["InvalidParameterValue", { InstanceType: "c7g.large" }],
    ["InvalidParameterValue", { MinCount: 2, MaxCount: 1 }],
    ["InvalidAMIID.NotFound", { ImageId: "ami-00000000" }],
    ["InvalidSubnetID.NotFound", { SubnetId: "subnet-00000000" }],
    ["InvalidParameterCombination", { SubnetId: "subnet-0", NetworkInterfaces: [{ DeviceIndex: 0 }] }],
    ["InvalidParameterValue", { UserData: "no base64!" }],
    ["InvalidParameterValue", { UserData: base64("x".repeat(16_385)) }],
    ["Unsupported", { InstanceType: "t9.medium" as TypeName, Placement: { AvailabilityZone: "us-east-1a" } }],
    ["VcpuLimitExceeded", { MinCount: 65, MaxCount: 65 }],
  ];
  const codes = await Promise.all(asked.map(([, input]) => rented.launch(input).then(String, nameOf)));
  expect(codes).toEqual(asked.map(([code]) => code));
});

test("user-data runs on the instance alone, and the console shows what it says", async () => {
  await using rented = await rent();
  const id = await rented.launchOnline({
    UserData: base64('#!/bin/sh\nmkdir -p "${TIMETRIAL_ROOT:-}/var/lib/x"\necho said by user-data\n'),
  });
  const said = await until(async () => {
    const { Output = "" } = await rented.ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
    const text = Buffer.from(Output, "base64").toString();
    return text.includes("user-data ended: 0") ? text : undefined;
  });
  expect(said).toContain("said by user-data");
  expect(existsSync(join(rented.dir, "instances", id, "root", "var", "lib", "x"))).toBe(true);
});

test("listings come in pages, and every instance on one of them", async () => {
  await using rented = await rent();
  const ids: (string | undefined)[] = [];
  for (let calls = 0; calls < 4; calls++) {
    const basics = { ImageId: imageId, InstanceType: "s1.large" as TypeName, MinCount: 3, MaxCount: 3 };
    const launched = await rented.ec2.send(new RunInstancesCommand(basics));
    ids.push(...(launched.Instances ?? []).map((each) => each.InstanceId));
  }
  await rented.until(ids.at(-1) ?? "", "running");
  const pages: (string | undefined)[][] = [];
  for await (const page of paginateDescribeInstances({ client: rented.ec2, pageSize: 5 }, {}))
    pages.push((page.Reservations ?? []).flatMap((each) => (each.Instances ?? []).map((one) => one.InstanceId)));
  expect(pages.map((each) => each.length)).toEqual([5, 5, 2]);
  expect(pages.flat()).toEqual(ids);
  const mixed = new DescribeInstancesCommand({ InstanceIds: [ids[0] ?? ""], MaxResults: 5 });
  await expect(rented.ec2.send(mixed)).rejects.toSatisfy((error) => nameOf(error) === "InvalidParameterCombination");
});

test("regions know nothing of each other's instances", async () => {
  await using rented = await rent();
  await rented.until(await rented.launch(), "running");
  const { endpoint, credentials } = rented.sandbox;
  const west = new EC2Client({ endpoint, credentials, region: "us-west-2", maxAttempts: 1 });
  const nowhere = new EC2Client({ endpoint, credentials, region: "eu-central-9", maxAttempts: 1 });
  expect((await west.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  const refused = nowhere.send(new DescribeInstancesCommand({}));
  await expect(refused).rejects.toSatisfy((error) => nameOf(error) === "AuthFailure");
  west.destroy();
  nowhere.destroy();
});

test("types, offerings, subnets, volumes and images are described as the launch will find them", async () => {
  await using rented = await rent();
  const { ec2, ssm } = rented;
  const t9 = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ["t9.medium" as TypeName] }));
  expect(t9.InstanceTypes?.[0]).toMatchObject({ BurstablePerformanceSupported: true, VCpuInfo: { DefaultVCpus: 2 } });
  const unknown = ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ["c7g.large"] }));
  await expect(unknown).rejects.toSatisfy((error) => nameOf(error) === "InvalidInstanceType");
  const offered = await ec2.send(
    new DescribeInstanceTypeOfferingsCommand({
      LocationType: "availability-zone",
      Filters: [{ Name: "instance-type", Values: ["t9.*", "s1.medium"] }],
    }),
  );
  expect(offered.InstanceTypeOfferings?.map((each) => [each.Location, String(each.InstanceType)])).toEqual([
    ["us-east-1a", "s1.medium"],
    ["us-east-1b", "s1.medium"],
    ["us-east-1b", "t9.medium"],
    // A Local Zone.
    ["us-east-1-bos-1a", "s1.medium"],
  ]);
  const inB = { Filters: [{ Name: "availability-zone", Values: ["us-east-1b"] }] };
  const subnet = (await ec2.send(new DescribeSubnetsCommand(inB))).Subnets?.[0];
  const debian = hostArchitecture === "arm64" ? "arm64" : "amd64";
  const name = `/aws/service/freebsd/${debian}/base/ufs/14.3/RELEASE`;
  const ami = (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value ?? "";
  const image = (await ec2.send(new DescribeImagesCommand({ ImageIds: [ami] }))).Images?.[0];
  expect(image).toMatchObject({ RootDeviceName: "/dev/sda1", Architecture: hostArchitecture });
  const id = await rented.launch({
    ImageId: ami,
    SubnetId: subnet?.SubnetId,
    BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: { VolumeSize: 40, VolumeType: "gp3" } }],
  });
  expect((await rented.until(id, "running")).Placement?.AvailabilityZone).toBe("us-east-1b");
  const ofInstance = { Filters: [{ Name: "attachment.instance-id", Values: [id] }] };
  const volumes = await ec2.send(new DescribeVolumesCommand(ofInstance));
  expect(volumes.Volumes).toMatchObject([{ Size: 40, VolumeType: "gp3", Iops: 3000, Throughput: 125 }]);
  const paths = await ssm.send(new GetParametersByPathCommand({ Path: "/aws/service", Recursive: true }));
  expect([paths.Parameters?.length, paths.NextToken === undefined]).toEqual([10, false]);
});
