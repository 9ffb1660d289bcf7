// Parts of a RunInstances request, each checked as EC2 does: image, tags, user-data.

import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import { images, type SandboxImage } from "../../catalogue.ts";
import { ServiceError } from "../../protocol/service-error.ts";
import type { TaggedResource } from "../../instance/instance-plan.ts";
import { checkTag } from "./tag-rules.ts";

/** By id, or by `resolve:ssm:` and a public parameter's name. */
export function findImage(imageId: string | undefined, region: string): SandboxImage {
  if (imageId === undefined)
    throw new ServiceError("MissingParameter", "The request must contain the parameter ImageId");
  const parameter = /^resolve:ssm:(.+)$/.exec(imageId)?.[1];
  const found = images.find(
    (each) => each.region === region && (parameter === undefined ? each.id === imageId : each.parameter === parameter),
  );
  if (found !== undefined) return found;
  if (parameter !== undefined)
    throw new ServiceError("InvalidParameterValue", `Parameter ${parameter} could not be resolved`);
  if (!/^ami-[0-9a-f]{8,17}$/.test(imageId))
    throw new ServiceError("InvalidAMIID.Malformed", `Invalid id: "${imageId}"`);
  throw new ServiceError("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
}

const taggable: readonly TaggedResource[] = ["instance", "volume", "network-interface", "spot-instances-request"];

/** Tags that the launch gives to each `resource` that it makes. */
export function tagsFor(request: RunInstancesRequest, resource: TaggedResource): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const { ResourceType: type, Tags: given = [] } of request.TagSpecifications ?? []) {
    refuseResource(String(type), request.InstanceMarketOptions !== undefined);
    for (const tag of type === resource ? given : []) {
      checkTag(tag);
      const { Key: key = "", Value: value = "" } = tag;
      if (tags.has(key)) throw new ServiceError("InvalidParameterValue", `Duplicate tag key '${key}' specified.`);
      tags.set(key, value);
    }
  }
  if (tags.size > 50) throw new ServiceError("TagLimitExceeded", "more than 50 tags");
  return tags;
}

/** A launch on demand makes no spot request: its tags are refused (words of public reports). */
function refuseResource(type: string, isSpot: boolean): void {
  if (!taggable.some((each) => each === type))
    throw new ServiceError("InvalidParameterValue", `'${type}' is not a valid taggable resource type`);
  if (type === "spot-instances-request" && !isSpot)
    throw new ServiceError(
      "InvalidParameterValue",
      `'${type}' is not a valid taggable resource type for this operation.`,
    );
}

export function userDataOf(base64: string | undefined): Buffer | undefined {
  if (base64 === undefined) return undefined;
  const compact = base64.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0)
    throw new ServiceError("InvalidParameterValue", "Invalid BASE64 encoding of user data.");
  const data = Buffer.from(compact, "base64");
  if (data.length > 16_384) throw new ServiceError("InvalidParameterValue", "User data is limited to 16384 bytes");
  return data;
}
