// The IAM policies, the role and its profile that an account needs before timetrial can launch there. They are printed,
// never created: the reader decides.
//
// Each action is one that the client calls. The conditions restrict it to machines with timetrial's tags. That matters
// most for SendCommand, which is root on every machine that it reaches.

import { defined } from "../../domain/defined.ts";

export interface PolicyNames {
  /** The machines' role, and the instance profile that holds it. */
  readonly role: string;
  /** One region, or `*`. */
  readonly region: string;
  /** Twelve digits, or `*`. */
  readonly account: string;
  /** Ids of machines that timetrial did not launch and that may receive commands. */
  readonly instances?: readonly string[];
  /** Tags of such machines: every machine with one of them may receive commands. */
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  /** The user's own parameters that name images, from their slash on; a `*` at the end stands for anything. */
  readonly parameters?: readonly string[];
}

/**
 * Returns the partition in ARNs, the word after `arn:`. The regions of China and GovCloud have partitions of their own.
 */
function partitionOf(region: string): "aws" | "aws-cn" | "aws-us-gov" {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** Returns the name of EC2 as a principal in IAM. China's partition knows EC2 by both names. */
function ec2Service(region: string): string | string[] {
  const name = "ec2.amazonaws.com";
  return partitionOf(region) === "aws-cn" ? [name, `${name}.cn`] : name;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Policy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

const tagged = "timetrial:run";

/** Returns the policy of the person who runs timetrial. */
export function operatorPolicy(names: PolicyNames): Policy {
  const { role, region, account, instances = [], tags = [], parameters = [] } = names;
  const arn = `arn:${partitionOf(region)}`;
  const ec2 = (what: string): string => `${arn}:ec2:${region}:${account}:${what}`;
  return policy([
    allow("Look", lookActions, "*"),
    allow(
      "LaunchTagged",
      ["ec2:RunInstances"],
      ["instance", "volume", "network-interface"].map((kind) => ec2(`${kind}/*`)),
      {
        StringLike: { [`aws:RequestTag/${tagged}`]: "*" },
      },
    ),
    // A spot request has its tags only where RunInstances itself makes the request.
    allow(
      "LaunchFrom",
      ["ec2:RunInstances"],
      [
        `${arn}:ec2:${region}::image/*`,
        ...["subnet", "security-group", "spot-instances-request"].map((kind) => ec2(`${kind}/*`)),
      ],
    ),
    allow("TagAtLaunch", ["ec2:CreateTags"], ec2("*/*"), { StringEquals: { "ec2:CreateAction": "RunInstances" } }),
    allow(
      "EndOurs",
      ["ec2:TerminateInstances", "ec2:GetConsoleOutput", "ec2:GetConsoleScreenshot"],
      ec2("instance/*"),
      { StringLike: { [`aws:ResourceTag/${tagged}`]: "*" } },
    ),
    allow("CancelOurs", ["ec2:CancelSpotInstanceRequests"], ec2("spot-instances-request/*"), {
      StringLike: { [`aws:ResourceTag/${tagged}`]: "*" },
    }),
    allow("DeleteOurs", ["ec2:DeleteVolume"], ec2("volume/*"), {
      StringLike: { [`aws:ResourceTag/${tagged}`]: "*" },
    }),
    allow("PassTheRole", ["iam:PassRole"], `${arn}:iam::${account}:role/${role}`, {
      StringEquals: { "iam:PassedToService": ec2Service(region) },
    }),
    allow("SeeTheProfile", ["iam:GetInstanceProfile"], `${arn}:iam::${account}:instance-profile/${role}`),
    allow("SeeWhatTheRoleMay", ["iam:SimulatePrincipalPolicy"], `${arn}:iam::${account}:role/${role}`),
    // Two statements: the document has no tag, so the condition of the second statement would refuse it.
    allow("SendTheDocument", ["ssm:SendCommand"], `${arn}:ssm:${region}::document/AWS-RunShellScript`),
    allow("SendToOurs", ["ssm:SendCommand"], ec2("instance/*"), {
      StringLike: { [`ssm:resourceTag/${tagged}`]: "*" },
    }),
    ...(instances.length === 0
      ? []
      : [
          allow(
            "SendToNamed",
            ["ssm:SendCommand"],
            instances.map((id) => ec2(`instance/${id}`)),
          ),
        ]),
    // A statement for each tag: within one statement all conditions must hold.
    ...tags.map(({ key, value }, i) =>
      allow(`SendToTagged${i + 1}`, ["ssm:SendCommand"], ec2("instance/*"), {
        StringEquals: { [`ssm:resourceTag/${key}`]: value },
      }),
    ),
    allow(
      "PublicImages",
      ["ssm:GetParameter", "ssm:GetParametersByPath"],
      `${arn}:ssm:${region}::parameter/aws/service/*`,
    ),
    ...(parameters.length === 0
      ? []
      : [
          allow(
            "OwnParameters",
            ["ssm:GetParameter"],
            parameters.map((name) => `${arn}:ssm:${region}:${account}:parameter${name}`),
          ),
        ]),
  ]);
}

/** Calls that take no resource, or only read. */
const lookActions = [
  "ec2:DescribeImages",
  "ec2:DescribeInstanceTypeOfferings",
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeInstances",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSpotInstanceRequests",
  "ec2:DescribeSpotPriceHistory",
  "ec2:DescribeSubnets",
  "ec2:DescribeRouteTables",
  "ec2:DescribeVolumes",
  "ec2:DescribeVpcEndpoints",
  "pricing:GetProducts",
  "servicequotas:GetServiceQuota",
  "ssm:DescribeInstanceInformation",
  "ssm:GetCommandInvocation",
  "ssm:ListCommandInvocations",
  "ssm:ListCommands",
];

/**
 * Returns the policy of a machine: the calls of its SSM agent, and no more. The managed policy
 * AmazonSSMManagedInstanceCore would do as well, but it lets every script on the machine read the account's plain
 * parameters.
 */
export function machinePolicy(): Policy {
  return policy([
    allow(
      "AgentReports",
      ["ssm:UpdateInstanceInformation", "ssm:ListAssociations", "ssm:ListInstanceAssociations"],
      "*",
    ),
    allow(
      "AgentChannels",
      ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"].map(
        (name) => `ssmmessages:${name}`,
      ),
      "*",
    ),
    // FreeBSD's images hold agents of 2020, which use these calls alone.
    allow(
      "OldAgents",
      ["AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply"].map(
        (name) => `ec2messages:${name}`,
      ),
      "*",
    ),
  ]);
}

/** Returns the trust policy of the machines' role: EC2 may assume it. */
export function trustPolicy({ region }: Pick<PolicyNames, "region">): object {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: ec2Service(region) }, Action: "sts:AssumeRole" }],
  };
}

/** Returns the same as commands of the AWS CLI, for somebody with the permission to read and run. */
export function setupCommands(names: PolicyNames): string {
  const { role } = names;
  const document = (value: object): string => `'${JSON.stringify(value)}'`;
  return [
    "# The machines' role, what it may do, and the profile that gives it to them:",
    `aws iam create-role --role-name ${role} --assume-role-policy-document ${document(trustPolicy(names))}`,
    `aws iam put-role-policy --role-name ${role} --policy-name ${role} --policy-document ${document(machinePolicy())}`,
    `aws iam create-instance-profile --instance-profile-name ${role}`,
    `aws iam add-role-to-instance-profile --instance-profile-name ${role} --role-name ${role}`,
    "",
    "# What you, or whoever runs timetrial, must be allowed: attach it to the user or role that you sign in as:",
    `aws iam create-policy --policy-name ${role}-operator --policy-document ${document(operatorPolicy(names))}`,
    "",
    "# A new profile is not known everywhere at once: wait a minute before the first run. Then:",
    `timetrial doctor --instance-profile ${role}`,
    "",
  ].join("\n");
}

function policy(statements: readonly Statement[]): Policy {
  return { Version: "2012-10-17", Statement: statements };
}

function allow(
  sid: string,
  actions: readonly string[],
  resource: Statement["Resource"],
  condition?: Statement["Condition"],
): Statement {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: resource,
    ...defined({ Condition: condition }),
  };
}
