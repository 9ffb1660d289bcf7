// Examines an account as a run would use it: by calls that only read, and by dry runs, which tell whether a call is
// allowed.

import type { Subnet } from "@aws-sdk/client-ec2";
import { defined } from "../../../domain/defined.ts";
import type { DoctorCheck } from "../../../domain/doctor-check.ts";
import { parseImage } from "../../../domain/plan/image.ts";
import { printable } from "../../../domain/printable.ts";
import type { Doctor, DoctorRequest } from "../../../ports/cloud/doctor.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { accountLine, callerIdentity } from "../../aws/identity.ts";
import { credentialLife } from "../../aws/credential-life.ts";
import { pricingClient } from "../../aws/account.ts";
import { awsCode, awsError, isAuthError } from "../../aws/errors.ts";
import { ec2Quota } from "../../aws/service-quotas.ts";
import { checkInstanceProfile } from "./instance-profile.ts";
import { dryRun, checkTerminatePermissions, attachPolicyHint } from "./dry-runs.ts";
import { readCalls } from "./read-calls.ts";
import { architectureOfType } from "../instance-types.ts";
import { ssmImages } from "../images.ts";
import { runInstancesInput } from "../launch/launch-request.ts";
import { ownerName } from "../tags.ts";
import { checkEgress } from "./egress.ts";

/** The code of "Running On-Demand Standard (…) instances". Source: AWS's EC2 user guide, on-demand instance quotas. */
const standardQuota = "L-1216C47A";
/** Timeout: the price list is on another host, which may be unreachable from here. Milliseconds. */
const patience_ms = 10_000;
/** Current types, of which any region has one. The last is the sandbox's. */
const types = ["c7g.large", "m7g.large", "c6g.large", "c7i.large", "m5.large", "s1.medium"];

export function ec2Doctor(account: AwsAccount): Doctor {
  return {
    region: account.region,
    async *checks(request) {
      const credentials = await credentialsCheck(account);
      yield credentials;
      if (credentials.state !== "ok") return;
      const region = await regionCheck(account, request);
      yield region.check;
      if (region.check.state === "missing") return;
      yield await accountCheck(account);
      yield await readCallsCheck(account);
      const { subnet } = region;
      yield subnet === undefined
        ? subnetMissing(account, request)
        : await checkOrFail("way out", () => checkEgress(account, subnet));
      yield await checkOrFail("launching", () => launchCheck(account, request, subnet));
      const untried = ["ec2:GetConsoleScreenshot", "ec2:DeleteVolume", "ssm:SendCommand"];
      yield await checkOrFail("ending", async () => {
        const { check, untried: others } = await checkTerminatePermissions(account);
        untried.push(...others);
        return check;
      });
      yield await checkInstanceProfile(account, request.instanceProfile);
      yield await pricesCheck(account);
      yield await quotaCheck(account);
      yield untriedCheck(untried);
    },
  };
}

async function credentialsCheck(account: AwsAccount): Promise<DoctorCheck> {
  const check = { name: "credentials", needed: true } as const;
  try {
    const life = await credentialLife(account);
    const renewal =
      life?.renewed === "no" ? "which nobody renews" : `renewed${life?.renewed === "yes" ? "" : ` ${life?.renewed}`}`;
    const until = life === undefined ? "" : `, until ${life.until.toISOString()}, ${renewal}`;
    return { ...check, state: "ok", found: `found${until}` };
  } catch (error) {
    const { message, hint } = awsError(error, "looking for them");
    return { ...check, state: "missing", found: printable(message), ...defined({ todo: hint }) };
  }
}

/** Says whose credentials they are, and where the calls go. */
async function accountCheck(account: AwsAccount): Promise<DoctorCheck> {
  const isKnown = (await callerIdentity(account)) !== undefined;
  return {
    name: "account",
    needed: false,
    state: isKnown ? "ok" : "unknown",
    found: printable(await accountLine(account)),
    ...(isKnown ? {} : { todo: "do the network and AWS_ENDPOINT_URL lead to STS? Runs do not need it" }),
  };
}

/** Checks that the region accepts these credentials. Also returns the named subnet, or else the first default one. */
async function regionCheck(
  account: AwsAccount,
  request: DoctorRequest,
): Promise<{ check: DoctorCheck; subnet?: Subnet | undefined }> {
  const check = { name: "region", needed: true } as const;
  const found = `${account.region} answers`;
  try {
    const input =
      request.subnet === undefined
        ? { Filters: [{ Name: "default-for-az", Values: ["true"] }] }
        : { SubnetIds: [request.subnet] };
    const { Subnets: subnets = [] } = await account.ec2.send(new account.sdk.DescribeSubnetsCommand(input));
    return { check: { ...check, state: "ok", found }, subnet: subnets[0] };
  } catch (error) {
    const code = awsCode(error);
    // The region responds. A missing permission or subnet is reported by another check.
    if (["UnauthorizedOperation", "InvalidSubnetID.NotFound"].includes(code))
      return { check: { ...check, state: "ok", found } };
    const failure = awsError(error, `asking ${account.region}`);
    const todo = code === "AuthFailure" ? "are they of this account, and is the region enabled in it?" : failure.hint;
    return {
      check: { ...check, state: "missing", found: printable(failure.message), ...defined({ todo }) },
    };
  }
}

function subnetMissing({ region }: AwsAccount, { subnet }: DoctorRequest): DoctorCheck {
  const what = subnet === undefined ? `no default subnet in ${region}` : `no subnet ${subnet} in ${region}`;
  const todo = "name one by --subnet, or make the default network: aws ec2 create-default-vpc";
  return {
    name: "way out",
    needed: true,
    state: "missing",
    found: `${what}, or these credentials may not look it up`,
    todo,
  };
}

async function readCallsCheck(account: AwsAccount): Promise<DoctorCheck> {
  const check = { name: "looking", needed: true } as const;
  const [denied, failed]: [string[], string[]] = [[], []];
  const probes = readCalls(account);
  for (const [action, probe] of probes) {
    try {
      await probe();
    } catch (error) {
      if (isAuthError(error)) denied.push(action);
      // Any other error proves that the call is allowed.
      else if (!answerCodes.has(awsCode(error))) failed.push(`${action}: ${awsCode(error) || String(error)}`);
    }
  }
  if (denied.length > 0)
    return { ...check, state: "missing", found: `not allowed: ${denied.join(", ")}`, todo: attachPolicyHint };
  if (failed.length > 0) return { ...check, state: "unknown", found: printable(failed.join("; ")) };
  return { ...check, state: "ok", found: `${probes.length} calls that only read are allowed` };
}

const answerCodes = new Set([
  "DryRunOperation",
  "InvalidCommandId",
  "InvalidInstanceId",
  "InvocationDoesNotExist",
  "ParameterNotFound",
]);

/** Dry-runs the launch that a run would request, with its tags. */
async function launchCheck(
  account: AwsAccount,
  request: DoctorRequest,
  subnet: Subnet | undefined,
): Promise<DoctorCheck> {
  const check = { name: "launching", needed: true } as const;
  const { sdk, ec2 } = account;
  const answer = await ec2.send(
    new sdk.DescribeInstanceTypesCommand({ Filters: [{ Name: "instance-type", Values: types }] }),
  );
  const offered = (answer.InstanceTypes ?? []).toSorted(
    (a, b) => types.indexOf(a.InstanceType ?? "") - types.indexOf(b.InstanceType ?? ""),
  );
  const [info] = offered;
  if (info?.InstanceType === undefined)
    return { ...check, state: "unknown", found: `none of ${types.slice(0, -1).join(", ")} is offered` };
  const arch = architectureOfType(info);
  const { id } = await ssmImages(account).resolve(parseImage("al2023"), arch);
  const input = runInstancesInput(
    {
      side: "doctor",
      type: info.InstanceType,
      image: { id, rootDevice: "/dev/xvda", sizeGiB: 8, otherDisks: [], imdsv1: false },
      zone: subnet?.AvailabilityZone ?? "",
      count: 1,
      volumeGiB: 12,
      token: `doctor-${Date.now()}`,
    },
    { run: "doctor", spec: subnet?.SubnetId === undefined ? {} : { subnet: subnet.SubnetId } },
    {
      owner: ownerName(),
      deadline: new Date(Date.now() + 3_600_000),
      userData: "#!/bin/sh\n",
      ...defined({ instanceProfile: request.instanceProfile }),
    },
  );
  const what = `a tagged ${info.InstanceType}${request.instanceProfile === undefined ? "" : ` with ${request.instanceProfile}`}`;
  return await dryRun(check, what, () => ec2.send(new sdk.RunInstancesCommand({ ...input, DryRun: true })));
}

/** Checks the price list. Runs without a budget do not need it: their price is then unknown. */
async function pricesCheck(account: AwsAccount): Promise<DoctorCheck> {
  const check = { name: "prices", needed: false } as const;
  try {
    const { client, GetProductsCommand } = await pricingClient(account);
    await client.send(new GetProductsCommand({ ServiceCode: "AmazonEC2", MaxResults: 1 }), {
      abortSignal: AbortSignal.timeout(patience_ms),
    });
    return { ...check, state: "ok", found: "the price list answers" };
  } catch (error) {
    const state = isAuthError(error) ? "missing" : "unknown";
    const todo =
      state === "missing" ? `${attachPolicyHint}, or give prices: --price TYPE=USD` : "give prices: --price TYPE=USD";
    return {
      ...check,
      state,
      found: printable(`pricing:GetProducts: no answer (${awsCode(error)}); not needed`),
      todo,
    };
  }
}

/**
 * Lists the actions that cannot be tried: those without a dry run, and those for which timetrial has no resource to try
 * on.
 */
function untriedCheck(actions: readonly string[]): DoctorCheck {
  return {
    name: "not tried",
    needed: false,
    state: "unknown",
    found: actions.toSorted().join(", "),
    todo: "a first run shows them: timetrial run --on c7g.large --machines 1 --rounds 1 -- true",
  };
}

/** Checks the quota. Runs do not need it: EC2 itself then refuses what goes over, but late. */
async function quotaCheck(account: AwsAccount): Promise<DoctorCheck> {
  const check = { name: "quota", needed: false } as const;
  try {
    const { value } = await ec2Quota(account, standardQuota);
    return { ...check, state: "ok", found: `${value} vCPUs of standard types, on demand` };
  } catch (error) {
    const state = isAuthError(error) ? "missing" : "unknown";
    const found = `cannot be read (${awsCode(error)}); not needed`;
    return { ...check, state, found: printable(found), ...(state === "missing" ? { todo: attachPolicyHint } : {}) };
  }
}

/** Runs `look`. An error becomes a check's result, so that the other checks still run. */
async function checkOrFail(name: string, look: () => Promise<DoctorCheck>): Promise<DoctorCheck> {
  try {
    return await look();
  } catch (error) {
    const { message, hint } = awsError(error, "looking");
    const denied = isAuthError(error) || isAuthError((error as Error).cause);
    const todo = denied ? attachPolicyHint : hint;
    return {
      name,
      needed: true,
      state: denied ? "missing" : "unknown",
      found: printable(message),
      ...defined({ todo }),
    };
  }
}
