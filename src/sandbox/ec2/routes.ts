// The account's network: each region has one VPC with one route table, its main one, out by an internet gateway, and no
// endpoints.

import {
  DescribeRouteTables$,
  DescribeVpcEndpoints$,
  DescribeVpcs$,
  type DescribeRouteTablesRequest,
  type DescribeVpcEndpointsRequest,
  type DescribeVpcsRequest,
  type RouteTable,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { ownerId } from "../account.ts";
import { internetGatewayId, routeTableId, vpcId } from "../catalogue.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { applyFilters } from "../protocol/filters.ts";
import { operation, type Operation } from "../operation.ts";

export const routeOperations: Readonly<Record<string, Operation>> = {
  DescribeRouteTables: operation<DescribeRouteTablesRequest, object>(DescribeRouteTables$, (input, region) => {
    const id = routeTableId(region.name);
    const unknown = (input.RouteTableIds ?? []).find((each) => each !== id);
    if (unknown !== undefined)
      throw new ServiceError("InvalidRouteTableID.NotFound", `The routeTable ID '${unknown}' does not exist`);
    const shown = applyFilters([id], input.Filters, {
      "route-table-id": (each) => [each],
      "vpc-id": () => [vpcId(region.name)],
      // No subnet names it: all have it because it is the main one.
      "association.subnet-id": () => [],
      "association.main": () => ["true"],
    });
    return { RouteTables: shown.map(() => tableView(region.name)) };
  }),
  DescribeVpcs: operation<DescribeVpcsRequest, object>(DescribeVpcs$, (input, region) => {
    const id = vpcId(region.name);
    const unknown = (input.VpcIds ?? []).find((each) => each !== id);
    if (unknown !== undefined)
      throw new ServiceError("InvalidVpcID.NotFound", `The vpc ID '${unknown}' does not exist`);
    const vpc = vpcView(id);
    const fields = {
      "vpc-id": () => [id],
      "is-default": () => ["true"],
      isDefault: () => ["true"],
      state: () => ["available"],
      cidr: () => [vpc.CidrBlock],
      "owner-id": () => [ownerId],
    };
    const shown = applyFilters([vpc], input.Filters, fields, () => new Map<string, string>());
    return { Vpcs: shown };
  }),
  DescribeVpcEndpoints: operation<DescribeVpcEndpointsRequest, object>(DescribeVpcEndpoints$, (input) => {
    const [unknown] = input.VpcEndpointIds ?? [];
    if (unknown !== undefined)
      throw new ServiceError("InvalidVpcEndpointId.NotFound", `The Vpc Endpoint Id '${unknown}' does not exist`);
    const names = ["vpc-id", "service-name", "vpc-endpoint-type", "vpc-endpoint-state"];
    applyFilters([], input.Filters, Object.fromEntries(names.map((name) => [name, () => []])));
    return { VpcEndpoints: [] };
  }),
};

function tableView(region: string): RouteTable {
  const id = routeTableId(region);
  return {
    RouteTableId: id,
    VpcId: vpcId(region),
    OwnerId: ownerId,
    Associations: [
      {
        Main: true,
        RouteTableAssociationId: id.replace("rtb-", "rtbassoc-"),
        RouteTableId: id,
        AssociationState: { State: "associated" },
      },
    ],
    Routes: [
      {
        DestinationCidrBlock: "10.0.0.0/16",
        GatewayId: "local",
        Origin: "CreateRouteTable",
        State: "active",
      },
      {
        DestinationCidrBlock: "0.0.0.0/0",
        GatewayId: internetGatewayId(region),
        Origin: "CreateRoute",
        State: "active",
      },
    ],
    PropagatingVgws: [],
    Tags: [],
  };
}

function vpcView(id: string): Vpc {
  return {
    VpcId: id,
    State: "available",
    CidrBlock: "10.0.0.0/16",
    CidrBlockAssociationSet: [
      {
        AssociationId: id.replace("vpc-", "vpc-cidr-assoc-"),
        CidrBlock: "10.0.0.0/16",
        CidrBlockState: { State: "associated" },
      },
    ],
    InstanceTenancy: "default",
    IsDefault: true,
    OwnerId: ownerId,
    Tags: [],
  };
}
