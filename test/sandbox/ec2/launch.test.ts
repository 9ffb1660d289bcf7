// What RunInstances refuses, under EC2's own codes, and what it honours.

import {
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { images, zones } from "../../../src/sandbox/catalogue.ts";
import { imageId, nameOf, rent, type Rented } from "../../support/rented-machine.ts";

let rented: Rented;
beforeAll(async () => {
  rented = await rent({ timeScale: 0.01 });
});
afterAll(() => rented[Symbol.asyncDispose]());

const root = images.find((each) => each.id === imageId)?.rootDevice ?? "";
const rootDisk = (Ebs: object): Partial<RunInstancesCommandInput> => ({
  BlockDeviceMappings: [{ DeviceName: root, Ebs }],
});
const nic = (...interfaces: object[]): Partial<RunInstancesCommandInput> => ({ NetworkInterfaces: interfaces });
const withoutIpv6 = zones.find((each) => each.region === "us-east-1" && each.ipv6Prefix === undefined)?.subnetId ?? "";
const onSpot = (SpotOptions: object): Partial<RunInstancesCommandInput> => ({
  InstanceMarketOptions: { MarketType: "spot", SpotOptions },
});

const refused: readonly (readonly [what: string, code: string, input: Partial<RunInstancesCommandInput>])[] = [
  ["an instance profile that is not there", "InvalidParameterValue", { IamInstanceProfile: { Name: "nobody" } }],
  [
    "one of another account",
    "InvalidParameterValue",
    { IamInstanceProfile: { Arn: "arn:aws:iam::111111111111:instance-profile/machine" } },
  ],
  ["a hop limit of 65", "InvalidParameterValue", { MetadataOptions: { HttpPutResponseHopLimit: 65 } }],
  ["a volume of no type", "InvalidParameterValue", rootDisk({ VolumeType: "gp9" })],
  ["a root volume that none can be", "InvalidParameterValue", rootDisk({ VolumeType: "st1", VolumeSize: 500 })],
  ["gp2 with Iops", "InvalidParameterCombination", rootDisk({ VolumeType: "gp2", Iops: 3000 })],
  ["gp2 with throughput", "InvalidParameterCombination", rootDisk({ VolumeType: "gp2", Throughput: 125 })],
  ["io1 without Iops", "MissingParameter", rootDisk({ VolumeType: "io1" })],
  ["gp3 with too few Iops", "InvalidParameterValue", rootDisk({ VolumeType: "gp3", Iops: 2999 })],
  [
    "more throughput than its Iops pay for",
    "InvalidParameterCombination",
    rootDisk({ VolumeType: "gp3", Iops: 3000, Throughput: 1000 }),
  ],
  [
    "more Iops than its size pays for",
    "InvalidParameterCombination",
    rootDisk({ VolumeType: "gp3", Iops: 16_000, VolumeSize: 20 }),
  ],
  ["a volume below its snapshot", "InvalidBlockDeviceMapping", rootDisk({ VolumeSize: 1 })],
  [
    "one device twice",
    "InvalidBlockDeviceMapping",
    {
      BlockDeviceMappings: [
        { DeviceName: root, Ebs: {} },
        { DeviceName: root, Ebs: {} },
      ],
    },
  ],
  [
    "a device that the image lacks, without a size",
    "MissingParameter",
    { BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { VolumeType: "gp3" } }] },
  ],
  ["a key that encrypts nothing", "InvalidParameterDependency", rootDisk({ KmsKeyId: "alias/mine" })],
  [
    "tags for a spot request on demand",
    "InvalidParameterValue",
    { TagSpecifications: [{ ResourceType: "spot-instances-request", Tags: [{ Key: "a", Value: "b" }] }] },
  ],
  ["a price below the market's", "SpotMaxPriceTooLow", onSpot({ MaxPrice: "0.001" })],
  ["a price that is none", "InvalidParameterValue", onSpot({ MaxPrice: "cheap" })],
  ["a one-time request that stops", "InvalidParameterCombination", onSpot({ InstanceInterruptionBehavior: "stop" })],
  ["an interface without a device index", "InvalidParameterValue", nic({ AssociatePublicIpAddress: true })],
  ["a first interface with index 1", "InvalidParameterValue", nic({ DeviceIndex: 1 })],
  ["one index twice", "InvalidParameterValue", nic({ DeviceIndex: 0 }, { DeviceIndex: 0 })],
  ["more interfaces than the type takes", "AttachmentLimitExceeded", nic({ DeviceIndex: 0 }, { DeviceIndex: 1 })],
  [
    "a public address for one of several",
    "InvalidParameterCombination",
    nic({ DeviceIndex: 0, AssociatePublicIpAddress: true }, { DeviceIndex: 1 }),
  ],
  [
    "an interface and a subnet beside it",
    "InvalidParameterCombination",
    { ...nic({ DeviceIndex: 0 }), SubnetId: withoutIpv6 },
  ],
  [
    "IPv6 in a subnet without it",
    "InvalidParameterValue",
    nic({ DeviceIndex: 0, SubnetId: withoutIpv6, Ipv6AddressCount: 1 }),
  ],
  ["IPv6 there, at the top", "InvalidParameterValue", { SubnetId: withoutIpv6, Ipv6AddressCount: 1 }],
  ["a key pair that is not there", "InvalidKeyPair.NotFound", { KeyName: "mine" }],
  [
    "a launch template that is not there",
    "InvalidLaunchTemplateId.NotFound",
    { LaunchTemplate: { LaunchTemplateId: "lt-0123456789abcdef0" } },
  ],
  ["one by name", "InvalidLaunchTemplateName.NotFoundException", { LaunchTemplate: { LaunchTemplateName: "mine" } }],
  ["cores that the type has not", "InvalidParameterValue", { CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 } }],
  ["hibernation", "UnsupportedHibernationConfiguration", { HibernationOptions: { Configured: true } }],
  ["a group of no such name", "InvalidGroup.NotFound", { SecurityGroups: ["nobody"] }],
  ["what the sandbox cannot do", "UnsupportedOperation", { DisableApiTermination: true }],
  ["a place that it has not", "UnsupportedOperation", { Placement: { GroupName: "close" } }],
];

describe("RunInstances refuses", () => {
  test.each(refused)("%s: %s", async (_, code, input) => {
    expect(await rented.launch(input).then(String, nameOf)).toBe(code);
  });

  test("all of that on a dry run too, and launches nothing by it", async () => {
    const names = await Promise.all(
      refused.map(([, , input]) => rented.launch({ ...input, DryRun: true }).then(String, nameOf)),
    );
    expect(names).toEqual(refused.map(([, code]) => code));
    const { Reservations: reservations } = await rented.ec2.send(new DescribeInstancesCommand({}));
    expect(reservations).toEqual([]);
  });
});

describe("RunInstances honours", () => {
  test("what it is asked of metadata, monitoring, cores, profile, groups, and of the volume", async () => {
    const id = await rented.launch({
      MetadataOptions: { HttpPutResponseHopLimit: 1, HttpTokens: "optional", InstanceMetadataTags: "enabled" },
      Monitoring: { Enabled: true },
      CpuOptions: { CoreCount: 2, ThreadsPerCore: 1 },
      IamInstanceProfile: { Name: "machine" },
      SecurityGroups: ["ssh"],
      ...rootDisk({ VolumeType: "gp3", Iops: 4000, Throughput: 1000, VolumeSize: 40, DeleteOnTermination: true }),
    });
    const instance = await rented.until(id, "running");
    expect(instance).toMatchObject({
      MetadataOptions: { HttpPutResponseHopLimit: 1, HttpTokens: "optional", InstanceMetadataTags: "enabled" },
      Monitoring: { State: "enabled" },
      CpuOptions: { CoreCount: 2, ThreadsPerCore: 1 },
      IamInstanceProfile: { Arn: "arn:aws:iam::000000000000:instance-profile/machine" },
      SecurityGroups: [{ GroupId: "sg-0000000000000000b" }],
    });
    const volume = instance.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
    const { Volumes: volumes } = await rented.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volume] }));
    expect(volumes).toMatchObject([{ VolumeType: "gp3", Iops: 4000, Throughput: 1000, Size: 40 }]);
  });

  test("a gp2 volume, which has neither Iops nor throughput", async () => {
    const id = await rented.launch(rootDisk({ VolumeType: "gp2" }));
    const instance = await rented.until(id, "running");
    const volume = instance.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
    const { Volumes: volumes } = await rented.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volume] }));
    expect(volumes?.map(({ VolumeType: type, Iops: iops }) => [type, iops])).toEqual([["gp2", undefined]]);
  });

  test("a spot price above the market's", async () => {
    const id = await rented.launch(onSpot({ MaxPrice: "0.5" }));
    expect((await rented.until(id, "running")).InstanceLifecycle).toBe("spot");
  });

  test("the subnet's public addresses, on an interface of the instance's own, until it ends", async () => {
    const id = await rented.launch();
    const instance = await rented.until(id, "running");
    const [first] = instance.NetworkInterfaces ?? [];
    expect(instance.PublicIpAddress).toMatch(/^198\.18\./);
    expect(first).toMatchObject({
      Attachment: { DeviceIndex: 0, Status: "attached" },
      Association: { PublicIp: instance.PublicIpAddress },
      PrivateIpAddress: instance.PrivateIpAddress,
      SubnetId: instance.SubnetId,
    });
    await rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    const ended = await rented.until(id, "terminated");
    expect([ended.PublicIpAddress, ended.NetworkInterfaces]).toEqual([undefined, undefined]);
  });

  test("IPv6 where the subnet has it", async () => {
    const { Instances: launched } = await rented.ec2.send(
      new RunInstancesCommand({
        ImageId: imageId,
        InstanceType: "s2.medium" as never,
        MinCount: 1,
        MaxCount: 1,
        Ipv6AddressCount: 2,
      }),
    );
    const instance = await rented.until(launched?.[0]?.InstanceId ?? "", "running");
    expect(instance.Ipv6Address).toMatch(/^2001:db8:0:1::/);
    expect(instance.NetworkInterfaces?.[0]?.Ipv6Addresses?.length).toBe(2);
  });
});
