// The public API: to run, to analyse and to print. Nothing in it loads an adapter: those are under `timetrial/adapters`.
//
// docs/api.md is made from the docstrings of what is exported here (`npm run generate`), which also sees that every type
// which a signature names is exported, and no other.

// To run.
export { parseSide, parseSides, type Side, type SshHost } from "./domain/plan/side.ts";
export type { Plan, Spec } from "./domain/plan/plan.ts";
export type { SuiteSelection } from "./domain/plan/suite.ts";
export type { RunIdentity } from "./pipeline/plan/make-plan.ts";
export { dryRunPlan, type DryRun } from "./pipeline/run/dry-run.ts";
export type { CostEstimate, PriceInputs } from "./pipeline/cost/cost-estimate.ts";
export type { CostForecast } from "./domain/cost/cost-forecast.ts";
export type { RunDuration } from "./domain/cost/duration-estimate.ts";
export type { RowEstimate } from "./domain/cost/row-estimates.ts";
export type { Price } from "./domain/cost/price.ts";
export type { Market, PriceList, TypePriceQuote } from "./domain/cost/price-list.ts";
export { resume, run, type RunOutcome } from "./pipeline/run/run.ts";
export type { RunPorts } from "./pipeline/run/run-ports.ts";
export type { ReleaseProof, RunEvent } from "./domain/run/events.ts";
export type { Address, AgentFacts, Facts, Machine, SshExtras } from "./domain/run/machine.ts";
export type { MicroVm, MicroVmFacts } from "./domain/microvm/microvm.ts";
export type { CloudInstance } from "./domain/cloud/instance.ts";
export { runBoots, type BootOutcome } from "./pipeline/boot/run-boots.ts";
export type { BootPorts } from "./pipeline/boot/boot-ports.ts";
export type { BootEvent, BootPlan, BootRecord, BootSide, BootSpec } from "./domain/boot/boot.ts";
export { TimetrialError, type ErrorCode } from "./domain/errors.ts";

// To analyse.
export { buildReportData } from "./report/build-report-data.ts";
export type { ReportInput, RunOfReport } from "./report/report-input.ts";
export { mergeRuns } from "./pipeline/compare/merge-runs.ts";
export { addPublished, emptyTable, type PublishedInput } from "./pipeline/compare/add-published.ts";
export type { LabelledRun, RunInTable, TableInput } from "./pipeline/compare/table-input.ts";
export { analyse, type AnalyseOptions } from "./analysis/comparison/analyse.ts";
export type { Pairing, RowKey } from "./analysis/comparison/paired-rows.ts";
export type {
  CellResult,
  CellStatus,
  ComparedRow,
  Comparison,
  ExcludedRuns,
  Geomean,
  MachineTime,
  Metric,
  Reasons,
  Scope,
  ScoreTable,
  SideScore,
  SpeedupResult,
  SuiteGeomean,
  Verdict,
} from "./analysis/comparison/comparison.ts";
export { rankSides, type RankOptions } from "./analysis/ranking/rank-sides.ts";
export type { RankBy, RankedSide, Ranking, UnrankedSide } from "./analysis/ranking/ranking.ts";
export type { Bottleneck } from "./analysis/comparison/bottleneck.ts";
export type { RowRun, RowRuns, RunCounts } from "./analysis/comparison/row-runs.ts";
export type { CountedReadings, CountedRuns } from "./analysis/trials/counted-runs.ts";
export type { RunColumns } from "./analysis/trials/run-columns.ts";
export type { FactorName, SpeedupFactor, SpeedupFactors } from "./analysis/why/decompose.ts";
export type { FeatureDifference } from "./analysis/notes/cpu-features.ts";
export type { CostPerJob } from "./analysis/notes/cost-per-job.ts";
export {
  compareTests,
  type CompareTestsInput,
  type CompareTestsResult,
  type MachineTimes,
  type TestComparison,
} from "./analysis/compare-tests/compare-tests.ts";
export type { GateItem, GateResult, LimitResult } from "./analysis/gate/judge-gate.ts";
export type { Gate, GateAnswer, GateLimit } from "./domain/plan/gate.ts";
export { decideStop, type WidthGoal } from "./analysis/comparison/stopping-rule.ts";
export type { InterimLook, LookDecision } from "./domain/run/interim-look.ts";
export type { StopReason, WideInterval } from "./domain/plan/stopping-rule.ts";
export { buildBootReport, type BootReportInput } from "./report/boot/render-boots.ts";
export type { BootAnalysis, BootSideResult, ImageRow } from "./analysis/boot/boot-analysis.ts";
export type { Phase, PhaseSummary } from "./analysis/boot/boot-phases.ts";

// To print.
export { renderReport, type RenderOptions, type ReportFormat } from "./report/render-report.ts";
export { renderBootReport, type BootReportFormat } from "./report/boot/render-boots.ts";
export type { CostBlock, FastestCommand, ReportCaveat, ReportData, ReportRun, RowCost } from "./report/report-data.ts";
export type { BootReportData } from "./report/boot/report-data.ts";

// What is stored, and what was published.
export type { Records } from "./domain/records/record-columns.ts";
export type { TrialRecord } from "./domain/run/trial-record.ts";
export type { AnyRecord, PublishedCaveat, PublishedRecord, PublishedSide } from "./domain/published/figures.ts";
export type { PublishedBoots } from "./domain/published/boots.ts";
export type { LedgerEntry } from "./domain/cloud/ledger.ts";
export type { RunLogEntry } from "./domain/run/run-log.ts";
export type { RunCost } from "./domain/cost/run-cost.ts";

// The ports: what a run asks of the outside, for adapters of one's own.
export type { Clock } from "./ports/clock.ts";
export type { ExecOptions, ExecResult, Transport } from "./ports/transport.ts";
export type { Suites } from "./ports/suites.ts";
export type { Manifest, ShippedFile, Suite } from "./domain/plan/suite.ts";
export type { Results, RunStore, StoredRun } from "./ports/results.ts";
export type { JudgeLook } from "./ports/stopping-rule.ts";
export type { AcquiredMachine, Provisioner, ProvisionOrder, ProvisionRequest } from "./ports/cloud/provisioner.ts";
export type { Ledger } from "./ports/cloud/ledger.ts";
export type { PriceQuery, PriceSource } from "./ports/cloud/prices.ts";
export type {
  BootOrder,
  BootProvisioner,
  BootRefusal,
  BootRequest,
  DescribeCounts,
  LaunchedBoot,
  MicroVmBoot,
  RunningOutcome,
} from "./ports/cloud/boot-provisioner.ts";
export type { BootResults, BootStore, StoredBoots } from "./ports/boot-results.ts";
export type { PortProbe, ProbeResult, ProbeTarget } from "./ports/port-probe.ts";
