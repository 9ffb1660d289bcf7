// The report of a boot run on a terminal, from records whose figures are plain: twelve seconds against six.

import { expect, test } from "vitest";
import { analyseBoots } from "../../../src/analysis/boot/boot-analysis.ts";
import type { BootPlan, BootRecord, BootSpec } from "../../../src/domain/boot/boot.ts";
import { bootTable } from "../../../src/report/boot/terminal-table.ts";
import { aSpec } from "../../support/boot-ports.ts";

/** Instants of every boot of each side: call 1.5 s, pending 7 s; then 12 + 4 s, or 6 + 2 s; the agent 5 s after running. */
const instants = {
  "c6g.large": { called_s: 1.5, running_s: 8.5, closed_s: 20.5, open_s: 24.5, online_s: 13.5 },
  "c7g.large": { called_s: 1.5, running_s: 8.5, closed_s: 14.5, open_s: 16.5, online_s: 13.5 },
};

const spec: BootSpec = {
  ...aSpec,
  sides: Object.keys(instants).map((name) => ({ name, type: name, image: "al2023" })),
  baseline: "c6g.large",
  boots: 7,
  ssm: true,
};
const plan: BootPlan = { schema: 1, kind: "boot", run: "r", tool_version: "0", created_at: "", spec };

const records = Object.entries(instants).flatMap(([side, seen]) =>
  Array.from({ length: 7 }, (_, i): BootRecord => ({
    schema: 1,
    side,
    type: side,
    image: `ami-${side}`,
    image_name: "al2023",
    zone: "us-east-1a",
    instance: `i-${side}-${i}`,
    number: i + 1,
    warmup: i === 0,
    started_at: "2026-11-24T12:00:00.000Z",
    connection: "a new connection per call",
    closed_seen: true,
    rtt_s: side === "c6g.large" ? 0.0005 : 0.00025,
    // Of one kept boot longer than of the others; a first boot's is not told.
    loop_delay_max_s: i === 0 ? 0.5 : i === 3 ? 0.012 : 0.004,
    cpu_s: 0.08 * seen.open_s,
    describes: { sent: 140, failed: 0, throttled: 0 },
    probes: { closed: 400, open: 1 },
    tainted: [],
    notes: [],
    status: "completed",
    ...seen,
    missing: {},
  })),
);

const told = {
  plan,
  records,
  absence: { state: "none", ids: [] },
  sums: "0123456789abcdef",
  spent: { usd: 0.0191, atMost: false },
};

async function report(width: number): Promise<string> {
  return bootTable({ ...told, analysis: await analyseBoots(records, spec, "c6g.large") }, width);
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ");

test("it is no wider than the terminal", async () => {
  const lines = (await report(80)).split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test("each phase has its medians and its speedup: ~ where no difference is shown, short where it cannot be", async () => {
  const rows = (await report(80)).split("\n").map(oneLine);
  const startOf = (phase: string): string => rows.find((row) => row.startsWith(phase)) ?? "";
  // Median and 90th percentile of each side: the same, since all its boots are alike.
  expect(startOf("RunInstances call")).toMatch(/^RunInstances call 1\.50 s 1\.50 s 1\.50 s 1\.50 s ~ 1\.00x/);
  expect(startOf("pending to running")).toMatch(/^pending to running 7\.00 s 7\.00 s 7\.00 s 7\.00 s ~ 1\.00x/);
  expect(startOf("running to port closed")).toMatch(/^running to port closed 12\.0 s 12\.0 s 6\.00 s 6\.00 s 2\.00x/);
  expect(startOf("port closed to open")).toMatch(/^port closed to open 4\.00 s 4\.00 s 2\.00 s 2\.00 s 2\.00x/);
  // Asked once a second: five seconds are under ten of those.
  expect(startOf("running to SSM online")).toBe("running to SSM online 5.00 s 5.00 s 5.00 s 5.00 s short");
  expect(startOf("running to port open")).toMatch(/^running to port open 16\.0 s 16\.0 s 8\.00 s 8\.00 s 2\.00x/);
  // 24.5 / 16.5
  expect(startOf("launch to port open")).toMatch(/^launch to port open 24\.5 s 24\.5 s 16\.5 s 16\.5 s 1\.48x/);
});

test("the bars are as long as the phases: 59 columns for the longer, 24.5 s", async () => {
  const lines = (await report(80)).split("\n");
  // Ends at 1.5, 8.5, 20.5 and 24.5 s: columns 3.6, 20.5, 49.4 and 59.
  expect(lines).toContain(`c6g.large |${"=".repeat(4)}${".".repeat(16)}${"-".repeat(29)}${"#".repeat(10)}| 24.5 s`);
  // 1.5, 8.5, 14.5 and 16.5 s: 3.6, 20.5, 34.9 and 39.7.
  expect(lines).toContain(`c7g.large |${"=".repeat(4)}${".".repeat(16)}${"-".repeat(15)}${"#".repeat(5)}| 16.5 s`);
});

test("images are sorted by what the last two phases come to", async () => {
  const text = oneLine(await report(120));
  expect(text).toContain(
    "c7g.large ami-c7g.large 6.00 s 2.00 s 8.00 s 6 c6g.large ami-c6g.large 12.00 s 4.00 s 16.00 s 6",
  );
});

test("the footer says what the prober was worth, what was left out, what was spent, and that nothing is left", async () => {
  const text = oneLine(await report(80));
  expect(text).toContain(
    "prober: event loop late by at most 12 ms; its CPU busy 8 % of the time; round trip: c6g.large 0.5 ms, c7g.large 0.25 ms",
  );
  expect(text).toContain("~ no difference shown short: under 10 times the interval of the polls");
  expect(text).toContain("2 of 14 boots left out (2 first boot) 0 instances left running $0.02 sums 0123456789ab");
});
