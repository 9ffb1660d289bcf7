// An instance's own folder, and the environment of everything that runs on it. Nothing of the user's environment goes
// in: it may hold keys.

import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stubCommands } from "./stub-commands.ts";

export interface InstanceFolder {
  readonly path: string;
  readonly console: string;
  readonly power: string;
  /** Where the SSM agent keeps its commands' scripts. */
  readonly orchestration: string;
  /** Scripts of the instance's own that run at every boot after the first, as cloud-init does. */
  readonly perBoot: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** The last 64 KB of the console. */
  consoleTail(): string;
  remove(): void;
}

export interface FolderPlan {
  readonly path: string;
  readonly instanceId: string;
  /** What the machine declares about itself beside its folders: variables that every step gets. */
  readonly declares: Readonly<Record<string, string>>;
  /** PATH after the stand-ins. */
  readonly systemPath: string;
}

const consoleLimit = 64 * 1024;

export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The same behind the folders `first`, if any: their programs are found before the system's. */
export function systemPathAfter(first = ""): string {
  return first === "" ? systemPath : `${first}:${systemPath}`;
}

export function makeInstanceFolder(plan: FolderPlan): InstanceFolder {
  const at = (...names: string[]): string => join(plan.path, ...names);
  const [bin, root, power, home] = [at("bin"), at("root"), at("power"), at("root", "root")];
  const orchestration = at("document", "orchestration");
  const perBoot = at("root", "var", "lib", "cloud", "scripts", "per-boot");
  mkdirSync(plan.path, { recursive: true, mode: 0o700 });
  for (const each of [bin, root, power, at("document"), orchestration, home, at("home"), at("tmp")])
    mkdirSync(each, { mode: 0o700 });
  mkdirSync(perBoot, { recursive: true, mode: 0o755 });
  for (const [name, script] of stubCommands(power)) {
    writeFileSync(join(bin, name), script, { mode: 0o755 });
    chmodSync(join(bin, name), 0o755);
  }
  const machineEnv = at("machine.env");
  const declared = {
    TIMETRIAL_SANDBOX: "1",
    TIMETRIAL_HOME: at("home"),
    TIMETRIAL_PATH_FIRST: bin,
    TIMETRIAL_INSTANCE: plan.instanceId,
    ...plan.declares,
  };
  writeFileSync(machineEnv, lines(declared), { mode: 0o600 });
  writeFileSync(at("console.log"), "", { mode: 0o600 });
  return {
    path: plan.path,
    console: at("console.log"),
    power,
    orchestration,
    perBoot,
    home,
    env: {
      TIMETRIAL_INSTANCE: plan.instanceId,
      TIMETRIAL_MACHINE_ENV: machineEnv,
      TIMETRIAL_ROOT: root,
      // Last on PATH, for the suites' node driver.
      PATH: `${bin}:${plan.systemPath}:${dirname(process.execPath)}`,
      HOME: home,
      TMPDIR: at("tmp"),
    },
    consoleTail: () => tailOf(at("console.log")),
    remove: () => rmSync(plan.path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

function tailOf(path: string): string {
  try {
    return readFileSync(path).subarray(-consoleLimit).toString("utf8");
  } catch {
    return "";
  }
}

function lines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
