// An instance as EC2 describes it.

import type { Instance as Ec2Instance, Reservation, Volume } from "@aws-sdk/client-ec2";
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
    Monitoring: { State: "disabled" },
    MetadataOptions: {
      State: "applied",
      HttpTokens: plan.httpTokens === "required" ? "required" : "optional",
      HttpEndpoint: "enabled",
      HttpPutResponseHopLimit: 2,
    },
    Tags: [...plan.tags].map(([Key, Value]) => ({ Key, Value })),
    StateTransitionReason: reason === undefined ? "" : transition(reason.code),
    ...(reason === undefined ? {} : { StateReason: { Code: reason.code, Message: reason.message } }),
    ...(plan.clientToken === undefined ? {} : { ClientToken: plan.clientToken }),
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

/** What reaches the instance from outside, where anything does. */
function netView(instance: Instance): Partial<Ec2Instance> {
  const { network, plan } = instance;
  // Only an address of nobody else's is named to somebody who will call there.
  if (plan.net === undefined) return { PrivateIpAddress: privateAddress(instance) };
  if (network.addresses === undefined) return {};
  const { ipv4, ipv6 } = network.addresses;
  return {
    PrivateIpAddress: ipv4,
    ...(network.isPublic ? { PublicIpAddress: ipv4 } : {}),
    ...(ipv6 === undefined ? {} : { Ipv6Address: ipv6 }),
  };
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
    Iops: plan.volume.iops,
    Throughput: plan.volume.throughput,
    AvailabilityZone: plan.zone.name,
    State: isLeft ? "available" : "in-use",
    CreateTime: instance.launchedAt,
    Encrypted: plan.volume.kmsKey !== undefined,
    KmsKeyId: plan.volume.kmsKey,
    Tags: [...plan.volumeTags].map(([Key, Value]) => ({ Key, Value })),
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
