// What is asked of RunInstances, and the names under which our machines are found again.

import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { Plan } from "../../../domain/plan/plan.ts";
import { deadlineTag, ownerTag, runTag, sideTag } from "../tags.ts";

/** One launch: machines of one side, in one zone. */
export interface LaunchRequest {
  readonly side: string;
  readonly type: string;
  readonly image: ResolvedImage;
  readonly zone: string;
  readonly count: number;
  /** Of the root volume, the same on all sides. */
  readonly volumeGiB: number;
  /** Unique to run, side, zone and attempt; at most 64 characters. */
  readonly token: string;
}

export interface ResolvedImage {
  readonly id: string;
  readonly rootDevice: string;
  /** Of its root snapshot: no volume may be smaller. */
  readonly sizeGiB: number;
  /** Devices of the image's other volumes. */
  readonly otherDisks: readonly string[];
  /** Whether its boot scripts know nothing of IMDSv2. */
  readonly imdsv1: boolean;
  /** What AWS bills it as, where that is not plain Linux: `Red Hat Enterprise Linux (RunInstances:0010)`. */
  readonly billedAs?: string;
}

/** The root volume's fixed speed: the same on all sides. What gp3 has whatever its size. */
const volume = { VolumeType: "gp3", Iops: 3000, Throughput: 125, DeleteOnTermination: true } as const;

/** For what is shipped, for logs, and for what the suites' packages bring. GiB. */
const ownGiB = 4;

/** Root volume for machines that boot any of `images`: room for the largest image, the neediest suite, and ourselves. */
export function volumeGiB(images: Iterable<ResolvedImage>, plan: Plan): number {
  const image = Math.max(...[...images].map(({ sizeGiB }) => sizeGiB));
  const suites = Math.max(0, ...plan.suites.map(({ needs }) => needs?.disk_bytes ?? 0));
  return image + Math.ceil(suites / 2 ** 30) + ownGiB;
}

export interface LaunchSafeguards {
  readonly owner: string;
  readonly deadline: Date;
  /** The text of the user-data script. */
  readonly userData: string;
  /** The role that lets the machine's SSM agent in, by the name of its profile. */
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
    ...placed(launch, spec),
    MetadataOptions: {
      HttpTokens: image.imdsv1 ? "optional" : "required",
      HttpEndpoint: "enabled",
      HttpPutResponseHopLimit: 1,
    },
    BlockDeviceMappings: [
      { DeviceName: image.rootDevice, Ebs: { ...volume, VolumeSize: launch.volumeGiB, ...encryption(spec) } },
      // An image may say that a volume of its own outlives the machine.
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

/** What of a plan a launch goes by. */
export interface LaunchPlacement {
  readonly run: string;
  readonly spec: Pick<
    Plan["spec"],
    "spot" | "subnet" | "security_groups" | "tenancy" | "launch_tags" | "encrypted" | "kms_key"
  >;
}

/** Nothing where it was not asked for: then the account's default holds. */
function encryption({ encrypted, kms_key: key }: LaunchPlacement["spec"]): { Encrypted?: true; KmsKeyId?: string } {
  return { ...(encrypted === true ? { Encrypted: true } : {}), ...(key === undefined ? {} : { KmsKeyId: key }) };
}

const tagged = ["instance", "volume", "network-interface"] as const;

/** One request, not renewed; an interrupted machine ends, it does not stop and stay. */
const onSpot: RunInstancesCommandInput["InstanceMarketOptions"] = {
  MarketType: "spot",
  SpotOptions: { SpotInstanceType: "one-time", InstanceInterruptionBehavior: "terminate" },
};

/** Subnet and groups stand at the top: they may not be combined with NetworkInterfaces. A subnet has its zone. */
function placed(
  { zone }: LaunchRequest,
  { subnet, security_groups: groups, tenancy }: LaunchPlacement["spec"],
): Partial<RunInstancesCommandInput> {
  return {
    ...(subnet === undefined ? {} : { SubnetId: subnet }),
    ...(groups === undefined ? {} : { SecurityGroupIds: [...groups] }),
    Placement: {
      ...(subnet === undefined ? { AvailabilityZone: zone } : {}),
      ...(tenancy === undefined ? {} : { Tenancy: tenancy }),
    },
  };
}

/** `template` (`remote/user-data.sh`) for a machine that must end at `deadline`, at most `life_s` seconds after its start. */
export function fillUserData(template: string, deadline: Date, life_s: number): string {
  return template
    .replace("@DEADLINE_EPOCH@", String(Math.floor(deadline.getTime() / 1000)))
    .replace("@LIFE_S@", String(Math.floor(life_s)));
}
