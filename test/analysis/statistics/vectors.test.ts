// The golden vectors: inputs with what public software (R 4.2.2) makes of them. Each has its own tolerance.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { benjaminiHochberg } from "../../../src/analysis/statistics/false-discovery.ts";
import {
  compareTests,
  type MachineTimes,
  type CompareTestsInput,
} from "../../../src/analysis/compare-tests/compare-tests.ts";
import { afterWarmUp } from "../../../src/analysis/comparison/kept-runs.ts";
import { medianInterval, medianRank } from "../../../src/analysis/statistics/median-interval.ts";
import { geometricMean, mean, median } from "../../../src/analysis/statistics/samples.ts";
import { loadStudent } from "../../../src/analysis/statistics/student.ts";
import { typeInterval } from "../../../src/analysis/statistics/type-interval.ts";
import { pValue } from "../../../src/analysis/comparison/verdict.ts";

interface Vector<Input = unknown> {
  readonly id: string;
  readonly kind: string;
  readonly input: Input;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly tol: number;
}

const { vectors } = JSON.parse(readFileSync(new URL("stats-vectors.json", import.meta.url), "utf8")) as {
  vectors: Vector[];
};

type Solve = (input: never) => Promise<Record<string, unknown>> | Record<string, unknown>;

/** How many vectors of each kind there are, and what we make of one. */
const kinds: Record<string, readonly [number, Solve]> = {
  median: [8, ({ x }: { x: number[] }) => ({ value: median(x) })],
  geomean: [6, ({ x }: { x: number[] }) => ({ value: geometricMean(x) })],
  t_quantile: [1, tQuantiles],
  t_two_sided_p: [1, tProbabilities],
  benjamini_hochberg: [6, ({ p }: { p: number[] }) => ({ adjusted: benjaminiHochberg(p) })],
  welch_log: [8, welchLog],
  median_interval_level: [1, medianLevels],
  median_interval: [10, ({ x }: { x: number[] }) => ({ ...medianInterval(x) })],
  machine_interval: [12, oneTest],
  type_interval: [8, typeTest],
  suite: [8, async (input: CompareTestsInput) => ({ ...(await compareTests(input)) })],
  edge: [9, oneTest],
  warm_up: [1, warmUp],
};

for (const [kind, [count, solve]] of Object.entries(kinds)) {
  const ofKind = vectors.filter((vector) => vector.kind === kind);
  describe(`${kind} agrees with the published values`, () => {
    test(`there are ${count}`, () => expect(ofKind.length).toBe(count));
    test.each(ofKind.map((vector) => [vector.id, vector] as const))("%s", async (_, vector) => {
      const found = await solve(vector.input as never);
      for (const [name, value] of Object.entries(vector.expect)) {
        agree(found[name], value, vector.tol, name);
      }
    });
  });
}

async function tQuantiles({ rows }: { rows: [number, number][] }) {
  const student = await loadStudent();
  return { values: rows.map(([confidence, nu]) => student.quantile(nu, confidence)) };
}

async function tProbabilities({ rows }: { rows: [number, number][] }) {
  const student = await loadStudent();
  return { values: rows.map(([t, nu]) => student.twoSidedP(t, nu)) };
}

async function welchLog({ x, y }: { x: number[]; y: number[] }) {
  const [a, b, student] = [x.map(Math.log), y.map(Math.log), await loadStudent()];
  const d = mean(a) - mean(b);
  const reach = typeInterval(a, b, student);
  return {
    ratio: Math.exp(d),
    lo: Math.exp(d - reach.down),
    hi: Math.exp(d + reach.up),
    df: reach.nu,
    p: pValue(d, reach, student),
  };
}

function medianLevels({ n, confidence }: { n: number[]; confidence: number }) {
  const ranks = n.map((size) => medianRank(size, confidence));
  return { l: ranks.map(({ l }) => l), level: ranks.map(({ l, level }) => (l === 0 ? null : level)) };
}

async function oneTest(input: { baseline: MachineTimes; contender: MachineTimes; resolution?: number }) {
  const { baseline, contender, resolution = 0 } = input;
  const { tests } = await compareTests({ tests: [{ name: "t", baseline, contender }], resolution_s: resolution });
  return { ...tests[0] };
}

async function typeTest(input: { baseline: number[][]; contender: number[][] }) {
  const logs = (side: number[][]) => side.map((runs) => Math.log(median(runs)));
  const { nu } = typeInterval(logs(input.baseline), logs(input.contender), await loadStudent());
  return { ...(await oneTest(input)), df: nu };
}

function warmUp({ runs, warmup }: { runs: number[]; warmup: number }) {
  const kept = Array.from(afterWarmUp(Uint32Array.from(runs.keys()), warmup), (place) => runs[place] as number);
  return { kept, median: median(kept) };
}

/** Numbers relatively to `tolerance` (absolutely where 0 is expected), all else exactly; members of an object that are not expected are free. */
function agree(found: unknown, expected: unknown, tolerance: number, where: string): void {
  if (typeof expected === "number") {
    expect(typeof found, where).toBe("number");
    const off = Math.abs((found as number) - expected) / (expected === 0 ? 1 : Math.abs(expected));
    expect(off, `${where}: expected ${expected}, got ${String(found)}`).toBeLessThanOrEqual(tolerance);
  } else if (Array.isArray(expected)) {
    expect((found as unknown[]).length, where).toBe(expected.length);
    for (const [i, value] of expected.entries()) agree((found as unknown[])[i], value, tolerance, `${where}[${i}]`);
  } else if (typeof expected === "object" && expected !== null) {
    for (const [name, value] of Object.entries(expected)) {
      agree((found as Record<string, unknown>)[name], value, tolerance, `${where}.${name}`);
    }
  } else {
    expect(found, where).toBe(expected);
  }
}
