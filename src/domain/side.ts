// What the user writes for a side, and what it means (DESIGN section 3).

import { TimetrialError } from "./errors.ts";

export type Side =
  | { readonly name: string; readonly kind: "local" }
  | { readonly name: string; readonly kind: "ec2"; readonly type: string; readonly image: string };

const labelled = /^([^=@]+)=(.+)$/;
const label = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,39}$/;
const instanceType = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/;
const image = /^(resolve:ssm:\/[A-Za-z0-9_./-]+|ami-[0-9a-f]{8,17}|[a-z0-9]+(\/[A-Za-z0-9.]+)*)$/;

/** The image that a side gets where it names none. */
const defaultImage = "al2023";

/**
 * The side that `text` stands for: `local`, or `TYPE`, with an image as `TYPE@IMAGE` and a label as `LABEL=TYPE`.
 *
 * @throws TimetrialError USAGE where it is none of these.
 */
export function parseSide(text: string): Side {
  const [, name, rest] = labelled.exec(text) ?? [undefined, undefined, text];
  if (name !== undefined && !label.test(name)) {
    throw new TimetrialError(
      "USAGE",
      `side ${quoted(text)}: expected a label of letters, digits and . _ + -, got ${quoted(name)}`,
    );
  }
  const [what = "", imageText, ...more] = (rest ?? "").split("@");
  if (more.length > 0) throw unknownSide(text);
  if (what === "local") {
    if (imageText !== undefined) {
      throw new TimetrialError("USAGE", `side ${quoted(text)}: this machine has the image that it has`, {
        hint: "write local",
      });
    }
    return { name: name ?? "local", kind: "local" };
  }
  if (!instanceType.test(what)) throw unknownSide(text);
  if (imageText !== undefined && !image.test(imageText)) {
    throw new TimetrialError("USAGE", `side ${quoted(text)}: expected an image, got ${quoted(imageText)}`, {
      hint: "write al2023, ubuntu/24.04, debian/12, freebsd/14.3, ami-… or resolve:ssm:/…",
    });
  }
  return { name: name ?? rest ?? what, kind: "ec2", type: what, image: imageText ?? defaultImage };
}

/**
 * The sides that `texts` stand for, in their order.
 *
 * @throws TimetrialError USAGE where one cannot be read, or two have one name.
 */
export function parseSides(texts: readonly string[]): Side[] {
  const sides = texts.map(parseSide);
  const seen = new Set<string>();
  for (const side of sides) {
    if (seen.has(side.name)) {
      throw new TimetrialError("USAGE", `two sides are called ${quoted(side.name)}`, {
        hint: `give them labels, as in a=${side.name} b=${side.name}`,
      });
    }
    seen.add(side.name);
  }
  return sides;
}

function unknownSide(text: string): TimetrialError {
  return new TimetrialError("USAGE", `side ${quoted(text)}: expected local or an instance type such as c7g.8xlarge`, {
    hint: "a label goes before it, an image after it: old=c7g.large@debian/12",
  });
}

/** `text` in quotes, on one line, fit for a terminal whatever it holds. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text).replaceAll("\u007f", "\\u007f");
}
