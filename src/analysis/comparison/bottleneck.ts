// Where the time went: what kept a row from being done sooner, as far as real time, CPU time and the number of CPUs tell.

/**
 * `cpu`: most of the machine's CPUs computed most of the time. `serial`: one CPU's worth of work, throughout.
 * `partly-parallel`: more than that, and far from all: serial phases, or waits, or both. `waits`: less than one CPU was
 * busy, so it waited for something else, a disk or the network. `unclear`: the same, but other processes had the CPUs
 * meanwhile, so it may have waited for them.
 */
export type Bottleneck = "cpu" | "serial" | "partly-parallel" | "waits" | "unclear";

export interface CpuUse {
  /** CPU time over real time; null: not known. */
  readonly cores_busy: number | null;
  /** Of the machine; undefined: not known. */
  readonly vcpus: number | undefined;
  /** Share of the machine's CPU that others used meanwhile, 0 to 1; undefined where it is not known. */
  readonly others_share: number | undefined;
}

// Conventions, not laws: starting up and clocks cost a single thread some per cent; a build that uses 26 of 32 CPUs on
// average is bound by them.
export const oneCpuRange = { least: 0.9, most: 1.2 };
const mostCpus = 2 / 3;
const othersMatter = 0.05;

/** Null where the times or the number of CPUs are not known. */
export function bottleneckOf({ cores_busy, vcpus, others_share = 0 }: CpuUse): Bottleneck | null {
  if (cores_busy === null) return null;
  if (cores_busy < oneCpuRange.least) return others_share > othersMatter ? "unclear" : "waits";
  if (vcpus === undefined) return cores_busy <= oneCpuRange.most ? "serial" : null;
  if (vcpus > 1 && cores_busy <= oneCpuRange.most) return "serial";
  return cores_busy >= mostCpus * vcpus ? "cpu" : "partly-parallel";
}

/** Whether a row so bound measures CPUs and nothing else. */
export function isCpuBound(bound: Bottleneck | null | undefined): boolean {
  return bound === "cpu" || bound === "serial";
}
