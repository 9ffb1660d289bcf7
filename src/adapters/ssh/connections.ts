// Shared ssh connections (ControlMaster): one per host, opened by the first ssh to it.
//
// The socket is in a folder of mode 0700. A connection is closed when the run releases its machines, when this process
// exits, or, if it is killed, after half an hour without use.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { exitArguments, keyscanArguments, sshProgram, type SshTarget } from "./arguments.ts";

/** ssh adds 17 characters to a socket's path while it makes it; 104 bytes is the smallest limit there is. */
const longestFolder = 70;

/** Time limit of closing a connection, or of asking for a key. */
const aside_ms = 20_000;

export interface Connection {
  readonly target: SshTarget;
  /** The path of its socket. */
  readonly control: string;
  /** Whether it was ever established. */
  stood: boolean;
}

export class Connections {
  readonly #env: Readonly<Record<string, string>>;
  readonly #open = new Map<string, Connection>();
  #folder: string | undefined;

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  to(target: SshTarget): Connection {
    // Not its name alone: microVMs may have one address, each in a network namespace of its own.
    const name = JSON.stringify(target);
    const found = this.#open.get(name);
    if (found !== undefined) return found;
    const connection = { target, control: join(this.#place(), String(this.#open.size)), stood: false };
    this.#open.set(name, connection);
    return connection;
  }

  /** The fingerprint of the key that the host shows, as ssh prints it: `ssh-ed25519 SHA256:…`. */
  async key(target: SshTarget): Promise<string | undefined> {
    const [program, ...words] = sshProgram(target, keyscanArguments(target));
    const { stderr } = await execa(program, words, {
      stdin: "ignore",
      stdout: "ignore",
      reject: false,
      timeout: aside_ms,
      env: this.#env,
    });
    return /Server host key: ([\w@.-]+ SHA256:[\w+/=]+)/.exec(stderr)?.[1];
  }

  async end(): Promise<void> {
    await Promise.all(
      [...this.#open.values()].map(({ target, control }) =>
        execa("ssh", exitArguments(target, control), {
          stdio: "ignore",
          reject: false,
          timeout: aside_ms,
          env: this.#env,
        }),
      ),
    );
    this.#forget();
  }

  #place(): string {
    if (this.#folder !== undefined) return this.#folder;
    // ssh expands % in a socket's path.
    const base = tmpdir();
    this.#folder = mkdtempSync(
      join(base.length <= longestFolder && /^[\w./+-]+$/.test(base) ? base : "/tmp", "ttssh-"),
    );
    chmodSync(this.#folder, 0o700);
    process.once("exit", this.#endAtOnce);
    return this.#folder;
  }

  /** Closes all connections synchronously, for the process's exit. */
  readonly #endAtOnce = (): void => {
    for (const { target, control } of this.#open.values())
      spawnSync("ssh", exitArguments(target, control), {
        stdio: "ignore",
        timeout: 2_000,
        env: { ...process.env, ...this.#env },
      });
    this.#forget();
  };

  #forget(): void {
    process.off("exit", this.#endAtOnce);
    this.#open.clear();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}
