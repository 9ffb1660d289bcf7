// One script for many machines: one call of SSM's sends it to fifty of them, and each has its own outcome.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { ssmTransport } from "../../../src/adapters/ssm/transport.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { agentScript, presenceScript } from "../../../src/pipeline/agent/agent-scripts.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { ServiceError } from "../../../src/sandbox/protocol/service-error.ts";
import type { Call } from "../../../src/sandbox/server.ts";
import { type Rented, rent } from "../../support/rented-machine.ts";

const machines = 60;
const digest = "a".repeat(64);
const want = presenceScript("", [digest]);

let rented: Rented;
let transport: Transport;
let ids: string[];
let calls: Call[] = [];
let refuses: (call: Call) => ServiceError | undefined = () => undefined;

beforeAll(async () => {
  rented = await rent({
    timeScale: 0.02,
    simulation: { stepS: 1, setupS: 0, prepareS: 0, spread: 0 },
    witness: (call) => {
      calls.push(call);
      return refuses(call);
    },
  });
  const { endpoint, credentials, region } = rented.sandbox;
  const account = await openAccount({ region, endpoint, credentials, timeScale: 0.02 });
  transport = ssmTransport(account, systemClock);
  ids = await Promise.all(Array.from({ length: machines }, () => rented.launchOnline()));
});
afterAll(() => rented[Symbol.asyncDispose]());
beforeEach(() => {
  calls = [];
  refuses = () => undefined;
});

const exec = (instance_id: string, script: string, signal?: AbortSignal) =>
  transport.exec({ kind: "ssm", instance_id, region: "us-east-1" }, script, {
    limit_s: 60,
    ...(signal === undefined ? {} : { signal }),
  });
const count = (action: string): number => calls.filter((call) => call.action === action).length;

test("sixty machines get one script by two calls, and what it printed needs no call for each", async () => {
  const results = await Promise.all(ids.map((id) => exec(id, want)));
  expect(new Set(results.map(({ stdout }) => stdout))).toEqual(new Set([`want ${digest}\n`]));
  expect(count("SendCommand")).toBe(2);
  // One that ends while a list is made may be asked for alone.
  expect(count("GetCommandInvocation")).toBeLessThan(machines / 10);
});

test("a failure is told with its words, by a call of its own", async () => {
  const call = agentScript("", digest, ["facts"]);
  const results = await Promise.all(ids.slice(0, 3).map((id) => exec(id, call)));
  for (const result of results)
    expect(result).toMatchObject({ status: 1, stderr: `timetrial: no agent ${digest} on this machine\n` });
  expect(count("SendCommand")).toBe(1);
});

test("where SSM refuses the command for many, each machine is sent its own", async () => {
  refuses = ({ action, input }) =>
    action === "SendCommand" && (input["InstanceIds"] as string[]).length > 1
      ? new ServiceError("InvalidInstanceId", "one of them is not valid")
      : undefined;
  const results = await Promise.all(ids.slice(0, 3).map((id) => exec(id, want)));
  expect(results.map(({ stdout }) => stdout)).toEqual([1, 2, 3].map(() => `want ${digest}\n`));
  expect(count("SendCommand")).toBe(4);
});

test("what is throttled is sent again, and not looked up", async () => {
  let refused = 0;
  refuses = ({ action }) =>
    action === "SendCommand" && ++refused <= 3 ? new ServiceError("ThrottlingException", "Rate exceeded") : undefined;
  const results = await Promise.all(ids.slice(0, 2).map((id) => exec(id, want)));
  expect(results).toHaveLength(2);
  expect(count("ListCommands")).toBe(0);
});

test("one that is interrupted ends, and takes no other with it", async () => {
  const stop = new AbortController();
  const [first = "", second = ""] = ids;
  const both = [exec(first, want, stop.signal), exec(second, want, new AbortController().signal)];
  stop.abort(new Error("enough"));
  const [interrupted, other] = await Promise.allSettled(both);
  expect(interrupted).toMatchObject({ status: "rejected", reason: { message: "enough" } });
  expect(other).toMatchObject({ status: "fulfilled", value: { stdout: `want ${digest}\n` } });
});
