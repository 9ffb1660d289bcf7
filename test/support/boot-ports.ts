// A boot run without a cloud, for what only time and faults show: machines that boot by a clock of their own, launches
// that are refused, and a probe whose answers are given.

import type { BootEvent, BootRecord, BootSpec } from "../../src/domain/boot/boot.ts";
import type { LedgerEntry } from "../../src/domain/cloud/ledger.ts";
import { type BootOutcome, runBoots } from "../../src/pipeline/boot/run-boots.ts";
import type { PriceInputs } from "../../src/pipeline/cost/cost-estimate.ts";
import type { BootProvisioner } from "../../src/ports/cloud/boot-provisioner.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { PortProbe } from "../../src/ports/port-probe.ts";

/** A clock that goes on to whoever is to be woken next, when nothing else is left to be done. */
function fakeClock(): Clock {
  let at_s = 0;
  const start_ms = Date.parse("2026-11-24T12:00:00.000Z");
  const sleepers = new Set<{ at_s: number; wake: () => void }>();
  const goOn = (): void => {
    const [next] = [...sleepers].sort((a, b) => a.at_s - b.at_s);
    if (next === undefined) return;
    sleepers.delete(next);
    at_s = Math.max(at_s, next.at_s);
    next.wake();
  };
  return {
    now: () => new Date(start_ms + at_s * 1000),
    monotonic_s: () => at_s,
    sleep: (seconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const onAbort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = (): void => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        };
        const sleeper = { at_s: at_s + seconds, wake };
        sleepers.add(sleeper);
        setImmediate(goOn);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
  };
}

export interface Scene {
  readonly provisioner?: Partial<BootProvisioner>;
  readonly probe?: Partial<PortProbe>;
  /** How long machines take until they are running. Seconds. */
  readonly running_s?: number;
  readonly priceInputs?: PriceInputs;
}

export interface Played {
  readonly outcome: BootOutcome;
  readonly records: BootRecord[];
  readonly events: BootEvent[];
  readonly ledger: LedgerEntry[];
  readonly clock: Clock;
}

/** Plays a run of `spec`: each boot is running after 5 s, closed after 10 s, open after 15 s, but for what `scene` has otherwise. */
export async function played(spec: Partial<BootSpec> = {}, scene: Scene = {}): Promise<Played> {
  const clock = fakeClock();
  const records: BootRecord[] = [];
  const events: BootEvent[] = [];
  const ledger: LedgerEntry[] = [];
  const write = async (entry: LedgerEntry) => void ledger.push({ at: clock.now().toISOString(), ...entry });
  const usual: BootProvisioner = {
    connection: "one",
    check: async () => {},
    launch: async ({ ledger: to }, side, number) => {
      const token = `${side.name}.${number}`;
      await to.write({ kind: "intent", token, side: side.name, type: side.type, zone: "us-east-1a", count: 1 });
      await to.write({ kind: "launched", token, ids: [`i-${token}`] });
      const at_s = clock.monotonic_s();
      return { id: `i-${token}`, image: "ami-0a", zone: "us-east-1a", start_s: at_s, called_s: at_s };
    },
    running: async (_plan, _id, _until_s, signal) => {
      await clock.sleep(scene.running_s ?? 5, signal);
      const describes = { sent: 100, failed: 0, throttled: 0 };
      return { describes, running_at_s: clock.monotonic_s(), address: "192.0.2.9" };
    },
    dying: () => new Promise(() => {}),
    online: async () => undefined,
    isOnline: async () => false,
    pictures: async () => ({ count: 0 }),
    end: async ({ ledger: to }, id) => await to.write({ kind: "terminated", ids: [id] }),
    release: async () => {},
    absence: async () => ({ state: "none" }),
  };
  const probe: PortProbe = {
    warm: async () => {},
    watch: async (_target, signal) => {
      await clock.sleep(5, signal);
      const closed_at_s = clock.monotonic_s();
      await clock.sleep(5, signal);
      return { closed_at_s, open_at_s: clock.monotonic_s(), open_attempt: 3, answers: { closed: 2, open: 1 } };
    },
    cpu_s: () => 0,
    delays: () => () => 0.002,
    ...scene.probe,
  };
  const store = {
    folder: "",
    ledger: { write, entries: async () => ledger },
    append: async (record: BootRecord) => void records.push(record),
    prices: async () => {},
    close: async () => {},
  };
  const results = { create: async () => store, load: async () => undefined };
  const outcome = await runBoots(
    { ...aSpec, ...spec },
    { run: "played", tool_version: "0", created_at: "" },
    {
      provisioner: { ...usual, ...scene.provisioner },
      probe,
      results,
      clock,
      ...(scene.priceInputs && { priceInputs: scene.priceInputs }),
    },
    (event) => events.push(event),
    new AbortController().signal,
  );
  return { outcome, records, events, ledger, clock };
}

export const aSpec: BootSpec = {
  sides: [{ name: "c7g.large", type: "c7g.large", image: "al2023" }],
  baseline: "c7g.large",
  boots: 2,
  port: 22,
  address: "public",
  family: 4,
  parallel: 1,
  seed: "s",
  ssm: false,
  screenshots: false,
  timeout_s: 600,
  describe_every_s: 0.05,
  probe_every_s: 0.01,
  probe_life_s: 1,
  cloud: "aws",
  max_hours: 2,
  allow_burstable: false,
};
