// The faults of one machine: drawn once for the machine, or for each command that starts on it.

import type { FaultDraws } from "./fault-plan.ts";
import type { FaultName } from "./fault-kinds.ts";
import type { Cancel } from "../scaled-time.ts";

/** What a fault can do to a machine. */
export interface FaultTarget {
  restartAgent(away_s: number): void;
  restartOldAgent(): void;
  killWorkers(): void;
  loseAgent(): void;
  reboot(): void;
  jumpClock(seconds: number): void;
  terminate(code: string, message: string): Promise<void>;
  stop(code: string, message: string): Promise<void>;
}

/** The longest from a command's start to a fault of its machine. Real seconds, as work is not scaled. */
const soon_s = 0.6;

/** How long a killed ssm-agent-worker is away; an agent that is restarted is back at once. Scaled seconds. */
const workerBack_s = 66;

export class MachineFaults {
  readonly hasNoAgent: boolean;
  readonly hasFullDisk: boolean;
  readonly #rebootsFirst: boolean;
  readonly #faults: FaultDraws;
  #jump: number | undefined;

  constructor(faults: FaultDraws) {
    this.#faults = faults;
    this.hasNoAgent = faults.happens("agent-never");
    this.hasFullDisk = faults.happens("disk-full");
    this.#rebootsFirst = faults.happens("reboot-first");
    this.#jump = faults.of("clock-jump")?.seconds;
  }

  /** How far the machine's clock is ahead of this computer's, from its beginning on. Seconds. */
  get skew_s(): number {
    return this.#faults.of("clock-skew")?.seconds ?? 0;
  }

  get hasOwnClock(): boolean {
    return this.skew_s !== 0 || this.#faults.of("clock-jump") !== undefined;
  }

  /** Called when the agent has registered for the first time. */
  registered(target: FaultTarget, after: (seconds: number, act: () => void) => Cancel): void {
    if (this.#rebootsFirst) after(this.#faults.fraction("reboot-first") * soon_s, () => target.reboot());
  }

  /** Called when a command begins. */
  begun(target: FaultTarget, isSpot: boolean, after: (seconds: number, act: () => void) => Cancel): void {
    const draw = (name: FaultName, act: () => void): void => {
      if (this.#faults.happens(name)) after(this.#faults.fraction(name) * soon_s, act);
    };
    draw("late-result", () => target.restartAgent(this.#faults.fraction("late-result") < 0.5 ? 0 : workerBack_s));
    draw("lost-result", () => target.killWorkers());
    draw("agent-restart", () => target.restartOldAgent());
    draw("agent-lost", () => target.loseAgent());
    draw("kill-machine", () => {
      void target.terminate("Server.InternalError", "Server.InternalError: Internal error: the host failed");
    });
    draw("stop-machine", () => {
      void target.stop("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown");
    });
    if (isSpot) {
      draw("spot-interrupt", () => {
        const code = "Server.SpotInstanceTermination";
        void target.terminate(code, `${code}: Spot instance termination`);
      });
    }
    const jump = this.#jump;
    if (jump === undefined) return;
    this.#jump = undefined;
    after(this.#faults.fraction("clock-jump") * soon_s, () => target.jumpClock(jump));
  }

  /** Returns whether the command that is being delivered is delivered twice. */
  comesTwice(): boolean {
    return this.#faults.happens("duplicate");
  }
}
