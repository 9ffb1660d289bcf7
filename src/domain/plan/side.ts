// Parses sides as the user writes them (docs/design.md, "Sides and machines").

import { defined } from "../defined.ts";
import { safeFileName } from "../printable.ts";
import { TimetrialError } from "../errors.ts";
import type { MicroVm } from "../microvm/microvm.ts";

/** A host that the user's own ssh connects to. */
export interface SshHost {
  readonly user?: string;
  /** A name, an alias of the user's ssh configuration, or an address (IPv6 without brackets). */
  readonly host: string;
  readonly port?: number;
}

/** One column of a table: the machines of one type, image and label. `name` is the label, or what was written. */
export type Side =
  | { readonly name: string; readonly kind: "local" }
  | { readonly name: string; readonly kind: "ssh"; readonly hosts: readonly SshHost[] }
  /** Instances that the run launches and terminates. With the run's `tags`: instances that run already and stay. */
  | { readonly name: string; readonly kind: "ec2"; readonly type: string; readonly image: string }
  /** Instances that run already and are managed by SSM. The run never terminates them. */
  | { readonly name: string; readonly kind: "instances"; readonly ids: readonly string[] }
  /** A microVM that the run boots from `file` and ends afterwards. `vm` is the file's content, once it is read. */
  | { readonly name: string; readonly kind: "firecracker"; readonly file: string; readonly vm?: MicroVm }
  /** Figures that somebody published; nothing is measured. */
  | { readonly name: string; readonly kind: "published"; readonly of: string };

const labelled = /^([^=@]+)=(.+)$/;
/** The pattern of a label, which is written before `=`. */
export const labelPattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,39}$/;
const instanceType = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/;
const instanceId = /^i-([0-9a-f]{8}|[0-9a-f]{17})$/;
const publishedName = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const sshHost =
  /^(?:([A-Za-z_][A-Za-z0-9._-]{0,31})@)?(?:([A-Za-z0-9][A-Za-z0-9._-]{0,252})|\[([0-9a-fA-F:.]{2,45})\])(?::(\d{1,5}))?$/;

/**
 * The pattern of an image's name. `image.ts` parses the name and refuses unknown words. A parameter of Parameter Store
 * may have a version or a label after a colon, as in RunInstances.
 */
export const imagePattern: RegExp =
  /^(resolve:ssm:[A-Za-z0-9_./-]{1,1011}(:[A-Za-z0-9_.-]{1,100})?|ami-([0-9a-f]{8}|[0-9a-f]{17})|(al2023|ubuntu|debian|freebsd)(\/[A-Za-z0-9_.-]+)*)$/;

/** The image of a side that names none. */
export const defaultImage = "al2023";

export const imageHint =
  "write al2023, ubuntu/24.04, debian/12, freebsd/14.3, freebsd/zfs/15.0, ami-… or resolve:ssm:PARAMETER";

/**
 * Parses a side: `local`, `ssh:user@host`, `i-…`, `firecracker:FILE.toml`, `published:TYPE`, `TYPE` or `TYPE@IMAGE`.
 * Several ssh hosts or instances are separated by commas. A label is written in front, as `LABEL=…`. `image` is the
 * image of a type that names none.
 *
 * @throws TimetrialError USAGE where `text` is none of these.
 * @example
 * import { parseSide } from "timetrial";
 *
 * console.log(parseSide("old=c7g.large@debian/12").kind); // "ec2"
 */
export function parseSide(text: string, image: string = defaultImage): Side {
  const [, name, rest = text] = labelled.exec(text) ?? [];
  if (name !== undefined && !labelPattern.test(name)) {
    throw new TimetrialError(
      "USAGE",
      `side ${quoteForMessage(text)}: expected a label of letters, digits and . _ + -, got ${quoteForMessage(name)}`,
    );
  }
  const file = /^firecracker:([^\p{Cc}]{1,4000})$/su.exec(rest)?.[1];
  if (file !== undefined) return { name: name ?? rest, kind: "firecracker", file };
  const machines = rest.split(",");
  if (machines.every((machine) => machine.startsWith("ssh:"))) {
    return { name: name ?? rest, kind: "ssh", hosts: distinct(text, machines).map((machine) => hostOf(text, machine)) };
  }
  if (machines.every((machine) => instanceId.test(machine)))
    return { name: name ?? rest, kind: "instances", ids: distinct(text, machines) };
  if (machines.length > 1) {
    throw new TimetrialError("USAGE", `side ${quoteForMessage(text)}: expected machines of one kind, ssh:… or i-…`, {
      hint: "several machines of a type are launched by --machines N",
    });
  }
  if (rest.startsWith("published:")) return published(text, name, rest);
  const [what = "", own, ...more] = rest.split("@");
  if (more.length > 0) throw unknownSide(text);
  if (what === "local") {
    if (own !== undefined) {
      throw new TimetrialError("USAGE", `side ${quoteForMessage(text)}: this machine has the image that it has`, {
        hint: "write local",
      });
    }
    return { name: name ?? "local", kind: "local" };
  }
  if (!isInstanceType(what)) throw unknownSide(text);
  if (own !== undefined && !imagePattern.test(own)) {
    throw new TimetrialError("USAGE", `side ${quoteForMessage(text)}: expected an image, got ${quoteForMessage(own)}`, {
      hint: imageHint,
    });
  }
  return { name: name ?? rest, kind: "ec2", type: what, image: own ?? image };
}

/** Whether `text` is written as an instance type is, such as `c7g.8xlarge`. */
export function isInstanceType(text: string): boolean {
  return instanceType.test(text);
}

/** Returns a side's name as a part of a file name: image names contain slashes, host names @ and colons. */
export function fileNameOfSide(side: string): string {
  return safeFileName(side, 80);
}

function hostOf(text: string, machine: string): SshHost {
  const [, user, named, address, port] = sshHost.exec(machine.slice("ssh:".length)) ?? [];
  const host = named ?? address;
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) {
    throw new TimetrialError(
      "USAGE",
      `side ${quoteForMessage(text)}: expected ssh:user@host:port, got ${quoteForMessage(machine)}`,
      {
        hint: "user and port may be left out; an IPv6 address stands in brackets: ssh:[::1]:22",
      },
    );
  }
  return { ...defined({ user }), host, ...(port === undefined ? {} : { port: Number(port) }) };
}

function distinct(text: string, machines: readonly string[]): string[] {
  const twice = machines.find((machine, i) => machines.indexOf(machine) !== i);
  if (twice === undefined) return [...machines];
  throw new TimetrialError("USAGE", `side ${quoteForMessage(text)}: ${quoteForMessage(twice)} is in it twice`, {
    hint: "a machine counts once in a side",
  });
}

function published(text: string, name: string | undefined, rest: string): Side {
  const of = rest.slice("published:".length);
  if (publishedName.test(of)) return { name: name ?? rest, kind: "published", of };
  throw new TimetrialError(
    "USAGE",
    `side ${quoteForMessage(text)}: expected published:TYPE, got ${quoteForMessage(rest)}`,
  );
}

/**
 * Parses sides, in their order.
 *
 * @throws TimetrialError USAGE where a side cannot be parsed, or two sides have the same name.
 * @example
 * import { parseSides } from "timetrial";
 *
 * console.log(parseSides(["c6g.large", "c7g.large"]).map(({ name }) => name)); // [ "c6g.large", "c7g.large" ]
 */
export function parseSides(texts: readonly string[], image: string = defaultImage): Side[] {
  const sides = texts.map((text) => parseSide(text, image));
  const seen = new Set<string>();
  for (const side of sides) {
    if (seen.has(side.name)) {
      throw new TimetrialError("USAGE", `two sides are called ${quoteForMessage(side.name)}`, {
        hint: `give them labels, as in a=${side.name} b=${side.name}`,
      });
    }
    seen.add(side.name);
  }
  return sides;
}

function unknownSide(text: string): TimetrialError {
  return new TimetrialError(
    "USAGE",
    `side ${quoteForMessage(text)}: expected local, ssh:HOST, firecracker:FILE.toml, i-… or a type such as c7g.8xlarge`,
    {
      hint: "a label goes before it, an image after it: old=c7g.large@debian/12",
    },
  );
}

/** Returns `text` in quotes, on one line and safe for a terminal; after 120 characters it is cut. */
export function quoteForMessage(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text).replaceAll("\u007f", "\\u007f");
}
