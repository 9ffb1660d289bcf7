// Dry runs of calls that change something: EC2 says whether they are allowed, and changes nothing.
//
// The policy that `setup` prints allows ending only resources with our tag, so the dry runs try only those. A dry run
// on an id that does not exist would be refused even with the policy.

import type { DoctorCheck } from "../../../domain/doctor-check.ts";
import { printable } from "../../../domain/printable.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsCode, isAuthError } from "../../aws/errors.ts";
import { anyRunFilter } from "../tags.ts";

export const attachPolicyHint = "attach the policy that timetrial setup prints";

/** An action, and the resource of ours to try it on. */
interface Attempt {
  readonly action: string;
  readonly id: string;
  readonly call: () => Promise<unknown>;
}

/**
 * Dry-runs the actions that end resources, on the resources that exist. Also returns the actions that it had no resource for.
 *
 * @throws what EC2 throws
 */
export async function checkTerminatePermissions(
  account: AwsAccount,
): Promise<{ check: DoctorCheck; untried: readonly string[] }> {
  const check = { name: "ending", needed: true } as const;
  const attempts = [...(await onMachine(account)), ...(await onRequest(account))];
  const all = ["ec2:TerminateInstances", "ec2:GetConsoleOutput", "ec2:CancelSpotInstanceRequests"];
  const untried = all.filter((action) => !attempts.some((attempt) => attempt.action === action));
  for (const { action, id, call } of attempts) {
    const found = await dryRun(check, `${action} of ${id}`, call);
    if (found.state !== "ok") return { check: found, untried };
  }
  const tried = attempts.map(({ action, id }) => `${action} of ${id}`).join(", ");
  if (tried !== "") return { check: { ...check, state: "ok", found: `allowed, by dry runs: ${tried}` }, untried };
  const todo = "look again while a run is under way; the policy of timetrial setup has it";
  return {
    check: { ...check, state: "unknown", found: "not tried: no machine that timetrial launched is running", todo },
    untried,
  };
}

async function onMachine({ sdk, ec2 }: AwsAccount): Promise<Attempt[]> {
  const Filters = [anyRunFilter, { Name: "instance-state-name", Values: ["pending", "running"] }];
  const { Reservations: reservations = [] } = await ec2.send(new sdk.DescribeInstancesCommand({ Filters }));
  const id = reservations[0]?.Instances?.[0]?.InstanceId;
  if (id === undefined) return [];
  const end = new sdk.TerminateInstancesCommand({ InstanceIds: [id], DryRun: true });
  const look = new sdk.GetConsoleOutputCommand({ InstanceId: id, DryRun: true });
  return [
    { action: "ec2:TerminateInstances", id, call: () => ec2.send(end) },
    { action: "ec2:GetConsoleOutput", id, call: () => ec2.send(look) },
  ];
}

async function onRequest({ sdk, ec2 }: AwsAccount): Promise<Attempt[]> {
  const Filters = [anyRunFilter, { Name: "state", Values: ["open", "active"] }];
  const { SpotInstanceRequests: requests = [] } = await ec2.send(
    new sdk.DescribeSpotInstanceRequestsCommand({ Filters }),
  );
  const id = requests[0]?.SpotInstanceRequestId;
  if (id === undefined) return [];
  const cancel = new sdk.CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id], DryRun: true });
  return [{ action: "ec2:CancelSpotInstanceRequests", id, call: () => ec2.send(cancel) }];
}

export async function dryRun(
  check: Pick<DoctorCheck, "name" | "needed">,
  what: string,
  call: () => Promise<unknown>,
): Promise<DoctorCheck> {
  try {
    await call();
  } catch (error) {
    const [code, message] = [awsCode(error), printable(error instanceof Error ? error.message : String(error))];
    if (code === "DryRunOperation") return { ...check, state: "ok", found: `allowed, by a dry run: ${what}` };
    if (isAuthError(error))
      return { ...check, state: "missing", found: `not allowed: ${what} (${code})`, todo: attachPolicyHint };
    if (/iam ?instance ?profile/i.test(message)) {
      const todo = "make it as timetrial setup says; one just made is known after a minute";
      return { ...check, state: "missing", found: `there is no such profile (${message})`, todo };
    }
    return { ...check, state: "unknown", found: `${message} (${code})` };
  }
  return { ...check, state: "unknown", found: "expected the dry run to end with DryRunOperation, got success" };
}
