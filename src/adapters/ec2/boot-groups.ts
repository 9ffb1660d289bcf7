// Whether the named security groups let the port in at all. One that does not would look like a machine that never
// boots: silence, and money spent on it. From where it lets it in is not asked: nobody knows our address for sure.

import type { IpPermission } from "@aws-sdk/client-ec2";
import type { BootSpec } from "../../domain/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Account } from "../aws/account.ts";
import { awsCode, awsError } from "../aws/errors.ts";

/** @throws TimetrialError USAGE where a group is unknown, REFUSED where none of them lets the port in */
export async function refuseShutPort(
  account: Account,
  { security_groups: ids, port, family }: BootSpec,
): Promise<void> {
  if (ids === undefined) return;
  try {
    const answer = await account.ec2.send(new account.sdk.DescribeSecurityGroupsCommand({ GroupIds: [...ids] }));
    const rules = (answer.SecurityGroups ?? []).flatMap((group) => group.IpPermissions ?? []);
    if (rules.some((rule) => letsIn(rule, port, family))) return;
  } catch (error) {
    if (/^Invalid(SecurityGroup|Group)/.test(awsCode(error))) {
      throw new TimetrialError("USAGE", `--security-group: there is no ${ids.join(" or ")} in ${account.region}`, {
        cause: error,
      });
    }
    throw awsError(error, `looking up ${ids.join(", ")}`);
  }
  throw new TimetrialError("REFUSED", `--security-group: ${ids.join(", ")} lets nothing in on TCP port ${port}`, {
    hint: "the port would be silent for ever: name a group that lets it in from here, or another --port",
  });
}

function letsIn(rule: IpPermission, port: number, family: 4 | 6): boolean {
  const { IpProtocol: protocol, FromPort: from = 0, ToPort: to = 65_535 } = rule;
  const covers = protocol === "-1" || ((protocol === "tcp" || protocol === "6") && from <= port && port <= to);
  const ranges = family === 6 ? rule.Ipv6Ranges : rule.IpRanges;
  const sources = [ranges, rule.PrefixListIds, rule.UserIdGroupPairs].some((list) => (list ?? []).length > 0);
  return covers && sources;
}
