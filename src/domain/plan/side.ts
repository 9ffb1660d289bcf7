// What the user writes for a side, and what it means (docs/design.md, "Sides and machines").

import { safeFileName } from "../printable.ts";
import { TimetrialError } from "../errors.ts";
import type { MicroVm } from "../microvm/microvm.ts";

/** A computer that sshd answers on, as the user's own ssh knows it. */
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
  /** Launched for the run, and given back; with the run's `tags`: found among what is running, and left alone. */
  | { readonly name: string; readonly kind: "ec2"; readonly type: string; readonly image: string }
  /** Running already, managed by SSM, never ended by us. */
  | { readonly name: string; readonly kind: "instances"; readonly ids: readonly string[] }
  /** A microVM, booted for the run from `file` and ended afterwards; `vm` is what the file says, once it is read. */
  | { readonly name: string; readonly kind: "firecracker"; readonly file: string; readonly vm?: MicroVm }
  /** Figures that somebody published: nothing is measured. */
  | { readonly name: string; readonly kind: "published"; readonly of: string };

const labelled = /^([^=@]+)=(.+)$/;
/** What may be written before the = of a label. */
export const labelPattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,39}$/;
const instanceType = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/;
const instanceId = /^i-([0-9a-f]{8}|[0-9a-f]{17})$/;
const publishedName = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const sshHost =
  /^(?:([A-Za-z_][A-Za-z0-9._-]{0,31})@)?(?:([A-Za-z0-9][A-Za-z0-9._-]{0,252})|\[([0-9a-fA-F:.]{2,45})\])(?::(\d{1,5}))?$/;

/**
 * What an image's name looks like; `image.ts` reads it, and refuses what is no word of the system's. A parameter of
 * Parameter Store may be given with a version or a label after a colon, as RunInstances takes it.
 */
export const imagePattern: RegExp =
  /^(resolve:ssm:[A-Za-z0-9_./-]{1,1011}(:[A-Za-z0-9_.-]{1,100})?|ami-([0-9a-f]{8}|[0-9a-f]{17})|(al2023|ubuntu|debian|freebsd)(\/[A-Za-z0-9_.-]+)*)$/;

/** The image that a side gets where it names none. */
export const defaultImage = "al2023";

export const imageHint =
  "write al2023, ubuntu/24.04, debian/12, freebsd/14.3, freebsd/zfs/15.0, ami-… or resolve:ssm:PARAMETER";

/**
 * The side that `text` stands for: `local`, `ssh:user@host`, `i-…`, `firecracker:FILE.toml`, `published:TYPE`, or `TYPE`, with an image as
 * `TYPE@IMAGE`; several machines of one kind with commas between them; a label as `LABEL=…`. `image` is what a type
 * gets that names none.
 *
 * @throws TimetrialError USAGE where it is none of these.
 * @example
 * import { parseSide } from "timetrial";
 *
 * console.log(parseSide("old=c7g.large@debian/12")); // { name: "old", kind: "ec2", type: "c7g.large", image: "debian/12" }
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
  if (machines.every((one) => one.startsWith("ssh:"))) {
    return { name: name ?? rest, kind: "ssh", hosts: distinct(text, machines).map((one) => hostOf(text, one)) };
  }
  if (machines.every((one) => instanceId.test(one)))
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
  if (!instanceType.test(what)) throw unknownSide(text);
  if (own !== undefined && !imagePattern.test(own)) {
    throw new TimetrialError("USAGE", `side ${quoteForMessage(text)}: expected an image, got ${quoteForMessage(own)}`, {
      hint: imageHint,
    });
  }
  return { name: name ?? rest, kind: "ec2", type: what, image: own ?? image };
}

/** A side's name as part of a file's: images are written with slashes, hosts with @ and colons. */
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
  return { ...(user === undefined ? {} : { user }), host, ...(port === undefined ? {} : { port: Number(port) }) };
}

function distinct(text: string, machines: readonly string[]): string[] {
  const twice = machines.find((one, i) => machines.indexOf(one) !== i);
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
 * The sides that `texts` stand for, in their order.
 *
 * @throws TimetrialError USAGE where one cannot be read, or two have one name.
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

/** `text` in quotes, on one line, fit for a terminal whatever it holds. */
export function quoteForMessage(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text).replaceAll("\u007f", "\\u007f");
}
