// Finds times that no machine can have measured. Machines are not trusted: a trial with such times has failed.

export interface ReportedTimes {
  readonly real_s: number;
  readonly user_s: number;
  readonly system_s: number;
  readonly real_resolution_s?: number | undefined;
  readonly cpu_resolution_s?: number | undefined;
}

export interface TimeBounds {
  /** CPUs of the machine. */
  readonly ncpu: number;
  /** The row's time limit. Absent where it is not known. */
  readonly limit_s?: number | undefined;
  /**
   * The longest time that can have passed since the trial began, by our own clocks. Absent where it was not measured.
   */
  readonly seen_s?: number | undefined;
}

/** How late a busy machine may end a step after its limit. Seconds. */
const late_s = 10;

/** The largest relative drift between two clocks, and seconds for a reply's way. */
const drift = 0.01;
const slack_s = 1;

/** Returns why `times` are impossible; undefined where they are possible. */
export function impossibleTimes(times: ReportedTimes, { ncpu, limit_s, seen_s }: TimeBounds): string | undefined {
  const { real_s, user_s, system_s, real_resolution_s = 0, cpu_resolution_s = 0 } = times;
  // One by one: verify asks of each record, for which a list would be made.
  if (!isTime(real_s)) return `impossible-time: expected real seconds, got ${real_s}`;
  if (!isTime(user_s)) return `impossible-time: expected user seconds, got ${user_s}`;
  if (!isTime(system_s)) return `impossible-time: expected system seconds, got ${system_s}`;
  if (limit_s !== undefined && real_s > limit_s * (1 + drift) + late_s)
    return `impossible-time: ${shown(real_s)} s where the limit is ${limit_s} s`;
  if (seen_s !== undefined && real_s > seen_s * (1 + drift) + slack_s)
    return `impossible-time: ${shown(real_s)} s where at most ${shown(seen_s)} s had passed`;
  // CPU time is counted in ticks of its own clock, and both clocks drift a little.
  const most_s = (real_s + 2 * real_resolution_s) * ncpu * (1 + drift) + 2 * cpu_resolution_s + 0.001;
  if (user_s + system_s > most_s)
    return `impossible-time: ${shown(user_s + system_s)} s of CPU in ${shown(real_s)} s on ${ncpu} CPUs`;
  return undefined;
}

function isTime(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

function shown(time_s: number): string {
  return String(Number(time_s.toPrecision(4)));
}
