// The fault plan: how it is written, how it is drawn from, and that each fault befalls whom it names.

import { DescribeInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
} from "@aws-sdk/client-ssm";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { faultKinds, faultsHelp } from "../../../src/sandbox/faults/fault-kinds.ts";
import { FaultDraws, parseFaults } from "../../../src/sandbox/faults/fault-plan.ts";
import { namespaceKind } from "../../../src/sandbox/process/namespace-tree.ts";
import { nameOf, rent, type Rented } from "../../support/rented-machine.ts";
import { until } from "../../support/until.ts";

describe("a fault plan", () => {
  test.each([
    ["throttle=1.5", 'throttle: expected a chance from 0 to 1, got "1.5"'],
    ["slow=0.1", 'slow: expected a chance from 0 to 1 and a time, as in 0.1:2s, got "0.1"'],
    ["seed=7,slow=0.1:2h", 'slow: expected a chance from 0 to 1 and a time, as in 0.1:2s, got "0.1:2h"'],
    ["consistency", 'consistency: expected a time such as 500ms, 2s or 5m, got ""'],
    ["clock-jump=soon", 'clock-jump: expected whole seconds such as -3600, got "soon"'],
    ["quota=-1", 'quota: expected a whole number from 0, got "-1"'],
    ["thunder=1", 'expected the name of a fault, got "thunder"'],
    ["drop=0.1,drop=0.2", "drop is written twice"],
    ["no-capacity=$(id)", "zones or types with + between them"],
  ])("%s is refused, with where, what was expected and what was found", (spec, message) => {
    expect(() => parseFaults(spec)).toThrowError(
      expect.objectContaining({ exitStatus: 2, message: expect.stringContaining(message) }),
    );
  });

  test("every fault is in the help that people read, and in the documentation", () => {
    const documentation = readFileSync(new URL("../../../docs/sandbox.md", import.meta.url), "utf8");
    for (const name of Object.keys(faultKinds)) {
      expect(faultsHelp()).toContain(`\n  ${name}=`);
      expect(documentation).toContain(`| \`${name}=`);
    }
  });

  test("the same seed draws the same of each kind, whatever else is drawn between", () => {
    const draws = (spec: string, between: boolean): boolean[] => {
      const faults = new FaultDraws(parseFaults(spec));
      return Array.from({ length: 50 }, () => {
        if (between) faults.happens("drop");
        return faults.happens("throttle");
      });
    };
    const alone = draws("seed=7,throttle=0.3", false);
    expect(draws("seed=7,throttle=0.3,drop=0.5", true)).toEqual(alone);
    expect(draws("seed=8,throttle=0.3", false)).not.toEqual(alone);
    expect(alone.filter(Boolean).length).toBeGreaterThan(5);
    expect(alone.filter(Boolean).length).toBeLessThan(30);
  });

  test("nothing happens that was not written", () => {
    const faults = new FaultDraws(parseFaults("seed=1"));
    for (const name of Object.keys(faultKinds)) if (name !== "seed") expect(faults.happens(name as never)).toBe(false);
  });
});

const faulty = (spec: string, more: { timeScale?: number; maxAttempts?: number } = {}) =>
  rent({ faults: parseFaults(spec), timeScale: 0.02, ...more });

describe("a sandbox with faults", () => {
  test("throttles, fails and drops requests under the services' own names", async () => {
    for (const [spec, names] of [
      ["throttle=1", ["RequestLimitExceeded", "ThrottlingException"]],
      ["http5xx=1", ["InternalError", "InternalServerError"]],
      ["drop=1", ["ECONNRESET", "ECONNRESET"]],
    ] as const) {
      await using rented = await faulty(spec, { maxAttempts: 1 });
      const found = [
        await rented.ec2.send(new DescribeInstancesCommand({})).then(String, wireName),
        await rented.ssm.send(new ListCommandsCommand({})).then(String, wireName),
      ];
      expect(found).toEqual(names);
    }
  });

  test("half of the requests that get no answer took effect", async () => {
    await using rented = await faulty("seed=3,drop=0.5");
    // The SDK asks again with the same token: one instance each, however many answers were lost.
    for (const token of ["a", "b", "c", "d"]) await rented.launch({ ClientToken: token });
    const all = await until(async () => {
      const { Reservations = [] } = await rented.ec2.send(new DescribeInstancesCommand({}));
      return Reservations.length === 4 ? Reservations : undefined;
    });
    expect(all.flatMap((each) => each.Instances ?? []).length).toBe(4);
  });

  test("does not know what is new for as long as it says, to end it neither", async () => {
    await using rented = await faulty("consistency=5m", { timeScale: 0.02 });
    const id = await rented.launch();
    const end = rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await end.then(String, nameOf)).toBe("InvalidInstanceID.NotFound");
    await rented.until(id, "running");
    const commandId = await rented.send(id, "true");
    const asked = new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: id });
    expect(await rented.ssm.send(asked).then(String, nameOf)).toBe("InvocationDoesNotExist");
    expect((await rented.outcome(id, commandId)).Status).toBe("Success");
  });

  test("delivers a command twice, and its script runs once", async () => {
    await using rented = await faulty("duplicate=1");
    const id = await rented.launchOnline();
    const said = await rented.run(id, "echo x >>$TMPDIR/runs; sleep 0.3; wc -l <$TMPDIR/runs");
    expect(said.StandardOutputContent?.trim()).toBe("1");
  });

  test("tells a result late and unchanged where the agent restarts, and runs nothing again", async () => {
    await using rented = await faulty("late-result=1", { timeScale: 0.01 });
    const id = await rented.launchOnline();
    const said = await rented.run(id, "echo x >>$TMPDIR/runs; sleep 1; wc -l <$TMPDIR/runs; exit 7");
    expect([said.Status, said.ResponseCode, said.StandardOutputContent?.trim()]).toEqual(["Failed", 7, "1"]);
  });

  test("loses a result where the document worker is killed, says so after 64 to 157 s, and lets the script live on", async () => {
    const timeScale = 0.02;
    await using rented = await faulty("lost-result=1", { timeScale });
    const id = await rented.launchOnline();
    const commandId = await rented.send(id, "trap '' PIPE; echo said; sleep 0.8; echo lives >$TMPDIR/lives");
    const said = await rented.outcome(id, commandId);
    const { Status: status, ResponseCode: code, StandardOutputContent: out, StandardErrorContent: err } = said;
    expect([status, code, out, err]).toEqual(["Failed", 1, "", ""]);
    const took_s = (Date.parse(said.ExecutionEndDateTime ?? "") - Date.parse(said.ExecutionStartDateTime ?? "")) / 1000;
    expect(took_s).toBeGreaterThanOrEqual(64 * timeScale);
    const listed = new ListCommandInvocationsCommand({ CommandId: commandId, Details: true });
    const { CommandInvocations: invocations } = await rented.ssm.send(listed);
    expect(invocations?.[0]?.CommandPlugins?.[0]?.Output).toMatch(/^document process failed unexpectedly: /);
    const lives = join(rented.dir, "instances", id, "tmp", "lives");
    await until(() => (existsSync(lives) ? true : undefined));
  });

  test("runs a command again as agents of old did after their restart", async () => {
    await using rented = await faulty("agent-restart=1");
    const id = await rented.launchOnline();
    const said = await rented.run(
      id,
      "echo x >>$TMPDIR/runs; [ $(wc -l <$TMPDIR/runs) -gt 1 ] || sleep 1; wc -l <$TMPDIR/runs",
    );
    expect(Number(said.StandardOutputContent)).toBeGreaterThan(1);
  });

  test("ends machines in the middle of a command as EC2 tells it: failed, interrupted, stopped", async () => {
    for (const [spec, state, code, market] of [
      ["kill-machine=1", "terminated", "Server.InternalError", false],
      ["spot-interrupt=1", "terminated", "Server.SpotInstanceTermination", true],
      ["stop-machine=1", "stopped", "Client.UserInitiatedShutdown", false],
    ] as const) {
      await using rented = await faulty(spec);
      const id = await rented.launchOnline(market ? { InstanceMarketOptions: { MarketType: "spot" } } : {});
      await rented.send(id, "sleep 5");
      expect((await rented.until(id, state)).StateReason?.Code).toBe(code);
    }
  });

  test("leaves a machine that nobody pays less for alone when spot instances are interrupted", async () => {
    await using rented = await faulty("spot-interrupt=1");
    const id = await rented.launchOnline();
    expect((await rented.run(id, "sleep 0.8; echo here")).StandardOutputContent).toBe("here\n");
  });

  test("has machines whose agent never registers, and such as fall silent", async () => {
    await using never = await faulty("agent-never=1", { timeScale: 0.005 });
    const silent = await never.launch();
    await never.until(silent, "running");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const nobody = await never.ssm.send(new DescribeInstanceInformationCommand({}));
    expect(nobody.InstanceInformationList).toEqual([]);
    await using lost = await faulty("agent-lost=1", { timeScale: 0.005 });
    const id = await lost.launchOnline();
    await lost.send(id, "true");
    const ping = async () =>
      (await lost.ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList?.[0];
    await until(async () => ((await ping())?.PingStatus === "ConnectionLost" ? true : undefined));
    expect((await lost.describe(id)).State?.Name).toBe("running");
  });

  test("reboots a machine soon after its agent first registered, once", async () => {
    await using rented = await faulty("reboot-first=1");
    const id = await rented.launchOnline();
    const path = join(rented.dir, "instances", id, "console.log");
    await until(() => (readFileSync(path, "utf8").includes(": reboot\n") ? true : undefined));
    const said = await rented.run(id, "sleep 1; echo still here");
    expect(said.StandardOutputContent).toBe("still here\n");
    expect(readFileSync(path, "utf8").match(/: reboot\n/g)?.length).toBe(1);
  });

  test("finds no capacity in a zone or for a type, and no room beyond the quota", async () => {
    await using rented = await faulty("no-capacity=us-east-1a+s1.large,quota=4", { maxAttempts: 1 });
    const code = (input: object) => rented.launch(input).then((id) => (id.startsWith("i-") ? "launched" : id), nameOf);
    const inB = { Placement: { AvailabilityZone: "us-east-1b" } };
    expect(await code({ Placement: { AvailabilityZone: "us-east-1a" } })).toBe("InsufficientInstanceCapacity");
    expect(await code({ ...inB, InstanceType: "s1.large" })).toBe("InsufficientInstanceCapacity");
    expect(await code({ ...inB, MinCount: 3, MaxCount: 3 })).toBe("VcpuLimitExceeded");
    expect(await code(inB)).toBe("launched");
  });

  test.skipIf(namespaceKind() !== "root")("[needs root and PID namespaces] fills a machine's disk", async () => {
    await using rented = await faulty("disk-full=1");
    const id = await rented.launchOnline();
    const said = await rented.run(id, "dd if=/dev/zero of=$TMPDIR/../home/x bs=1024 count=400 2>&1; exit 0");
    expect(said.StandardOutputContent).toContain("No space left on device");
    await rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await rented.until(id, "terminated");
    expect(existsSync(join(rented.dir, "instances", id))).toBe(false);
  });

  test("lets a machine's clock jump in the middle of its first command", async () => {
    await using rented = await faulty("clock-jump=-3600");
    const id = await rented.launchOnline();
    const said = await rented.run(id, "date +%s; sleep 0.8; date +%s");
    const [before = 0, after = 0] = (said.StandardOutputContent ?? "").split("\n").map(Number);
    expect(Math.round((after - before) / 60)).toBe(-60);
  });

  test("has machines whose clock is the cloud's, from their beginning on, and jumps from there", async () => {
    const told_s = async (rented: Rented, id: string, script: string): Promise<number[]> =>
      ((await rented.run(id, script)).StandardOutputContent ?? "").trim().split("\n").map(Number);
    await using behind = await faulty("clock-skew=-13522");
    const id = await behind.launchOnline();
    const since_s = Math.floor(Date.now() / 1000);
    const [now_s = 0] = await told_s(behind, id, "date +%s");
    expect(now_s + 13_522).toBeGreaterThanOrEqual(since_s);
    expect(now_s + 13_522).toBeLessThanOrEqual(Date.now() / 1000);
    await using both = await faulty("clock-skew=13522,clock-jump=-7200");
    const [before = 0, after = 0] = await told_s(both, await both.launchOnline(), "date +%s; sleep 0.8; date +%s");
    expect(Math.round((before - Date.now() / 1000) / 3600)).toBe(4);
    expect(Math.round((after - before) / 3600)).toBe(-2);
  });

  test("spoils output: noise in it, cut short, a digest with another digit", async () => {
    const digest = "0123456789abcdef".repeat(4);
    const said = async (spec: string) => {
      await using rented = await faulty(spec);
      const id = await rented.launchOnline();
      return (await rented.run(id, `echo ${digest}`)).StandardOutputContent ?? "";
    };
    // eslint-disable-next-line no-control-regex
    expect(await said("garbage=1")).toMatch(/\u001b\[2J[^]*\u0000/);
    expect((await said("truncate=1")).length).toBeLessThan(65);
    const changed = await said("wrong-digest=1");
    expect(changed.split("").filter((char, i) => char !== `${digest}\n`[i]).length).toBe(1);
  });
});

/** The code of a refusal, or of a lost connection. */
function wireName(error: unknown): string {
  const { code } = error as { code?: string };
  return code ?? nameOf(error);
}
