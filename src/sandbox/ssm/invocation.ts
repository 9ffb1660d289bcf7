// A command sent to one instance, as SSM sees it: its request, its status and what its script said.

import type { FaultDraws } from "../faults/fault-plan.ts";
import type { Cancel, ScaledClock } from "../scaled-time.ts";

export type InvocationStatus =
  "Pending" | "InProgress" | "Success" | "Cancelled" | "TimedOut" | "Failed" | "Cancelling";

export interface CommandRequest {
  readonly commandId: string;
  readonly documentName: string;
  readonly comment: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly instanceIds: readonly string[];
  readonly requestedAt: Date;
  /** For delivery. */
  readonly timeoutS: number;
  readonly order: ScriptRequest;
}

/** What the agent is told to run. */
export interface ScriptRequest {
  readonly script: string;
  readonly workingDirectory: string;
  readonly executionTimeoutS: number;
}

export class Invocation {
  readonly request: CommandRequest;
  readonly instanceId: string;
  status: InvocationStatus = "Pending";
  details = "Pending";
  responseCode = -1;
  /** How often its script was started: again after the agent's restart. */
  runs = 0;
  stdout = "";
  stderr = "";
  startedAt: Date | undefined;
  endedAt: Date | undefined;

  constructor(request: CommandRequest, instanceId: string) {
    this.request = request;
    this.instanceId = instanceId;
  }

  get isOver(): boolean {
    return this.endedAt !== undefined;
  }

  begin(): void {
    this.status = "InProgress";
    this.details = "InProgress";
    this.startedAt ??= new Date();
  }

  /** The first end counts. */
  end(status: InvocationStatus, details: string, rest: { code: number; stdout?: string; stderr?: string }): void {
    if (this.isOver) return;
    this.status = status;
    this.details = details;
    this.responseCode = rest.code;
    this.stdout = rest.stdout ?? "";
    this.stderr = rest.stderr ?? "";
    this.endedAt = new Date();
  }
}

export interface Command {
  /** Ascending in the order of sending. */
  readonly number: number;
  readonly request: CommandRequest;
  readonly invocations: readonly Invocation[];
  /** When the service's readers begin to see it: not at once. */
  readonly visibleAt: number;
}

/** All commands of a region, with what the service itself does to them as time passes. */
export class CommandLog {
  readonly #commands = new Map<string, Command>();
  readonly #time: ScaledClock;
  readonly #unknownS: number;
  #sent = 0;

  constructor(time: ScaledClock, faults: FaultDraws) {
    this.#time = time;
    this.#unknownS = faults.of("consistency")?.seconds ?? 0.1;
  }

  add(request: CommandRequest, isReachable: (instanceId: string) => boolean): Command {
    const invocations = request.instanceIds.map((id) => new Invocation(request, id));
    const visibleAt = Date.now() + this.#time.ms(this.#unknownS);
    const command = { number: ++this.#sent, request, invocations, visibleAt };
    this.#commands.set(request.commandId, command);
    for (const each of invocations) this.#expire(each, () => isReachable(each.instanceId));
    return command;
  }

  get(commandId: string): Command | undefined {
    return this.#commands.get(commandId);
  }

  /** What readers see by now. */
  visible(): Command[] {
    return [...this.#commands.values()].filter((each) => each.visibleAt <= Date.now());
  }

  // A command to an instance that died stays in progress until the sum of both timeouts, and only then is called
  // undelivered. One whose agent is alive is left alone: its own limit is on the machine's clock.
  #expire(invocation: Invocation, isReachable: () => boolean): void {
    const { timeoutS, order } = invocation.request;
    const total = timeoutS + order.executionTimeoutS;
    let cancel: Cancel;
    const check = (): void => {
      cancel();
      if (invocation.isOver) return;
      if (isReachable()) cancel = this.#time.after(total, check);
      else invocation.end("TimedOut", "DeliveryTimedOut", { code: -1 });
    };
    this.#time.after(timeoutS, () => {
      if (invocation.status === "Pending") invocation.end("TimedOut", "DeliveryTimedOut", { code: -1 });
    });
    cancel = this.#time.after(total, check);
  }
}

/** A command's own status: that of its worst invocation, or of those under way. */
export function commandStatus(command: Command): InvocationStatus {
  const order: InvocationStatus[] = [
    "Cancelling",
    "InProgress",
    "Pending",
    "TimedOut",
    "Failed",
    "Cancelled",
    "Success",
  ];
  return order.find((status) => command.invocations.some((each) => each.status === status)) ?? "Success";
}
