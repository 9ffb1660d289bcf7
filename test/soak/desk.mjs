// A desk: a folder with a sandbox of its own, the built command line run in it as a user does, and what of it still lives.

import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { DeskFolder, dist, isAlive } from "../support/desk-folder.mjs";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

export const suite = join(import.meta.dirname, "suite");

const resolverUrl = new URL("../support/resolver.mjs", import.meta.url).href;

/** A client that takes longer than this hangs. Seconds. */
const longest_s = 150;

export const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export class Desk extends DeskFolder {
  results = join(this.folder, "results");
  /** What the machines leave outside of themselves. */
  kept = join(this.folder, "kept");
  /** Ids of machines that are none of the run's. */
  bystanders = new Set();
  #env;
  #number = 0;

  constructor(timeScale, faults) {
    super(timeScale);
    mkdirSync(this.kept);
    this.#env = { ...this.env, TIMETRIAL_SANDBOX_FAULTS: faults };
  }

  /**
   * Runs timetrial to its end, hurt by `signal` after `after_s` if it lives so long; what it said is kept in the desk.
   * `noNames`: from when on, and how long, names lead nowhere. Seconds.
   */
  async run(words, hurt, env = {}, noNames) {
    const file = join(this.folder, "no-names");
    const resolver = { NODE_OPTIONS: `--import=${resolverUrl}`, TIMETRIAL_TEST_NO_NAMES: file };
    const child = spawn(process.execPath, [join(dist, "cli.js"), ...words], {
      cwd: this.folder,
      env: { ...this.#env, ...env, ...(noNames === undefined ? {} : resolver) },
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
    const names =
      noNames === undefined
        ? []
        : [
            setTimeout(() => writeFileSync(file, ""), noNames.after_s * 1000),
            setTimeout(() => rmSync(file, { force: true }), (noNames.after_s + noNames.for_s) * 1000),
          ];
    const [status, signal] = await new Promise((done) => child.on("close", (...how) => done(how)));
    clearTimeout(limit);
    clearTimeout(timer);
    for (const one of names) clearTimeout(one);
    rmSync(file, { force: true });
    const [stdout, stderr] = ["stdout", "stderr"].map((name) => Buffer.concat(said[name]).toString());
    const took_s = (Date.now() - since) / 1000;
    const ended = { words, status, signal, stdout, stderr, isHung, took_s, hurt: wasHurt ? hurt.signal : undefined };
    writeFileSync(join(this.folder, `client-${++this.#number}.json`), JSON.stringify(ended, undefined, 1));
    return ended;
  }

  /** Instances that EC2 names and that are not terminated: ids and states. Bystanders are not among them. None where no sandbox lives. */
  async alive() {
    return (await this.#instances())
      .filter(({ InstanceId: id, State: state }) => state?.Name !== "terminated" && !this.bystanders.has(id))
      .map(({ InstanceId: id, State: state }) => `${id} ${state?.Name}`);
  }

  /** Launches machines that are none of the run's: one without a tag of ours, one of another run. Those that EC2 refuses are not there. */
  async launchBystanders() {
    const image = (await this.#instances())[0]?.ImageId;
    if (image === undefined) return;
    const common = { ImageId: image, InstanceType: "s1.medium", MinCount: 1, MaxCount: 1 };
    const Tags = [{ Key: "timetrial:run", Value: "another-run" }];
    for (const more of [{}, { TagSpecifications: [{ ResourceType: "instance", Tags }] }]) {
      const answer = await this.ec2((client) => client.send(new RunInstancesCommand({ ...common, ...more }))).catch(
        () => undefined,
      );
      const id = answer?.Instances?.[0]?.InstanceId;
      if (id !== undefined) this.bystanders.add(id);
    }
  }

  /** What became of bystanders that do not run any more; undefined where there were none, or no sandbox lives. */
  async touched() {
    const address = this.address();
    if (this.bystanders.size === 0 || address === undefined || !isAlive(address.pid)) return undefined;
    return (await this.#instances())
      .filter(
        ({ InstanceId: id, State: state }) => this.bystanders.has(id) && !["pending", "running"].includes(state?.Name),
      )
      .map(({ InstanceId: id, State: state }) => `${id}, none of the run's, is ${state?.Name}`);
  }

  /** The instances that EC2 names; none where no sandbox lives. */
  async #instances() {
    const address = this.address();
    return address === undefined || !isAlive(address.pid) ? [] : await this.instances();
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

  /** Ends the sandbox of the other account, where there is one. */
  async endOther() {
    const text = textOf(join(this.folder, "other", "sandbox.json"));
    const pid = text === "" ? undefined : JSON.parse(text).pid;
    if (pid === undefined || !isAlive(pid)) return;
    process.kill(pid, "SIGTERM");
    for (let waited_s = 0; waited_s < 30 && isAlive(pid); waited_s += 0.05) await wait(0.05);
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
