// SSM's JSON 1.1: inwards checked member by member against the SDK's schema, outwards with times as epoch seconds.

import type { NormalizedSchema } from "@smithy/core/schema";
import { ServiceError } from "./service-error.ts";
import { requiredMembers } from "./sdk-schemas.ts";

export function readJsonInput(body: Buffer, schema: NormalizedSchema): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new ServiceError("SerializationException", "the body is not JSON");
  }
  return read(value, schema, "") as Record<string, unknown>;
}

export function writeJsonOutput(output: object): string {
  return JSON.stringify(output, function (this: Record<string, unknown>, key: string, value: unknown) {
    // The replacer's own value is a string already: Date has a toJSON.
    const original = this[key];
    return original instanceof Date ? original.getTime() / 1000 : value;
  });
}

export function writeJsonFailure(failure: ServiceError): string {
  return JSON.stringify({ __type: failure.code, message: failure.message, Message: failure.message });
}

function read(value: unknown, schema: NormalizedSchema, path: string): unknown {
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw wrongType(path, "a list");
    return value.map((item, index) => read(item, schema.getValueSchema(), `${path}[${index}]`));
  }
  if (schema.isMapSchema()) {
    const fields = object(value, path);
    return Object.fromEntries(
      Object.entries(fields).map(([key, item]) => [key, read(item, schema.getValueSchema(), `${path}.${key}`)]),
    );
  }
  if (schema.isStructSchema()) return structure(object(value, path), schema, path);
  const [fits, expected] = scalarFits(value, schema);
  if (!fits) throw wrongType(path, expected);
  return schema.isTimestampSchema() ? new Date(Number(value) * 1000) : value;
}

function structure(fields: Record<string, unknown>, schema: NormalizedSchema, path: string): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const [name, member] of schema.structIterator()) {
    known.add(name);
    const field = fields[name];
    if (field !== undefined && field !== null)
      input[name] = read(field, member, path === "" ? name : `${path}.${name}`);
  }
  for (const name of Object.keys(fields))
    if (!known.has(name))
      throw new ServiceError("ValidationException", `${path && `${path}.`}${name} is not a known member`);
  for (const name of requiredMembers(schema))
    if (input[name] === undefined)
      throw new ServiceError("ValidationException", `Value null at '${path && `${path}.`}${name}' must not be null`);
  return input;
}

function scalarFits(value: unknown, schema: NormalizedSchema): [fits: boolean, expected: string] {
  if (schema.isBooleanSchema()) return [typeof value === "boolean", "true or false"];
  if (schema.isNumericSchema() || schema.isTimestampSchema()) return [typeof value === "number", "a number"];
  if (schema.isStringSchema()) return [typeof value === "string", "a string"];
  return [true, ""];
}

function object(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType(path, "an object");
  return value as Record<string, unknown>;
}

function wrongType(path: string, expected: string): ServiceError {
  return new ServiceError("SerializationException", `${path || "the body"}: expected ${expected}`);
}
