// Tags of what launches made: instances, volumes, network interfaces, spot requests.
//
// Rules and codes from EC2's API reference (CreateTags, DeleteTags, DescribeTags, "Error codes"). The account's other
// resources (images, subnets, groups) keep no tags: that is the sandbox's own limit.

import {
  CreateTags$,
  DeleteTags$,
  DescribeTags$,
  type CreateTagsRequest,
  type DeleteTagsRequest,
  type DescribeTagsRequest,
  type TagDescription,
} from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import type { Region } from "../account.ts";
import type { TaggedResource } from "../instance/instance-plan.ts";
import { operation, type Operation } from "../operation.ts";
import { applyFilters } from "../protocol/filters.ts";
import { page, pageSize } from "../protocol/pagination.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { interfaceId, volumeId } from "./instance-view.ts";
import { refuseDryRun, visibleInstances } from "./instances.ts";
import { checkTag } from "./launch/tag-rules.ts";

const mostTags = 50;

export const tagOperations: Readonly<Record<string, Operation>> = {
  CreateTags: operation<CreateTagsRequest, object>(CreateTags$, (input, region) => {
    const all = (input.Resources ?? []).map((id) => found(id, region));
    for (const tag of input.Tags ?? []) checkTag(tag);
    for (const { tags } of all) {
      const after = new Set([...tags.keys(), ...(input.Tags ?? []).map(({ Key: key = "" }) => key)]);
      if (after.size > mostTags) throw new ServiceError("TagLimitExceeded", `more than ${mostTags} tags on a resource`);
    }
    refuseDryRun(input);
    for (const { tags } of all)
      for (const { Key: key = "", Value: value = "" } of input.Tags ?? []) tags.set(key, value);
    return {};
  }),
  DeleteTags: operation<DeleteTagsRequest, object>(DeleteTags$, (input, region) => {
    const all = (input.Resources ?? []).map((id) => found(id, region));
    refuseDryRun(input);
    for (const { tags } of all) {
      if (input.Tags === undefined) for (const key of tags.keys()) if (!key.startsWith("aws:")) tags.delete(key);
      for (const { Key: key = "", Value: value } of input.Tags ?? [])
        if (value === undefined || tags.get(key) === value) tags.delete(key);
    }
    return {};
  }),
  DescribeTags: operation<DescribeTagsRequest, object>(DescribeTags$, (input, region) => {
    refuseDryRun(input);
    const all = resources(region).flatMap(({ id, type, tags }) =>
      [...tags].map(([key, value]) => ({ ResourceId: id, ResourceType: type, Key: key, Value: value })),
    );
    const shown = applyFilters<TagDescription>(
      all,
      input.Filters,
      {
        "resource-id": (each) => [each.ResourceId],
        "resource-type": (each) => [each.ResourceType],
        key: (each) => [each.Key],
        value: (each) => [each.Value],
      },
      ({ Key: key = "", Value: value = "" }) => new Map([[key, value]]),
    );
    const { items, next } = page(shown, (each) => all.indexOf(each as (typeof all)[number]), {
      size: pageSize(input.MaxResults, [5, 1000], "InvalidParameterValue"),
      token: input.NextToken,
      badToken: "InvalidParameterValue",
    });
    return { Tags: items, ...defined({ NextToken: next }) };
  }),
};

interface Resource {
  readonly id: string;
  readonly type: TaggedResource;
  readonly tags: Map<string, string>;
}

function resources(region: Region): Resource[] {
  return visibleInstances(region).flatMap((instance) => {
    const ids: Readonly<Record<TaggedResource, string | undefined>> = {
      instance: instance.id,
      volume: volumeId(instance),
      "network-interface": interfaceId(instance),
      "spot-instances-request": instance.plan.spot?.requestId,
    };
    return Object.entries(ids).flatMap(([type, id]) =>
      id === undefined ? [] : [{ id, type: type as TaggedResource, tags: instance.tags[type as TaggedResource] }],
    );
  });
}

const codes: readonly (readonly [prefix: string, code: string])[] = [
  ["i-", "InvalidInstanceID.NotFound"],
  ["vol-", "InvalidVolume.NotFound"],
  ["eni-", "InvalidNetworkInterfaceID.NotFound"],
  ["sir-", "InvalidSpotInstanceRequestID.NotFound"],
];

function found(id: string, region: Region): Resource {
  const resource = resources(region).find((each) => each.id === id);
  if (resource !== undefined) return resource;
  const code = codes.find(([prefix]) => id.startsWith(prefix))?.[1];
  if (code !== undefined) throw new ServiceError(code, `The ID '${id}' does not exist`);
  if (/^(ami|subnet|vpc|sg|rtb|igw)-[0-9a-f]+$/.test(id))
    throw new ServiceError("UnsupportedOperation", `the sandbox keeps no tags of ${id}`);
  throw new ServiceError("InvalidID", `The ID '${id}' is not valid`);
}
