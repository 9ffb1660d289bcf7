// The EC2 provisioner: launches instances for the run, and terminates them afterwards.

import { defined } from "../../domain/defined.ts";
import { assumedBoot_s, assumedMetalBoot_s } from "../../domain/cost/duration-estimate.ts";
import { fileNameOfSide } from "../../domain/plan/side.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AcquiredMachine, ProvisionOrder, Provisioner, ProvisionRequest } from "../../ports/cloud/provisioner.ts";
import { type AwsAccount, cloudTime } from "../aws/account.ts";
import { accountLine } from "../aws/identity.ts";
import { waitUntilReady } from "./launch/wait-ready.ts";
import { lacksZoneCapacity, type LaunchContext, type Launched, launchInZone, noCapacity } from "./launch/launch.ts";
import { noteAccount, refuseOtherAccount } from "./release/run-account.ts";
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
      await noteAccount(opened, order.ledger);
      const zones = order.zone === undefined ? checked.zones : [order.zone];
      let reason = "";
      for (const [i, zone] of zones.entries()) {
        const mayMove = i < zones.length - 1;
        const launched: Launched[] = [];
        try {
          return await readyMachines(ground, zone, launched, mayMove);
        } catch (error) {
          // EC2 may also accept a launch and only then find no capacity.
          if (!lacksZoneCapacity(error)) throw error;
          reason = (error as Error).message;
          order.observe({ what: "zone-without-capacity", zone, reason });
          // In the last zone machines may be measuring: the run reads them before it gives them back.
          if (mayMove) await terminate(opened, clock, order, launched.map(({ instance }) => instance.id)); // prettier-ignore
        }
      }
      throw noCapacity(ground, reason);
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

/** Launches all sides in `zone`, and returns the machines once all are ready. Adds them to `launched`. */
async function readyMachines(
  ground: LaunchContext,
  zone: string,
  launched: Launched[],
  mayMove: boolean,
): Promise<AcquiredMachine[]> {
  const { account, clock, order: asked, found } = ground;
  // Ends the launches where a machine cannot be had, and the wait for machines where a launch fails.
  const failed = new AbortController();
  const order = { ...asked, signal: AbortSignal.any([asked.signal, failed.signal]) };
  const nameOf = machineNames(launched, account.region, asked.missing);
  const fail = (error: unknown): void => failed.abort(error);
  let isLaunching = true;
  const launching = launchInZone({ ...ground, order }, zone, launched).finally(() => {
    isLaunching = false;
  });
  const waiting = waitUntilReady({
    account,
    clock,
    order,
    launched,
    isLaunching: () => isLaunching,
    mayMove,
    hasBareMetal: found.hasBareMetal,
    onManaged: (one, after_s) => asked.observe({ what: "machine-ready", machine: nameOf(one).machine, after_s }),
    onStays: (one) => asked.onReady?.(nameOf(one)),
  });
  // Nothing goes on behind an error: what a launch under way makes must be known before it is given back.
  await Promise.all([launching.catch(fail), waiting.catch(fail)]);
  if (failed.signal.aborted) throw failed.signal.reason;
  return launched.map(nameOf);
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

/** Returns a function that names machines of `launched`: by their side, and by their place among its launches. */
function machineNames(
  launched: readonly Launched[],
  region: string,
  missing: ProvisionOrder["missing"],
): (machine: Launched) => AcquiredMachine {
  const counts = new Map([...(missing ?? [])].map(([side, { from }]) => [side, from - 1]));
  const named = new Map<Launched, AcquiredMachine>();
  const nameNext = (one: Launched): void => {
    const side = one.side.name;
    const number = (counts.get(side) ?? 0) + 1;
    counts.set(side, number);
    const address = { kind: "ssm", instance_id: one.instance.id, region } as const;
    const machine = { name: `${fileNameOfSide(side)}-${number}`, side, address };
    named.set(one, { machine, instance: one.instance, booting: true });
  };
  return (machine) => {
    for (const one of launched.slice(named.size)) nameNext(one);
    return named.get(machine) as AcquiredMachine;
  };
}
