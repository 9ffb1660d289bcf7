// `--set NAME=auto`: the least work that every machine's clocks can time well.
//
// The suite offers values, growing. The first is taken where all clocks give microseconds; else the first with which
// the shortest trial lasts 100 steps of the coarsest clock, by what one trial of each row at the first value took.

import type { Event } from "../domain/events.ts";
import { type PlannedSuite, rowsOn } from "../domain/plan.ts";
import type { RunRecord } from "../domain/record.ts";
import type { Trial } from "./batch.ts";
import type { Bench, Sink } from "./bench.ts";

const steps = 100;
const fine_s = 1e-5;

/** `suite` with its `auto` parameters settled, the same on all `benches`, which have been set up for it. */
export async function settled(
  suite: PlannedSuite,
  choices: Readonly<Record<string, readonly string[]>>,
  benches: readonly Bench[],
  sink: Pick<Sink, "log">,
  observe: (event: Event) => void,
): Promise<PlannedSuite> {
  const name = Object.keys(suite.params).find((param) => suite.params[param] === "auto");
  const values = name === undefined ? undefined : choices[name];
  if (name === undefined || values === undefined) return suite;
  const first = { ...suite, params: { ...suite.params, [name]: values[0] as string } };
  const clock_s = Math.max(...benches.flatMap(({ facts }) => [facts.real_resolution_s, facts.cpu_resolution_s]));

  await Promise.all(benches.map((bench) => bench.setup(first, sink)));
  if (clock_s <= fine_s) {
    observe({
      what: "parameter",
      suite: suite.name,
      name,
      value: values[0] as string,
      reason: "all clocks give microseconds",
    });
    return first;
  }

  const records: RunRecord[] = [];
  for (const bench of benches)
    await bench.measure(first, oneOfEach(first, bench), {
      ...sink,
      record: async (record) => void records.push(record),
    });
  const value = firstThatLasts(values, shortest_s(records), clock_s);
  observe({ what: "parameter", suite: suite.name, name, value, reason: `the coarsest clock steps by ${clock_s} s` });
  const chosen = { ...suite, params: { ...suite.params, [name]: value } };
  await Promise.all(benches.map((bench) => bench.setup(chosen, sink)));
  return chosen;
}

/**
 * The first of `values` whose shortest trial lasts 100 clock steps, the last where none does.
 * `shortest_s` is the shortest trial at the first value; it may be short of the truth by one step, or 0.
 */
function firstThatLasts(values: readonly string[], shortest_s: number, clock_s: number): string {
  const perUnit_s = Math.max(shortest_s, clock_s / 2) / Number(values[0]);
  return values.find((value) => Number(value) * perUnit_s >= steps * clock_s) ?? (values.at(-1) as string);
}

function shortest_s(records: readonly RunRecord[]): number {
  const times = records.flatMap((record) =>
    record.status === "completed" ? [record.real_s, record.user_s + record.system_s] : [],
  );
  return times.length === 0 ? 0 : Math.min(...times);
}

function oneOfEach(suite: PlannedSuite, bench: Bench): Trial[] {
  const rows = rowsOn(suite, bench.facts.uname);
  return rows.map((row) => ({
    suite: suite.name,
    row: row.name,
    impl: row.impl,
    round: 0,
    attempt: 1,
    limit_s: row.limit_s,
  }));
}
