// A bench: one machine with its agent, its facts and the store; here single batches are run and become records.

import type { Event } from "../domain/events.ts";
import type { EndedLine, EndLine, JournalLine } from "../domain/journal.ts";
import type { Facts } from "../domain/machine.ts";
import type { PlannedSuite } from "../domain/plan.ts";
import { printable } from "../domain/printable.ts";
import type { RunRecord } from "../domain/record.ts";
import type { Clock } from "../ports/clock.ts";
import type { Agent } from "./agent.ts";
import { cleanupPlan, setupPlan, type Trial, trialId, trialsPlan } from "./batch.ts";
import { endedRecord, type Place, skippedRecord } from "./record.ts";

/** A trial cut off by a reboot or a kill is tried again, so often in all. */
const attempts = 3;

/** What the harness itself takes for a trial beside its timed step, about. Seconds. */
const aside_s = 0.02;

export interface Sink {
  record(record: RunRecord): Promise<void>;
  log(name: string, text: string): Promise<void>;
}

/** A step's progress is told so often at most. Seconds. */
const told_s = 60;

export interface BenchOptions {
  readonly observe: (event: Event) => void;
  readonly clock: Pick<Clock, "monotonic_s">;
  /** How often a trial that was cut off is tried in all: on a machine that must be new, once. */
  readonly attempts?: number;
}

export class Bench {
  readonly agent: Agent;
  facts: Facts;
  readonly #options: BenchOptions;
  #toldAt_s = Number.NEGATIVE_INFINITY;
  #told = "";
  /** By suite: why it cannot run here. */
  readonly #broken = new Map<string, string>();
  /** By trial id less its round: what it took last. Seconds. */
  readonly #lasted = new Map<string, number>();
  /** By suite: what its setup found to run its rows by. */
  readonly #drivers = new Map<string, readonly string[]>();
  #batches = 0;

  constructor(agent: Agent, facts: Facts, options: BenchOptions) {
    this.agent = agent;
    this.facts = facts;
    this.#options = options;
  }

  get name(): string {
    return this.agent.machine.name;
  }

  /** What the suite's setup found to run its rows by: `openssl-evp by c`. */
  drivers(suite: string): readonly string[] {
    return this.#drivers.get(suite) ?? [];
  }

  /** Runs the suite's setup; what it says of the machine goes into the facts. */
  async setup(suite: PlannedSuite, sink: Pick<Sink, "log">): Promise<void> {
    let ended: EndedLine | undefined;
    for (let attempt = 1; attempt <= attempts && (ended === undefined || ended.status === "interrupted"); attempt++) {
      await this.#run(`${suite.name}.setup`, setupPlan(suite, attempt), undefined, async (line) => {
        if (line.t === "ended") ended = line;
      });
    }
    if (ended === undefined || ended.status !== "completed") {
      const reason = ended !== undefined && "reason" in ended ? ended.reason : "never ended";
      this.#broken.set(suite.name, `setup: ${printable(reason)}`);
      await this.#keepLog(`${this.name}.${suite.name}.setup`, ended, sink);
      return;
    }
    this.#broken.delete(suite.name);
    const said = Object.entries(ended.provided ?? {});
    const facts = said
      .filter(([name]) => name.startsWith("fact."))
      .map(([name, value]) => [name.slice("fact.".length), value]);
    const work = ended.provided?.["work_id"];
    if (work !== undefined) facts.push(["work_id", work]);
    this.facts = { ...this.facts, suites: { ...this.facts.suites, [suite.name]: Object.fromEntries(facts) } };
    const drivers = said.filter(([name]) => name.startsWith("driver."));
    this.#drivers.set(
      suite.name,
      drivers.map(([name, value]) => `${name.slice("driver.".length)} by ${value}`),
    );
  }

  async cleanup(suite: PlannedSuite): Promise<void> {
    if (this.#broken.has(suite.name)) return;
    await this.#run(`${suite.name}.cleanup`, cleanupPlan(suite), undefined, async () => {});
  }

  /** How long `trials` will take here, where each has run before; else undefined. Seconds. */
  expected_s(trials: readonly Trial[]): number | undefined {
    let sum = 0;
    for (const trial of trials) {
      const last = this.#lasted.get(kindOf(trial));
      if (last === undefined) return undefined;
      sum += last + aside_s;
    }
    return sum;
  }

  /** Runs `trials` and gives `sink` a record for each. */
  async measure(suite: PlannedSuite, trials: readonly Trial[], sink: Sink): Promise<void> {
    const broken = this.#broken.get(suite.name);
    const most = this.#options.attempts ?? attempts;
    const place: Place = { machine: this.agent.machine, facts: this.facts, suite };
    let waiting = [...trials];
    if (broken !== undefined) {
      for (const trial of waiting) await sink.record(skippedRecord(trial, broken, place));
      return;
    }
    while (waiting.length > 0) {
      const outcome = await this.#batch(suite, waiting);
      const again: Trial[] = [];
      for (const trial of waiting) {
        const ended = outcome.ended.get(trialId(trial));
        if (ended === undefined || (ended.status === "interrupted" && trial.attempt < most)) {
          if (trial.attempt < most) again.push({ ...trial, attempt: trial.attempt + 1 });
          else await sink.record(skippedRecord(trial, "never-began", place));
          continue;
        }
        const record = endedRecord(trial, ended, outcome.begunAt.get(trialId(trial)), outcome.end, place);
        const judged = outcome.rebooted ? { ...record, tainted: [...record.tainted, "rebooted"] } : record;
        if (judged.status !== "completed" && judged.status !== "skipped")
          await this.#keepLog(`${this.name}.${trialId(trial)}`, ended, sink);
        await sink.record(judged);
      }
      waiting = again;
    }
  }

  async #batch(suite: PlannedSuite, trials: readonly Trial[]) {
    const ended = new Map<string, EndedLine>();
    const begunAt = new Map<string, string>();
    const bootIds = new Set<string>();
    let end: EndLine | undefined;
    const wanted = new Map(trials.map((trial) => [trialId(trial), trial]));
    const first = trials[0];
    await this.#run(
      `${suite.name}.r${first?.round ?? 0}`,
      trialsPlan(suite, trials),
      this.expected_s(trials),
      async (line) => {
        if (line.t === "start" || line.t === "end") bootIds.add(line.boot_id);
        if (line.t === "end") end = line;
        if (line.t === "begun") begunAt.set(line.id, line.at);
        const trial = line.t === "ended" ? wanted.get(line.id) : undefined;
        if (line.t !== "ended" || trial === undefined || trial.attempt !== line.attempt || ended.has(line.id)) return;
        ended.set(line.id, line);
        if (line.status === "completed" && line.real_s !== undefined) this.#lasted.set(kindOf(trial), line.real_s);
        if (line.status === "skipped") this.#lasted.set(kindOf(trial), 0);
      },
    );
    return { ended, begunAt, end, rebooted: bootIds.size > 1 };
  }

  async #run(
    name: string,
    plan: string,
    expect_s: number | undefined,
    onLine: (line: JournalLine) => Promise<void>,
  ): Promise<void> {
    this.#batches += 1;
    await this.agent.batch(`${name}.b${this.#batches}`, plan, expect_s, onLine, (id, text) => this.#tell(id, text));
  }

  #tell(step: string, text: string): void {
    const { clock, observe } = this.#options;
    const now_s = clock.monotonic_s();
    if (`${step} ${text}` === this.#told || now_s - this.#toldAt_s < told_s) return;
    this.#told = `${step} ${text}`;
    this.#toldAt_s = now_s;
    observe({ what: "step-progress", machine: this.name, step, text });
  }

  async #keepLog(name: string, ended: EndedLine | undefined, sink: Pick<Sink, "log">): Promise<void> {
    if (ended?.stderr_tail === undefined) return;
    const text = Buffer.from(ended.stderr_tail, "base64").toString("utf8");
    await sink.log(`${name}.txt`, text.split("\n").map(printable).join("\n"));
  }
}

function kindOf(trial: Trial): string {
  return trialId({ ...trial, round: 0 });
}
