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
import { instancesById, instancesOfRun, isDying, stateReason } from "../describe-instances.ts";
import { filterLots } from "../filter-values.ts";
import { patiently } from "../release/run-instances-seen.ts";
import { lacksZoneCapacity, type Launched } from "./launch.ts";

/** An SSM agent that has not registered by then backs off for half an hour, so waiting longer is useless. Seconds. */
const managedBy_s = 600;
/** The same for bare metal, whose firmware takes longer. Seconds. */
const metalManagedBy_s = assumedMetalBoot_s;
/** The lower limit when time is scaled: this computer still takes real time to boot a stand-in. Seconds. */
const leastManagedBy_s = 20;
/**
 * The pause between two polls: `early_s` until machines have had the time to boot, then this part of the time since the
 * last launch, within limits. Seconds.
 */
const poll = { early_s: 4, boot_s: 16, share: 0.05, least_s: 1.5, most_s: 5 };

interface WaitForReady {
  readonly account: AwsAccount;
  readonly clock: Clock;
  readonly order: Pick<ProvisionOrder, "plan" | "signal">;
  /** The machines launched so far. The caller adds to it while `isLaunching`. */
  readonly launched: readonly Launched[];
  readonly isLaunching: () => boolean;
  /** Whether another zone is tried where this one turns out to have no room. */
  readonly mayMove: boolean;
  /** Whether EC2 describes the type of one of them as bare metal. */
  readonly hasBareMetal: boolean;
  /** Is called with each machine as it becomes managed. */
  readonly onManaged: (machine: Launched, after_s: number) => void;
  /**
   * Is called with each managed machine once it stays: at once where no other zone is tried, else once EC2 runs all
   * machines. A machine that it runs had its room.
   */
  readonly onStays: (machine: Launched) => void;
}

/** Returns when nothing is launched any more and all of `launched` are managed. */
export async function waitUntilReady(wait: WaitForReady): Promise<void> {
  const { account, clock, order, launched, hasBareMetal, mayMove } = wait;
  const patience_s = hasBareMetal ? metalManagedBy_s : managedBy_s;
  const waiting = new Map<string, { readonly machine: Launched; readonly since_s: number }>();
  const managed: Launched[] = [];
  let newest_s = clock.monotonic_s();
  for (let seen = 0; ;) {
    const isWhole = !wait.isLaunching();
    const since_s = clock.monotonic_s();
    if (launched.length > seen) newest_s = since_s;
    for (const machine of launched.slice(seen)) waiting.set(machine.instance.id, { machine, since_s });
    seen = launched.length;
    // Whoever was told that a machine stays finds out by its own calls that it is lost.
    const watched = [...[...waiting.values()].map(({ machine }) => machine), ...managed];
    const found =
      watched.length === 0
        ? []
        : await patiently(account, clock, () => describe(account, order.plan.run, watched), order.signal);
    const instances = new Map(found.map((instance) => [instance.InstanceId ?? "", instance]));
    for (const machine of watched) await refuseTerminated(account, machine, instances.get(machine.instance.id));
    const running = [...waiting.keys()].filter((id) => instances.get(id)?.State?.Name === "running");
    const hasRoom = isWhole && running.length === waiting.size;
    for (const id of await patiently(account, clock, () => ssmOnlineIds(account, running), order.signal)) {
      const one = waiting.get(id);
      if (one === undefined) continue;
      waiting.delete(id);
      wait.onManaged(one.machine, clock.monotonic_s() - one.since_s);
      managed.push(one.machine);
    }
    if (!mayMove || hasRoom) for (const machine of managed.splice(0)) wait.onStays(machine);
    if (isWhole && waiting.size === 0) return;
    for (const [id, { since_s }] of waiting) {
      if (clock.monotonic_s() - since_s <= Math.max(leastManagedBy_s, patience_s * account.timeScale)) continue;
      throw new TimetrialError(
        "MACHINE_LOST",
        `${id} did not become managed by SSM within ${patience_s} s${await consoleTail(account, id)}`,
        {
          hint: "does its role allow SSM, and has its subnet a way out?",
        },
      );
    }
    const waited_s = (clock.monotonic_s() - newest_s) / account.timeScale;
    await clock.sleep(
      (isWhole ? pollPause_s(waited_s) : poll.least_s) * Math.max(0.1, account.timeScale),
      order.signal,
    );
  }
}

function pollPause_s(waited_s: number): number {
  if (waited_s < poll.boot_s) return poll.early_s;
  return Math.min(poll.most_s, Math.max(poll.least_s, poll.share * waited_s));
}

/** Few are asked for by their ids: of thousands that the run has, most are ready already. */
async function describe(account: AwsAccount, run: string, watched: readonly Launched[]): Promise<Instance[]> {
  const ids = watched.map(({ instance }) => instance.id);
  return filterLots(ids).length === 1 ? await instancesById(account, ids) : await instancesOfRun(account, run);
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
