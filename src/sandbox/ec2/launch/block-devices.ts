// The volumes that a launch asks for, checked as EC2 does.
//
// Codes and ranges from EC2's API reference (error codes, EbsBlockDevice) and its user guide on volume types; where the
// reference names no code for a refusal, InvalidParameterCombination is ours, not seen.

import type { BlockDeviceMapping, EbsBlockDevice, RunInstancesRequest } from "@aws-sdk/client-ec2";
import { defined } from "../../../domain/defined.ts";
import type { SandboxImage } from "../../catalogue.ts";
import type { InstancePlan } from "../../instance/instance-plan.ts";
import { ServiceError } from "../../protocol/service-error.ts";

type VolumePlan = InstancePlan["volume"];

interface VolumeType {
  /** The range that a request may ask for, and the default. Undefined: a request may not name it. */
  readonly iops?: { readonly least: number; readonly most: number; readonly usual?: number; readonly perGiB: number };
  readonly throughput?: { readonly least: number; readonly most: number };
}

const volumeTypes: Readonly<Record<string, VolumeType>> = {
  standard: {},
  gp2: {},
  gp3: { iops: { least: 3000, most: 16_000, usual: 3000, perGiB: 500 }, throughput: { least: 125, most: 1000 } },
  io1: { iops: { least: 100, most: 64_000, perGiB: 50 } },
  io2: { iops: { least: 100, most: 64_000, perGiB: 500 } },
  // No root volume can be one of these.
  sc1: {},
  st1: {},
};
const neverRoot = ["sc1", "st1"];

/** MiB/s of throughput that one operation per second pays for. */
const throughputPerIops = 0.25;

/** The root volume: the image's own, as far as BlockDeviceMappings does not say otherwise. */
export function rootVolumeOf(request: RunInstancesRequest, image: SandboxImage): VolumePlan {
  const mappings = request.BlockDeviceMappings ?? [];
  checkDevices(mappings, image);
  const root = mappings.find((each) => each.DeviceName === image.rootDevice)?.Ebs ?? {};
  const type = String(root.VolumeType ?? "gp3");
  const limits = Object.hasOwn(volumeTypes, type) ? volumeTypes[type] : undefined;
  if (limits === undefined)
    throw new ServiceError("InvalidParameterValue", `Value (${type}) for parameter VolumeType is invalid`);
  if (neverRoot.includes(type))
    throw new ServiceError("InvalidParameterValue", `The volume type '${type}' is not supported for root volumes`);
  const sizeGiB = root.VolumeSize ?? image.sizeGiB;
  if (sizeGiB < image.sizeGiB)
    throw new ServiceError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${sizeGiB}GB is smaller than snapshot, expect size >= ${image.sizeGiB}GB`,
    );
  return {
    sizeGiB,
    type,
    ...speedOf(root, type, limits, sizeGiB),
    ...encryptionOf(root),
    endsWithInstance: root.DeleteOnTermination ?? true,
  };
}

function checkDevices(mappings: readonly BlockDeviceMapping[], image: SandboxImage): void {
  const seen = new Set<string>();
  for (const { DeviceName: device, Ebs: ebs, NoDevice: none, VirtualName: virtual } of mappings) {
    if (device === undefined)
      throw new ServiceError("MissingParameter", "The request must contain the parameter deviceName");
    if (seen.has(device))
      throw new ServiceError(
        "InvalidBlockDeviceMapping",
        `The device '${device}' is used in more than one block-device mapping`,
      );
    seen.add(device);
    if (device === image.rootDevice || none !== undefined) continue;
    if (virtual !== undefined)
      throw new ServiceError("InvalidBlockDeviceMapping", `${virtual}: this instance type has no instance store`);
    if (ebs?.VolumeSize === undefined && ebs?.SnapshotId === undefined)
      throw new ServiceError("MissingParameter", "The request must contain the parameter size or snapshotId");
    // The account has room for root volumes only.
    throw new ServiceError("VolumeLimitExceeded", `You have exceeded your maximum volume limit: ${device}`);
  }
}

function speedOf(
  root: EbsBlockDevice,
  type: string,
  limits: VolumeType,
  sizeGiB: number,
): Pick<VolumePlan, "iops" | "throughput"> {
  if (root.Iops !== undefined && limits.iops === undefined)
    throw combination(`The parameter iops is not supported for ${type} volumes.`);
  if (root.Throughput !== undefined && limits.throughput === undefined)
    throw combination(`The parameter throughput is not supported for ${type} volumes.`);
  const iops = root.Iops ?? limits.iops?.usual;
  if (limits.iops !== undefined) {
    const { least, most, perGiB } = limits.iops;
    if (iops === undefined)
      throw new ServiceError("MissingParameter", `The parameter iops must be specified for ${type} volumes.`);
    if (iops < least || iops > most)
      throw new ServiceError("InvalidParameterValue", `Volume iops of ${iops} is not between ${least} and ${most}.`);
    // What a gp3 volume has whatever its size is no ratio of it.
    if (root.Iops !== undefined && iops > (limits.iops.usual ?? 0) && iops > sizeGiB * perGiB)
      throw combination(
        `Iops to volume size ratio of ${(iops / sizeGiB).toFixed(6)} is too high; maximum is ${perGiB}.`,
      );
  }
  if (limits.throughput === undefined) return iops === undefined ? {} : { iops };
  const { least, most } = limits.throughput;
  const throughput = root.Throughput ?? least;
  if (throughput < least || throughput > most)
    throw new ServiceError(
      "InvalidParameterValue",
      `Volume throughput of ${throughput} is not between ${least} and ${most}.`,
    );
  if (iops !== undefined && throughput > iops * throughputPerIops)
    throw combination(
      `Throughput (MiBps) to iops ratio of ${(throughput / iops).toFixed(6)} is too high; maximum is ${throughputPerIops}00000 MiBps per iops.`,
    );
  return { ...defined({ iops }), throughput };
}

/** As EC2 has it: a key alone encrypts nothing, and is refused. */
function encryptionOf({ KmsKeyId: key, Encrypted: encrypted }: EbsBlockDevice): Pick<VolumePlan, "kmsKey"> {
  if (key !== undefined && encrypted !== true)
    throw new ServiceError(
      "InvalidParameterDependency",
      "The parameter KmsKeyId requires the parameter Encrypted to be set.",
    );
  return encrypted === true ? { kmsKey: key ?? "alias/aws/ebs" } : {};
}

function combination(message: string): ServiceError {
  return new ServiceError("InvalidParameterCombination", message);
}
