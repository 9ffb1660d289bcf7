// Giving back, against the sandbox: what the ledger knows, and what only EC2 knows.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openAccount } from "../../../../src/adapters/aws/account.ts";
import { systemClock } from "../../../../src/adapters/system/clock.ts";
import { ec2Provisioner } from "../../../../src/adapters/ec2/provisioner.ts";
import type { LedgerEntry } from "../../../../src/domain/cloud/ledger.ts";
import type { Ledger } from "../../../../src/ports/cloud/ledger.ts";
import type { ProvisionOrder } from "../../../../src/ports/cloud/provisioner.ts";
import { parseFaults } from "../../../../src/sandbox/faults/fault-plan.ts";
import { aPlan } from "../../../support/given.ts";
import { type Rented, rent } from "../../../support/rented-machine.ts";

let rented: Rented;
let entries: LedgerEntry[];
beforeEach(async () => {
  rented = await rent({ timeScale: 0.02, checkWire: true });
  entries = [];
});
afterEach(() => rented[Symbol.asyncDispose]());

const plan = aPlan();
const ledger: Ledger = { write: async (entry) => void entries.push(entry), entries: async () => entries };
const order = (): ProvisionOrder => ({
  plan,
  sides: [],
  ledger,
  observe: () => {},
  signal: new AbortController().signal,
});
const intent = (token: string): Extract<LedgerEntry, { kind: "intent" }> => ({
  kind: "intent",
  token,
  side: "a",
  type: "s1.medium",
  zone: "us-east-1a",
  count: 1,
});

const tagged = (run: string) => ({
  TagSpecifications: [{ ResourceType: "instance" as const, Tags: [{ Key: "timetrial:run", Value: run }] }],
});
const ofRun = tagged(plan.run);
const took = (token: string, id: string): LedgerEntry => ({ kind: "launched", token, ids: [id] });

function provisioner() {
  const { endpoint, credentials, region } = rented.sandbox;
  const opened = openAccount({ region, endpoint, credentials, timeScale: 0.02 });
  return ec2Provisioner({ account: () => opened, clock: systemClock, userData: async () => "#!/bin/sh\n" });
}

describe("giving back", () => {
  test("ends what was launched though its answer was lost, by the token that the ledger had before the call", async () => {
    entries.push(intent("token-1"));
    const id = await rented.launch({ ClientToken: "token-1", ...ofRun });
    const ec2 = provisioner();
    await ec2.release(order());
    expect(await ec2.absence(order())).toEqual({ state: "none" });
    expect((await rented.describe(id)).State?.Name).toBe("terminated");
    expect(entries).toContainEqual({ kind: "launched", token: "token-1", ids: [id] });
  });

  test("does not say that nothing is left while nobody knows what became of a launch", async () => {
    entries.push(intent("token-2"));
    const ec2 = provisioner();
    await ec2.release(order());
    expect(await ec2.absence(order())).toMatchObject({
      state: "left",
      ids: [],
      reason: expect.stringContaining("token-2"),
    });
  });

  test("ends an instance that EC2 shows with the run's tag, whatever the ledger knows of it", async () => {
    entries.push(intent("token-3"), { kind: "not-launched", token: "token-3", reason: "InsufficientInstanceCapacity" });
    const id = await rented.launch(ofRun);
    await rented.until(id, "running");
    const ec2 = provisioner();
    await ec2.release(order());
    expect(await ec2.absence(order())).toEqual({ state: "none" });
    expect((await rented.describe(id)).State?.Name).toBe("terminated");
  });

  test.each([
    ["an id in the ledger", {}],
    ["a token in the ledger", { ClientToken: "token-5" }],
    ["a token in the ledger and another run's tag", { ClientToken: "token-5", ...tagged("another-run") }],
  ])("does not end a machine that only %s calls the run's, and says so", async (what, launched) => {
    const id = await rented.launch(launched);
    entries.push(intent("token-5"), ...(what === "an id in the ledger" ? [took("token-5", id)] : []));
    const ec2 = provisioner();
    await ec2.release(order());
    const proof = await ec2.absence(order());
    expect(await ec2.recover(order(), [])).toEqual([]);
    expect((await rented.describe(id)).State?.Name).toBe("running");
    expect(proof).toMatchObject({ state: "left", ids: [], reason: expect.stringContaining(id) });
    expect(entries.filter(({ kind }) => kind === "terminated")).toEqual([]);
  });

  test("does not call a machine ended that EC2 does not know, while it would still show it", async () => {
    const id = "i-0123456789abcdef0";
    entries.push({ ...intent("token-6"), at: new Date().toISOString() }, took("token-6", id));
    const ec2 = provisioner();
    expect(await ec2.recover(order(), [])).toEqual([]);
    await ec2.release(order());
    expect(await ec2.absence(order())).toMatchObject({ state: "left", reason: expect.stringContaining(id) });
    expect(entries.filter(({ kind }) => kind === "terminated")).toEqual([]);
  });

  test("does not call a machine ended because this computer's clock was put on since its launch", async () => {
    const id = "i-0123456789abcdef0";
    // Written by a clock two hours slow, and read by one that is right, as EC2's was at the launch.
    const slow = new Date(Date.now() - 2 * 3600 * 1000).toISOString();
    entries.push({ ...intent("token-9"), at: slow, requested_at: new Date().toISOString() }, took("token-9", id));
    const ec2 = provisioner();
    await ec2.release(order());
    expect(await ec2.absence(order())).toMatchObject({ state: "left", reason: expect.stringContaining(id) });
    expect(entries.filter(({ kind }) => kind === "terminated")).toEqual([]);
  });

  test("does not call a machine ended because this computer's clock is two hours ahead of EC2's", async () => {
    await rented[Symbol.asyncDispose]();
    rented = await rent({ timeScale: 0.02, checkWire: true, faults: parseFaults("clock-skew=-7200") });
    const id = "i-0123456789abcdef0";
    const requested_at = new Date(Date.now() - 7_200_000).toISOString();
    entries.push({ ...intent("token-10"), at: new Date().toISOString(), requested_at }, took("token-10", id));
    const ec2 = provisioner();
    await ec2.release(order());
    expect(await ec2.absence(order())).toMatchObject({ state: "left", reason: expect.stringContaining(id) });
    expect(entries.filter(({ kind }) => kind === "terminated")).toEqual([]);
  });

  test("takes a machine for ended that EC2 has forgotten, an hour after it was launched", async () => {
    const id = "i-0123456789abcdef0";
    const long_ms = 2 * 3600 * 1000;
    entries.push({ ...intent("token-7"), at: new Date(Date.now() - long_ms).toISOString() }, took("token-7", id));
    const ec2 = provisioner();
    await ec2.release(order());
    expect(await ec2.absence(order())).toEqual({ state: "none" });
  });

  test("refuses a run that was begun in another account, and says that its machines may be left there", async () => {
    const account = { kind: "account", account: "123456789012", region: "us-east-1" } as const;
    entries.push(account, intent("token-8"), took("token-8", "i-0123456789abcdef0"));
    const refusal = { code: "LEFT_RUNNING", message: expect.stringContaining("123456789012") };
    await expect(provisioner().refuseElsewhere?.(entries)).rejects.toMatchObject(refusal);
    await expect(provisioner().release(order())).rejects.toMatchObject(refusal);
    await expect(provisioner().absence(order())).rejects.toMatchObject(refusal);
    expect(entries).toHaveLength(3);
  });

  test("may be done twice", async () => {
    const id = await rented.launch({ ClientToken: "token-4", ...ofRun });
    entries.push(intent("token-4"), { kind: "launched", token: "token-4", ids: [id] });
    const ec2 = provisioner();
    await ec2.release(order());
    await ec2.release(order());
    expect(await ec2.absence(order())).toEqual({ state: "none" });
  });

  test("asks nothing of anybody where nothing was launched", async () => {
    await rented.sandbox.close();
    const ec2 = provisioner();
    await ec2.release(order());
    expect(await ec2.absence(order())).toEqual({ state: "nothing-leased" });
  });
});
