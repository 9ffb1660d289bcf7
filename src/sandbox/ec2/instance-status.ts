// Status checks of instances: initializing for two minutes after they run, then passed.
//
// From EC2's API reference (DescribeInstanceStatus) and its user guide, "Status checks for your instances".

import {
  DescribeInstanceStatus$,
  type DescribeInstanceStatusRequest,
  type InstanceStatus,
  type InstanceStatusSummary,
} from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import type { Region } from "../account.ts";
import type { Instance } from "../instance/instance.ts";
import { operation, type Operation } from "../operation.ts";
import { applyFilters } from "../protocol/filters.ts";
import { page, pageSize } from "../protocol/pagination.ts";
import { stateView } from "./instance-view.ts";
import { askedInstances, refuseDryRun } from "./instances.ts";

/** From running to checks that have passed. Scaled seconds. */
const passedAfter_s = 120;

export const statusOperations: Readonly<Record<string, Operation>> = {
  DescribeInstanceStatus: operation<DescribeInstanceStatusRequest, object>(DescribeInstanceStatus$, (input, region) => {
    refuseDryRun(input);
    const named = askedInstances(input, region);
    const chosen = input.IncludeAllInstances === true ? named : named.filter((each) => each.state === "running");
    const shown = applyFilters(chosen, input.Filters, {
      "instance-state-name": (each) => [each.state],
      "instance-state-code": (each) => [String(stateView(each.state).Code)],
      "availability-zone": (each) => [each.plan.zone.name],
      "instance-status.status": (each) => [summary(each, region).Status],
      "instance-status.reachability": (each) => summary(each, region).Details?.map((detail) => detail.Status) ?? [],
      "system-status.status": (each) => [summary(each, region).Status],
      "system-status.reachability": (each) => summary(each, region).Details?.map((detail) => detail.Status) ?? [],
    });
    const { items, next } = page(shown, (each) => each.plan.number, {
      size: pageSize(input.MaxResults, [5, 1000], "InvalidParameterValue"),
      token: input.NextToken,
      badToken: "InvalidParameterValue",
    });
    return {
      InstanceStatuses: items.map((each) => statusView(each, region)),
      ...defined({ NextToken: next }),
    };
  }),
};

function statusView(instance: Instance, region: Region): InstanceStatus {
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.plan.zone.name,
    InstanceState: stateView(instance.state),
    InstanceStatus: summary(instance, region),
    SystemStatus: summary(instance, region),
  };
}

function summary({ state, runningSince }: Instance, region: Region): InstanceStatusSummary {
  if (state !== "running" || runningSince === undefined) return { Status: "not-applicable" };
  const hasPassed = Date.now() >= runningSince + region.account.time.ms(passedAfter_s);
  return {
    Status: hasPassed ? "ok" : "initializing",
    Details: [{ Name: "reachability", Status: hasPassed ? "passed" : "initializing" }],
  };
}
