// Figures that somebody published, as far as they can stand beside records of our own.
//
// Not a trial: nothing was checked, nobody says how often it was run, and a time that was not printed is absent. So they
// are records of a kind of their own, which no run writes and no results folder may hold.

import type { TrialRecord } from "../run/trial-record.ts";

/** One row of one published side. Absent times were not published: never 0, never guessed. */
export interface PublishedRecord {
  readonly schema: 1;
  readonly status: "published";
  readonly capture: "published";
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
  readonly driver: string;
  /** Those that the source tells. */
  readonly params: Readonly<Record<string, string>>;
  readonly work_id?: string;
  readonly side: string;
  readonly machine: string;
  readonly host_id: string;
  readonly round: 1;
  readonly attempt: 1;
  readonly real_s?: number;
  /** User + system. */
  readonly cpu_s?: number;
  /** Where user time alone was printed. */
  readonly user_s?: number;
  /** The last digit printed. */
  readonly real_resolution_s: number;
  readonly cpu_resolution_s: number;
  readonly check?: undefined;
  readonly tainted: readonly [];
}

/** Whatever a table may be made from. */
export type AnyRecord = TrialRecord | PublishedRecord;

/** A caveat on a published row. */
export interface PublishedCaveat {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
  readonly metric: "real" | "cpu";
  /** The published sides whose speedup it is about, baseline first. */
  readonly about: readonly [baseline: string, contender: string];
  /** Whether one of the two by itself is to be read with it. */
  readonly alone: boolean;
  readonly text: string;
}

/** A published side: all that its source tells of it. */
export interface PublishedSide {
  /** As in `published:c7g.8xlarge`, without the first part. */
  readonly of: string;
  readonly source: {
    readonly title: string;
    readonly author: string;
    readonly date: string;
    readonly url: string;
  };
  readonly os: string;
  /** Null: not published. */
  readonly release: string | null;
  readonly arch: string;
  readonly vcpus: number;
  /** In the source's order. */
  readonly records: readonly PublishedRecord[];
  /** By suite, row and impl: what the source calls the row. */
  readonly titles: readonly {
    readonly suite: string;
    readonly row: string;
    readonly impl: string;
    readonly title: string;
    /** What our own suites call it, as SUITE/ROW, where that is something else. */
    readonly ours?: string;
  }[];
  readonly remarks: readonly PublishedCaveat[];
}
