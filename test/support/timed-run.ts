// A stored run, written as a table of times: constant ones, so that every number of its table can be worked out by hand.

import type { PlannedRow } from "../../src/domain/plan/plan.ts";
import type { TrialRecord } from "../../src/domain/run/trial-record.ts";
import type { Facts } from "../../src/domain/run/machine.ts";
import type { StoredRun } from "../../src/ports/results.ts";
import { aPlan, aRecord, aSuite, someFacts } from "./given.ts";

/** Seconds of real time by side, CPU is the half; a list: one for each machine. A text: why every trial failed. */
export type Times = Readonly<Record<string, number | readonly number[] | string>>;

export interface RunGiven {
  readonly run?: string;
  /** Rounds, the warm-up included. */
  readonly runs?: number;
  readonly warmup?: number;
  readonly blocks?: string;
  readonly change?: (record: TrialRecord) => TrialRecord;
  readonly facts?: (side: string) => Partial<Facts>;
  readonly titles?: Readonly<Record<string, string>>;
  readonly row?: Partial<PlannedRow>;
  /** By row. */
  readonly instructions?: Readonly<Record<string, readonly string[]>>;
}

/** The run in which each of `rows`, SUITE/ROW/IMPL, took what is written; the sides are those of the first row. */
export function aRun(rows: Readonly<Record<string, Times>>, given: RunGiven = {}): StoredRun {
  const { run = "20261124-031500-3fa9", runs = 10, warmup = 1, change = (record) => record, titles = {} } = given;
  const params = { blocks: given.blocks ?? "100000" };
  const named = Object.keys(rows).map((name) => name.split("/") as [string, string, string]);
  const sides = Object.keys(Object.values(rows)[0] ?? {});
  const suites = [...new Set(named.map(([suite]) => suite))].map((name) =>
    aSuite({
      name,
      params,
      rows: named
        .filter(([suite]) => suite === name)
        .map(([, row, impl]) => ({
          name: row,
          impl,
          runs,
          warmup,
          limit_s: 60,
          instructions: [...(given.instructions?.[row] ?? [])],
          os: ["linux", "freebsd"],
          ...(titles[row] === undefined ? {} : { title: titles[row] }),
          ...given.row,
        })),
    }),
  );
  const records = named.flatMap(([suite, row, impl], i) =>
    sides.flatMap((side) => {
      const of = Object.values(rows)[i]?.[side];
      if (of === undefined) return [];
      const machines = typeof of === "object" ? of : [of];
      return machines.flatMap((time, m) =>
        Array.from({ length: runs }, (_, r) => {
          const machine = `${side}-${m + 1}`;
          const about = { suite, row, impl, side, machine, host_id: machine, round: r + 1, params };
          return change(typeof time === "number" ? timed(about, time) : failed(about, time));
        }),
      );
    }),
  );
  const machines = [...new Set(records.map(({ machine }) => machine))].map((name) => {
    const side = records.find(({ machine }) => machine === name)?.side ?? "";
    return { name, facts: someFacts({ os: "Debian 12", host_id: name, ...given.facts?.(side) }) };
  });
  const spec = {
    ...aPlan().spec,
    seed: run,
    baseline: sides[0] as string,
    sides: sides.map((name) => ({ name, kind: "local" as const })),
    suites: suites.map(({ name }) => ({ suite: name })),
  };
  return { folder: run, plan: aPlan({ run, suites, spec }), records, machines, sums: "3f9a".repeat(16) };
}

/** A side's name that is wider than its column in any table. */
export const longName = "ssh:somebody@a-long-name-of-a-machine.internal.example.com:34033";

/** Clocks of 2.5 and 3 GHz; with `counted`, two instructions a cycle on the one and four on the other. */
export function reading(counted: boolean): (record: TrialRecord) => TrialRecord {
  return (record) => {
    if (record.status !== "completed") return record;
    const [hz, perCycle] = record.side === "c6g" ? [2.5e9, 2] : [3e9, 4];
    const cpu_s = record.user_s + record.system_s;
    const counts = {
      counted: "user+kernel" as const,
      cycles: Math.round(cpu_s * hz),
      instructions: Math.round(cpu_s * hz * perCycle),
      counters_enabled_s: cpu_s,
      counters_running_s: cpu_s,
    };
    const clocks = { batch: `b${record.round}`, clock_hz_before: hz, clock_hz_after: hz };
    return { ...record, ...clocks, ...(counted ? counts : {}) };
  };
}

export function timed(about: object, real_s: number): TrialRecord {
  return aRecord({ ...about, real_s, user_s: real_s / 2, system_s: 0 });
}

function failed(about: object, reason: string): TrialRecord {
  const { real_s: _real, user_s: _user, system_s: _system, ...rest } = aRecord(about);
  return { ...rest, status: reason === "limit" ? "timed-out" : "failed", reason };
}
