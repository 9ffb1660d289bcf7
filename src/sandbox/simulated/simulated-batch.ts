// A batch on a simulated machine: its journal, drawn up at its start with the time at which each line is written.

import { pinnedWork } from "../../domain/run/pinned-digests.ts";

/** How long a step takes on the machine, and in which boot. */
export interface BatchGround {
  readonly name: string;
  readonly bootId: string;
  /** Seconds of what comes before each trial, untimed. */
  readonly prepare_s: number;
  /** Seconds of a step; `what` is `setup`, `cleanup` or the trial's row and implementation. */
  duration_s(kind: "setup" | "trial" | "cleanup", what: string, id: string): number;
}

interface TimedLine {
  readonly at_ms: number;
  readonly text: string;
}

interface Step {
  readonly kind: "setup" | "trial" | "cleanup";
  readonly id: string;
  readonly attempt: number;
  readonly suite: string;
  readonly params: Readonly<Record<string, string>>;
  /** Of a trial. */
  readonly row: string;
  readonly impl: string;
}

export class SimulatedBatch {
  readonly digest: string;
  readonly #steps: readonly Step[];
  /** What has been written. ASCII: a character is a byte. */
  #journal = "";
  /** What will be, in order. */
  #ahead: TimedLine[] = [];
  readonly #begun = new Set<string>();
  #isOver = false;
  #isStarted = false;

  /** @throws Error where `plan` cannot be read */
  constructor(plan: string, digest: string) {
    this.digest = digest;
    this.#steps = stepsOf(plan);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a supervisor runs it. */
  isRunning(now_ms: number): boolean {
    this.#write(now_ms);
    return this.#isStarted && !this.#isOver;
  }

  /** Starts it, or goes on with it where its machine was started anew. Steps that were begun are not begun again. */
  start(now_ms: number, ground: BatchGround): void {
    if (this.#isOver) return;
    this.#isStarted = true;
    const { bootId: boot_id, name: batch } = ground;
    const write = (at_ms: number, line: object): void => {
      this.#ahead.push({ at_ms, text: `${JSON.stringify(line)}\n` });
    };
    write(now_ms, { t: "start", batch, at: at(now_ms), boot_id });
    for (const { id, kind, attempt } of this.#steps.filter((one) => this.#begun.has(keyOf(one)))) {
      if (this.#journal.includes(`{"t":"ended","id":"${id}","kind":"${kind}","attempt":${attempt},`)) continue;
      write(now_ms, {
        t: "ended",
        id,
        kind,
        attempt,
        status: "interrupted",
        reason: "supervisor-died",
        at: at(now_ms),
      });
    }
    let time_ms = now_ms;
    for (const step of this.#steps.filter((one) => !this.#begun.has(keyOf(one)))) {
      const { id, kind, attempt } = step;
      write(time_ms, { t: "begun", id, kind, attempt, at: at(time_ms) });
      const real_s = round(ground.duration_s(kind, `${step.row}/${step.impl}`, `${id}.${attempt}`));
      time_ms += (real_s + (kind === "trial" ? ground.prepare_s : 0)) * 1000;
      write(time_ms, { t: "ended", id, kind, attempt, ...outcome(step, real_s), at: at(time_ms) });
    }
    write(time_ms, { t: "end", batch, at: at(time_ms), boot_id, real_s: round((time_ms - now_ms) / 1000) });
  }

  /** The machine went down: nothing more is written until it is started again. */
  cut(now_ms: number): void {
    this.#write(now_ms);
    this.#ahead = [];
    this.#isStarted = false;
  }

  /** As `stop` of the agent: the step under way is interrupted, and the batch has ended. */
  stop(now_ms: number, { name: batch, bootId: boot_id }: BatchGround): void {
    if (!this.isRunning(now_ms)) return;
    const next = this.#ahead.find(({ text }) => text.startsWith('{"t":"ended"'));
    const { id, kind, attempt } = JSON.parse(next?.text ?? "{}") as Step;
    this.cut(now_ms);
    if (this.#begun.has(`${id}.${attempt}`))
      this.#append({ t: "ended", id, kind, attempt, status: "interrupted", reason: "stopped", at: at(now_ms) });
    this.#append({ t: "end", batch, at: at(now_ms), boot_id });
  }

  /** The journal's whole lines from `offset` on, at most `most` bytes. */
  read(now_ms: number, offset: number, most: number): string {
    this.#write(now_ms);
    const head = this.#journal.slice(offset, offset + most);
    return head.slice(0, head.lastIndexOf("\n") + 1);
  }

  length(now_ms: number): number {
    this.#write(now_ms);
    return this.#journal.length;
  }

  /** When the journal will have ended, or have `bytes`; undefined where nothing will be written. */
  whenLonger(bytes: number): number | undefined {
    let length = this.#journal.length;
    for (const { at_ms, text } of this.#ahead) {
      length += text.length;
      if (length >= bytes) return at_ms;
    }
    return this.#ahead.at(-1)?.at_ms;
  }

  #write(now_ms: number): void {
    const count = this.#ahead.findIndex(({ at_ms }) => at_ms > now_ms);
    for (const { text } of this.#ahead.splice(0, count === -1 ? this.#ahead.length : count)) this.#note(text);
  }

  #append(line: object): void {
    this.#note(`${JSON.stringify(line)}\n`);
  }

  #note(text: string): void {
    this.#journal += text;
    if (text.startsWith('{"t":"end"') && !text.startsWith('{"t":"ended"')) this.#isOver = true;
    if (!text.startsWith('{"t":"begun"')) return;
    const { id, attempt } = JSON.parse(text) as Step;
    this.#begun.add(`${id}.${attempt}`);
  }
}

/** What a step's `ended` line says. A trial did the work that its row pins, for the simulation's sake: none was done. */
function outcome({ kind, suite, row, params }: Step, real_s: number): object {
  const about = { status: "completed", capture: "simulated", exit_status: 0 };
  if (kind !== "trial") return { ...about, provided: {} };
  return {
    ...about,
    driver: "simulated",
    real_s,
    user_s: round(real_s * 0.97),
    system_s: round(real_s * 0.01),
    real_resolution_s: 1e-6,
    cpu_resolution_s: 1e-6,
    check: "ok",
    provided: { ...pinnedWork({ suite, row, params }) },
  };
}

function stepsOf(plan: string): Step[] {
  const steps: Step[] = [];
  let [suite, params]: [string, Record<string, string>] = ["", {}];
  const lines = plan.split("\n").filter((line) => line !== "");
  if (lines[0] !== "timetrial-batch 1") throw new Error('plan: line 1: expected "timetrial-batch 1"');
  for (const line of lines.slice(1)) {
    const [verb = "", first = "", ...rest] = line.split(" ");
    if (verb === "suite") [suite, params] = [first, {}];
    else if (verb === "param") params = { ...params, [first]: rest.join(" ") };
    else if (verb === "setup" || verb === "cleanup")
      steps.push({ kind: verb, id: first, attempt: Number(rest[0]), suite, params, row: "", impl: "" });
    else if (verb === "trial") {
      const [attempt, , row = "", impl = ""] = rest;
      steps.push({ kind: verb, id: first, attempt: Number(attempt), suite, params, row, impl });
    } else throw new Error(`plan: expected suite, param, setup, trial or cleanup`);
  }
  return steps;
}

function keyOf({ id, attempt }: Step): string {
  return `${id}.${attempt}`;
}

function at(time_ms: number): string {
  return new Date(time_ms).toISOString();
}

/** To microseconds, which is what its clocks are said to tell. */
function round(time_s: number): number {
  return Number(time_s.toFixed(6));
}
