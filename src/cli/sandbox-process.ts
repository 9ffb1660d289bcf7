// Finds this user's sandbox, or starts one. It is a process of its own: it outlives the command that started it, and
// ends itself when it has had no machine and no client for a minute.

import { spawn } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
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
});

export type SandboxConnection = v.InferOutput<typeof schema>;

export const startTimeout_s = 15;

/** A sandbox stays a minute without need, and where its time is scaled at least so long. Seconds. */
const leastStay_s = 20;

/** Where the sandbox keeps its state: `TIMETRIAL_SANDBOX_STATE`, else below the user's state folder. */
export function sandboxFolder(): string {
  const named = process.env["TIMETRIAL_SANDBOX_STATE"];
  if (named !== undefined && named !== "") return named;
  const state = process.env["XDG_STATE_HOME"];
  return join(state !== undefined && state !== "" ? state : join(homedir(), ".local", "state"), "timetrial", "sandbox");
}

/** What TIMETRIAL_SANDBOX_FAULTS asks to go wrong in sandboxes that are started; undefined where it asks nothing. */
export function sandboxFaults(): string | undefined {
  return process.env["TIMETRIAL_SANDBOX_FAULTS"] || undefined;
}

export async function openSandbox(folder: string = sandboxFolder()): Promise<SandboxConnection> {
  const faults = sandboxFaults();
  const running = await findRunningSandbox(folder);
  if (running !== undefined && faults !== undefined && faults !== running.faults) {
    throw new TimetrialError("USAGE", `TIMETRIAL_SANDBOX_FAULTS: the sandbox that runs, process ${running.pid}, was started with other faults`, {
      hint: `end it with: kill ${running.pid}; or give TIMETRIAL_SANDBOX_STATE another folder`,
    }); // prettier-ignore
  }
  if (running !== undefined) return running;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let refused = false;
  const log = await open(join(folder, "sandbox.log"), "a", 0o600);
  try {
    const scale = process.env["TIMETRIAL_SANDBOX_TIME_SCALE"];
    const words = [join(packageRoot().folder, "dist", "sandbox.js"), "--state", folder];
    if (scale !== undefined && scale !== "") {
      words.push("--time-scale", scale);
      // What it stays is scaled, too; how long this client takes to load on a busy computer is not.
      const seconds = leastStay_s / (Number(scale) || 1);
      if (seconds > 60) words.push("--idle-s", String(seconds));
    }
    const boot = process.env["TIMETRIAL_SANDBOX_BOOT"];
    if (boot !== undefined && boot !== "") words.push("--boot", boot);
    if (faults !== undefined) words.push("--faults", faults);
    const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", log.fd, log.fd] });
    child.on("exit", (status) => {
      refused = status === 2;
    });
    child.unref();
  } finally {
    await log.close();
  }
  for (let waited_s = 0; waited_s < startTimeout_s; waited_s += 0.05) {
    const started = await findRunningSandbox(folder);
    if (started !== undefined) return started;
    if (refused) {
      const said = (await readFile(join(folder, "sandbox.log"), "utf8")).trimEnd().split("\n");
      const at = said.findLastIndex((line) => line.startsWith("sandbox: "));
      throw new TimetrialError("USAGE", `the sandbox did not start: ${said.slice(at).join("; ")}`);
    }
    await wait(50);
  }
  throw new TimetrialError("CLOUD", `the sandbox did not start within ${startTimeout_s} s`, {
    hint: `see ${join(folder, "sandbox.log")}`,
  });
}

/** The address in `folder`, if somebody listens there. */
export async function findRunningSandbox(folder: string): Promise<SandboxConnection | undefined> {
  let address: SandboxConnection;
  try {
    address = v.parse(schema, JSON.parse(await readFile(join(folder, "sandbox.json"), "utf8")));
  } catch {
    return undefined; // none, or half of one: a new one is started
  }
  try {
    await fetch(address.endpoint, { method: "GET", signal: AbortSignal.timeout(2000) });
    return address;
  } catch {
    return undefined;
  }
}
