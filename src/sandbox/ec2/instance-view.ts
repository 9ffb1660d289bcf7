// An instance as EC2 describes it.

import type { Instance as Ec2Instance, Reservation, Volume } from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import { ownerId } from "../account.ts";
import { dedicatedHostId, vpcId } from "../catalogue.ts";
import type { Instance, InstanceState } from "../instance/instance.ts";

const stateCodes: Record<InstanceState, number> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function stateView(state: InstanceState): { Code: number; Name: InstanceState } {
  return { Code: stateCodes[state], Name: state };
}

export function instanceView(instance: Instance): Ec2Instance {
  const { plan, reason, state } = instance;
  const isThere = state !== "terminated";
  return {
    InstanceId: plan.id,
    ImageId: plan.image.id,
    State: stateView(state),
    InstanceType: plan.type.name as NonNullable<Ec2Instance["InstanceType"]>,
    LaunchTime: instance.launchedAt,
    AmiLaunchIndex: 0,
    Architecture: plan.image.architecture,
    // EC2 says so of its Nitro machines, too.
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    RootDeviceType: "ebs",
    RootDeviceName: plan.image.rootDevice,
    EbsOptimized: true,
    EnaSupport: true,
    PlatformDetails: "Linux/UNIX",
    Placement: {
      AvailabilityZone: plan.zone.name,
      Tenancy: plan.tenancy,
      ...(plan.tenancy === "host" ? { HostId: dedicatedHostId(plan.zone) } : {}),
    },
    Monitoring: { State: plan.isMonitored ? "enabled" : "disabled" },
    HibernationOptions: { Configured: false },
    CpuOptions: { CoreCount: plan.type.vcpus, ThreadsPerCore: 1 },
    MetadataOptions: {
      State: "applied",
      HttpTokens: plan.metadata.tokens,
      HttpEndpoint: plan.metadata.endpoint,
      HttpPutResponseHopLimit: plan.metadata.hops,
      HttpProtocolIpv6: plan.metadata.ipv6,
      InstanceMetadataTags: plan.metadata.tags,
    },
    Tags: tagList(instance.tags.instance),
    StateTransitionReason: reason === undefined ? "" : transition(reason.code),
    ...(reason === undefined ? {} : { StateReason: { Code: reason.code, Message: reason.message } }),
    ...defined({ ClientToken: plan.clientToken }),
    ...(plan.spot === undefined
      ? {}
      : { InstanceLifecycle: "spot" as const, SpotInstanceRequestId: plan.spot.requestId }),
    ...(plan.profile === undefined ? {} : { IamInstanceProfile: { Arn: profileArn(plan.profile) } }),
    ...(isThere
      ? {
          SubnetId: plan.zone.subnetId,
          VpcId: vpcId(plan.zone.region),
          ...netView(instance),
          SecurityGroups: plan.groupIds.map((GroupId) => ({ GroupId })),
          BlockDeviceMappings: [
            {
              DeviceName: plan.image.rootDevice,
              Ebs: {
                VolumeId: volumeId(instance),
                Status: "attached" as const,
                DeleteOnTermination: plan.volume.endsWithInstance,
              },
            },
          ],
        }
      : {}),
  };
}

/** Its addresses, and the network interface that has them. */
function netView(instance: Instance): Partial<Ec2Instance> {
  const { plan } = instance;
  const { ipv4, publicIp, ipv6 = [] } = addressesOf(instance);
  const groups = plan.groupIds.map((GroupId) => ({ GroupId }));
  const association = publicIp === undefined ? {} : { Association: { PublicIp: publicIp, IpOwnerId: "amazon" } };
  const [firstIpv6] = ipv6;
  return {
    ...defined({ PrivateIpAddress: ipv4, PublicIpAddress: publicIp, Ipv6Address: firstIpv6 }),
    NetworkInterfaces: [
      {
        NetworkInterfaceId: interfaceId(instance),
        Status: "in-use",
        InterfaceType: "interface",
        OwnerId: ownerId,
        SubnetId: plan.zone.subnetId,
        VpcId: vpcId(plan.zone.region),
        Groups: groups,
        SourceDestCheck: true,
        Attachment: {
          AttachmentId: interfaceId(instance).replace("eni-", "eni-attach-"),
          DeviceIndex: 0,
          NetworkCardIndex: 0,
          Status: "attached",
          AttachTime: instance.launchedAt,
          DeleteOnTermination: true,
        },
        ...defined({ PrivateIpAddress: ipv4 }),
        ...(ipv4 === undefined
          ? {}
          : { PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: ipv4, ...association }] }),
        ...association,
        Ipv6Addresses: ipv6.map((Ipv6Address) => ({ Ipv6Address })),
      },
    ],
  };
}

/** An instance that can be called has addresses of this computer's; another has some that nobody routes (RFC 2544, RFC 3849). */
function addressesOf(instance: Instance): { ipv4?: string; publicIp?: string; ipv6?: string[] } {
  const { network, plan } = instance;
  if (plan.net !== undefined) {
    if (network.addresses === undefined) return {};
    const { ipv4, ipv6 } = network.addresses;
    return { ipv4, ...(network.isPublic ? { publicIp: ipv4 } : {}), ...(ipv6 === undefined ? {} : { ipv6: [ipv6] }) };
  }
  // EC2 gives addresses with the launch, the public one once the instance runs.
  const isUp = plan.isPublic && (instance.state === "running" || instance.state === "shutting-down");
  const { number, zone } = plan;
  return {
    ipv4: privateAddress(instance),
    ...(isUp ? { publicIp: `198.18.${Math.floor(number / 250) % 256}.${1 + (number % 250)}` } : {}),
    ipv6: Array.from(
      { length: plan.ipv6Addresses },
      (_, i) => `${zone.ipv6Prefix ?? ""}${number.toString(16)}:${i + 1}`,
    ),
  };
}

function tagList(tags: ReadonlyMap<string, string>): { Key: string; Value: string }[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

export function interfaceId({ id }: Instance): string {
  return `eni-${id.slice(2)}`;
}

/** Instances launched by one call are one reservation. */
export function reservationView(instances: readonly Instance[], owner: string): Reservation {
  return {
    ReservationId: instances[0]?.plan.reservationId,
    OwnerId: owner,
    Groups: [],
    Instances: instances.map((each, index) => ({ ...instanceView(each), AmiLaunchIndex: index })),
  };
}

export function volumeId(instance: Instance): string {
  return `vol-${instance.id.slice(2)}`;
}

export function volumeView(instance: Instance): Volume {
  const { plan } = instance;
  const isLeft = instance.state === "terminated";
  return {
    VolumeId: volumeId(instance),
    Size: plan.volume.sizeGiB,
    VolumeType: plan.volume.type as NonNullable<Volume["VolumeType"]>,
    ...defined({ Iops: plan.volume.iops, Throughput: plan.volume.throughput }),
    AvailabilityZone: plan.zone.name,
    State: isLeft ? "available" : "in-use",
    CreateTime: instance.launchedAt,
    Encrypted: plan.volume.kmsKey !== undefined,
    KmsKeyId: plan.volume.kmsKey,
    Tags: tagList(instance.tags.volume),
    Attachments: isLeft
      ? []
      : [
          {
            VolumeId: volumeId(instance),
            InstanceId: instance.id,
            Device: plan.image.rootDevice,
            State: "attached",
            DeleteOnTermination: plan.volume.endsWithInstance,
          },
        ],
  };
}

/** In the zone's /20, 250 addresses to each 256. */
export function privateAddress({ plan }: Instance): string {
  const base = Number(plan.zone.cidr.split(".")[2] ?? 0);
  return `10.0.${base + (Math.floor(plan.number / 250) % 16)}.${4 + (plan.number % 250)}`;
}

function profileArn(profile: string): string {
  return profile.startsWith("arn:") ? profile : `arn:aws:iam::${ownerId}:instance-profile/${profile}`;
}

function transition(code: string): string {
  return code === "Client.UserInitiatedShutdown" ? "User initiated" : code;
}
