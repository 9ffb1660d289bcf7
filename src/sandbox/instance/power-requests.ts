// What the stand-ins ask of an instance's supervisor: one file a request, in the instance's `power` folder.

import { readdirSync, readFileSync, rmSync, statSync, watch } from "node:fs";
import { join } from "node:path";

type PowerVerb = "poweroff" | "reboot" | "cancel";

export interface PowerRequest {
  readonly verb: PowerVerb;
  /** From now, in seconds of the instance's clock; 0 is at once. */
  readonly delayS: number;
}

/** Calls `act` for each request, woken by the kernel; returns what ends the watch. */
export function watchPower(powerDir: string, act: (request: PowerRequest) => void): () => void {
  const collect = (): void => {
    for (const name of entries(powerDir)) {
      if (!name.startsWith("request.")) continue;
      const path = join(powerDir, name);
      const request = parsePower(readFileSync(path, "utf8"), new Date());
      rmSync(path, { force: true });
      if (request !== undefined) act(request);
    }
  };
  const watcher = watch(powerDir, { persistent: false }, collect);
  // The folder may go with its instance.
  watcher.on("error", () => watcher.close());
  return () => watcher.close();
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).sort(byAge(directory));
  } catch {
    return [];
  }
}

/** In the order in which they were written: a name has the pid of its writer, and 100 stands before 99 as a text. */
function byAge(directory: string): (a: string, b: string) => number {
  const written = (name: string): bigint =>
    statSync(join(directory, name), { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
  return (a, b) => Number(written(a) - written(b)) || a.localeCompare(b, "en", { numeric: true });
}

/** `text` as a stand-in writes it: the verb, then when, on a line each. */
export function parsePower(text: string, now: Date): PowerRequest | undefined {
  const [verb = "", when = ""] = text.split("\n");
  if (verb === "cancel") return { verb, delayS: 0 };
  if (verb !== "poweroff" && verb !== "halt" && verb !== "reboot") return undefined;
  const delayS = delayOf(when, now);
  return delayS === undefined ? undefined : { verb: verb === "reboot" ? "reboot" : "poweroff", delayS };
}

function delayOf(when: string, now: Date): number | undefined {
  if (when === "now") return 0;
  const minutes = /^\+?(\d{1,6})$/.exec(when)?.[1];
  if (minutes !== undefined) return Number(minutes) * 60;
  const clock = /^(\d{1,2}):(\d\d)$/.exec(when);
  if (clock === null) return undefined;
  const at = new Date(now);
  at.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
  const delay = (at.getTime() - now.getTime()) / 1000;
  return delay >= 0 ? delay : delay + 86_400;
}
