// Machines that are left alone while they measure, and looked at meanwhile: the real client on a sandbox.

import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { StateCache } from "../../../src/adapters/ec2/state-cache.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { ssmTransport } from "../../../src/adapters/ssm/transport.ts";
import { rent } from "../../support/rented-machine.ts";
import { until } from "../../support/until.ts";

test("one question serves all machines that are looked at, and tells of the one that died, with its console", async () => {
  let asked = 0;
  await using rented = await rent({
    timeScale: 0.02,
    checkWire: true,
    witness: ({ action }) => void (asked += action === "DescribeInstances" ? 1 : 0),
  });
  const { endpoint, credentials, region } = rented.sandbox;
  const opened = await openAccount({ region, endpoint, credentials, timeScale: 0.02 });
  // Whether an answer is older than the ten seconds for which it serves is the test's to say.
  let now_s = 0;
  const transport = ssmTransport(opened, { ...systemClock, monotonic_s: () => now_s }, async () => "running");
  const ids = await Promise.all([1, 2, 3].map(() => rented.launchOnline()));
  const lookAtAll = () =>
    Promise.allSettled(
      ids.map(async (id) => await transport.look?.({ kind: "ssm", instance_id: id, region: "us-east-1" })),
    );

  // The first looks one after another are what tells it whom to ask for.
  await lookAtAll();
  now_s += 11;
  asked = 0;
  const alive = await lookAtAll();
  expect([asked, alive.map(({ status }) => status)]).toEqual([1, ["fulfilled", "fulfilled", "fulfilled"]]);

  await rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.slice(1, 2) }));
  await rented.until(ids[1] ?? "", "terminated");
  now_s += 11;
  const [first, second, third] = await lookAtAll();
  expect([first?.status, third?.status]).toEqual(["fulfilled", "fulfilled"]);
  const why = second?.status === "rejected" ? (second.reason as unknown) : undefined;
  expect(why).toMatchObject({ code: "MACHINE_LOST" });
  expect(String(why)).toMatch(/is (shutting-down|terminated), in the middle of its work[^]*its console ends with:/);
});

test("what took long to ask serves ten times as long, and is not asked for again meanwhile", async () => {
  let [now_s, asked] = [0, 0];
  let answer = (): void => {};
  const cache = new StateCache({ monotonic_s: () => now_s }, 1, async (ids) => {
    asked += 1;
    await new Promise<void>((resolve) => (answer = resolve));
    return new Map(ids.map((id) => [id, "running"]));
  });
  const first = cache.of("i-1");
  await until(() => asked === 1);
  now_s = 3;
  const beside = [cache.of("i-1"), cache.of("i-1")];
  answer();
  expect(await Promise.all([first, ...beside])).toEqual(["running", "running", "running"]);
  now_s = 29;
  expect([await cache.of("i-1"), asked]).toEqual(["running", 1]);
  now_s = 31;
  const again = cache.of("i-1");
  await until(() => asked === 2);
  answer();
  expect(await again).toBe("running");
});
