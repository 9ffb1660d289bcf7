// What a client leaves that is ended by force, how it says so, and how `sweep` finds it: real processes, a sandbox of its own.

import { type Instance, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ownerName } from "../../src/adapters/ec2/tags.ts";
import { hostArchitecture, images } from "../../src/sandbox/catalogue.ts";
import { Desk, type Running } from "../support/cli.ts";
import { hasPython } from "../support/pty.ts";
import { statusOfCompleted } from "../support/run-status.ts";
import { until } from "../support/until.ts";

let desk: Desk;
/** Machines of the tests before, all terminated: EC2 still shows them. */
const earlier = new Set<string>();
beforeAll(async () => {
  desk = new Desk(0.02);
  await desk.sandbox(["--idle-s", "10000"]);
});
afterEach(async () => {
  for (const region of regions) {
    const ids = (await instances(region)).map(({ InstanceId = "" }) => InstanceId);
    if (ids.length === 0) continue;
    await desk.ec2((ec2) => ec2.send(new TerminateInstancesCommand({ InstanceIds: ids })), region);
    await until(async () => (await instances(region)).every(({ State }) => State?.Name === "terminated"));
    for (const id of ids) earlier.add(id);
  }
});
afterAll(() => desk.clear());

const regions = ["us-east-1", "us-west-2"] as const;
/** The machines of this test, whatever their state. */
const instances = async (region?: string): Promise<Instance[]> =>
  (await desk.instances(region)).filter(({ InstanceId = "" }) => !earlier.has(InstanceId));
const states = async (): Promise<string[]> => (await instances()).map(({ State }) => State?.Name ?? "");
const words = [
  "run",
  "--on",
  "s2.medium",
  "--cloud",
  "sandbox",
  "--machines",
  "1",
  "--rounds",
  "2",
  "--",
  "sleep",
  "9",
];

/** A run that is measuring on its one machine. */
async function measuring(env: Record<string, string> = {}): Promise<Running> {
  const running = desk.start(words, env);
  let said = "";
  running.child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await until(() => said.includes("round 1 of 2"));
  return running;
}

describe("a client that is told to end", () => {
  test("by a signal gives its machines back", async () => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const { child, ended } = await measuring();
      child.kill(name);
      expect([name, (await ended).status]).toEqual([name, 130]);
      expect(new Set(await states())).toEqual(new Set(["terminated"]));
    }
  });

  test("by an error that nobody caught gives its machines back, and says the error", async () => {
    const planted = "process.on('SIGUSR2', () => { throw new Error('planted') })";
    const { child, ended } = await measuring({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURI(planted)}` });
    child.kill("SIGUSR2");
    const { status, stderr } = await ended;
    expect([status, stderr]).toEqual([5, expect.stringContaining("planted")]);
    expect(await states()).toEqual(["terminated"]);
  });

  test("twice ends at once, names what it leaves, and the command that it prints ends that", async () => {
    const { child, ended } = await measuring();
    child.kill("SIGINT");
    child.kill("SIGTERM");
    const { status, stderr } = await ended;
    expect(status).toBe(3);
    const [machine] = await instances();
    expect(stderr).toContain(
      `ending now; left running, or may be: ${machine?.InstanceId}; each ends itself at its deadline\n`,
    );

    const [, command = ""] = /end them with: timetrial (sweep --run .*)\n/.exec(stderr) ?? [];
    // What was under way when it ended may have come through: then there is nothing to end any more.
    expect((await desk.run(command.split(" "))).status).toBe(0);
    expect(await states()).toEqual(["terminated"]);
  });
});

test("a client whose output nobody reads any more goes on to its end, and leaves nothing", async () => {
  const running = desk.start([...words.slice(0, -1), "0.2"]);
  await until(async () => (await instances()).length > 0);
  running.child.stdout?.destroy();
  running.child.stderr?.destroy();
  const { status } = await running.ended;
  expect(status).toBe(statusOfCompleted(desk.lines("records.ndjson"), 1));
  expect(await states()).toEqual(["terminated"]);
});

describe("sweep", () => {
  const sweep = ["sweep", "--cloud", "sandbox"];

  test("lists a machine that has time, with its cost by the price that is given, and leaves it until its run is named", async () => {
    const { child, ended } = await measuring();
    child.kill("SIGKILL");
    await ended;
    const listed = await desk.run([...sweep, "--price", "s2.medium=3600"]);
    expect([listed.status, listed.stderr]).toEqual([0, ""]);
    const [machine] = await instances();
    const line = listed.stdout.split("\n").find((each) => each.includes(machine?.InstanceId ?? "none"));
    // A machine costs a minute at least: $60 here.
    expect(line).toMatch(
      /^instance +i-\S+ +s2\.medium +running +\S+ +\S+@\S+ +in 1 h 5\d min +\d+ s +\$60\.00 +stays$/,
    );
    expect(await states()).toEqual(["running"]);

    const json = await desk.runHere([...sweep, "--format", "json"]);
    const told = JSON.parse(json.stdout) as { found: object[]; left: string[] };
    expect(told.left).toEqual([]);
    expect(told.found).toEqual([
      expect.objectContaining({ kind: "instance", id: machine?.InstanceId, past_deadline: false, became: "stays" }),
    ]);
    // Without --price the price list is asked: $0.2 an hour, and a minute at least.
    expect(told.found[0]).toHaveProperty("cost_usd", expect.closeTo(0.2 / 60, 3));
    expect(json.stderr).toBe("");

    const run = machine?.Tags?.find(({ Key }) => Key === "timetrial:run")?.Value ?? "";
    const named = await desk.run([...sweep, "--run", run]);
    expect([named.status, named.stderr]).toEqual([0, `timetrial: ending instance ${machine?.InstanceId} of ${run}\n`]);
    expect(await states()).toEqual(["terminated"]);
  });

  test("of an account with nothing in it says so", async () => {
    const swept = await desk.runHere(sweep);
    expect([swept.status, swept.stdout]).toEqual([0, expect.stringMatching(/^nothing of \S+@\S+ in us-east-1\n$/)]);
  });

  test("refuses what no run is called", async () => {
    const swept = await desk.runHere([...sweep, "--run", "a b"]);
    expect([swept.status, swept.stderr]).toEqual([2, expect.stringContaining("--run: expected the name of a run")]);
  });
});

/** A machine that a run of `owner` left, whose deadline is `left_s` seconds ahead; its id, once EC2 shows it running. */
async function leftBy(owner: string, left_s: number, region: string = "us-east-1"): Promise<string> {
  const image = images.find((each) => each.region === region && each.architecture === hostArchitecture)?.id;
  const tags = {
    "timetrial:run": "r1",
    "timetrial:owner": owner,
    "timetrial:deadline": new Date(Date.now() + left_s * 1000).toISOString(),
  };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const launch = new RunInstancesCommand({
    ImageId: image,
    InstanceType: "s2.medium" as NonNullable<Instance["InstanceType"]>,
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [{ ResourceType: "instance", Tags }],
  });
  const { Instances: [one] = [] } = await desk.ec2((ec2) => ec2.send(launch), region);
  const id = one?.InstanceId ?? "none";
  await until(async () => (await stateOf(id, region)) === "running");
  return id;
}

async function stateOf(id: string, region: string = "us-east-1"): Promise<string | undefined> {
  return (await instances(region)).find(({ InstanceId }) => InstanceId === id)?.State?.Name;
}

describe("sweep among others", () => {
  const sweep = ["sweep", "--cloud", "sandbox"];
  const other = "someone@else";
  const question = "These belong to others. End them? [y/N] ";

  test("ends one's own that is past its deadline unasked, and says that others' are there, which --yes alone does not touch", async () => {
    const [own, young, others] = [
      await leftBy(ownerName(), -60),
      await leftBy(ownerName(), 3600),
      await leftBy(other, -60),
    ];
    const swept = await desk.runHere([...sweep, "--yes"]);
    expect([swept.status, swept.stderr]).toEqual([0, `timetrial: ending instance ${own} of r1\n`]);
    expect(swept.stdout).toContain("1 of others: --all-owners lists them too");
    expect(swept.stdout).not.toContain(others);
    expect([await stateOf(own), await stateOf(young), await stateOf(others)]).toEqual([
      "terminated",
      "running",
      "running",
    ]);
  });

  test("with --all-owners lists others', and without a terminal or --yes leaves them, with status 3", async () => {
    const [due, young] = [await leftBy(other, -60), await leftBy(other, 3600)];
    const swept = await desk.run([...sweep, "--all-owners"]);
    expect([swept.status, swept.stderr]).toEqual([3, ""]);
    expect(swept.stdout).toMatch(new RegExp(`${due} .* ${other} .* left\\n`));
    expect(swept.stdout).toMatch(new RegExp(`${young} .* ${other} .* stays\\n`));
    expect(swept.stdout).toContain(`1 of others should be gone: --yes ends them\nleft, or may be: ${due}\n`);
    expect([await stateOf(due), await stateOf(young)]).toEqual(["running", "running"]);
  });

  test("with --all-owners and --yes ends others' that are past their deadline, and those alone", async () => {
    const [due, young] = [await leftBy(other, -60), await leftBy(other, 3600)];
    const swept = await desk.runHere([...sweep, "--all-owners", "--yes"]);
    expect([swept.status, swept.stderr]).toEqual([0, `timetrial: ending instance ${due} of r1\n`]);
    expect([await stateOf(due), await stateOf(young)]).toEqual(["terminated", "running"]);
  });

  test.skipIf(!hasPython)("asks at a terminal, and ends what is due by y or yes alone [needs python3]", async () => {
    for (const [answer, status, state] of [
      ["y", 0, "terminated"],
      ["yes", 0, "terminated"],
      ["n", 3, "running"],
      ["", 3, "running"],
    ] as const) {
      const due = await leftBy(other, -60);
      const swept = await desk.answered([...sweep, "--all-owners"], question, answer);
      expect(swept.stdout).toContain(`instance ${due} of ${other}, run r1\r\n`);
      expect([answer, swept.status, await stateOf(due)]).toEqual([answer, status, state]);
    }
  });

  test.skipIf(!hasPython)("asks nothing at a terminal where nothing of others is due [needs python3]", async () => {
    const [own, young] = [await leftBy(ownerName(), -60), await leftBy(other, 3600)];
    const swept = await desk.answered([...sweep, "--all-owners"], question, "y");
    expect(swept.stdout).not.toContain("End them?");
    expect([swept.status, await stateOf(own), await stateOf(young)]).toEqual([0, "terminated", "running"]);
  });

  test("looks in the region that is named, and in no other", async () => {
    const [here, there] = [await leftBy(ownerName(), -60), await leftBy(ownerName(), -60, "us-west-2")];
    const swept = await desk.runHere([...sweep, "--region", "us-west-2"]);
    expect([swept.status, swept.stdout]).toEqual([0, expect.stringContaining("us-west-2: 1 found, 1 ended\n")]);
    expect([await stateOf(here), await stateOf(there, "us-west-2")]).toEqual(["running", "terminated"]);

    const wrong = await desk.runHere([...sweep, "--region", "mars"]);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("--region: expected a region")]);
  });
});
