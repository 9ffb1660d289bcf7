// The public API. Nothing in it loads an adapter: those are under `timetrial/adapters`.

export { analyse } from "./analysis/analyse.ts";
export type { Comparison } from "./analysis/comparison.ts";
export { compareTests } from "./analysis/compare-tests.ts";
export { TimetrialError, type ErrorCode } from "./domain/errors.ts";
export type { Absence, Event } from "./domain/events.ts";
export type { Address, Facts, Machine } from "./domain/machine.ts";
export type { Plan, PlannedRow, PlannedSuite, Spec } from "./domain/plan.ts";
export type { AnyRecord, PublishedRecord, PublishedRemark, PublishedSide } from "./domain/published.ts";
export { type CompletedRecord, recordSchema, type RunRecord } from "./domain/record.ts";
export { parseSide, parseSides, type Side } from "./domain/side.ts";
export type { Manifest, Suite } from "./domain/suite.ts";
export { besidePublished, nothingMeasured, type PublishedAs } from "./pipeline/beside-published.ts";
export { plan, type Planned } from "./pipeline/plan.ts";
export { type Outcome, type Ports, resume, run } from "./pipeline/run.ts";
export { type Given, type Shown, sideBySide, type Source } from "./pipeline/side-by-side.ts";
export type { Clock } from "./ports/clock.ts";
export type { LedgerEntry } from "./domain/ledger.ts";
export type { Ledger } from "./ports/ledger.ts";
export type { Acquired, Order, Provisioner, Wish } from "./ports/provisioner.ts";
export type { InstanceType, InstanceTypes } from "./ports/instance-types.ts";
export type { Published } from "./ports/published.ts";
export type { Results, RunStore, StoredRun } from "./ports/results.ts";
export type { Suites } from "./ports/suites.ts";
export type { ExecOptions, ExecResult, Transport } from "./ports/transport.ts";
