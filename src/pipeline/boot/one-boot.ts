// One boot, from the launching call to the open port, and what can keep it from getting there.

import type { BootEvent, BootRecord, BootSpec } from "../../domain/boot/boot.ts";
import { printable } from "../../domain/printable.ts";
import { fileNameOfSide } from "../../domain/plan/side.ts";
import type { LaunchedBoot, BootOrder, BootRefusal, DescribeCounts } from "../../ports/cloud/boot-provisioner.ts";
import type { ProbeResult } from "../../ports/port-probe.ts";
import type { BootPorts } from "./boot-ports.ts";
import type { BootTask } from "./boot-queue.ts";

/** What was seen of a boot, by the clock. */
interface Seen {
  running_at_s?: number;
  address?: string;
  probed?: ProbeResult;
  online_at_s?: number;
  describes: DescribeCounts;
  /** Why the boot is not complete. */
  reason?: string;
  notes: string[];
}

/** Boots `task` once. Throws where the outcome of its launch is not known, and the signal's reason. */
export async function runOneBoot(
  task: BootTask,
  ports: BootPorts,
  order: BootOrder,
  observe: (event: BootEvent) => void,
): Promise<BootRecord> {
  const { booter, probe, clock } = ports;
  const { side, number } = task;
  order.signal.throwIfAborted();
  observe({ what: "boot-launching", side: side.name, number });
  const started_at = clock.now().toISOString();
  const cpuBefore_s = probe.cpu_s();
  const launched = await booter.launch(order, side, number);
  if ("refused" in launched) return refusedRecord(task, launched, { started_at, connection: booter.connection });
  const over = new AbortController();
  const told = (instant: "launch" | "called" | "running" | "closed" | "open" | "online", at_s: number): void =>
    observe({ what: "boot-instant", side: side.name, number, instance: launched.id, instant, at_s });
  told("launch", launched.start_s);
  told("called", launched.called_s);
  const signal = AbortSignal.any([order.signal, over.signal]);
  const pictures = order.plan.spec.screenshots
    ? booter.pictures(launched.id, `${fileNameOfSide(side.name)}-boot-${String(number).padStart(3, "0")}`, signal)
    : undefined;
  const seen: Seen = { describes: { sent: 0, failed: 0, throttled: 0 }, notes: [] };
  const delays = probe.delays();
  let [cpu_s, loop_delay_max_s] = [0, 0];
  try {
    await follow(launched, seen, { ports, order, signal, told });
    cpu_s = probe.cpu_s() - cpuBefore_s;
  } finally {
    loop_delay_max_s = delays();
    over.abort();
    const kept = await pictures;
    if (kept?.fault !== undefined) seen.notes.push(`console pictures: ${kept.count}, then ${kept.fault}`);
    await booter.end(order, launched.id);
  }
  return recordOf(task, launched, seen, { order, started_at, connection: booter.connection, cpu_s, loop_delay_max_s });
}

interface Following {
  readonly ports: BootPorts;
  readonly order: BootOrder;
  readonly signal: AbortSignal;
  readonly told: (instant: "running" | "closed" | "open" | "online", at_s: number) => void;
}

async function follow(launched: LaunchedBoot, seen: Seen, { ports, order, signal, told }: Following): Promise<void> {
  const { booter, probe } = ports;
  const { spec } = order.plan;
  const until_s = launched.start_s + spec.timeout_s;
  const running = await booter.running(order.plan, launched.id, until_s, signal);
  seen.describes = running.describes;
  if ("reason" in running) {
    seen.reason = running.reason;
    return;
  }
  seen.running_at_s = running.running_at_s;
  seen.address = running.address;
  told("running", running.running_at_s);
  const dying = new AbortController();
  const death = booter.dying(launched.id, AbortSignal.any([signal, dying.signal]));
  void death.then((reason) => dying.abort(new Dying(reason)));
  const target = {
    address: running.address,
    port: spec.port,
    every_s: spec.probe_every_s,
    life_s: spec.probe_life_s,
    until_s,
  };
  const watching = AbortSignal.any([signal, dying.signal]);
  // Asked beside the probe: an agent may be online before the port is open.
  const online = spec.ssm ? booter.online(launched.id, until_s, watching) : undefined;
  online?.catch(() => {}); // met again below, or of no more interest
  try {
    seen.probed = await probe.watch(target, watching, (at_s) => told("closed", at_s));
    const { open_at_s } = seen.probed;
    if (open_at_s === undefined) {
      const alive = await booter.isOnline(launched.id);
      seen.reason = explainClosedPort(seen.probed, { port: spec.port, timeout_s: spec.timeout_s, alive });
      return;
    }
    told("open", open_at_s);
    const online_at_s = await online;
    if (online_at_s === undefined) {
      if (spec.ssm) seen.notes.push(neverOnline(spec));
      return;
    }
    seen.online_at_s = online_at_s;
    told("online", online_at_s);
  } catch (error) {
    if (!(error instanceof Dying)) throw error;
    if (seen.probed?.open_at_s === undefined) seen.reason = error.message;
    else seen.notes.push(`${error.message}, after its port was open`);
  } finally {
    dying.abort();
  }
}

function neverOnline({ timeout_s, cloud, instance_profile: profile }: BootSpec): string {
  const why = cloud === "aws" && profile === undefined ? ": it was launched without --instance-profile" : "";
  return `its SSM agent was not online within ${timeout_s} s${why}`;
}

/** What ends a probe whose machine was seen dying. */
class Dying extends Error {}

/** Errors that say nothing of the machine that is probed. */
const ownTroubles = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);

/** The trouble of this machine's own that attempts met, if any did: its instants are late, or were never seen. */
function ownTrouble({ answers }: Pick<ProbeResult, "answers">): string | undefined {
  return Object.keys(answers).find((code) => ownTroubles.has(code));
}

function ranOut(code: string): string {
  return `this machine ran out of something (${code}) while it probed: fewer --parallel, or a higher ulimit -n`;
}

/** Why a port never opened, as far as its answers tell. */
export function explainClosedPort(
  { answers, closed_at_s }: Pick<ProbeResult, "answers" | "closed_at_s">,
  { port, timeout_s, alive }: { port: number; timeout_s: number; alive: boolean },
): string {
  const within = `within ${timeout_s} s`;
  const errors = Object.keys(answers).filter((answer) => !["open", "closed", "silent"].includes(answer));
  const own = ownTrouble({ answers });
  if (own !== undefined) return ranOut(own);
  const forbidden = errors.find((code) => code === "EACCES" || code === "EPERM");
  if (closed_at_s !== undefined) return `port ${port} refused (the kernel is up), and did not open ${within}`;
  if (forbidden !== undefined)
    return `this machine may not reach it (${forbidden}): its own firewall or routes forbid it`;
  if (errors.length > 0 && (answers["silent"] ?? 0) === 0)
    return `not reachable from here (${errors.join(", ")}) ${within}`;
  const also = errors.length > 0 ? ` but for ${errors.join(", ")}` : "";
  if (alive)
    return `filtered: its SSM agent is online, and port ${port} was silent${also} ${within}: a security group, a network ACL or a firewall drops what comes`;
  return `port ${port} was silent${also} ${within}: it did not boot, or a security group, a network ACL or a firewall drops what comes`;
}

/** Of a launch that was refused: nothing was there whose instants could be seen. */
function refusedRecord(
  { side, number, warmup }: BootTask,
  { refused, image, zone }: BootRefusal,
  { started_at, connection }: Pick<Circumstances, "started_at" | "connection">,
): BootRecord {
  const reason = printable(refused.message).slice(0, 400);
  const instants = { called_s: null, running_s: null, closed_s: null, open_s: null, online_s: null };
  return {
    schema: 1,
    side: side.name,
    type: side.type,
    image,
    image_name: side.image,
    zone,
    number,
    warmup,
    started_at,
    connection,
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

interface Circumstances {
  readonly order: BootOrder;
  readonly started_at: string;
  readonly connection: string;
  readonly cpu_s: number;
  readonly loop_delay_max_s: number;
}

function recordOf(
  { side, number, warmup }: BootTask,
  { id, image, zone, start_s, called_s }: LaunchedBoot,
  seen: Seen,
  { order, started_at, connection, cpu_s, loop_delay_max_s }: Circumstances,
): BootRecord {
  const { probed, describes } = seen;
  const since = (at_s: number | undefined): number | null => (at_s === undefined ? null : at_s - start_s);
  const open_s = since(probed?.open_at_s);
  // Never refused before it opened: the kernel and the daemon cannot be told apart.
  const closed_s = since(probed?.closed_at_s) ?? open_s;
  const online_s = since(seen.online_at_s);
  const instants = { called_s: called_s - start_s, running_s: since(seen.running_at_s), closed_s, open_s, online_s };
  const about = {
    schema: 1 as const,
    side: side.name,
    type: side.type,
    image,
    image_name: side.image,
    zone,
    instance: id,
    number,
    warmup,
    started_at,
    connection,
    ...(seen.address === undefined ? {} : { address: seen.address }),
    closed_seen: probed?.closed_at_s !== undefined,
    ...(probed?.rtt_s === undefined ? {} : { rtt_s: probed.rtt_s }),
    loop_delay_max_s,
    cpu_s,
    describes,
    probes: { ...probed?.answers },
    tainted: [
      ...(describes.throttled > 0 ? ["describes-throttled"] : []),
      ...(ownTrouble({ answers: probed?.answers ?? {} }) === undefined ? [] : ["prober-out-of-resources"]),
    ],
    notes: [...seen.notes, ...notesOf(probed)],
  };
  const { called_s: called, running_s, ...later } = instants;
  const online = order.plan.spec.ssm ? "the SSM agent did not come online in time" : "not asked for";
  if (seen.reason === undefined && running_s !== null && closed_s !== null && open_s !== null) {
    const missing: Record<string, string> = online_s === null ? { online_s: online } : {};
    return { ...about, status: "completed", called_s: called, running_s, closed_s, open_s, online_s, missing };
  }
  const reason = printable(seen.reason ?? "it ended before its port was open").slice(0, 400);
  const missing = Object.fromEntries(
    Object.entries({ running_s, ...later }).flatMap(([name, value]) =>
      value === null ? [[name, name === "online_s" && open_s !== null ? online : reason]] : [],
    ),
  );
  return { ...about, status: "failed", reason, ...instants, missing };
}

function notesOf(probed: ProbeResult | undefined): string[] {
  if (probed?.open_at_s === undefined) return [];
  const own = ownTrouble(probed);
  if (own !== undefined) return [ranOut(own)];
  if (probed.open_attempt === 1) return ["open at the first probe: it may have been before EC2 said running"];
  return probed.closed_at_s === undefined ? ["never refused before it opened: closed is taken as open"] : [];
}
