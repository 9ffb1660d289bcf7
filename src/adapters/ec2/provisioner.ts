// The EC2 provisioner: launches instances for the run, and terminates them afterwards.

import { defined } from "../../domain/defined.ts";
import { assumedBoot_s, assumedMetalBoot_s } from "../../domain/cost/duration-estimate.ts";
import { fileNameOfSide } from "../../domain/plan/side.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AcquiredMachine, ProvisionOrder, Provisioner, ProvisionRequest } from "../../ports/cloud/provisioner.ts";
import { type AwsAccount, cloudTime } from "../aws/account.ts";
import { accountLine } from "../aws/identity.ts";
import { waitUntilReady } from "./launch/wait-ready.ts";
import { lacksZoneCapacity, type Launched, launchAll } from "./launch/launch.ts";
import { refuseOtherAccount } from "./release/run-account.ts";
import { keepAlive, proveReleased, releaseAll, recoverInstances, terminate } from "./release/release.ts";
import { type LaunchSafeguards, fillUserData } from "./launch/launch-request.ts";
import { ownerName } from "./tags.ts";
import { type Preflight, preflight } from "./launch/preflight.ts";
import { type Ec2Side } from "./launch/ec2-side.ts";

/** What `ec2Provisioner` needs. It makes no AWS call before a run checks or launches. */
export interface Ec2Options {
  /** Opens the account when it is first needed: `--help` pays nothing for it. */
  readonly account: () => Promise<AwsAccount>;
  readonly clock: Clock;
  /** The text of `remote/user-data.sh`. */
  readonly userData: () => Promise<string>;
}

/**
 * Launches EC2 instances for sides that are types, and terminates them. It writes the ledger before the launch call,
 * and the call carries tags and a client token.
 *
 * @example
 * import { ec2Provisioner, openAccount, systemClock } from "timetrial/adapters";
 * import { readFile } from "node:fs/promises";
 *
 * export const provisioner = ec2Provisioner({
 *   account: () => openAccount({ region: "us-east-1" }),
 *   clock: systemClock,
 *   userData: () => readFile("node_modules/timetrial/remote/user-data.sh", "utf8"),
 * });
 */
export function ec2Provisioner({ account, clock, userData: template }: Ec2Options): Provisioner {
  let found: Preflight | undefined;
  const lookedUp = async ({ plan, sides }: ProvisionRequest): Promise<Preflight> => {
    found ??= await preflight(await account(), plan, sides as Ec2Side[]);
    return found;
  };
  return {
    kinds: ["ec2"],
    refuseElsewhere: async (entries) => refuseOtherAccount(await account(), entries),
    check: async (request) => {
      await lookedUp(request);
    },
    zones: async (request) => (await lookedUp(request)).zones,
    notes: async (request) => (await lookedUp(request)).notes,
    unpriced: async (request) => (await lookedUp(request)).unpriced,
    boot_s: async (request) => ((await lookedUp(request)).hasBareMetal ? assumedMetalBoot_s : assumedBoot_s),
    acquire: async (order) => {
      const opened = await account();
      const checked = await lookedUp(order);
      // The sandbox's account is its own, and spends nothing.
      if (order.plan.spec.cloud === "aws") order.observe({ what: "note", text: await accountLine(opened) });
      for (const text of checked.notes) order.observe({ what: "note", text });
      const keeping = keepingOf(order, cloudTime(opened, clock), await template());
      const ground = { account: opened, clock, order, found: checked, keeping };
      let zones = order.zone === undefined ? checked.zones : [order.zone];
      for (;;) {
        const launched = await launchAll({ ...ground, zones });
        try {
          return await readyMachines(opened, clock, order, launched, checked.hasBareMetal);
        } catch (error) {
          // EC2 may accept a launch and only then find no capacity.
          const zone = launched[0]?.instance.zone ?? "";
          zones = zones.slice(zones.indexOf(zone) + 1);
          if (!lacksZoneCapacity(error) || zones.length === 0) throw error;
          order.observe({ what: "zone-without-capacity", zone, reason: (error as Error).message });
          await terminate(opened, clock, order, launched.map(({ instance }) => instance.id)); // prettier-ignore
        }
      }
    },
    recover: async (order, known) => {
      const idOf = ({ machine: { address } }: AcquiredMachine): string =>
        address.kind === "ssm" ? address.instance_id : "";
      const alive = await recoverInstances(await account(), clock, order, new Set(known.map(idOf)));
      return known.filter((machine) => alive.has(idOf(machine)));
    },
    release: async (order) => releaseAll(await account(), clock, order),
    absence: async (order) => proveReleased(await account(), clock, order),
    keep: async (order) => keepAlive(await account(), order),
  };
}

/** Returns the machines by name, once all of them are ready. */
async function readyMachines(
  account: AwsAccount,
  clock: Clock,
  order: ProvisionOrder,
  launched: readonly Launched[],
  hasBareMetal: boolean,
): Promise<AcquiredMachine[]> {
  const named = withNames(launched, account.region, order.missing);
  const onReady = (launchedMachine: Launched, after_s: number): void => {
    const acquired = named.get(launchedMachine);
    if (acquired !== undefined) order.observe({ what: "machine-ready", machine: acquired.machine, after_s });
  };
  await waitUntilReady({ account, clock, order, launched, hasBareMetal, onReady });
  return [...named.values()];
}

function keepingOf(
  { plan, life_s = plan.spec.max_hours * 3600 }: ProvisionOrder,
  now: Date,
  template: string,
): LaunchSafeguards {
  const deadline = new Date(now.getTime() + life_s * 1000);
  const owner = ownerName();
  const profile = plan.spec.instance_profile;
  return {
    owner,
    deadline,
    userData: fillUserData(template, deadline, life_s),
    ...defined({ instanceProfile: profile }),
  };
}

function withNames(
  launched: readonly Launched[],
  region: string,
  missing: ProvisionOrder["missing"],
): Map<Launched, AcquiredMachine> {
  const counts = new Map([...(missing ?? [])].map(([side, { from }]) => [side, from - 1]));
  return new Map(
    launched.map((launchedMachine) => {
      const number = (counts.get(launchedMachine.side.name) ?? 0) + 1;
      counts.set(launchedMachine.side.name, number);
      const name = `${fileNameOfSide(launchedMachine.side.name)}-${number}`;
      return [
        launchedMachine,
        {
          machine: {
            name,
            side: launchedMachine.side.name,
            address: { kind: "ssm", instance_id: launchedMachine.instance.id, region },
          },
          instance: launchedMachine.instance,
          booting: true,
        },
      ];
    }),
  );
}
