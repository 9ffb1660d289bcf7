// Figures that somebody published, in a form that can be compared with records of our own.
//
// A published figure is not a trial: nothing was checked, the number of runs is unknown, and a time that was not
// printed is absent. So it has a record type of its own, which no run writes and no results folder may contain.

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
  /** The parameters that the source states. */
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
  /** Set where only user time was printed. */
  readonly user_s?: number;
  /** The value of the last digit printed. */
  readonly real_resolution_s: number;
  readonly cpu_resolution_s: number;
  readonly check?: undefined;
  readonly tainted: readonly [];
}

/** A record that a table can show. */
export type AnyRecord = TrialRecord | PublishedRecord;

/** A caveat on a published row. */
export interface PublishedCaveat {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
  readonly metric: "real" | "cpu";
  /** The published sides of the speedup that the caveat is about, baseline first. */
  readonly about: readonly [baseline: string, contender: string];
  /** Whether the caveat also applies to either of the two sides alone. */
  readonly alone: boolean;
  readonly text: string;
}

/** A published side: its source, its machine and its records. */
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
  /** By suite, row and impl: the row's title in the source. */
  readonly titles: readonly {
    readonly suite: string;
    readonly row: string;
    readonly impl: string;
    readonly title: string;
    /** The row's name in our own suites, as SUITE/ROW, where it differs. */
    readonly ours?: string;
  }[];
  readonly remarks: readonly PublishedCaveat[];
}
