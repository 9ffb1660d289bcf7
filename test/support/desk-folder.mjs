// A scratch folder with a sandbox and an agent's home of its own, for the built command line: what the tests' desk and the
// soak's share. Plain JavaScript, because the soak runs without a build of its own.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { removeFolder } from "./remove-folder.mjs";

/** The built command line and sandbox. */
export const dist = resolve(import.meta.dirname, "..", "..", "dist");

export class DeskFolder {
  /** The path is short: sockets and instances live below it. */
  folder = mkdtempSync(join(tmpdir(), "tt-"));
  sandboxFolder = join(this.folder, "sb");
  /** @type {Record<string, string | undefined>} */
  env;

  /** @param {number} timeScale */
  constructor(timeScale) {
    // A home of its own for `local`, too: what runs at two desks does not wait for each other's turns.
    writeFileSync(join(this.folder, "machine.env"), `TIMETRIAL_HOME=${join(this.folder, "home")}\n`);
    const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|TIMETRIAL_(?!SANDBOX_PATH$))/.test(name));
    this.env = {
      ...Object.fromEntries(own),
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/nonexistent",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
      TIMETRIAL_MACHINE_ENV: join(this.folder, "machine.env"),
      TIMETRIAL_SANDBOX_STATE: this.sandboxFolder,
      XDG_STATE_HOME: join(this.folder, "state"),
      TIMETRIAL_RESULTS: "results",
      TIMETRIAL_SANDBOX_TIME_SCALE: String(timeScale),
    };
  }

  /**
   * Where the sandbox listens, if it does.
   * @returns {{ pid: number; region: string; endpoint: string; access_key_id: string; secret_access_key: string } | undefined}
   */
  address() {
    try {
      return JSON.parse(readFileSync(join(this.sandboxFolder, "sandbox.json"), "utf8"));
    } catch {
      return undefined;
    }
  }

  /**
   * What `ask` is told by the sandbox's EC2; some of its calls may fail by a fault, so each is tried often.
   * @template Reply
   * @param {(ec2: EC2Client) => Promise<Reply>} ask
   * @returns {Promise<Reply>}
   */
  async ec2(ask, region = "us-east-1") {
    const address = this.address();
    if (address === undefined) throw new Error("no sandbox was started at this desk");
    const client = new EC2Client({
      region,
      endpoint: address.endpoint,
      credentials: { accessKeyId: address.access_key_id, secretAccessKey: address.secret_access_key },
      maxAttempts: 12,
      // A fault may leave a request without an answer.
      requestHandler: { requestTimeout: 10_000, throwOnRequestTimeout: true },
    });
    try {
      return await ask(client);
    } finally {
      client.destroy();
    }
  }

  /** All instances that EC2 still shows, whatever their state. */
  async instances(region = "us-east-1") {
    const { Reservations = [] } = await this.ec2((client) => client.send(new DescribeInstancesCommand({})), region);
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  }

  /** Names of the runs below `results`, the oldest first; none where there is no such folder. */
  runs(results = "results") {
    try {
      return readdirSync(join(this.folder, results)).toSorted();
    } catch {
      return [];
    }
  }

  remove() {
    removeFolder(this.folder);
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
