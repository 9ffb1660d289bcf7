// The sandbox: an account and its endpoint, closed when nobody has used it for a while.

import { randomBytes } from "node:crypto";
import { SandboxAccount } from "./account.ts";
import type { FaultPlan } from "./faults/fault-plan.ts";
import { type BootSettings, defaultBootSettings } from "./network/boot-settings.ts";
import type { Isolation } from "./process/process-tree.ts";
import { listen, type CallInterceptor } from "./server.ts";
import type { SimulationSettings } from "./simulated/settings.ts";
import type { Credentials } from "./protocol/signature.ts";
import { openWireLog } from "./protocol/wire-log.ts";

export interface SandboxOptions {
  /** State folder. Keep its path short: instances live below it. */
  readonly dir: string;
  /** How long the cloud takes, against the real one. Work on instances is not scaled. */
  readonly timeScale?: number;
  /** Whether family s1 hides the CPU's SHA instructions from OpenSSL. */
  readonly mask?: boolean;
  readonly isolation?: Isolation | "auto";
  /** What goes wrong on purpose. */
  readonly faults?: FaultPlan;
  /** A file for what goes over the wire, in tests. */
  readonly record?: string;
  /** PATH of instances after their stand-ins. */
  readonly systemPath?: string;
  /** How machines boot that have an address. */
  readonly boot?: BootSettings;
  /** Machines are simulated: how long their steps take. */
  readonly simulation?: SimulationSettings | undefined;
  /** With both: `onIdle` is called when there was no instance and no request for so many (scaled) seconds. */
  readonly idleS?: number;
  readonly onIdle?: () => void;
  /** Sees every call, and may make it fail. */
  readonly witness?: CallInterceptor;
}

export interface Sandbox {
  readonly endpoint: string;
  readonly credentials: Credentials;
  readonly region: string;
  /** As if the SSM agent of an instance had been restarted. */
  restartAgent(instanceId: string): void;
  /** Ends all instances and the endpoint. */
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const account = new SandboxAccount({
    dir: options.dir,
    timeScale: options.timeScale ?? 1,
    mask: options.mask ?? true,
    isolation: options.isolation ?? "auto",
    faults: options.faults,
    systemPath: options.systemPath,
    boot: options.boot ?? defaultBootSettings,
    simulation: options.simulation,
  });
  const credentials = drawCredentials();
  let lastNeeded = Date.now();
  const endpoint = await listen({
    account,
    credentials,
    onExchange: options.record === undefined ? undefined : openWireLog(options.record),
    onRequest: () => {
      lastNeeded = Date.now();
    },
    witness: options.witness,
  });
  const { idleS, onIdle } = options;
  if (idleS !== undefined && onIdle !== undefined)
    watchIdleness({ account, idleMs: account.time.ms(idleS), lastNeeded: () => lastNeeded, onIdle });
  let closing: Promise<void> | undefined;
  return {
    endpoint: endpoint.url,
    credentials,
    region: "us-east-1",
    restartAgent: (instanceId) =>
      account
        .instances()
        .find((each) => each.id === instanceId)
        ?.restartAgent(0),
    close: () => (closing ??= endpoint.close().then(() => account.close())),
  };
}

function drawCredentials(): Credentials {
  return {
    // The form of an access key's id, and a word that says it is none.
    accessKeyId: `AKIASANDBOX${randomBytes(6).toString("hex").toUpperCase().slice(0, 9)}`,
    secretAccessKey: randomBytes(30).toString("base64"),
  };
}

// Looked at once per idle period, so an end comes between one and two periods after the last need.
function watchIdleness(watch: {
  account: SandboxAccount;
  idleMs: number;
  lastNeeded: () => number;
  onIdle: () => void;
}): void {
  const look = (): void => {
    const isBusy = watch.account.instances().some((each) => each.state !== "terminated");
    const left = isBusy ? watch.idleMs : watch.lastNeeded() + watch.idleMs - Date.now();
    if (left <= 0) watch.onIdle();
    else watch.account.time.afterReal(left / 1000, look);
  };
  watch.account.time.afterReal(watch.idleMs / 1000, look);
}
