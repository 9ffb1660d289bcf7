// This machine: a machine without a provisioner of note, and sh as its transport.

import { execa } from "execa";
import { TimetrialError } from "../domain/errors.ts";
import type { Provisioner } from "../ports/provisioner.ts";
import type { Transport } from "../ports/transport.ts";
import { endGroup } from "./group.ts";
import { Head } from "./head.ts";

const stdoutBytes = 24_000;
const stderrBytes = 8_000;

/** Runs scripts with this machine's sh. `env` is added to the environment; for tests. */
export function localTransport(env: Readonly<Record<string, string>> = {}): Transport {
  return {
    async exec(_address, script, { limit_s, signal }) {
      signal?.throwIfAborted();
      const stdout = new Head(stdoutBytes);
      const stderr = new Head(stderrBytes);
      // A process group of its own, so that a script ends with all that it started, as SSM's agent ends it.
      const child = execa("sh", ["-c", script], {
        stdin: "ignore",
        buffer: false,
        reject: false,
        detached: true,
        cleanup: false,
        env,
      });
      child.stdout.on("data", (bytes: Buffer) => stdout.add(bytes));
      child.stderr.on("data", (bytes: Buffer) => stderr.add(bytes));
      const end = (): void => endGroup(child.pid);
      let late = false;
      const limit = setTimeout(() => {
        late = true;
        end();
      }, limit_s * 1000);
      signal?.addEventListener("abort", end);
      try {
        const result = await child;
        signal?.throwIfAborted();
        if (late) throw new TimetrialError("TRANSPORT", `no answer from this machine's sh within ${limit_s} s`);
        if (result.exitCode === undefined) {
          throw new TimetrialError("TRANSPORT", `this machine's sh ended by ${result.signal ?? "no exit"}`, {
            cause: result.cause,
          });
        }
        return { status: result.exitCode === 0 ? 0 : 1, stdout: stdout.text(), stderr: stderr.text() };
      } finally {
        clearTimeout(limit);
        signal?.removeEventListener("abort", end);
      }
    },
  };
}

/** Machines that are there already and stay: `local`. */
export function localProvisioner(): Provisioner {
  return {
    kinds: ["local"],
    check: async () => {},
    acquire: async ({ sides }) =>
      sides.map((side) => ({ machine: { name: `${side.name}-1`, side: side.name, address: { kind: "local" } } })),
    release: async () => {},
    absence: async () => ({ state: "nothing-leased" }),
  };
}
