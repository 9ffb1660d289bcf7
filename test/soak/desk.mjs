// A desk: a folder with a sandbox of its own, the built command line run in it as a user does, and what of it still lives.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, "..", "..", "dist");
export const suite = join(here, "suite");

/** A client that takes longer than this hangs. Seconds. */
const longest_s = 150;

export const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export class Desk {
  /** The path is short: sockets and instances live below it. */
  folder = mkdtempSync(join(tmpdir(), "tts-"));
  results = join(this.folder, "results");
  /** What the machines leave outside of themselves. */
  kept = join(this.folder, "kept");
  #env;
  #number = 0;

  constructor(timeScale, faults) {
    mkdirSync(this.kept);
    writeFileSync(join(this.folder, "machine.env"), `TIMETRIAL_HOME=${join(this.folder, "home")}\n`);
    const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|TIMETRIAL_)/.test(name));
    this.#env = {
      ...Object.fromEntries(own),
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/nonexistent",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
      TIMETRIAL_MACHINE_ENV: join(this.folder, "machine.env"),
      TIMETRIAL_SANDBOX_STATE: join(this.folder, "sb"),
      TIMETRIAL_SANDBOX_TIME_SCALE: String(timeScale),
      TIMETRIAL_SANDBOX_FAULTS: faults,
    };
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

  /** Where the sandbox listens, if it does. */
  address() {
    try {
      return JSON.parse(readFileSync(join(this.folder, "sb", "sandbox.json"), "utf8"));
    } catch {
      return undefined;
    }
  }

  /** Instances that EC2 names and that are not terminated: ids and states. None where no sandbox lives. */
  async alive() {
    const address = this.address();
    if (address === undefined || !lives(address.pid)) return [];
    const client = new EC2Client({
      region: address.region,
      endpoint: address.endpoint,
      credentials: { accessKeyId: address.access_key_id, secretAccessKey: address.secret_access_key },
      maxAttempts: 12,
    });
    try {
      const { Reservations: all = [] } = await client.send(new DescribeInstancesCommand({}));
      return all
        .flatMap(({ Instances: some = [] }) => some)
        .filter(({ State: state }) => state?.Name !== "terminated")
        .map(({ InstanceId: id, State: state }) => `${id} ${state?.Name}`);
    } finally {
      client.destroy();
    }
  }

  /** Ends the sandbox by `signal`; answers whether it went. One that is starting up is waited for. */
  async endSandbox(signal) {
    for (let waited_s = 0; waited_s < 10 && this.#isStarting(); waited_s += 0.1) await wait(0.1);
    const pid = this.address()?.pid;
    if (pid === undefined || !lives(pid)) return true;
    process.kill(pid, signal);
    for (let waited_s = 0; waited_s < 30 && lives(pid); waited_s += 0.05) await wait(0.05);
    return !lives(pid);
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

  remove() {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function textOf(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
