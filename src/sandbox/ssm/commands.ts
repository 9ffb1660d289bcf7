// SSM's operations on commands.

import {
  CancelCommand$,
  GetCommandInvocation$,
  ListCommandInvocations$,
  ListCommands$,
  SendCommand$,
  type CancelCommandRequest,
  type CommandFilter,
  type GetCommandInvocationRequest,
  type ListCommandInvocationsRequest,
  type ListCommandsRequest,
  type SendCommandRequest,
} from "@aws-sdk/client-ssm";
import { defined } from "../../domain/defined.ts";
import type { Region } from "../account.ts";
import { commandView, getInvocationView, listInvocationView } from "./command-views.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { operation, type Operation } from "../operation.ts";
import { page, pageSize } from "../protocol/pagination.ts";
import { spoilReply } from "../faults/reply-faults.ts";
import { commandStatus, type Command, type Invocation } from "./invocation.ts";
import { sendCommand } from "./send-command.ts";

/** More than a command can have. */
const mostInstances = 100_000;

export const commandOperations: Readonly<Record<string, Operation>> = {
  SendCommand: operation<SendCommandRequest, object>(SendCommand$, (input, region) => ({
    Command: commandView(sendCommand(input, region)),
  })),
  GetCommandInvocation: operation<GetCommandInvocationRequest, object>(GetCommandInvocation$, (input, region) => {
    const command = region.commands.seen(input.CommandId ?? "");
    const invocation = command?.invocations.find((each) => each.instanceId === input.InstanceId);
    if (invocation === undefined) throw new ServiceError("InvocationDoesNotExist", "");
    if (input.PluginName !== undefined && input.PluginName !== "aws:runShellScript")
      throw new ServiceError("InvalidPluginName", `there is no plugin ${input.PluginName}`);
    return spoilReply(getInvocationView(invocation), region.account.faults);
  }),
  ListCommandInvocations: operation<ListCommandInvocationsRequest, object>(ListCommandInvocations$, (input, region) => {
    const named = input.CommandId === undefined ? undefined : region.commands.seen(input.CommandId);
    const asked = input.CommandId === undefined ? region.commands.visible() : named === undefined ? [] : [named];
    const shown = asked.flatMap((command) =>
      command.invocations.flatMap((each, i) =>
        (input.InstanceId ?? each.instanceId) === each.instanceId && fits(command, each.status, input.Filters)
          ? [{ command, each, place: command.number * mostInstances + i }]
          : [],
      ),
    );
    const { items, next } = page(shown, ({ place }) => place, paging(input));
    return {
      CommandInvocations: items.map(({ each }) => listInvocationView(each, input.Details === true)),
      ...defined({ NextToken: next }),
    };
  }),
  ListCommands: operation<ListCommandsRequest, object>(ListCommands$, (input, region) => {
    const shown = region.commands
      .visible()
      .filter(
        (each) =>
          (input.CommandId ?? each.request.commandId) === each.request.commandId &&
          (input.InstanceId === undefined || each.request.instanceIds.includes(input.InstanceId)) &&
          fits(each, commandStatus(each), input.Filters),
      );
    const { items, next } = page(shown, (each) => each.number, paging(input));
    return { Commands: items.map(commandView), ...defined({ NextToken: next }) };
  }),
  CancelCommand: operation<CancelCommandRequest, object>(CancelCommand$, cancelCommand),
};

function cancelCommand(input: CancelCommandRequest, region: Region): object {
  const command = region.commands.get(input.CommandId ?? "");
  if (command === undefined) throw new ServiceError("InvalidCommandId", `there is no command ${input.CommandId}`);
  const ids = input.InstanceIds ?? [];
  if (new Set(ids).size < ids.length) throw new ServiceError("DuplicateInstanceId", "an instance is named twice");
  for (const id of ids)
    if (!command.request.instanceIds.includes(id))
      throw new ServiceError("InvalidInstanceId", `the command was not sent to ${id}`);
  for (const each of command.invocations)
    if (ids.length === 0 || ids.includes(each.instanceId)) region.instances.get(each.instanceId)?.cancel(each);
  return {};
}

function fits(command: Command, status: Invocation["status"], filters: readonly CommandFilter[] | undefined): boolean {
  return (filters ?? []).every(({ key, value = "" }) => {
    if (key === "Status") return status === value;
    if (key === "DocumentName") return command.request.documentName === value;
    if (key === "InvokedAfter") return command.request.requestedAt.getTime() > timeOf(value);
    if (key === "InvokedBefore") return command.request.requestedAt.getTime() < timeOf(value);
    throw new ServiceError("InvalidFilterKey", `there is no filter ${String(key)}`);
  });
}

function timeOf(value: string): number {
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new ServiceError("ValidationException", `'${value}' is not a time`);
  return time;
}

function paging(input: { MaxResults?: number | undefined; NextToken?: string | undefined }): {
  size: number;
  token: string | undefined;
  badToken: string;
} {
  return {
    size: pageSize(input.MaxResults, [1, 50], "ValidationException"),
    token: input.NextToken,
    badToken: "InvalidNextToken",
  };
}
