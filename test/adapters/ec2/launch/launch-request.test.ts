// The deadline that every launched machine carries, on the sandbox's machines: real scripts, a stand-in shutdown.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { fillUserData } from "../../../../src/adapters/ec2/launch/launch-request.ts";
import { parseFaults } from "../../../../src/sandbox/faults/fault-plan.ts";
import { type Rented, rent } from "../../../support/rented-machine.ts";
import { until } from "../../../support/until.ts";

const template = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../../../../remote/user-data.sh"), "utf8");
const inAnHour = (): Date => new Date(Date.now() + 3_600_000);

async function endsItself(script: string): Promise<void> {
  await using rented = await rent({ timeScale: 0.02 });
  const id = await rented.launch({
    UserData: Buffer.from(script).toString("base64"),
    InstanceInitiatedShutdownBehavior: "terminate",
  });
  await rented.until(id, "running");
  expect((await rented.until(id, "terminated")).State?.Name).toBe("terminated");
}

test("a machine ends itself at its deadline, though no client ever comes back", async () => {
  await endsItself(fillUserData(template, new Date(Date.now() + 3000), 3600));
});

test("a machine whose clock is behind ends itself by its uptime", async () => {
  await endsItself(fillUserData(template, inAnHour(), 3));
});

/** As `endsItself`, of a machine that `befalls` something while it runs. */
async function endsThough(script: string, faults: string, befalls: (id: string, rented: Rented) => Promise<unknown>) {
  await using rented = await rent({ timeScale: 0.02, faults: parseFaults(faults) });
  const id = await rented.launchOnline({
    UserData: Buffer.from(script).toString("base64"),
    InstanceInitiatedShutdownBehavior: "terminate",
  });
  await befalls(id, rented);
  expect((await rented.until(id, "terminated")).StateReason?.Code).toBe("Client.InstanceInitiatedShutdown");
}

const consoleOf = async (id: string, { ec2 }: Rented): Promise<string> => {
  const { Output = "" } = await ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
  return Buffer.from(Output, "base64").toString();
};

test("a machine that reboots before its deadline ends at it all the same: it is armed at every boot", async () => {
  await endsThough(fillUserData(template, new Date(Date.now() + 6000), 3600), "seed=1", async (id, rented) => {
    await rented.run(id, "setsid sh -c 'sleep 0.3; reboot' </dev/null >/dev/null 2>&1 &");
    await until(async () =>
      (await consoleOf(id, rented)).match(/booted, isolation/g)?.length === 2 ? true : undefined,
    );
  });
});

test("a machine whose clock is set back while it runs ends by its uptime", async () => {
  await endsThough(fillUserData(template, inAnHour(), 6), "clock-jump=-86400", (id, rented) =>
    rented.run(id, "sleep 1"),
  );
});

test("a machine whose clock is set forward while it runs ends at once", async () => {
  const script = fillUserData(template, inAnHour(), 3600).replace("left=60", "left=5");
  await endsThough(script, "clock-jump=86400", (id, rented) => rented.run(id, "sleep 1"));
});

test("the script for a machine holds whole numbers where the template has marks", () => {
  const script = fillUserData(template, new Date(1_800_000_000_900), 7200.5);
  expect(script).toContain("deadline_epoch=1800000000\nlife_s=7200\n");
  expect(script).not.toMatch(/@[A-Z_]+@/);
  expect(script.length).toBeLessThan(16_384);
});
