// What happens on the way, for whoever watches. Nothing in the pipeline depends on anybody watching.

import type { CostForecast } from "../cost/cost-forecast.ts";
import type { Machine } from "./machine.ts";
import type { Plan } from "../plan/plan.ts";
import type { PriceList } from "../cost/price-list.ts";
import type { TrialRecord } from "./trial-record.ts";

/** A step of a run, for whoever watches. Durations are in seconds. */
export type RunEvent =
  | {
      readonly what: "planned";
      readonly plan: Plan;
      readonly folder: string;
      /** Absent where nothing is launched that anybody pays for. */
      readonly money?: { readonly list: PriceList; readonly forecast: CostForecast };
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
      readonly capture: string;
      readonly drivers: readonly string[];
    }
  /** Before anything is timed: the machine lacks what the suite, or some of its rows, needs. */
  | {
      readonly what: "suite-skipped";
      readonly machine: Machine;
      readonly suite: string;
      /** `ROW/IMPL` of those that are skipped. */
      readonly rows: readonly string[];
      readonly reason: string;
    }
  /** Nothing more is timed on them. */
  | { readonly what: "gone"; readonly machines: readonly string[] }
  /** How far a long step is: its own words, or what it has printed so far. */
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
    }
  /** `title`: what is shown in place of the row's name. */
  | { readonly what: "record"; readonly record: TrialRecord; readonly title?: string }
  /** What a step that failed printed last, and the file of the run's folder that holds it; before its record. */
  | {
      readonly what: "last-words";
      readonly machine: string;
      /** Of the row: the same for each of its rounds. */
      readonly row: string;
      readonly text: string;
      readonly log: string;
    }
  | { readonly what: "note"; readonly text: string }
  | { readonly what: "releasing"; readonly count: number }
  | { readonly what: "released"; readonly count: number; readonly absence: ReleaseProof };

/** What is known of what might still be running. `none` is said only when it was proved (docs/design.md, "What must never happen"). */
export type ReleaseProof =
  | { readonly state: "nothing-leased" }
  | { readonly state: "none" }
  | { readonly state: "left"; readonly ids: readonly string[]; readonly reason: string }
  /** Left on purpose, after a failure, for a look; each ends itself `until` (ISO 8601) at the latest. */
  | { readonly state: "kept"; readonly ids: readonly string[]; readonly until: string; readonly region: string };
