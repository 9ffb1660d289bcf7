// Launching, against the sandbox: what EC2 is asked for, and what becomes of its refusals and lost answers.

import {
  DescribeSpotInstanceRequestsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { openAccount } from "../../../../src/adapters/aws/account.ts";
import { instancesByToken } from "../../../../src/adapters/ec2/describe-instances.ts";
import { defaultGroupId } from "../../../../src/sandbox/catalogue.ts";
import { ServiceError } from "../../../../src/sandbox/protocol/service-error.ts";
import type { CallInterceptor } from "../../../../src/sandbox/server.ts";
import { aSuite } from "../../../support/given.ts";
import { imageId } from "../../../support/rented-machine.ts";
import { ec2Desk } from "../../../support/ec2-desk.ts";
import { refusalOf } from "../../../support/refusal.ts";

const both = ["s1.medium", "s2.medium"];
const noCapacity = new ServiceError(
  "InsufficientInstanceCapacity",
  "We currently do not have sufficient capacity.",
  500,
);

/** Fails RunInstances where `when` holds of its input and of how many came before. */
const failing = (
  failure: ServiceError,
  when: (zone: string | undefined, type: string, before: number) => boolean,
): CallInterceptor => {
  let before = 0;
  return ({ action, input }) => {
    if (action !== "RunInstances") return undefined;
    const { Placement: place, InstanceType: type } = input as {
      Placement?: { AvailabilityZone?: string };
      InstanceType: string;
    };
    return when(place?.AvailabilityZone, type, before++) ? failure : undefined;
  };
};

describe("a launch asks for", () => {
  test("the user's own tags on all that it makes, and disks encrypted by the key that was named", async () => {
    await using desk = await ec2Desk();
    const key = "alias/bench";
    await desk.launching.acquire(
      desk.order(["s1.medium"], {
        machines: 1,
        spot: true,
        launch_tags: { "cost-centre": "42", Name: "bench" },
        encrypted: true,
        kms_key: key,
      }),
    );
    const { sandbox } = desk.rented;
    const account = await openAccount({
      region: sandbox.region,
      endpoint: sandbox.endpoint,
      credentials: sandbox.credentials,
    });
    const [instance] = await desk.instances();
    const { Volumes: [volume] = [] } = await account.ec2.send(new DescribeVolumesCommand({}));
    const { SpotInstanceRequests: [request] = [] } = await account.ec2.send(
      new DescribeSpotInstanceRequestsCommand({}),
    );
    account.ec2.destroy();
    for (const { Tags: tags = [] } of [instance, volume, request].map((one) => one ?? {}))
      expect(Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]))).toMatchObject({ "cost-centre": "42", Name: "bench", "timetrial:run": expect.any(String) }); // prettier-ignore
    expect(desk.launches()[0]?.TagSpecifications?.map(({ ResourceType }) => ResourceType)).toEqual([
      "instance",
      "volume",
      "network-interface",
      "spot-instances-request",
    ]);
    expect(volume).toMatchObject({ Encrypted: true, KmsKeyId: key });
  });

  test("a root volume of the size that was asked for, and none that is too small for what it must hold", async () => {
    await using desk = await ec2Desk();
    await desk.launching.acquire(desk.order(["s1.medium"], { machines: 1, volume_gib: 500 }));
    expect(desk.launches()[0]?.BlockDeviceMappings?.[0]?.Ebs?.VolumeSize).toBe(500);
    await using small = await ec2Desk();
    // 8 GiB of the image, 4 of our own.
    await expect(small.launching.check(small.order(["s1.medium"], { volume_gib: 11 }))).rejects.toMatchObject({
      code: "REFUSED",
      message: "--volume-size: images and suites need 12 GiB at least, got 11",
    });
    expect(small.launches()).toEqual([]);
  });

  test("no encryption where none was asked for: the account's default holds", async () => {
    await using desk = await ec2Desk();
    await desk.launching.acquire(desk.order(["s1.medium"], { machines: 1 }));
    expect(Object.keys(desk.launches()[0]?.BlockDeviceMappings?.[0]?.Ebs ?? {})).not.toContain("Encrypted");
  });

  test("machines that end themselves, bear the run, let nobody in, and have the same disk on all sides", async () => {
    await using desk = await ec2Desk();
    const needs = { commands: [], packages: [], memory_bytes: 0, disk_bytes: 21 * 2 ** 30 - 1, root: false };
    const order = desk.order(
      ["s1.medium", "s2.large@freebsd/14.3"],
      { machines: 2, instance_profile: "bench" },
      {
        suites: [aSuite(), aSuite({ name: "world", needs })],
      },
    );
    await desk.launching.acquire(order);
    const [first, second, ...more] = desk.launches();
    expect(more).toEqual([]);
    for (const input of [first, second]) {
      expect(input).toMatchObject({
        MinCount: 2,
        MaxCount: 2,
        InstanceInitiatedShutdownBehavior: "terminate",
        Placement: { AvailabilityZone: "us-east-1a" },
        MetadataOptions: { HttpTokens: "required", HttpEndpoint: "enabled", HttpPutResponseHopLimit: 1 },
        IamInstanceProfile: { Name: "bench" },
        // 8 GiB of the larger image, 21 of the suite, 4 of our own.
        BlockDeviceMappings: [
          { Ebs: { VolumeType: "gp3", VolumeSize: 33, Iops: 3000, Throughput: 125, DeleteOnTermination: true } },
        ],
      });
      expect(input?.TagSpecifications?.map(({ ResourceType: type }) => type)).toEqual([
        "instance",
        "volume",
        "network-interface",
      ]);
      for (const { Tags: tags = [] } of input?.TagSpecifications ?? []) {
        const values = Object.fromEntries(tags.map(({ Key = "", Value }) => [Key, Value]));
        expect(values["timetrial:run"]).toBe(order.plan.run);
        expect(values["timetrial:owner"]).toMatch(/^.+@.+$/);
        expect(Date.parse(values["timetrial:deadline"] ?? "") - Date.now()).toBeGreaterThan(7_100_000);
      }
      const script = Buffer.from(input?.UserData ?? "", "base64").toString();
      expect(script).toMatch(/^#!\/bin\/sh\n/);
      expect(Object.keys(input ?? {})).not.toContain("KeyName");
      expect(Object.keys(input ?? {})).not.toContain("NetworkInterfaces");
    }
    expect([first, second].map((input) => input?.BlockDeviceMappings?.[0]?.DeviceName)).toEqual([
      "/dev/xvda",
      "/dev/sda1",
    ]);
    expect([first, second].map((input) => input?.ClientToken)).toEqual([
      `${order.plan.run}-0-us-east-1a-1`,
      `${order.plan.run}-1-us-east-1a-1`,
    ]);
    expect(desk.entries.map(({ kind }) => kind)).toEqual(["account", "intent", "launched", "intent", "launched"]);
  });

  test("the subnet, its zone, the groups and the tenancy, and for spot a request that ends with its machine", async () => {
    await using desk = await ec2Desk();
    const inB = new DescribeSubnetsCommand({ Filters: [{ Name: "availability-zone", Values: ["us-east-1b"] }] });
    const subnet = (await desk.rented.ec2.send(inB)).Subnets?.[0]?.SubnetId ?? "";
    const group = defaultGroupId("us-east-1");
    const order = desk.order(both, { subnet, security_groups: [group], tenancy: "dedicated", spot: true });
    const acquired = await desk.launching.acquire(order);
    for (const input of desk.launches()) {
      expect(input).toMatchObject({
        SubnetId: subnet,
        SecurityGroupIds: [group],
        Placement: { Tenancy: "dedicated" },
        InstanceMarketOptions: {
          MarketType: "spot",
          SpotOptions: { SpotInstanceType: "one-time", InstanceInterruptionBehavior: "terminate" },
        },
      });
      expect(input.TagSpecifications?.map(({ ResourceType: type }) => type)).toContain("spot-instances-request");
    }
    expect(acquired.map(({ instance }) => instance?.zone)).toEqual(["us-east-1b", "us-east-1b"]);
    for (const instance of await desk.instances())
      expect(instance).toMatchObject({
        InstanceLifecycle: "spot",
        SubnetId: subnet,
        Placement: { Tenancy: "dedicated" },
      });

    await desk.launching.release(order);
    expect(await desk.launching.absence(order)).toEqual({ state: "none" });
    const requests = await desk.rented.ec2.send(new DescribeSpotInstanceRequestsCommand({}));
    expect(requests.SpotInstanceRequests?.map(({ State }) => State)).toEqual(["cancelled", "cancelled"]);
    const actions = desk.calls.map(({ action }) => action);
    expect(actions.indexOf("CancelSpotInstanceRequests")).toBeLessThan(actions.indexOf("TerminateInstances"));
  });

  test.each([
    ["freebsd/13.5", "optional"],
    ["freebsd/14.2", "required"],
    ["ubuntu/24.04", "required"],
  ])("tokens of IMDSv2 on %s: %s", async (image, tokens) => {
    await using desk = await ec2Desk();
    await desk.launching.acquire(desk.order([`a=s1.medium@${image}`]));
    expect(desk.launches()[0]?.MetadataOptions?.HttpTokens).toBe(tokens);
  });

  test("dedicated hosts, whose machines are known to share one", async () => {
    await using desk = await ec2Desk();
    const acquired = await desk.launching.acquire(desk.order(["s1.medium"], { machines: 2, tenancy: "host" }));
    expect(new Set(acquired.map(({ instance }) => instance?.host)).size).toBe(1);
    expect(acquired[0]?.instance?.host).toMatch(/^h-/);
  });
});

describe("before anything is launched", () => {
  const refusal = async (sides: string[], spec: object) => {
    await using desk = await ec2Desk();
    const error = await refusalOf(() => desk.launching.check(desk.order(sides, spec)));
    expect(desk.launches()).toEqual([]);
    return error;
  };

  test("a type that the zone does not offer is named, with the zones that would do", async () => {
    const error = await refusal(["s1.medium", "t9.medium"], { zone: "us-east-1a", allow_burstable: true });
    expect(error).toMatchObject({ code: "REFUSED", message: "t9.medium is not offered in us-east-1a" });
    expect(error.hint).toContain("us-east-1b");
  });

  test("a subnet elsewhere than the zone is refused, and one that is not there", async () => {
    await using desk = await ec2Desk();
    const here = await desk.rented.ec2.send(new DescribeSubnetsCommand({}));
    const subnet = here.Subnets?.find(({ AvailabilityZone: zone }) => zone === "us-east-1a")?.SubnetId ?? "";
    const error = await refusal(both, { subnet, zone: "us-east-1b" });
    expect(error).toMatchObject({
      code: "REFUSED",
      message: `--subnet: ${subnet} is in us-east-1a, not in us-east-1b`,
    });
    expect(await refusal(["t9.medium"], { subnet, allow_burstable: true })).toMatchObject({
      message: `t9.medium is not offered in us-east-1a, where ${subnet} is`,
    });
    expect(await refusal(both, { subnet: "subnet-00000000" })).toMatchObject({ code: "USAGE" });
    expect(await refusal(both, { security_groups: ["sg-00000000"] })).toMatchObject({ code: "USAGE" });
  });

  test("six types are looked up once, their offers once, and their quota once", async () => {
    await using desk = await ec2Desk();
    const six = ["s1", "s2"].flatMap((family) => ["medium", "large", "xlarge"].map((size) => `${family}.${size}`));
    await desk.launching.check(desk.order(six, { machines: 2 }));
    const asked = (action: string) => desk.calls.filter((call) => call.action === action).length;
    expect(asked("DescribeInstanceTypes")).toBe(1);
    expect(asked("DescribeInstanceTypeOfferings")).toBe(1);
    expect(asked("GetServiceQuota")).toBe(1);
  });

  test("vCPUs over the quota are refused, with the quota, the figures and what would fit", async () => {
    await using desk = await ec2Desk();
    await desk.rented.ec2.send(
      new RunInstancesCommand({ ImageId: imageId, InstanceType: "s1.xlarge" as never, MinCount: 10, MaxCount: 10 }),
    );
    await desk.rented.until((await desk.rented.launch({ InstanceType: "s1.medium" as never })) ?? "", "running");
    const check = (machines: number, spot = false) =>
      desk.launching.check(desk.order(["s1.xlarge", "s2.medium"], { machines, ...(spot ? { spot } : {}) }));
    await expect(check(15)).rejects.toMatchObject({
      code: "OVER_QUOTA",
      exitStatus: 4,
      message: expect.stringMatching(
        /\(L-1216C47A\) allows 128 vCPUs in us-east-1: 42 are in use, 90 more are needed$/,
      ),
      hint: expect.stringMatching(/^--machines 1 wants 6 and fits, up to --machines 14;.* --desired-value 132$/),
    });
    await expect(check(14)).resolves.toBeUndefined();
  });

  test("spot has a quota of its own, of which what runs on demand takes nothing", async () => {
    const error = await refusal(both, { machines: 17, spot: true });
    expect(error.message).toMatch(
      /Spot.*\(L-34B43A08\) allows 64 vCPUs in us-east-1: 0 are in use, 68 more are needed/,
    );
  });

  test("a quota that may not be read is no reason not to launch, and is said", async () => {
    await using desk = await ec2Desk(({ action }) =>
      action === "GetServiceQuota"
        ? new ServiceError(
            "AccessDeniedException",
            "User: arn:aws:iam::0:user/x is not authorized to perform: servicequotas:GetServiceQuota",
          )
        : undefined,
    );
    const order = desk.order(both);
    const note =
      "the quota of vCPUs (L-1216C47A) was not checked: these credentials lack servicequotas:GetServiceQuota";
    // What plan prints, before anything is launched.
    expect(await desk.launching.notes?.(order)).toEqual([note]);
    expect(desk.launches()).toEqual([]);
    await desk.launching.acquire(order);
    const who = expect.stringMatching(/^account \d{12}, user\/sandbox, us-east-1, endpoint http:/);
    expect(desk.notes()).toEqual([who, note]);
    expect(desk.launches()).toHaveLength(2);
  });
});

describe("a launch that EC2 refuses", () => {
  test("for want of capacity goes to the next zone whole, once what it had is given back", async () => {
    await using desk = await ec2Desk(
      failing(noCapacity, (zone, type) => zone === "us-east-1a" && type === "s2.medium"),
    );
    const acquired = await desk.launching.acquire(desk.order(both));
    expect(acquired.map(({ instance }) => instance?.zone)).toEqual(["us-east-1b", "us-east-1b"]);
    const told = desk.calls.flatMap(({ action, input }) =>
      action === "RunInstances"
        ? [`launch in ${(input["Placement"] as { AvailabilityZone: string }).AvailabilityZone}`]
        : action === "TerminateInstances"
          ? ["end"]
          : [],
    );
    expect([...new Set(told)]).toEqual(["launch in us-east-1a", "end", "launch in us-east-1b"]);
    const states = (await desk.instances()).map(({ Placement, State }) => [Placement?.AvailabilityZone, State?.Name]);
    expect(states.filter(([zone]) => zone === "us-east-1a").map(([, state]) => state)).not.toContain("running");
  });

  test("for want of capacity in the zone that was asked for is tried nowhere else", async () => {
    await using desk = await ec2Desk(failing(noCapacity, () => true));
    const order = desk.order(both, { zone: "us-east-1b" });
    await expect(desk.launching.acquire(order)).rejects.toMatchObject({
      code: "NO_CAPACITY",
      message: expect.stringContaining("InsufficientInstanceCapacity"),
      hint: expect.stringContaining("leave out --zone"),
    });
    expect(desk.launches().every(({ Placement }) => Placement?.AvailabilityZone === "us-east-1b")).toBe(true);
    await desk.launching.release(order);
    expect(await desk.launching.absence(order)).toEqual({ state: "none" });
  });

  const unknownProfile = new ServiceError(
    "InvalidParameterValue",
    "Value (bench) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
  );

  test("since it does not know the profile yet is asked again, each time under a token of its own", async () => {
    await using desk = await ec2Desk(failing(unknownProfile, (_zone, _type, before) => before < 2));
    const acquired = await desk.launching.acquire(desk.order(["s1.medium"], { instance_profile: "bench" }));
    expect(acquired).toHaveLength(1);
    expect(desk.launches().map(({ ClientToken: token }) => token?.slice(-2))).toEqual(["-1", "-2", "-3"]);
    expect(desk.entries.map(({ kind }) => kind)).toEqual([
      "account",
      "intent",
      "not-launched",
      "intent",
      "not-launched",
      "intent",
      "launched",
    ]);
  });

  test("since it never gets to know the profile is asked six times, and no more", async () => {
    await using desk = await ec2Desk(failing(unknownProfile, () => true));
    await expect(
      desk.launching.acquire(desk.order(["s1.medium"], { instance_profile: "bench" })),
    ).rejects.toMatchObject({ code: "REFUSED" });
    expect(desk.launches()).toHaveLength(6);
  });

  test("for another value of a parameter is asked once", async () => {
    const other = new ServiceError("InvalidParameterValue", "Value (x) for parameter groupId is invalid.");
    await using desk = await ec2Desk(failing(other, () => true));
    await expect(desk.launching.acquire(desk.order(["s1.medium"]))).rejects.toMatchObject({ code: "CLOUD" });
    expect(desk.launches()).toHaveLength(1);
  });

  test("over a quota that nobody saw coming names it, and is tried in no other zone", async () => {
    const over = new ServiceError(
      "VcpuLimitExceeded",
      "You have requested more vCPU capacity than your current vCPU limit of 32 allows.",
    );
    await using desk = await ec2Desk(failing(over, () => true));
    await expect(desk.launching.acquire(desk.order(["s1.medium"]))).rejects.toMatchObject({
      code: "QUOTA",
      message: expect.stringMatching(
        /vCPU limit of 32 allows.*the quota is "Running On-Demand Standard \(A, C, D, [^"]*\) instances" \(L-1216C47A\)$/,
      ),
      hint: expect.stringContaining(
        "request-service-quota-increase --region us-east-1 --service-code ec2 --quota-code L-1216C47A",
      ),
    });
    expect(desk.launches()).toHaveLength(1);
  });

  test("over a quota that these credentials may not read has its code", async () => {
    const over = new ServiceError("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded");
    const denied = new ServiceError("AccessDeniedException", "User is not authorized");
    await using desk = await ec2Desk(({ action }) =>
      action === "RunInstances" ? over : action === "GetServiceQuota" ? denied : undefined,
    );
    await expect(desk.launching.acquire(desk.order(["s1.medium"], { spot: true }))).rejects.toMatchObject({
      code: "QUOTA",
      message: expect.stringMatching(/\(MaxSpotInstanceCountExceeded\); the quota is L-34B43A08$/),
    });
  });
});

test("launches are found by their tokens, however many there were", async () => {
  await using desk = await ec2Desk();
  const { endpoint, credentials, region } = desk.rented.sandbox;
  const opened = await openAccount({ endpoint, credentials, region, timeScale: 0.02 });
  const tokens = Array.from({ length: 450 }, (_, i) => `many-0.${i}-us-east-1a-1`);
  const ids: string[] = [];
  for (const at of [0, 199, 200, 449])
    ids.push((await desk.rented.launch({ ClientToken: tokens[at] as string })) ?? "");
  const found = await instancesByToken(opened, tokens);
  expect(new Set(found.map(({ InstanceId: id }) => id))).toEqual(new Set(ids));
  expect(found).toHaveLength(4);
});

test("a launch whose every answer is lost is found by its token, and made once", async () => {
  await using desk = await ec2Desk(({ action }) => (action === "RunInstances" ? "lose the answer" : undefined));
  const acquired = await desk.launching.acquire(desk.order(["s1.medium"], { machines: 2 }));
  expect(acquired).toHaveLength(2);
  expect(new Set(desk.launches().map(({ ClientToken: token }) => token)).size).toBe(1);
  const ids = (await desk.instances()).map(({ InstanceId: id }) => id);
  expect(ids).toHaveLength(2);
  expect(new Set(ids)).toEqual(new Set(acquired.map(({ instance }) => instance?.id)));
});

describe("giving back", () => {
  test("bears that a machine just launched is not known, and one that never was does not keep others running", async () => {
    await using desk = await ec2Desk();
    const order = desk.order(both);
    const Tags = [{ Key: "timetrial:run", Value: order.plan.run }];
    const id = await desk.rented.launch({ TagSpecifications: [{ ResourceType: "instance", Tags }] });
    // Released at once: EC2 does not show it yet. The other id is nobody's.
    const at = new Date().toISOString();
    desk.entries.push(
      { kind: "intent", token: "t", side: "a", type: "s2.medium", zone: "us-east-1a", count: 2, at },
      { kind: "launched", token: "t", ids: ["i-0123456789abcdef0", id] },
    );
    await desk.launching.release(order);
    expect(await desk.launching.absence(order)).toMatchObject({
      state: "left",
      ids: [],
      reason: expect.stringMatching(/^EC2 does not know i-0123456789abcdef0, launched less than an hour ago/),
    });
    expect((await desk.rented.until(id, "terminated")).State?.Name).toBe("terminated");
    expect(desk.entries).toContainEqual({ kind: "terminated", ids: [id] });
  });

  test("ends machines though spot requests may not be cancelled, and says that they were not", async () => {
    await using desk = await ec2Desk(({ action }) =>
      action === "CancelSpotInstanceRequests"
        ? new ServiceError("UnauthorizedOperation", "You are not authorized", 403)
        : undefined,
    );
    const order = desk.order(["s1.medium"], { spot: true });
    const [one] = await desk.launching.acquire(order);
    await expect(desk.launching.release(order)).rejects.toMatchObject({
      message: expect.stringContaining("spot requests"),
    });
    await desk.rented.until(one?.instance?.id ?? "", "terminated");
  });
});
