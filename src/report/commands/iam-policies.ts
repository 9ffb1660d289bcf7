// What an account must have before timetrial can launch there: two policies, a role and its profile. Printed, never
// created: whoever reads them decides.
//
// Each action is one that the client calls; the conditions keep it to machines that bear our tags, and SendCommand, which
// is root on every machine that it reaches, to those alone.

export interface PolicyNames {
  /** The machines' role, and the instance profile that holds it. */
  readonly role: string;
  /** One region, or `*`. */
  readonly region: string;
  /** Twelve digits, or `*`. */
  readonly account: string;
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

/** What the person needs who runs timetrial. */
export function operatorPolicy({ role, region, account }: PolicyNames): Policy {
  const ec2 = (what: string): string => `arn:aws:ec2:${region}:${account}:${what}`;
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
    // Spot requests bear their tags only where they are asked for by RunInstances itself.
    allow(
      "LaunchFrom",
      ["ec2:RunInstances"],
      [
        `arn:aws:ec2:${region}::image/*`,
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
    allow("PassTheRole", ["iam:PassRole"], `arn:aws:iam::${account}:role/${role}`, {
      StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" },
    }),
    // Two statements: under the condition of the second the document, which bears no tag, would be refused.
    allow("SendTheDocument", ["ssm:SendCommand"], `arn:aws:ssm:${region}::document/AWS-RunShellScript`),
    allow("SendToOurs", ["ssm:SendCommand"], ec2("instance/*"), {
      StringLike: { [`ssm:resourceTag/${tagged}`]: "*" },
    }),
    allow(
      "PublicImages",
      ["ssm:GetParameter", "ssm:GetParametersByPath"],
      `arn:aws:ssm:${region}::parameter/aws/service/*`,
    ),
  ]);
}

/** Calls that take no resource, or tell only what is there. */
const lookActions = [
  "ec2:DescribeImages",
  "ec2:DescribeInstanceStatus",
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
  "iam:GetInstanceProfile",
  "pricing:GetProducts",
  "servicequotas:GetServiceQuota",
  "ssm:DescribeInstanceInformation",
  "ssm:GetCommandInvocation",
  "ssm:ListCommandInvocations",
  "ssm:ListCommands",
];

/**
 * What a machine needs: its SSM agent's own calls, and no more. The managed policy AmazonSSMManagedInstanceCore would do
 * as well, but lets every script on the machine read the account's plain parameters.
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
    // FreeBSD's images hold agents of 2020, which know no other way.
    allow(
      "OldAgents",
      ["AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply"].map(
        (name) => `ec2messages:${name}`,
      ),
      "*",
    ),
  ]);
}

/** Who may take on the machines' role: EC2. */
export function trustPolicy(): object {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
}

/** The same as commands of the AWS CLI, to be read and then run by somebody who may. */
export function setupCommands(names: PolicyNames): string {
  const { role } = names;
  const document = (value: object): string => `'${JSON.stringify(value)}'`;
  return [
    "# The machines' role, what it may do, and the profile that gives it to them:",
    `aws iam create-role --role-name ${role} --assume-role-policy-document ${document(trustPolicy())}`,
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
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}
