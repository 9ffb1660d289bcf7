// What boot runs ask of EC2 beside instances: the console's picture, and what security groups let in.

import {
  DescribeSecurityGroups$,
  type DescribeSecurityGroupsRequest,
  type DescribeSecurityGroupsResult,
  GetConsoleScreenshot$,
  type GetConsoleScreenshotRequest,
  type GetConsoleScreenshotResult,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import { ownerId, type Region } from "./account.ts";
import { vpcId } from "./catalogue.ts";
import { Failure } from "./failure.ts";
import { operation, type Operation } from "./operation.ts";

/** A JPEG of 64 by 32 black points: the instances have no screen. */
const picture =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/wAALCAAgAEABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AIwAAAAAAAAAAf/Z";

const groups = { shut: "sg-0000000000000000a", sshIn: "sg-0000000000000000b" } as const;

export const bootOperations: Readonly<Record<string, Operation>> = {
  GetConsoleScreenshot: operation<GetConsoleScreenshotRequest, GetConsoleScreenshotResult>(
    GetConsoleScreenshot$,
    ({ InstanceId: id = "" }, region) => {
      const instance = region.instances.get(id);
      if (instance === undefined || !instance.isVisible)
        throw new Failure("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
      if (instance.state !== "running" && instance.state !== "pending")
        throw new Failure("IncorrectInstanceState", `The instance '${id}' is not in a state with a console`);
      return { InstanceId: id, ImageData: picture };
    },
  ),
  DescribeSecurityGroups: operation<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult>(
    DescribeSecurityGroups$,
    ({ GroupIds: ids }, region) => {
      const all = securityGroups(region);
      const unknown = (ids ?? []).find((id) => !all.some(({ GroupId }) => GroupId === id));
      if (unknown !== undefined)
        throw new Failure("InvalidGroup.NotFound", `The security group '${unknown}' does not exist`);
      return { SecurityGroups: all.filter(({ GroupId = "" }) => (ids ?? [GroupId]).includes(GroupId)) };
    },
  ),
};

/** The network's own, which lets nothing in, and one for SSH. */
function securityGroups(region: Region): SecurityGroup[] {
  const of = (id: string, name: string, open: readonly number[]): SecurityGroup => ({
    GroupId: id,
    GroupName: name,
    Description: `${name} (sandbox)`,
    OwnerId: ownerId,
    VpcId: vpcId(region.name),
    IpPermissions: open.map((port) => ({
      IpProtocol: "tcp",
      FromPort: port,
      ToPort: port,
      IpRanges: [{ CidrIp: "0.0.0.0/0" }],
      Ipv6Ranges: [{ CidrIpv6: "::/0" }],
    })),
  });
  return [of(groups.shut, "default", []), of(groups.sshIn, "ssh", [22, 2222])];
}
