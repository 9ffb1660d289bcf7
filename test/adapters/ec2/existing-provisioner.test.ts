// Machines that are there already, by id and by tag, against the sandbox: found, told of, and left as they are.

import { StopInstancesCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { parseFaults } from "../../../src/sandbox/faults/fault-plan.ts";
import { type Ec2Desk, ec2Desk } from "../../support/ec2-desk.ts";
import { refusalOf } from "../../support/refusal.ts";

const tagged = (tags: Record<string, string>, type = "s2.medium") => ({
  InstanceType: type as never,
  TagSpecifications: [
    { ResourceType: "instance" as const, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
  ],
});

const refusal = async (desk: Ec2Desk, sides: string[], spec: object = {}): Promise<string> => {
  const error = await refusalOf(() => desk.finding.check(desk.order(sides, spec)));
  expect(error).toMatchObject({ code: "REFUSED", exitStatus: 4 });
  return error.message;
};

test("instances named by id are taken with what EC2 says of them, and run on when the run is over", async () => {
  await using desk = await ec2Desk();
  const ids = [await desk.rented.launchOnline(), await desk.rented.launchOnline({ InstanceType: "s1.large" as never })];
  const order = desk.order([`fleet=${ids.join(",")}`]);
  await desk.finding.check(order);
  const acquired = await desk.finding.acquire(order);
  expect(
    acquired.map(({ machine, instance, booting }) => [
      machine.name,
      instance?.id,
      instance?.type,
      instance?.zone,
      booting,
    ]),
  ).toEqual([
    ["fleet-1", ids[0], "s2.medium", "us-east-1a", undefined],
    ["fleet-2", ids[1], "s1.large", "us-east-1a", undefined],
  ]);
  await desk.finding.release(order);
  expect(await desk.finding.absence(order)).toEqual({ state: "nothing-leased" });
  expect(desk.entries).toEqual([]);
  expect((await desk.instances()).map(({ State }) => State?.Name)).toEqual(["running", "running"]);
});

test("instances that are not there, not running or not managed are refused by name, all of them at once", async () => {
  await using desk = await ec2Desk();
  const stopped = await desk.rented.launchOnline();
  await desk.rented.ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
  await desk.rented.until(stopped, "stopped");
  const said = await refusal(desk, [`i-0123456789abcdef0,${stopped}`]);
  expect(said).toContain("there is no instance i-0123456789abcdef0 in us-east-1");
  expect(said).toContain(`${stopped} is stopped`);
});

test("an instance whose agent has not registered is refused, before anything runs on it", async () => {
  await using desk = await ec2Desk(undefined, 0.02, { faults: parseFaults("agent-never=1") });
  const id = await desk.rented.launch();
  await desk.rented.until(id, "running");
  expect(await refusal(desk, [id])).toBe(`no SSM agent responds on ${id} in us-east-1`);
});

test("a fleet is found by all of its tags and its type, in the order of ids, wildcards being letters", async () => {
  await using desk = await ec2Desk();
  const tags = { role: "bench*", team: "a" };
  const ids = [await desk.rented.launchOnline(tagged(tags)), await desk.rented.launchOnline(tagged(tags))].sort();
  for (const other of [tagged({ ...tags, role: "benchmark" }), tagged({ role: "bench*" }), tagged(tags, "s1.medium")])
    await desk.rented.launchOnline(other);
  const found = async (spec: object) =>
    (await desk.finder().acquire(desk.order(["s2.medium"], { tags, ...spec }))).map(({ instance }) => instance?.id);
  expect(await found({})).toEqual(ids);
  expect(desk.notes().at(-1)).toBe(
    `s2.medium: 2 machines, running s2.medium that bear "role=bench*" and "team=a": ${ids.join(", ")}; used and left running`,
  );
  expect(await found({ at_most: 1 })).toEqual(ids.slice(0, 1));
});

test("a tag that no machine bears is named with the type and the region", async () => {
  await using desk = await ec2Desk();
  await desk.rented.launchOnline(tagged({ role: "web" }));
  expect(await refusal(desk, ["s2.medium"], { tags: { role: "bench" } })).toBe(
    'side s2.medium: no running s2.medium in us-east-1 bears "role=bench"',
  );
});
