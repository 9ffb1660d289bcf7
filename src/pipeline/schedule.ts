// Who measures what, and when: suite after suite, round by round, rows in one seeded order on all machines.
//
// Machines on hosts of their own never wait for each other. Machines that share a host take turns, a round each, in an
// order drawn afresh every round, so that a slow minute touches every side alike.

import type { Event } from "../domain/events.ts";
import { type PlannedSuite, roundsOf, rowsOn } from "../domain/plan.ts";
import { random, shuffled } from "../domain/random.ts";
import type { Trial } from "./batch.ts";
import type { Bench, Sink } from "./bench.ts";

/** A batch on a host of its own takes about so long: of ten-second trials, its calls cost each a few milliseconds. Seconds. */
const batch_s = 240;

/** Measures `suite` on all `benches`. A bench that fails is left behind; `lost` is told, and says what becomes of its trials. */
export async function measureAll(
  suite: PlannedSuite,
  benches: readonly Bench[],
  seed: string,
  sink: Sink,
  observe: (event: Event) => void,
  lost: (bench: Bench, error: unknown, trials: readonly Trial[]) => Promise<void>,
): Promise<void> {
  const hosts = byHost(benches);
  await Promise.all(
    [...hosts].map(async ([host, sharing]) => {
      const gone = new Set<Bench>();
      let round = 1;
      while (round <= roundsOf(suite)) {
        const alive = sharing.filter((bench) => !gone.has(bench));
        const first = alive[0];
        if (first === undefined) return;
        const until = alive.length > 1 ? round : lastRound(first, suite, round, seed);
        for (const bench of shuffled(alive, random(`${seed}/${host}/${suite.name}/${round}`))) {
          observe({ what: "round", suite: suite.name, round, of: roundsOf(suite), machine: bench.name });
          const trials = trialsOn(bench, suite, range(round, until), seed);
          if (trials.length === 0) continue;
          try {
            await bench.measure(suite, trials, sink);
          } catch (error) {
            gone.add(bench);
            await lost(bench, error, trialsOn(bench, suite, range(round, roundsOf(suite)), seed));
          }
        }
        round = until + 1;
      }
    }),
  );
}

/** The trials of one round, in its order. */
function trialsOf(suite: PlannedSuite, round: number, seed: string): Trial[] {
  const rows = suite.rows.filter((row) => row.runs >= round);
  return shuffled(rows, random(`${seed}/${suite.name}/${round}`)).map((row) => ({
    suite: suite.name,
    row: row.name,
    impl: row.impl,
    round,
    attempt: 1,
    limit_s: row.limit_s,
  }));
}

/** The trials of `rounds` that `bench` can run, in their order. */
function trialsOn(bench: Bench, suite: PlannedSuite, rounds: readonly number[], seed: string): Trial[] {
  const here = new Set(rowsOn(suite, bench.facts.uname).map((row) => `${row.name} ${row.impl}`));
  return rounds
    .flatMap((round) => trialsOf(suite, round, seed))
    .filter((trial) => here.has(`${trial.row} ${trial.impl}`));
}

/** The last round that still fits into a batch that starts with `round`. */
function lastRound(bench: Bench, suite: PlannedSuite, round: number, seed: string): number {
  let until = round;
  let sum_s = bench.expected_s(trialsOn(bench, suite, [round], seed));
  while (sum_s !== undefined && until < roundsOf(suite)) {
    const next_s: number | undefined = bench.expected_s(trialsOn(bench, suite, [until + 1], seed));
    if (next_s === undefined || sum_s + next_s > batch_s) break;
    sum_s += next_s;
    until += 1;
  }
  return until;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function byHost(benches: readonly Bench[]): Map<string, Bench[]> {
  const hosts = new Map<string, Bench[]>();
  for (const bench of benches) hosts.set(bench.facts.host_id, [...(hosts.get(bench.facts.host_id) ?? []), bench]);
  return hosts;
}
