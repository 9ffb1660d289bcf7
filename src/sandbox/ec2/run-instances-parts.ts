// Parts of a RunInstances request, each checked as EC2 does: image, place, tags, user-data, volume.

import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import {
  defaultGroupId,
  securityGroupsOf,
  images,
  isOffered,
  zones,
  type SandboxImage,
  type MachineType,
  type Zone,
} from "../catalogue.ts";
import { ServiceError } from "../protocol/service-error.ts";
import type { InstancePlan } from "../instance/instance-plan.ts";

/** By id, or by `resolve:ssm:` and a public parameter's name. */
export function findImage(imageId: string | undefined, region: string): SandboxImage {
  if (imageId === undefined)
    throw new ServiceError("MissingParameter", "The request must contain the parameter ImageId");
  const parameter = /^resolve:ssm:(.+)$/.exec(imageId)?.[1];
  const found = images.find(
    (each) => each.region === region && (parameter === undefined ? each.id === imageId : each.parameter === parameter),
  );
  if (found !== undefined) return found;
  if (parameter !== undefined)
    throw new ServiceError("InvalidParameterValue", `Parameter ${parameter} could not be resolved`);
  if (!/^ami-[0-9a-f]{8,17}$/.test(imageId))
    throw new ServiceError("InvalidAMIID.Malformed", `Invalid id: "${imageId}"`);
  throw new ServiceError("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
}

/** The zone by subnet, by placement, or the first that offers the type. */
export function zoneOf(
  request: RunInstancesRequest,
  region: string,
  type: MachineType,
): { zone: Zone; groupIds: readonly string[] } {
  const interfaces = request.NetworkInterfaces ?? [];
  if (interfaces.length > 0 && (request.SubnetId !== undefined || (request.SecurityGroupIds ?? []).length > 0))
    throw new ServiceError(
      "InvalidParameterCombination",
      "Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request",
    );
  const subnetId = request.SubnetId ?? interfaces[0]?.SubnetId;
  const zoneName = request.Placement?.AvailabilityZone;
  const here = zones.filter((each) => each.region === region);
  const bySubnet = subnetId === undefined ? undefined : here.find((each) => each.subnetId === subnetId);
  if (subnetId !== undefined && bySubnet === undefined)
    throw new ServiceError("InvalidSubnetID.NotFound", `The subnet ID '${subnetId}' does not exist`);
  const byName = zoneName === undefined ? undefined : here.find((each) => each.name === zoneName);
  if (zoneName !== undefined && byName === undefined)
    throw new ServiceError("InvalidParameterValue", `Invalid availability zone: [${zoneName}]`);
  if (bySubnet !== undefined && byName !== undefined && bySubnet !== byName)
    throw new ServiceError("InvalidParameterValue", `The subnet '${subnetId}' is not in the zone '${zoneName}'`);
  const zone = bySubnet ?? byName ?? here.find((each) => isOffered(type, each)) ?? here[0];
  if (zone === undefined) throw new ServiceError("InvalidParameterValue", `no zone in ${region}`);
  const named = request.SecurityGroupIds ?? interfaces[0]?.Groups ?? [];
  for (const id of named)
    if (!securityGroupsOf(region).some((group) => group.id === id))
      throw new ServiceError("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
  return { zone, groupIds: named.length > 0 ? named : [defaultGroupId(region)] };
}

const taggable = ["instance", "volume", "network-interface", "spot-instances-request"];

export function tagsFor(request: RunInstancesRequest, resource: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const { ResourceType: type, Tags: given = [] } of request.TagSpecifications ?? []) {
    if (!taggable.includes(String(type)))
      throw new ServiceError("InvalidParameterValue", `'${String(type)}' is not a valid taggable resource type`);
    for (const { Key: key = "", Value: value = "" } of type === resource ? given : []) {
      if (key === "" || key.length > 128 || value.length > 256 || key.startsWith("aws:"))
        throw new ServiceError("InvalidParameterValue", `Tag key '${key}' or its value is not allowed`);
      if (tags.has(key)) throw new ServiceError("InvalidParameterValue", `Duplicate tag key '${key}' specified.`);
      tags.set(key, value);
    }
  }
  if (tags.size > 50) throw new ServiceError("TagLimitExceeded", "more than 50 tags");
  return tags;
}

export function userDataOf(base64: string | undefined): Buffer | undefined {
  if (base64 === undefined) return undefined;
  const compact = base64.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0)
    throw new ServiceError("InvalidParameterValue", "Invalid BASE64 encoding of user data.");
  const data = Buffer.from(compact, "base64");
  if (data.length > 16_384) throw new ServiceError("InvalidParameterValue", "User data is limited to 16384 bytes");
  return data;
}

/** The root volume: the image's own, as far as BlockDeviceMappings does not say otherwise. */
export function volumeOf(request: RunInstancesRequest, image: SandboxImage): InstancePlan["volume"] {
  const root = (request.BlockDeviceMappings ?? []).find((each) => each.DeviceName === image.rootDevice)?.Ebs;
  const sizeGiB = root?.VolumeSize ?? image.sizeGiB;
  if (sizeGiB < image.sizeGiB)
    throw new ServiceError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${sizeGiB}GB is smaller than snapshot, expect size >= ${image.sizeGiB}GB`,
    );
  const [iops, throughput] = [root?.Iops ?? 3000, root?.Throughput ?? 125];
  if (iops < 3000 || iops > 16_000 || throughput < 125 || throughput > 1000)
    throw new ServiceError(
      "InvalidParameterValue",
      `Iops ${iops} or throughput ${throughput} is out of a gp3 volume's range`,
    );
  // As EC2 has it: a key alone encrypts nothing, and is refused.
  if (root?.KmsKeyId !== undefined && root.Encrypted !== true)
    throw new ServiceError(
      "InvalidParameterDependency",
      "The parameter KmsKeyId requires the parameter Encrypted to be set.",
    );
  const encryption = root?.Encrypted === true ? { kmsKey: root.KmsKeyId ?? "alias/aws/ebs" } : {};
  const endsWithInstance = root?.DeleteOnTermination ?? true;
  return { ...encryption, sizeGiB, type: String(root?.VolumeType ?? "gp3"), iops, throughput, endsWithInstance };
}
