// Two digests under one work_id are never compared.

import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/comparison/analyse.ts";
import { rowRuns } from "../../../src/analysis/comparison/row-runs.ts";
import { series } from "../../support/records.ts";

const options = {
  sides: ["a", "b"],
  baseline: "a",
  rows: [{ suite: "s", row: "r", impl: "i" }],
  warmup: () => 0,
};
const times_s = [1, 1.01, 0.99, 1, 1.02, 1, 0.98];
const made = (side: string, digest: string | undefined) =>
  series(times_s, { side, machine: `${side}-1`, ...(digest === undefined ? {} : { digest }) });

test("one work with a digest on each side is compared where they agree", async () => {
  const { rows } = await analyse([...made("a", "d1"), ...made("b", "d1")], options);
  expect(rows[0]?.cells["b"]?.real.status).toBe("ok");
  expect(rows[0]?.speedups["b"]?.real.value).toBeCloseTo(1);
});

test("two digests under one work_id are not compared: the cells are tainted, and the note says whose they are", async () => {
  const records = [...made("a", "d1"), ...made("b", "ffff")];
  const { rows, left_out } = await analyse(records, options);
  expect(rows[0]?.cells["a"]?.real).toMatchObject({
    status: "tainted",
    time_s: null,
    reasons: { "digests-differ": 7 },
  });
  expect(rows[0]?.cells["b"]?.real).toMatchObject({ status: "tainted", time_s: null });
  expect(rows[0]?.speedups["b"]?.real.value).toBeNull();
  expect(rows[0]?.notes).toContain(
    "the same work has different digests, so nothing is compared: d1 on a-1; ffff on b-1",
  );
  expect(left_out.reasons).toEqual({ "digests-differ": 14 });
  expect(Array.from(rowRuns(records, options)[0] ?? [], ({ left_out: why }) => why)).toEqual(
    Array(14).fill("digests-differ"),
  );
});

test("another driver of the same work must give the same digest too", async () => {
  const records = [...made("a", "d1"), ...made("b", "ffff").map((record) => ({ ...record, driver: "python" }))];
  const { rows } = await analyse(records, options);
  expect(rows.map(({ cells }) => cells["b"]?.real.kept)).toEqual([0, 0]);
});

test("a record that failed, or that proves nothing, contradicts nobody", async () => {
  const wrong = made("b", "ffff").map((record) => ({ ...record, check: "failed" as const }));
  const { rows } = await analyse([...made("a", "d1"), ...wrong, ...made("b", undefined)], options);
  expect(rows[0]?.cells["a"]?.real.status).toBe("ok");
});
