// A suite as it arrives on a machine: its folder and what it is shipped with. And what every suite must be.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import type { Manifest } from "../../src/domain/plan/suite.ts";
import { type Env, Machine, type Said } from "./suite-steps.ts";

/** The shells at hand, by what runs them. */
export const shells = [["dash"], ["bash"], ["busybox", "sh"], ["mksh"]] as const;

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
  const folder = mkdtempSync(join(tmpdir(), `timetrial-suite-${name}-`));
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
