// The body of an instance that has neither folder nor processes.

import type { InstanceContext, InstancePlan } from "../instance/instance-plan.ts";
import type { MachineBody } from "../instance/machine-body.ts";
import type { SimulationSettings } from "./settings.ts";
import { SimulatedMachine } from "./simulated-machine.ts";
import { SimulatedWorkers } from "./simulated-workers.ts";

const consoleLines = 100;

export function simulatedBody(
  { id, type }: InstancePlan,
  { time }: InstanceContext,
  settings: SimulationSettings,
): MachineBody {
  const machine = new SimulatedMachine({ id, type, settings, time });
  const console: string[] = [];
  return {
    workers: new SimulatedWorkers(machine, time),
    say: (line) => {
      console.push(`timetrial sandbox: ${line}\n`);
      if (console.length > consoleLines) console.shift();
    },
    console: () => console.join(""),
    open: async () => ({
      isolation: "simulated",
      notes: [],
      start: () => {
        throw new Error("a simulated machine has no processes");
      },
      end: async () => machine.reboot(),
    }),
    runBootScripts: () => {},
    watchPower: () => () => {},
    setClock: () => {},
    fillDisk: async () => false,
    remove: () => {},
  };
}
