// Waits for launched instances until EC2 shows them running and SSM manages them. One poll covers all instances.

import type { Instance } from "@aws-sdk/client-ec2";
import { defined } from "../../../domain/defined.ts";
import { assumedMetalBoot_s } from "../../../domain/cost/duration-estimate.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ProvisionOrder } from "../../../ports/cloud/provisioner.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { onlineIds } from "../../ssm/ping-status.ts";
import { awsError } from "../../aws/errors.ts";
import { consoleTail } from "../console.ts";
import { instancesOfRun, isDying, stateReason } from "../describe-instances.ts";
import { patiently } from "../release/run-instances-seen.ts";
import { lacksZoneCapacity, type Launched } from "./launch.ts";

/** An SSM agent that has not registered by then backs off for half an hour, so waiting longer is useless. Seconds. */
const managedBy_s = 600;
/** The same for bare metal, whose firmware takes longer. Seconds. */
const metalManagedBy_s = assumedMetalBoot_s;
/** The lower limit when time is scaled: this computer still takes real time to boot a stand-in. Seconds. */
const leastManagedBy_s = 20;
const poll_s = 2;

interface WaitForReady {
  readonly account: AwsAccount;
  readonly clock: Clock;
  readonly order: ProvisionOrder;
  readonly launched: readonly Launched[];
  /** Whether EC2 describes the type of one of them as bare metal. */
  readonly hasBareMetal: boolean;
  /** Is called with each machine as it becomes managed. */
  readonly onReady: (machine: Launched, after_s: number) => void;
}

/** Returns when all of `launched` are managed. */
export async function waitUntilReady(wait: WaitForReady): Promise<void> {
  const { account, clock, order, launched, hasBareMetal, onReady } = wait;
  const since_s = clock.monotonic_s();
  const patience_s = hasBareMetal ? metalManagedBy_s : managedBy_s;
  const waiting = new Map(launched.map((machine) => [machine.instance.id, machine]));
  for (;;) {
    const found = await patiently(account, clock, () => instancesOfRun(account, order.plan.run), order.signal);
    const instances = new Map(found.map((instance) => [instance.InstanceId ?? "", instance]));
    for (const machine of launched) await refuseTerminated(account, machine, instances.get(machine.instance.id));
    const running = [...waiting.keys()].filter((id) => instances.get(id)?.State?.Name === "running");
    for (const id of await patiently(account, clock, () => ssmOnlineIds(account, running), order.signal)) {
      const machine = waiting.get(id);
      if (machine !== undefined) onReady(machine, clock.monotonic_s() - since_s);
      waiting.delete(id);
    }
    if (waiting.size === 0) return;
    if (clock.monotonic_s() - since_s > Math.max(leastManagedBy_s, patience_s * account.timeScale)) {
      const [id = ""] = waiting.keys();
      throw new TimetrialError(
        "MACHINE_LOST",
        `${id} did not become managed by SSM within ${patience_s} s${await consoleTail(account, id)}`,
        {
          hint: "does its role allow SSM, and has its subnet a way out?",
        },
      );
    }
    await clock.sleep(poll_s * Math.max(0.1, account.timeScale), order.signal);
  }
}

async function refuseTerminated(account: AwsAccount, machine: Launched, instance: Instance | undefined): Promise<void> {
  if (instance === undefined || !isDying(instance)) return;
  const code = instance.StateReason?.Code ?? "";
  // The code tells that EC2 accepted the launch and then found no capacity: another zone may have it.
  const cause = Object.assign(new Error(stateReason(instance)), { name: code });
  const hint = code === "Client.InternalError" ? keyHint : undefined;
  throw new TimetrialError(
    lacksZoneCapacity(cause) ? "NO_CAPACITY" : "MACHINE_LOST",
    `${machine.instance.id} (${machine.side.type}) is ${instance.State?.Name}: ${stateReason(instance) || "no reason given"}${await consoleTail(account, machine.instance.id)}`,
    { cause, ...defined({ hint }) },
  );
}

/** What Client.InternalError means for a launch. Source: AWS's EC2 user guide, instance terminates immediately. */
export const keyHint =
  "may EC2 use the KMS key of its disk? It is the account's default key for encryption, or --kms-key";

/**
 * Returns those of `ids` whose SSM agent is online.
 *
 * @throws TimetrialError NO_CREDENTIALS, CLOUD
 */
export async function ssmOnlineIds(account: AwsAccount, ids: readonly string[]): Promise<string[]> {
  try {
    return await onlineIds(account, ids);
  } catch (error) {
    throw awsError(error, "asking SSM for the machines that it manages");
  }
}
