// Checks the instance profile of machines: whether it is there, and whether its role lets the SSM agent in.

import type { DoctorCheck } from "../../../domain/doctor-check.ts";
import { printable } from "../../../domain/printable.ts";
import { type AwsAccount, clientOptions } from "../../aws/account.ts";
import { awsCode, isAuthError } from "../../aws/errors.ts";
import { attachPolicyHint } from "./dry-runs.ts";

/** The calls with which an SSM agent reports, and gets commands. */
const agentCalls = [
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
];
/** The calls with which agents of 2020 get commands: FreeBSD's images hold such. */
const oldAgentCalls = ["ec2messages:GetMessages", "ec2messages:AcknowledgeMessage", "ec2messages:SendReply"];

/** Timeout for a response of IAM, whose host may be unreachable from here. Milliseconds. */
const patience_ms = 10_000;

const check = { name: "role", needed: true } as const;

/** Checks `profile`; without one, says what that means. */
export async function checkInstanceProfile(account: AwsAccount, profile: string | undefined): Promise<DoctorCheck> {
  if (profile === undefined) {
    return {
      ...check,
      state: "unknown",
      found: "no --instance-profile: machines reach SSM only where Default Host Management is on",
      todo: "make a role and a profile as timetrial setup says, and name it",
    };
  }
  try {
    return await checkRole(account, profile);
  } catch (error) {
    if (awsCode(error).startsWith("NoSuchEntity"))
      return { ...check, state: "missing", found: `no instance profile ${profile}`, todo: makeOne };
    const found = `what the role of ${profile} allows was not to be read (${awsCode(error)})`;
    const denied = isAuthError(error);
    return { ...check, state: "unknown", found: printable(found), ...(denied ? { todo: attachPolicyHint } : {}) };
  }
}

const makeOne = "timetrial setup prints the commands that make one";

async function checkRole(account: AwsAccount, profile: string): Promise<DoctorCheck> {
  const { IAMClient, GetInstanceProfileCommand, SimulatePrincipalPolicyCommand } =
    await import("../../aws/pricing-sdk.ts");
  const client = new IAMClient({ ...clientOptions(account), maxAttempts: 3 });
  account.watch.attach(client, "IAM");
  const wait = (): { abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(patience_ms) });
  const { InstanceProfile: found } = await client.send(
    new GetInstanceProfileCommand({ InstanceProfileName: profile }),
    wait(),
  );
  const { RoleName: name, Arn: arn } = found?.Roles?.[0] ?? {};
  if (arn === undefined)
    return { ...check, state: "missing", found: `instance profile ${profile} holds no role`, todo: makeOne };
  const { EvaluationResults: results = [] } = await client.send(
    new SimulatePrincipalPolicyCommand({ PolicySourceArn: arn, ActionNames: [...agentCalls, ...oldAgentCalls] }),
    wait(),
  );
  const allowed = new Set(
    results.flatMap(({ EvalActionName: action, EvalDecision: decision }) => (decision === "allowed" ? [action] : [])),
  );
  const missing = agentCalls.filter((action) => !allowed.has(action));
  const role = printable(`${profile} is there, its role ${name}`);
  if (missing.length > 0) {
    const todo = "give it the policy that timetrial setup prints, or AmazonSSMManagedInstanceCore";
    return { ...check, state: "missing", found: `${role} does not allow ${missing.join(", ")}`, todo };
  }
  const isOldOut = oldAgentCalls.some((action) => !allowed.has(action));
  const but = isOldOut ? ", but not agents of 2020, as in FreeBSD's images (ec2messages:*)" : "";
  return { ...check, state: "ok", found: `${role} lets the SSM agent in${but}` };
}
