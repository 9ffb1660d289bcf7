// A desk: a folder with a sandbox of its own, the built command line run in it as a user does, and what of it still lives.

import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeskFolder, dist, isAlive } from "../support/desk-folder.mjs";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

export const suite = join(import.meta.dirname, "suite");

/** A client that takes longer than this hangs. Seconds. */
const longest_s = 150;

export const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export class Desk extends DeskFolder {
  results = join(this.folder, "results");
  /** What the machines leave outside of themselves. */
  kept = join(this.folder, "kept");
  #env;
  #number = 0;

  constructor(timeScale, faults) {
    super(timeScale);
    mkdirSync(this.kept);
    this.#env = { ...this.env, TIMETRIAL_SANDBOX_FAULTS: faults };
  }

  /** Runs timetrial to its end, hurt by `signal` after `after_s` if it lives so long; what it said is kept in the desk. */
  async run(words, hurt) {
    const child = spawn(process.execPath, [join(dist, "cli.js"), ...words], {
      cwd: this.folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { stdout: [], stderr: [] };
    for (const name of ["stdout", "stderr"]) child[name].on("data", (bytes) => said[name].push(bytes));
    let isHung = false;
    let wasHurt = false;
    const since = Date.now();
    const limit = setTimeout(() => (isHung = child.kill("SIGKILL")), longest_s * 1000);
    const timer =
      hurt === undefined ? undefined : setTimeout(() => (wasHurt = child.kill(hurt.signal)), hurt.after_s * 1000);
    const [status, signal] = await new Promise((done) => child.on("close", (...how) => done(how)));
    clearTimeout(limit);
    clearTimeout(timer);
    const [stdout, stderr] = ["stdout", "stderr"].map((name) => Buffer.concat(said[name]).toString());
    const took_s = (Date.now() - since) / 1000;
    const ended = { words, status, signal, stdout, stderr, isHung, took_s, hurt: wasHurt ? hurt.signal : undefined };
    writeFileSync(join(this.folder, `client-${++this.#number}.json`), JSON.stringify(ended, undefined, 1));
    return ended;
  }

  /** Instances that EC2 names and that are not terminated: ids and states. None where no sandbox lives. */
  async alive() {
    const address = this.address();
    if (address === undefined || !isAlive(address.pid)) return [];
    return (await this.instances())
      .filter(({ State: state }) => state?.Name !== "terminated")
      .map(({ InstanceId: id, State: state }) => `${id} ${state?.Name}`);
  }

  /** Ends the sandbox by `signal`; answers whether it went. One that is starting up is waited for. */
  async endSandbox(signal) {
    for (let waited_s = 0; waited_s < 10 && this.#isStarting(); waited_s += 0.1) await wait(0.1);
    const pid = this.address()?.pid;
    if (pid === undefined || !isAlive(pid)) return true;
    process.kill(pid, signal);
    for (let waited_s = 0; waited_s < 30 && isAlive(pid); waited_s += 0.05) await wait(0.05);
    return !isAlive(pid);
  }

  #isStarting() {
    return this.address() === undefined && this.processes().some((one) => one.includes("sandbox.js"));
  }

  /** Processes that carry the desk's folder in their words or environment. */
  processes() {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((pid) => {
        const [words, env] = ["cmdline", "environ"].map((name) => textOf(`/proc/${pid}/${name}`));
        return `${words}\0${env}`.includes(this.folder) ? [`${pid} ${words.replaceAll("\0", " ").slice(0, 200)}`] : [];
      });
  }
}

function textOf(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
