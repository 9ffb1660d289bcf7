// Finds this user's sandbox, or starts one. The sandbox is a process of its own: it outlives the command that started
// it, and terminates itself when it has had no machine and no client for a minute.

import { type ChildProcess, spawn } from "node:child_process";
import { lstat, mkdir, open, readFile } from "node:fs/promises";
import { get } from "node:http";
import { connect } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import * as v from "valibot";
import { packageRoot } from "../adapters/folders/package-root.ts";
import { TimetrialError } from "../domain/errors.ts";

const schema = v.object({
  schema: v.literal(1),
  pid: v.pipe(v.number(), v.integer()),
  endpoint: v.pipe(v.string(), v.regex(/^http:\/\/127\.0\.0\.1:\d+$/)),
  region: v.string(),
  access_key_id: v.string(),
  secret_access_key: v.string(),
  time_scale: v.number(),
  faults: v.optional(v.string(), ""),
  simulate: v.optional(v.string(), ""),
});

export type SandboxConnection = v.InferOutput<typeof schema>;

export const startTimeout_s = 15;

/**
 * A sandbox stays for a minute when nobody needs it. Where its time is scaled, it stays at least this long. Wall-clock
 * seconds.
 */
const leastStay_s = 20;

/** Where the sandbox keeps its state: `TIMETRIAL_SANDBOX_STATE`, else below the user's state folder. */
export function sandboxFolder(): string {
  const named = process.env["TIMETRIAL_SANDBOX_STATE"];
  if (named !== undefined && named !== "") return named;
  const state = process.env["XDG_STATE_HOME"];
  return join(state !== undefined && state !== "" ? state : join(homedir(), ".local", "state"), "timetrial", "sandbox");
}

/** Returns the faults that TIMETRIAL_SANDBOX_FAULTS asks for in new sandboxes. Undefined where it asks for none. */
export function sandboxFaults(): string | undefined {
  return process.env["TIMETRIAL_SANDBOX_FAULTS"] || undefined;
}

/** Returns how TIMETRIAL_SANDBOX_SIMULATE wants the machines of new sandboxes to be simulated. Undefined: not at all. */
function sandboxSimulation(): string | undefined {
  return process.env["TIMETRIAL_SANDBOX_SIMULATE"] || undefined;
}

/** Returns the error for a sandbox that runs already where another one is wanted. */
export function sandboxRunsAlready(what: string, { pid }: SandboxConnection): TimetrialError {
  return new TimetrialError("USAGE", `${what}, process ${pid}`, {
    hint: `end it with: kill ${pid}; or give TIMETRIAL_SANDBOX_STATE another folder`,
  });
}

/** Returns this user's sandbox: the one that runs, or a new one. @throws TimetrialError USAGE, CLOUD */
export async function openSandbox(folder: string = sandboxFolder()): Promise<SandboxConnection> {
  const faults = sandboxFaults();
  const running = await findRunningSandbox(folder);
  if (running !== undefined && faults !== undefined && faults !== running.faults)
    throw sandboxRunsAlready("TIMETRIAL_SANDBOX_FAULTS: the sandbox that runs was started with other faults", running);
  const simulate = sandboxSimulation();
  if (running !== undefined && simulate !== undefined && simulate !== running.simulate)
    throw sandboxRunsAlready("TIMETRIAL_SANDBOX_SIMULATE: the sandbox that runs was started without it", running);
  if (running !== undefined) return running;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const log = await open(join(folder, "sandbox.log"), "a", 0o600);
  try {
    const child = spawnSandbox({ folder, faults, leastStay_s }, log.fd);
    child.unref();
    const connection = await waitUntilListening(folder, child, () => true);
    if (connection !== undefined) return connection;
    if (child.exitCode === 2) {
      const lines = (await readFile(join(folder, "sandbox.log"), "utf8")).trimEnd().split("\n");
      const at = lines.findLastIndex((line) => line.startsWith("sandbox: "));
      throw new TimetrialError("USAGE", `the sandbox did not start: ${lines.slice(at).join("; ")}`);
    }
  } finally {
    await log.close();
  }
  throw new TimetrialError("CLOUD", `the sandbox did not start within ${startTimeout_s} s`, {
    hint: `see ${join(folder, "sandbox.log")}`,
  });
}

export interface SandboxStart {
  readonly folder: string;
  /** In the notation of `timetrial sandbox --faults`. */
  readonly faults: string | undefined;
  /** How long the sandbox stays when nobody needs it, where its own time is scaled. Wall-clock seconds. */
  readonly leastStay_s: number;
}

/** Starts a sandbox in a process group of its own. Its messages go to the file descriptor `messages`, or to standard error. */
export function spawnSandbox(
  { folder, faults, leastStay_s: stay_s }: SandboxStart,
  messages: number | "inherit",
): ChildProcess {
  const { TIMETRIAL_SANDBOX_TIME_SCALE: scale, TIMETRIAL_SANDBOX_BOOT: boot } = process.env;
  const words = [join(packageRoot().folder, "dist", "sandbox.js"), "--state", folder];
  if (scale !== undefined && scale !== "") words.push("--time-scale", scale);
  // The sandbox's own minute is scaled. The time that a client takes to load, or until its next poll, is not.
  const idle_s = stay_s / (Number(scale) || 1);
  if (idle_s > 60) words.push("--idle-s", String(idle_s));
  if (boot !== undefined && boot !== "") words.push("--boot", boot);
  const simulate = sandboxSimulation();
  if (simulate !== undefined) words.push("--simulate", simulate);
  if (faults !== undefined) words.push("--faults", faults);
  return spawn(process.execPath, words, {
    detached: true,
    stdio: ["ignore", messages === "inherit" ? "ignore" : messages, messages],
  });
}

/**
 * Polls until a sandbox that `accepts` takes listens in `folder`, and returns it. Undefined where `child` exits first,
 * or after `startTimeout_s`.
 */
export async function waitUntilListening(
  folder: string,
  child: ChildProcess,
  accepts: (connection: SandboxConnection) => boolean,
): Promise<SandboxConnection | undefined> {
  for (let waited_s = 0; waited_s < startTimeout_s; waited_s += 0.05) {
    const connection = await findRunningSandbox(folder);
    if (connection !== undefined && accepts(connection)) return connection;
    // Exit status 0: another client's sandbox has the folder, and will listen.
    if (child.exitCode !== null && child.exitCode !== 0) return undefined;
    await wait(50);
  }
  return undefined;
}

/**
 * Returns the sandbox whose address is in `folder`, if it listens.
 *
 * @throws TimetrialError USAGE where the folder is not this user's alone
 */
export async function findRunningSandbox(folder: string): Promise<SandboxConnection | undefined> {
  await refuseForeignFolder(folder);
  let address: SandboxConnection;
  try {
    address = v.parse(schema, JSON.parse(await readFile(join(folder, "sandbox.json"), "utf8")));
  } catch {
    return undefined; // none, or half of one: a new one is started
  }
  return (await listens(address.endpoint)) ? address : undefined;
}

/** Whether a server replies at `endpoint` within two seconds. Not by `fetch`, which takes 50 ms to load. */
function listens(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(endpoint);
  const options = { createConnection: () => connect(Number(port), hostname), signal: AbortSignal.timeout(2000) };
  return new Promise((resolve) => {
    const request = get(endpoint, options, (response) => {
      response.resume();
      resolve(true);
    });
    request.on("error", () => resolve(false));
  });
}

/**
 * Refuses a state folder that another user may have prepared. The endpoint in it would receive what this client sends,
 * user-data and commands, and that user would know its secret key. The sandbox refuses such a folder too.
 *
 * @throws TimetrialError USAGE
 */
async function refuseForeignFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) return;
  const isOurs = found.uid === process.getuid?.() && (found.mode & 0o777) === 0o700;
  if (found.isDirectory() && isOurs) return;
  const mode = (found.mode & 0o777).toString(8).padStart(4, "0");
  throw new TimetrialError(
    "USAGE",
    `${folder}: expected a folder of this user's with mode 0700, found mode ${mode} and owner ${found.uid}`,
    { hint: "give TIMETRIAL_SANDBOX_STATE another folder" },
  );
}
