// What is looked up before anything is launched: types, images, zones. Everything that can be refused is refused here.

import type { InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { TimetrialError } from "../../domain/errors.ts";
import { parseImage } from "../../domain/image.ts";
import { quoted, type Side } from "../../domain/side.ts";
import type { Account } from "../aws/account.ts";
import { awsCode, awsError } from "../aws/errors.ts";
import { ssmImages } from "./images.ts";
import type { ResolvedImage } from "./request.ts";

export type Ec2Side = Extract<Side, { kind: "ec2" }>;

export interface Found {
  /** By the side's name. */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  /** Zones that offer every side's type, in order. */
  readonly zones: readonly string[];
}

/** @throws TimetrialError TYPE_UNKNOWN, REFUSED, USAGE, NO_CREDENTIALS, CLOUD */
export async function lookUp(account: Account, sides: readonly Ec2Side[], allowBurstable: boolean): Promise<Found> {
  const types = await typesOf(account, sides);
  if (!allowBurstable) refuseBurstable(sides, types);
  const images = new Map<string, ResolvedImage>();
  // Once a run: between two answers a name may come to mean another image.
  const resolved = new Map<string, ResolvedImage>();
  for (const side of sides) {
    const arch = architecture(types.get(side.type));
    const image = resolved.get(`${side.image} ${arch}`) ?? (await resolveImage(account, side, arch));
    resolved.set(`${side.image} ${arch}`, image);
    images.set(side.name, image);
  }
  return { images, zones: await commonZones(account, sides) };
}

async function typesOf(account: Account, sides: readonly Ec2Side[]): Promise<Map<string, InstanceTypeInfo>> {
  const found = new Map<string, InstanceTypeInfo>();
  for (const type of new Set(sides.map((side) => side.type))) {
    try {
      const answer = await account.ec2.send(
        new account.sdk.DescribeInstanceTypesCommand({
          InstanceTypes: [type as NonNullable<InstanceTypeInfo["InstanceType"]>],
        }),
      );
      const info = answer.InstanceTypes?.[0];
      if (info !== undefined) found.set(type, info);
    } catch (error) {
      if (awsCode(error) !== "InvalidInstanceType") throw awsError(error, `looking up ${type} in ${account.region}`);
    }
    if (!found.has(type)) {
      throw new TimetrialError("TYPE_UNKNOWN", `there is no instance type ${quoted(type)} in ${account.region}`, {
        hint: "is it spelled right, and offered in this region?",
      });
    }
  }
  return found;
}

function refuseBurstable(sides: readonly Ec2Side[], types: ReadonlyMap<string, InstanceTypeInfo>): void {
  const burstable = sides.find((side) => types.get(side.type)?.BurstablePerformanceSupported === true);
  if (burstable === undefined) return;
  throw new TimetrialError("REFUSED", `${burstable.type} is burstable: its times would measure credits`, {
    hint: "take another family, or say --allow-burstable",
  });
}

function architecture(info: InstanceTypeInfo | undefined): "x86_64" | "arm64" {
  return info?.ProcessorInfo?.SupportedArchitectures?.includes("arm64") === true ? "arm64" : "x86_64";
}

async function resolveImage(account: Account, side: Ec2Side, arch: "x86_64" | "arm64"): Promise<ResolvedImage> {
  const { id } = await ssmImages(account).resolve(parseImage(side.image, `side ${side.name}: image`), arch);
  try {
    const answer = await account.ec2.send(new account.sdk.DescribeImagesCommand({ ImageIds: [id] }));
    const image = answer.Images?.[0];
    if (image?.RootDeviceName === undefined)
      throw new TimetrialError("USAGE", `side ${side.name}: there is no image ${id} in ${account.region}`);
    if (image.Architecture !== undefined && image.Architecture !== arch) {
      throw new TimetrialError(
        "USAGE",
        `side ${side.name}: image ${id} is for ${image.Architecture}, ${side.type} is ${arch}`,
      );
    }
    return { id, rootDevice: image.RootDeviceName };
  } catch (error) {
    if (awsCode(error).startsWith("InvalidAMIID")) {
      throw new TimetrialError("USAGE", `side ${side.name}: there is no image ${id} in ${account.region}`, {
        cause: error,
      });
    }
    throw awsError(error, `looking up image ${id}`);
  }
}

async function commonZones(account: Account, sides: readonly Ec2Side[]): Promise<string[]> {
  const wanted = new Set(sides.map((side) => side.type));
  const offers = new Map<string, Set<string>>();
  try {
    const answer = await account.ec2.send(
      new account.sdk.DescribeInstanceTypeOfferingsCommand({
        LocationType: "availability-zone",
        Filters: [{ Name: "instance-type", Values: [...wanted] }],
      }),
    );
    for (const { Location: zone, InstanceType: type } of answer.InstanceTypeOfferings ?? []) {
      if (zone !== undefined && type !== undefined) offers.set(zone, (offers.get(zone) ?? new Set()).add(type));
    }
  } catch (error) {
    throw awsError(error, `looking up where ${[...wanted].join(" and ")} are offered`);
  }
  const zones = [...offers].filter(([, types]) => types.size === wanted.size).map(([zone]) => zone);
  if (zones.length > 0) return zones.sort();
  throw new TimetrialError("REFUSED", `no zone of ${account.region} offers ${[...wanted].join(" and ")}`, {
    hint: "all sides must be in one zone: take another region",
  });
}
