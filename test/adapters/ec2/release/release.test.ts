// Giving back, against the sandbox: what the ledger knows, and what only EC2 knows.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openAccount } from "../../../../src/adapters/aws/account.ts";
import { systemClock } from "../../../../src/adapters/system/clock.ts";
import { ec2Provisioner } from "../../../../src/adapters/ec2/provisioner.ts";
import type { LedgerEntry } from "../../../../src/domain/cloud/ledger.ts";
import type { Ledger } from "../../../../src/ports/cloud/ledger.ts";
import type { ProvisionOrder } from "../../../../src/ports/cloud/provisioner.ts";
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
const intent = (token: string): LedgerEntry => ({
  kind: "intent",
  token,
  side: "a",
  type: "s1.medium",
  zone: "us-east-1a",
  count: 1,
});

function provisioner() {
  const { endpoint, credentials, region } = rented.sandbox;
  const opened = openAccount({ region, endpoint, credentials, timeScale: 0.02 });
  return ec2Provisioner({ account: () => opened, clock: systemClock, userData: async () => "#!/bin/sh\n" });
}

describe("giving back", () => {
  test("ends what was launched though its answer was lost, by the token that the ledger had before the call", async () => {
    entries.push(intent("token-1"));
    const id = await rented.launch({ ClientToken: "token-1" });
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

  test("finds an instance that bears the run's tag and that it never launched", async () => {
    entries.push(intent("token-3"), { kind: "not-launched", token: "token-3", reason: "InsufficientInstanceCapacity" });
    const id = await rented.launch({
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "timetrial:run", Value: plan.run }] }],
    });
    const ec2 = provisioner();
    await ec2.release(order());
    expect(await ec2.absence(order())).toMatchObject({ state: "left", ids: [id] });
  });

  test("may be done twice", async () => {
    const id = await rented.launch({ ClientToken: "token-4" });
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
