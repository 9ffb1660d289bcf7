// Exchanges held against the services' own models, as Debian's awscli carries them (botocore's service-2.json): required
// and unknown members, types, enums, lengths and ranges, patterns. Of requests and of successful replies.

import { existsSync, readFileSync } from "node:fs";
import type { Exchange } from "../../src/sandbox/protocol/wire-log.ts";
import { parseXml, type XmlElement } from "./xml.ts";

const data = "/usr/lib/python3/dist-packages/awscli/botocore/data";
const files = {
  ec2: `${data}/ec2/2016-11-15/service-2.json`,
  ssm: `${data}/ssm/2014-11-06/service-2.json`,
  pricing: `${data}/pricing/2017-10-15/service-2.json`,
  iam: `${data}/iam/2010-05-08/service-2.json`,
  servicequotas: `${data}/service-quotas/2019-06-24/service-2.json`,
};

export const hasModels: boolean = existsSync(files.ec2) && existsSync(files.ssm);

/** Open by its nature (an instance type is a name, and the sandbox's are its own), and what is newer than the models. */
const allowed: readonly RegExp[] = [
  /"[st]\d\.[a-z]+" is none of its \d+ values$/,
  /^DescribeInstanceTypes, reply\.InstanceTypes\[\]\.ProcessorInfo\.manufacturer: is no member$/,
];

interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
}
interface Member {
  readonly shape: string;
  readonly locationName?: string;
  readonly queryName?: string;
}
interface Model {
  readonly operations: Readonly<Record<string, { input?: Member; output?: Member }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const loaded = new Map<keyof typeof files, Model>();

function modelOf(service: keyof typeof files): Model {
  const model = loaded.get(service) ?? (JSON.parse(readFileSync(files[service], "utf8")) as Model);
  loaded.set(service, model);
  return model;
}

/** What the models forbid in the exchanges of `path` (lines as the sandbox records them), each once. */
export function violationsIn(path: string): { readonly exchanges: Exchange[]; readonly violations: string[] } {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const exchanges = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Exchange);
  return { exchanges, violations: [...new Set(exchanges.flatMap(violations))] };
}

export function violations(exchange: Exchange): string[] {
  // One question without a parameter, in a protocol that is read nowhere else.
  if (exchange.service === "sts") return [];
  const model = modelOf(exchange.service);
  const operation = model.operations[exchange.action];
  if (operation === undefined) return [`${exchange.service} has no operation ${exchange.action}`];
  const found: string[] = [];
  const { input, output } = operation;
  const walk = { model, found, isReply: false, items: exchange.service === "iam" ? "member" : "item" };
  const isXml = exchange.service === "ec2" || exchange.service === "iam";
  if (input !== undefined) {
    const value = isXml ? fromForm(walk, input, exchange.request) : (JSON.parse(exchange.request) as unknown);
    check(walk, input, value, exchange.action);
  }
  if (output !== undefined && exchange.status === 200) {
    const value = isXml
      ? fromXml(walk, output, replyIn(exchange), exchange.action)
      : (JSON.parse(exchange.reply) as unknown);
    check({ ...walk, isReply: true }, output, value, `${exchange.action}, reply`);
  }
  return found.filter((each) => !allowed.some((pattern) => pattern.test(each)));
}

/** IAM's reply has what EC2's has at the top in an element of its own. */
function replyIn({ service, action, reply }: Exchange): XmlElement {
  const whole = parseXml(reply);
  const result = whole.children.find(({ name }) => name === `${action}Result`);
  return service === "iam" && result !== undefined ? { ...whole, children: result.children } : whole;
}

interface Walk {
  readonly model: Model;
  /** What an element of a list is called where the model gives it no name. */
  readonly items: string;
  readonly found: string[];
  /** The services break their own patterns and lower limits in replies: empty texts, times with milliseconds. */
  readonly isReply: boolean;
}

function check(walk: Walk, { shape: name }: Member, value: unknown, path: string): void {
  const shape = walk.model.shapes[name];
  if (shape === undefined) throw new Error(`the model has no shape ${name}`);
  const say = (what: string): void => {
    if (!walk.isReply || !/does not fit|at least/.test(what)) walk.found.push(`${path}: ${what}`);
  };
  if (shape.type === "structure") return checkStructure(walk, shape, value, path);
  if (shape.type === "list") {
    if (!Array.isArray(value)) return say("is no list");
    checkSize(shape, value.length, "elements", say);
    for (const each of value) check(walk, shape.member as Member, each, `${path}[]`);
  } else if (shape.type === "map") {
    if (typeof value !== "object" || value === null) return say("is no map");
    checkSize(shape, Object.keys(value).length, "entries", say);
    for (const [key, each] of Object.entries(value)) {
      check(walk, shape.key as Member, key, `${path} key`);
      check(walk, shape.value as Member, each, `${path}.${key}`);
    }
  } else if (shape.type === "string") checkString(shape, value, say);
  else if (shape.type === "boolean") {
    if (value !== true && value !== false && value !== "true" && value !== "false") say("is neither true nor false");
  } else if (["integer", "long", "float", "double"].includes(shape.type)) {
    const number = typeof value === "string" && value !== "" ? Number(value) : value;
    if (typeof number !== "number" || Number.isNaN(number)) return say(`is no number: ${JSON.stringify(value)}`);
    if (["integer", "long"].includes(shape.type) && !Number.isInteger(number)) say("is not whole");
    checkSize(shape, number, "", say);
  } else if (shape.type === "timestamp") {
    const time = typeof value === "number" ? value * 1000 : Date.parse(String(value));
    if (!(time > Date.parse("2000-01-01"))) say(`is no time: ${JSON.stringify(value)}`);
  }
}

function checkStructure(walk: Walk, shape: Shape, value: unknown, path: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    walk.found.push(`${path}: is no structure`);
    return;
  }
  for (const name of shape.required ?? [])
    if (!(name in value)) walk.found.push(`${path}.${name}: is required, and not there`);
  for (const [name, field] of Object.entries(value)) {
    const member = shape.members?.[name];
    if (member === undefined) walk.found.push(`${path}.${name}: is no member`);
    else check(walk, member, field, `${path}.${name}`);
  }
}

function checkString(shape: Shape, value: unknown, say: (what: string) => void): void {
  if (typeof value !== "string") return say(`is no string: ${JSON.stringify(value)}`);
  if (shape.enum !== undefined && !shape.enum.includes(value))
    say(`${JSON.stringify(value)} is none of its ${shape.enum.length} values`);
  checkSize(shape, value.length, "characters", say);
  if (shape.pattern !== undefined && !patternOf(shape.pattern).test(value))
    say(`${JSON.stringify(value.slice(0, 80))} does not fit ${shape.pattern}`);
}

/** Java's patterns: with classes of Unicode, in which JavaScript allows no escaped dash. */
function patternOf(text: string): RegExp {
  return text.includes("\\p{") ? new RegExp(text.replaceAll("\\-", "\\x2d"), "su") : new RegExp(text, "s");
}

function checkSize({ min, max }: Shape, size: number, of: string, say: (what: string) => void): void {
  if (min !== undefined && size < min) say(`${`${size} ${of}`.trim()}, at least ${min}`);
  if (max !== undefined && size > max) say(`${`${size} ${of}`.trim()}, at most ${max}`);
}

interface Branch {
  text?: string;
  readonly below: Map<string, Branch>;
}

/** EC2's form as the value of `member`: keys that the model lacks are kept under their own names, to be found. */
function fromForm(walk: Walk, member: Member, form: string): unknown {
  const root: Branch = { below: new Map() };
  for (const [key, text] of new URLSearchParams(form)) {
    if (key === "Action" || key === "Version") continue;
    let at = root;
    for (const part of key.split(".")) {
      const next = at.below.get(part) ?? { below: new Map<string, Branch>() };
      at.below.set(part, next);
      at = next;
    }
    at.text = text;
  }
  return ofBranch(walk, member, root);
}

function ofBranch(walk: Walk, { shape: name }: Member, branch: Branch): unknown {
  const shape = walk.model.shapes[name];
  if (shape?.type === "list") {
    // Outside of EC2 the numbers stand below a name.
    const numbered = walk.items === "member" ? branch.below.get(walk.items) : branch;
    return [...(numbered?.below.entries() ?? [])].map(([index, each], i) =>
      Number(index) === i + 1 ? ofBranch(walk, shape.member as Member, each) : `element ${index} where ${i + 1} is due`,
    );
  }
  if (shape?.type !== "structure") return branch.text ?? {};
  const names = new Map(Object.entries(shape.members ?? {}).map(([own, each]) => [queryNameOf(own, each), own]));
  return Object.fromEntries(
    [...branch.below].map(([key, each]) => {
      const own = names.get(key);
      const known = own === undefined ? undefined : shape.members?.[own];
      return known === undefined ? [key, each.text] : [own, ofBranch(walk, known, each)];
    }),
  );
}

/** Of EC2's Query protocol: queryName, else the name on the wire with a capital. */
function queryNameOf(own: string, { queryName, locationName }: Member): string {
  const name = locationName ?? own;
  return queryName ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function fromXml(walk: Walk, { shape: name }: Member, element: XmlElement, root?: string): unknown {
  const shape = walk.model.shapes[name];
  if (shape?.type === "list")
    return element.children.map((each) => {
      const expected = shape.member?.locationName ?? walk.items;
      if (each.name !== expected) walk.found.push(`${name}: <${each.name}> where <${expected}> is due`);
      return fromXml(walk, shape.member as Member, each);
    });
  if (shape?.type !== "structure") return element.text;
  const names = new Map(Object.entries(shape.members ?? {}).map(([own, each]) => [each.locationName ?? own, own]));
  if (root !== undefined && element.name !== `${root}Response`)
    walk.found.push(`${root}: its reply is <${element.name}>`);
  const fields = element.children.filter((each) => root === undefined || each.name !== "requestId");
  return Object.fromEntries(
    fields.map((each) => {
      const own = names.get(each.name);
      const known = own === undefined ? undefined : shape.members?.[own];
      return known === undefined ? [each.name, each.text] : [own, fromXml(walk, known, each)];
    }),
  );
}
