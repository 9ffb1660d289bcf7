// What microVMs left on this computer, for `sweep --local`: by processes, devices and folders.

import { type MicroVmLeftover, endMicroVm, findMicroVms } from "./release.ts";
import { isClientAlive, listMicroVmFolders } from "./state-folder.ts";

export interface LocalLeftover {
  readonly id: string;
  /** The run that booted it, and its side; absent where its folder does not say. */
  readonly run?: string;
  readonly side?: string;
  /** What is there: `3 processes`, `folder`, `device`. */
  readonly parts: readonly string[];
  /** Its client lives: it is in use, and stays. */
  readonly isInUse: boolean;
  /** A kill came before its folder said whose it is, and no process uses it. */
  readonly isNobodys: boolean;
}

/** All that is there of this user's microVMs. */
export async function findLocalLeftovers(): Promise<LocalLeftover[]> {
  const owners = await listMicroVmFolders();
  return [...(await findMicroVms()).values()].map((one) => {
    const owner = owners.get(one.id);
    return {
      id: one.id,
      ...(owner === undefined ? {} : { run: owner.run, side: owner.side }),
      parts: partsOf(one),
      isInUse: owner !== undefined && isClientAlive(owner),
      isNobodys: owner === undefined && one.processes.length === 0,
    };
  });
}

function partsOf({ processes, hasFolder, hasDevice }: MicroVmLeftover): string[] {
  return [
    ...(processes.length === 0 ? [] : [`${processes.length} ${processes.length === 1 ? "process" : "processes"}`]),
    ...(hasFolder ? ["folder"] : []),
    ...(hasDevice ? ["device"] : []),
  ];
}

/** Ends microVM `id`, and whatever is left of it; whether it is gone. */
export async function endLocalLeftover(id: string): Promise<boolean> {
  return await endMicroVm(id);
}
