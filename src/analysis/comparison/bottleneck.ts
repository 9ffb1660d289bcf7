// Finds what limited a row's time, as far as real time, CPU time and the number of CPUs tell.

/**
 * What limited a row. `cpu`: most of the machine's CPUs were busy most of the time. `serial`: one CPU was busy
 * throughout. `partly-parallel`: more than one CPU, but far from all, was busy: the row has serial phases, or waits, or
 * both. `waits`: less than one CPU was busy, so the row waited for something else, a disk or the network. `unclear`:
 * less than one CPU was busy with the row, but other processes used the CPUs, so it may have waited for them.
 */
export type Bottleneck = "cpu" | "serial" | "partly-parallel" | "waits" | "unclear";

export interface CpuUse {
  /** CPU time over real time; null: not known. */
  readonly cores_busy: number | null;
  /** CPUs of the machine; undefined: not known. */
  readonly vcpus: number | undefined;
  /** Share of the machine's CPU that other processes used meanwhile, 0 to 1; undefined: not known. */
  readonly others_share: number | undefined;
}

// These limits are conventions. Start-up and clocks cost a single thread a few per cent, and a build that uses 26 of 32
// CPUs on average is bound by them.
export const oneCpuRange = { least: 0.9, most: 1.2 };
const mostCpus = 2 / 3;
/** The least share of the machines' CPU, 0 to 1, that makes other processes worth a note. */
export const othersMatter = 0.05;

/** Returns what limited a row; null where the times or the number of CPUs are not known. */
export function bottleneckOf({ cores_busy, vcpus, others_share = 0 }: CpuUse): Bottleneck | null {
  if (cores_busy === null) return null;
  if (cores_busy < oneCpuRange.least) return others_share > othersMatter ? "unclear" : "waits";
  if (vcpus === undefined) return cores_busy <= oneCpuRange.most ? "serial" : null;
  if (vcpus > 1 && cores_busy <= oneCpuRange.most) return "serial";
  return cores_busy >= mostCpus * vcpus ? "cpu" : "partly-parallel";
}

/** Whether a row with this bottleneck measures only CPUs. */
export function isCpuBound(bound: Bottleneck | null | undefined): boolean {
  return bound === "cpu" || bound === "serial";
}
