// Finds zones that can hold all sides: those that offer all their types, limited to the requested zone or the subnet's.

import { TimetrialError } from "../../../domain/errors.ts";
import { compareNames } from "../../../domain/compare-names.ts";
import type { Spec } from "../../../domain/plan/plan.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsCode, awsError } from "../../aws/errors.ts";
import { filterLots } from "../filter-values.ts";
import type { Ec2Side } from "./ec2-side.ts";

/** By zone: the types that it offers. */
type Offers = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Returns the zones to try, in order: only that of `spec.zone` or of `spec.subnet`, if there is one.
 *
 * @throws TimetrialError REFUSED, USAGE, NO_CREDENTIALS, CLOUD
 */
export async function zonesFor(account: AwsAccount, spec: Spec, sides: readonly Ec2Side[]): Promise<string[]> {
  const subnet = spec.subnet === undefined ? undefined : await subnetOf(account, spec.subnet);
  if (subnet !== undefined && spec.zone !== undefined && subnet.zone !== spec.zone) {
    throw new TimetrialError("REFUSED", `--subnet: ${spec.subnet} is in ${subnet.zone}, not in ${spec.zone}`, {
      hint: "leave out --zone: the subnet decides it",
    });
  }
  await refuseGroups(account, spec.security_groups ?? [], subnet?.vpc);
  const wanted = new Set(sides.map((side) => side.type));
  const offers = await offersOf(account, wanted);
  refuseUnoffered(account.region, wanted, offers);
  const zones = [...offers]
    .filter(([zone, types]) => types.size === wanted.size && isUsual(account.region, zone))
    .map(([zone]) => zone);
  const only = subnet?.zone ?? spec.zone;
  if (only === undefined) return together(account.region, wanted, offers, zones.sort());
  const lacking = [...wanted].filter((type) => offers.get(only)?.has(type) !== true);
  if (lacking.length === 0) return [only];
  const asked = subnet === undefined ? "" : `, where ${spec.subnet} is`;
  throw new TimetrialError("REFUSED", `${lacking.join(" and ")} is not offered in ${only}${asked}`, {
    hint:
      zones.length === 0
        ? "no zone of the region offers all sides"
        : `all sides are offered in ${zones.sort().join(", ")}`,
  });
}

/** Whether a zone is used without being named. Local and Wavelength Zones have no default subnet and few types. */
function isUsual(region: string, zone: string): boolean {
  return new RegExp(`^${region}[a-z]$`).test(zone);
}

function refuseUnoffered(region: string, wanted: ReadonlySet<string>, offers: Offers): void {
  const nowhere = [...wanted].filter((type) => ![...offers.values()].some((types) => types.has(type)));
  if (nowhere.length === 0) return;
  throw new TimetrialError("REFUSED", `${nowhere.join(" and ")} is not offered in any zone of ${region}`, {
    hint: "take another region, or another type",
  });
}

function together(region: string, wanted: ReadonlySet<string>, offers: Offers, zones: string[]): string[] {
  if (zones.length > 0) return zones;
  if (wanted.size > mostNamed)
    throw new TimetrialError(
      "REFUSED",
      `no zone of ${region} offers all ${wanted.size} types: ${lackingByZone(region, wanted, offers)}`,
      {
        hint: "all sides must be in one zone: leave out what it lacks, and name it by --zone, or take another region",
      },
    );
  const where = [...wanted].map(
    (type) =>
      `${type} in ${[...offers]
        .flatMap(([zone, types]) => (types.has(type) ? [zone] : []))
        .sort()
        .join(", ")}`,
  );
  throw new TimetrialError("REFUSED", `no zone of ${region} offers ${[...wanted].join(" and ")}: ${where.join("; ")}`, {
    hint: "all sides must be in one zone: take another region",
  });
}

/** The most types that an error names, in a zone or in all. */
const mostNamed = 6;

/** Returns what each zone lacks, the zone that lacks least first. */
function lackingByZone(region: string, wanted: ReadonlySet<string>, offers: Offers): string {
  return [...offers]
    .filter(([zone]) => isUsual(region, zone))
    .map(([zone, types]) => ({ zone, lacking: [...wanted].filter((type) => !types.has(type)) }))
    .toSorted((a, b) => a.lacking.length - b.lacking.length || compareNames(a.zone, b.zone))
    .map(({ zone, lacking }) => {
      const more = lacking.length > mostNamed ? ` and ${lacking.length - mostNamed} more` : "";
      return `${zone} lacks ${lacking.slice(0, mostNamed).join(", ")}${more}`;
    })
    .join("; ");
}

async function offersOf(account: AwsAccount, wanted: ReadonlySet<string>): Promise<Offers> {
  const offers = new Map<string, Set<string>>();
  try {
    for (const Values of filterLots([...wanted])) {
      const Filters = [{ Name: "instance-type", Values }];
      for await (const page of account.sdk.paginateDescribeInstanceTypeOfferings(
        { client: account.ec2 },
        { LocationType: "availability-zone", Filters },
      )) {
        for (const { Location: zone, InstanceType: type } of page.InstanceTypeOfferings ?? []) {
          if (zone !== undefined && type !== undefined) offers.set(zone, (offers.get(zone) ?? new Set()).add(type));
        }
      }
    }
  } catch (error) {
    throw awsError(error, `looking up where ${[...wanted].slice(0, mostNamed).join(" and ")} are offered`);
  }
  return offers;
}

async function subnetOf(account: AwsAccount, id: string): Promise<{ zone: string; vpc: string | undefined }> {
  try {
    const answer = await account.ec2.send(new account.sdk.DescribeSubnetsCommand({ SubnetIds: [id] }));
    const subnet = answer.Subnets?.[0];
    if (subnet?.AvailabilityZone !== undefined) return { zone: subnet.AvailabilityZone, vpc: subnet.VpcId };
  } catch (error) {
    if (!awsCode(error).startsWith("InvalidSubnetI")) throw awsError(error, `looking up subnet ${id}`);
  }
  throw new TimetrialError("USAGE", `--subnet: there is no subnet ${id} in ${account.region}`);
}

async function refuseGroups(account: AwsAccount, ids: readonly string[], vpc: string | undefined): Promise<void> {
  for (const id of ids) {
    try {
      const answer = await account.ec2.send(new account.sdk.DescribeSecurityGroupsCommand({ GroupIds: [id] }));
      const group = answer.SecurityGroups?.[0];
      if (vpc === undefined || group?.VpcId === undefined || group.VpcId === vpc) continue;
      throw new TimetrialError("REFUSED", `--security-group: ${id} is of ${group.VpcId}, the subnet of ${vpc}`);
    } catch (error) {
      if (!awsCode(error).startsWith("InvalidGroup")) throw awsError(error, `looking up security group ${id}`);
      throw new TimetrialError("USAGE", `--security-group: there is no group ${id} in ${account.region}`, {
        cause: error,
      });
    }
  }
}
