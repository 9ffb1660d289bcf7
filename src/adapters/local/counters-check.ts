// Checks for `doctor` what this machine tells of its processor: the helper is compiled in a folder that is removed.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DoctorCheck } from "../../domain/doctor-check.ts";
import { printable } from "../../domain/printable.ts";

const run = promisify(execFile);

/** The longest that the compiler or the helper may take. Milliseconds. */
const limit_ms = 30_000;

const without = "--why shows the clock and the rest; metal and the large sizes of EC2 have counters";

/** Checks the processor's counters. `remote`: the folder of the agent's files. */
export async function checkCounters(remote: string): Promise<DoctorCheck> {
  const base = { name: "counters", needed: false } as const;
  const folder = await mkdtemp(join(tmpdir(), "timetrial-doctor-"));
  try {
    const helper = join(folder, "helper");
    const sources = ["capture.c", "counters.c"].map((file) => join(remote, file));
    await run("cc", ["-O2", "-o", helper, ...sources], { timeout: limit_ms });
    const { stdout } = await run(helper, ["--counters"], { timeout: limit_ms });
    return { ...base, ...counted(stdout) };
  } catch {
    return {
      ...base,
      state: "unknown",
      found: "no C compiler that makes the helper",
      todo: "--why has nothing without",
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads what the helper printed: the names of the counters, or why there are none. */
export function counted(text: string): Pick<DoctorCheck, "state" | "found" | "todo"> {
  const said = new Map(text.split("\n").map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]));
  const [names, what] = [said.get("counters"), said.get("counted")];
  if (names !== undefined && what !== undefined)
    return {
      state: "ok",
      found: printable(`${names} (${what})`),
      ...(what === "user" ? { todo: "the kernel's part is not counted: set kernel.perf_event_paranoid to 1" } : {}),
    };
  return { state: "missing", found: printable(said.get("no_counters") ?? "nothing told"), todo: without };
}
