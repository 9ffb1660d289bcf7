// Where a launch goes: zone, subnet, security groups, addresses. Checked as EC2 does.
//
// Codes and rules from EC2's API reference (RunInstances, InstanceNetworkInterfaceSpecification, "Error codes").

import type { InstanceNetworkInterfaceSpecification, RunInstancesRequest } from "@aws-sdk/client-ec2";
import { defaultGroupId, isOffered, type MachineType, securityGroupsOf, type Zone, zones } from "../../catalogue.ts";
import { ServiceError } from "../../protocol/service-error.ts";

/** Interfaces that an instance of any type of ours takes. */
const mostInterfaces = 1;

export interface LaunchLocation {
  readonly zone: Zone;
  readonly groupIds: readonly string[];
  readonly isPublic: boolean;
  readonly ipv6Addresses: number;
}

export function locationOf(request: RunInstancesRequest, region: string, type: MachineType): LaunchLocation {
  const first = interfaceOf(request);
  const subnetId = request.SubnetId ?? first?.SubnetId;
  const zone = zoneOf({ subnetId, zoneName: request.Placement?.AvailabilityZone }, region, type);
  if (!isOffered(type, zone))
    throw new ServiceError(
      "Unsupported",
      `Your requested instance type (${type.name}) is not supported in your requested Availability Zone (${zone.name}).`,
    );
  const ipv6Addresses = first?.Ipv6AddressCount ?? request.Ipv6AddressCount ?? 0;
  if (ipv6Addresses > 0 && zone.ipv6Prefix === undefined)
    throw new ServiceError(
      "InvalidParameterValue",
      `The subnet '${zone.subnetId}' does not have an IPv6 CIDR block: Ipv6AddressCount ${ipv6Addresses}`,
    );
  return {
    zone,
    groupIds: groupsOf(request, first, region),
    // Every subnet of the account maps public addresses on launch.
    isPublic: first?.AssociatePublicIpAddress ?? true,
    ipv6Addresses,
  };
}

/** The one network interface that the request spells out, if it does. */
function interfaceOf(request: RunInstancesRequest): InstanceNetworkInterfaceSpecification | undefined {
  const interfaces = request.NetworkInterfaces ?? [];
  const [first] = interfaces;
  if (first === undefined) return undefined;
  const topLevel = [
    request.SubnetId,
    request.SecurityGroupIds?.[0],
    request.SecurityGroups?.[0],
    request.Ipv6AddressCount,
  ];
  if (topLevel.some((each) => each !== undefined))
    throw new ServiceError(
      "InvalidParameterCombination",
      "Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request",
    );
  const indices = interfaces.map((each) => each.DeviceIndex);
  if (indices.includes(undefined))
    throw new ServiceError("InvalidParameterValue", "Each network interface requires a device index.");
  if (new Set(indices).size < indices.length || !indices.includes(0))
    throw new ServiceError("InvalidParameterValue", `Invalid device indices: ${indices.join(", ")}. The first is 0.`);
  if (interfaces.length > 1 && interfaces.some((each) => each.AssociatePublicIpAddress !== undefined))
    throw new ServiceError(
      "InvalidParameterCombination",
      "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.",
    );
  if (interfaces.length > mostInterfaces)
    throw new ServiceError(
      "AttachmentLimitExceeded",
      `Interface count ${interfaces.length} exceeds the limit of ${mostInterfaces} for ${String(request.InstanceType)}`,
    );
  const other = Object.entries(first).find(([name, value]) => value !== undefined && !supportedFields.has(name));
  if (other !== undefined)
    throw new ServiceError("UnsupportedOperation", `the sandbox does not support NetworkInterfaces.${other[0]}`);
  return first;
}

const supportedFields: ReadonlySet<string> = new Set<keyof InstanceNetworkInterfaceSpecification>([
  "AssociatePublicIpAddress",
  "DeleteOnTermination",
  "Description",
  "DeviceIndex",
  "Groups",
  "Ipv6AddressCount",
  "SubnetId",
]);

/** By subnet, by name, or the first zone that offers the type. */
function zoneOf(
  { subnetId, zoneName }: { subnetId: string | undefined; zoneName: string | undefined },
  region: string,
  type: MachineType,
): Zone {
  const here = zones.filter((each) => each.region === region);
  const bySubnet = subnetId === undefined ? undefined : zoneOfSubnet(subnetId, here);
  const byName = zoneName === undefined ? undefined : zoneNamed(zoneName, here);
  if (bySubnet !== undefined && byName !== undefined && bySubnet !== byName)
    throw new ServiceError("InvalidParameterValue", `The subnet '${subnetId}' is not in the zone '${zoneName}'`);
  if (byName?.isLocal === true && bySubnet === undefined)
    throw new ServiceError("InvalidInput", `No default subnet for availability zone: '${byName.name}'.`);
  const zone = bySubnet ?? byName ?? here.find((each) => isOffered(type, each)) ?? here[0];
  if (zone === undefined) throw new ServiceError("InvalidParameterValue", `no zone in ${region}`);
  return zone;
}

function zoneOfSubnet(subnetId: string, here: readonly Zone[]): Zone {
  const found = here.find((each) => each.subnetId === subnetId);
  if (found === undefined)
    throw new ServiceError("InvalidSubnetID.NotFound", `The subnet ID '${subnetId}' does not exist`);
  return found;
}

function zoneNamed(name: string, here: readonly Zone[]): Zone {
  const found = here.find((each) => each.name === name);
  if (found === undefined) throw new ServiceError("InvalidParameterValue", `Invalid availability zone: [${name}]`);
  return found;
}

function groupsOf(
  request: RunInstancesRequest,
  first: InstanceNetworkInterfaceSpecification | undefined,
  region: string,
): readonly string[] {
  const all = securityGroupsOf(region);
  const ids = request.SecurityGroupIds ?? first?.Groups ?? [];
  for (const id of ids)
    if (!all.some((group) => group.id === id))
      throw new ServiceError("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
  const named = (request.SecurityGroups ?? []).map((name) => {
    const found = all.find((group) => group.name === name);
    if (found === undefined)
      throw new ServiceError("InvalidGroup.NotFound", `The security group '${name}' does not exist in default VPC`);
    return found.id;
  });
  const chosen = [...new Set([...ids, ...named])];
  return chosen.length > 0 ? chosen : [defaultGroupId(region)];
}
