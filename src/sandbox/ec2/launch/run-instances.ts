// RunInstances: what the request must be, and what comes of it.

import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import { createHash, randomBytes } from "node:crypto";
import type { Region } from "../../account.ts";
import { hostArchitecture, machineTypes, type MachineType } from "../../catalogue.ts";
import { ServiceError } from "../../protocol/service-error.ts";
import { Instance } from "../../instance/instance.ts";
import type { InstancePlan } from "../../instance/instance-plan.ts";
import { networkRequestOf } from "../../network/boot-network.ts";
import { vcpuQuota } from "../quotas.ts";
import { rootVolumeOf } from "./block-devices.ts";
import { locationOf } from "./placement.ts";
import { findImage, tagsFor, userDataOf } from "./request-parts.ts";
import { spotOf } from "./spot-options.ts";
import { refuseUnsupported } from "./unsupported.ts";

type Shared = Omit<InstancePlan, "id" | "number">;

/** Launches what `request` asks for, once per client token. */
export function runInstances(request: RunInstancesRequest, region: Region): readonly Instance[] {
  const { ClientToken: token, DryRun: dryRun, ...rest } = request;
  if (token !== undefined && (token.length > 64 || !/^[\x20-\x7e]*$/.test(token)))
    throw new ServiceError("InvalidParameterValue", "The client token is longer than 64 ASCII characters");
  const asked = createHash("sha256").update(JSON.stringify(rest)).digest("hex");
  const earlier = token === undefined ? undefined : region.tokens.get(token);
  if (earlier !== undefined) {
    if (earlier.asked === asked) return earlier.instances;
    throw new ServiceError("IdempotentParameterMismatch", "The client token was used with other parameters");
  }
  const shared = planOf(request, region);
  const count = countOf(request, shared, region);
  if (dryRun === true)
    throw new ServiceError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);

  const lacking = region.account.faults.of("no-capacity")?.names ?? [];
  if (lacking.includes(shared.zone.name) || lacking.includes(shared.type.name))
    throw new ServiceError(
      "InsufficientInstanceCapacity",
      `We currently do not have sufficient ${shared.type.name} capacity in the Availability Zone you requested (${shared.zone.name}).`,
      500,
    );

  const context = region.account.contextFor(shared.type.name.split(".")[0] ?? "");
  const instances: Instance[] = [];
  try {
    while (instances.length < count) {
      const id = `i-0${randomBytes(8).toString("hex")}`;
      instances.push(new Instance({ ...shared, id, number: region.account.nextNumber() }, context));
    }
  } catch (error) {
    // All or none: the caller will ask again with the same token.
    for (const each of instances) void each.terminate("Server.InternalError", "Server.InternalError");
    throw error;
  }
  for (const each of instances) region.instances.set(each.id, each);
  if (token !== undefined) region.tokens.set(token, { asked, instances });
  return instances;
}

function planOf(request: RunInstancesRequest, region: Region): Shared {
  const type = typeOf(request);
  const image = findImage(request.ImageId, region.name);
  if (image.architecture !== hostArchitecture)
    throw new ServiceError(
      "InvalidParameterValue",
      `The architecture '${hostArchitecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
  refuseUnsupported(request, type);
  const location = locationOf(request, region.name, type);
  const behaviour = request.InstanceInitiatedShutdownBehavior ?? "stop";
  if (behaviour !== "stop" && behaviour !== "terminate")
    throw new ServiceError(
      "InvalidParameterValue",
      `Invalid value '${String(behaviour)}' for InstanceInitiatedShutdownBehavior`,
    );
  return {
    reservationId: `r-0${randomBytes(8).toString("hex")}`,
    type,
    image,
    ...location,
    shutdownBehaviour: behaviour,
    tags: {
      instance: tagsFor(request, "instance"),
      volume: tagsFor(request, "volume"),
      "network-interface": tagsFor(request, "network-interface"),
    },
    clientToken: request.ClientToken,
    userData: userDataOf(request.UserData),
    profile: request.IamInstanceProfile?.Arn ?? request.IamInstanceProfile?.Name,
    net: networkRequestOf(request),
    spot: spotOf(request, type, location.zone),
    tenancy: tenancyOf(request),
    isMonitored: request.Monitoring?.Enabled === true,
    metadata: metadataOptionsOf(request),
    volume: rootVolumeOf(request, image),
  };
}

function typeOf(request: RunInstancesRequest): MachineType {
  const name = String(request.InstanceType ?? "m1.small");
  const type = machineTypes.find((each) => each.name === name);
  if (type === undefined) throw new ServiceError("InvalidParameterValue", `Invalid value '${name}' for InstanceType.`);
  return type;
}

function countOf({ MinCount = 1, MaxCount = 1 }: RunInstancesRequest, shared: Shared, region: Region): number {
  if (!Number.isInteger(MinCount) || !Number.isInteger(MaxCount) || MinCount < 1 || MaxCount < MinCount)
    throw new ServiceError("InvalidParameterValue", `Invalid value: MinCount ${MinCount}, MaxCount ${MaxCount}`);
  const { type } = shared;
  const isSpot = shared.spot !== undefined;
  const limit = region.account.faults.of("quota")?.count ?? vcpuQuota(isSpot, region.account.isSimulated);
  const used = [...region.instances.values()]
    .filter((each) => each.isAlive && (each.plan.spot !== undefined) === isSpot)
    .reduce((sum, each) => sum + each.plan.type.vcpus, 0);
  const room = Math.floor((limit - used) / type.vcpus);
  if (room < MinCount && isSpot)
    throw new ServiceError("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded");
  if (room < MinCount)
    throw new ServiceError(
      "VcpuLimitExceeded",
      `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to.`,
    );
  return Math.min(MaxCount, room);
}

function tenancyOf({ Placement: placement }: RunInstancesRequest): Shared["tenancy"] {
  const tenancy = placement?.Tenancy ?? "default";
  if (tenancy !== "default" && tenancy !== "dedicated" && tenancy !== "host")
    throw new ServiceError("InvalidParameterValue", `Invalid value '${String(tenancy)}' for Tenancy`);
  return tenancy;
}

/** As asked; what is not asked is as AWS has it for new accounts. */
function metadataOptionsOf({ MetadataOptions: options = {} }: RunInstancesRequest): InstancePlan["metadata"] {
  const hops = options.HttpPutResponseHopLimit ?? 2;
  if (!Number.isInteger(hops) || hops < 1 || hops > 64)
    throw new ServiceError("InvalidParameterValue", `Invalid value '${hops}' for HttpPutResponseHopLimit`);
  return {
    hops,
    tokens: oneOf("HttpTokens", options.HttpTokens, ["required", "optional"]),
    endpoint: oneOf("HttpEndpoint", options.HttpEndpoint, ["enabled", "disabled"]),
    ipv6: oneOf("HttpProtocolIpv6", options.HttpProtocolIpv6, ["disabled", "enabled"]),
    tags: oneOf("InstanceMetadataTags", options.InstanceMetadataTags, ["disabled", "enabled"]),
  };
}

/** `value`, or the first of `all` where there is none. */
function oneOf<const Word extends string>(
  name: string,
  value: string | undefined,
  all: readonly [Word, ...Word[]],
): Word {
  const found = all.find((each) => each === (value ?? all[0]));
  if (found === undefined) throw new ServiceError("InvalidParameterValue", `Invalid value '${value}' for ${name}`);
  return found;
}
