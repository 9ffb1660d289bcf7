// Spot requests, as EC2 shows them: each came with an instance, by RunInstances, and ends with it.

import {
  CancelSpotInstanceRequests$,
  DescribeSpotInstanceRequests$,
  type CancelSpotInstanceRequestsRequest,
  type DescribeSpotInstanceRequestsRequest,
  type SpotInstanceRequest,
} from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import type { Region } from "../account.ts";
import { refuseDryRun } from "./instances.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { applyFilters } from "../protocol/filters.ts";
import type { Instance } from "../instance/instance.ts";
import { operation, type Operation } from "../operation.ts";
import { page, pageSize } from "../protocol/pagination.ts";

interface Entry {
  readonly id: string;
  readonly instance: Instance;
  readonly tags: ReadonlyMap<string, string>;
  readonly state: "active" | "closed" | "cancelled";
}

export const spotOperations: Readonly<Record<string, Operation>> = {
  DescribeSpotInstanceRequests: operation<DescribeSpotInstanceRequestsRequest, object>(
    DescribeSpotInstanceRequests$,
    (input, region) => {
      const ids = input.SpotInstanceRequestIds ?? [];
      const chosen = ids.length === 0 ? entries(region) : ids.map((id) => found(id, region));
      const shown = applyFilters(
        chosen,
        input.Filters,
        {
          "spot-instance-request-id": (each) => [each.id],
          "instance-id": (each) => [each.instance.id],
          state: (each) => [each.state],
        },
        (each) => each.tags,
      );
      const { items, next } = page(shown, (each) => each.instance.plan.number, {
        size: pageSize(input.MaxResults, [5, 1000], "InvalidParameterValue"),
        token: input.NextToken,
        badToken: "InvalidParameterValue",
      });
      return { SpotInstanceRequests: items.map(view), ...defined({ NextToken: next }) };
    },
  ),
  // The instance of a cancelled request runs on.
  CancelSpotInstanceRequests: operation<CancelSpotInstanceRequestsRequest, object>(
    CancelSpotInstanceRequests$,
    (input, region) => {
      const chosen = (input.SpotInstanceRequestIds ?? []).map((id) => found(id, region));
      refuseDryRun(input);
      for (const each of chosen) if (each.state === "active") region.cancelledSpot.add(each.id);
      return {
        CancelledSpotInstanceRequests: chosen.map(({ id }) => ({
          SpotInstanceRequestId: id,
          State: found(id, region).state,
        })),
      };
    },
  ),
};

function entries(region: Region): Entry[] {
  return [...region.instances.values()].flatMap((instance) => {
    const { spot } = instance.plan;
    if (spot === undefined || !instance.isVisible) return [];
    const state = region.cancelledSpot.has(spot.requestId)
      ? ("cancelled" as const)
      : instance.isAlive
        ? ("active" as const)
        : ("closed" as const);
    return [{ id: spot.requestId, instance, tags: instance.tags["spot-instances-request"], state }];
  });
}

function found(id: string, region: Region): Entry {
  const entry = entries(region).find((each) => each.id === id);
  if (entry === undefined)
    throw new ServiceError(
      "InvalidSpotInstanceRequestID.NotFound",
      `The spot instance request ID '${id}' does not exist`,
    );
  return entry;
}

function view({ id, instance, tags, state }: Entry): SpotInstanceRequest {
  return {
    SpotInstanceRequestId: id,
    InstanceId: instance.id,
    Type: "one-time",
    State: state,
    InstanceInterruptionBehavior: "terminate",
    LaunchedAvailabilityZone: instance.plan.zone.name,
    CreateTime: instance.launchedAt,
    ProductDescription: "Linux/UNIX",
    Status: { Code: state === "active" ? "fulfilled" : "instance-terminated-by-user", UpdateTime: new Date() },
    Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
  };
}
