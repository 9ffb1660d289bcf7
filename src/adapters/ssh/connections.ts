// The connections to the machines: one a host, opened by the first ssh that goes there and used by all that follow.
//
// ssh itself keeps it, behind a socket in a folder that only we can enter. It ends when the run gives the machines back,
// when this process ends, or, should it be killed, after half an hour without use.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { exitArguments, keyscanArguments, type SshTarget, sshCommandLine } from "./arguments.ts";

/** ssh adds 17 characters to a socket's path while it makes it; 104 bytes is the smallest limit there is. */
const longestFolder = 70;

/** How long ssh may take to say goodbye, or to show a key. */
const aside_ms = 20_000;

export interface Connection {
  readonly target: SshTarget;
  /** The path of its socket. */
  readonly control: string;
  /** Did it ever stand? */
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
    const name = sshCommandLine(target);
    const found = this.#open.get(name);
    if (found !== undefined) return found;
    const connection = { target, control: join(this.#place(), String(this.#open.size)), stood: false };
    this.#open.set(name, connection);
    return connection;
  }

  /** The fingerprint of the key that the host shows, as ssh prints it: `ssh-ed25519 SHA256:…`. */
  async key(target: SshTarget): Promise<string | undefined> {
    const { stderr } = await execa("ssh", keyscanArguments(target), {
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
    // ssh reads % in a socket's path as a word of its own.
    const base = tmpdir();
    this.#folder = mkdtempSync(
      join(base.length <= longestFolder && /^[\w./+-]+$/.test(base) ? base : "/tmp", "ttssh-"),
    );
    chmodSync(this.#folder, 0o700);
    process.once("exit", this.#endAtOnce);
    return this.#folder;
  }

  /** On the way out of the process, where nothing can be waited for. */
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
