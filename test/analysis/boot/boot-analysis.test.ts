// Phases from instants, and what is said of many boots.

import { expect, test } from "vitest";
import { analyseBoots } from "../../../src/analysis/boot/boot-analysis.ts";
import { phasesOf, quantile } from "../../../src/analysis/boot/boot-phases.ts";
import { type BootRecord, bootRecordSchema, type BootSpec } from "../../../src/domain/boot/boot.ts";
import { aSpec } from "../../support/boot-ports.ts";
import * as v from "valibot";

type Given = Partial<Extract<BootRecord, { status: "completed" }>>;

function booted(given: Given = {}): BootRecord {
  return {
    schema: 1,
    side: "a",
    type: "c7g.large",
    image: "ami-0a",
    image_name: "al2023",
    zone: "us-east-1a",
    instance: "i-0a",
    number: 2,
    warmup: false,
    started_at: "2026-01-01T00:00:00.000Z",
    connection: "one",
    closed_seen: true,
    describes: { sent: 10, failed: 0, throttled: 0 },
    probes: { closed: 4, open: 1 },
    tainted: [],
    notes: [],
    status: "completed",
    called_s: 1.5,
    running_s: 8,
    closed_s: 20,
    open_s: 25,
    online_s: null,
    missing: { online_s: "not asked for" },
    ...given,
  };
}

function failed(given: Partial<BootRecord> = {}): BootRecord {
  const { status: _, ...rest } = booted();
  return {
    ...rest,
    open_s: null,
    closed_s: null,
    missing: { open_s: "silent", closed_s: "silent" },
    ...given,
    status: "failed",
    reason: "port 22 was silent",
  } as BootRecord;
}

function spec(sides: readonly string[]): BootSpec {
  return {
    ...aSpec,
    sides: sides.map((name) => ({ name, type: "c7g.large", image: "al2023" })),
    baseline: sides[0] as string,
    boots: 10,
  };
}

test("phases are the differences of the instants", () => {
  expect(phasesOf(booted({ online_s: 30 }))).toEqual({
    call: 1.5,
    running: 6.5,
    closed: 12,
    open: 5,
    online: 22,
    boot: 17,
    whole: 25,
  });
});

test("a boot that was never seen refused took no time from closed to open", () => {
  expect(phasesOf(booted({ closed_s: 25, closed_seen: false })).open).toBe(0);
});

test("what was not seen has no length", () => {
  const { closed, open, boot, whole, running } = phasesOf(failed());
  expect([closed, open, boot, whole]).toEqual([undefined, undefined, undefined, undefined]);
  expect(running).toBe(6.5);
});

test("running before the call was answered is no negative time", () => {
  expect(phasesOf(booted({ called_s: 9 })).running).toBe(0);
});

test("the 90th percentile is R's: quantile(1:9, 0.9) is 8.2", () => {
  expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9], 0.9)).toBeCloseTo(8.2, 12);
});

test("the first boot, failed ones and throttled ones do not count, and are counted", async () => {
  const records = [
    booted({ warmup: true, number: 1, open_s: 500 }),
    failed({ number: 2 }),
    booted({ number: 3, tainted: ["describes-throttled"], open_s: 400 }),
    booted({ number: 4, open_s: 24 }),
    booted({ number: 5, open_s: 26 }),
  ];
  const { sides, notes } = await analyseBoots(records, spec(["a"]), "a");
  expect(sides[0]).toMatchObject({
    kept: 2,
    of: 5,
    left_out: { "first boot": 1, failed: 1, "describes-throttled": 1 },
    phases: { whole: { n: 2, median_s: 25 } },
  });
  expect(notes).toEqual(["1 boot: port 22 was silent"]);
});

test("a speedup is the ratio of the medians shown, with an interval from six boots on", async () => {
  const of = (side: string, factor: number, n: number) =>
    Array.from({ length: n }, (_, i) => {
      const closed_s = 8 + (12 + i / 10) * factor;
      return booted({ side, number: i + 2, closed_s, open_s: closed_s + 5 });
    });
  const nine = await analyseBoots([...of("a", 1, 9), ...of("b", 0.5, 9)], spec(["a", "b"]), "a");
  const closed = nine.speedups["b"]?.closed;
  expect(closed?.value).toBeCloseTo(12.4 / 6.2, 9);
  expect(closed?.verdict).toBe("faster");
  expect(closed?.lo).toBeLessThan(2);
  expect(closed?.hi).toBeGreaterThan(2);
  const five = await analyseBoots([...of("a", 1, 5), ...of("b", 0.5, 5)], spec(["a", "b"]), "a");
  expect(five.speedups["b"]?.closed).toMatchObject({ lo: null, hi: null, verdict: "no-interval" });
});

test("phases under ten times what they are asked by are too short to compare", async () => {
  const of = (side: string, gap_s: number) =>
    Array.from({ length: 9 }, (_, i) => booted({ side, number: i + 2, open_s: 20 + gap_s + i / 1000 }));
  const { speedups } = await analyseBoots([...of("a", 0.05), ...of("b", 0.09)], spec(["a", "b"]), "a");
  expect(speedups["b"]?.open?.verdict).toBe("too-short");
});

test("images are sorted by the sum of their two medians, published ones among them", async () => {
  const published = {
    schema: "reference-boot/1",
    id: "ec2-old",
    source: { title: "t", author: "a", date: "2021", url: "u" },
    environment: { region: "us-east-1", instance_type: "c5.xlarge" },
    method: { runs: 10, discarded_first: 1, kept: 9, statistic: "median" },
    common_phases: { run_instances_call_s: 1.5, pending_to_running_s: 6.9 },
    rows: [
      { ami_id: "ami-1", ami_name: "slow", running_to_port_closed_s: 30, port_closed_to_open_s: 9, total_s: 39 },
      { ami_id: "ami-2", ami_name: "fast", running_to_port_closed_s: 1, port_closed_to_open_s: 0, total_s: 1 },
    ],
  } as const;
  const { images } = await analyseBoots([booted()], spec(["a"]), "a", { ...published, rows: [...published.rows] });
  expect(images.map(({ name, total_s }) => [name, total_s])).toEqual([
    ["fast", 1],
    ["a", 17],
    ["slow", 39],
  ]);
});

test("a completed record with an instant missing is refused", () => {
  expect(v.is(bootRecordSchema, booted())).toBe(true);
  expect(v.is(bootRecordSchema, { ...booted(), open_s: null })).toBe(false);
  expect(v.is(bootRecordSchema, { ...booted(), open_s: -1 })).toBe(false);
});
