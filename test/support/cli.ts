// The built command line as a user runs it: a process of its own, in a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { atTerminal } from "./pty.ts";
import { hasModels, violationsIn } from "./wire-models.ts";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../../dist");

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A scratch folder with a sandbox of its own; everything that was started in it ends with it. */
export class Desk {
  readonly folder: string = mkdtempSync(join(tmpdir(), "tt-"));
  readonly sandboxFolder: string = join(this.folder, "sb");
  readonly #timeScale: number;
  /** What our client asked of the sandbox, and was answered. */
  readonly #record: string = join(this.folder, "record.ndjson");

  constructor(timeScale: number) {
    this.#timeScale = timeScale;
    // A home of its own for `local`, too: the tests of two files do not wait for each other's turns.
    writeFileSync(join(this.folder, "machine.env"), `TIMETRIAL_HOME=${join(this.folder, "home")}\n`);
  }

  start(words: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Running {
    return this.#spawned([process.execPath, join(dist, "cli.js"), ...words], env);
  }

  /** The same at a terminal, at which `answer` is typed once `question` is asked; all of it comes as standard output. */
  async answered(words: readonly string[], question: string, answer: string): Promise<Ended> {
    const all = [process.execPath, join(dist, "cli.js"), ...words];
    return await this.#spawned(atTerminal(all, question, answer), {}).ended;
  }

  #spawned([command = "", ...words]: readonly string[], env: Readonly<Record<string, string | undefined>>): Running {
    const child = spawn(command, words, {
      cwd: this.folder,
      env: {
        ...withoutAws(process.env),
        TIMETRIAL_MACHINE_ENV: join(this.folder, "machine.env"),
        TIMETRIAL_SANDBOX_STATE: this.sandboxFolder,
        TIMETRIAL_SANDBOX_TIME_SCALE: String(this.#timeScale),
        TIMETRIAL_SANDBOX_RECORD: this.#record,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, ended: endOf(child) };
  }

  async run(words: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Ended> {
    return await this.start(words, env).ended;
  }

  /** Starts the sandbox before any command does, with options that no command passes. */
  async sandbox(options: readonly string[]): Promise<void> {
    const words = [
      join(dist, "sandbox.js"),
      "--state",
      this.sandboxFolder,
      "--time-scale",
      String(this.#timeScale),
      "--record",
      this.#record,
      ...options,
    ];
    spawn(process.execPath, words, { stdio: "ignore", detached: true }).unref();
    await until(() => this.address() !== undefined);
  }

  address(): { pid: number; endpoint: string; access_key_id: string; secret_access_key: string } | undefined {
    try {
      return JSON.parse(readFileSync(join(this.sandboxFolder, "sandbox.json"), "utf8"));
    } catch {
      return undefined;
    }
  }

  /** Ends all that was started. @throws where something was asked that the services' models forbid */
  async clear(): Promise<void> {
    const pid = this.address()?.pid;
    if (pid !== undefined) {
      try {
        process.kill(pid, "SIGTERM");
      } catch {
        // gone already
      }
      await until(() => !isAlive(pid));
    }
    const violations = hasModels ? violationsIn(this.#record).violations : [];
    rmSync(this.folder, { recursive: true, force: true });
    if (violations.length > 0) throw new Error(`against the services' models:\n${violations.join("\n")}`);
  }
}

/** Waits until `condition` holds. @throws after half a minute */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited_ms = 0; waited_ms < 30_000; waited_ms += 20) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("waited half a minute for nothing");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("AWS_"))),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
  };
}

function endOf(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (bytes: Buffer) => out.push(bytes));
  child.stderr?.on("data", (bytes: Buffer) => err.push(bytes));
  return new Promise((resolve) => {
    child.on("close", (status) => {
      resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}
