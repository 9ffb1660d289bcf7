// The body of an instance whose commands are processes of this computer, in a folder of its own.

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { openTree } from "../process/open-tree.ts";
import { DocumentWorkers } from "../ssm/document-worker.ts";
import { agentEnvironment } from "./agent-environment.ts";
import { fillDisk, installFakeClock, setFakeClock } from "./disk-and-clock.ts";
import { makeInstanceFolder } from "./instance-folder.ts";
import type { InstanceContext, InstancePlan } from "./instance-plan.ts";
import type { MachineBody } from "./machine-body.ts";
import { watchPower } from "./power-requests.ts";
import { runPerBootScripts, runUserData } from "./user-data.ts";

/** `skew_s`: how far its clock is ahead, where it has one of its own. */
export function processBody(plan: InstancePlan, context: InstanceContext, skew_s: number | undefined): MachineBody {
  const folder = makeInstanceFolder({
    path: join(context.folder, plan.id),
    instanceId: plan.id,
    declares: context.declares,
    systemPath: context.systemPath,
  });
  const { orchestration } = folder;
  const say = (line: string): void => {
    try {
      appendFileSync(folder.console, `timetrial sandbox: ${line}\n`);
    } catch {
      // The folder may be gone with the instance.
    }
  };
  if (skew_s !== undefined) installFakeClock(folder, skew_s);
  return {
    workers: new DocumentWorkers({ time: context.time, orchestration, env: agentEnvironment(plan, folder) }),
    say,
    console: () => folder.consoleTail(),
    open: () => openTree(context.isolation, { instanceId: plan.id, folder: folder.path, env: folder.env }),
    runBootScripts: (tree, isFirst) => {
      if (isFirst) runUserData(plan.userData, { tree, folder, say });
      else runPerBootScripts({ tree, folder, say });
    },
    watchPower: (act) => watchPower(folder.power, act),
    setClock: (seconds) => setFakeClock(folder, seconds),
    fillDisk: (tree) => fillDisk(tree, folder),
    remove: () => folder.remove(),
  };
}
