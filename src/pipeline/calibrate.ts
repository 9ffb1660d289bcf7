// `--set NAME=auto`: the least work that every machine's clocks can time well.
//
// The suite offers values, growing. The first is taken where all clocks give microseconds; else the first with which
// the shortest trial lasts 100 steps of the coarsest clock, by one trial of each row.

import type { Event } from "../domain/events.ts";
import { type PlannedSuite, rowsOn } from "../domain/plan.ts";
import type { RunRecord } from "../domain/record.ts";
import type { Trial } from "../domain/course.ts";
import type { Bench, Sink } from "./bench.ts";
import type { Course } from "./course.ts";

const steps = 100;
const fine_s = 1e-5;

/** `suite` set up on all `benches`, its `auto` parameters settled, the same on all; once settled, they stay. */
export async function settled(
  suite: PlannedSuite,
  choices: Readonly<Record<string, readonly string[]>>,
  benches: readonly Bench[],
  course: Course,
  sink: Pick<Sink, "log">,
  observe: (event: Event) => void,
): Promise<PlannedSuite> {
  const name = Object.keys(suite.params).find((param) => suite.params[param] === "auto" && param in choices);
  const known = name === undefined ? undefined : course.parameter(suite.name, name);
  if (name === undefined || known !== undefined) {
    const ready = name === undefined ? suite : { ...suite, params: { ...suite.params, [name]: known as string } };
    await Promise.all(benches.map((bench) => bench.setup(ready, sink)));
    return ready;
  }
  const values = choices[name] ?? [];
  const clock_s = Math.max(...benches.flatMap(({ facts }) => [facts.real_resolution_s, facts.cpu_resolution_s]));

  for (const [i, value] of values.entries()) {
    const tried = { ...suite, params: { ...suite.params, [name]: value } };
    await Promise.all(benches.map((bench) => bench.setup(tried, sink)));
    const fine = clock_s <= fine_s;
    // Start-up is part of a short trial and not of a longer one: how long more work takes is tried, not reckoned.
    if (fine || i === values.length - 1 || (await shortest_s(tried, benches, sink)) >= steps * clock_s) {
      const reason = fine ? "all clocks give microseconds" : `the coarsest clock steps by ${clock_s} s`;
      await course.note({ kind: "parameter", suite: suite.name, name, value });
      observe({ what: "parameter", suite: suite.name, name, value, reason });
      return tried;
    }
  }
  return suite;
}

/** The shortest of one trial of each row on each bench; 0 where none completed. Seconds. */
async function shortest_s(suite: PlannedSuite, benches: readonly Bench[], sink: Pick<Sink, "log">): Promise<number> {
  const times: number[] = [];
  const record = async (one: RunRecord): Promise<void> => {
    if (one.status === "completed") times.push(one.real_s, one.user_s + one.system_s);
  };
  for (const bench of benches) await bench.measure(suite, oneOfEach(suite, bench), { ...sink, record });
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
