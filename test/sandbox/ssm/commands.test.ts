import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
} from "@aws-sdk/client-ssm";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { images } from "../../../src/sandbox/catalogue.ts";
import { nameOf, rent, type Rented } from "../../support/rented-machine.ts";
import { until } from "../../support/until.ts";

let rented: Rented;
let id: string;
beforeAll(async () => {
  rented = await rent();
  id = await rented.launchOnline();
});
afterAll(async () => rented[Symbol.asyncDispose]());

test("a command's output and exit status come back, and its folder and environment are its own", async () => {
  const said = await rented.run(id, 'echo "$AWS_SSM_INSTANCE_ID $AWS_SSM_REGION_NAME"; echo why >/dev/stderr; exit 3');
  expect([said.Status, said.ResponseCode, said.StandardOutputContent]).toEqual(["Failed", 3, `${id} us-east-1\n`]);
  expect(said.StandardErrorContent).toBe("why\nfailed to run commands: exit status 3");
});

test("a script's own first line is honoured, and it runs by its path", async () => {
  const said = await rented.run(id, "#!/bin/bash\necho ${BASH_VERSION:+bash} ${0##*/}");
  expect(said.StandardOutputContent).toBe("bash _script.sh\n");
});

test("nothing of the user's environment is seen on an instance", async () => {
  process.env["TIMETRIAL_TEST_SECRET"] = "leaked";
  try {
    expect((await rented.run(id, "env")).StandardOutputContent).not.toContain("leaked");
  } finally {
    delete process.env["TIMETRIAL_TEST_SECRET"];
  }
});

test("a machine of s1 declares a mask for OpenSSL, one of s2 none, and none does where that is off", async () => {
  const declared = async (of: Rented, type: string): Promise<string> => {
    const machine = await of.launchOnline({ InstanceType: type as never });
    return (await of.run(machine, 'cat "$TIMETRIAL_MACHINE_ENV"')).StandardOutputContent ?? "";
  };
  const s1 = await declared(rented, "s1.medium");
  const s2 = await declared(rented, "s2.medium");
  if (process.arch === "x64") expect(s1).toContain("\nOPENSSL_ia32cap=:~0x20000000\n");
  expect(s2).not.toContain("OPENSSL");
  expect(s2).toMatch(/^TIMETRIAL_SANDBOX=1\nTIMETRIAL_HOME=.*\/home\nTIMETRIAL_PATH_FIRST=.*\/bin\n/);
  await using plain = await rent({ mask: false });
  expect(await declared(plain, "s1.medium")).not.toContain("OPENSSL");
});

test("a command is not there just after it was sent, and shows no output before its end", async () => {
  await using slow = await rent({ timeScale: 1 });
  const machine = await slow.launchOnline();
  // On a busy computer the tenth of a second may have passed before the question: then with another command.
  const { commandId, asked } = await until(async () => {
    const sent = await slow.send(machine, "echo begun; sleep 0.6");
    const question = new GetCommandInvocationCommand({ CommandId: sent, InstanceId: machine });
    const name = await slow.ssm.send(question).then(() => "it is there", nameOf);
    return name === "InvocationDoesNotExist" ? { commandId: sent, asked: question } : undefined;
  });
  const seen = await until(() => slow.ssm.send(asked).catch(() => undefined));
  expect([seen.Status, seen.StandardOutputContent, seen.ResponseCode]).toEqual(["InProgress", "", -1]);
  expect((await slow.outcome(machine, commandId)).StandardOutputContent).toBe("begun\n");
});

test("exit 194 reboots the instance and runs the script again, and shows what both runs said", async () => {
  const mark = "$TMPDIR/was-here";
  const script = `[ -e ${mark} ] && { echo again; echo worse >&2; exit 3; }; echo first; echo bad >&2; : >${mark}; exit 194`;
  const said = await rented.run(id, script);
  expect([said.Status, said.StandardOutputContent, said.StandardErrorContent]).toEqual([
    "Failed",
    "first\nagain\n",
    "bad\nworse\nfailed to run commands: exit status 3",
  ]);
});

test("a command that outlives its executionTimeout is killed with its group, traps unheard", async () => {
  const script = "trap 'echo trapped' EXIT TERM; echo begun; sleep 60 & echo $! >$TMPDIR/child; wait";
  const said = await rented.outcome(id, await rented.send(id, script, { executionTimeout: ["5"] }));
  expect([said.Status, said.StatusDetails, said.StandardOutputContent]).toEqual([
    "TimedOut",
    "ExecutionTimedOut",
    "begun\n",
  ]);
  expect((await rented.run(id, "kill -0 $(cat $TMPDIR/child) 2>/dev/null || echo dead")).StandardOutputContent).toBe(
    "dead\n",
  );
});

test("a child that holds standard output holds the command until its limit, and is killed then, though its parent has ended", async () => {
  const script = "echo begun; (sleep 60) & echo $! >$TMPDIR/holder";
  const said = await rented.outcome(id, await rented.send(id, script, { executionTimeout: ["5"] }));
  expect([said.Status, said.ResponseCode, said.StandardOutputContent]).toEqual(["TimedOut", 137, "begun\n"]);
  const look = "kill -0 $(cat $TMPDIR/holder) 2>/dev/null || echo dead";
  expect((await rented.run(id, look)).StandardOutputContent).toBe("dead\n");
});

test("a script ends at its end where a child in another session holds nothing", async () => {
  const said = await rented.run(id, "setsid sleep 30 >/dev/null 2>&1 & echo done");
  expect([said.Status, said.StandardOutputContent]).toEqual(["Success", "done\n"]);
});

test("a command that a reboot cuts off has failed without a word, and is not run again", async () => {
  await using fast = await rent({ timeScale: 0.01 });
  const machine = await fast.launchOnline();
  const runs = join(fast.dir, "instances", machine, "tmp", "runs");
  const commandId = await fast.send(machine, "echo run >>$TMPDIR/runs; reboot; sleep 60");
  const said = await fast.outcome(machine, commandId);
  expect([said.Status, said.ResponseCode, said.StandardOutputContent, said.StandardErrorContent]).toEqual([
    "Failed",
    1,
    "",
    "",
  ]);
  expect((await fast.run(machine, "echo up")).StandardOutputContent).toBe("up\n");
  expect(readFileSync(runs, "utf8")).toBe("run\n");
});

test("a command's result comes late and unchanged where the agent was restarted meanwhile", async () => {
  const commandId = await rented.send(id, "echo run >>$TMPDIR/restart; sleep 0.3; wc -l <$TMPDIR/restart | tr -d ' '");
  await until(() => existsSync(join(rented.dir, "instances", id, "tmp", "restart")) || undefined);
  rented.sandbox.restartAgent(id);
  const said = await rented.outcome(id, commandId);
  expect([said.Status, said.StandardOutputContent]).toEqual(["Success", "1\n"]);
});

test("five commands run at once, and the sixth waits", async () => {
  const tmp = join(rented.dir, "instances", id, "tmp");
  const script = (name: string) => `: >$TMPDIR/at-once.${name}; while [ ! -e $TMPDIR/go ]; do sleep 0.05; done`;
  const ids: string[] = [];
  for (const name of ["1", "2", "3", "4", "5", "6"]) ids.push(await rented.send(id, script(name)));
  const status = async (commandId = ""): Promise<string | undefined> => {
    const asked = new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: id });
    return (await rented.ssm.send(asked).catch(() => undefined))?.Status;
  };
  await until(() => ["1", "2", "3", "4", "5"].every((name) => existsSync(join(tmp, `at-once.${name}`))) || undefined);
  await until(() => status(ids[5]));
  expect(await Promise.all(ids.map(status))).toEqual([...Array.from({ length: 5 }, () => "InProgress"), "Pending"]);
  writeFileSync(join(tmp, "go"), "");
  const ends = await Promise.all(ids.map((each) => rented.outcome(id, each)));
  expect(ends.map((each) => each.Status)).toEqual(Array.from({ length: 6 }, () => "Success"));
});

test("a command is found by its comment, with its invocations", async () => {
  const sent = await rented.ssm.send(new SendCommandCommand({ ...basics(), Comment: "timetrial r/b-7" }));
  const listed = await until(async () => {
    const { Commands: commands } = await rented.ssm.send(new ListCommandsCommand({ InstanceId: id, MaxResults: 50 }));
    return commands?.find((each) => each.Comment === "timetrial r/b-7");
  });
  expect(listed.CommandId).toBe(sent.Command?.CommandId);
  const ask = new ListCommandInvocationsCommand({ CommandId: listed.CommandId, Details: true });
  await rented.outcome(id, listed.CommandId ?? "");
  const { CommandInvocations: invocations } = await rented.ssm.send(ask);
  expect(invocations).toMatchObject([{ InstanceId: id, CommandPlugins: [{ ResponseCode: 0, Output: "hello\n" }] }]);
  const first = await rented.ssm.send(new ListCommandsCommand({ MaxResults: 2 }));
  expect([first.Commands?.length, first.NextToken === undefined]).toEqual([2, false]);
});

test("a parameter of Parameter Store is resolved within a script, and an unknown one refused", async () => {
  const image = images.find((each) => each.region === "us-east-1");
  expect((await rented.run(id, `echo {{ssm:${image?.parameter}}}`)).StandardOutputContent).toBe(`${image?.id}\n`);
  const unknown = rented.send(id, "echo {{ssm:nothing}}");
  await expect(unknown).rejects.toSatisfy((error) => nameOf(error) === "InvalidParameters");
});

test("what SendCommand refuses is refused under SSM's names", async () => {
  const asked: [string, Partial<SendCommandCommandInput>][] = [
    ["InvalidDocument", { DocumentName: "AWS-RunPowerShellScript" }],
    ["InvalidInstanceId", { InstanceIds: ["i-0123456789abcdef0"] }],
    ["DuplicateInstanceId", { InstanceIds: [id, id] }],
    ["ValidationException", { InstanceIds: Array.from({ length: 51 }, (_, n) => `i-${10_000_000 + n}`) }],
    ["ValidationException", { Comment: "x".repeat(101) }],
    ["ValidationException", { TimeoutSeconds: 29 }],
    ["InvalidParameters", { Parameters: { commands: ["true"], executionTimeout: ["soon"] } }],
    ["InvalidParameters", { Parameters: { commands: ["true"], colour: ["blue"] } }],
    ["InvalidParameters", { Parameters: {} }],
    ["MaxDocumentSizeExceeded", { Parameters: { commands: ["x".repeat(70_000)] } }],
  ];
  const names = await Promise.all(
    asked.map(([, input]) => rented.ssm.send(new SendCommandCommand({ ...basics(), ...input })).then(String, nameOf)),
  );
  expect(names).toEqual(asked.map(([name]) => name));
});

test("a command to an instance that dies stays in progress, then was not delivered", async () => {
  await using fast = await rent({ timeScale: 0.01 });
  const machine = await fast.launchOnline({ InstanceInitiatedShutdownBehavior: "terminate" });
  const sent = await fast.ssm.send(
    new SendCommandCommand({
      DocumentName: "AWS-RunShellScript",
      InstanceIds: [machine],
      TimeoutSeconds: 30,
      Parameters: { commands: ["poweroff; sleep 60"], executionTimeout: ["120"] },
    }),
  );
  await fast.until(machine, "terminated");
  const asked = new GetCommandInvocationCommand({ CommandId: sent.Command?.CommandId, InstanceId: machine });
  expect((await fast.ssm.send(asked)).Status).toBe("InProgress");
  const said = await fast.outcome(machine, sent.Command?.CommandId ?? "");
  expect([said.Status, said.StatusDetails]).toEqual(["TimedOut", "DeliveryTimedOut"]);
});

test("an agent falls silent only a heartbeat after its instance ended", async () => {
  await using fast = await rent({ timeScale: 0.005 });
  const machine = await fast.launchOnline({ InstanceInitiatedShutdownBehavior: "stop" });
  const ping = async (): Promise<string | undefined> => {
    const { InstanceInformationList: list } = await fast.ssm.send(new DescribeInstanceInformationCommand({}));
    return list?.[0]?.PingStatus;
  };
  expect(await ping()).toBe("Online");
  await fast.send(machine, "shutdown -h now");
  await fast.until(machine, "stopped");
  expect(await ping()).toBe("Online");
  await until(async () => ((await ping()) === "ConnectionLost" ? true : undefined));
});

function basics(): SendCommandCommandInput {
  return { DocumentName: "AWS-RunShellScript", InstanceIds: [id], Parameters: { commands: ["echo hello"] } };
}
