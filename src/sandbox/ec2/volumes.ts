// Volumes: each came with an instance, as its root. They end with it, but where the launch said that they stay.

import {
  DeleteVolume$,
  DescribeVolumes$,
  type DeleteVolumeRequest,
  type DescribeVolumesRequest,
  type DescribeVolumesResult,
} from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import type { Region } from "../account.ts";
import { volumeOutlives, refuseDryRun, visibleInstances } from "./instances.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { applyFilters, type FilterFields } from "../protocol/filters.ts";
import { volumeId, volumeView } from "./instance-view.ts";
import type { Instance } from "../instance/instance.ts";
import { operation, type Operation } from "../operation.ts";
import { page, pageSize } from "../protocol/pagination.ts";

const fields: FilterFields<Instance> = {
  "volume-id": (each) => [volumeId(each)],
  "attachment.instance-id": (each) => [each.state === "terminated" ? undefined : each.id],
  "availability-zone": (each) => [each.plan.zone.name],
  status: (each) => [volumeView(each).State],
};

export const volumeOperations: Readonly<Record<string, Operation>> = {
  DescribeVolumes: operation<DescribeVolumesRequest, DescribeVolumesResult>(DescribeVolumes$, (input, region) => {
    refuseDryRun(input);
    const ids = input.VolumeIds ?? [];
    const chosen = ids.length === 0 ? owners(region) : ids.map((id) => ownerOf(id, region));
    const shown = applyFilters(chosen, input.Filters, fields, (each) => each.tags.volume);
    const { items, next } = page(shown, (each) => each.plan.number, {
      size: pageSize(input.MaxResults, [5, 1000], "InvalidParameterValue"),
      token: input.NextToken,
      badToken: "InvalidParameterValue",
    });
    return { Volumes: items.map(volumeView), ...defined({ NextToken: next }) };
  }),
  DeleteVolume: operation<DeleteVolumeRequest, object>(DeleteVolume$, (input, region) => {
    const id = input.VolumeId ?? "";
    const owner = ownerOf(id, region);
    refuseDryRun(input);
    if (owner.state !== "terminated")
      throw new ServiceError("VolumeInUse", `Volume ${id} is currently attached to ${owner.id}`);
    region.deletedVolumes.add(owner.id);
    return {};
  }),
};

/** Instances whose volumes are there. */
function owners(region: Region): Instance[] {
  visibleInstances(region);
  return [...region.instances.values()].filter(
    (each) => each.isVisible && (each.state !== "terminated" || volumeOutlives(each, region)),
  );
}

function ownerOf(id: string, region: Region): Instance {
  const owner = owners(region).find((each) => volumeId(each) === id);
  if (owner === undefined) throw new ServiceError("InvalidVolume.NotFound", `The volume '${id}' does not exist.`);
  return owner;
}
