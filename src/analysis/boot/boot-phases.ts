// Computes the phases of a boot from its instants, and summarises the phases of many boots.

import type { BootRecord, BootSpec } from "../../domain/boot/boot.ts";
import { median, ascending } from "../statistics/samples.ts";

/** Phases in order. `boot` and `whole` span several: from running, and from the launch request, to the open port. */
export const phases = [
  "call",
  "running",
  "api",
  "configure",
  "start",
  "console",
  "guest",
  "closed",
  "open",
  "online",
  "boot",
  "whole",
] as const;

/** A phase of a boot. */
export type Phase = (typeof phases)[number];

/** Names of the phases, as reports show them. */
export const phaseTitles: Readonly<Record<Phase, string>> = {
  call: "RunInstances call",
  running: "pending to running",
  api: "VMM start to API ready",
  configure: "API ready to InstanceStart",
  start: "InstanceStart call",
  console: "InstanceStart to console",
  guest: "InstanceStart to guest's mark",
  closed: "running to port closed",
  open: "port closed to open",
  online: "running to SSM online",
  boot: "running to port open",
  whole: "launch to port open",
};

/** Returns the length of each phase of `record` in seconds; undefined where one of its ends was not observed. */
export function phasesOf(record: BootRecord): Readonly<Record<Phase, number | undefined>> {
  const { called_s, running_s, closed_s, open_s, online_s, microvm } = record;
  const sent_s = microvm?.start_sent_s ?? null;
  const ofCloud = microvm === undefined;
  return {
    call: ofCloud ? (called_s ?? undefined) : undefined,
    running: ofCloud ? elapsed_s(called_s, running_s) : undefined,
    api: ofCloud ? undefined : (called_s ?? undefined),
    configure: elapsed_s(called_s, sent_s),
    start: elapsed_s(sent_s, running_s),
    console: elapsed_s(sent_s, microvm?.console_s ?? null),
    guest: microvm?.guest_boot_s ?? undefined,
    closed: elapsed_s(running_s, closed_s),
    open: elapsed_s(closed_s, open_s),
    online: elapsed_s(running_s, online_s),
    boot: elapsed_s(running_s, open_s),
    whole: open_s ?? undefined,
  };
}

/** Returns the resolution of each phase: the longer polling interval of its two ends. Seconds. */
export function phaseResolutions(spec: BootSpec): Readonly<Record<Phase, number>> {
  const { describe_every_s: describe, probe_every_s: probe } = spec;
  const isCloud = spec.sides.some(({ vm }) => vm === undefined);
  // The start of a microVM is the return of a call, not a state that is polled.
  const running = isCloud ? describe : probe;
  const own = { api: 1e-3, configure: 1e-3, start: 1e-6, console: 1e-6, guest: 1e-6 };
  return {
    call: 1e-6,
    running: describe,
    ...own,
    closed: running,
    open: probe,
    online: 1,
    boot: running,
    whole: probe,
  };
}

function elapsed_s(from: number | null, to: number | null): number | undefined {
  // Where boots overlap, EC2 may report "running" before the reply to the launch request is read. A phase is never
  // below 0.
  return from === null || to === null ? undefined : Math.max(0, to - from);
}

/** Returns why `record` does not count; undefined where it does. */
export function exclusionReason(record: BootRecord): string | undefined {
  if (record.warmup) return "first boot";
  if (record.status === "failed") return "failed";
  return record.tainted[0];
}

/** Summary of one phase over many boots. Seconds. */
export interface PhaseSummary {
  readonly n: number;
  readonly median_s: number;
  readonly p90_s: number;
  readonly least_s: number;
  readonly most_s: number;
}

/** Summarises `times_s`, in seconds; undefined where there are none. */
export function summarisePhase(times_s: readonly number[]): PhaseSummary | undefined {
  const x = ascending(times_s);
  const [least_s, most_s] = [x[0], x.at(-1)];
  if (least_s === undefined || most_s === undefined) return undefined;
  return { n: x.length, median_s: median(x), p90_s: quantile(x, 0.9), least_s, most_s };
}

/**
 * Returns the `share` quantile of the sorted values `x`, linear between two of them, as R's default and hyperfine do.
 *
 * Source: Hyndman & Fan (1996), Sample Quantiles in Statistical Packages, The American Statistician 50(4): type 7.
 *
 * @throws RangeError where there are no values.
 */
export function quantile(x: ArrayLike<number>, share: number): number {
  const place = (x.length - 1) * share;
  const below = x[Math.floor(place)];
  const above = x[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError("the quantile of no values");
  return below + (above - below) * (place - Math.floor(place));
}
