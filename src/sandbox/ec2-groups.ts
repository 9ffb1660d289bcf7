// Security groups: each region's VPC has its default one, which lets nothing in from outside.

import { DescribeSecurityGroups$, type DescribeSecurityGroupsRequest } from "@aws-sdk/client-ec2";
import { ownerId } from "./account.ts";
import { defaultGroupId, vpcId } from "./catalogue.ts";
import { Failure } from "./failure.ts";
import { filtered } from "./filters.ts";
import { operation, type Operation } from "./operation.ts";

export const groupOperations: Readonly<Record<string, Operation>> = {
  DescribeSecurityGroups: operation<DescribeSecurityGroupsRequest, object>(DescribeSecurityGroups$, (input, region) => {
    const id = defaultGroupId(region.name);
    const unknown = (input.GroupIds ?? []).find((each) => each !== id);
    if (unknown !== undefined)
      throw new Failure("InvalidGroup.NotFound", `The security group '${unknown}' does not exist`);
    const shown = filtered([id], input.Filters, {
      "group-id": (each) => [each],
      "group-name": () => ["default"],
      "vpc-id": () => [vpcId(region.name)],
    });
    return {
      SecurityGroups: shown.map((each) => ({
        GroupId: each,
        GroupName: "default",
        Description: "default VPC security group",
        VpcId: vpcId(region.name),
        OwnerId: ownerId,
        IpPermissions: [],
      })),
    };
  }),
};
