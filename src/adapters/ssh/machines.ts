// Machines that the user has, by the system's ssh: a provisioner that launches nothing, and a transport.

import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { fileNameOfSide } from "../../domain/plan/side.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AcquiredMachine, Provisioner, ProvisionRequest } from "../../ports/cloud/provisioner.ts";
import type { ExecOptions, ExecResult, Transport } from "../../ports/transport.ts";
import { type Connection, Connections } from "./connections.ts";
import { explainSshFailure } from "./errors.ts";
import { type SessionResult, runSession } from "./session.ts";
import { sessionArguments, sshProgram, type SshTarget, sshCommandLine } from "./arguments.ts";

/** Time limit of a first connection: name lookup, proxies, key exchange. Seconds. */
const connect_s = 60;

/** Time limit of ending a script on the machine: a new session over the connection that is there. Seconds. */
const end_s = 20;

/** How machines are reached by ssh. */
export interface SshOptions {
  /** Added to the environment of ssh; for tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long a machine that was reached before is waited for, in case it reboots. Seconds; 120 if absent. */
  readonly patience_s?: number;
}

/** Both ports for machines reached by ssh. */
export interface SshMachines {
  readonly provisioner: Provisioner;
  readonly transport: Transport;
}

/**
 * `ssh:` sides. Provisioner and transport share their connections: one a host.
 *
 * @example
 * import { sshMachines, systemClock } from "timetrial/adapters";
 *
 * const { transport } = sshMachines(systemClock);
 * const { stdout } = await transport.exec({ kind: "ssh", host: "build1" }, "uname -m", { limit_s: 60 });
 * console.log(stdout);
 */
export function sshMachines(clock: Clock, options: SshOptions = {}): SshMachines {
  const { env = {}, patience_s = 120 } = options;
  const connections = new Connections(env);
  const sessions = new SshSessions(connections, clock, env, patience_s);
  return {
    transport: {
      exec: async (address, script, execOptions) => {
        if (address.kind !== "ssh") throw new RangeError("not a machine that is reached by ssh");
        return await sessions.exec(address, script, execOptions);
      },
    },
    provisioner: {
      kinds: ["ssh"],
      check: async ({ sides, signal }) => {
        const hosts = new Map(machinesOf(sides).map(({ address }) => [sshCommandLine(address), address]));
        const tried = await Promise.allSettled([...hosts.values()].map((host) => sessions.connect(host, signal)));
        const refused = tried.find((one) => one.status === "rejected");
        if (refused === undefined) return;
        await connections.end();
        throw refused.reason;
      },
      acquire: async ({ sides }) => machinesOf(sides).map((machine): AcquiredMachine => ({ machine })),
      recover: async (_order, known) => [...known],
      release: async () => connections.end(),
      absence: async () => ({ state: "nothing-leased" }),
    },
  };
}

function machinesOf(sides: ProvisionRequest["sides"]) {
  return sides.flatMap((side) =>
    side.kind !== "ssh"
      ? []
      : side.hosts.map((host, i) => ({
          name: `${fileNameOfSide(side.name)}-${i + 1}`,
          side: side.name,
          address: { kind: "ssh" as const, ...host },
        })),
  );
}

class SshSessions {
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #env: Readonly<Record<string, string>>;
  readonly #patience_s: number;

  constructor(connections: Connections, clock: Clock, env: Readonly<Record<string, string>>, patience_s: number) {
    this.#connections = connections;
    this.#clock = clock;
    this.#env = env;
    this.#patience_s = patience_s;
  }

  /** Connects unless already connected. @throws TimetrialError REFUSED, TRANSPORT */
  async connect(target: SshTarget, signal: AbortSignal): Promise<void> {
    await this.exec(target, ":", { limit_s: connect_s, signal });
  }

  /** Runs `script` on the machine. One that was reached before is waited for, as long as `SshOptions` says. */
  async exec(target: SshTarget, script: string, { limit_s, signal }: ExecOptions): Promise<ExecResult> {
    const connection = this.#connections.to(target);
    const began_s = this.#clock.monotonic_s();
    for (let wait_s = 0.5; ; wait_s = Math.min(wait_s * 2, 10)) {
      signal?.throwIfAborted();
      const ended = await this.#send(connection, script, limit_s, signal);
      if (ended.begun) {
        connection.stood = true;
        return outcome(target, ended, limit_s);
      }
      signal?.throwIfAborted();
      const fault = await explainSshFailure(target, ended, () => this.#connections.key(target));
      if (!connection.stood) throw fault;
      const gone_s = this.#clock.monotonic_s() - began_s;
      if (fault.code !== "TRANSPORT" || gone_s > this.#patience_s) {
        connection.stood = false; // later scripts do not wait again
        throw lost(fault, gone_s);
      }
      await this.#clock.sleep(wait_s, signal);
    }
  }

  async #send(connection: Connection, script: string, limit_s: number, signal: AbortSignal | undefined) {
    const words = sshProgram(connection.target, sessionArguments(connection.target, connection.control));
    const ended = await runSession(words, script, { limit_s, signal, env: this.#env });
    const cut = ended.late || signal?.aborted === true;
    // The end of ssh does not end the script on the machine.
    if (cut && ended.pid !== undefined)
      await runSession(words, endScript(ended.pid), { limit_s: end_s, env: this.#env });
    signal?.throwIfAborted();
    return ended;
  }
}

/** Kills the shell's process group; where the server made none, the shell alone. */
function endScript(pid: number): string {
  return `kill -KILL -${pid} 2>/dev/null || kill -KILL ${pid}`;
}

function outcome(target: SshTarget, ended: SessionResult, limit_s: number): ExecResult {
  const { status, stdout, stderr } = ended;
  if (ended.late) throw new TimetrialError("TRANSPORT", `no answer from ${sshCommandLine(target)} within ${limit_s} s`);
  if (status === undefined || status === 255)
    throw new TimetrialError(
      "TRANSPORT",
      `the connection to ${sshCommandLine(target)} was lost in the middle of a script`,
    );
  return { status: status === 0 ? 0 : 1, stdout, stderr };
}

function lost(fault: TimetrialError, gone_s: number): TimetrialError {
  const after = gone_s < 1 ? "" : ` (tried for ${Math.round(gone_s)} s)`;
  return new TimetrialError("MACHINE_LOST", `${fault.message}${after}`, {
    cause: fault,
    ...defined({ hint: fault.hint }),
  });
}
