// Service Quotas: what the account may run, in vCPUs. That service's SDK client is no dependency of the sandbox, so the
// schemas of its one operation stand here in the SDK's form; Debian's awscli reads and writes the same.

import { ServiceError } from "../protocol/service-error.ts";
import { operation, type Operation } from "../operation.ts";

interface Quota {
  readonly code: string;
  readonly name: string;
  readonly vcpus: number;
}

// AWS's own codes and names, but for the S: the sandbox's families count as standard.
const onDemand: Quota = {
  code: "L-1216C47A",
  name: "Running On-Demand Standard (A, C, D, H, I, M, R, S, T, Z) instances",
  vcpus: 128,
};
const spot: Quota = {
  code: "L-34B43A08",
  name: "All Standard (A, C, D, H, I, M, R, S, T, Z) Spot Instance Requests",
  vcpus: 64,
};

/** Of an account whose machines are simulated: room for thousands of them. */
const simulatedVcpus = 100_000;

export function vcpuQuota(isSpot: boolean, isSimulated: boolean): number {
  return isSimulated ? simulatedVcpus : (isSpot ? spot : onDemand).vcpus;
}

const [text, number, truth] = [0, 1, 2];
const namespace = "com.amazonaws.servicequotas";
const quotaSchema = [
  3,
  namespace,
  "ServiceQuota",
  0,
  ["ServiceCode", "ServiceName", "QuotaArn", "QuotaCode", "QuotaName", "Value", "Unit", "Adjustable", "GlobalQuota"],
  [text, text, text, text, text, number, text, truth, truth],
];
const getServiceQuota = [
  9,
  namespace,
  "GetServiceQuota",
  0,
  () => [3, namespace, "GetServiceQuotaRequest", 0, ["ServiceCode", "QuotaCode"], [text, text], 2],
  () => [3, namespace, "GetServiceQuotaResponse", 0, ["Quota"], [() => quotaSchema]],
];

export const quotaOperations: Readonly<Record<string, Operation>> = {
  GetServiceQuota: operation<{ ServiceCode: string; QuotaCode: string }, object>(getServiceQuota, (input, region) => {
    const found = [onDemand, spot].find(({ code }) => input.ServiceCode === "ec2" && code === input.QuotaCode);
    if (found === undefined)
      throw new ServiceError(
        "NoSuchResourceException",
        "The request failed because the specified quota does not exist.",
      );
    return {
      Quota: {
        ServiceCode: "ec2",
        ServiceName: "Amazon Elastic Compute Cloud (Amazon EC2)",
        QuotaArn: `arn:aws:servicequotas:${region.name}:000000000000:ec2/${found.code}`,
        QuotaCode: found.code,
        QuotaName: found.name,
        Value: vcpuQuota(found === spot, region.account.isSimulated),
        Unit: "None",
        Adjustable: true,
        GlobalQuota: false,
      },
    };
  }),
};
