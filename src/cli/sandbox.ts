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
});

export type SandboxAddress = v.InferOutput<typeof schema>;

export const startsWithin_s = 15;

/** Where the sandbox keeps its state: `TIMETRIAL_SANDBOX_STATE`, else below the user's state folder. */
export function sandboxFolder(): string {
  const named = process.env["TIMETRIAL_SANDBOX_STATE"];
  if (named !== undefined && named !== "") return named;
  const state = process.env["XDG_STATE_HOME"];
  return join(state !== undefined && state !== "" ? state : join(homedir(), ".local", "state"), "timetrial", "sandbox");
}

export async function openSandbox(folder: string = sandboxFolder()): Promise<SandboxAddress> {
  const running = await answering(folder);
  if (running !== undefined) return running;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const log = await open(join(folder, "sandbox.log"), "a", 0o600);
  try {
    const scale = process.env["TIMETRIAL_SANDBOX_TIME_SCALE"];
    const words = [join(packageRoot().folder, "dist", "sandbox.js"), "--state", folder];
    if (scale !== undefined && scale !== "") words.push("--time-scale", scale);
    const boot = process.env["TIMETRIAL_SANDBOX_BOOT"];
    if (boot !== undefined && boot !== "") words.push("--boot", boot);
    const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", log.fd, log.fd] });
    child.unref();
  } finally {
    await log.close();
  }
  for (let waited_s = 0; waited_s < startsWithin_s; waited_s += 0.05) {
    const started = await answering(folder);
    if (started !== undefined) return started;
    await wait(50);
  }
  throw new TimetrialError("CLOUD", `the sandbox did not start within ${startsWithin_s} s`, {
    hint: `see ${join(folder, "sandbox.log")}`,
  });
}

/** The address in `folder`, if somebody listens there. */
export async function answering(folder: string): Promise<SandboxAddress | undefined> {
  let address: SandboxAddress;
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
