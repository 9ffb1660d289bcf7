// Launches EC2 instances to time their boot. The launch is one timed call. The rest is as in every run: an intent in
// the ledger, tags and a deadline on the instance, and a proof of its termination.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defined } from "../../../domain/defined.ts";
import { type BootPlan, type BootSide, runPlanOfBoot } from "../../../domain/boot/boot.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import { fileNameOfSide } from "../../../domain/plan/side.ts";
import type { BootProvisioner, LaunchedBoot, BootOrder, BootRefusal } from "../../../ports/cloud/boot-provisioner.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ProvisionOrder } from "../../../ports/cloud/provisioner.ts";
import { type AwsAccount, cloudTime } from "../../aws/account.ts";
import { awsCode, awsError, isAuthError, isRefusedLaunch, isThrottled } from "../../aws/errors.ts";
import { bootClients, type BootClients, connectionDescription } from "./clients.ts";
import { refuseClosedSecurityGroup } from "./security-groups.ts";
import { waitForSsmOnline, isSsmOnline } from "./ssm-online.ts";
import { bootRunInstancesInput } from "./launch-request.ts";
import { StateWatch } from "./state-watch.ts";
import { combineUserData } from "./user-data.ts";
import { proveReleased, releaseAll, terminate } from "../release/release.ts";
import { type LaunchSafeguards, fillUserData as withDeadline, volumeGiB } from "../launch/launch-request.ts";
import { ownerName } from "../tags.ts";
import { lacksZoneCapacity, recordLaunch } from "../launch/launch.ts";
import { accountLine } from "../../aws/identity.ts";
import { noteAccount } from "../release/run-account.ts";
import { type Preflight, preflight } from "../launch/preflight.ts";

/** What `ec2BootProvisioner` needs. */
export interface BootProvisionerOptions {
  readonly account: AwsAccount;
  readonly clock: Clock;
  /** The text of `remote/user-data.sh`. */
  readonly userData: string;
  /** The user's own user-data, sent with ours. */
  readonly ownUserData?: Uint8Array | undefined;
  /** The folder for screenshots of the console. */
  readonly screenshots?: string | undefined;
}

const picture_s = 1;

/**
 * Launches EC2 instances to time their boot: one RunInstances call each, never repeated.
 *
 * @example
 * import { ec2BootProvisioner, openAccount, systemClock } from "timetrial/adapters";
 * import { readFile } from "node:fs/promises";
 *
 * export const provisioner = ec2BootProvisioner({
 *   account: await openAccount({ region: "us-east-1" }),
 *   clock: systemClock,
 *   userData: await readFile("node_modules/timetrial/remote/user-data.sh", "utf8"),
 * });
 */
export function ec2BootProvisioner(options: BootProvisionerOptions): BootProvisioner {
  const { account, clock } = options;
  const clients = bootClients(account);
  let watch: StateWatch | undefined;
  let found: Preflight | undefined;
  /** Zones that refused a launch for lack of capacity. */
  const full = new Set<string>();
  const watching = (plan: BootPlan): StateWatch =>
    (watch ??= new StateWatch(account, clients.describing, clock, plan.spec.describe_every_s));
  return {
    connection: connectionDescription(account),
    check: async ({ plan }) => {
      const { spec } = plan;
      found = await preflight(account, runPlanOfBoot(plan), runPlanOfBoot(plan).spec.sides as never).catch(
        (error: unknown) => {
          throw fewerAtOnce(error);
        },
      );
      await refuseClosedSecurityGroup(account, spec);
      for (const side of spec.sides)
        userDataOf(options, side, { deadline: clock.now(), life_s: spec.max_hours * 3600 });
      if (options.screenshots !== undefined) await folderFor(options.screenshots);
      await resolveName(account, clients);
      if (spec.cloud === "aws") account.options.say?.(await accountLine(account));
    },
    unpriced: () => found?.unpriced ?? new Map(),
    launch: async (order, side, number) => {
      if (found === undefined) throw new RangeError("nothing was looked up before the launch");
      const looked = found;
      // Each machine's deadline counts from its own launch: a run may last longer than any of its machines.
      const life_s = order.life_s ?? order.plan.spec.max_hours * 3600;
      const deadline = new Date(cloudTime(account, clock).getTime() + life_s * 1000);
      return await inSomeZone(found.zones, full, order, (zone) =>
        launch(options, clients, order, { side, number, found: looked, zone, deadline, life_s }),
      );
    },
    leaveZone: ({ observe }, { zone }, reason) => {
      if (found === undefined || !found.zones.some((each) => each !== zone && !full.has(each))) return false;
      full.add(zone);
      observe({ what: "zone-without-capacity", zone, reason });
      return true;
    },
    running: (plan, id, until_s, signal) =>
      watching(plan).running(id, { address: plan.spec.address, family: plan.spec.family, until_s }, signal),
    dying: (id, signal) => watch?.dying(id, signal) ?? new Promise(() => {}),
    online: (id, until_s, signal) => waitForSsmOnline(account, clock, id, until_s, signal),
    isOnline: (id) => isSsmOnline(account, id).catch(() => false),
    pictures: (id, name, signal) => pictures(options, id, name, signal),
    end: (order, id) => terminate(account, clock, order, [id]),
    release: (order) => releaseAll(account, clock, orderOf(order)),
    absence: (order) => proveReleased(account, clock, orderOf(order)),
  };
}

/** Launches in the first of `zones` with capacity. Adds the zones before it to `full`. */
async function inSomeZone(
  zones: readonly string[],
  full: Set<string>,
  { observe }: BootOrder,
  launchIn: (zone: string) => Promise<LaunchedBoot | BootRefusal>,
): Promise<LaunchedBoot | BootRefusal> {
  const refused: BootRefusal[] = [];
  for (const zone of zones.filter((each) => !full.has(each))) {
    const launched = await launchIn(zone);
    if (!("refused" in launched)) {
      for (const refusal of refused) {
        full.add(refusal.zone);
        observe({ what: "zone-without-capacity", zone: refusal.zone, reason: refusal.refused.message });
      }
      return launched;
    }
    refused.push(launched);
    if (!lacksZoneCapacity(launched.refused)) break;
  }
  const [first] = refused;
  if (first === undefined) throw new RangeError("no zone to launch in");
  return first;
}

/** When a machine terminates itself at the latest: by the clock, and by its own uptime. */
interface Lifetime {
  readonly deadline: Date;
  readonly life_s: number;
}

interface LaunchInput extends Lifetime {
  readonly side: BootSide;
  readonly number: number;
  readonly found: Preflight;
  readonly zone: string;
}

async function launch(
  options: BootProvisionerOptions,
  { launching }: BootClients,
  order: BootOrder,
  { side, number, found, zone, deadline, life_s }: LaunchInput,
): Promise<LaunchedBoot | BootRefusal> {
  const { account, clock } = options;
  const { plan, ledger } = order;
  const image = found.images.get(side.name);
  if (image === undefined) throw new RangeError(`no image was resolved for ${side.name}`);
  const index = plan.spec.sides.indexOf(side);
  const token = `${plan.run}-${index}.${number}-${zone}-1`;
  const owner = ownerName();
  const profile = plan.spec.instance_profile;
  const keeping: LaunchSafeguards = {
    owner,
    deadline,
    userData: withDeadline(options.userData, deadline, life_s),
    ...defined({ instanceProfile: profile }),
  };
  const size = volumeGiB(found.images.values(), runPlanOfBoot(plan));
  const request = { side: side.name, type: side.type, image, zone, count: 1, token, volumeGiB: size };
  const input = bootRunInstancesInput(request, plan, keeping, userDataOf(options, side, { deadline, life_s }));
  const command = new account.sdk.RunInstancesCommand(input);
  await noteAccount(account, ledger);
  order.signal.throwIfAborted();
  let [start_s, called_s] = [0, 0];
  try {
    const instances = await recordLaunch(
      account,
      ledger,
      request,
      { requested: cloudTime(account, clock), deadline },
      async () => {
        start_s = clock.monotonic_s();
        // No abort signal: the outcome of the launch must be known.
        const answer = await launching.send(command);
        called_s = clock.monotonic_s();
        return answer.Instances ?? [];
      },
      isRefused,
    );
    const { InstanceId: id = "" } = instances[0] ?? {};
    return { id, image: image.id, zone, start_s, called_s };
  } catch (error) {
    const fault = awsError(error, `launching ${side.type} in ${zone}`);
    if (!isRefused(error) || isAuthError(error)) throw fault;
    await clock.sleep(afterRefusal_s * account.timeScale, order.signal);
    return { refused: fault, image: image.id, zone };
  }
}

/** Returns whether the launch was refused. No client repeats this call, so a throttled call launched nothing. */
function isRefused(error: unknown): boolean {
  return isRefusedLaunch(error) || isThrottled(error);
}

/** The pause between a refused launch and the next. A token bucket that refills soon has refilled by then. Seconds. */
const afterRefusal_s = 5;

/** Replaces the hint of a quota error: here the fix is a lower `--parallel`, not fewer `--machines`. */
function fewerAtOnce(error: unknown): unknown {
  if (!(error instanceof TimetrialError) || error.code !== "OVER_QUOTA" || error.hint === undefined) return error;
  const raise = /ask for more: .*$/s.exec(error.hint)?.[0] ?? error.hint;
  return new TimetrialError("OVER_QUOTA", error.message, {
    cause: error,
    hint: `boot fewer at once by --parallel; or ${raise}`,
  });
}

/** Returns the user-data to send instead of ours alone, if the user has user-data too. */
function userDataOf(
  options: BootProvisionerOptions,
  side: BootSide,
  { deadline, life_s }: Lifetime,
): string | undefined {
  if (options.ownUserData === undefined) return undefined;
  const ours = withDeadline(options.userData, deadline, life_s);
  return combineUserData(ours, options.ownUserData, side.image);
}

function orderOf(order: BootOrder): ProvisionOrder {
  const plan = runPlanOfBoot(order.plan);
  return { plan, sides: plan.spec.sides, ledger: order.ledger, observe: order.observe, signal: order.signal };
}

/** Makes a free call, so that the endpoint's name and the credentials are resolved before the first timed call. */
async function resolveName({ sdk }: AwsAccount, { launching, describing }: BootClients): Promise<void> {
  const question = { Filters: [{ Name: "instance-id", Values: ["i-00000000000000000"] }] };
  try {
    for (const client of [launching, describing]) await client.send(new sdk.DescribeInstancesCommand(question));
  } catch (error) {
    throw awsError(error, "asking EC2 for instances");
  }
}

async function folderFor(path: string): Promise<void> {
  try {
    // Not recursive: Node 20 never returns if a folder cannot be made inside an existing one, as in /proc.
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    await writeFile(join(path, ".writable"), "");
    await rm(join(path, ".writable"));
  } catch (cause) {
    throw new TimetrialError("USAGE", `--screenshots: cannot write to ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function pictures(
  { account, clock, screenshots }: BootProvisionerOptions,
  id: string,
  name: string,
  signal: AbortSignal,
) {
  let count = 0;
  let fault: string | undefined;
  const since_s = clock.monotonic_s();
  while (!signal.aborted && screenshots !== undefined) {
    try {
      const answer = await account.ec2.send(
        new account.sdk.GetConsoleScreenshotCommand({ InstanceId: id, WakeUp: false }),
        { abortSignal: signal },
      );
      const at = (clock.monotonic_s() - since_s).toFixed(3).padStart(8, "0");
      const picture = Buffer.from(answer.ImageData ?? "", "base64");
      if (picture.length > 0) await writeFile(join(screenshots, `${fileNameOfSide(name)}-${at}.jpg`), picture);
      if (picture.length > 0) count += 1;
    } catch (error) {
      // Not there yet, or not available for this type: reported once, and no reason to stop.
      if (!signal.aborted && awsCode(error) !== "InvalidInstanceID.NotFound") fault ??= awsCode(error);
    }
    await clock.sleep(picture_s * Math.max(0.05, account.timeScale), signal).catch(() => {});
  }
  return { count, ...defined({ fault }) };
}
