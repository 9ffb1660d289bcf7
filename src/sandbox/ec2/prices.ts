// The price list and the spot prices of the account in the box. They are the sandbox's own, made up and round: nothing
// is ever paid. Their shape is that of AWS's, item by item.

import { createHash } from "node:crypto";
import { DescribeSpotPriceHistory$, type DescribeSpotPriceHistoryRequest, type SpotPrice } from "@aws-sdk/client-ec2";
import { GetProducts$, type GetProductsRequest } from "@aws-sdk/client-pricing";
import { defined } from "../../domain/defined.ts";
import type { Region } from "../account.ts";
import { machineTypes, type MachineType, regions, type Zone, zones } from "../catalogue.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { operation, type Operation } from "../operation.ts";
import { page, pageSize } from "../protocol/pagination.ts";

/** Dollars an hour on demand. */
const onDemand: Readonly<Record<string, number>> = {
  "s1.medium": 0.1,
  "s1.large": 0.2,
  "s1.xlarge": 0.4,
  "s2.medium": 0.2,
  "s2.large": 0.4,
  "s2.xlarge": 0.8,
};

/** Spot is a half of that in a region's first zone, a quarter in the others; a day before it was dearer. */
const spotShares = { first: 0.5, others: 0.25, before: 0.75 };

const effective = "2026-11-01T00:00:00Z";
const spotSince = new Date("2026-11-20T06:00:00Z");
const spotBefore = new Date("2026-11-19T06:00:00Z");

/** The list is served in few regions; of the sandbox's, in one. */
const servedIn = "us-east-1";

export const priceListOperations: Readonly<Record<string, Operation>> = {
  GetProducts: operation<GetProductsRequest, object>(GetProducts$, (input, region) => {
    if (region.name !== servedIn)
      throw new ServiceError("AccessDeniedException", `the price list is not served in ${region.name}`);
    if (input.ServiceCode !== "AmazonEC2")
      throw new ServiceError("InvalidParameterException", `Service code ${input.ServiceCode} is not valid`);
    const all = regions.flatMap((where) =>
      machineTypes.flatMap((type) => {
        const usd = onDemand[type.name];
        return usd === undefined ? [] : [product(type, where, usd)];
      }),
    );
    const attributes: ReadonlySet<string> = new Set(
      all.flatMap(({ product: { attributes: each } }) => Object.keys(each)),
    );
    const filters = input.Filters ?? [];
    for (const { Field: field = "" } of filters)
      if (!attributes.has(field))
        throw new ServiceError("InvalidParameterException", `Field ${field} is not an attribute of AmazonEC2`);
    const chosen = all.filter(({ product: { attributes: each } }) =>
      filters.every(({ Field = "", Value = "" }) => each[Field]?.toLowerCase() === Value.toLowerCase()),
    );
    const { items, next } = page(chosen, (each) => all.indexOf(each), {
      size: pageSize(input.MaxResults, [1, 100], "InvalidParameterException"),
      token: input.NextToken,
      badToken: "InvalidNextTokenException",
    });
    return {
      FormatVersion: "aws_v1",
      PriceList: items.map((each) => JSON.stringify(each)),
      ...defined({ NextToken: next }),
    };
  }),
};

/** One item, as AWS's format aws_v1 has them. */
function product(type: MachineType, where: string, usd: number) {
  const sku = createHash("sha256").update(`${where}/${type.name}`).digest("hex").toUpperCase().slice(0, 16);
  const [term, rate] = [`${sku}.JRTCKXETXF`, `${sku}.JRTCKXETXF.6YS6EN2CT7`];
  const attributes: Readonly<Record<string, string>> = {
    servicecode: "AmazonEC2",
    regionCode: where,
    locationType: "AWS Region",
    instanceType: type.name,
    vcpu: String(type.vcpus),
    memory: `${type.memoryMiB / 1024} GiB`,
    operatingSystem: "Linux",
    preInstalledSw: "NA",
    tenancy: "Shared",
    capacitystatus: "Used",
    operation: "RunInstances",
  };
  return {
    product: { productFamily: "Compute Instance", attributes, sku },
    serviceCode: "AmazonEC2",
    terms: {
      OnDemand: {
        [term]: {
          priceDimensions: {
            [rate]: {
              unit: "Hrs",
              endRange: "Inf",
              description: `$${usd} per On Demand Linux ${type.name} Instance Hour (made up by the sandbox)`,
              appliesTo: [],
              rateCode: rate,
              beginRange: "0",
              pricePerUnit: { USD: usd.toFixed(10) },
            },
          },
          sku,
          effectiveDate: effective,
          offerTermCode: "JRTCKXETXF",
          termAttributes: {},
        },
      },
    },
    version: "20261101000000",
    publicationDate: effective,
  };
}

export const spotPriceOperations: Readonly<Record<string, Operation>> = {
  DescribeSpotPriceHistory: operation<DescribeSpotPriceHistoryRequest, object>(
    DescribeSpotPriceHistory$,
    (input, region) => {
      const all = spotPrices(region);
      const chosen = all
        .filter(
          (each) =>
            isWanted(input.InstanceTypes, each.InstanceType) &&
            isWanted(input.ProductDescriptions, each.ProductDescription) &&
            (input.AvailabilityZone ?? each.AvailabilityZone) === each.AvailabilityZone,
        )
        .filter((each, _, same) => isWithinTimes(each, same, input));
      const { items, next } = page(chosen, (each) => all.indexOf(each), {
        size: pageSize(input.MaxResults, [1, 1000], "InvalidParameterValue"),
        token: input.NextToken || undefined,
        badToken: "InvalidParameterValue",
      });
      // EC2 says "" where no page follows.
      return { SpotPriceHistory: items, NextToken: next ?? "" };
    },
  ),
};

/** Spot price now, dollars an hour; undefined where the type has none. */
export function spotPriceOf(type: MachineType, zone: Zone): number | undefined {
  const usd = onDemand[type.name];
  const isFirst = zones.find((each) => each.region === zone.region) === zone;
  return usd === undefined ? undefined : usd * (isFirst ? spotShares.first : spotShares.others);
}

function spotPrices(region: Region): SpotPrice[] {
  const here = zones.filter((zone) => zone.region === region.name && zone.isLocal !== true);
  return machineTypes.flatMap((type) =>
    here.flatMap((zone, i) => {
      const usd = onDemand[type.name];
      if (usd === undefined) return [];
      const row = (share: number, Timestamp: Date): SpotPrice => ({
        AvailabilityZone: zone.name,
        InstanceType: type.name as NonNullable<SpotPrice["InstanceType"]>,
        ProductDescription: "Linux/UNIX",
        SpotPrice: (usd * share).toFixed(6),
        Timestamp,
      });
      return [row(i === 0 ? spotShares.first : spotShares.others, spotSince), row(spotShares.before, spotBefore)];
    }),
  );
}

/** Returns whether `one` was set within the requested times, or was the price in force when they began. */
function isWithinTimes(
  one: SpotPrice,
  all: readonly SpotPrice[],
  { StartTime: from, EndTime: to }: DescribeSpotPriceHistoryRequest,
): boolean {
  const at = Number(one.Timestamp);
  if (to !== undefined && at > Number(to)) return false;
  if (from === undefined || at >= Number(from)) return true;
  const twins = all.filter(
    (each) => each.AvailabilityZone === one.AvailabilityZone && each.InstanceType === one.InstanceType,
  );
  return twins.every((each) => Number(each.Timestamp) <= at || Number(each.Timestamp) > Number(from));
}

function isWanted(wanted: readonly string[] | undefined, one: string | undefined): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(one ?? "");
}
