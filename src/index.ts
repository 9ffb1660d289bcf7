// The public API. Nothing in it loads an adapter: those are under `timetrial/adapters`.

export { analyse } from "./analysis/analyse.ts";
export type { Comparison } from "./analysis/comparison.ts";
export { compareTests } from "./analysis/compare-tests.ts";
export type { BootEvent, BootPlan, BootRecord, BootSpec } from "./domain/boot.ts";
export { TimetrialError, type ErrorCode } from "./domain/errors.ts";
export type { Absence, Event } from "./domain/events.ts";
export type { Address, Facts, Machine } from "./domain/machine.ts";
export type { Plan, PlannedRow, PlannedSuite, Spec } from "./domain/plan.ts";
export { type CompletedRecord, recordSchema, type RunRecord } from "./domain/record.ts";
export { parseSide, parseSides, type Side } from "./domain/side.ts";
export type { Manifest, Suite } from "./domain/suite.ts";
export { type BootOutcome, type BootPorts, runBoots } from "./pipeline/boot.ts";
export { plan, type Planned } from "./pipeline/plan.ts";
export { type Outcome, type Ports, run } from "./pipeline/run.ts";
export type { Booter, BootLaunch, BootOrder, BootWish } from "./ports/booter.ts";
export type { BootResults, BootStore, StoredBoots } from "./ports/boot-results.ts";
export type { Clock } from "./ports/clock.ts";
export type { Ledger, LedgerEntry } from "./ports/ledger.ts";
export type { Probe, Probed, ProbeTarget } from "./ports/probe.ts";
export type { Acquired, Order, Provisioner, Wish } from "./ports/provisioner.ts";
export type { Results, RunStore, StoredRun } from "./ports/results.ts";
export type { Suites } from "./ports/suites.ts";
export type { ExecOptions, ExecResult, Transport } from "./ports/transport.ts";
