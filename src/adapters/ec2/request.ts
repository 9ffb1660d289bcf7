// What is asked of RunInstances, and the names under which our machines are found again.

import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { Plan } from "../../domain/plan.ts";

/** One launch: machines of one side, in one zone. */
export interface Launch {
  readonly side: string;
  readonly type: string;
  readonly image: ResolvedImage;
  readonly zone: string;
  readonly count: number;
  /** Unique to run, side, zone and attempt; at most 64 characters. */
  readonly token: string;
}

export interface ResolvedImage {
  readonly id: string;
  readonly rootDevice: string;
}

export const runTag = "timetrial:run";
const ownerTag = "timetrial:owner";
const deadlineTag = "timetrial:deadline";
const sideTag = "timetrial:side";

/** Gibibytes of the root volume, and its fixed speed: the same on all sides. */
const volume = { VolumeType: "gp3", VolumeSize: 16, Iops: 3000, Throughput: 125, DeleteOnTermination: true } as const;

export interface Keeping {
  readonly owner: string;
  readonly deadline: Date;
  /** The text of the user-data script. */
  readonly userData: string;
  /** The role that lets the machine's SSM agent in, by the name of its profile. */
  readonly instanceProfile?: string;
}

export function runInstancesInput(launch: Launch, plan: Plan, keeping: Keeping): RunInstancesCommandInput {
  const tags = [
    { Key: "Name", Value: `timetrial ${launch.side}` },
    { Key: runTag, Value: plan.run },
    { Key: ownerTag, Value: keeping.owner },
    { Key: deadlineTag, Value: keeping.deadline.toISOString() },
    { Key: sideTag, Value: launch.side },
  ];
  return {
    ImageId: launch.image.id,
    InstanceType: launch.type as NonNullable<RunInstancesCommandInput["InstanceType"]>,
    MinCount: launch.count,
    MaxCount: launch.count,
    ClientToken: launch.token,
    InstanceInitiatedShutdownBehavior: "terminate",
    Placement: { AvailabilityZone: launch.zone },
    MetadataOptions: { HttpTokens: "required", HttpEndpoint: "enabled", HttpPutResponseHopLimit: 1 },
    BlockDeviceMappings: [{ DeviceName: launch.image.rootDevice, Ebs: volume }],
    ...(keeping.instanceProfile === undefined ? {} : { IamInstanceProfile: { Name: keeping.instanceProfile } }),
    UserData: Buffer.from(keeping.userData).toString("base64"),
    TagSpecifications: (["instance", "volume", "network-interface"] as const).map((ResourceType) => ({
      ResourceType,
      Tags: tags,
    })),
  };
}

/** `template` (`remote/user-data.sh`) for a machine that must end at `deadline`, at most `life_s` seconds after its start. */
export function userData(template: string, deadline: Date, life_s: number): string {
  return template
    .replace("@DEADLINE_EPOCH@", String(Math.floor(deadline.getTime() / 1000)))
    .replace("@LIFE_S@", String(Math.floor(life_s)));
}
