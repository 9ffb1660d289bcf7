// SendCommand: what the request must be, and what the instances' agents are told.

import type { SendCommandRequest, Target } from "@aws-sdk/client-ssm";
import { randomUUID } from "node:crypto";
import type { Region } from "../account.ts";
import { ServiceError } from "../protocol/service-error.ts";
import type { Command, ScriptRequest } from "./invocation.ts";
import { findParameter } from "./parameters.ts";

const document = "AWS-RunShellScript";
const documentLimit = 64 * 1024;

export function sendCommand(input: SendCommandRequest, region: Region): Command {
  check(input);
  const instanceIds = input.InstanceIds?.length ? input.InstanceIds : targetsOf(input.Targets ?? [], region);
  const order = orderOf(input.Parameters ?? {}, region.name);
  for (const id of instanceIds)
    if (region.instances.get(id)?.isManaged !== true)
      throw new ServiceError("InvalidInstanceId", `Instances [[${id}]] not in a valid state for account`);
  const command = region.commands.add(
    {
      commandId: randomUUID(),
      documentName: document,
      comment: input.Comment ?? "",
      parameters: input.Parameters ?? {},
      instanceIds,
      targets: input.Targets ?? [],
      requestedAt: new Date(),
      timeoutS: input.TimeoutSeconds ?? 3600,
      order,
    },
    (id) => region.instances.get(id)?.isManaged === true,
  );
  for (const each of command.invocations) region.instances.get(each.instanceId)?.deliver(each);
  return command;
}

function check(input: SendCommandRequest): void {
  const { InstanceIds: ids = [], Comment: comment = "", TimeoutSeconds: timeout = 3600 } = input;
  if (input.DocumentName !== document && input.DocumentName !== `arn:aws:ssm:::document/${document}`)
    throw new ServiceError("InvalidDocument", `the sandbox has ${document} only, not ${String(input.DocumentName)}`);
  if (input.DocumentVersion !== undefined && !["$DEFAULT", "$LATEST", "1"].includes(input.DocumentVersion))
    throw new ServiceError("InvalidDocumentVersion", `${document} has no version ${input.DocumentVersion}`);
  checkTargets(input);
  if (ids.length > 50) throw tooLong("instanceIds", 50);
  if (new Set(ids).size < ids.length) throw new ServiceError("DuplicateInstanceId", "an instance is named twice");
  const malformed = ids.find((id) => !/^m?i-[0-9a-f]{8,17}$/.test(id));
  if (malformed !== undefined)
    throw new ServiceError("ValidationException", `Value '${malformed}' at 'instanceIds' does not fit its pattern`);
  if (comment.length > 100) throw tooLong("comment", 100);
  if (!Number.isInteger(timeout) || timeout < 30 || timeout > 2_592_000)
    throw new ServiceError(
      "ValidationException",
      `Value '${timeout}' at 'timeoutSeconds' is not between 30 and 2592000`,
    );
  for (const [name, most] of [
    ["MaxConcurrency", 7],
    ["MaxErrors", 7],
    ["OutputS3KeyPrefix", 500],
  ] as const)
    if ((input[name] ?? "").length > most) throw tooLong(name, most);
  if (JSON.stringify(input.Parameters ?? {}).length > documentLimit)
    throw new ServiceError(
      "MaxDocumentSizeExceeded",
      `the document with its parameters is over ${documentLimit} bytes`,
    );
}

/** Limits from botocore's model of SSM; both together, or neither, is refused as its documentation has it. */
function checkTargets({ Targets: targets = [], InstanceIds: ids = [] }: SendCommandRequest): void {
  if (ids.length > 0 && targets.length > 0) throw invalid("InstanceIds and Targets cannot both be specified");
  if (ids.length === 0 && targets.length === 0) throw invalid("InstanceIds or Targets must be specified");
  if (targets.length > 5) throw tooLong("targets", 5);
  for (const { Values: values = [] } of targets) if (values.length > 50) throw tooLong("targets.values", 50);
}

/** Managed instances that all targets name: by `tag:KEY`, `tag-key` or `InstanceIds`. */
function targetsOf(targets: readonly Target[], region: Region): string[] {
  const managed = [...region.instances.values()].filter((each) => each.isManaged);
  const chosen = targets.reduce((left, { Key: key = "", Values: values = [] }) => {
    const tag = /^tag:(.+)$/s.exec(key)?.[1];
    if (tag !== undefined) return left.filter((each) => values.includes(each.tags.instance.get(tag) ?? "\0"));
    if (key === "tag-key") return left.filter((each) => values.some((value) => each.tags.instance.has(value)));
    if (key === "InstanceIds") return left.filter((each) => values.includes(each.id));
    throw invalid(`the sandbox has no target ${key}`);
  }, managed);
  return chosen.map((each) => each.id);
}

function orderOf(parameters: Record<string, string[]>, region: string): ScriptRequest {
  const unknown = Object.keys(parameters).find(
    (name) => name !== "commands" && name !== "workingDirectory" && name !== "executionTimeout",
  );
  if (unknown !== undefined) throw invalid(`${document} has no parameter ${unknown}`);
  const commands = parameters["commands"] ?? [];
  if (commands.length === 0) throw invalid("commands must hold at least one line");
  const workingDirectory = only(parameters, "workingDirectory") ?? "";
  if (workingDirectory.length > 4096) throw invalid("workingDirectory is over 4096 characters");
  const timeout = only(parameters, "executionTimeout") ?? "3600";
  if (!/^([1-9]\d{0,4}|1[0-6]\d{4}|17[01]\d{3}|172[0-7]\d\d|172800)$/.test(timeout))
    throw invalid(`executionTimeout '${timeout}' does not fit its pattern`);
  return {
    script: resolved(commands.join("\n"), region),
    workingDirectory,
    // The agent takes 3600 for what it finds too short, and says nothing.
    executionTimeoutS: Number(timeout) < 5 ? 3600 : Number(timeout),
  };
}

function only(parameters: Record<string, string[]>, name: string): string | undefined {
  const values = parameters[name];
  if (values === undefined) return undefined;
  if (values.length !== 1) throw invalid(`${name} must be a list of one string`);
  return values[0];
}

// {{ssm:NAME}} is Parameter Store's, wherever in a script it stands.
function resolved(script: string, region: string): string {
  return script.replace(/\{\{ *ssm:([^{}\s]+) *\}\}/g, (_, name: string) => {
    const image = findParameter(name, region);
    if (image === undefined) throw invalid(`Parameter ${name} could not be resolved`);
    return image.id;
  });
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidParameters", message);
}

function tooLong(name: string, most: number): ServiceError {
  return new ServiceError("ValidationException", `Member '${name}' must have length less than or equal to ${most}`);
}
