// How long a silent machine is waited for, by a clock of the test's own: the service answers, the machine does not.

import { expect, test } from "vitest";
import type { AwsAccount } from "../../../src/adapters/aws/account.ts";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { ssmTransport } from "../../../src/adapters/ssm/transport.ts";
import type { Machine } from "../../../src/domain/run/machine.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { agentOver } from "../../support/local-agent.ts";

/** Time that passes when somebody sleeps. */
function handClock(): Clock & { readonly slept_s: () => number } {
  let now_s = 0;
  return {
    now: () => new Date(now_s * 1000),
    monotonic_s: () => now_s,
    slept_s: () => now_s,
    sleep: async (duration_s, signal) => {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      now_s += duration_s;
    },
  };
}

const panic = Buffer.from("booting\nlogin:\npanic: page fault\n").toString("base64");

/** An account whose machine runs and pings, by everybody's word, and whose commands fare as `invocation` says. */
async function silent(invocation: object | (() => object), listed: object = {}): Promise<AwsAccount> {
  const answers: Readonly<Record<string, object | (() => object)>> = {
    SendCommandCommand: { Command: { CommandId: "c-1" } },
    GetCommandInvocationCommand: invocation,
    ListCommandInvocationsCommand: listed,
    DescribeInstanceInformationCommand: { InstanceInformationList: [{ PingStatus: "Online" }] },
    GetConsoleOutputCommand: { Output: panic },
  };
  const send = async (command: object) => {
    const found = answers[command.constructor.name] ?? {};
    return typeof found === "function" ? (found as () => object)() : found;
  };
  const client = { send } as never;
  return { ...(await openAccount({ region: "us-east-1" })), ec2: client, ssm: client, ssmOnce: client };
}

const address = { kind: "ssm", instance_id: "i-0123456789abcdef0", region: "us-east-1" } as const;
const console = "; its console ends with:\n  booting\n  login:\n  panic: page fault";

test("a follow that outlasts its own limit is an error, with the console's last lines", async () => {
  const clock = handClock();
  const transport = ssmTransport(await silent({ Status: "InProgress" }), clock, async () => "running");
  await expect(transport.exec(address, "true", { limit_s: 80 })).rejects.toMatchObject({
    code: "TRANSPORT",
    message: `no answer from i-0123456789abcdef0 within 260 s${console}`,
  });
  expect(clock.slept_s()).toBeLessThan(270);
});

test("a result that comes 157 s after its machine was rebooted is waited for, and not asked for again", async () => {
  const clock = handClock();
  const late = (): object =>
    clock.slept_s() < 75 + 157
      ? { Status: "InProgress" }
      : { Status: "Failed", ResponseCode: 1, StandardOutputContent: "", StandardErrorContent: "" };
  const words = "document process failed unexpectedly: worker died";
  const plugin = { Name: "aws:runShellScript", ResponseCode: 1, Output: words };
  const account = await silent(late, { CommandInvocations: [{ CommandPlugins: [plugin] }] });
  const transport = ssmTransport(account, clock, async () => "running");
  expect(await transport.exec(address, "sleep 75", { limit_s: 80 })).toEqual({
    status: 1,
    stdout: "",
    stderr: `SSM lost the command's result: ${words}`,
  });
});

test("a command that SSM ends by a word of its own is an error, with the console's last lines", async () => {
  const ended = { Status: "TimedOut", StatusDetails: "ExecutionTimedOut", ResponseCode: -1 };
  const transport = ssmTransport(await silent(ended), handClock(), async () => "running");
  await expect(transport.exec(address, "true", { limit_s: 80 })).rejects.toMatchObject({
    message: `a command on i-0123456789abcdef0 ended as ExecutionTimedOut (limit 80 s)${console}`,
  });
});

test("the end of a command is told while EC2 takes its time to say whether its machine is alive", async () => {
  const clock = handClock();
  const ended = { Status: "Success", ResponseCode: 0, StandardOutputContent: "done", StandardErrorContent: "" };
  const account = await silent(() => (clock.slept_s() < 60 ? { Status: "InProgress" } : ended));
  const transport = ssmTransport(account, clock, () => new Promise(() => {}));
  await expect(transport.exec(address, "sleep 60", { limit_s: 80 })).resolves.toMatchObject({ stdout: "done" });
});

test("a machine to which SSM can deliver nothing is lost after 400 s, with the console's last lines", async () => {
  const clock = handClock();
  const undelivered = { Status: "TimedOut", StatusDetails: "DeliveryTimedOut", ResponseCode: -1 };
  const transport = ssmTransport(await silent(undelivered), clock, async () => "running");
  await expect(transport.exec(address, "true", { limit_s: 80, expect_s: 60 })).rejects.toMatchObject({
    code: "MACHINE_LOST",
    message: `SSM could not deliver a command to i-0123456789abcdef0 for 400 s${console}`,
  });
  expect(clock.slept_s()).toBeGreaterThan(400);
  expect(clock.slept_s()).toBeLessThan(480);
});

test("a machine that runs and never answers is given up within six minutes, however often it is asked", async () => {
  const clock = handClock();
  const transport = ssmTransport(await silent({ Status: "InProgress" }), clock, async () => "running");
  const machine: Machine = { name: "m-1", side: "m", address };
  const agent = agentOver(transport, "r", { machine, clock });
  await expect(agent.facts()).rejects.toMatchObject({ code: "TRANSPORT", message: expect.stringContaining(console) });
  expect(clock.slept_s()).toBeLessThan(360);
});
