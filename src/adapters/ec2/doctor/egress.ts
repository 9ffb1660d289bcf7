// Checks that machines in a subnet reach SSM: by a route to the internet, or by endpoints in their network.

import type { Route, Subnet } from "@aws-sdk/client-ec2";
import type { DoctorCheck } from "../../../domain/doctor-check.ts";
import type { AwsAccount } from "../../aws/account.ts";

/** The services that an SSM agent must reach: the last part of their names. */
const services = ["ssm", "ssmmessages"];
/** SSM agents of 2020, as in FreeBSD's images, get their commands another way. */
const old = "old agents (FreeBSD's images) need ec2messages, too";

const check = { name: "way out", needed: true } as const;

/**
 * Checks how machines in `subnet` reach SSM.
 *
 * @throws what EC2 or the SDK throws
 */
export async function checkEgress(account: AwsAccount, subnet: Subnet): Promise<DoctorCheck> {
  const { SubnetId: id = "", VpcId: vpc = "", MapPublicIpOnLaunch: hasAddress } = subnet;
  const route = await defaultRoute(account, id, vpc);
  const target = route === undefined ? undefined : targetOf(route);
  if (route?.State === "blackhole")
    return without(account, vpc, `${id}: its default route leads to ${target ?? "nothing"}, which is gone`);
  if (target?.startsWith("nat-")) return { ...check, state: "ok", found: `${id}: by NAT gateway ${target}` };
  if (target?.startsWith("igw-")) {
    if (hasAddress === true)
      return { ...check, state: "ok", found: `${id}: by internet gateway ${target}, with a public address` };
    return without(account, vpc, `${id}: an internet gateway, but its machines get no public address`);
  }
  if (target === undefined) return without(account, vpc, `${id}: no default route`);
  const endpoints = await without(account, vpc, "");
  if (endpoints.state === "ok") return endpoints;
  return {
    ...check,
    state: "unknown",
    found: `${id}: by ${target}, whose own route was not checked`,
    todo: `check that TCP 443 to ssm and ssmmessages gets out there; ${old}`,
  };
}

/** Returns the default route, from the subnet's own route table or else from its network's main one. */
async function defaultRoute({ ec2, sdk }: AwsAccount, id: string, vpc: string): Promise<Route | undefined> {
  const tables = async (Filters: { Name: string; Values: string[] }[]) =>
    (await ec2.send(new sdk.DescribeRouteTablesCommand({ Filters }))).RouteTables ?? [];
  const [own] = await tables([{ Name: "association.subnet-id", Values: [id] }]);
  const main = [
    { Name: "vpc-id", Values: [vpc] },
    { Name: "association.main", Values: ["true"] },
  ];
  const table = own ?? (await tables(main))[0];
  return table?.Routes?.find(({ DestinationCidrBlock: to }) => to === "0.0.0.0/0");
}

function targetOf(route: Route): string | undefined {
  return (
    route.NatGatewayId ?? route.GatewayId ?? route.TransitGatewayId ?? route.NetworkInterfaceId ?? route.InstanceId
  );
}

/** Checks the VPC endpoints of a subnet that has no other way out. `why` tells what is wrong with its route. */
async function without({ ec2, sdk, region }: AwsAccount, vpc: string, why: string): Promise<DoctorCheck> {
  const answer = await ec2.send(new sdk.DescribeVpcEndpointsCommand({ Filters: [{ Name: "vpc-id", Values: [vpc] }] }));
  const available = (answer.VpcEndpoints ?? []).filter(({ State: state }) => state?.toLowerCase() === "available");
  const hasEndpoint = (name: string): boolean =>
    available.some(({ ServiceName: service }) => service === `com.amazonaws.${region}.${name}`);
  const lacking = services.filter((name) => !hasEndpoint(name));
  if (lacking.length === 0) {
    const forOld = hasEndpoint("ec2messages");
    return {
      ...check,
      state: "ok",
      found: `${vpc}: by its endpoints of ssm${forOld ? ", ssmmessages and ec2messages" : " and ssmmessages"}`,
      todo: `suites that download from the internet fail there${forOld ? "" : `; ${old}`}`,
    };
  }
  return {
    ...check,
    state: "missing",
    found: `${why}, and no endpoint of ${lacking.join(" and ")} in ${vpc}`,
    todo: `give it a NAT gateway or public addresses, or make these endpoints, or name another --subnet; ${old}`,
  };
}
