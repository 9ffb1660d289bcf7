// Decides which records count, and reads their times.

import type { AnyRecord } from "../../domain/published/figures.ts";
import type { NumberColumn } from "../../domain/records/columns.ts";
import type { NumberField } from "../../domain/records/record-fields.ts";
import { RecordColumns } from "../../domain/records/record-columns.ts";
import { isSoundClock } from "../../domain/run/processor-readings.ts";
import { ReadOnce } from "../trials/read-once.ts";
import type { Metric } from "./comparison.ts";
import { contradictedKinds, digestsDiffer } from "./contradictions.ts";

type Judged = Pick<AnyRecord, "status" | "check" | "tainted"> & { readonly reason?: string | undefined };

/**
 * Returns why `record` does not count, as a word of `Reasons`. Null where it counts: it is completed, checked and
 * untainted, or it is published.
 */
export function exclusionReasonOf(record: Judged): string | null {
  if (record.status === "published") return null;
  if (record.status === "skipped") return record.reason === "failed-before" ? "not run after a failure" : "not-run";
  if (record.status !== "completed") return record.status;
  if (record.check === "failed") return "check-failed";
  if (record.check === undefined) return "unchecked";
  return record.tainted[0] ?? null;
}

/** Records by column, and which of them count. */
export class JudgedRecords {
  readonly columns: RecordColumns;
  readonly length: number;
  /** By record: its kind. Whether a record counts depends on nothing else. */
  readonly #kinds: Uint32Array;
  /** By kind: place of its reason in the list of reasons; 0 where its records count. */
  readonly #codes: Uint16Array;
  readonly #reasons: (string | null)[] = [null];
  /** By kind: id of its status. */
  readonly #status: Uint32Array;
  readonly #contradicted: Uint8Array | undefined;
  readonly #published: number;
  readonly #completed: number;
  readonly #hasPublished: boolean;
  /** Seconds of all records, by column; the last of published figures alone. */
  readonly #real: NumberColumn;
  readonly #user: NumberColumn;
  readonly #system: NumberColumn;
  readonly #cpu: NumberColumn;
  /** By field, and what is made of fields by a name of its own. */
  readonly #numbers = new Map<string, ReadOnce<Float64Array>>();
  readonly #batches = new ReadOnce((trials) => this.columns.word("batch").gatherIds(trials));

  constructor(records: Iterable<AnyRecord>) {
    this.columns = RecordColumns.from(records);
    this.length = this.columns.length;
    [this.#real, this.#user, this.#system, this.#cpu] = this.columns.numbers("real_s", "user_s", "system_s", "cpu_s");
    const { of, first } = this.columns.kinds;
    const [status, check, reason] = this.columns.words("status", "check", "reason");
    const { tainted } = this.columns;
    this.#kinds = of;
    this.#published = status.find("published") ?? -1;
    this.#completed = status.find("completed") ?? -1;
    this.#status = Uint32Array.from(first, (i) => status.id(i));
    this.#hasPublished = this.#status.includes(this.#published);
    this.#codes = Uint16Array.from(first, (i) => {
      const about = { status: status.at(i), check: check.at(i), reason: reason.at(i), tainted: tainted.at(i) ?? [] };
      return this.#codeOf(exclusionReasonOf(about as Judged));
    });
    this.#contradicted = contradictedKinds(
      this.columns,
      (kind) => this.#status[kind] === this.#completed && this.#codes[kind] === 0,
    );
    if (this.#contradicted === undefined) return;
    const code = this.#codeOf(digestsDiffer);
    for (const [kind, is] of this.#contradicted.entries()) if (is === 1) this.#codes[kind] = code;
  }

  #codeOf(reason: string | null): number {
    const known = this.#reasons.indexOf(reason);
    return known === -1 ? this.#reasons.push(reason) - 1 : known;
  }

  isCompleted(i: number): boolean {
    return this.#status[this.#kinds[i] as number] === this.#completed;
  }

  isPublished(i: number): boolean {
    return this.#status[this.#kinds[i] as number] === this.#published;
  }

  /** Whether the digest of record `i` is contradicted by another record of the same work. */
  isContradicted(i: number): boolean {
    return this.#contradicted?.[this.#kinds[i] as number] === 1;
  }

  /** Whether record `i` counts. */
  counts(i: number): boolean {
    return this.#codes[this.#kinds[i] as number] === 0;
  }

  /** Why record `i` does not count; null where it does. */
  reason(i: number): string | null {
    return this.#reasons[this.#codes[this.#kinds[i] as number] as number] as string | null;
  }

  /** Seconds of record `i`, whether or not it counts. NaN where it has none. */
  time(i: number, metric: Metric): number {
    if (metric === "real") return this.#real.at(i);
    if (!this.isPublished(i)) return this.#user.at(i) + this.#system.at(i);
    const cpu_s = this.#cpu.at(i);
    return Number.isNaN(cpu_s) ? this.#user.at(i) : cpu_s;
  }

  /** The numbers of `trials` in `field`; NaN where there is none. Shared by all who ask, as all numbers below. */
  numbers(field: NumberField, trials: Uint32Array): Float64Array {
    return this.#once(field, trials, (all) => this.columns.number(field).gather(all));
  }

  /** Seconds of each of `trials`, as `time` tells them. */
  times(trials: Uint32Array, metric: Metric): Float64Array {
    return metric === "real"
      ? this.numbers("real_s", trials)
      : this.#once("cpu", trials, (all) => this.#cpuTimesOf(all));
  }

  /** The clocks of `trials` in `field`. Hz; NaN where there is none, or one that no processor runs at. */
  clocks(field: "clock_hz_before" | "clock_hz_after", trials: Uint32Array): Float64Array {
    return this.#once(`sound ${field}`, trials, (all) =>
      this.columns
        .number(field)
        .gather(all)
        .map((hz) => (isSoundClock(hz) ? hz : Number.NaN)),
    );
  }

  /** The batch of each of `trials` on its machine, as a number; 0 in runs of earlier versions. */
  batches(trials: Uint32Array): Uint32Array {
    return this.#batches.of(trials);
  }

  /** The times of `trials` that count, and NaN for each of the others. */
  countedTimes(trials: Uint32Array, metric: Metric): Float64Array {
    const times_s = this.times(trials, metric).slice();
    for (let k = 0; k < trials.length; k++) if (!this.counts(trials[k] as number)) times_s[k] = Number.NaN;
    return times_s;
  }

  #cpuTimesOf(trials: Uint32Array): Float64Array {
    const system_s = this.#system.gather(trials);
    const times_s = this.#user.gather(trials).map((user_s, k) => user_s + (system_s[k] as number));
    if (!this.#hasPublished) return times_s;
    for (let k = 0; k < trials.length; k++) {
      const i = trials[k] as number;
      if (this.isPublished(i)) times_s[k] = this.time(i, "cpu");
    }
    return times_s;
  }

  #once(name: string, trials: Uint32Array, read: (all: Uint32Array) => Float64Array): Float64Array {
    let column = this.#numbers.get(name);
    if (column === undefined) {
      column = new ReadOnce(read);
      this.#numbers.set(name, column);
    }
    return column.of(trials);
  }
}
