// EC2's operations on instances.

import {
  DescribeInstances$,
  GetConsoleOutput$,
  RunInstances$,
  StopInstances$,
  TerminateInstances$,
  type DescribeInstancesRequest,
  type DescribeInstancesResult,
  type GetConsoleOutputRequest,
  type GetConsoleOutputResult,
  type InstanceStateChange,
  type Reservation,
  type RunInstancesRequest,
  type StopInstancesRequest,
  type StopInstancesResult,
  type TerminateInstancesRequest,
  type TerminateInstancesResult,
} from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import type { Region } from "../account.ts";
import { vpcId } from "../catalogue.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { applyFilters, type FilterFields } from "../protocol/filters.ts";
import { instanceView, reservationView, stateView } from "./instance-view.ts";
import type { Instance } from "../instance/instance.ts";
import { runInstances } from "./launch/run-instances.ts";
import { operation, type Operation } from "../operation.ts";
import { pastFields, pastTags } from "./past-instances.ts";
import { page, pageSize } from "../protocol/pagination.ts";

const instanceFields: FilterFields<Instance> = {
  "instance-id": (each) => [each.id],
  "instance-state-name": (each) => [each.state],
  "instance-state-code": (each) => [String(stateView(each.state).Code)],
  "instance-type": (each) => [each.plan.type.name],
  "client-token": (each) => [each.plan.clientToken],
  "availability-zone": (each) => [each.plan.zone.name],
  "image-id": (each) => [each.plan.image.id],
  "subnet-id": (each) => [each.plan.zone.subnetId],
  "vpc-id": (each) => [vpcId(each.plan.zone.region)],
  "reservation-id": (each) => [each.plan.reservationId],
  "instance-lifecycle": (each) => [each.plan.spot === undefined ? undefined : "spot"],
  "spot-instance-request-id": (each) => [each.plan.spot?.requestId],
  tenancy: (each) => [each.plan.tenancy],
};

export const instanceOperations: Readonly<Record<string, Operation>> = {
  RunInstances: operation<RunInstancesRequest, Reservation>(RunInstances$, (input, region) => {
    const reservation = reservationView(runInstances(input, region), region.account.id);
    const { OwnerId: owner = "", ReservationId: id = "" } = reservation;
    for (const view of reservation.Instances ?? [])
      region.account.past.note({ region: region.name, owner, reservation: id, view });
    return reservation;
  }),
  DescribeInstances: operation<DescribeInstancesRequest, DescribeInstancesResult>(
    DescribeInstances$,
    describeInstances,
  ),
  TerminateInstances: operation<TerminateInstancesRequest, TerminateInstancesResult>(
    TerminateInstances$,
    (input, region) => ({
      TerminatingInstances: changed(input, region, (each) =>
        each.terminate("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown"),
      ),
    }),
  ),
  StopInstances: operation<StopInstancesRequest, StopInstancesResult>(StopInstances$, (input, region) => ({
    StoppingInstances: changed(input, region, (each) => {
      if (each.state === "terminated" || each.state === "shutting-down")
        throw new ServiceError(
          "IncorrectInstanceState",
          `The instance '${each.id}' is not in a state from which it can be stopped`,
        );
      return each.stop("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown");
    }),
  })),
  GetConsoleOutput: operation<GetConsoleOutputRequest, GetConsoleOutputResult>(GetConsoleOutput$, (input, region) => {
    refuseDryRun(input);
    const [instance] = namedInstances([input.InstanceId ?? ""], region);
    return {
      InstanceId: input.InstanceId,
      Timestamp: new Date(),
      Output: Buffer.from(instance?.console() ?? "").toString("base64"),
    };
  }),
};

/** The instances that a request is about: those that it names, or all. It may not name some and ask for a page. */
export function askedInstances(
  input: { readonly InstanceIds?: string[] | undefined; readonly MaxResults?: number | undefined },
  region: Region,
): Instance[] {
  const ids = input.InstanceIds ?? [];
  if (ids.length > 0 && input.MaxResults !== undefined)
    throw new ServiceError(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  return ids.length === 0 ? visibleInstances(region) : namedInstances(ids, region);
}

function describeInstances(input: DescribeInstancesRequest, region: Region): DescribeInstancesResult {
  refuseDryRun(input);
  const shown = applyFilters(
    askedInstances(input, region),
    input.Filters,
    instanceFields,
    (each) => each.tags.instance,
  );
  const { items, next } = page(shown, (each) => each.plan.number, {
    size: pageSize(input.MaxResults, [5, 1000], "InvalidParameterValue"),
    token: input.NextToken,
    badToken: "InvalidParameterValue",
  });
  const reservations = new Map<string, Instance[]>();
  for (const each of items) {
    const of = reservations.get(each.plan.reservationId);
    if (of === undefined) reservations.set(each.plan.reservationId, [each]);
    else of.push(each);
  }
  // On the last page those that ended before this sandbox began.
  const past = next === undefined && (input.InstanceIds ?? []).length === 0 ? region.account.past.in(region.name) : [];
  const ended = applyFilters(past, input.Filters, pastFields, pastTags);
  return {
    Reservations: [
      ...[...reservations].map(([id, members]) => ({
        ReservationId: id,
        OwnerId: region.account.id,
        Groups: [],
        Instances: members.map(instanceView),
      })),
      ...ended.map(({ reservation, owner, view }) => ({
        ReservationId: reservation,
        OwnerId: owner,
        Groups: [],
        Instances: [view],
      })),
    ],
    ...defined({ NextToken: next }),
  };
}

// One id that is not known fails the whole call, before anything is done.
function changed(
  input: { InstanceIds?: string[] | undefined; DryRun?: boolean | undefined },
  region: Region,
  change: (instance: Instance) => Promise<void>,
): InstanceStateChange[] {
  const ids = input.InstanceIds ?? [];
  if (ids.length > 1000) throw new ServiceError("InvalidParameterValue", "at most 1000 instances in one call");
  const instances = namedInstances(ids, region);
  refuseDryRun(input);
  return instances.map((each) => {
    const before = stateView(each.state);
    void change(each);
    return { InstanceId: each.id, PreviousState: before, CurrentState: stateView(each.state) };
  });
}

export function visibleInstances(region: Region): Instance[] {
  for (const each of region.instances.values())
    if (each.isForgotten && !volumeOutlives(each, region)) region.instances.delete(each.id);
  return [...region.instances.values()].filter((each) => each.isVisible && !each.isForgotten);
}

/** Whether the instance's volume is there still, though it has ended. */
export function volumeOutlives({ plan, id, state }: Instance, region: Region): boolean {
  return state === "terminated" && !plan.volume.endsWithInstance && !region.deletedVolumes.has(id);
}

/** In the order of their launch, each once. */
function namedInstances(ids: readonly string[], region: Region): Instance[] {
  const malformed = ids.find((id) => !/^i-[0-9a-f]{8,17}$/.test(id));
  if (malformed !== undefined) throw new ServiceError("InvalidInstanceID.Malformed", `Invalid id: "${malformed}"`);
  const all = visibleInstances(region);
  const missing = ids.filter((id) => !all.some((each) => each.id === id));
  if (missing.length === 1)
    throw new ServiceError("InvalidInstanceID.NotFound", `The instance ID '${missing[0]}' does not exist`);
  if (missing.length > 1)
    throw new ServiceError("InvalidInstanceID.NotFound", `The instance IDs '${missing.join(", ")}' do not exist`);
  return all.filter((each) => ids.includes(each.id));
}

export function refuseDryRun({ DryRun }: { DryRun?: boolean | undefined }): void {
  if (DryRun === true)
    throw new ServiceError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
}
