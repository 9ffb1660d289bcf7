// vCPU quotas. They are checked before a launch, since EC2's dry run does not. If EC2 still refuses a launch for a
// quota, the error names the quota.

import type { Instance, InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { TimetrialError } from "../../../domain/errors.ts";
import type { Plan } from "../../../domain/plan/plan.ts";
import { printable } from "../../../domain/printable.ts";
import { quoteForMessage } from "../../../domain/plan/side.ts";
import { lotsOf } from "../../../domain/lots.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsCode, awsError } from "../../aws/errors.ts";
import { ec2Quota, type Quota } from "../../aws/service-quotas.ts";
import { describeInstances } from "../describe-instances.ts";
import type { Ec2Side } from "./ec2-side.ts";

/**
 * The codes of the quotas, on demand and spot, by the letters that a type's family begins with; all others count as
 * standard. Source: AWS's EC2 user guide, on-demand instance quotas and spot instance quotas. The quotas' names come
 * from AWS: a quota whose name does not contain the family is not used for it.
 */
const codes: Readonly<Record<string, readonly [string, string]>> = {
  standard: ["L-1216C47A", "L-34B43A08"],
  dl: ["L-6E869C2A", "L-85EED4F7"],
  f: ["L-74FC7D96", "L-88CF9481"],
  g: ["L-DB2E81BA", "L-3819A6DF"],
  vt: ["L-DB2E81BA", "L-3819A6DF"],
  inf: ["L-1945791B", "L-B5D1601B"],
  p: ["L-417A185B", "L-7212CCBC"],
  x: ["L-7295265B", "L-E3A00192"],
};
/** Families that have another quota than their first letter suggests. */
const familiesWithOwnQuota = ["dl", "hpc", "inf", "mac", "trn", "vt"];

export type TypeInfos = ReadonlyMap<string, InstanceTypeInfo>;

/**
 * Refuses what would exceed a quota. Returns a text for each quota that could not be read: a missing permission to read
 * a quota does not stop the launch.
 *
 * @throws TimetrialError OVER_QUOTA
 */
export async function checkQuotas(
  account: AwsAccount,
  { spec }: Plan,
  sides: readonly Ec2Side[],
  types: TypeInfos,
): Promise<string[]> {
  // Dedicated hosts are counted as hosts, not by their instances.
  if (spec.tenancy === "host") return [];
  const notes: string[] = [];
  const spot = spec.spot === true;
  for (const [code, families] of byQuota(sides, spot)) {
    try {
      const quota = await ec2Quota(account, code);
      if (![...families.keys()].every((family) => names(quota, family))) continue;
      const counted = [...families.values()].flat();
      const each = counted.reduce((sum, { type }) => sum + vcpus(types.get(type)), 0);
      const used = await vcpusInUse(account, code, spot, types);
      if (used + each * spec.machines > quota.value)
        throw over(quota, { each, used, machines: spec.machines, region: account.region });
    } catch (error) {
      if (error instanceof TimetrialError && error.code === "OVER_QUOTA") throw error;
      notes.push(`the quota of vCPUs (${code}) was not checked: ${reasonOf(error)}`);
    }
  }
  return notes;
}

function reasonOf(error: unknown): string {
  if (awsCode(error).startsWith("AccessDenied")) return "these credentials lack servicequotas:GetServiceQuota";
  return printable(error instanceof Error ? error.message : String(error));
}

function over(
  { name, code, value }: Quota,
  { each, used, machines, region }: { each: number; used: number; machines: number; region: string },
): TimetrialError {
  const wanted = each * machines;
  const fewer = Math.floor((value - used) / each);
  const raise = `ask for more: aws service-quotas request-service-quota-increase --region ${region} --service-code ec2 --quota-code ${code} --desired-value ${used + wanted}`;
  return new TimetrialError(
    "OVER_QUOTA",
    `the quota ${quoteForMessage(name)} (${code}) allows ${value} vCPUs in ${region}: ${used} are in use, ${wanted} more are needed`,
    {
      hint:
        fewer < 1
          ? raise
          : `--machines ${machines > 1 ? 1 : fewer} wants ${each} and fits${fewer > 1 ? `, up to --machines ${fewer}` : ""}; or ${raise}`,
    },
  );
}

/** The codes with which EC2 refuses a launch for lack of vCPU quota. */
const overQuota = new Set(["VcpuLimitExceeded", "InstanceLimitExceeded", "MaxSpotInstanceCountExceeded"]);

/**
 * Converts `error`, with which EC2 refused to launch `type`, for the user. For a quota error it adds the quota's name
 * and code, which EC2 does not give.
 */
export async function explainLaunchError(
  account: AwsAccount,
  error: unknown,
  { type, spot, doing }: { readonly type: string; readonly spot: boolean; readonly doing: string },
): Promise<TimetrialError> {
  const failure = awsError(error, doing);
  const code = codeOf(type, spot);
  if (code === undefined || !overQuota.has(awsCode(error))) return failure;
  const which = await ec2Quota(account, code).then(
    (quota) => (names(quota, familyOf(type)) ? `${quoteForMessage(quota.name)} (${code})` : code),
    () => code,
  );
  const more = `aws service-quotas request-service-quota-increase --region ${account.region} --service-code ec2 --quota-code ${code} --desired-value VCPUS`;
  return new TimetrialError("QUOTA", `${failure.message}; the quota is ${which}`, {
    cause: error,
    hint: `ask for fewer machines: --machines 1; or for a higher quota: ${more}`,
  });
}

/** Groups the sides by quota, then by the family that counts towards it. */
function byQuota(sides: readonly Ec2Side[], spot: boolean): Map<string, Map<string, Ec2Side[]>> {
  const found = new Map<string, Map<string, Ec2Side[]>>();
  for (const side of sides) {
    const code = codeOf(side.type, spot);
    if (code === undefined) continue;
    const family = familyOf(side.type);
    const families = found.get(code) ?? new Map<string, Ec2Side[]>();
    found.set(code, families.set(family, [...(families.get(family) ?? []), side]));
  }
  return found;
}

/** Returns the letters that a family begins with: `c` of c7g, `i` of im4gn, `inf` of inf2. */
function familyOf(type: string): string {
  const letters = /^[a-z]+/.exec(type)?.[0] ?? "";
  return familiesWithOwnQuota.find((word) => letters === word) ?? letters.slice(0, 1);
}

/** Returns the code of the type's quota; undefined if this file has none for it. */
function codeOf(type: string, spot: boolean): string | undefined {
  const family = familyOf(type);
  const known = codes[family] ?? (["hpc", "mac", "trn", "u"].includes(family) ? undefined : codes["standard"]);
  return known?.[spot ? 1 : 0];
}

/**
 * Returns whether the quota's name, such as "Running On-Demand Standard (A, C, …) instances", has the family as a word.
 */
function names({ name }: Quota, family: string): boolean {
  return name
    .toLowerCase()
    .split(/[^a-z]+/)
    .includes(family);
}

function vcpus(info: InstanceTypeInfo | undefined): number {
  return info?.VCpuInfo?.DefaultVCpus ?? 0;
}

async function vcpusInUse(account: AwsAccount, code: string, spot: boolean, types: TypeInfos): Promise<number> {
  const live = await describeInstances(account, [{ Name: "instance-state-name", Values: ["pending", "running"] }]);
  const counted = live.filter(
    (instance) =>
      (instance.InstanceLifecycle === "spot") === spot &&
      instance.Placement?.Tenancy !== "host" &&
      codeOf(instance.InstanceType ?? "", spot) === code,
  );
  const known = new Map([...types, ...(await otherTypes(account, counted, types))]);
  return counted.reduce((sum, instance) => sum + vcpus(known.get(instance.InstanceType ?? "")), 0);
}

async function otherTypes(
  account: AwsAccount,
  instances: readonly Instance[],
  types: TypeInfos,
): Promise<[string, InstanceTypeInfo][]> {
  const wanted = [
    ...new Set(instances.flatMap(({ InstanceType: type }) => (type === undefined || types.has(type) ? [] : [type]))),
  ];
  const found: [string, InstanceTypeInfo][] = [];
  for (const InstanceTypes of lotsOf(wanted, 100)) {
    const answer = await account.ec2.send(new account.sdk.DescribeInstanceTypesCommand({ InstanceTypes }));
    for (const info of answer.InstanceTypes ?? []) found.push([info.InstanceType ?? "", info]);
  }
  return found;
}
