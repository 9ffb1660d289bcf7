// Looks up types, images and zones before anything is launched. Everything that can be refused is refused here.

import type { Image, InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { TimetrialError } from "../../../domain/errors.ts";
import { printable } from "../../../domain/printable.ts";
import { parseImage } from "../../../domain/plan/image.ts";
import type { Plan } from "../../../domain/plan/plan.ts";
import { quoteForMessage } from "../../../domain/plan/side.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsCode, awsError } from "../../aws/errors.ts";
import { architectureOfType, describeTypes, instanceTypes } from "../instance-types.ts";
import { credentialNotes } from "../../aws/credential-life.ts";
import { ssmImages } from "../images.ts";
import { checkQuotas } from "./vcpu-quota.ts";
import { type ResolvedImage, volumeGiB } from "./launch-request.ts";
import { zonesFor } from "./zones.ts";
import type { Ec2Side } from "./ec2-side.ts";

export interface Preflight {
  /** By the side's name. */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  /** Zones that offer every side's type, in order. */
  readonly zones: readonly string[];
  /** Messages for the user: what could not be checked, or may go wrong. */
  readonly notes: readonly string[];
  /** By side: why its image costs something else than the price of its type. */
  readonly unpriced: ReadonlyMap<string, string>;
  /** Whether EC2 describes one of the types as bare metal, whose firmware takes long to start. */
  readonly hasBareMetal: boolean;
}

/**
 * Checks types, images, disks, zones and quotas.
 *
 * @throws TimetrialError TYPE_UNKNOWN, REFUSED, USAGE, OVER_QUOTA, NO_CREDENTIALS, CLOUD
 */
export async function preflight(account: AwsAccount, plan: Plan, sides: readonly Ec2Side[]): Promise<Preflight> {
  const types = await typesOf(account, sides);
  if (!plan.spec.allow_burstable) refuseBurstable(sides, types);
  const images = new Map<string, ResolvedImage>();
  // Resolved once per run: a name may mean another image a moment later.
  const resolved = new Map<string, ResolvedImage>();
  for (const side of sides) {
    const arch = architectureOfType(types.get(side.type));
    const image = resolved.get(`${side.image} ${arch}`) ?? (await resolveImage(account, side, arch));
    resolved.set(`${side.image} ${arch}`, image);
    images.set(side.name, image);
  }
  // Refuses a volume of the user's that is too small.
  volumeGiB(images.values(), plan);
  const zones = await zonesFor(account, plan.spec, sides);
  const notes = [...(await checkQuotas(account, plan, sides, types)), ...(await credentialNotes(account, plan.spec))];
  const unpriced = new Map(
    [...images].flatMap(([side, { billedAs }]) =>
      billedAs === undefined ? [] : [[side, `the image of ${side} is billed as ${billedAs}`] as const],
    ),
  );
  const hasBareMetal = [...types.values()].some((type) => type.BareMetal === true);
  return { images, zones, notes, unpriced, hasBareMetal };
}

async function typesOf(account: AwsAccount, sides: readonly Ec2Side[]): Promise<Map<string, InstanceTypeInfo>> {
  const wanted = [...new Set(sides.map((side) => side.type))];
  const found = new Map<string, InstanceTypeInfo>();
  for (const info of await describeTypes(account, wanted)) found.set(info.InstanceType ?? "", info);
  const lost = wanted.find((type) => !found.has(type));
  if (lost === undefined) return found;
  throw new TimetrialError("TYPE_UNKNOWN", `there is no instance type ${quoteForMessage(lost)} in ${account.region}`, {
    hint: await knownTypesHint(account, lost),
  });
}

/** Lists the family's types. If there are none and the endpoint is not AWS's, it lists all types. */
async function knownTypesHint(account: AwsAccount, type: string): Promise<string> {
  const types = instanceTypes(account);
  const near = await types.list(type.replace(/\..*$/s, "."));
  const all = near.length > 0 || account.options.endpoint === undefined ? near : await types.list("");
  if (all.length > 0)
    return `there is ${all
      .slice(0, 12)
      .map(({ name }) => name)
      .join(", ")}`;
  return /^s[12]\./.test(type)
    ? "that is a type of the sandbox: add --cloud sandbox"
    : `timetrial list types ${type.slice(0, 2)} --region ${account.region} names what there is`;
}

function refuseBurstable(sides: readonly Ec2Side[], types: ReadonlyMap<string, InstanceTypeInfo>): void {
  const burstable = sides.find((side) => types.get(side.type)?.BurstablePerformanceSupported === true);
  if (burstable === undefined) return;
  throw new TimetrialError("REFUSED", `${burstable.type} is burstable: its times depend on CPU credits`, {
    hint: "take another family, or say --allow-burstable",
  });
}

async function resolveImage(account: AwsAccount, side: Ec2Side, arch: "x86_64" | "arm64"): Promise<ResolvedImage> {
  const named = parseImage(side.image, `side ${side.name}: image`);
  if (named.kind === "public") refuseOther(side, named.text, named.arch, arch);
  const { id } = await ssmImages(account).resolve(named, arch);
  try {
    const answer = await account.ec2.send(new account.sdk.DescribeImagesCommand({ ImageIds: [id] }));
    const image = answer.Images?.[0];
    if (image?.RootDeviceName === undefined)
      throw new TimetrialError("USAGE", `side ${side.name}: there is no image ${id} in ${account.region}`);
    refuseOther(side, id, image.Architecture, arch);
    refuseWindows(side, id, image);
    return { id, rootDevice: image.RootDeviceName, ...disksOf(image), imdsv1: readsImdsv1(image), ...billingOf(image) };
  } catch (error) {
    if (awsCode(error).startsWith("InvalidAMIID")) {
      throw new TimetrialError("USAGE", `side ${side.name}: there is no image ${id} in ${account.region}`, {
        cause: error,
      });
    }
    throw awsError(error, `looking up image ${id}`);
  }
}

/**
 * Refuses an image of another architecture than the type's.
 *
 * @throws TimetrialError USAGE if the architectures differ
 */
function refuseOther(side: Ec2Side, image: string, its: string | undefined, arch: string): void {
  if (its === undefined || its === arch) return;
  throw new TimetrialError("USAGE", `side ${side.name}: image ${image} is for ${its}, ${side.type} is ${arch}`);
}

function refuseWindows(side: Ec2Side, id: string, { Platform: platform, PlatformDetails: details = "" }: Image): void {
  if (platform?.toLowerCase() !== "windows" && !/windows/i.test(details)) return;
  throw new TimetrialError("REFUSED", `side ${side.name}: image ${id} is Windows: suites are POSIX sh`, {
    hint: "take an image of Linux or FreeBSD",
  });
}

/**
 * Returns what the image is billed as. Plain Linux is `RunInstances` alone. Source: AWS's EC2 user guide, AMI billing
 * information fields.
 */
function billingOf(image: Image): Pick<ResolvedImage, "billedAs"> {
  const { UsageOperation: operation = "RunInstances", PlatformDetails: details = "another product" } = image;
  if (operation !== "RunInstances") return { billedAs: `${printable(details)} (${printable(operation)})` };
  const sold = (image.ProductCodes ?? []).some(({ ProductCodeType: kind }) => kind === "marketplace");
  return sold ? { billedAs: "a product of the AWS Marketplace" } : {};
}

/** Returns the root volume's minimum size in GiB, and the devices of the image's other volumes. */
function disksOf({
  RootDeviceName: root,
  BlockDeviceMappings: mappings = [],
}: Image): Pick<ResolvedImage, "sizeGiB" | "otherDisks"> {
  const disks = mappings.filter(({ Ebs: ebs }) => ebs !== undefined);
  return {
    sizeGiB: disks.find(({ DeviceName: name }) => name === root)?.Ebs?.VolumeSize ?? 0,
    otherDisks: disks.flatMap(({ DeviceName: name }) => (name === undefined || name === root ? [] : [name])),
  };
}

/**
 * Returns whether the image's boot scripts read user-data without a token. FreeBSD's do before version 14
 * (cperciva/ec2-scripts, June 2023). Those images are recognised by FreeBSD's image names.
 */
function readsImdsv1({ Name: name = "" }: Image): boolean {
  const major = /^FreeBSD (\d{1,3})\./.exec(name)?.[1];
  return major !== undefined && Number(major) < 14;
}
