// This computer as a machine, with sh as its transport.
//
// It uses node:child_process, not execa: execa takes half as long to load as Node to start, and nothing here needs it.

import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { TimetrialError } from "../../domain/errors.ts";
import type { Provisioner } from "../../ports/cloud/provisioner.ts";
import type { Transport } from "../../ports/transport.ts";
import { killProcessGroup } from "../process/process-group.ts";
import { OutputHead } from "../process/output-head.ts";

const stdoutBytes = 24_000;
const stderrBytes = 8_000;

/**
 * Returns a transport that runs scripts with this machine's sh. `env` is added to the environment; for tests.
 *
 * @example
 * import { localTransport } from "timetrial/adapters";
 *
 * const { stdout } = await localTransport().exec({ kind: "local" }, "uname -m", { limit_s: 10 });
 * console.log(stdout);
 */
export function localTransport(env: Readonly<Record<string, string>> = {}): Transport {
  return {
    async exec(_address, script, { limit_s, signal }) {
      // Loaded here: `report` loads this file together with others, and starts no process.
      const { spawn } = await import("node:child_process");
      signal?.throwIfAborted();
      const stdout = new OutputHead(stdoutBytes);
      const stderr = new OutputHead(stderrBytes);
      // Its own process group, so that a script ends with everything that it started, as under SSM's agent.
      const child = startShell(spawn, script, { ...process.env, TIMETRIAL_LOCAL: "1", ...env });
      child.stdout?.on("data", (bytes: Buffer) => stdout.add(bytes));
      child.stderr?.on("data", (bytes: Buffer) => stderr.add(bytes));
      const end = (): void => killProcessGroup(child.pid);
      let late = false;
      const limit = setTimeout(() => {
        late = true;
        end();
      }, limit_s * 1000);
      signal?.addEventListener("abort", end);
      try {
        const exit = await endOf(child);
        signal?.throwIfAborted();
        if (late) throw new TimetrialError("TRANSPORT", `no answer from this machine's sh within ${limit_s} s`);
        if (exit.status === null) {
          throw new TimetrialError("TRANSPORT", `this machine's sh ended by ${exit.by ?? "no exit"}`);
        }
        return { status: exit.status === 0 ? 0 : 1, stdout: stdout.text(), stderr: stderr.text() };
      } finally {
        clearTimeout(limit);
        signal?.removeEventListener("abort", end);
      }
    },
  };
}

/** A started sh. A process that could not be made has no streams: it tells of its error later. */
type StartedShell = ChildProcess & { readonly stdout?: Readable | null; readonly stderr?: Readable | null };

type Spawn = (typeof import("node:child_process"))["spawn"];

/**
 * Starts sh with `script`.
 *
 * @throws TimetrialError TRANSPORT if sh cannot start; a script that is too long throws at once
 */
function startShell(spawn: Spawn, script: string, env: NodeJS.ProcessEnv): StartedShell {
  try {
    return spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "pipe"], detached: true, env });
  } catch (cause) {
    throw cannotStart(cause as Error);
  }
}

function cannotStart(cause: Error): TimetrialError {
  return new TimetrialError("TRANSPORT", `cannot start this machine's sh: ${cause.message}`, { cause });
}

/**
 * Resolves with how `child` ended, once all of its output is read.
 *
 * @throws TimetrialError TRANSPORT if it could not start
 */
function endOf(child: ChildProcess): Promise<{ status: number | null; by: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(cannotStart(cause)));
    child.on("close", (status, by) => resolve({ status, by }));
  });
}

/**
 * Returns the provisioner of `local`: machines that exist already and stay.
 *
 * @example
 * import { localProvisioner } from "timetrial/adapters";
 *
 * console.log(localProvisioner().kinds); // [ "local" ]
 */
export function localProvisioner(): Provisioner {
  return {
    kinds: ["local"],
    check: async () => {},
    recover: async (_order, known) => [...known],
    acquire: async ({ sides }) =>
      sides.map((side) => ({ machine: { name: `${side.name}-1`, side: side.name, address: { kind: "local" } } })),
    release: async () => {},
    absence: async () => ({ state: "nothing-leased" }),
  };
}
