// The sandbox as a process of its own: `node sandbox.js --state DIR [--time-scale X] [--no-mask] [--faults SPEC] [--idle-s N]
// [--boot SETTINGS] [--simulate SETTINGS]`.
//
// It outlives the client that starts it, tells others where it listens by DIR/sandbox.json, and ends itself when it
// has had no instance and no request for a while, or on SIGTERM: never without its instances.

import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { TimetrialError } from "../domain/errors.ts";
import { parseFaults } from "./faults/fault-plan.ts";
import { systemPathAfter } from "./instance/instance-folder.ts";
import { type BootSettings, parseBootSettings } from "./network/boot-settings.ts";
import { startSandbox } from "./sandbox.ts";
import { parseSimulation } from "./simulated/settings.ts";
import {
  clearLeftovers,
  prepareFolder,
  readSandboxFile,
  removeSandboxFile,
  acquireLock,
  writeSandboxFile,
} from "./state-folder.ts";

const usage =
  "usage: sandbox --state DIR [--time-scale X] [--no-mask] [--isolation auto|namespace|marker] [--faults SPEC] [--idle-s N]";

interface Arguments {
  readonly dir: string;
  readonly timeScale: number;
  readonly mask: boolean;
  readonly isolation: "auto" | "namespace" | "marker";
  readonly idleS: number;
  readonly faults: string;
  /** For tests: where what goes over the wire is kept. */
  readonly record?: string;
  /** PATH of the instances after their stand-ins: the system's, or of tests. */
  readonly systemPath: string;
  readonly boot: BootSettings;
  /** Empty where machines are process trees. */
  readonly simulate: string;
}

async function main(argv: readonly string[]): Promise<void> {
  const { dir, faults, simulate, ...options } = argumentsOf(argv);
  const plan = parseFaults(faults);
  const simulation = parseSimulation(simulate);
  prepareFolder(dir);
  const unlock = acquireLock(dir);
  if (unlock === undefined) {
    const running = readSandboxFile(dir);
    process.stdout.write(`a sandbox is running on ${dir}${running === undefined ? "" : `: ${running.endpoint}`}\n`);
    return;
  }
  await clearLeftovers(dir);
  const end = (): void => void ended();
  const sandbox = await startSandbox({ dir, ...options, faults: plan, simulation, onIdle: end });
  let ending: Promise<void> | undefined;
  const ended = (): Promise<void> =>
    (ending ??= (async () => {
      removeSandboxFile(dir);
      // 3: something may be left running.
      const status = await sandbox.close().then(
        () => 0,
        (error: unknown) => {
          process.stderr.write(`sandbox: ${String(error)}\n`);
          return 3;
        },
      );
      unlock();
      process.exit(status);
    })());
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
  // The terminal of whoever started it may go.
  process.on("SIGHUP", () => {});
  writeSandboxFile(dir, {
    schema: 1,
    pid: process.pid,
    endpoint: sandbox.endpoint,
    region: sandbox.region,
    access_key_id: sandbox.credentials.accessKeyId,
    secret_access_key: sandbox.credentials.secretAccessKey,
    time_scale: options.timeScale,
    faults,
    simulate,
  });
  process.stdout.write(`sandbox listens on ${sandbox.endpoint}, pid ${process.pid}\n`);
}

function argumentsOf(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      state: { type: "string" },
      "time-scale": { type: "string", default: "1" },
      "no-mask": { type: "boolean", default: false },
      isolation: { type: "string", default: "auto" },
      "idle-s": { type: "string", default: "60" },
      faults: { type: "string", default: "" },
      record: { type: "string" },
      boot: { type: "string", default: "" },
      simulate: { type: "string", default: "" },
    },
  });
  if (values.state === undefined) throw new Error("--state is missing");
  const { isolation } = values;
  if (isolation !== "auto" && isolation !== "namespace" && isolation !== "marker")
    throw new Error(`--isolation: expected auto, namespace or marker, got ${isolation}`);
  return {
    dir: resolve(values.state),
    timeScale: positive("--time-scale", values["time-scale"]),
    mask: !values["no-mask"],
    isolation,
    boot: parseBootSettings(values.boot),
    idleS: positive("--idle-s", values["idle-s"]),
    faults: values.faults,
    simulate: values.simulate,
    ...recordOf(values.record ?? process.env["TIMETRIAL_SANDBOX_RECORD"]),
    systemPath: systemPathAfter(process.env["TIMETRIAL_SANDBOX_PATH"]),
  };
}

function recordOf(path: string | undefined): { record?: string } {
  return path === undefined || path === "" ? {} : { record: resolve(path) };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new Error(`${name}: expected a number above 0, got ${text}`);
  return value;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const hint = error instanceof TimetrialError ? error.hint : usage;
  process.stderr.write(
    `sandbox: ${error instanceof Error ? error.message : String(error)}\n${hint ? `${hint}\n` : ""}`,
  );
  process.exitCode = 2;
});
