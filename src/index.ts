// The public API. Nothing in it loads an adapter: those are under `timetrial/adapters`.

export { analyse } from "./analysis/comparison/analyse.ts";
export type { Comparison } from "./analysis/comparison/comparison.ts";
export { compareTests } from "./analysis/compare-tests/compare-tests.ts";
export type { BootEvent, BootPlan, BootRecord, BootSpec } from "./domain/boot/boot.ts";
export { TimetrialError, type ErrorCode } from "./domain/errors.ts";
export type { ReleaseProof as Absence, RunEvent as Event } from "./domain/run/events.ts";
export type { Address, Facts, Machine } from "./domain/run/machine.ts";
export type { Plan, PlannedRow, PlannedSuite, Spec } from "./domain/plan/plan.ts";
export type {
  AnyRecord,
  PublishedRecord,
  PublishedCaveat as PublishedRemark,
  PublishedSide,
} from "./domain/published/figures.ts";
export {
  type CompletedTrial as CompletedRecord,
  recordSchema,
  type TrialRecord as RunRecord,
} from "./domain/run/trial-record.ts";
export { parseSide, parseSides, type Side } from "./domain/plan/side.ts";
export type { Manifest, Suite } from "./domain/plan/suite.ts";
export {
  addPublished as besidePublished,
  emptyTable as nothingMeasured,
  type PublishedInput as PublishedAs,
} from "./pipeline/compare/add-published.ts";
export { makePlan as plan, type PreparedPlan as Planned } from "./pipeline/plan/make-plan.ts";
export { type RunOutcome as Outcome, resume, run } from "./pipeline/run/run.ts";
export type { RunPorts as Ports } from "./pipeline/run/run-ports.ts";
export { mergeRuns as sideBySide } from "./pipeline/compare/merge-runs.ts";
export type {
  LabelledRun as Given,
  RunInTable as Source,
  TableInput as Shown,
} from "./pipeline/compare/table-input.ts";
export { buildReportData, type ReportInput } from "./report/build-report-data.ts";
export type { ReportData } from "./report/report-data.ts";
export type { Clock } from "./ports/clock.ts";
export type { LedgerEntry } from "./domain/cloud/ledger.ts";
export type { Ledger } from "./ports/cloud/ledger.ts";
export { type BootOutcome, runBoots } from "./pipeline/boot/run-boots.ts";
export type { BootPorts } from "./pipeline/boot/boot-ports.ts";
export type {
  BootProvisioner as Booter,
  LaunchedBoot as BootLaunch,
  BootOrder,
  BootRequest as BootWish,
} from "./ports/cloud/boot-provisioner.ts";
export type { BootResults, BootStore, StoredBoots } from "./ports/boot-results.ts";
export type { PortProbe as Probe, ProbeResult as Probed, ProbeTarget } from "./ports/port-probe.ts";
export type {
  AcquiredMachine as Acquired,
  ProvisionOrder as Order,
  Provisioner,
  ProvisionRequest as Wish,
} from "./ports/cloud/provisioner.ts";
export type { PriceSource as Prices, PriceQuery as PriceWish } from "./ports/cloud/prices.ts";
export type { PriceList, TypePriceQuote as Quote } from "./domain/cost/price-list.ts";
export type { CostForecast as Forecast } from "./domain/cost/cost-forecast.ts";
export { dryRunPlan as foresee, type DryRun as Foreseen } from "./pipeline/run/dry-run.ts";
export type { CostEstimate as Money, PriceInputs as Purse } from "./pipeline/cost/cost-estimate.ts";
export type { InstanceType, InstanceTypes } from "./ports/cloud/instance-types.ts";
export type { PublishedFigures as Published } from "./ports/published.ts";
export type { Results, RunStore, StoredRun } from "./ports/results.ts";
export type { Suites } from "./ports/suites.ts";
export type { Sweeper } from "./ports/cloud/sweeper.ts";
export type { ExecOptions, ExecResult, Transport } from "./ports/transport.ts";
