// Decides which records count, and reads their times.

import type { AnyRecord } from "../../domain/published/figures.ts";
import { RecordColumns } from "../../domain/records/record-columns.ts";
import type { Metric } from "./comparison.ts";
import { contradictedRecords, digestsDiffer } from "./contradictions.ts";

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
  /** By record: place of its reason in the list of reasons; 0 where it counts. */
  readonly #codes: Uint16Array;
  readonly #reasons: (string | null)[] = [null];
  readonly #contradicted: Uint8Array | undefined;
  readonly #published: number;
  readonly #completed: number;

  constructor(records: Iterable<AnyRecord>) {
    this.columns = RecordColumns.from(records);
    this.length = this.columns.length;
    this.#published = this.columns.word("status").find("published") ?? -1;
    this.#completed = this.columns.word("status").find("completed") ?? -1;
    this.#codes = new Uint16Array(this.length);
    this.#judge();
    this.#contradicted = contradictedRecords(this.columns, (i) => this.isCompleted(i) && this.#codes[i] === 0);
    if (this.#contradicted === undefined) return;
    const code = this.#codeOf(digestsDiffer);
    for (let i = 0; i < this.length; i++) if (this.#contradicted[i] === 1) this.#codes[i] = code;
  }

  /** Sets the code of every record. The words that it depends on repeat, so each combination is judged once. */
  #judge(): void {
    const [status, check, reason] = this.columns.words("status", "check", "reason");
    const { tainted } = this.columns;
    const known = new Map<number, number>();
    let [latest, latestCode] = [-1, 0];
    for (let i = 0; i < this.length; i++) {
      const key = status.id(i) + 8 * (check.id(i) + 8 * (tainted.id(i) + 2 ** 20 * reason.id(i)));
      if (key !== latest) {
        let code = known.get(key);
        if (code === undefined) {
          const about = {
            status: status.at(i),
            check: check.at(i),
            reason: reason.at(i),
            tainted: tainted.at(i) ?? [],
          };
          code = this.#codeOf(exclusionReasonOf(about as Judged));
          known.set(key, code);
        }
        [latest, latestCode] = [key, code];
      }
      this.#codes[i] = latestCode;
    }
  }

  #codeOf(reason: string | null): number {
    const known = this.#reasons.indexOf(reason);
    return known === -1 ? this.#reasons.push(reason) - 1 : known;
  }

  isCompleted(i: number): boolean {
    return this.columns.word("status").id(i) === this.#completed;
  }

  isPublished(i: number): boolean {
    return this.columns.word("status").id(i) === this.#published;
  }

  /** Whether the digest of record `i` is contradicted by another record of the same work. */
  isContradicted(i: number): boolean {
    return this.#contradicted?.[i] === 1;
  }

  /** Whether record `i` counts. */
  counts(i: number): boolean {
    return this.#codes[i] === 0;
  }

  /** Why record `i` does not count; null where it does. */
  reason(i: number): string | null {
    return this.#reasons[this.#codes[i] as number] as string | null;
  }

  /** Seconds of record `i`, whether or not it counts. NaN where it has none. */
  time(i: number, metric: Metric): number {
    const { columns } = this;
    if (metric === "real") return columns.number("real_s").at(i);
    if (!this.isPublished(i)) return columns.number("user_s").at(i) + columns.number("system_s").at(i);
    const cpu_s = columns.number("cpu_s").at(i);
    return Number.isNaN(cpu_s) ? columns.number("user_s").at(i) : cpu_s;
  }

  /** The times of `trials` that count, and NaN for each of the others. */
  countedTimes(trials: Uint32Array, metric: Metric): Float64Array {
    const times_s = new Float64Array(trials.length);
    const [real, user, system] = this.columns.numbers("real_s", "user_s", "system_s");
    for (let k = 0; k < trials.length; k++) {
      const i = trials[k] as number;
      if (this.#codes[i] !== 0) times_s[k] = Number.NaN;
      else if (this.isPublished(i)) times_s[k] = this.time(i, metric);
      else times_s[k] = metric === "real" ? real.at(i) : user.at(i) + system.at(i);
    }
    return times_s;
  }
}
