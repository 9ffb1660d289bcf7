// Whether the named security groups let the port in at all. One that does not would look like a machine that never
// boots: silence, and money spent on it. From where it lets it in is not asked: nobody knows our address for sure.

import type { IpPermission } from "@aws-sdk/client-ec2";
import type { BootSpec } from "../../../domain/boot/boot.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsError } from "../../aws/errors.ts";

/** For groups that there are. @throws TimetrialError REFUSED where none of them lets the port in */
export async function refuseClosedSecurityGroup(account: AwsAccount, spec: BootSpec): Promise<void> {
  const { security_groups: ids, port } = spec;
  if (ids === undefined) return;
  try {
    const answer = await account.ec2.send(new account.sdk.DescribeSecurityGroupsCommand({ GroupIds: [...ids] }));
    const rules = (answer.SecurityGroups ?? []).flatMap((group) => group.IpPermissions ?? []);
    if (rules.some((rule) => letsIn(rule, spec))) return;
  } catch (error) {
    throw awsError(error, `looking up ${ids.join(", ")}`);
  }
  throw new TimetrialError("REFUSED", `--security-group: ${ids.join(", ")} lets nothing in on TCP port ${port}`, {
    hint: "the port would be silent for ever: name a group that lets it in from here, or another --port",
  });
}

/** That the port is let in from members of a group counts for private addresses alone: by the others no probe is one. */
function letsIn(rule: IpPermission, { port, family, address }: BootSpec): boolean {
  const { IpProtocol: protocol, FromPort: from = 0, ToPort: to = 65_535 } = rule;
  const covers = protocol === "-1" || ((protocol === "tcp" || protocol === "6") && from <= port && port <= to);
  const ranges = family === 6 ? rule.Ipv6Ranges : rule.IpRanges;
  const members = address === "private" ? rule.UserIdGroupPairs : [];
  return covers && [ranges, rule.PrefixListIds, members].some((list) => (list ?? []).length > 0);
}
