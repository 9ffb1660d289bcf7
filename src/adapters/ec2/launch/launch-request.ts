// Builds the RunInstances request, with the tags by which our instances are found again.

import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { defined } from "../../../domain/defined.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import type { Plan } from "../../../domain/plan/plan.ts";
import { deadlineTag, ownerTag, runTag, sideTag } from "../tags.ts";

/** One launch: the machines of one side, in one zone. */
export interface LaunchRequest {
  readonly side: string;
  readonly type: string;
  readonly image: ResolvedImage;
  readonly zone: string;
  readonly count: number;
  /** The size of the root volume, the same on all sides. */
  readonly volumeGiB: number;
  /** Unique to run, side, zone and attempt; at most 64 characters. */
  readonly token: string;
}

export interface ResolvedImage {
  readonly id: string;
  readonly rootDevice: string;
  /** The size of its root snapshot: no root volume may be smaller. */
  readonly sizeGiB: number;
  /** The devices of the image's other volumes. */
  readonly otherDisks: readonly string[];
  /** Whether its boot scripts cannot use IMDSv2. */
  readonly imdsv1: boolean;
  /** What AWS bills the image as, if not plain Linux: `Red Hat Enterprise Linux (RunInstances:0010)`. */
  readonly billedAs?: string;
}

/** The root volume's type and speed, the same on all sides: gp3's baseline, whatever its size. */
const volume = { VolumeType: "gp3", Iops: 3000, Throughput: 125, DeleteOnTermination: true } as const;

/** Space for what is shipped, for logs, and for the packages of the suites. GiB. */
const ownGiB = 4;

/**
 * Returns the root volume's size for machines that boot any of `images`: the user's own, else room for the largest
 * image, the largest suite and timetrial's own files.
 *
 * @throws TimetrialError REFUSED if the user's own is smaller than that
 */
export function volumeGiB(images: Iterable<ResolvedImage>, plan: Plan): number {
  const image = Math.max(...[...images].map(({ sizeGiB }) => sizeGiB));
  const suites = Math.max(0, ...plan.suites.map(({ needs }) => needs?.disk_bytes ?? 0));
  const least = image + Math.ceil(suites / 2 ** 30) + ownGiB;
  const size = plan.spec.volume_gib ?? least;
  if (size >= least) return size;
  throw new TimetrialError("REFUSED", `--volume-size: images and suites need ${least} GiB at least, got ${size}`, {
    hint: `--volume-size ${least}, or leave it out`,
  });
}

export interface LaunchSafeguards {
  readonly owner: string;
  readonly deadline: Date;
  /** The text of the user-data script. */
  readonly userData: string;
  /** The name of the instance profile, whose role lets the SSM agent register. */
  readonly instanceProfile?: string;
}

export function runInstancesInput(
  launch: LaunchRequest,
  plan: LaunchPlacement,
  keeping: LaunchSafeguards,
): RunInstancesCommandInput {
  const { spec } = plan;
  const tags = [
    ...Object.entries({ Name: `timetrial ${launch.side}`, ...spec.launch_tags }).map(([Key, Value]) => ({
      Key,
      Value,
    })),
    { Key: runTag, Value: plan.run },
    { Key: ownerTag, Value: keeping.owner },
    { Key: deadlineTag, Value: keeping.deadline.toISOString() },
    { Key: sideTag, Value: launch.side },
  ];
  const { image } = launch;
  return {
    ImageId: image.id,
    InstanceType: launch.type as NonNullable<RunInstancesCommandInput["InstanceType"]>,
    MinCount: launch.count,
    MaxCount: launch.count,
    ClientToken: launch.token,
    InstanceInitiatedShutdownBehavior: "terminate",
    ...withPlacement(launch, spec),
    MetadataOptions: {
      HttpTokens: image.imdsv1 ? "optional" : "required",
      HttpEndpoint: "enabled",
      HttpPutResponseHopLimit: 1,
    },
    BlockDeviceMappings: [
      { DeviceName: image.rootDevice, Ebs: { ...volume, VolumeSize: launch.volumeGiB, ...encryption(spec) } },
      // An image may say that its own volumes outlive the machine.
      ...image.otherDisks.map((DeviceName) => ({
        DeviceName,
        Ebs: { DeleteOnTermination: true, ...encryption(spec) },
      })),
    ],
    ...(keeping.instanceProfile === undefined ? {} : { IamInstanceProfile: { Name: keeping.instanceProfile } }),
    ...(spec.spot === true ? { InstanceMarketOptions: onSpot } : {}),
    UserData: Buffer.from(keeping.userData).toString("base64"),
    TagSpecifications: ([...tagged, ...(spec.spot === true ? (["spot-instances-request"] as const) : [])] as const).map(
      (ResourceType) => ({ ResourceType, Tags: tags }),
    ),
  };
}

/** The parts of a plan that a launch uses. */
export interface LaunchPlacement {
  readonly run: string;
  readonly spec: Pick<
    Plan["spec"],
    "spot" | "subnet" | "security_groups" | "tenancy" | "launch_tags" | "encrypted" | "kms_key"
  >;
}

/** Returns the encryption fields; empty if encryption was not requested, so that the account's default applies. */
function encryption({ encrypted, kms_key: key }: LaunchPlacement["spec"]): { Encrypted?: true; KmsKeyId?: string } {
  return { ...(encrypted === true ? { Encrypted: true } : {}), ...defined({ KmsKeyId: key }) };
}

const tagged = ["instance", "volume", "network-interface"] as const;

/** One-time request. An interrupted machine terminates; it does not stop. */
const onSpot: RunInstancesCommandInput["InstanceMarketOptions"] = {
  MarketType: "spot",
  SpotOptions: { SpotInstanceType: "one-time", InstanceInterruptionBehavior: "terminate" },
};

/**
 * Returns where the launch goes. Subnet and groups are top-level: EC2 refuses them beside NetworkInterfaces. A subnet
 * implies its zone.
 */
function withPlacement(
  { zone }: LaunchRequest,
  { subnet, security_groups: groups, tenancy }: LaunchPlacement["spec"],
): Partial<RunInstancesCommandInput> {
  return {
    ...defined({ SubnetId: subnet }),
    ...(groups === undefined ? {} : { SecurityGroupIds: [...groups] }),
    Placement: {
      ...(subnet === undefined ? { AvailabilityZone: zone } : {}),
      ...defined({ Tenancy: tenancy }),
    },
  };
}

/**
 * Fills `template` (`remote/user-data.sh`) for a machine that must end at `deadline`, and at most `life_s` seconds
 * after its start.
 */
export function fillUserData(template: string, deadline: Date, life_s: number): string {
  return template
    .replace("@DEADLINE_EPOCH@", String(Math.floor(deadline.getTime() / 1000)))
    .replace("@LIFE_S@", String(Math.floor(life_s)));
}
