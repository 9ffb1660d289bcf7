// A provisioner on a sandbox in this process: what it was asked is kept, and it can be made to fail.

import { dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DescribeInstancesCommand, type Instance, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { type AwsAccount, openAccount } from "../../src/adapters/aws/account.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { existingProvisioner } from "../../src/adapters/ec2/existing-provisioner.ts";
import { ec2Provisioner } from "../../src/adapters/ec2/provisioner.ts";
import type { RunEvent } from "../../src/domain/run/events.ts";
import type { Plan, Spec } from "../../src/domain/plan/plan.ts";
import { parseSides } from "../../src/domain/plan/side.ts";
import type { LedgerEntry } from "../../src/domain/cloud/ledger.ts";
import type { ProvisionOrder, Provisioner } from "../../src/ports/cloud/provisioner.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Call, CallInterceptor } from "../../src/sandbox/server.ts";
import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { aPlan, aSuite } from "./given.ts";
import { type Rented, rent } from "./rented-machine.ts";

const template = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../../remote/user-data.sh"), "utf8");

export interface Ec2Desk extends AsyncDisposable {
  readonly rented: Rented;
  /** What the provisioners launch by. */
  readonly account: AwsAccount;
  readonly calls: Call[];
  readonly entries: LedgerEntry[];
  readonly events: RunEvent[];
  readonly launching: Provisioner;
  readonly finding: Provisioner;
  /** RunInstances requests, in order. */
  launches(): RunInstancesCommandInput[];
  /** Another finder on the same account: one looks once. */
  finder(): Provisioner;
  order(sides: readonly string[], spec?: Partial<Spec>, plan?: Partial<Plan>): ProvisionOrder;
  instances(): Promise<Instance[]>;
  notes(): string[];
}

/** `fails` is asked at every call what becomes of it. */
export async function ec2Desk(
  fails: CallInterceptor = () => undefined,
  timeScale = 0.02,
  { clock = systemClock, ...options }: Partial<SandboxOptions> & { clock?: Clock } = {},
): Promise<Ec2Desk> {
  const calls: Call[] = [];
  const rented = await rent({
    ...options,
    timeScale,
    checkWire: true,
    witness: (call) => {
      calls.push(call);
      return fails(call);
    },
  });
  const { endpoint, credentials, region } = rented.sandbox;
  const account = await openAccount({ region, endpoint, credentials, timeScale });
  const opened = Promise.resolve(account);
  const entries: LedgerEntry[] = [];
  const events: RunEvent[] = [];
  const ledger = { write: async (entry: LedgerEntry) => void entries.push(entry), entries: async () => entries };
  return {
    rented,
    account,
    calls,
    entries,
    events,
    launching: ec2Provisioner({ account: () => opened, clock, userData: async () => template }),
    finding: existingProvisioner(() => opened, ["instances", "ec2"]),
    finder: () => existingProvisioner(() => opened, ["instances", "ec2"]),
    launches: () =>
      calls
        .filter(({ action }) => action === "RunInstances")
        .map(({ input }) => input as unknown as RunInstancesCommandInput),
    order: (texts, spec = {}, plan = {}) => {
      const sides = parseSides(texts);
      const made = aPlan({ suites: [aSuite()], ...plan });
      const whole = { ...made, spec: { ...made.spec, machines: 1, ...spec, sides } };
      return {
        plan: whole,
        sides,
        ledger,
        observe: (event) => void events.push(event),
        signal: new AbortController().signal,
      };
    },
    instances: async () =>
      ((await rented.ec2.send(new DescribeInstancesCommand({}))).Reservations ?? []).flatMap(
        (one) => one.Instances ?? [],
      ),
    notes: () => events.flatMap((event) => (event.what === "note" ? [event.text] : [])),
    [Symbol.asyncDispose]: () => rented[Symbol.asyncDispose](),
  };
}
