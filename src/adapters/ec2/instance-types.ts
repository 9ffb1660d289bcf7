// The instance types of an account's region, as EC2 describes them.

import type { InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import { compareNames } from "../../domain/compare-names.ts";
import type { Architecture } from "../../domain/plan/image.ts";
import type { InstanceType, InstanceTypes } from "../../ports/cloud/instance-types.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsError } from "../aws/errors.ts";

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
    list: async (prefix) => {
      const found: InstanceType[] = [];
      const Filters = [
        { Name: "current-generation", Values: ["true"] },
        ...(prefix === "" ? [] : [{ Name: "instance-type", Values: [`${prefix}*`] }]),
      ];
      try {
        const pages = account.sdk.paginateDescribeInstanceTypes({ client: account.ec2, pageSize: 100 }, { Filters });
        for await (const page of pages) found.push(...(page.InstanceTypes ?? []).flatMap((info) => typeOf(info) ?? []));
      } catch (error) {
        throw awsError(error, `listing the types of ${account.region}`);
      }
      return found.toSorted(byFamilyAndSize);
    },
  };
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
