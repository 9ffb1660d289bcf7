// A suite as it arrives on a machine: its folder and what it is shipped with. And what every suite must be.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import type { Manifest } from "../../src/domain/plan/suite.ts";
import { scratchFolder } from "./scratch.ts";
import { binFolder, type Env, Machine, type Said, which } from "./suite-steps.ts";

/** The shells at hand, by what runs them. */
export const shells = [["dash"], ["bash"], ["busybox", "sh"], ["mksh"]] as const;

/** Debian's busybox-static prefers its own applets to PATH: stand-ins of commands that it has are not called there. */
const prefersItsOwn = (shell: string): boolean => {
  if (shell !== "busybox" || which(shell) === undefined) return false;
  const path = binFolder([], { uname: "echo stand-in" });
  const said = spawnSync(which(shell) ?? "", ["sh", "-c", "uname"], { env: { PATH: path }, encoding: "utf8" });
  return said.stdout !== "stand-in\n";
};

/** What is missing for stand-ins on PATH to be tried under `shell`; undefined where nothing is. */
export function lackedForStandIns(shell: string): string | undefined {
  if (which(shell) === undefined) return `needs ${shell}`;
  return prefersItsOwn(shell) ? `needs a ${shell} that goes by PATH: Debian's busybox, not busybox-static` : undefined;
}

const folders: string[] = [];

export function removeShipped(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface Shipped {
  readonly manifest: Manifest;
  readonly folder: string;
}

export async function shipped(name: string): Promise<Shipped> {
  const { manifest, files } = await suiteFolders().load(name);
  const folder = scratchFolder(`timetrial-suite-${name}`);
  folders.push(folder);
  for (const file of files) {
    mkdirSync(join(folder, dirname(file.path)), { recursive: true });
    writeFileSync(join(folder, file.path), file.bytes, { mode: file.mode });
  }
  return { manifest, folder };
}

/** A machine that runs the suite's steps with its manifest's parameters, as far as `params` does not change them. */
export function machineOf(
  { manifest, folder }: Shipped,
  params: Env = {},
  env: Env = {},
  sh: readonly [string, ...string[]] = ["sh"],
): Machine {
  const all = Object.entries({ ...manifest.params, ...params });
  return new Machine(
    folder,
    { ...Object.fromEntries(all.map(([name, value]) => [`TT_PARAM_${name}`, value])), ...env },
    sh,
  );
}

export interface Trial {
  readonly prepare: Said | undefined;
  readonly run: Said;
  readonly check: Said;
}

/** A row's trial as the agent does it: prepare, run, check, each with what the one before left. */
export async function trial(
  machine: Machine,
  row: string,
  impl: string,
  driver: string,
  env: Env = {},
  prepares = false,
): Promise<Trial> {
  const all = { ...env, TT_ROW: row, TT_IMPL: impl, TT_DRIVER: driver };
  const prepare = prepares ? await machine.step("prepare.sh", all) : undefined;
  const run = await machine.step("run.sh", all);
  return { prepare, run, check: await machine.check(run.out, all) };
}
