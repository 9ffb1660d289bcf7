// What a boot run asks of EC2 before and at its launches, on a sandbox in this process.

import { expect, test } from "vitest";
import { defaultGroupId, zones } from "../../../src/sandbox/catalogue.ts";
import { bootDesk } from "./boot-desk.ts";

const inB = zones.find(({ name }) => name === "us-east-1b")?.subnetId ?? "";
const open = "sg-0000000000000000b";

test("a subnet outside the first zone has the launch in its own zone, with the groups at the interface", async () => {
  await using one = await bootDesk({ spec: { port: 22, subnet: inB, security_groups: [open] } });
  await one.booter.check(one.order);
  const launched = await one.booter.launch(one.order, one.side, 1);
  expect(launched).toMatchObject({ zone: "us-east-1b" });
  const [input] = one.desk.launches();
  expect(input?.NetworkInterfaces).toMatchObject([{ SubnetId: inB, Groups: [open] }]);
  expect(input?.Placement?.AvailabilityZone).toBe(undefined);
  expect(await one.desk.instances()).toMatchObject([
    { SubnetId: inB, Placement: { AvailabilityZone: "us-east-1b" }, SecurityGroups: [{ GroupId: open }] },
  ]);
});

test("a zone that is not the subnet's is refused before anything is launched", async () => {
  await using elsewhere = await bootDesk({ spec: { subnet: inB, zone: "us-east-1a" } });
  await expect(elsewhere.booter.check(elsewhere.order)).rejects.toMatchObject({
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
  const checked = one.booter.check(one.order);
  if (message === undefined) await checked;
  else await expect(checked).rejects.toMatchObject({ code: "REFUSED", message: expect.stringMatching(message) });
});
