// By which calls many instances are ended.

import { expect, test } from "vitest";
import type { AwsAccount } from "../../../../src/adapters/aws/account.ts";
import { terminate } from "../../../../src/adapters/ec2/release/release.ts";
import { systemClock } from "../../../../src/adapters/system/clock.ts";
import type { Ledger } from "../../../../src/ports/cloud/ledger.ts";

const idOf = (n: number): string => `i-${n}`;

/** How many instances each call names, where `bad` make a call of several fail. */
async function callsFor(ids: readonly string[], bad: readonly string[] = []): Promise<number[]> {
  const calls: number[] = [];
  class TerminateInstancesCommand {
    readonly ids: string[];
    constructor({ InstanceIds: given }: { InstanceIds: string[] }) {
      this.ids = given;
    }
  }
  const send = async (command: TerminateInstancesCommand): Promise<void> => {
    calls.push(command.ids.length);
    if (command.ids.length > 1 && command.ids.some((id) => bad.includes(id)))
      throw Object.assign(new Error("no such instance"), { name: "InvalidInstanceID.NotFound" });
  };
  const account = { sdk: { TerminateInstancesCommand }, ec2: { send }, timeScale: 1 } as unknown as AwsAccount;
  const ended: string[] = [];
  const ledger: Ledger = {
    write: async (entry) => void (entry.kind === "terminated" && ended.push(...entry.ids)),
    entries: async () => [],
  };
  await terminate(account, systemClock, { ledger }, ids);
  expect(ended).toEqual(ids);
  return calls;
}

const many = Array.from({ length: 2500 }, (_, i) => idOf(i));

test("a call names at most a thousand instances", async () => {
  expect(await callsFor(many)).toEqual([1000, 1000, 500]);
});

test("one that EC2 does not know has its own thousand ended one by one, and no other", async () => {
  const calls = await callsFor(many, [idOf(1200)]);
  expect(calls.slice(0, 3)).toEqual([1000, 1000, 500]);
  expect(calls.slice(3)).toEqual(Array.from({ length: 1000 }, () => 1));
});
