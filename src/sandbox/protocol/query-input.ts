// EC2's Query protocol, inwards: a form of dotted keys becomes the input that the SDK's schema describes. What the
// schema lacks, a list with a hole, a wrong type and a missing member are refused, as the service does.

import { NormalizedSchema } from "@smithy/core/schema";
import { ServiceError } from "./service-error.ts";
import { capitalised, nameIn, requiredMembers } from "./sdk-schemas.ts";

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/**
 * `form` (all but Action and Version) as the input that `schema` describes. `hasMembers`: the elements of its lists are
 * numbered below `member`, as everywhere but with EC2.
 */
export function readQuery(
  form: URLSearchParams,
  schema: NormalizedSchema,
  hasMembers = false,
): Record<string, unknown> {
  const root: Node = { children: new Map() };
  for (const [key, value] of form)
    if (key !== "Action" && key !== "Version")
      plant(root, hasMembers ? key.replace(/\.member\.(?=\d)/g, ".") : key, value);
  return structure(root, schema, "");
}

function plant(root: Node, key: string, value: string): void {
  let node = root;
  for (const part of key.split(".")) {
    let next = node.children.get(part);
    if (next === undefined) node.children.set(part, (next = { children: new Map() }));
    node = next;
  }
  if (node.value !== undefined) throw new ServiceError("InvalidParameterValue", `The parameter ${key} is given twice`);
  node.value = value;
}

function structure(node: Node, schema: NormalizedSchema, path: string): Record<string, unknown> {
  if (node.value !== undefined && node.value !== "") throw unknownParameter(path);
  const input: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits();
    const key = nameIn(traits.ec2QueryName, capitalised(nameIn(traits.xmlName, name)));
    known.add(key);
    const child = node.children.get(key);
    if (child !== undefined) input[name] = read(child, member, path === "" ? key : `${path}.${key}`);
  }
  for (const key of node.children.keys())
    if (!known.has(key)) throw unknownParameter(path === "" ? key : `${path}.${key}`);
  for (const name of requiredMembers(schema))
    if (input[name] === undefined)
      throw new ServiceError("MissingParameter", `The request must contain the parameter ${path && `${path}.`}${name}`);
  return input;
}

function read(node: Node, schema: NormalizedSchema, path: string): unknown {
  if (schema.isListSchema()) return list(node, schema, path);
  if (schema.isStructSchema()) return structure(node, schema, path);
  if (node.children.size > 0) throw unknownParameter(`${path}.${[...node.children.keys()][0]}`);
  return scalar(node.value ?? "", schema, path);
}

function list(node: Node, schema: NormalizedSchema, path: string): unknown[] {
  if (node.value !== undefined && node.value !== "") throw invalid(path, node.value, "a list");
  const items = new Map<number, Node>();
  for (const [key, child] of node.children) {
    if (!/^[1-9]\d{0,4}$/.test(key)) throw unknownParameter(`${path}.${key}`);
    items.set(Number(key), child);
  }
  return Array.from({ length: items.size }, (_, index) => {
    const item = items.get(index + 1);
    if (item === undefined) throw new ServiceError("InvalidParameterValue", `${path}: there is no item ${index + 1}`);
    return read(item, schema.getValueSchema(), `${path}.${index + 1}`);
  });
}

function scalar(text: string, schema: NormalizedSchema, path: string): unknown {
  if (schema.isBooleanSchema()) {
    if (text !== "true" && text !== "false") throw invalid(path, text, "true or false");
    return text === "true";
  }
  if (schema.isNumericSchema()) {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw invalid(path, text, "a number");
    return Number(text);
  }
  if (schema.isTimestampSchema()) {
    const time = new Date(text);
    if (Number.isNaN(time.getTime())) throw invalid(path, text, "a time");
    return time;
  }
  return text;
}

function unknownParameter(path: string): ServiceError {
  return new ServiceError("UnknownParameter", `The parameter ${path} is not recognized`);
}

function invalid(path: string, found: string, expected: string): ServiceError {
  return new ServiceError("InvalidParameterValue", `Invalid value '${found}' for ${path}. Expected ${expected}`);
}
