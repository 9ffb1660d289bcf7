// `timetrial sandbox`: what it prints is enough for other clients, and interrupting it leaves nothing.

import { type _InstanceType, DescribeInstanceTypesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk, type Running } from "../support/cli.ts";
import { until } from "../support/until.ts";

const aws = "/usr/bin/aws";
let desk: Desk;
let serving: Running;
let printed = "";
let environment: Record<string, string>;

beforeAll(async () => {
  desk = new Desk(0.02);
  serving = desk.start(["sandbox"]);
  serving.child.stdout?.on("data", (bytes: Buffer) => {
    printed += bytes.toString();
  });
  await until(() => printed.includes("--endpoint-url"));
  // Sourced by a shell, as a user does it, and nothing else printed.
  const { stdout } = await promisify(execFile)("sh", ["-c", `${printed}\nexport -p >/dev/null; env`], {
    env: { PATH: "/usr/bin:/bin" },
  });
  environment = Object.fromEntries(
    stdout.split("\n").flatMap((line) => (line.startsWith("AWS_") ? [parted(line)] : [])),
  );
});
afterAll(() => desk.clear());

function parted(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

test("the printed lines, sourced, set what a client needs", () => {
  const address = desk.address();
  expect(environment).toEqual({
    AWS_ENDPOINT_URL: address?.endpoint,
    AWS_ACCESS_KEY_ID: address?.access_key_id,
    AWS_SECRET_ACCESS_KEY: address?.secret_access_key,
    AWS_REGION: "us-east-1",
  });
});

test("the SDK reaches the sandbox with them", async () => {
  const ec2 = new EC2Client({
    endpoint: environment["AWS_ENDPOINT_URL"] ?? "",
    region: environment["AWS_REGION"] ?? "",
    credentials: {
      accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
    },
  });
  const { InstanceTypes } = await ec2.send(
    new DescribeInstanceTypesCommand({ InstanceTypes: ["s1.medium" as _InstanceType] }),
  );
  expect(InstanceTypes?.map((type) => type.InstanceType)).toEqual(["s1.medium"]);
  ec2.destroy();
});

test.skipIf(!existsSync(aws))("the printed line for an older aws reaches it too [needs aws]", async () => {
  const line = /^# {3}aws (.*)$/m.exec(printed)?.[1] ?? "";
  const env = {
    ...environment,
    PATH: "/usr/bin:/bin",
    HOME: desk.folder,
    AWS_PAGER: "",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const { stdout } = await promisify(execFile)(aws, [...line.split(" "), "--output", "json"], { env });
  expect(JSON.parse(stdout)).toEqual({ Reservations: [] });
});

test("a second one on the same folder is refused, with how to end the first", async () => {
  const ended = await desk.run(["sandbox"]);
  expect(ended.stderr).toMatch(/a sandbox listens on http:\/\/127\.0\.0\.1:\d+ already[^]*kill \d+/);
  expect(ended.status).toBe(2);
});

test("an interrupt ends it and the sandbox", async () => {
  const pid = desk.address()?.pid ?? 0;
  serving.child.kill("SIGINT");
  expect((await serving.ended).status).toBe(0);
  expect(desk.address()).toBe(undefined);
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("faults that cannot be read are refused at once, with where and what was expected, by all who take them", async () => {
  const fresh = new Desk(0.02);
  try {
    const served = await fresh.run(["sandbox", "--faults", "throttle=2"]);
    expect([served.status, served.stdout]).toEqual([2, ""]);
    expect(served.stderr).toContain('--faults: throttle: expected a chance from 0 to 1, got "2"');
    const asked = await fresh.run(["ami", "al2023", "--cloud", "sandbox"], { TIMETRIAL_SANDBOX_FAULTS: "thunder=1" });
    expect(asked.status).toBe(2);
    expect(asked.stderr).toContain('--faults: expected the name of a fault, got "thunder"');
  } finally {
    await fresh.clear();
  }
});

test("a sandbox that runs is not taken for one with other faults", async () => {
  // Unscaled: it must not end itself between two commands on a busy computer.
  const fresh = new Desk(1);
  try {
    const faults = { TIMETRIAL_SANDBOX_FAULTS: "seed=1,throttle=0.1" };
    const ami = ["ami", "al2023", "--cloud", "sandbox"];
    for (const _ of ["started by it", "found running"])
      expect(await fresh.run(ami, faults)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^ami-/) });
    const other = await fresh.run(ami, { TIMETRIAL_SANDBOX_FAULTS: "seed=2,throttle=0.1" });
    expect([other.status, other.stdout]).toEqual([2, ""]);
    expect(other.stderr).toContain("was started with other faults");
  } finally {
    await fresh.clear();
  }
});

test("no command asks anything of an endpoint that a state folder open to others names", async () => {
  const fresh = new Desk(0.02);
  const asked: string[] = [];
  const stranger = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end();
  });
  await new Promise<void>((resolve) => void stranger.listen(0, "127.0.0.1", resolve));
  try {
    mkdirSync(fresh.sandboxFolder);
    chmodSync(fresh.sandboxFolder, 0o777);
    const endpoint = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const connection = { schema: 1, pid: 0, endpoint, region: "us-east-1", access_key_id: "a", secret_access_key: "b" };
    writeFileSync(join(fresh.sandboxFolder, "sandbox.json"), JSON.stringify({ ...connection, time_scale: 1 }));
    for (const words of [["ami", "al2023", "--cloud", "sandbox"], ["sandbox"]]) {
      const refused = await fresh.run(words);
      expect([refused.status, refused.stdout]).toEqual([2, ""]);
      expect(refused.stderr).toContain(`${fresh.sandboxFolder}: expected a folder of this user's with mode 0700`);
    }
    expect(asked).toEqual([]);
  } finally {
    stranger.close();
    rmSync(join(fresh.sandboxFolder, "sandbox.json"), { force: true });
    await fresh.clear();
  }
});

test("--help lists every fault", async () => {
  const { stdout, status } = await desk.run(["sandbox", "--help"]);
  expect(status).toBe(0);
  for (const name of ["throttle=P", "spot-interrupt=P", "no-capacity=NAME+NAME", "clock-jump=SECONDS"])
    expect(stdout).toContain(name);
});
