// A run's read-only calls, each with the smallest request.

import type { AwsAccount } from "../../aws/account.ts";

/** An id that no command has: SSM says so to everyone who may ask. */
const noCommand = "00000000-0000-0000-0000-000000000000";
const noInstance = "i-00000000000000000";

/** Returns the calls, each with its action as IAM policies spell it. */
export function readCalls(account: AwsAccount): (readonly [string, () => Promise<unknown>])[] {
  const { ec2, ssm, sdk } = account;
  const DryRun = true;
  return [
    ["ec2:DescribeInstances", () => ec2.send(new sdk.DescribeInstancesCommand({ DryRun }))],
    ["ec2:DescribeInstanceTypes", () => ec2.send(new sdk.DescribeInstanceTypesCommand({ DryRun }))],
    ["ec2:DescribeInstanceTypeOfferings", () => ec2.send(new sdk.DescribeInstanceTypeOfferingsCommand({ DryRun }))],
    ["ec2:DescribeImages", () => ec2.send(new sdk.DescribeImagesCommand({ DryRun, Owners: ["self"] }))],
    ["ec2:DescribeSubnets", () => ec2.send(new sdk.DescribeSubnetsCommand({ DryRun }))],
    ["ec2:DescribeSecurityGroups", () => ec2.send(new sdk.DescribeSecurityGroupsCommand({ DryRun }))],
    ["ec2:DescribeVolumes", () => ec2.send(new sdk.DescribeVolumesCommand({ DryRun }))],
    ["ec2:DescribeSpotInstanceRequests", () => ec2.send(new sdk.DescribeSpotInstanceRequestsCommand({ DryRun }))],
    ["ec2:DescribeSpotPriceHistory", () => ec2.send(new sdk.DescribeSpotPriceHistoryCommand({ DryRun }))],
    ["ec2:DescribeRouteTables", () => ec2.send(new sdk.DescribeRouteTablesCommand({ DryRun }))],
    ["ec2:DescribeVpcEndpoints", () => ec2.send(new sdk.DescribeVpcEndpointsCommand({ DryRun }))],
    ["ssm:GetParameter", () => ssm.send(new sdk.GetParameterCommand({ Name: "/aws/service/timetrial-doctor" }))],
    [
      "ssm:GetParametersByPath",
      () => ssm.send(new sdk.GetParametersByPathCommand({ Path: "/aws/service/timetrial-doctor", MaxResults: 1 })),
    ],
    ["ssm:DescribeInstanceInformation", () => ssm.send(new sdk.DescribeInstanceInformationCommand({ MaxResults: 5 }))],
    ["ssm:ListCommands", () => ssm.send(new sdk.ListCommandsCommand({ MaxResults: 1 }))],
    ["ssm:ListCommandInvocations", () => ssm.send(new sdk.ListCommandInvocationsCommand({ MaxResults: 1 }))],
    [
      "ssm:GetCommandInvocation",
      () => ssm.send(new sdk.GetCommandInvocationCommand({ CommandId: noCommand, InstanceId: noInstance })),
    ],
  ];
}
