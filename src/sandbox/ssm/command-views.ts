// Commands and invocations, as SSM describes them.

import type { Command as SsmCommand, CommandInvocation, GetCommandInvocationResult } from "@aws-sdk/client-ssm";
import { defined } from "../../domain/defined.ts";
import { combinedOutput } from "./command-output.ts";
import { commandStatus, type Command, type Invocation } from "./invocation.ts";

const plugin = "aws:runShellScript";

export function commandView(command: Command): SsmCommand {
  const { request, invocations } = command;
  const status = commandStatus(command);
  const count = (...wanted: string[]): number => invocations.filter((each) => wanted.includes(each.status)).length;
  return {
    CommandId: request.commandId,
    DocumentName: request.documentName,
    DocumentVersion: "$DEFAULT",
    Comment: request.comment,
    Parameters: mutable(request.parameters),
    InstanceIds: request.targets.length > 0 ? [] : [...request.instanceIds],
    Targets: [...request.targets],
    RequestedDateTime: request.requestedAt,
    ExpiresAfter: new Date(request.requestedAt.getTime() + (request.timeoutS + request.order.executionTimeoutS) * 1000),
    Status: status,
    StatusDetails: invocations.length === 0 ? "NoInstancesInTag" : status,
    MaxConcurrency: "50",
    MaxErrors: "0",
    TargetCount: invocations.length,
    CompletedCount: invocations.filter((each) => each.isOver).length,
    ErrorCount: count("Failed", "TimedOut"),
    DeliveryTimedOutCount: invocations.filter((each) => each.details === "DeliveryTimedOut").length,
    TimeoutSeconds: request.timeoutS,
  };
}

/** Output is there only when the script has ended: nothing is streamed. */
export function getInvocationView(invocation: Invocation): GetCommandInvocationResult {
  const { request, startedAt, endedAt } = invocation;
  return {
    CommandId: request.commandId,
    InstanceId: invocation.instanceId,
    Comment: request.comment,
    DocumentName: request.documentName,
    DocumentVersion: "$DEFAULT",
    PluginName: plugin,
    ResponseCode: invocation.responseCode,
    ExecutionStartDateTime: startedAt?.toISOString() ?? "",
    ExecutionElapsedTime:
      startedAt === undefined || endedAt === undefined
        ? ""
        : `PT${((endedAt.getTime() - startedAt.getTime()) / 1000).toFixed(3)}S`,
    ExecutionEndDateTime: endedAt?.toISOString() ?? "",
    Status: invocation.status,
    StatusDetails: invocation.details,
    StandardOutputContent: invocation.stdout,
    StandardOutputUrl: "",
    StandardErrorContent: invocation.stderr,
    StandardErrorUrl: "",
    CloudWatchOutputConfig: { CloudWatchLogGroupName: "", CloudWatchOutputEnabled: false },
  };
}

export function listInvocationView(invocation: Invocation, details: boolean): CommandInvocation {
  const { request, startedAt, endedAt } = invocation;
  const status = invocation.status;
  return {
    CommandId: request.commandId,
    InstanceId: invocation.instanceId,
    InstanceName: "",
    Comment: request.comment,
    DocumentName: request.documentName,
    DocumentVersion: "$DEFAULT",
    RequestedDateTime: request.requestedAt,
    Status: status,
    StatusDetails: invocation.details,
    StandardOutputUrl: "",
    StandardErrorUrl: "",
    CommandPlugins: details
      ? [
          {
            Name: plugin,
            Status: status === "Cancelling" ? "InProgress" : status,
            StatusDetails: invocation.details,
            ResponseCode: invocation.responseCode,
            ...defined({ ResponseStartDateTime: startedAt, ResponseFinishDateTime: endedAt }),
            Output: invocation.pluginOutput ?? combinedOutput(invocation.stdout, invocation.stderr),
          },
        ]
      : [],
  };
}

function mutable(parameters: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, [...values]]));
}
