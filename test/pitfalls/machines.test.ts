// Pitfalls of machines that are launched, by their numbers in the list that the design keeps. The command line against
// a sandbox that fails, but where time must be shrunk.

import { GetConsoleOutputCommand, type Instance } from "@aws-sdk/client-ec2";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccount } from "../../src/adapters/aws/account.ts";
import { ec2Provisioner } from "../../src/adapters/ec2/provisioner.ts";
import { parseSides } from "../../src/domain/plan/side.ts";
import type { LedgerEntry } from "../../src/domain/cloud/ledger.ts";
import type { ProvisionOrder } from "../../src/ports/cloud/provisioner.ts";
import { parseFaults } from "../../src/sandbox/faults/fault-plan.ts";
import type { Exchange } from "../../src/sandbox/protocol/wire-log.ts";
import { Desk } from "../support/cli.ts";
import { aPlan } from "../support/given.ts";
import { rent } from "../support/rented-machine.ts";
import { fastClock } from "../support/reached-machine.ts";
import { until } from "../support/until.ts";
import { makeSuite } from "../support/user-suite.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk(0.02);
  makeSuite(join(desk.folder, "small"), { name: "small", rows: { one: "" } });
});
afterEach(() => desk.clear());

const suite = ["--suite", "./small", "--rounds", "2"];

/** Compares in a sandbox with the faults of `spec`, which stays to be asked. */
async function compare(spec: string, ...words: string[]) {
  await desk.sandbox(["--idle-s", "10000", "--faults", spec]);
  return desk.start(["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--machines", "1", ...suite, ...words]);
}

const inCloud = (): Promise<Instance[]> => desk.instances();

const statesInCloud = async (): Promise<string[]> => (await inCloud()).map((each) => each.State?.Name ?? "");

/** What each machine's console said, those that are gone too. */
async function consoles(): Promise<string[]> {
  const ids = (await inCloud()).map((each) => each.InstanceId ?? "");
  return await desk.ec2((ec2) =>
    Promise.all(
      ids.map(async (id) => {
        const { Output = "" } = await ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
        return Buffer.from(Output, "base64").toString();
      }),
    ),
  );
}

const linesOf = (name: string): Record<string, unknown>[] => desk.lines(name);

function asked(action: string): URLSearchParams[] {
  return readFileSync(join(desk.folder, "record.ndjson"), "utf8")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Exchange]))
    .filter((each) => each.action === action)
    .map((each) => new URLSearchParams(each.request));
}

test("pitfall 1: an interrupt during a launch on a bad line leaves nothing, and the ledger knew before EC2 did", async () => {
  const running = await compare("seed=11,drop=0.15,http5xx=0.1,consistency=5s");
  await until(async () => (await statesInCloud()).length > 0);
  running.child.kill("SIGINT");
  const ended = await running.ended;
  expect([ended.status, ended.stderr]).toEqual([130, expect.any(String)]);
  const states = await statesInCloud();
  expect(states.length).toBeGreaterThan(0);
  expect(states.filter((state) => state !== "terminated")).toEqual([]);
  const [account, intent] = linesOf("ledger.ndjson");
  const [launch] = asked("RunInstances");
  expect(account).toMatchObject({ kind: "account", region: "us-east-1" });
  expect(intent).toMatchObject({ kind: "intent", token: launch?.get("ClientToken"), image: launch?.get("ImageId") });
  expect(launch?.get("InstanceInitiatedShutdownBehavior")).toBe("terminate");
  expect(launch?.get("TagSpecification.1.Tag.2.Key")).toBe("timetrial:run");
});

/** What comes of waiting for machines whose agent never registers; the clock is shrunk beside the cloud's. */
async function waitedInVain() {
  await using rented = await rent({ faults: parseFaults("agent-never=1"), timeScale: 0.02, checkWire: true });
  const { endpoint, credentials, region } = rented.sandbox;
  const clock = fastClock(20);
  const sides = parseSides(["s1.medium"]);
  const spec = { ...aPlan().spec, sides, baseline: "s1.medium", machines: 1, cloud: "sandbox" as const };
  const entries: LedgerEntry[] = [];
  const order: ProvisionOrder = {
    plan: aPlan({ spec: spec as never }),
    sides,
    ledger: { write: async (entry) => void entries.push(entry), entries: async () => entries },
    observe: () => {},
    signal: new AbortController().signal,
  };
  const provisioner = ec2Provisioner({
    account: () => openAccount({ region, endpoint, credentials, timeScale: 0.02 }),
    clock,
    userData: async () => "#!/bin/sh\necho no agent in this image\n",
  });
  const started_s = clock.monotonic_s();
  const error = await provisioner.acquire(order).catch((cause: unknown) => cause);
  const waited_s = clock.monotonic_s() - started_s;
  await provisioner.release(order);
  return { error, waited_s, absence: await provisioner.absence(order) };
}

test("pitfall 2: an agent that never comes up is told with the console's last lines, and its machine given back", async () => {
  const { error, absence } = await waitedInVain();
  expect(error).toMatchObject({ code: "MACHINE_LOST", hint: "does its role allow SSM, and has its subnet a way out?" });
  expect(String(error)).toMatch(
    /did not become managed by SSM within 600 s; its console ends with:\n[^]*no agent in this image/,
  );
  expect(absence).toEqual({ state: "none" });
});

test("pitfall 4: nobody waits out an agent's back-off of half an hour", async () => {
  const { waited_s } = await waitedInVain();
  // Ten minutes by the time scale, half a minute for slow computers, and what one look takes.
  expect(waited_s).toBeLessThan(600 * 0.02 + 30 + 60);
});

// That a batch is void in which the boot id changed is in test/pipeline/machine/machine-runner.test.ts: the sandbox's machines share this
// computer's kernel, and its boot id.
test("pitfall 5: machines that reboot in the middle of set-up lose no trial and count none twice", async () => {
  const ended = await (await compare("seed=2,reboot-first=1")).ended;
  expect([ended.status, ended.stderr]).toEqual([0, expect.any(String)]);
  const reboots = (await consoles()).map((text) => text.match(/^timetrial sandbox: reboot$/gm)?.length);
  expect(reboots).toEqual([1, 1]);
  const records = linesOf("records.ndjson");
  const trials = records.map((each) => `${String(each["machine"])} ${String(each["round"])}`).sort();
  // A round that other work on this computer disturbed is measured again, in one more.
  const disturbed = records.filter(({ tainted }) => (tainted as string[]).length > 0).length;
  const again = trials.filter((each) => !/ [12]$/.test(each));
  expect(trials.filter((each) => !again.includes(each))).toEqual([
    "s1.medium-1 1",
    "s1.medium-1 2",
    "s2.medium-1 1",
    "s2.medium-1 2",
  ]);
  expect(new Set(again).size).toBe(again.length);
  expect(again.length).toBeLessThanOrEqual(disturbed);
});

test("pitfall 13: a machine that dies in the middle is not waited for, its end is told, and all is given back", async () => {
  const running = await compare("seed=1,kill-machine=1");
  const started = Date.now();
  const ended = await running.ended;
  expect(ended.status).toBe(5);
  expect(ended.stderr).toMatch(
    /i-[0-9a-f]+ is (shutting-down|terminated), in the middle of its work \(Server\.InternalError/,
  );
  expect(ended.stderr).toContain("its console ends with:");
  expect(Date.now() - started).toBeLessThan(30_000);
  expect((await statesInCloud()).filter((state) => state !== "terminated")).toEqual([]);
});

test("pitfall 18: where a zone has no capacity both sides go to the next, never one alone, nor another type", async () => {
  const ended = await (await compare("no-capacity=us-east-1a")).ended;
  expect([ended.status, ended.stderr]).toEqual([0, expect.stringContaining("us-east-1a")]);
  const launched = asked("RunInstances").filter((form) => form.get("Placement.AvailabilityZone") === "us-east-1b");
  expect(launched.map((form) => form.get("InstanceType"))).toEqual(["s1.medium", "s2.medium"]);
  expect((await statesInCloud()).length).toBe(2);
});

test("pitfall 18: a quota that does not suffice is named, and the side that was launched given back", async () => {
  const ended = await (await compare("quota=2")).ended;
  expect(ended.status).toBe(5);
  expect(ended.stderr).toMatch(
    /vCPU limit of 2[^]*VcpuLimitExceeded[^]*the quota is "Running On-Demand [^]*L-1216C47A[^]*ask for fewer/,
  );
  expect(await statesInCloud()).toEqual(["terminated"]);
});

test("pitfall 16: both sides get the same volume, by explicit figures, on the device that their image names", async () => {
  const ended = await (await compare("seed=1", "--image", "ubuntu/24.04")).ended;
  expect([ended.status, ended.stderr]).toEqual([0, expect.any(String)]);
  const volumes = asked("RunInstances").map((form) =>
    Object.fromEntries([...form].filter(([key]) => key.startsWith("BlockDeviceMapping."))),
  );
  expect(volumes.length).toBe(2);
  expect(volumes[0]).toEqual(volumes[1]);
  expect(volumes[0]).toMatchObject({
    "BlockDeviceMapping.1.DeviceName": "/dev/sda1",
    "BlockDeviceMapping.1.Ebs.VolumeType": "gp3",
    "BlockDeviceMapping.1.Ebs.Iops": "3000",
    "BlockDeviceMapping.1.Ebs.Throughput": "125",
  });
});
