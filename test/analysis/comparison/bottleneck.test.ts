import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/comparison/analyse.ts";
import { type Bottleneck, bottleneckOf } from "../../../src/analysis/comparison/bottleneck.ts";
import type { Comparison } from "../../../src/analysis/comparison/comparison.ts";
import { series } from "../../support/records.ts";

describe("where the time of a row went", () => {
  // The article's rows on 32 vCPUs, by its CPU over its real seconds; its prose says the same of them.
  test.each<[string, number, number, number, Bottleneck]>([
    ["pkg install git", 4.76, 19.13, 32, "waits"],
    ["portsnap fetch extract", 175.22, 159.56, 32, "serial"],
    ["apache24", 1103.5, 502.77, 32, "partly-parallel"],
    ["world and kernel", 21892.79, 849.09, 32, "cpu"],
    ["one thread on the only CPU", 0.99, 1, 1, "cpu"],
    ["one thread on two CPUs", 0.99, 1, 2, "serial"],
  ])("%s", (_name, cpu_s, real_s, vcpus, bound) => {
    expect(bottleneckOf({ cores_busy: cpu_s / real_s, vcpus, others_share: 0 })).toBe(bound);
  });

  test("is not told to be a disk or a network where others had the CPUs", () => {
    expect(bottleneckOf({ cores_busy: 0.5, vcpus: 2, others_share: 0.3 })).toBe("unclear");
  });

  test("is not told where a time is not known", () => {
    expect(bottleneckOf({ cores_busy: null, vcpus: 2, others_share: 0 })).toBeNull();
  });
});

describe("the mean over CPU-bound rows", () => {
  const eight = (time: number) => Array.from({ length: 8 }, () => time);
  /** A row in which CPU is `share` of real. */
  const row = (name: string, a_s: number, b_s: number, share: number, others_cpu_s = 0) =>
    [...series(eight(a_s), { row: name }), ...series(eight(b_s), { row: name, side: "b", machine: "b-1" })].map(
      (record) =>
        record.status === "completed"
          ? { ...record, user_s: record.real_s * share, system_s: 0, others_cpu_s }
          : record,
    );
  const rows = ["x", "y", "z"].map((name) => ({ suite: "s", row: name, impl: "i" }));
  const compared = (records: ReturnType<typeof row>): Promise<Comparison> =>
    analyse(records, { sides: ["a", "b"], baseline: "a", rows, warmup: () => 0, vcpus: () => 2 });
  const cpuBound = ({ geomeans }: Comparison) => geomeans.find((one) => one.rows === "cpu-bound")?.speedups["b"]?.real;

  test("leaves out the row that waits", async () => {
    // 2 and 8 have the mean 4; with the third it would be 2.52.
    const found = cpuBound(await compared([...row("x", 2, 1, 1), ...row("y", 8, 1, 1), ...row("z", 1, 1, 0.3)]));
    expect(found?.value).toBeCloseTo(4, 10);
    expect(found).toMatchObject({ count: 2, of: 2 });
  });

  test("is not made where no row waits: it would be the mean that there is", async () => {
    expect(cpuBound(await compared([...row("x", 2, 1, 1), ...row("y", 8, 1, 1)]))).toBeUndefined();
  });

  test("is not made where others had the CPUs: nobody knows which rows would have waited", async () => {
    const records = [...row("x", 2, 1, 1), ...row("y", 8, 1, 1), ...row("z", 1, 1, 0.3, 1)];
    expect(cpuBound(await compared(records))).toBeUndefined();
  });
});
