// Asking for the commands of many machines, in the sandbox: what it costs in calls and in time, and what goes wrong with it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openAccount, type AwsAccount } from "../../../src/adapters/aws/account.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { stateOf } from "../../../src/adapters/ec2/describe-instances.ts";
import { ssmTransport } from "../../../src/adapters/ssm/transport.ts";
import type { ExecOptions, Transport } from "../../../src/ports/transport.ts";
import { ServiceError } from "../../../src/sandbox/protocol/service-error.ts";
import type { CallInterceptor } from "../../../src/sandbox/server.ts";
import { type Rented, rent } from "../../support/rented-machine.ts";

const machines = 10;
const works_s = 2;
let rented: Rented;
let opened: AwsAccount;
let ids: string[];
let polls: string[] = [];
let witness: CallInterceptor = () => undefined;

beforeAll(async () => {
  rented = await rent({
    timeScale: 0.05,
    checkWire: true,
    witness: (call) => {
      if (/^(GetCommandInvocation|ListCommandInvocations)$/.test(call.action)) polls.push(call.action);
      return witness(call);
    },
  });
  const { endpoint, credentials, region } = rented.sandbox;
  opened = await openAccount({ region, endpoint, credentials, timeScale: 0.05 });
  ids = await Promise.all(Array.from({ length: machines }, () => rented.launchOnline()));
});
afterAll(() => rented[Symbol.asyncDispose]());
afterEach(() => {
  witness = () => undefined;
});

const aTransport = (): Transport => ssmTransport(opened, systemClock, (id) => stateOf(opened, id));

/** Runs `script` on every machine at once, by the transport that `of` gives; what it cost. */
async function everywhere(script: string, of: () => Transport, options: Partial<ExecOptions> = {}) {
  polls = [];
  const started_s = systemClock.monotonic_s();
  const took_s = await Promise.all(
    ids.map(async (instance_id, i) => {
      const address = { kind: "ssm", instance_id, region: "us-east-1" } as const;
      const { stdout } = await of().exec(address, `${script}; echo ${i}`, { limit_s: 60, ...options });
      expect(stdout).toBe(`${i}\n`);
      return systemClock.monotonic_s() - started_s;
    }),
  );
  const count = (action: string): number => polls.filter((each) => each === action).length;
  return { calls: polls.length, gets: count("GetCommandInvocation"), lists: count("ListCommandInvocations"), took_s };
}

test("ten machines of one account are asked for together: fewer calls than ten alone, and none of them later", async () => {
  const mean = ({ took_s }: { took_s: number[] }): number => took_s.reduce((sum, each) => sum + each, 0) / machines;
  // What a busy computer adds differs from one to the other: the least disturbed of a few pairs counts.
  let [later_s, share] = [Infinity, Infinity];
  for (let pair = 0; pair < 3 && (later_s >= 0.5 || share >= 0.5); pair++) {
    const alone = await everywhere(`sleep ${works_s}`, aTransport);
    const transport = aTransport();
    const together = await everywhere(`sleep ${works_s}`, () => transport);
    expect(alone.lists).toBe(0);
    // One question of its own each for its output, and some that no list in time could answer.
    expect(together.gets).toBeLessThanOrEqual(4 * machines);
    later_s = Math.min(later_s, mean(together) - mean(alone));
    share = Math.min(share, together.calls / alone.calls);
  }
  expect(share).toBeLessThan(0.5);
  expect(later_s).toBeLessThan(0.5);
});

test("commands that end when they are expected cost one call each", async () => {
  const transport = aTransport();
  const found = await everywhere("true", () => transport, { expect_s: 2 });
  expect([found.gets, found.lists]).toEqual([machines, 0]);
  expect(Math.min(...found.took_s)).toBeGreaterThanOrEqual(2);
});

test("a list that nobody may read ends all that wait, at once, and says why", async () => {
  witness = ({ action }) =>
    action === "ListCommandInvocations" ? new ServiceError("AccessDeniedException", "you may not") : undefined;
  const transport = aTransport();
  // None ends by itself before all have been given up.
  const released = join(rented.dir, "released");
  const script = `until [ -e '${released}' ]; do sleep 0.1; done`;
  const outcomes = await Promise.allSettled(
    ids.map((instance_id) =>
      transport.exec({ kind: "ssm", instance_id, region: "us-east-1" }, script, { limit_s: 600 }),
    ),
  );
  writeFileSync(released, "");
  expect(new Set(outcomes.map((one) => one.status === "rejected" && (one.reason as { code: string }).code))).toEqual(
    new Set(["NO_CREDENTIALS"]),
  );
});

test("a list that fails for a while costs no command its outcome", async () => {
  let failures = 0;
  witness = ({ action }) =>
    action === "ListCommandInvocations" && ++failures <= 8
      ? new ServiceError("InternalServerError", "later", 500)
      : undefined;
  const transport = aTransport();
  await everywhere("sleep 2", () => transport);
  expect(failures).toBeGreaterThan(8);
});

test("one that is interrupted ends, and takes no other with it", async () => {
  const transport = aTransport();
  const stop = new AbortController();
  const [first = "", ...others] = ids;
  const on = (instance_id: string, signal?: AbortSignal) =>
    transport.exec({ kind: "ssm", instance_id, region: "us-east-1" }, "sleep 1.5; echo done", {
      limit_s: 60,
      ...(signal === undefined ? {} : { signal }),
    });
  const running = [on(first, stop.signal), ...others.map((id) => on(id))];
  setTimeout(() => stop.abort(new Error("enough")), 700);
  const outcomes = await Promise.allSettled(running);
  expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value.stdout : String(one.reason)))).toEqual([
    "Error: enough",
    ...others.map(() => "done\n"),
  ]);
});
