// What a boot run asks of EC2 before and at its launches, on a sandbox in this process.

import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/system/clock.ts";
import { tcpProbe } from "../../../../src/adapters/system/tcp-probe.ts";
import { runOneBoot } from "../../../../src/pipeline/boot/one-boot.ts";
import type { RunEvent } from "../../../../src/domain/run/events.ts";
import { ServiceError } from "../../../../src/sandbox/protocol/service-error.ts";
import { defaultGroupId, zones } from "../../../../src/sandbox/catalogue.ts";
import { bootDesk } from "../../../support/boot-desk.ts";
import { until } from "../../../support/until.ts";

const inB = zones.find(({ name }) => name === "us-east-1b")?.subnetId ?? "";
const open = "sg-0000000000000000b";

test("a subnet outside the first zone has the launch in its own zone, with the groups at the interface", async () => {
  await using one = await bootDesk({ spec: { port: 22, subnet: inB, security_groups: [open] } });
  await one.provisioner.check(one.order);
  const launched = await one.provisioner.launch(one.order, one.side, 1);
  expect(launched).toMatchObject({ zone: "us-east-1b" });
  const [input] = one.desk.launches();
  expect(input?.NetworkInterfaces).toMatchObject([{ SubnetId: inB, Groups: [open] }]);
  expect(input?.Placement?.AvailabilityZone).toBe(undefined);
  // EC2 describes a launched instance a moment later.
  const described = await until(async () => {
    const found = await one.desk.instances();
    return found.length > 0 && found;
  });
  expect(described).toMatchObject([
    { SubnetId: inB, Placement: { AvailabilityZone: "us-east-1b" }, SecurityGroups: [{ GroupId: open }] },
  ]);
});

test("a zone that is not the subnet's is refused before anything is launched", async () => {
  await using elsewhere = await bootDesk({ spec: { subnet: inB, zone: "us-east-1a" } });
  await expect(elsewhere.provisioner.check(elsewhere.order)).rejects.toMatchObject({
    code: "REFUSED",
    message: `--subnet: ${inB} is in us-east-1b, not in us-east-1a`,
  });
  expect(elsewhere.desk.launches()).toEqual([]);
});

test.each([
  ["public", "refused", /lets nothing in on TCP port 22$/],
  ["private", "taken", undefined],
] as const)("a group that lets in its own members alone, for a %s address: %s", async (address, _, message) => {
  await using one = await bootDesk({ spec: { port: 22, address, security_groups: [defaultGroupId("us-east-1")] } });
  const checked = one.provisioner.check(one.order);
  if (message === undefined) await checked;
  else await expect(checked).rejects.toMatchObject({ code: "REFUSED", message: expect.stringMatching(message) });
});

test("a machine's deadline is its own, from its own launch; tag, user-data and ledger agree", async () => {
  let now_ms = Date.parse("2026-11-24T12:00:00.000Z");
  const clock = { ...systemClock, now: () => new Date(now_ms) };
  await using one = await bootDesk({ spec: { max_hours: 2 }, clock });
  await one.provisioner.check(one.order);
  await one.provisioner.launch(one.order, one.side, 1);
  // Longer than a machine may live.
  now_ms += 3 * 3_600_000;
  await one.provisioner.launch(one.order, one.side, 2);
  const deadlines = ["2026-11-24T14:00:00.000Z", "2026-11-24T17:00:00.000Z"];
  const launches = one.desk.launches();
  const tags = launches.map(({ TagSpecifications: [first] = [] }) =>
    first?.Tags?.find(({ Key }) => Key === "timetrial:deadline"),
  );
  expect(tags.map((tag) => tag?.Value)).toEqual(deadlines);
  const scripts = launches.map(({ UserData = "" }) => Buffer.from(UserData, "base64").toString());
  for (const [i, script] of scripts.entries()) {
    expect(script).toContain(String(Date.parse(deadlines[i] ?? "") / 1000));
    // Two hours of uptime, too.
    expect(script).toMatch(/\b7200\b/);
  }
  const intents = one.desk.entries.flatMap((entry) => (entry.kind === "intent" ? [entry] : []));
  expect(intents.map(({ deadline }) => deadline)).toEqual(deadlines);
  expect(intents.map(({ image }) => image)).toEqual(launches.map(({ ImageId }) => ImageId));
});

describe("a boot's zone", () => {
  test.each(["MissingInput", "InvalidInput", "InsufficientFreeAddressesInSubnet", "InsufficientInstanceCapacity"])(
    "without room for it (%s) is left for the next, by later boots too",
    async (code) => {
      await using one = await bootDesk({
        fails: ({ action, input }) =>
          action === "RunInstances" && JSON.stringify(input["Placement"]).includes("us-east-1a")
            ? new ServiceError(code, "no")
            : undefined,
      });
      const events: RunEvent[] = [];
      const order = { ...one.order, observe: (event: RunEvent) => void events.push(event) };
      await one.provisioner.check(order);
      for (const number of [1, 2])
        expect(await one.provisioner.launch(order, one.side, number)).toMatchObject({ zone: "us-east-1b" });
      const tried = one.desk.launches().map(({ Placement: place }) => place?.AvailabilityZone);
      expect(tried).toEqual(["us-east-1a", "us-east-1b", "us-east-1b"]);
      expect(events).toEqual([expect.objectContaining({ what: "zone-without-capacity", zone: "us-east-1a" })]);
    },
    30_000,
  );

  test("in which a machine died pending for want of capacity is left for the next, until there is none", async () => {
    await using one = await bootDesk();
    await one.provisioner.check(one.order);
    const first = await one.provisioner.launch(one.order, one.side, 1);
    if ("refused" in first) throw first.refused;
    expect(first.zone).toBe("us-east-1a");
    expect(one.provisioner.leaveZone?.(one.order, first, "it is terminated")).toBe(true);
    const second = await one.provisioner.launch(one.order, one.side, 1);
    if ("refused" in second) throw second.refused;
    expect(second.zone).toBe("us-east-1b");
    expect(one.provisioner.leaveZone?.(one.order, second, "it is terminated")).toBe(false);
    // The last zone stays: there may be room for the next boot.
    expect(await one.provisioner.launch(one.order, one.side, 2)).toMatchObject({ zone: "us-east-1b" });
  });

  test("is none of the Local Zones, unless it is named", async () => {
    await using one = await bootDesk();
    await one.provisioner.check(one.order);
    await one.provisioner.launch(one.order, one.side, 1);
    await using named = await bootDesk({ spec: { zone: "us-east-1-bos-1a" } });
    await named.provisioner.check(named.order);
    await named.provisioner.launch(named.order, named.side, 1);
    const zones = [one, named].map(({ desk }) => desk.launches()[0]?.Placement?.AvailabilityZone);
    expect(zones).toEqual(["us-east-1a", "us-east-1-bos-1a"]);
  });
});

test("an image's name is resolved once a run, however many sides and boots bear it", async () => {
  await using one = await bootDesk({ words: ["s1.medium", "s2.medium"] });
  const parameters = () => one.desk.calls.filter(({ action }) => action === "GetParameter").length;
  await one.provisioner.check(one.order);
  expect(parameters()).toBe(1);
  for (const side of one.order.plan.spec.sides)
    for (const number of [1, 2]) await one.provisioner.launch(one.order, side, number);
  expect(parameters()).toBe(1);
  expect(new Set(one.desk.launches().map(({ ImageId }) => ImageId)).size).toBe(1);
});

test("a machine that is terminated while its port is probed is noticed, and why is in its record", async () => {
  await using one = await bootDesk({ spec: { timeout_s: 60 } });
  await one.provisioner.check(one.order);
  const ports = {
    provisioner: one.provisioner,
    probe: tcpProbe(systemClock),
    results: undefined as never,
    clock: systemClock,
  };
  const since_s = systemClock.monotonic_s();
  const record = await runOneBoot({ side: one.side, number: 2, warmup: false }, ports, one.order, (event) => {
    if (event.what === "boot-instant" && event.instant === "running")
      void one.desk.rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [event.instance] }));
  });
  expect(record).toMatchObject({
    status: "failed",
    open_s: null,
    reason: expect.stringMatching(/^it is (shutting-down|terminated): Client\.UserInitiatedShutdown/),
  });
  expect(record.running_s).toBeGreaterThan(0);
  expect(systemClock.monotonic_s() - since_s).toBeLessThan(30);
});
