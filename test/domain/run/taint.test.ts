import { expect, test } from "vitest";
import { taintsOf, taintsReported } from "../../../src/domain/run/taint.ts";

const machine = { ncpu: 2, shared: false };
const clean = { real_s: 100, steal_s: 0, others_cpu_s: 0 };

test("a trial with nothing beside it is clean", () => {
  expect(taintsOf({ real_s: 2, steal_s: 0, others_cpu_s: 0.01, orphans: 0, swapped_pages: 0 }, clean, machine)).toEqual(
    [],
  );
});

test("steal of over 1 % of a long trial taints it", () => {
  expect(taintsOf({ real_s: 2, steal_s: 0.05 }, clean, machine)).toEqual(["steal"]);
  expect(taintsOf({ real_s: 2, steal_s: 0.04 }, clean, machine)).toEqual([]);
});

test("one tick of steal in a short trial is judged by the batch", () => {
  expect(taintsOf({ real_s: 0.05, steal_s: 0.01 }, clean, machine)).toEqual([]);
  expect(taintsOf({ real_s: 0.05, steal_s: 0 }, { ...clean, steal_s: 3 }, machine)).toEqual(["steal"]);
});

test("one tick alone taints nothing, even where the whole batch is short; two do", () => {
  expect(taintsOf({ real_s: 0.05, steal_s: 0.01 }, { real_s: 0.1, steal_s: 0.01 }, machine)).toEqual([]);
  expect(taintsOf({ real_s: 0.05, steal_s: 0.02 }, { real_s: 0.1, steal_s: 0.02 }, machine)).toEqual(["steal"]);
});

test("others' CPU of over 5 % of the machine taints, but not on a shared one", () => {
  expect(taintsOf({ real_s: 2, others_cpu_s: 0.3 }, clean, machine)).toEqual(["others-cpu"]);
  expect(taintsOf({ real_s: 2, others_cpu_s: 0.3 }, clean, { ncpu: 2, shared: true })).toEqual([]);
});

test("swapping and orphans taint however short the trial", () => {
  expect(taintsOf({ real_s: 0.05, swapped_pages: 1, orphans: 2 }, clean, machine)).toEqual(["swap", "orphans"]);
});

test("a suite's own check may taint a trial, by words or by what it counted as fetched", () => {
  expect(taintsReported(undefined)).toEqual([]);
  expect(taintsReported({ "reported.fetched": "0" })).toEqual([]);
  expect(taintsReported({ "reported.fetched": "2", tainted: "fetch no-credits <b>" })).toEqual(["fetch", "no-credits"]);
});
