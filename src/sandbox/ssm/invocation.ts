// A command on one instance, as SSM sees it: its request, its status and its script's output.

import type { Target } from "@aws-sdk/client-ssm";
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
  /** As they were asked for, where the instances were not named. */
  readonly targets: readonly Target[];
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

/** How a command ended on an instance. */
export interface InvocationEnd {
  readonly status: InvocationStatus;
  readonly details: string;
  readonly code: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** The agent's own words in the place of both, as ListCommandInvocations shows them with Details. */
  readonly pluginOutput?: string;
}

export class Invocation {
  readonly request: CommandRequest;
  readonly instanceId: string;
  status: InvocationStatus = "Pending";
  details = "Pending";
  responseCode = -1;
  stdout = "";
  stderr = "";
  pluginOutput: string | undefined;
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
  end(end: InvocationEnd): void {
    if (this.isOver) return;
    this.status = end.status;
    this.details = end.details;
    this.responseCode = end.code;
    this.stdout = end.stdout ?? "";
    this.stderr = end.stderr ?? "";
    this.pluginOutput = end.pluginOutput;
    this.endedAt = new Date();
  }
}

const undelivered: InvocationEnd = { status: "TimedOut", details: "DeliveryTimedOut", code: -1 };

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

  /** The command, where readers see it by now. */
  seen(commandId: string): Command | undefined {
    const command = this.#commands.get(commandId);
    return command !== undefined && command.visibleAt <= Date.now() ? command : undefined;
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
      else invocation.end(undelivered);
    };
    this.#time.after(timeoutS, () => {
      if (invocation.status === "Pending") invocation.end(undelivered);
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
