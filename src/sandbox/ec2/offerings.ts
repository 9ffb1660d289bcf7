// EC2's operations that describe what can be launched: regions, zones, subnets, types, offerings, images.

import {
  DescribeAvailabilityZones$,
  DescribeImages$,
  DescribeInstanceTypeOfferings$,
  DescribeInstanceTypes$,
  DescribeRegions$,
  DescribeSubnets$,
  type DescribeAvailabilityZonesRequest,
  type DescribeImagesRequest,
  type DescribeInstanceTypeOfferingsRequest,
  type DescribeInstanceTypeOfferingsResult,
  type DescribeInstanceTypesRequest,
  type DescribeRegionsRequest,
  type DescribeSubnetsRequest,
} from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import { images, isOffered, machineTypes, regions, vpcId, zones } from "../catalogue.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { applyFilters } from "../protocol/filters.ts";
import { imageView, regionView, subnetView, typeView, zoneView } from "./offering-views.ts";
import { operation, type Operation } from "../operation.ts";
import { page, pageSize } from "../protocol/pagination.ts";

export const offeringOperations: Readonly<Record<string, Operation>> = {
  DescribeRegions: operation<DescribeRegionsRequest, object>(DescribeRegions$, (input) => {
    const chosen = chosenBy(input.RegionNames, regions, (each) => each, "InvalidParameterValue");
    const shown = applyFilters(chosen, input.Filters, {
      "region-name": (each) => [each],
      "opt-in-status": () => ["opt-in-not-required"],
    });
    return { Regions: shown.map(regionView) };
  }),
  DescribeAvailabilityZones: operation<DescribeAvailabilityZonesRequest, object>(
    DescribeAvailabilityZones$,
    (input, region) => {
      const here = zones.filter((each) => each.region === region.name);
      const byName = chosenBy(input.ZoneNames, here, (each) => each.name, "InvalidParameterValue");
      const chosen = chosenBy(input.ZoneIds, byName, (each) => each.id, "InvalidParameterValue");
      const shown = applyFilters(chosen, input.Filters, {
        "zone-name": (each) => [each.name],
        "zone-id": (each) => [each.id],
        "region-name": (each) => [each.region],
        "zone-type": (each) => [each.isLocal === true ? "local-zone" : "availability-zone"],
        state: () => ["available"],
        "opt-in-status": (each) => [each.isLocal === true ? "opted-in" : "opt-in-not-required"],
      });
      return { AvailabilityZones: shown.map(zoneView) };
    },
  ),
  DescribeSubnets: operation<DescribeSubnetsRequest, object>(DescribeSubnets$, (input, region) => {
    const here = zones.filter((each) => each.region === region.name && each.isLocal !== true);
    const chosen = chosenBy(input.SubnetIds, here, (each) => each.subnetId, "InvalidSubnetID.NotFound");
    const shown = applyFilters(chosen, input.Filters, {
      "subnet-id": (each) => [each.subnetId],
      "availability-zone": (each) => [each.name],
      availabilityZone: (each) => [each.name],
      "availability-zone-id": (each) => [each.id],
      "vpc-id": (each) => [vpcId(each.region)],
      "default-for-az": () => ["true"],
      state: () => ["available"],
    });
    return { Subnets: shown.map(subnetView) };
  }),
  DescribeInstanceTypes: operation<DescribeInstanceTypesRequest, object>(DescribeInstanceTypes$, (input) => {
    const names = input.InstanceTypes as string[] | undefined;
    if ((names ?? []).length > 0 && input.MaxResults !== undefined)
      throw new ServiceError("InvalidParameterCombination", "MaxResults cannot be used with InstanceTypes");
    const chosen = chosenBy(names, machineTypes, (each) => each.name, "InvalidInstanceType");
    const shown = applyFilters(chosen, input.Filters, {
      "instance-type": (each) => [each.name],
      "burstable-performance-supported": (each) => [String(each.burstable)],
      "current-generation": () => ["true"],
      "bare-metal": () => ["false"],
    });
    return paged(shown, machineTypes, input, (items) => ({ InstanceTypes: items.map(typeView) }));
  }),
  DescribeInstanceTypeOfferings: operation<DescribeInstanceTypeOfferingsRequest, object>(
    DescribeInstanceTypeOfferings$,
    (input, region) => {
      const all = offerings(String(input.LocationType ?? "region"), region.name);
      const shown = applyFilters(all, input.Filters, {
        "instance-type": (each) => [each.InstanceType],
        location: (each) => [each.Location],
      });
      return paged(shown, all, input, (items) => ({ InstanceTypeOfferings: items }));
    },
  ),
  DescribeImages: operation<DescribeImagesRequest, object>(DescribeImages$, (input, region) => {
    for (const id of input.ImageIds ?? [])
      if (!/^ami-[0-9a-f]{8,17}$/.test(id)) throw new ServiceError("InvalidAMIID.Malformed", `Invalid id: "${id}"`);
    const here = images.filter((each) => each.region === region.name);
    const chosen = chosenBy(input.ImageIds, here, (each) => each.id, "InvalidAMIID.NotFound");
    const owned = chosen.filter(
      (each) =>
        (input.Owners ?? []).length === 0 ||
        input.Owners?.some((owner) => owner === each.ownerId || owner === each.ownerAlias),
    );
    const shown = applyFilters(owned, input.Filters, {
      "image-id": (each) => [each.id],
      name: (each) => [each.name],
      architecture: (each) => [each.architecture],
      "owner-id": (each) => [each.ownerId],
      "owner-alias": (each) => [each.ownerAlias],
      state: () => ["available"],
      "root-device-type": () => ["ebs"],
      "virtualization-type": () => ["hvm"],
    });
    return { Images: shown.map(imageView) };
  }),
};

interface Offering {
  readonly InstanceType: string;
  readonly LocationType: string;
  readonly Location: string;
}

function offerings(locationType: string, region: string): Offering[] {
  const here = zones.filter((each) => each.region === region);
  const places =
    locationType === "availability-zone"
      ? here.map((zone) => ({ location: zone.name, zones: [zone] }))
      : locationType === "availability-zone-id"
        ? here.map((zone) => ({ location: zone.id, zones: [zone] }))
        : locationType === "region"
          ? [{ location: region, zones: here }]
          : undefined;
  if (places === undefined)
    throw new ServiceError("InvalidParameterValue", `Invalid value '${locationType}' for LocationType`);
  return places.flatMap(({ location, zones: within }) =>
    machineTypes
      .filter((type) => within.some((zone) => isOffered(type, zone)))
      .map((type) => ({ InstanceType: type.name, LocationType: locationType, Location: location })),
  );
}

/** Those named, or all; one name that is not known fails the call. */
function chosenBy<Item>(
  names: readonly string[] | undefined,
  all: readonly Item[],
  nameOf: (item: Item) => string,
  code: string,
): readonly Item[] {
  if (names === undefined || names.length === 0) return all;
  const unknown = names.filter((name) => !all.some((each) => nameOf(each) === name));
  if (unknown.length > 0)
    throw new ServiceError(code, `The following supplied values do not exist: [${unknown.join(", ")}]`);
  return all.filter((each) => names.includes(nameOf(each)));
}

function paged<Item>(
  shown: readonly Item[],
  all: readonly Item[],
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
  view: (items: Item[]) => object,
): DescribeInstanceTypeOfferingsResult {
  const { items, next } = page(shown, (each) => all.indexOf(each), {
    size: pageSize(input.MaxResults, [5, 100], "InvalidParameterValue"),
    token: input.NextToken,
    badToken: "InvalidParameterValue",
  });
  return { ...view(items), ...defined({ NextToken: next }) };
}
