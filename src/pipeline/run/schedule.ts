// Schedules trials on machines: suite after suite, round by round, rows in one seeded order on all machines.
//
// Machines on hosts of their own never wait for each other. Machines that share a host take turns, a round each, in an
// order that is drawn again for each round, so that a slow minute affects all sides alike.

import type { RunEvent } from "../../domain/run/events.ts";
import { type PlannedSuite, roundsOf, rowsForOs } from "../../domain/plan/plan.ts";
import { seededRandom, shuffled } from "../../domain/random.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import type { RecordSink } from "./run-context.ts";
import type { InterimLooks } from "./interim-looks.ts";
import { range, trialsOf } from "./trials.ts";
import { splitIntoBatches } from "../agent/batch-text.ts";
import { allSettledThenAll } from "../all-settled.ts";
import type { Repeats } from "./repeat-disturbed.ts";

/** Target time of a batch on a host of its own: calls then cost a ten-second trial a few milliseconds. Seconds. */
const batch_s = 240;

/** The share of what a budget still pays for that one batch may take: a batch may take longer than is expected. */
const budgetShare = 0.9;

/** A suite to measure, and where records, events and losses go. */
export interface SuiteMeasurement {
  readonly suite: PlannedSuite;
  readonly seed: string;
  readonly sink: RecordSink;
  readonly observe: (event: RunEvent) => void;
  /** Records or leaves open `trials`, which a failed machine did not measure. */
  readonly lost: (runner: MachineRunner, error: unknown, trials: readonly Trial[]) => Promise<void>;
  /** Returns how long the budget still pays for the machines; absent where there is none. Seconds. */
  readonly affordable_s?: () => Promise<number>;
  /** Absent where the number of rounds is given. */
  readonly looks?: InterimLooks | undefined;
  /** Returns what is measured next of a machine's disturbed trials. Absent where looks decide how many rounds there are. */
  readonly repeats?: ((runner: MachineRunner) => Promise<Repeats | undefined>) | undefined;
}

/**
 * Measures a suite on all `runners`: all its rounds, or until a look decides that the rounds so far are enough. Leaves
 * out a machine after it failed.
 */
export async function measureSuite(runners: readonly MachineRunner[], what: SuiteMeasurement): Promise<void> {
  const { suite, looks } = what;
  const queues = [...byHost(runners)].map(([host, sharing]) => new HostQueue(host, sharing, what));
  for (let from = 1; from <= roundsOf(suite);) {
    const to = looks?.next(from) ?? roundsOf(suite);
    await allSettledThenAll(queues.map((queue) => queue.measure(from, to)));
    if ((await looks?.look(to)) === true) return;
    from = to + 1;
  }
  await allSettledThenAll(queues.map((queue) => queue.repeat()));
}

/** The machines of one host. One of them measures at a time. */
class HostQueue {
  readonly #host: string;
  readonly #runners: readonly MachineRunner[];
  readonly #what: SuiteMeasurement;
  /** Machines that failed, with their errors. */
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
      const last = alive.length > 1 ? round : await this.#lastRound(first, round, to);
      await this.#measureTurns(alive, round, last, to);
      round = last + 1;
    }
  }

  /** Measures disturbed trials again, at most one of each row in a turn, until none is left to measure. */
  async repeat(): Promise<void> {
    const { suite, seed, sink, observe, repeats } = this.#what;
    // Machines of which nothing more is to be measured: to ask again costs time with the number of records.
    const done = new Set<MachineRunner>();
    for (let turn = 1; turn <= roundsOf(suite) && repeats !== undefined; turn += 1) {
      const alive = this.#runners.filter((runner) => !this.#failed.has(runner));
      if (alive.every((runner) => done.has(runner))) return;
      for (const runner of shuffled(alive, seededRandom(`${seed}/${this.#host}/${suite.name}/again/${turn}`))) {
        const next = done.has(runner) ? undefined : await repeats(runner);
        if (next === undefined) {
          done.add(runner);
          continue;
        }
        const { trials, why } = next;
        const again = { trials: trials.length, why };
        const round = trials[0]?.round ?? 0;
        observe({ what: "round", suite: suite.name, round, of: roundsOf(suite), machine: runner.name, again });
        await this.#orLost(runner, [], () => runner.measure(suite, trials, sink));
      }
    }
  }

  /** Gives each of `alive` one turn: the rounds from `round` to `last`. */
  async #measureTurns(alive: readonly MachineRunner[], round: number, last: number, to: number): Promise<void> {
    const { suite, seed, sink, observe } = this.#what;
    for (const runner of shuffled(alive, seededRandom(`${seed}/${this.#host}/${suite.name}/${round}`))) {
      const trials = this.#trialsOn(runner, range(round, last));
      if (trials.length === 0) continue;
      observe({ what: "round", suite: suite.name, round, of: roundsOf(suite), machine: runner.name });
      await this.#orLost(runner, range(round, to), () => runner.measure(suite, trials, sink));
    }
  }

  /** Does `work` on `runner`. Where the runner failed, now or before, calls `lost` with its trials of `rounds`. */
  async #orLost(runner: MachineRunner, rounds: readonly number[], work: () => Promise<void>): Promise<void> {
    try {
      if (!this.#failed.has(runner)) await work();
    } catch (error) {
      this.#failed.set(runner, error);
    }
    if (this.#failed.has(runner))
      await this.#what.lost(runner, this.#failed.get(runner), this.#trialsOn(runner, rounds));
  }

  /** Returns the last round, at most `most`, that fits into a batch from `round` on, by time, by bytes and by price. */
  async #lastRound(runner: MachineRunner, round: number, most: number): Promise<number> {
    const { suite } = this.#what;
    const most_s = Math.min(batch_s, budgetShare * ((await this.#what.affordable_s?.()) ?? Number.POSITIVE_INFINITY));
    let last = round;
    let trials = this.#trialsOn(runner, [round]);
    let sum_s = runner.expected_s(trials);
    while (sum_s !== undefined && last < most) {
      const next = this.#trialsOn(runner, [last + 1]);
      const next_s: number | undefined = runner.expected_s(next);
      if (next_s === undefined || sum_s + next_s > most_s) break;
      trials = [...trials, ...next];
      if (splitIntoBatches(suite, trials).length > 1) break;
      sum_s += next_s;
      last += 1;
    }
    return last;
  }

  /** Returns the trials of `rounds` that `runner` can run and that have no record, in their order. */
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
