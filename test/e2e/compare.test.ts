// The whole way, for real: the built command line, the sandbox as a process of its own, the SDK over HTTP, the agent,
// the suite, real times. Only minutes are shrunk, by the sandbox's time scale.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Desk, type Ended } from "../support/cli.ts";
import { until } from "../support/until.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk(0.02);
});

/** A sandbox that does not end itself before the test has asked it what is left. */
const lasting = ["--idle-s", "10000"];

afterEach(() => desk.clear());

const shaNi =
  process.arch === "x64" && /\bsha_ni\b/.test(existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "");
const needsShaNi = shaNi ? "" : " [needs a CPU with SHA extensions]";
/** Enough work for the clocks there are: without cc and python3 the CPU clock steps by 10 ms. */
const blocks = ["cc", "python3"].some((tool) => spawnSync(tool, ["--version"]).status === 0) ? "10000" : "100000";
const sha256 = ["--cloud", "sandbox", "--suite", "hashes/sha256/openssl-evp", "--set", `blocks=${blocks}`];

interface Json {
  rows: {
    row: string;
    impl: string;
    cells: Record<string, { real: { time_s: number | null; kept: number; of: number } }>;
    speedups: Record<string, { cpu: { value: number; lo: number; hi: number; verdict: string; scope: string } }>;
  }[];
  notes: string[];
}

const statesInCloud = async (): Promise<string[]> => (await desk.instances()).map(({ State }) => State?.Name ?? "");

describe("compare in the sandbox", () => {
  test.skipIf(!shaNi)(
    `finds sha256 well above 1x on s2, says why, and leaves nothing${needsShaNi}`,
    async () => {
      await desk.sandbox(lasting);
      const ended = await desk.run([
        "compare",
        "s1.medium",
        "s2.medium",
        ...sha256,
        "--machines",
        "2",
        "--rounds",
        "8",
        "--format",
        "json",
      ]);
      expect(ended).toMatchObject({ status: 0 });
      const json = JSON.parse(ended.stdout) as Json;
      const row = json.rows[0];
      // The rounds that were planned, and those that were measured again for what disturbed them.
      const ofSide = desk
        .lines<{ side: string; round: number }>("records.ndjson")
        .filter((r) => r.side === "s1.medium");
      expect(ofSide.filter(({ round }) => round > 1 && round <= 8)).toHaveLength(14);
      expect(row?.cells["s1.medium"]?.real).toMatchObject({ of: ofSide.filter(({ round }) => round > 1).length });
      const speedup = row?.speedups["s2.medium"]?.cpu;
      expect(speedup?.verdict).toBe("faster");
      expect(speedup?.scope).toBe("machines");
      expect(speedup?.value).toBeGreaterThan(2);

      const table = await desk.run(["report", desk.runName()]);
      expect(table.stdout).toContain("†1 instruction sha_ni: on s2.medium, not on s1.medium");
      expect(table.stdout).toContain("0 instances left running");
      expect(table.stdout).toContain("sandbox: this host");
      expect(await statesInCloud()).toEqual(["terminated", "terminated", "terminated", "terminated"]);
    },
    240_000,
  );

  test.skipIf(!shaNi)(`finds sha256 at about 1x when the mask is taken away${needsShaNi}`, async () => {
    await desk.sandbox(["--no-mask", ...lasting]);
    const ended = await desk.run([
      "compare",
      "s1.medium",
      "s2.medium",
      ...sha256,
      "--machines",
      "1",
      "--rounds",
      "9",
      "--format",
      "json",
    ]);
    const speedup = (JSON.parse(ended.stdout) as Json).rows[0]?.speedups["s2.medium"]?.cpu;
    expect(speedup?.value).toBeGreaterThan(0.8);
    expect(speedup?.value).toBeLessThan(1.25);
    expect(ended.stdout).not.toContain("sha_ni: on");
  });

  test("an instance launched behind its back under its tag is found, named and ended", async () => {
    await desk.sandbox(lasting);
    const running = desk.start(["compare", "s1.medium", "s2.medium", ...sha256, "--machines", "1", "--rounds", "2"]);
    await until(async () => desk.address() !== undefined && (await statesInCloud()).includes("running"));
    const [known] = await desk.instances();
    const launched = await desk.ec2((ec2) =>
      ec2.send(
        new RunInstancesCommand({
          ImageId: known?.ImageId,
          InstanceType: "s1.medium" as never,
          MinCount: 1,
          MaxCount: 1,
          TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "timetrial:run", Value: desk.runName() }] }],
        }),
      ),
    );
    const id = launched.Instances?.[0]?.InstanceId as string;
    const ended: Ended = await running.ended;
    expect(ended.stderr).toContain(`EC2 shows the run's tag on ${id}, not launched by it: ended too`);
    expect(await statesInCloud()).toEqual(["terminated", "terminated", "terminated"]);
    expect(ended.stdout).toContain("0 instances left running");
    expect(ended.status).toBe(0);
  });

  test("Ctrl-C gives the machines back, keeps what was measured, and ends with 130", async () => {
    await desk.sandbox(lasting);
    const running = desk.start(["compare", "s1.medium", "s2.medium", ...sha256, "--machines", "1", "--rounds", "200"]);
    const records = (): number => desk.lines("records.ndjson").length;
    await until(() => records() > 3);
    running.child.kill("SIGINT");
    const ended = await running.ended;
    expect(ended.status).toBe(130);
    expect(await statesInCloud()).toEqual(["terminated", "terminated"]);
    expect(existsSync(join(desk.folder, "results", desk.runName(), "SHA256SUMS"))).toBe(true);
    expect(records()).toBeGreaterThan(3);
  });
});

describe("run on this machine", () => {
  test("of two sides that are one computer lets them take turns", async () => {
    const words = ["compare", "a=local", "b=local", "--suite", "hashes/sha1/openssl-evp", "--rounds", "3"];
    const ended = await desk.run([...words, "--set", "blocks=10000", "--format", "json"]);
    expect(ended.status).toBe(0);
    const sides = desk.lines<{ side: string }>("records.ndjson").map(({ side }) => side);
    expect(sides.filter((side) => side === "a")).toHaveLength(3);
    for (const round of [0, 2, 4]) expect(new Set(sides.slice(round, round + 2))).toEqual(new Set(["a", "b"]));
  });

  test("needs no cloud, and prints what the row took", async () => {
    const ended = await desk.run(["run", "hashes/sha1/openssl-evp", "--rounds", "3", "--set", "blocks=10000"]);
    expect(ended.status).toBe(0);
    // On a host that others use, steal may taint the few runs there are: then the row says so.
    expect(ended.stdout).toMatch(/^ {2}sha1 +([\d.]+ m?s|!)/m);
    expect(desk.address()).toBeUndefined();
  });

  test("writes where it is told to, and nothing else when it is to be quiet", async () => {
    const words = ["run", "hashes/sha1", "--rounds", "2", "--set", "blocks=10000", "--quiet"];
    const ended = await desk.run([...words, "--out", "table.json", "--format", "json", "--results", "kept/runs"]);
    expect(ended).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(JSON.parse(readFileSync(join(desk.folder, "table.json"), "utf8"))).toMatchObject({ baseline: "local" });
    expect(readdirSync(join(desk.folder, "kept", "runs"))).toHaveLength(1);
  });
});
