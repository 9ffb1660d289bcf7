// Who measures what, and when: suite after suite, round by round, rows in one seeded order on all machines.
//
// Machines on hosts of their own never wait for each other. Machines that share a host take turns, a round each, in an
// order drawn afresh every round, so that a slow minute touches every side alike.

import type { RunEvent } from "../../domain/run/events.ts";
import { type PlannedSuite, roundsOf, rowsForOs } from "../../domain/plan/plan.ts";
import { seededRandom, shuffled } from "../../domain/random.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { RecordSink } from "./run-context.ts";
import type { InterimLooks } from "./interim-looks.ts";
import { range, trialsOf } from "./trials.ts";

/** A batch on a host of its own takes about so long: of ten-second trials, its calls cost each a few milliseconds. Seconds. */
const batch_s = 240;

/**
 * Measures `suite` on all `benches`: all its rounds, or until `looks` says that those so far are enough. A bench that fails
 * is left behind; `lost` is told, and says what becomes of its trials.
 */
export async function measureSuite(
  suite: PlannedSuite,
  benches: readonly MachineRunner[],
  seed: string,
  sink: RecordSink,
  observe: (event: RunEvent) => void,
  lost: (bench: MachineRunner, error: unknown, trials: readonly Trial[]) => Promise<void>,
  looks?: InterimLooks,
): Promise<void> {
  const hosts = [...byHost(benches)].map(([host, sharing]) => {
    const gone = new Map<MachineRunner, unknown>();
    const orLost = async (
      bench: MachineRunner,
      rounds: readonly number[],
      what: () => Promise<void>,
    ): Promise<void> => {
      try {
        if (!gone.has(bench)) await what();
      } catch (error) {
        gone.set(bench, error);
      }
      if (gone.has(bench)) await lost(bench, gone.get(bench), trialsOn(bench, suite, rounds, seed));
    };
    return async (from: number, to: number): Promise<void> => {
      const rounds = range(from, to);
      for (const bench of sharing)
        await orLost(bench, rounds, async () => (from === 1 ? bench.catchUp(suite, sink) : undefined));
      let round = from;
      while (round <= to) {
        const alive = sharing.filter((bench) => !gone.has(bench));
        const first = alive[0];
        if (first === undefined) return;
        const until = alive.length > 1 ? round : lastRound(first, suite, round, to, seed);
        for (const bench of shuffled(alive, seededRandom(`${seed}/${host}/${suite.name}/${round}`))) {
          const trials = trialsOn(bench, suite, range(round, until), seed);
          if (trials.length === 0) continue;
          observe({ what: "round", suite: suite.name, round, of: roundsOf(suite), machine: bench.name });
          await orLost(bench, range(round, to), () => bench.measure(suite, trials, sink));
        }
        round = until + 1;
      }
    };
  });
  let from = 1;
  while (from <= roundsOf(suite)) {
    const to = looks?.next(from) ?? roundsOf(suite);
    const all = await Promise.allSettled(hosts.map((host) => host(from, to)));
    // Only now: what goes on on other hosts must not write into a run that was closed.
    for (const one of all) if (one.status === "rejected") throw one.reason;
    if ((await looks?.look(to)) === true) return;
    from = to + 1;
  }
}

/** The trials of `rounds` that `bench` can run and that have no record, in their order. */
function trialsOn(bench: MachineRunner, suite: PlannedSuite, rounds: readonly number[], seed: string): Trial[] {
  const here = new Set(rowsForOs(suite, bench.facts.uname).map((row) => `${row.name} ${row.impl}`));
  return rounds
    .flatMap((round) => trialsOf(suite, round, seed))
    .filter((trial) => here.has(`${trial.row} ${trial.impl}`) && !bench.has(trial));
}

/** The last round, `most` at most, that still fits into a batch that starts with `round`. */
function lastRound(bench: MachineRunner, suite: PlannedSuite, round: number, most: number, seed: string): number {
  let until = round;
  let sum_s = bench.expected_s(trialsOn(bench, suite, [round], seed));
  while (sum_s !== undefined && until < most) {
    const next_s: number | undefined = bench.expected_s(trialsOn(bench, suite, [until + 1], seed));
    if (next_s === undefined || sum_s + next_s > batch_s) break;
    sum_s += next_s;
    until += 1;
  }
  return until;
}

function byHost(benches: readonly MachineRunner[]): Map<string, MachineRunner[]> {
  const hosts = new Map<string, MachineRunner[]>();
  for (const bench of benches) hosts.set(bench.facts.host_id, [...(hosts.get(bench.facts.host_id) ?? []), bench]);
  return hosts;
}
