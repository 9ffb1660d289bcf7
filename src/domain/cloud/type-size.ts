// The vCPUs of an instance type by its name, for estimates that are made without an account.

/** vCPUs of the sizes below one xlarge, which is 4. */
const small: ReadonlyMap<string, number> = new Map([
  ["medium", 1],
  ["large", 2],
  ["xlarge", 4],
]);

/**
 * Returns the vCPUs that `type` has by EC2's names of sizes: those of the families c, m and r from the fifth generation
 * on. Undefined for other types, and for bare metal.
 */
export function vcpusByName(type: string): number | undefined {
  const [, size = ""] = /^[cmr](?:[5-9]|[1-9]\d)[a-z-]*\.(.+)$/.exec(type) ?? [];
  const [, times] = /^([1-9]\d?)xlarge$/.exec(size) ?? [];
  return times === undefined ? small.get(size) : 4 * Number(times);
}
