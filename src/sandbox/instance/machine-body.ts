// What an instance is made of: processes of this computer in a folder, or a simulation.

import type { ProcessTree } from "../process/process-tree.ts";
import type { WorkerSource } from "../ssm/document-worker.ts";
import type { PowerRequest } from "./power-requests.ts";

export interface MachineBody {
  /** What runs the commands that its SSM agent gets. */
  readonly workers: WorkerSource;
  /** Adds a line to its console. */
  say(line: string): void;
  /** The last 64 KB of its console. */
  console(): string;
  /** Opens the tree of a boot's processes. */
  open(): Promise<ProcessTree>;
  /** Starts what it runs at a boot: the user-data at the first one. */
  runBootScripts(tree: ProcessTree, isFirst: boolean): void;
  /** Calls `act` for each shutdown or reboot that is asked for on it; returns what ends the watch. */
  watchPower(act: (request: PowerRequest) => void): () => void;
  /** From now on its clock is `seconds` ahead of this computer's. */
  setClock(seconds: number): void;
  /** Fills its disk; returns whether that could be done. */
  fillDisk(tree: ProcessTree): Promise<boolean>;
  remove(): void;
}
