// Checks that the named security groups let the port in at all. If they do not, the machine seems never to boot, and
// still costs money. The allowed source addresses are not checked: our own address is not known for sure.

import type { IpPermission } from "@aws-sdk/client-ec2";
import type { BootSpec } from "../../../domain/boot/boot.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsError } from "../../aws/errors.ts";

/**
 * Checks groups that exist.
 *
 * @throws TimetrialError REFUSED if none of the groups lets the port in
 */
export async function refuseClosedSecurityGroup(account: AwsAccount, spec: BootSpec): Promise<void> {
  const { security_groups: ids, port } = spec;
  if (ids === undefined) return;
  try {
    const answer = await account.ec2.send(new account.sdk.DescribeSecurityGroupsCommand({ GroupIds: [...ids] }));
    const rules = (answer.SecurityGroups ?? []).flatMap((group) => group.IpPermissions ?? []);
    if (rules.some((rule) => allowsPort(rule, spec))) return;
  } catch (error) {
    throw awsError(error, `looking up ${ids.join(", ")}`);
  }
  throw new TimetrialError("REFUSED", `--security-group: ${ids.join(", ")} lets nothing in on TCP port ${port}`, {
    hint: "the port would be silent for ever: name a group that lets it in from here, or another --port",
  });
}

/**
 * Returns whether `rule` lets the port in. A rule for members of a group counts only for private addresses: the probe
 * is no member by a public one.
 */
function allowsPort(rule: IpPermission, { port, family, address }: BootSpec): boolean {
  const { IpProtocol: protocol, FromPort: from = 0, ToPort: to = 65_535 } = rule;
  const covers = protocol === "-1" || ((protocol === "tcp" || protocol === "6") && from <= port && port <= to);
  const ranges = family === 6 ? rule.Ipv6Ranges : rule.IpRanges;
  const members = address === "private" ? rule.UserIdGroupPairs : [];
  return covers && [ranges, rule.PrefixListIds, members].some((list) => (list ?? []).length > 0);
}
