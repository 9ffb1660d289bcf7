// The sandbox as a process of its own, bundled as it is shipped.

import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeInstanceInformationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { build } from "esbuild";
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { namespaceKind } from "../../src/sandbox/process/namespace-tree.ts";
import { readSandboxFile, type SandboxFile } from "../../src/sandbox/state-folder.ts";
import { imageId } from "../support/rented-machine.ts";
import { until } from "../support/until.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tt-bundle-"));
  await build({
    entryPoints: ["src/sandbox/main.ts"],
    outfile: join(folder, "sandbox.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    mainFields: ["module", "main"],
    banner: { js: 'import { createRequire as __ttCR } from "node:module"; const require = __ttCR(import.meta.url);' },
    logLevel: "silent",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the sandbox says where it is in a file for its user alone, and is started once a folder", async () => {
  const dir = stateFolder();
  const first = start(dir);
  const file = await listening(dir);
  expect(statSync(join(dir, "sandbox.json")).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(file).toMatchObject({ schema: 1, pid: first.child.pid, region: "us-east-1", time_scale: 0.05 });
  expect(file.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const second = start(dir);
  expect(await second.status).toBe(0);
  expect(second.said()).toContain(`a sandbox is running on ${dir}: ${file.endpoint}`);
  expect(readSandboxFile(dir)).toEqual(file);
  first.child.kill("SIGTERM");
  expect(await first.status).toBe(0);
  // What was launched there stays known for an hour, as EC2 has it.
  expect(readdirSync(dir)).toEqual(["launched.ndjson"]);
});

test("a signal ends the sandbox with its instances", async () => {
  const dir = stateFolder();
  const process = start(dir);
  const beat = await withTickingInstance(await listening(dir));
  process.child.kill("SIGTERM");
  expect(await process.status).toBe(0);
  await expectStill(beat);
  expect(existsSync(join(dir, "sandbox.json"))).toBe(false);
});

const needsNamespace = test.skipIf(namespaceKind() === undefined);
needsNamespace("[needs a PID namespace] instances end even where the sandbox is killed", async () => {
  const dir = stateFolder();
  const process = start(dir);
  const beat = await withTickingInstance(await listening(dir));
  process.child.kill("SIGKILL");
  await process.status;
  await pause(50);
  await expectStill(beat);
});

test("what a killed sandbox left behind is ended by the next on the same folder", async () => {
  const dir = stateFolder();
  const first = start(dir, "--isolation", "marker");
  const file = await listening(dir);
  const beat = await withTickingInstance(file);
  first.child.kill("SIGKILL");
  await first.status;
  const second = start(dir);
  await until(() => (readSandboxFile(dir)?.pid === second.child.pid ? true : undefined));
  await expectStill(beat);
  second.child.kill("SIGTERM");
  await second.status;
});

test("the sandbox ends itself when nobody needs it", async () => {
  const dir = stateFolder();
  const process = start(dir, "--idle-s", "20");
  await listening(dir);
  expect(await process.status).toBe(0);
  expect(existsSync(join(dir, "sandbox.json"))).toBe(false);
});

test("a folder that others may enter is refused", async () => {
  const dir = stateFolder();
  chmodSync(dir, 0o755);
  const process = start(dir);
  expect(await process.status).toBe(2);
  expect(process.said()).toContain(`${dir}: expected a folder of this user's with mode 0700`);
});

function stateFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), "tt-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function start(
  dir: string,
  ...more: string[]
): { child: ChildProcess; status: Promise<number | null>; said: () => string } {
  const args = [join(folder, "sandbox.mjs"), "--state", dir, "--time-scale", "0.05", "--idle-s", "1200", ...more];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const status = new Promise<number | null>((resolve) => child.once("close", resolve));
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, status, said: () => said };
}

function listening(dir: string): Promise<SandboxFile> {
  return until(() => readSandboxFile(dir));
}

/** Launches an instance with a detached child that writes to a file; returns what tells the file's size. */
async function withTickingInstance(file: SandboxFile): Promise<() => number> {
  const credentials = { accessKeyId: file.access_key_id, secretAccessKey: file.secret_access_key };
  const shared = { endpoint: file.endpoint, region: file.region, credentials };
  const [ec2, ssm] = [new EC2Client(shared), new SSMClient(shared)];
  const ticks = join(stateFolder(), "ticks");
  await ec2.send(
    new RunInstancesCommand({ ImageId: imageId, InstanceType: "s1.medium" as never, MinCount: 1, MaxCount: 1 }),
  );
  const id = await until(async () => {
    const { InstanceInformationList: list } = await ssm.send(new DescribeInstanceInformationCommand({}));
    return list?.[0]?.InstanceId;
  });
  const script = `setsid sh -c 'while :; do echo >>${ticks}; sleep 0.02; done' </dev/null >/dev/null 2>&1 &`;
  await ssm.send(
    new SendCommandCommand({
      DocumentName: "AWS-RunShellScript",
      InstanceIds: [id],
      Parameters: { commands: [script] },
    }),
  );
  ec2.destroy();
  ssm.destroy();
  const size = (): number => (existsSync(ticks) ? statSync(ticks).size : 0);
  await until(() => (size() > 3 ? true : undefined));
  return size;
}

async function expectStill(beat: () => number): Promise<void> {
  const before = beat();
  await pause(120);
  expect(beat()).toBe(before);
}
