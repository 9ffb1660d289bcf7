// The built command line as a user runs it: a process of its own, in a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { atTerminal } from "./pty.ts";
import { hasModels, violationsIn } from "./wire-models.ts";
import { onStillHost } from "./still-host.mjs";
import { until } from "./until.ts";
import { DeskFolder, dist, isAlive } from "./desk-folder.mjs";

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
export class Desk extends DeskFolder {
  readonly #timeScale: number;
  /** What our client asked of the sandbox, and was answered. */
  readonly #record: string = join(this.folder, "record.ndjson");

  constructor(timeScale: number) {
    super(timeScale);
    this.#timeScale = timeScale;
  }

  /** Name of the newest run below `results`. @throws where there is none */
  runName(results?: string): string {
    const name = this.runs(results).at(-1);
    if (name === undefined) throw new Error(`no run in ${results ?? "results"}`);
    return name;
  }

  /** The whole lines of a file of the newest run, parsed; none while there is no such run or file. */
  lines<Line = Record<string, unknown>>(file: string, results = "results"): Line[] {
    const name = this.runs(results).at(-1);
    const path = join(this.folder, results, name ?? "", file);
    if (name === undefined || !existsSync(path)) return [];
    const whole = readFileSync(path, "utf8").split("\n").slice(0, -1);
    return whole.map((line) => JSON.parse(line) as Line);
  }

  start(words: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Running {
    return this.#spawned([process.execPath, join(dist, "cli.js"), ...words], env);
  }

  /** The same at a terminal, at which `answer` is typed once `question` is asked; all of it comes as standard output. */
  async answered(words: readonly string[], question: string, answer: string): Promise<Ended> {
    const all = [process.execPath, join(dist, "cli.js"), ...words];
    return await this.#spawned(atTerminal(all, question, answer), {}).ended;
  }

  #environment(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
    return { ...this.env, TIMETRIAL_SANDBOX_RECORD: this.#record, ...env };
  }

  #spawned(program: readonly string[], env: Readonly<Record<string, string | undefined>>): Running {
    const [command = "", ...words] = onStillHost(program);
    const child = spawn(command, words, {
      cwd: this.folder,
      env: this.#environment(env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, ended: endOf(child) };
  }

  async run(words: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Ended> {
    return await this.start(words, env).ended;
  }

  /** The same in this process, which saves starting one: for what is asked of the words of the command line. */
  async runHere(words: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Ended> {
    const { runHere } = await import("./run-here.ts");
    return await runHere(words, this.folder, this.#environment(env));
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
    this.remove();
    if (violations.length > 0) throw new Error(`against the services' models:\n${violations.join("\n")}`);
  }
}

export function endOf(child: ChildProcess): Promise<Ended> {
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
