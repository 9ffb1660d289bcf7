// Refuses launches that ask for what this account does not have, as EC2 refuses them, or for what the sandbox does not
// support. Nothing is ignored silently.
//
// Codes from EC2's API reference, "Error codes". A member of RunInstances that is in none of the lists below is new to the
// sandbox, and refused.

import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import type { MachineType } from "../../catalogue.ts";
import { instanceProfiles } from "../../catalogue.ts";
import { ownerId } from "../../account.ts";
import { ServiceError } from "../../protocol/service-error.ts";

type Member = keyof RunInstancesRequest;

/** Members that are read, here or by others of this folder. */
const supportedMembers: ReadonlySet<Member> = new Set<Member>([
  "BlockDeviceMappings",
  "ClientToken",
  "CpuOptions",
  "DryRun",
  "EbsOptimized",
  "HibernationOptions",
  "IamInstanceProfile",
  "ImageId",
  "InstanceInitiatedShutdownBehavior",
  "InstanceMarketOptions",
  "InstanceType",
  "Ipv6AddressCount",
  "KeyName",
  "LaunchTemplate",
  "MaxCount",
  "MetadataOptions",
  "MinCount",
  "Monitoring",
  "NetworkInterfaces",
  "Placement",
  "SecurityGroupIds",
  "SecurityGroups",
  "SubnetId",
  "TagSpecifications",
  "UserData",
]);

/** @throws ServiceError with EC2's code, or UnsupportedOperation for what is the sandbox's own limit */
export function refuseUnsupported(request: RunInstancesRequest, type: MachineType): void {
  for (const [name, value] of Object.entries(request))
    if (value !== undefined && !supportedMembers.has(name as Member)) throw unsupported(name);
  const placement = Object.keys(request.Placement ?? {}).find(
    (each) => each !== "AvailabilityZone" && each !== "Tenancy",
  );
  if (placement !== undefined) throw unsupported(`Placement.${placement}`);
  // The account has no key pairs and no launch templates.
  if (request.KeyName !== undefined)
    throw new ServiceError("InvalidKeyPair.NotFound", `The key pair '${request.KeyName}' does not exist`);
  refuseTemplate(request.LaunchTemplate);
  refuseProfile(request.IamInstanceProfile);
  if (request.HibernationOptions?.Configured === true)
    throw new ServiceError(
      "UnsupportedHibernationConfiguration",
      `Hibernation is not supported for the instance type ${type.name}`,
    );
  refuseCpuOptions(request.CpuOptions, type);
}

function refuseTemplate(template: RunInstancesRequest["LaunchTemplate"]): void {
  if (template === undefined) return;
  const { LaunchTemplateId: id, LaunchTemplateName: name } = template;
  if (id !== undefined)
    throw new ServiceError("InvalidLaunchTemplateId.NotFound", `The launch template ID '${id}' does not exist`);
  throw new ServiceError(
    "InvalidLaunchTemplateName.NotFoundException",
    `The launch template name '${name ?? ""}' does not exist`,
  );
}

/** Words as EC2 sends them, of public reports: "Invalid IAM Instance Profile name". */
function refuseProfile(profile: RunInstancesRequest["IamInstanceProfile"]): void {
  if (profile === undefined) return;
  const { Name: name, Arn: arn } = profile;
  if (name !== undefined && arn !== undefined)
    throw new ServiceError(
      "InvalidParameterCombination",
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  const found = name ?? arnName(arn ?? "");
  if (found !== undefined && instanceProfiles.includes(found)) return;
  const [which, value] = name === undefined ? ["arn", arn] : ["name", name];
  const what = which === "arn" ? "ARN" : "name";
  throw new ServiceError(
    "InvalidParameterValue",
    `Value (${value}) for parameter iamInstanceProfile.${which} is invalid. Invalid IAM Instance Profile ${what}`,
  );
}

function arnName(arn: string): string | undefined {
  const prefix = `arn:aws:iam::${ownerId}:instance-profile/`;
  return arn.startsWith(prefix) ? arn.slice(prefix.length) : undefined;
}

function refuseCpuOptions(options: RunInstancesRequest["CpuOptions"], type: MachineType): void {
  if (options === undefined) return;
  const { CoreCount: cores = type.vcpus, ThreadsPerCore: threads = 1, ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) throw unsupported(`CpuOptions.${other}`);
  if (cores !== type.vcpus || threads !== 1)
    throw new ServiceError(
      "InvalidParameterValue",
      `The specified CpuOptions of ${cores} cores with ${threads} threads is not supported for ${type.name}: ${type.vcpus} with 1`,
    );
}

function unsupported(name: string): ServiceError {
  return new ServiceError("UnsupportedOperation", `the sandbox does not support ${name} of RunInstances`);
}
