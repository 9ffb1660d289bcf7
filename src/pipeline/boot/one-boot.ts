// One boot, from the launch call to the open port, and every way in which it can fail.

import { defined } from "../../domain/defined.ts";
import type { BootEvent, BootRecord, BootSpec } from "../../domain/boot/boot.ts";
import { printable } from "../../domain/printable.ts";
import { fileNameOfSide } from "../../domain/plan/side.ts";
import type {
  LaunchedBoot,
  BootOrder,
  BootRefusal,
  DescribeCounts,
  MicroVmBoot,
} from "../../ports/cloud/boot-provisioner.ts";
import type { ProbeResult } from "../../ports/port-probe.ts";
import type { BootPorts } from "./boot-ports.ts";
import type { BootTask } from "./boot-queue.ts";
import { explainClosedPort, localErrorOf, localErrorText } from "./closed-port.ts";
import { addMicroVm, microVmFields } from "./microvm-fields.ts";

/** What was observed of a boot, in the clock's times. */
interface Observations {
  running_at_s?: number;
  address?: string;
  probed?: ProbeResult;
  online_at_s?: number;
  describes: DescribeCounts;
  /** Why the boot is not complete. */
  reason?: string;
  /** The cloud accepted the launch, and then had no capacity in the zone. */
  zoneIsFull?: true;
  notes: string[];
  microvm?: MicroVmBoot;
}

/**
 * Boots `task` once, in the first zone that has capacity for it.
 *
 * @throws what leaves the outcome of its launch unknown; the signal's reason
 */
export async function runOneBoot(
  task: BootTask,
  ports: BootPorts,
  order: BootOrder,
  observe: (event: BootEvent) => void,
): Promise<BootRecord> {
  for (;;) {
    const record = await bootInZone(task, ports, order, observe);
    if (record !== undefined) return record;
  }
}

/** Returns the record of one launch; undefined where its zone had no capacity and there is another. */
async function bootInZone(
  task: BootTask,
  ports: BootPorts,
  order: BootOrder,
  observe: (event: BootEvent) => void,
): Promise<BootRecord | undefined> {
  const { provisioner, probe, clock } = ports;
  const { side, number } = task;
  order.signal.throwIfAborted();
  observe({ what: "boot-launching", side: side.name, number });
  const started_at = clock.now().toISOString();
  const cpuBefore_s = probe.cpu_s();
  const launched = await provisioner.launch(order, side, number);
  if ("refused" in launched) return refusedRecord(task, launched, { started_at, connection: provisioner.connection });
  const over = new AbortController();
  const reportInstant = (instant: "launch" | "called" | "running" | "closed" | "open" | "online", at_s: number): void =>
    observe({ what: "boot-instant", side: side.name, number, instance: launched.id, instant, at_s });
  reportInstant("launch", launched.start_s);
  reportInstant("called", launched.called_s);
  const signal = AbortSignal.any([order.signal, over.signal]);
  const pictures = order.plan.spec.screenshots
    ? provisioner.pictures(launched.id, `${fileNameOfSide(side.name)}-boot-${String(number).padStart(3, "0")}`, signal)
    : undefined;
  const seen: Observations = { describes: { sent: 0, failed: 0, throttled: 0 }, notes: [] };
  const delays = probe.delays();
  let [cpu_s, loop_delay_max_s] = [0, 0];
  try {
    const timeout_s = Math.min(order.plan.spec.timeout_s, side.vm?.timeout_s ?? Number.POSITIVE_INFINITY);
    await follow(launched, seen, { ports, order, signal, reportInstant, timeout_s });
    cpu_s = probe.cpu_s() - cpuBefore_s;
    addMicroVm(seen, await provisioner.microVm?.(launched.id));
  } finally {
    loop_delay_max_s = delays();
    over.abort();
    const kept = await pictures;
    if (kept?.fault !== undefined) seen.notes.push(`console pictures: ${kept.count}, then ${kept.fault}`);
    await provisioner.end(order, launched.id);
  }
  if (seen.zoneIsFull === true && provisioner.leaveZone?.(order, launched, seen.reason ?? "") === true)
    return undefined;
  return recordOf(task, launched, seen, {
    order,
    started_at,
    connection: launched.connection ?? provisioner.connection,
    cpu_s,
    loop_delay_max_s,
  });
}

interface FollowContext {
  readonly ports: BootPorts;
  readonly order: BootOrder;
  readonly signal: AbortSignal;
  readonly reportInstant: (instant: "running" | "closed" | "open" | "online", at_s: number) => void;
  /** The longest that this boot is watched. Seconds. */
  readonly timeout_s: number;
}

/** Waits until the machine runs, until its port opens and, if requested, until its SSM agent is online. */
async function follow(launched: LaunchedBoot, seen: Observations, following: FollowContext): Promise<void> {
  const { ports, order, signal, timeout_s } = following;
  const until_s = launched.start_s + timeout_s;
  const address = await awaitRunning(launched, seen, until_s, following);
  if (address === undefined) return;
  const dying = new AbortController();
  const death = ports.provisioner.dying(launched.id, AbortSignal.any([signal, dying.signal]));
  void death.then((reason) => dying.abort(new InstanceDying(reason)));
  const watching = { ...following, signal: AbortSignal.any([signal, dying.signal]) };
  // In parallel with the probe: an agent may be online before the port is open.
  const online = order.plan.spec.ssm ? ports.provisioner.online(launched.id, until_s, watching.signal) : undefined;
  online?.catch(() => {}); // awaited below, or no longer of interest
  try {
    if (await awaitOpen(launched, address, seen, until_s, watching)) await awaitOnline(online, seen, watching);
  } catch (error) {
    if (!(error instanceof InstanceDying)) throw error;
    if (seen.probed?.open_at_s === undefined) seen.reason = error.message;
    else seen.notes.push(`${error.message}, after its port was open`);
  } finally {
    dying.abort();
  }
}

/** Returns the machine's address once it is running; undefined, with the reason in `seen`, if it does not get there. */
async function awaitRunning(
  { id }: LaunchedBoot,
  seen: Observations,
  until_s: number,
  { ports, order, signal, reportInstant }: FollowContext,
): Promise<string | undefined> {
  const running = await ports.provisioner.running(order.plan, id, until_s, signal);
  seen.describes = running.describes;
  if ("reason" in running) {
    seen.reason = running.reason;
    if (running.zoneIsFull === true) seen.zoneIsFull = true;
    return undefined;
  }
  seen.running_at_s = running.running_at_s;
  seen.address = running.address;
  reportInstant("running", running.running_at_s);
  return running.address;
}

/** Returns whether the port opened in time; if not, the reason is in `seen`. */
async function awaitOpen(
  { id }: LaunchedBoot,
  address: string,
  seen: Observations,
  until_s: number,
  { ports, order, signal, reportInstant, timeout_s }: FollowContext,
): Promise<boolean> {
  const { port, probe_every_s: every_s, probe_life_s: life_s } = order.plan.spec;
  const target = { address, port, every_s, life_s, until_s };
  seen.probed = await ports.probe.watch(target, signal, (at_s) => reportInstant("closed", at_s));
  const { open_at_s } = seen.probed;
  if (open_at_s === undefined) {
    seen.reason = explainClosedPort(seen.probed, { port, timeout_s, alive: await ports.provisioner.isOnline(id) });
    return false;
  }
  reportInstant("open", open_at_s);
  return true;
}

async function awaitOnline(
  online: Promise<number | undefined> | undefined,
  seen: Observations,
  { order, reportInstant }: FollowContext,
): Promise<void> {
  const online_at_s = await online;
  if (online_at_s === undefined) {
    if (order.plan.spec.ssm) seen.notes.push(notOnlineText(order.plan.spec));
    return;
  }
  seen.online_at_s = online_at_s;
  reportInstant("online", online_at_s);
}

function notOnlineText({ timeout_s, cloud, instance_profile: profile }: BootSpec): string {
  const why = cloud === "aws" && profile === undefined ? ": it was launched without --instance-profile" : "";
  return `its SSM agent was not online within ${timeout_s} s${why}`;
}

/** Ends a probe whose machine is stopping or terminating. */
class InstanceDying extends Error {}

interface Circumstances {
  readonly started_at: string;
  readonly connection: string;
}

/** Returns the fields of every boot record, whatever the outcome. */
function commonFields(
  { side, number, warmup }: BootTask,
  { image, zone }: Pick<LaunchedBoot, "image" | "zone">,
  { started_at, connection }: Circumstances,
) {
  const named = { side: side.name, type: side.type, image, image_name: side.image, zone };
  return { schema: 1 as const, ...named, number, warmup, started_at, connection };
}

/** Returns the record of a refused launch: no machine, and so no times. */
function refusedRecord(task: BootTask, refusal: BootRefusal, circumstances: Circumstances): BootRecord {
  const reason = printable(refusal.refused.message).slice(0, 400);
  const instants = { called_s: null, running_s: null, closed_s: null, open_s: null, online_s: null };
  return {
    ...commonFields(task, refusal, circumstances),
    closed_seen: false,
    describes: { sent: 0, failed: 0, throttled: 0 },
    probes: {},
    tainted: [],
    notes: [],
    status: "failed",
    reason,
    ...instants,
    missing: Object.fromEntries(Object.keys(instants).map((name) => [name, reason])),
  };
}

interface BootCircumstances extends Circumstances {
  readonly order: BootOrder;
  readonly cpu_s: number;
  readonly loop_delay_max_s: number;
}

function recordOf(
  task: BootTask,
  launched: LaunchedBoot,
  seen: Observations,
  { order, cpu_s, loop_delay_max_s, ...circumstances }: BootCircumstances,
): BootRecord {
  const { probed, describes } = seen;
  const about = {
    ...commonFields(task, launched, circumstances),
    instance: launched.id,
    ...microVmFields(launched, seen.microvm),
    ...defined({ address: seen.address }),
    closed_seen: probed?.closed_at_s !== undefined,
    ...defined({ rtt_s: probed?.rtt_s }),
    loop_delay_max_s,
    cpu_s,
    describes,
    probes: { ...probed?.answers },
    tainted: [
      ...(describes.throttled > 0 ? ["describes-throttled"] : []),
      ...(localErrorOf({ answers: probed?.answers ?? {} }) === undefined ? [] : ["prober-out-of-resources"]),
    ],
    notes: [...seen.notes, ...notesOf(probed)],
  };
  return { ...about, ...outcomeOf(launched, seen, order.plan.spec.ssm) };
}

/** Returns the times since the launch call, and the reasons for the missing ones. */
function outcomeOf({ start_s, called_s: called_at_s }: LaunchedBoot, seen: Observations, wantsAgent: boolean) {
  const since = (at_s: number | undefined): number | null => (at_s === undefined ? null : at_s - start_s);
  const open_s = since(seen.probed?.open_at_s);
  // Never refused before it opened: the kernel's and the daemon's start cannot be told apart.
  const closed_s = since(seen.probed?.closed_at_s) ?? open_s;
  const [called_s, running_s, online_s] = [called_at_s - start_s, since(seen.running_at_s), since(seen.online_at_s)];
  const noAgent = wantsAgent ? "the SSM agent did not come online in time" : "not asked for";
  if (seen.reason === undefined && running_s !== null && closed_s !== null && open_s !== null) {
    const missing: Record<string, string> = online_s === null ? { online_s: noAgent } : {};
    return { status: "completed" as const, called_s, running_s, closed_s, open_s, online_s, missing };
  }
  const reason = printable(seen.reason ?? "it ended before its port was open").slice(0, 400);
  const later = { running_s, closed_s, open_s, online_s };
  const missing = Object.fromEntries(
    Object.entries(later).flatMap(([name, value]) =>
      value === null ? [[name, name === "online_s" && open_s !== null ? noAgent : reason]] : [],
    ),
  );
  return { status: "failed" as const, reason, called_s, ...later, missing };
}

function notesOf(probed: ProbeResult | undefined): string[] {
  if (probed?.open_at_s === undefined) return [];
  const own = localErrorOf(probed);
  if (own !== undefined) return [localErrorText(own)];
  if (probed.open_attempt === 1) return ["open at the first probe: it may have been before EC2 said running"];
  return probed.closed_at_s === undefined ? ["never refused before it opened: closed is taken as open"] : [];
}
