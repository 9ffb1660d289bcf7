// Pitfalls of commands sent by SSM, by their numbers in the list that the design keeps.

import { CancelCommandCommand, ListCommandsCommand } from "@aws-sdk/client-ssm";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openAccount } from "../../src/adapters/aws/account.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { stateOf } from "../../src/adapters/ec2/describe-instances.ts";
import { ssmTransport } from "../../src/adapters/ssm/transport.ts";
import type { Transport } from "../../src/ports/transport.ts";

import { localMachine } from "../support/local-agent.ts";
import { fastClock, reached, tried } from "../support/reached-machine.ts";
import { until } from "../support/until.ts";

const here = localMachine();
afterAll(here.remove);
const { folder } = here;

test("pitfall 3: nothing that only agents after 2020's have is asked of a machine", () => {
  const remote = new URL("../../remote/", import.meta.url);
  const scripts = readdirSync(remote).filter((name) => name.endsWith(".sh"));
  expect(scripts.length).toBeGreaterThan(5);
  for (const name of scripts)
    expect(readFileSync(new URL(name, remote), "utf8")).not.toMatch(/SSM_COMMAND_ID|exit 16[89]/);
});

test("pitfall 6: a step that prints megabytes loses nothing of its record, and no answer is cut", async () => {
  const answers: string[] = [];
  const watched: Transport = {
    exec: async (...words) => {
      const answer = await here.transport.exec(...words);
      answers.push(answer.stdout);
      return answer;
    },
  };
  const ended = await tried({ ...here, transport: watched }, "i=0; while [ $i -lt 60000 ]; do echo some words of a build; i=$((i+1)); done\n"); // prettier-ignore
  expect(ended).toMatchObject([{ id: "a", status: "completed", exit_status: 0 }]);
  expect(Math.max(...answers.map((each) => Buffer.byteLength(each)))).toBeLessThan(20_500);
});

test("pitfall 6: an answer that was cut is an error or asked for again, never half of one", async () => {
  await using machine = await reached("seed=5,truncate=0.3,garbage=0.2,wrong-digest=0.2");
  expect(await tried(machine, "echo x\n", ["a", "b"])).toMatchObject([
    { id: "a", status: "completed" },
    { id: "b", status: "completed" },
  ]);
});

test("pitfall 7: a step's output goes to files, not through the agent, and none of it to CloudWatch or S3", async () => {
  await using machine = await reached("seed=1");
  let bytes = 0;
  const counting: Transport = {
    exec: async (...words) => {
      const answer = await machine.transport.exec(...words);
      bytes += Buffer.byteLength(answer.stdout + answer.stderr);
      return answer;
    },
  };
  await tried({ ...machine, transport: counting }, "dd if=/dev/zero bs=1024 count=2048 2>/dev/null | tr '\\0' x\n");
  expect(bytes).toBeLessThan(10_000);
  const sent = machine.asked("SendCommand").map((request) => JSON.parse(request) as object);
  expect(sent.length).toBeGreaterThan(2);
  for (const request of sent) expect(Object.keys(request).filter((key) => /CloudWatch|S3/.test(key))).toEqual([]);
});

test("pitfall 8: executionTimeout is always sent, as a list of one text, and within what the agent obeys", async () => {
  await using machine = await reached("seed=1");
  const { transport, address } = machine;
  for (const limit_s of [0.2, 60.2, 1e9]) await transport.exec(address, "true", { limit_s });
  const sent = machine.asked("SendCommand").map((request) => JSON.parse(request) as { Parameters: object });
  expect(sent.map(({ Parameters: parameters }) => parameters)).toMatchObject([
    { executionTimeout: ["5"] },
    { executionTimeout: ["61"] },
    { executionTimeout: ["172800"] },
  ]);
});

test("pitfall 9: exits that mean something to the agent reach neither it nor us; the true one is in the record", async () => {
  await using machine = await reached("seed=1");
  const { transport, address } = machine;
  for (const status of [137, 168, 169, 194])
    expect(await transport.exec(address, `exit ${status}`, { limit_s: 10 })).toMatchObject({ status: 1 });
  const [ended] = await tried(machine, "exit 194\n");
  expect(ended).toMatchObject({ status: "failed", exit_status: 194 });
});

// Of these seeds' first eighty draws, no three in a row are hits: three times is what the client tries.
test.each([
  ["is run again after the restart of an agent of old", "seed=194,duplicate=1,agent-restart=0.3"],
  ["loses its result with the worker that ran it, or has it late", "seed=9,lost-result=0.3,late-result=0.5"],
])("pitfall 10: a command that %s times nothing twice", async (_, faults) => {
  await using machine = await reached(faults);
  const counter = join(mkdtempSync(join(folder, "c-")), "runs");
  const ended = await tried(machine, `echo run >>${counter}\nsleep 0.2\n`, ["a", "b", "c"]);
  expect(ended.map(({ id, status, attempt }) => [id, status, attempt])).toEqual([
    ["a", "completed", 1],
    ["b", "completed", 1],
    ["c", "completed", 1],
  ]);
  expect(readFileSync(counter, "utf8")).toBe("run\nrun\nrun\n");
});

test("pitfall 11: a child that holds standard output does not hold the command", async () => {
  const started_s = systemClock.monotonic_s();
  // This machine's transport waits for the end of its pipes, as the real agent does.
  const [ended] = await tried(here, "sleep 45 &\necho done\n");
  expect(systemClock.monotonic_s() - started_s).toBeLessThan(20);
  expect(ended).toMatchObject({ status: "completed", orphans: 1 });
});

test("pitfall 12: a command that stays unknown is given up after a minute, and not for ever asked for", async () => {
  const clock = fastClock(40);
  await using machine = await reached("consistency=300m", clock, 0.0002);
  const { rented, transport, address } = machine;
  // Sent to a machine that is known by then: the command alone is not, for 3.6 s here.
  await rented.until(address.instance_id, "running");
  const started_s = clock.monotonic_s();
  await expect(transport.exec(address, "true", { limit_s: 30 })).rejects.toMatchObject({
    code: "TRANSPORT",
    message: expect.stringContaining("still does not know it after 60 s"),
  });
  expect(clock.monotonic_s() - started_s).toBeLessThan(120);
});

test("pitfall 12: refused credentials end the wait at once, and a cancelled command its own", async () => {
  await using machine = await reached("seed=1");
  const { rented, transport, address } = machine;
  const { endpoint, region } = rented.sandbox;
  const credentials = { accessKeyId: rented.sandbox.credentials.accessKeyId, secretAccessKey: "wrong" };
  const stranger = await openAccount({ region, endpoint, credentials });
  const barred = ssmTransport(stranger, systemClock, (id) => stateOf(stranger, id));
  const started_s = systemClock.monotonic_s();
  await expect(barred.exec(address, "true", { limit_s: 60 })).rejects.toMatchObject({ code: "NO_CREDENTIALS" });
  expect(systemClock.monotonic_s() - started_s).toBeLessThan(30);

  const waiting = transport.exec(address, "sleep 50", { limit_s: 60 });
  const outcome = expect(waiting).rejects.toMatchObject({ message: expect.stringContaining("ended as Cancelled") });
  const command = await until(async () => (await rented.ssm.send(new ListCommandsCommand({}))).Commands?.[0]);
  await rented.ssm.send(new CancelCommandCommand({ CommandId: command.CommandId }));
  await outcome;
});

test("pitfall 14: where requests are throttled reads are retried at a rate that adapts, and sending is not left to the SDK", async () => {
  await using machine = await reached("seed=9,throttle=0.25");
  const { transport, address, opened } = machine;
  const words = ["one", "two", "three", "four"];
  const said = await Promise.all(words.map((word) => transport.exec(address, `echo ${word}`, { limit_s: 60 })));
  expect(said.map(({ stdout }) => stdout.trim())).toEqual(words);
  // Not by luck: some were refused, and what was refused was asked again.
  const refused = machine.exchanges().filter(({ reply }) => /ThrottlingException|RequestLimitExceeded/.test(reply));
  expect(refused.length).toBeGreaterThan(0);
  for (const { status } of refused) expect(status).toBeGreaterThanOrEqual(400);
  expect(machine.exchanges("SendCommand").filter(({ status }) => status === 200)).toHaveLength(words.length);
  expect([await modeOf(opened.ssm), await modeOf(opened.ec2)]).toEqual(["adaptive", "adaptive"]);
  expect(await opened.ssmOnce.config.maxAttempts()).toBe(1);
});

test("pitfall 14: commands that last are asked for together, not by a poller each", async () => {
  await using machine = await reached("seed=9");
  const { transport, address } = machine;
  const commands = 6;
  const all = Array.from({ length: commands }, () => transport.exec(address, "sleep 3", { limit_s: 60 }));
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(commands).fill(0));
  const answered = (action: string) => machine.exchanges(action).filter(({ status }) => status === 200).length;
  const [alone, together] = [answered("GetCommandInvocation"), answered("ListCommandInvocations")];
  // Each is asked for its first word and its last alone; the rest for all at once: fewer than pollers would ask.
  expect(together).toBeGreaterThan(2);
  expect(alone).toBeLessThan(commands * together);
});

async function modeOf({ config }: { readonly config: { readonly retryMode: unknown } }): Promise<unknown> {
  return typeof config.retryMode === "function"
    ? await (config.retryMode as () => Promise<string>)()
    : config.retryMode;
}
