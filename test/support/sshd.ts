// A real sshd on loopback, with keys, configuration and log of its own, and an ssh that knows it: a program named ssh,
// to stand first on PATH, that reads a configuration of ours in place of the user's.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.mjs";

const program = "/usr/sbin/sshd";

/** Why there is none; undefined where there is. */
export const noSshd: string | undefined = existsSync(program) ? undefined : "no sshd on this machine";

export interface SshdOptions {
  /** More lines of sshd_config. */
  readonly config?: readonly string[];
  /** Lets nobody in by a key. */
  readonly keyless?: boolean;
  /** Whose ssh, and key, shall reach this one too. */
  readonly beside?: Sshd;
}

export class Sshd {
  readonly folder: string = mkdtempSync(join(tmpdir(), "tt-sshd-"));
  readonly port: number;
  readonly #options: SshdOptions;
  #child: ChildProcess | undefined;

  private constructor(port: number, options: SshdOptions) {
    this.port = port;
    this.#options = options;
  }

  static async start(options: SshdOptions = {}): Promise<Sshd> {
    const sshd = new Sshd(await freePort(), options);
    sshd.#prepare();
    await sshd.resume();
    return sshd;
  }

  /** As it is written for a side. */
  get side(): string {
    return `ssh:127.0.0.1:${this.port}`;
  }

  /** PATH, with the ssh that knows this one first. */
  get env(): { readonly PATH: string } {
    return { PATH: `${join(this.folder, "bin")}:${process.env["PATH"] ?? ""}` };
  }

  /** The fingerprint of its host key. */
  get fingerprint(): string {
    return execFileSync("ssh-keygen", ["-lf", join(this.folder, "host.pub")], { encoding: "utf8" }).split(" ")[1] ?? "";
  }

  /** How often somebody was let in. */
  get logins(): number {
    return (readFileSync(join(this.folder, "log"), "utf8").match(/Accepted publickey/g) ?? []).length;
  }

  /** Makes the client know no key of it, or another than it has. */
  forget(instead?: string): void {
    const line = instead === undefined ? "" : `[127.0.0.1]:${this.port} ${instead}\n`;
    writeFileSync(join(this.folder, "known_hosts"), line);
  }

  /** Listens again, after `stop`. */
  async resume(): Promise<void> {
    const words = ["-D", "-f", join(this.folder, "sshd_config"), "-E", join(this.folder, "log")];
    this.#child = spawn(program, words, { stdio: "ignore" });
    for (let tried = 0; !(await answers(this.port)); tried++) {
      if (tried > 200) throw new Error(`sshd does not listen: ${readFileSync(join(this.folder, "log"), "utf8")}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Kills it and all its connections; what they started lives on. */
  stop(): void {
    const pid = this.#child?.pid;
    this.#child = undefined;
    if (pid === undefined) return;
    for (const one of [pid, ...descendants(pid)]) {
      try {
        process.kill(one, "SIGKILL");
      } catch {
        // gone already
      }
    }
  }

  clear(): void {
    this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #prepare(): void {
    const { beside, keyless, config = [] } = this.#options;
    const at = (name: string): string => join(this.folder, name);
    for (const name of ["host", "id"]) makeKey(at(name));
    if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
    const lines = [
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${at("host")}`,
      `AuthorizedKeysFile ${keyless === true ? "none" : join((beside ?? this).folder, "id.pub")}`,
      "PidFile none",
      "UsePAM no",
      "StrictModes no",
      "PermitRootLogin yes",
      "LogLevel VERBOSE",
      // The files that a shell reads at a login may start a hundred processes, and are others' on each computer.
      `SetEnv TIMETRIAL_MACHINE_ENV=${at("machine.env")} HOME=${at("user")}`,
      ...config,
    ];
    writeFileSync(at("sshd_config"), `${lines.join("\n")}\n`);
    // A home of its own: tests of two files do not wait for each other's turns.
    writeFileSync(at("machine.env"), `TIMETRIAL_HOME=${at("home")}\n`);
    const key = readFileSync(at("host.pub"), "utf8").trim();
    this.forget(key);
    if (beside !== undefined) appendFileSync(join(beside.folder, "known_hosts"), `[127.0.0.1]:${this.port} ${key}\n`);
    const client = [
      "Host *",
      `UserKnownHostsFile ${at("known_hosts")}`,
      "GlobalKnownHostsFile none",
      `IdentityFile ${at("id")}`,
      "IdentitiesOnly yes",
      "IdentityAgent none",
    ];
    writeFileSync(at("ssh_config"), `${client.join("\n")}\n`);
    for (const name of ["bin", "user"]) mkdirSync(at(name));
    const ssh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
    writeFileSync(at("bin/ssh"), `#!/bin/sh\nexec ${ssh} -F ${at("ssh_config")} "$@"\n`);
    chmodSync(at("bin/ssh"), 0o755);
  }
}

/** A new key in `file` and `file.pub`. */
export function makeKey(file: string): void {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** The processes named sshd below `pid`. */
function descendants(pid: number): number[] {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, own = "", comm = "", parent = ""] =
          /^(\d+) \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
        return comm.startsWith("sshd") ? [{ own: Number(own), parent: Number(parent) }] : [];
      } catch {
        return [];
      }
    });
  const below = (parent: number): number[] =>
    processes.flatMap((one) => (one.parent === parent ? [one.own, ...below(one.own)] : []));
  return below(pid);
}
