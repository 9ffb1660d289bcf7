// Which machine measures what, and when: suite after suite, round by round, rows in one seeded order on all machines.
//
// Machines on hosts of their own never wait for each other. Machines that share a host take turns, a round each, in an
// order drawn afresh every round, so that a slow minute touches every side alike.

import type { RunEvent } from "../../domain/run/events.ts";
import { type PlannedSuite, roundsOf, rowsForOs } from "../../domain/plan/plan.ts";
import { seededRandom, shuffled } from "../../domain/random.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import type { RecordSink } from "./run-context.ts";
import type { InterimLooks } from "./interim-looks.ts";
import { range, trialsOf } from "./trials.ts";
import { splitIntoBatches } from "../agent/batch-text.ts";

/** A batch on a host of its own takes about so long: of ten-second trials, its calls cost each a few milliseconds. Seconds. */
const batch_s = 240;

/** What is measured, and who is told of it. */
export interface SuiteMeasurement {
  readonly suite: PlannedSuite;
  readonly seed: string;
  readonly sink: RecordSink;
  readonly observe: (event: RunEvent) => void;
  /** Decides what becomes of `trials`, which a machine that failed did not measure. */
  readonly lost: (runner: MachineRunner, error: unknown, trials: readonly Trial[]) => Promise<void>;
  /** Absent where the number of rounds is given. */
  readonly looks?: InterimLooks | undefined;
}

/**
 * Measures a suite on all `runners`: all its rounds, or until the looks say that those so far are enough. A machine that
 * fails is left out from then on.
 */
export async function measureSuite(runners: readonly MachineRunner[], what: SuiteMeasurement): Promise<void> {
  const { suite, looks } = what;
  const queues = [...byHost(runners)].map(([host, sharing]) => new HostQueue(host, sharing, what));
  for (let from = 1; from <= roundsOf(suite);) {
    const to = looks?.next(from) ?? roundsOf(suite);
    const all = await Promise.allSettled(queues.map((queue) => queue.measure(from, to)));
    // Only now: what goes on on other hosts must not write into a run that was closed.
    for (const one of all) if (one.status === "rejected") throw one.reason;
    if ((await looks?.look(to)) === true) return;
    from = to + 1;
  }
}

/** The machines of one host, of which one measures at a time. */
class HostQueue {
  readonly #host: string;
  readonly #runners: readonly MachineRunner[];
  readonly #what: SuiteMeasurement;
  /** Machines that failed, and why. */
  readonly #failed = new Map<MachineRunner, unknown>();

  constructor(host: string, runners: readonly MachineRunner[], what: SuiteMeasurement) {
    this.#host = host;
    this.#runners = runners;
    this.#what = what;
  }

  /** Measures the rounds from `from` to `to`. */
  async measure(from: number, to: number): Promise<void> {
    const { suite, sink } = this.#what;
    for (const runner of this.#runners) {
      await this.#orLost(runner, range(from, to), async () => {
        if (from === 1) await runner.catchUp(suite, sink);
      });
    }
    for (let round = from; round <= to;) {
      const alive = this.#runners.filter((runner) => !this.#failed.has(runner));
      const [first] = alive;
      if (first === undefined) return;
      const last = alive.length > 1 ? round : this.#lastRound(first, round, to);
      await this.#measureTurns(alive, round, last, to);
      round = last + 1;
    }
  }

  /** One turn of each of `alive`: the rounds from `round` to `last`. */
  async #measureTurns(alive: readonly MachineRunner[], round: number, last: number, to: number): Promise<void> {
    const { suite, seed, sink, observe } = this.#what;
    for (const runner of shuffled(alive, seededRandom(`${seed}/${this.#host}/${suite.name}/${round}`))) {
      const trials = this.#trialsOn(runner, range(round, last));
      if (trials.length === 0) continue;
      observe({ what: "round", suite: suite.name, round, of: roundsOf(suite), machine: runner.name });
      await this.#orLost(runner, range(round, to), () => runner.measure(suite, trials, sink));
    }
  }

  /** Does `work` on `runner`; where it failed, now or before, its trials of `rounds` are lost. */
  async #orLost(runner: MachineRunner, rounds: readonly number[], work: () => Promise<void>): Promise<void> {
    try {
      if (!this.#failed.has(runner)) await work();
    } catch (error) {
      this.#failed.set(runner, error);
    }
    if (this.#failed.has(runner))
      await this.#what.lost(runner, this.#failed.get(runner), this.#trialsOn(runner, rounds));
  }

  /** The last round, `most` at most, that still fits into a batch that starts with `round`: by time and by bytes. */
  #lastRound(runner: MachineRunner, round: number, most: number): number {
    const { suite } = this.#what;
    let last = round;
    let trials = this.#trialsOn(runner, [round]);
    let sum_s = runner.expected_s(trials);
    while (sum_s !== undefined && last < most) {
      const next = this.#trialsOn(runner, [last + 1]);
      const next_s: number | undefined = runner.expected_s(next);
      if (next_s === undefined || sum_s + next_s > batch_s) break;
      trials = [...trials, ...next];
      if (splitIntoBatches(suite, trials).length > 1) break;
      sum_s += next_s;
      last += 1;
    }
    return last;
  }

  /** The trials of `rounds` that `runner` can run and that have no record, in their order. */
  #trialsOn(runner: MachineRunner, rounds: readonly number[]): Trial[] {
    const { suite, seed } = this.#what;
    const here = new Set(rowsForOs(suite, runner.facts.uname).map((row) => `${row.name} ${row.impl}`));
    return rounds
      .flatMap((round) => trialsOf(suite, round, seed))
      .filter((trial) => here.has(`${trial.row} ${trial.impl}`) && !runner.has(trial));
  }
}

function byHost(runners: readonly MachineRunner[]): Map<string, MachineRunner[]> {
  const hosts = new Map<string, MachineRunner[]>();
  for (const runner of runners) hosts.set(runner.facts.host_id, [...(hosts.get(runner.facts.host_id) ?? []), runner]);
  return hosts;
}
