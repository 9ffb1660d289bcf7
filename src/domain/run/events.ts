// Events of a run, for observers. The pipeline does not depend on any observer.

import type { CostForecast } from "../cost/cost-forecast.ts";
import type { Machine } from "./machine.ts";
import type { Plan } from "../plan/plan.ts";
import type { PriceList } from "../cost/price-list.ts";
import type { TrialRecord } from "./trial-record.ts";

/** An event of a run, for observers. Durations are in seconds. */
export type RunEvent =
  | {
      readonly what: "planned";
      readonly plan: Plan;
      readonly folder: string;
      /** Absent where the run launches nothing that costs money. */
      readonly costEstimate?: { readonly list: PriceList; readonly forecast: CostForecast };
    }
  | {
      readonly what: "launching";
      readonly side: string;
      readonly count: number;
      readonly type: string;
      readonly zone: string;
    }
  | { readonly what: "zone-without-capacity"; readonly zone: string; readonly reason: string }
  | { readonly what: "machine-ready"; readonly machine: Machine; readonly after_s: number }
  | {
      readonly what: "machine-setup";
      readonly machine: Machine;
      /** Its system, as `uname -s` prints it. */
      readonly uname: string;
      readonly capture: string;
      readonly drivers: readonly string[];
    }
  /** What a machine does from now on, outside of rounds: `setting hashes up`. */
  | { readonly what: "doing"; readonly machine: string; readonly text: string }
  /** Comes before anything is timed: the machine lacks a requirement of the suite, or of some of its rows. */
  | {
      readonly what: "suite-skipped";
      readonly machine: Machine;
      readonly suite: string;
      /** The skipped rows, as `ROW/IMPL`. */
      readonly rows: readonly string[];
      readonly reason: string;
    }
  /** These machines are lost: nothing more is timed on them. */
  | { readonly what: "gone"; readonly machines: readonly string[] }
  /** Progress of a long step: the text that it reports, or its output so far. */
  | { readonly what: "step-progress"; readonly machine: string; readonly step: string; readonly text: string }
  | {
      readonly what: "parameter";
      readonly suite: string;
      readonly name: string;
      readonly value: string;
      readonly reason: string;
    }
  | {
      readonly what: "round";
      readonly suite: string;
      readonly round: number;
      readonly of: number;
      readonly machine: string;
      /** Set after the planned rounds: how many disturbed trials are measured again, and what disturbed them. */
      readonly again?: { readonly trials: number; readonly why: string };
    }
  /** `title`: the title that reports show instead of the row's name. */
  | { readonly what: "record"; readonly record: TrialRecord; readonly title?: string }
  /** The last output of a step that failed, and the file of the run's folder that holds it. Comes before its record. */
  | {
      readonly what: "last-words";
      readonly machine: string;
      /** Key of the row: the same for each of its rounds. */
      readonly row: string;
      readonly text: string;
      readonly log: string;
    }
  | { readonly what: "note"; readonly text: string }
  | { readonly what: "releasing"; readonly count: number }
  | { readonly what: "released"; readonly count: number; readonly absence: ReleaseProof };

/** Whether instances may still be running. `none` only after proof. */
export type ReleaseProof =
  | { readonly state: "nothing-leased" }
  | { readonly state: "none" }
  | { readonly state: "left"; readonly ids: readonly string[]; readonly reason: string }
  /**
   * Instances that were kept after a failure, so that the user can inspect them. Each terminates itself by `until` (ISO
   * 8601).
   */
  | { readonly state: "kept"; readonly ids: readonly string[]; readonly until: string; readonly region: string };
