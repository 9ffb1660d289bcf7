// Security groups: each region's VPC has its default one, which lets nothing in from outside, and those for boot runs.

import { DescribeSecurityGroups$, type DescribeSecurityGroupsRequest } from "@aws-sdk/client-ec2";
import { ownerId } from "../account.ts";
import { securityGroupsOf, vpcId } from "../catalogue.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { applyFilters } from "../protocol/filters.ts";
import { operation, type Operation } from "../operation.ts";

export const groupOperations: Readonly<Record<string, Operation>> = {
  DescribeSecurityGroups: operation<DescribeSecurityGroupsRequest, object>(DescribeSecurityGroups$, (input, region) => {
    const all = securityGroupsOf(region.name);
    const unknown = (input.GroupIds ?? []).find((each) => !all.some(({ id }) => id === each));
    if (unknown !== undefined)
      throw new ServiceError("InvalidGroup.NotFound", `The security group '${unknown}' does not exist`);
    const named = all.filter(({ id }) => input.GroupIds?.includes(id) ?? true);
    const shown = applyFilters(named, input.Filters, {
      "group-id": ({ id }) => [id],
      "group-name": ({ name }) => [name],
      "vpc-id": () => [vpcId(region.name)],
    });
    return {
      SecurityGroups: shown.map(({ id, name, open, own }) => ({
        GroupId: id,
        GroupName: name,
        Description: name === "default" ? "default VPC security group" : `${name} (sandbox)`,
        VpcId: vpcId(region.name),
        OwnerId: ownerId,
        IpPermissions: [
          ...open.map((port) => ({
            IpProtocol: "tcp",
            FromPort: port,
            ToPort: port,
            IpRanges: [{ CidrIp: "0.0.0.0/0" }],
            Ipv6Ranges: [{ CidrIpv6: "::/0" }],
          })),
          ...(own ? [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: id, UserId: ownerId }] }] : []),
        ],
      })),
    };
  }),
};
