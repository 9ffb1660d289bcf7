// Launches at the edges of EC2: zones that are none of the region's own, machines that die as they begin, images that cost
// more.

import type { Instance, InstanceTypeInfo, InstanceTypeOffering, Reservation } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { hostArchitecture } from "../../../../src/sandbox/catalogue.ts";
import { parseFaults } from "../../../../src/sandbox/faults/fault-plan.ts";
import { ServiceError } from "../../../../src/sandbox/protocol/service-error.ts";
import { type Ec2Desk, ec2Desk } from "../../../support/ec2-desk.ts";
import { fastClock } from "../../../support/reached-machine.ts";
import { refusalOf } from "../../../support/refusal.ts";

describe("zones", () => {
  test("Local Zones are not tried, though they sort before the region's own", async () => {
    await using desk = await ec2Desk();
    const order = desk.order(["s1.medium"]);
    expect(await desk.launching.zones?.(order)).toEqual(["us-east-1a", "us-east-1b"]);
    const [acquired] = await desk.launching.acquire(order);
    expect(acquired?.instance?.zone).toBe("us-east-1a");
  });

  test("a Local Zone is tried where it is named", async () => {
    await using desk = await ec2Desk();
    expect(await desk.launching.zones?.(desk.order(["s1.medium"], { zone: "us-east-1-bos-1a" }))).toEqual([
      "us-east-1-bos-1a",
    ]);
  });

  test.each(["MissingInput", "InvalidInput", "InsufficientFreeAddressesInSubnet"])(
    "one without a subnet that has room (%s) is a reason to try the next, and what was launched there is given back",
    async (code) => {
      await using desk = await ec2Desk(({ action, input }) => {
        const { Placement: placement, InstanceType: type } = input as { Placement?: object; InstanceType?: string };
        const isHere = action === "RunInstances" && type === "s2.medium";
        return isHere && JSON.stringify(placement).includes("us-east-1a")
          ? new ServiceError(code, "No default subnet for availability zone: 'us-east-1a'.")
          : undefined;
      });
      const acquired = await desk.launching.acquire(desk.order(["s1.medium", "s2.medium"]));
      expect(acquired.map(({ instance }) => instance?.zone)).toEqual(["us-east-1b", "us-east-1b"]);
      expect(desk.events).toContainEqual(
        expect.objectContaining({ what: "zone-without-capacity", zone: "us-east-1a" }),
      );
      const left = (await desk.instances()).filter(({ State: state }) => state?.Name === "running");
      expect(left).toHaveLength(2);
    },
    60_000,
  );
});

/** Changes what EC2's answers hold on their way to the client: a stand-in for what the sandbox never says. */
function altered(
  { account }: Ec2Desk,
  alter: (output: {
    Reservations?: Reservation[];
    InstanceTypes?: InstanceTypeInfo[];
    InstanceTypeOfferings?: InstanceTypeOffering[];
  }) => void,
): void {
  account.ec2.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      alter(result.output as object);
      return result;
    },
    { step: "initialize", name: "altered" },
  );
}

/** Shows the machines of us-east-1a as dead before they ever ran, for `code`. */
function diesPending(desk: Ec2Desk, code: string): void {
  altered(desk, ({ Reservations: reservations = [] }) => {
    for (const instance of reservations.flatMap(({ Instances: instances = [] }): Instance[] => instances)) {
      if (instance.Placement?.AvailabilityZone !== "us-east-1a") continue;
      instance.State = { Code: 48, Name: "terminated" };
      instance.StateReason = { Code: code, Message: `${code}: of EC2's own` };
    }
  });
}

describe("a machine that EC2 took, and that dies pending", () => {
  test("for want of capacity is a reason to try the next zone, and nothing is left in the first", async () => {
    await using desk = await ec2Desk();
    diesPending(desk, "Server.InsufficientInstanceCapacity");
    const acquired = await desk.launching.acquire(desk.order(["s1.medium", "s2.medium"]));
    expect(acquired.map(({ instance }) => instance?.zone)).toEqual(["us-east-1b", "us-east-1b"]);
    expect(desk.events).toContainEqual(
      expect.objectContaining({
        what: "zone-without-capacity",
        zone: "us-east-1a",
        reason: expect.stringContaining("Server.InsufficientInstanceCapacity"),
      }),
    );
    const inA = (await desk.instances()).filter(({ Placement: place }) => place?.AvailabilityZone === "us-east-1a");
    expect(inA).toHaveLength(2);
    for (const { State: state } of inA) expect(["shutting-down", "terminated"]).toContain(state?.Name);
  }, 60_000);

  test("for want of capacity in the last zone ends the run, with EC2's own words", async () => {
    await using desk = await ec2Desk();
    diesPending(desk, "Server.InsufficientInstanceCapacity");
    const refusal = await refusalOf(() => desk.launching.acquire(desk.order(["s1.medium"], { zone: "us-east-1a" })));
    expect(refusal.code).toBe("NO_CAPACITY");
    expect(refusal.message).toContain("Server.InsufficientInstanceCapacity: of EC2's own");
  }, 60_000);

  test("of an internal error is told of the key that encrypts its disk, and no other zone is tried", async () => {
    await using desk = await ec2Desk();
    diesPending(desk, "Client.InternalError");
    const refusal = await refusalOf(() => desk.launching.acquire(desk.order(["s1.medium"])));
    expect(refusal.code).toBe("MACHINE_LOST");
    expect(refusal.hint).toMatch(/KMS key of its disk.*--kms-key/);
    expect(desk.launches()).toHaveLength(1);
  }, 60_000);
});

test("many types that no zone offers together are refused with what each zone lacks, the fullest first", async () => {
  await using desk = await ec2Desk();
  altered(desk, (output) => {
    // The second zone lacks one more type than the first, which has no t9.
    output.InstanceTypeOfferings &&= output.InstanceTypeOfferings.filter(
      ({ InstanceType: type = "", Location: zone }) =>
        zone !== "us-east-1b" || (!type.startsWith("s1.x") && !type.startsWith("s2.x")),
    );
  });
  const all = ["s1", "s2"].flatMap((family) => ["medium", "large", "xlarge"].map((size) => `${family}.${size}`));
  const order = desk.order([...all, "t9.medium"], { allow_burstable: true });
  const refusal = await refusalOf(() => desk.launching.check(order));
  expect(refusal).toMatchObject({
    exitStatus: 4,
    message:
      "no zone of us-east-1 offers all 7 types: us-east-1a lacks t9.medium; us-east-1b lacks s1.xlarge, s2.xlarge",
  });
  expect(desk.launches()).toEqual([]);
});

describe("bare metal, which EC2 tells by the type's description and no name does,", () => {
  const bareMetal = (desk: Ec2Desk): void =>
    altered(desk, ({ InstanceTypes: types = [] }) => {
      for (const type of types) type.BareMetal = true;
    });

  test("has forty minutes to be managed, which are counted in what the run takes", async () => {
    await using desk = await ec2Desk(undefined, 0.02, { faults: parseFaults("agent-never=1"), clock: fastClock(60) });
    bareMetal(desk);
    const order = desk.order(["s1.medium"]);
    expect(await desk.launching.boot_s?.(order)).toBe(2400);
    const refusal = await refusalOf(() => desk.launching.acquire(order));
    expect(refusal.message).toMatch(/did not become managed by SSM within 2400 s/);
  }, 60_000);

  test("and what is none has ten, two of which are counted", async () => {
    await using desk = await ec2Desk(undefined, 0.02, { faults: parseFaults("agent-never=1"), clock: fastClock(60) });
    const order = desk.order(["s1.medium"]);
    expect(await desk.launching.boot_s?.(order)).toBe(120);
    const refusal = await refusalOf(() => desk.launching.acquire(order));
    expect(refusal.message).toMatch(/did not become managed by SSM within 600 s/);
  }, 60_000);
});

describe("a launch that is refused", () => {
  test("for want of a default network hints at --subnet", async () => {
    await using desk = await ec2Desk(({ action }) =>
      action === "RunInstances"
        ? new ServiceError(
            "VPCIdNotSpecified",
            "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
          )
        : undefined,
    );
    const refusal = await refusalOf(() => desk.launching.acquire(desk.order(["s1.medium"])));
    expect(refusal.hint).toContain("--subnet");
    expect(desk.launches()).toHaveLength(1);
  });

  test.each(["TagPolicyViolation", "NetworkInterfaceLimitExceeded", "SomethingOfTomorrow"])(
    "is sent once, and leaves nothing open: %s",
    async (code) => {
      await using desk = await ec2Desk(({ action }) =>
        action === "RunInstances" ? new ServiceError(code, "no", 400) : undefined,
      );
      const order = desk.order(["s1.medium"]);
      await refusalOf(() => desk.launching.acquire(order));
      expect(desk.launches()).toHaveLength(1);
      expect(desk.entries.at(-1)).toMatchObject({ kind: "not-launched", reason: code });
      await desk.launching.release(order);
      expect(await desk.launching.absence(order)).toEqual({ state: "none" });
    },
    60_000,
  );
});

test.each([10_800, -10_800])(
  "a machine's deadline is by the cloud's clock, which is %i s ahead of this computer's",
  async (skew_s) => {
    await using desk = await ec2Desk(undefined, 0.02, { faults: parseFaults(`clock-skew=${skew_s}`) });
    await desk.launching.acquire(desk.order(["s1.medium"], { max_hours: 2 }));
    const tags = desk.launches()[0]?.TagSpecifications?.[0]?.Tags ?? [];
    const deadline = Date.parse(tags.find(({ Key: key }) => key === "timetrial:deadline")?.Value ?? "");
    const ahead_s = (deadline - Date.now()) / 1000 - skew_s;
    expect(ahead_s).toBeLessThanOrEqual(7202);
    expect(ahead_s).toBeGreaterThan(7000);
  },
  60_000,
);

describe("what an image is", () => {
  const suse = `a=s1.medium@resolve:ssm:/aws/service/suse/sles/15-sp6/${hostArchitecture}/latest`;

  test("an image that is billed as more than Linux has no price by its type, and why is said", async () => {
    await using desk = await ec2Desk();
    const unpriced = await desk.launching.unpriced?.(desk.order([suse, "s2.medium"]));
    expect([...(unpriced ?? [])]).toEqual([["a", "the image of a is billed as SUSE Linux (RunInstances:000g)"]]);
  });

  test("Windows is refused before anything is launched", async () => {
    await using desk = await ec2Desk();
    const name = `/aws/service/ami-windows-latest/Windows_Server-2022-English-Core-Base-${hostArchitecture}`;
    const refusal = await refusalOf(() => desk.launching.check(desk.order([`a=s1.medium@resolve:ssm:${name}`])));
    expect(refusal.message).toMatch(/is Windows: suites are POSIX sh/);
    expect(desk.launches()).toEqual([]);
  });
});
