// What runs left in an account: found by tag in the sandbox, whatever any ledger says, and ended where it is due.

import { hostname, userInfo } from "node:os";
import { DescribeVolumesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccount } from "../../../../src/adapters/aws/account.ts";
import { systemClock } from "../../../../src/adapters/system/clock.ts";
import { ec2Sweeper } from "../../../../src/adapters/ec2/release/sweeper.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import { sweep, type SweepResult, type SweepRequest } from "../../../../src/pipeline/sweep.ts";
import { parseFaults } from "../../../../src/sandbox/faults/fault-plan.ts";
import { ServiceError } from "../../../../src/sandbox/protocol/service-error.ts";
import type { CallInterceptor } from "../../../../src/sandbox/server.ts";
import { type Rented, rent } from "../../../support/rented-machine.ts";

let rented: Rented;
let witness: CallInterceptor | undefined;
beforeEach(async () => {
  witness = undefined;
  rented = await rent({ timeScale: 0.02, checkWire: true, witness: (call) => witness?.(call) });
});
afterEach(() => rented[Symbol.asyncDispose]());

const me = `${userInfo().username}@${hostname()}`;
const [past, ahead] = [-3600, 3600].map((s) => new Date(Date.now() + s * 1000).toISOString());

interface Left {
  readonly run?: string;
  readonly owner?: string;
  readonly deadline?: string | undefined;
  readonly more?: Partial<RunInstancesCommandInput>;
}

/** A machine as a run of ours leaves it, once EC2 shows it as running. */
async function left({ run = "r1", owner = me, deadline = past, more = {} }: Left = {}): Promise<string> {
  const Tags = Object.entries({ run, owner, deadline }).map(([name, Value]) => ({ Key: `timetrial:${name}`, Value }));
  const kinds = ["instance", "volume", ...(more.InstanceMarketOptions ? ["spot-instances-request"] : [])] as const;
  const TagSpecifications = kinds.map((kind) => ({ ResourceType: kind as "instance", Tags }));
  const id = await rented.launch({ TagSpecifications, ...more });
  await rented.until(id, "running");
  return id;
}

async function swept(
  wish: Partial<SweepRequest> = {},
  clock: Clock = systemClock,
): Promise<SweepResult & { said: string[] }> {
  const { endpoint, credentials, region } = rented.sandbox;
  const said: string[] = [];
  const sweeper = ec2Sweeper(await openAccount({ region, endpoint, credentials, timeScale: 0.02 }), clock);
  const found = await sweep(sweeper, {
    allOwners: false,
    agrees: async () => false,
    ending: () => {},
    say: (text) => void said.push(text),
    ...wish,
  });
  return { ...found, said };
}

const became = ({ found }: SweepResult): Record<string, string> =>
  Object.fromEntries(found.map((one) => [one.leftover.id, one.became]));
const stateOf = async (id: string): Promise<string | undefined> => (await rented.describe(id)).State?.Name;

test("one's own past their deadline are ended and gone; those that have time stay, others' are not even listed", async () => {
  const [late, early, other] = [await left(), await left({ deadline: ahead }), await left({ owner: "eve@elsewhere" })];
  const found = await swept();
  expect(became(found)).toEqual({ [late]: "ended", [early]: "stays" });
  expect([await stateOf(late), await stateOf(early), await stateOf(other)]).toEqual([
    "terminated",
    "running",
    "running",
  ]);
  expect([found.left, found.others]).toEqual([[], 1]);
});

test.each([
  [7200, ahead, "ended"],
  [-7200, past, "stays"],
] as const)(
  "a deadline is judged by the cloud's clock, of which this computer's is %i s wrong: %s %s",
  async (skew_s, deadline, fate) => {
    await rented[Symbol.asyncDispose]();
    rented = await rent({ timeScale: 0.02, faults: parseFaults(`clock-skew=${skew_s}`) });
    const id = await left({ deadline });
    const found = await swept();
    expect(became(found)).toEqual({ [id]: fate });
    expect(Math.abs(found.at.getTime() - Date.now() - skew_s * 1000)).toBeLessThan(60_000);
  },
  60_000,
);

test("others' past their deadline are listed on request and left, which is said, until somebody agrees", async () => {
  const other = await left({ owner: "eve@elsewhere" });
  const asked = await swept({ allOwners: true });
  expect([became(asked), asked.left]).toEqual([{ [other]: "left" }, [other]]);
  expect(await stateOf(other)).toBe("running");
  const done = await swept({ allOwners: true, agrees: async () => true });
  expect([became(done), done.left, await stateOf(other)]).toEqual([{ [other]: "ended" }, [], "terminated"]);
});

test("a run that is named ends whole, whatever its deadline, and no other does", async () => {
  const [one, two] = [await left({ deadline: ahead, run: "r2" }), await left({ deadline: ahead })];
  expect(became(await swept({ run: "r2" }))).toEqual({ [one]: "ended" });
  expect([await stateOf(one), await stateOf(two)]).toEqual(["terminated", "running"]);
});

test("a volume that outlives its machine is found as soon as it does, and deleted", async () => {
  const root = [{ DeviceName: "/dev/xvda", Ebs: { DeleteOnTermination: false } }];
  const id = await left({ more: { BlockDeviceMappings: root } });
  const volume = id.replace("i-", "vol-");
  expect(became(await swept())).toEqual({ [id]: "ended", [volume]: "ended" });
  expect((await rented.ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
});

test("a spot request is cancelled with its machine", async () => {
  const id = await left({ more: { InstanceMarketOptions: { MarketType: "spot" } } });
  const found = await swept();
  expect(found.found.map(({ leftover: { kind }, became: end }) => [kind, end])).toEqual([
    ["instance", "ended"],
    ["spot-request", "ended"],
  ]);
  expect(await stateOf(id)).toBe("terminated");
});

test("what bears no deadline, or none that is a time, is not ended, and not passed over either", async () => {
  const id = await left({ deadline: "tomorrow" });
  const found = await swept();
  expect([became(found), found.left, await stateOf(id)]).toEqual([{ [id]: "no deadline" }, [id], "running"]);
});

test("all pages are read: what is on the second is ended too", async () => {
  await left({ more: { MinCount: 6, MaxCount: 6 } });
  witness = ({ action, input }) => {
    // As EC2 may: fewer on a page than there are, and a token for the rest.
    if (action === "DescribeInstances") input["MaxResults"] = 5;
    return undefined;
  };
  expect(Object.values(became(await swept()))).toEqual(Array(6).fill("ended"));
});

test("a machine that cannot be ended is left, and why is said", async () => {
  const id = await left();
  witness = ({ action }) =>
    action === "TerminateInstances" ? new ServiceError("OperationNotPermitted", "it is protected") : undefined;
  // The time in which a machine ends passes with fewer looks.
  const found = await swept({}, { ...systemClock, monotonic_s: () => systemClock.monotonic_s() * 10 });
  expect([became(found), found.left]).toEqual([{ [id]: "left" }, [id]]);
  expect(found.said.join()).toContain("it is protected");
  witness = undefined;
  expect(await stateOf(id)).toBe("running");
});

test("tags of machines reach a terminal without what it would obey", async () => {
  await left({ run: "r1\u202e", deadline: ahead });
  expect((await swept()).found.map(({ leftover }) => leftover.run)).toEqual(["r1?"]);
});
