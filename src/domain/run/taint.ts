// Reasons why a completed trial does not count (docs/design.md, "Results").
//
// The kernel counts steal and idle time in ticks of 10 ms. One tick is a large share of a short trial, so a short trial
// is judged by its whole batch. A single tick never taints a trial, since an instant may cause it.

/** Interference measured during a trial or during its batch. In seconds, except the pages. */
export interface Interference {
  readonly real_s?: number | undefined;
  readonly steal_s?: number | undefined;
  readonly others_cpu_s?: number | undefined;
  readonly swapped_pages?: number | undefined;
}

/** Taints by something other than the trial itself: the same trial may well be clean the next time. */
const disturbances: ReadonlySet<string> = new Set(["steal", "swap", "others-cpu", "rebooted"]);

/** Whether `reason`, why a run was left out, is that something other than the run itself disturbed it. */
export function isDisturbance(reason: string): boolean {
  return disturbances.has(reason);
}

/** Returns what disturbed a completed trial; undefined where nothing did, or where it does not count for its own sake. */
export function disturbanceOf(record: {
  readonly status: string;
  readonly check?: string | undefined;
  readonly tainted: readonly string[];
}): string | undefined {
  if (record.status !== "completed" || record.check === "failed") return undefined;
  return record.tainted.every(isDisturbance) ? record.tainted[0] : undefined;
}

const tick_s = 0.01;
const longEnough_s = 100 * tick_s;
const stealShare = 0.01;
const othersShare = 0.05;

/**
 * Returns why a trial is tainted; empty if it is clean. On a `shared` machine, other processes' CPU time is no taint.
 */
export function taintsOf(
  trial: Interference & { readonly orphans?: number | undefined },
  batch: Interference | undefined,
  machine: { readonly ncpu: number; readonly shared: boolean },
): string[] {
  const span = (trial.real_s ?? 0) >= longEnough_s ? trial : batch;
  const whole = (span?.real_s ?? 0) * machine.ncpu;
  const found: string[] = [];
  const over = (share: number): number => Math.max(share * whole, 1.5 * tick_s);
  if (whole > 0 && (span?.steal_s ?? 0) > over(stealShare)) found.push("steal");
  if ((trial.swapped_pages ?? 0) > 0) found.push("swap");
  if ((trial.orphans ?? 0) > 0) found.push("orphans");
  if (!machine.shared && whole > 0 && (span?.others_cpu_s ?? 0) > over(othersShare)) found.push("others-cpu");
  return found;
}

/**
 * Returns the taints that the suite's own check reported: the words of `tainted=`, separated by blanks; and `fetch`
 * where `reported.fetched=N` says that something was fetched while the clock ran.
 */
export function taintsReported(provided: Readonly<Record<string, string>> | undefined): string[] {
  const words = (provided?.["tainted"] ?? "").split(" ").filter((word) => /^[a-z][a-z0-9-]{0,39}$/.test(word));
  const fetched = !["", "0"].includes(provided?.["reported.fetched"] ?? "");
  return [...new Set([...words, ...(fetched ? ["fetch"] : [])])];
}
