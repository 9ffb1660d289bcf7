// What the tests of the pitfalls stand on: the real client on a sandbox with faults, and the agent behind a transport.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openAccount } from "../../src/adapters/aws/account.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { stateOf } from "../../src/adapters/ec2/describe-instances.ts";
import { ssmTransport } from "../../src/adapters/ssm/transport.ts";
import type { JournalLine } from "../../src/domain/run/machine-journal.ts";
import type { Address } from "../../src/domain/run/machine.ts";
import { archive } from "../../src/pipeline/archive/archive.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Transport } from "../../src/ports/transport.ts";
import { parseFaults } from "../../src/sandbox/faults/fault-plan.ts";
import type { Exchange } from "../../src/sandbox/protocol/wire-log.ts";
import { agentOver, shippedAgent } from "./local-agent.ts";
import { rent, type Rented } from "./rented-machine.ts";

/** A clock that goes `times` as fast as it is; what it waits for takes as much less. */
export function fastClock(times: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic_s: () => systemClock.monotonic_s() * times,
    sleep: (duration_s, signal) => systemClock.sleep(duration_s / times, signal),
  };
}

export interface Reached extends AsyncDisposable {
  readonly rented: Rented;
  readonly opened: Awaited<ReturnType<typeof openAccount>>;
  readonly transport: Transport;
  readonly address: Extract<Address, { kind: "ssm" }>;
  /** What was asked of SSM's or EC2's `action`. */
  asked(action: string): string[];
  /** The same with the answers; of all actions where none is named. */
  exchanges(action?: string): Exchange[];
}

/** A machine of a sandbox with the faults of `spec`, once its agent is online, and our way to it. */
export async function reached(spec: string, clock: Clock = systemClock, timeScale = 0.02): Promise<Reached> {
  const rented = await rent({ faults: parseFaults(spec), timeScale, checkWire: true });
  const { endpoint, credentials, region } = rented.sandbox;
  const opened = await openAccount({ region, endpoint, credentials, timeScale });
  const exchanges = (action?: string): Exchange[] =>
    readFileSync(join(rented.dir, "record.ndjson"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Exchange)
      .filter((each) => action === undefined || each.action === action);
  return {
    rented,
    opened,
    transport: ssmTransport(opened, clock, (id) => stateOf(opened, id)),
    address: { kind: "ssm", instance_id: await rented.launchOnline(), region },
    exchanges,
    asked: (action) => exchanges(action).map((each) => each.request),
    [Symbol.asyncDispose]: () => rented[Symbol.asyncDispose](),
  };
}

let runs = 0;

/** Ships a suite of one row, whose run step is `step`, and runs one trial of it for each of `ids`. */
export async function tried(
  { transport, address }: { readonly transport: Transport; readonly address: Address },
  step: string,
  ids: readonly string[] = ["a"],
): Promise<Extract<JournalLine, { t: "ended" }>[]> {
  const text = (path: string, content: string) => ({ path, mode: 0o755 as const, bytes: Buffer.from(content) });
  const suite = archive([text("run.sh", step), text("check.sh", "echo digest=0\n")]);
  runs += 1;
  const agent = agentOver(transport, `pitfall-${process.pid}-${runs}`, {
    machine: { name: "m-1", side: "m", address },
  });
  await agent.ship([shippedAgent, suite]);
  const trials = ids.map((id, i) => `trial ${id} 1 ${i + 1} row impl any 30`);
  const plan = ["timetrial-batch 1", `suite s ${suite.digest}`, ...trials, ""].join("\n");
  const ended: Extract<JournalLine, { t: "ended" }>[] = [];
  await agent.batch("b", plan, undefined, async (line) => {
    if (line.t === "ended") ended.push(line);
  });
  await agent.clean();
  return ended;
}
