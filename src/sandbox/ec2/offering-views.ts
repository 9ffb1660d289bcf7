// Descriptions of types, images, zones and subnets, in EC2's form.

import type { AvailabilityZone, Image as Ec2Image, InstanceTypeInfo, Subnet } from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import { ownerId } from "../account.ts";
import { hostArchitecture, vpcId, type SandboxImage, type MachineType, type Zone } from "../catalogue.ts";

export function regionView(name: string): object {
  return { RegionName: name, Endpoint: `ec2.${name}.amazonaws.com`, OptInStatus: "opt-in-not-required" };
}

export function zoneView(zone: Zone): AvailabilityZone {
  return {
    ZoneName: zone.name,
    ZoneId: zone.id,
    RegionName: zone.region,
    State: "available",
    ZoneType: zone.isLocal === true ? "local-zone" : "availability-zone",
    GroupName: zone.isLocal === true ? zone.name.slice(0, -1) : zone.region,
    NetworkBorderGroup: zone.region,
    OptInStatus: zone.isLocal === true ? "opted-in" : "opt-in-not-required",
    Messages: [],
  };
}

export function subnetView(zone: Zone): Subnet {
  return {
    SubnetId: zone.subnetId,
    VpcId: vpcId(zone.region),
    AvailabilityZone: zone.name,
    AvailabilityZoneId: zone.id,
    CidrBlock: zone.cidr,
    Ipv6CidrBlockAssociationSet:
      zone.ipv6Prefix === undefined
        ? []
        : [
            {
              AssociationId: zone.subnetId.replace("subnet-", "subnet-cidr-assoc-"),
              Ipv6CidrBlock: `${zone.ipv6Prefix}/64`,
              Ipv6CidrBlockState: { State: "associated" },
            },
          ],
    AssignIpv6AddressOnCreation: false,
    State: "available",
    DefaultForAz: true,
    MapPublicIpOnLaunch: true,
    AvailableIpAddressCount: 4091,
    OwnerId: ownerId,
    Tags: [],
  };
}

export function typeView(type: MachineType): InstanceTypeInfo {
  return {
    InstanceType: type.name as NonNullable<InstanceTypeInfo["InstanceType"]>,
    CurrentGeneration: true,
    BareMetal: false,
    Hypervisor: "nitro",
    BurstablePerformanceSupported: type.burstable,
    SupportedUsageClasses: ["on-demand", "spot"],
    SupportedRootDeviceTypes: ["ebs"],
    SupportedVirtualizationTypes: ["hvm"],
    SupportedBootModes: ["uefi"],
    InstanceStorageSupported: false,
    VCpuInfo: { DefaultVCpus: type.vcpus, DefaultCores: type.vcpus, DefaultThreadsPerCore: 1 },
    MemoryInfo: { SizeInMiB: type.memoryMiB },
    ProcessorInfo: { SupportedArchitectures: [hostArchitecture], Manufacturer: "timetrial sandbox: this host" },
  };
}

export function imageView(image: SandboxImage): Ec2Image {
  return {
    ImageId: image.id,
    Name: image.name,
    OwnerId: image.ownerId,
    ...defined({ ImageOwnerAlias: image.ownerAlias }),
    State: "available",
    Public: true,
    ImageType: "machine",
    Architecture: image.architecture,
    CreationDate: "2026-01-01T00:00:00.000Z",
    PlatformDetails: image.billing?.details ?? "Linux/UNIX",
    UsageOperation: image.billing?.operation ?? "RunInstances",
    ...(image.billing?.isWindows === true ? { Platform: "Windows" as const } : {}),
    VirtualizationType: "hvm",
    Hypervisor: "xen",
    EnaSupport: true,
    RootDeviceType: "ebs",
    RootDeviceName: image.rootDevice,
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDevice,
        Ebs: {
          SnapshotId: `snap-${image.id.slice(4)}`,
          VolumeSize: image.sizeGiB,
          VolumeType: "gp3",
          DeleteOnTermination: true,
          Encrypted: false,
        },
      },
    ],
    Description: "timetrial's sandbox: what runs is this host's own system",
  };
}
