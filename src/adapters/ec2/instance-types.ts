// The instance types of an account's region, as EC2 describes them.

import type { Filter, InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import { compareNames } from "../../domain/compare-names.ts";
import type { Architecture } from "../../domain/plan/image.ts";
import type { InstanceType, InstanceTypes } from "../../ports/cloud/instance-types.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsError } from "../aws/errors.ts";
import { filterLots } from "./filter-values.ts";

/**
 * Returns access to the instance types that the account's region offers.
 *
 * @throws TimetrialError NO_CREDENTIALS, REGION_UNKNOWN, CLOUD when it is asked
 * @example
 * import { instanceTypes, openAccount } from "timetrial/adapters";
 *
 * const account = await openAccount({ region: "us-east-1" });
 * console.log(await instanceTypes(account).list("c7g."));
 */
export function instanceTypes(account: AwsAccount): InstanceTypes {
  return {
    region: account.region,
    list: async (prefix) =>
      inOrder(await describeTypes(account, prefix === "" ? [] : [`${prefix}*`], [currentGeneration])),
    fitting: async (patterns) => (patterns.length === 0 ? [] : inOrder(await describeTypes(account, patterns))),
  };
}

const currentGeneration: Filter = { Name: "current-generation", Values: ["true"] };

/**
 * Returns what EC2 describes of the types that fit one of `patterns` and all of `filters`; without patterns, of all. A name
 * that no type has is no error.
 *
 * @throws TimetrialError NO_CREDENTIALS, CLOUD
 */
export async function describeTypes(
  account: AwsAccount,
  patterns: readonly string[],
  filters: readonly Filter[] = [],
): Promise<InstanceTypeInfo[]> {
  const found = new Map<string, InstanceTypeInfo>();
  const byPattern = filterLots(patterns).map((Values): Filter[] => [{ Name: "instance-type", Values }]);
  for (const wanted of patterns.length === 0 ? [[]] : byPattern) {
    const Filters = [...filters, ...wanted];
    try {
      const pages = account.sdk.paginateDescribeInstanceTypes({ client: account.ec2, pageSize: 100 }, { Filters });
      for await (const page of pages)
        for (const info of page.InstanceTypes ?? []) found.set(info.InstanceType ?? "", info);
    } catch (error) {
      throw awsError(error, `listing the types of ${account.region}`);
    }
  }
  return [...found.values()];
}

function inOrder(infos: readonly InstanceTypeInfo[]): InstanceType[] {
  return infos.flatMap((info) => typeOf(info) ?? []).toSorted(byFamilyAndSize);
}

function typeOf(info: InstanceTypeInfo): InstanceType | undefined {
  const [name, vcpus, memory_mib] = [info.InstanceType, info.VCpuInfo?.DefaultVCpus, info.MemoryInfo?.SizeInMiB];
  if (name === undefined || vcpus === undefined || memory_mib === undefined) return undefined;
  const { DefaultCores: cores, DefaultThreadsPerCore: threads_per_core } = info.VCpuInfo ?? {};
  const manufacturer = info.ProcessorInfo?.Manufacturer;
  return {
    name,
    arch: architectureOfType(info),
    vcpus,
    ...defined({ cores, threads_per_core }),
    memory_mib,
    burstable: info.BurstablePerformanceSupported === true,
    ...defined({ manufacturer }),
  };
}

/**
 * Returns the architecture of a type. A type that is not Arm, or is unknown, counts as x86_64. macOS on Arm is
 * `arm64_mac`.
 */
export function architectureOfType(info: InstanceTypeInfo | undefined): Architecture {
  const all = info?.ProcessorInfo?.SupportedArchitectures ?? [];
  return all.some((each) => each.startsWith("arm64")) ? "arm64" : "x86_64";
}

function byFamilyAndSize(a: InstanceType, b: InstanceType): number {
  const family = ({ name }: InstanceType): string => name.split(".")[0] as string;
  return compareNames(family(a), family(b)) || a.vcpus - b.vcpus || compareNames(a.name, b.name);
}
