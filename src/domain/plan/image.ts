// Image names: one grammar for sides, --image, `boot` and `ami`, and the public parameters that hold the images' ids.
//
//   al2023   ubuntu/24.04   debian/12   freebsd/14.3   freebsd/arm64/zfs/14.3   freebsd/cloud-init/15.0-BETA2
//   ami-0123456789abcdef0   resolve:ssm:/a/parameter   resolve:ssm:parameter:3   resolve:ssm:/a/parameter:label
//
// After the system, the words may come in any order, since each has only one meaning: the architecture (default: the
// machine type's), the release, and for FreeBSD flavour, file system and branch (defaults: base, ufs and RELEASE).
// Parameter Store knows which images exist. This file only maps names to parameters.

import { defined } from "../defined.ts";
import { TimetrialError } from "../errors.ts";
import { imageHint, imagePattern, quoteForMessage } from "./side.ts";

export type Architecture = "arm64" | "x86_64";

const systems = ["al2023", "ubuntu", "debian", "freebsd"] as const;
type System = (typeof systems)[number];

/** The parts of an image's name that were written; the others are absent. */
export interface PublicImage {
  readonly kind: "public";
  readonly text: string;
  readonly system: System;
  readonly arch?: Architecture;
  readonly release?: string;
  readonly flavour?: string;
  readonly fileSystem?: string;
  readonly branch?: string;
}

export type Image =
  | { readonly kind: "id"; readonly text: string; readonly id: string }
  | { readonly kind: "parameter"; readonly text: string; readonly parameter: string }
  | PublicImage;

const architectures: Readonly<Record<string, Architecture>> = {
  arm64: "arm64",
  aarch64: "arm64",
  amd64: "x86_64",
  x86_64: "x86_64",
};

type ImagePart = "arch" | "release" | "flavour" | "fileSystem" | "branch";
const archWord = /^(arm64|aarch64|amd64|x86_64)$/;

/**
 * The words that may follow a system's name. FreeBSD's words: release/Makefile.ec2 and the announcements of its
 * releases.
 */
const words: Readonly<Record<System, Partial<Record<ImagePart, RegExp>>>> = {
  al2023: { arch: archWord },
  ubuntu: { arch: archWord, release: /^\d{2}\.\d{2}$/ },
  debian: { arch: archWord, release: /^\d{2}$/ },
  freebsd: {
    arch: archWord,
    release: /^\d{2}\.\d{1,2}$/,
    flavour: /^(base|small|cloud-init|builder|desktop)$/,
    fileSystem: /^(ufs|zfs)$/,
    branch: /^(RELEASE|STABLE|CURRENT|PRERELEASE|ALPHA\d{1,2}|BETA\d{1,2}|RC\d{1,2})$/,
  },
};

const called: Readonly<Record<ImagePart, string>> = {
  arch: "architecture",
  release: "release",
  flavour: "flavour",
  fileSystem: "file system",
  branch: "branch",
};

/** Returns the operating system of the image `text`, as suites name it; undefined where the name does not tell. */
export function osOfImage(text: string): "linux" | "freebsd" | undefined {
  const [system] = text.split("/");
  if (system === "freebsd") return "freebsd";
  return systems.some((each) => each === system) ? "linux" : undefined;
}

/**
 * Parses an image's name. `where` is the option or place that `text` comes from, for the message.
 *
 * @throws TimetrialError USAGE where `text` is not an image's name.
 */
export function parseImage(text: string, where = "image"): Image {
  if (/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(text)) return { kind: "id", text, id: text };
  const parameter = /^resolve:ssm:(.+)$/.exec(text)?.[1];
  if (parameter !== undefined && imagePattern.test(text)) return { kind: "parameter", text, parameter };
  const [name = "", ...rest] = text.split("/");
  const system = systems.find((each) => each === name);
  if (system === undefined) {
    throw new TimetrialError(
      "USAGE",
      `${where} ${quoteForMessage(text)}: expected an image, got ${quoteForMessage(name)}`,
      {
        hint: imageHint,
      },
    );
  }
  const found: Partial<Record<ImagePart, string>> = {};
  // FreeBSD itself writes release and branch as 15.0-BETA2.
  for (const word of system === "freebsd" ? rest.flatMap(splitReleaseAndBranch) : rest) {
    const kind = (Object.keys(words[system]) as ImagePart[]).find((each) => words[system][each]?.test(word) === true);
    if (kind === undefined) throw wrongWord(text, where, system, word);
    if (found[kind] !== undefined && found[kind] !== word) {
      throw new TimetrialError(
        "USAGE",
        `${where} ${quoteForMessage(text)}: expected one ${called[kind]}, got ${quoteForMessage(found[kind])} and ${quoteForMessage(word)}`,
      );
    }
    found[kind] = word;
  }
  const { arch, ...others } = found;
  const architecture = architectures[arch ?? ""];
  return { kind: "public", text, system, ...others, ...defined({ arch: architecture }) };
}

function splitReleaseAndBranch(word: string): string[] {
  const [, release, branch] = /^(\d{2}\.\d{1,2})-([A-Z]+\d*)$/.exec(word) ?? [];
  return release !== undefined && branch !== undefined ? [release, branch] : [word];
}

function wrongWord(text: string, where: string, system: System, word: string): TimetrialError {
  const kinds = (Object.keys(words[system]) as ImagePart[]).map((each) => called[each]);
  const last = kinds.pop() ?? "";
  const expected = kinds.length === 0 ? last : `${kinds.join(", ")} or ${last}`;
  return new TimetrialError(
    "USAGE",
    `${where} ${quoteForMessage(text)}: expected ${expected}, got ${quoteForMessage(word)}`,
    {
      hint: system === "freebsd" ? "as in freebsd/arm64/cloud-init/zfs/14.3/RELEASE or freebsd/15.0-BETA2" : "as in ubuntu/24.04, debian/12, al2023/arm64", // prettier-ignore
    },
  );
}

/** Returns the architecture that the word `text` names; undefined where it names none. */
export function architectureOf(text: string): Architecture | undefined {
  return Object.hasOwn(architectures, text) ? architectures[text] : undefined;
}

/** Whether `image` names a single image once its architecture is known: al2023, or a name with a release. */
export function namesOneImage(image: PublicImage): boolean {
  return image.system === "al2023" || image.release !== undefined;
}

/**
 * Returns the names of the public parameters that may hold the id of `image` for `arch`, the likeliest first.
 *
 * FreeBSD published 14.1 for Arm under aarch64, although its makefile and its other releases have arm64. Canonical's
 * older releases are on gp2. Sources: freebsd-src release/Makefile.ec2; documentation.ubuntu.com/aws;
 * wiki.debian.org/Cloud.
 */
export function ssmParametersOf(image: PublicImage, arch: Architecture): string[] {
  const { release = "" } = image;
  const debian = arch === "arm64" ? "arm64" : "amd64";
  if (image.system === "al2023") return [`${roots.al2023}/al2023-ami-kernel-default-${arch}`];
  if (image.system === "ubuntu")
    return ["ebs-gp3", "ebs-gp2"].map(
      (disk) => `${roots.ubuntu}/${release}/stable/current/${debian}/hvm/${disk}/ami-id`,
    );
  if (image.system === "debian") return [`${roots.debian}/${release}/latest/${debian}`];
  const { flavour = "base", fileSystem = "ufs", branch = "RELEASE" } = image;
  const spellings = arch === "arm64" ? ["arm64", "aarch64"] : ["amd64"];
  return spellings.map((each) => `${roots.freebsd}/${each}/${flavour}/${fileSystem}/${release}/${branch}`);
}

const roots: Readonly<Record<System, string>> = {
  al2023: "/aws/service/ami-amazon-linux-latest",
  ubuntu: "/aws/service/canonical/ubuntu/server",
  debian: "/aws/service/debian/release",
  freebsd: "/aws/service/freebsd",
};

/** Returns the parameter path below which all images of the same system (and release, for Ubuntu) are. */
export function ssmPathOf({ system, release }: PublicImage): string {
  if (system === "ubuntu" && release !== undefined) return `${roots.ubuntu}/${release}/stable/current`;
  return roots[system];
}

/**
 * Returns the image of the public parameter `name`, with its architecture; undefined where the grammar has no such
 * image.
 */
export function imageOfParameter(name: string): (PublicImage & { readonly arch: Architecture }) | undefined {
  const patterns: readonly [System, RegExp][] = [
    ["al2023", /\/al2023-ami-kernel-default-(arm64|x86_64)$/],
    [
      "ubuntu",
      /^\/aws\/service\/canonical\/ubuntu\/server\/(\d[^/]*)\/stable\/current\/([^/]+)\/hvm\/ebs-gp[23]\/ami-id$/,
    ],
    ["debian", /^\/aws\/service\/debian\/release\/([^/]+)\/latest\/([^/]+)$/],
    ["freebsd", /^\/aws\/service\/freebsd\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)$/],
  ];
  for (const [system, pattern] of patterns) {
    const parts = pattern.exec(name)?.slice(1);
    if (parts === undefined) continue;
    try {
      const image = parseImage([system, ...parts].join("/").replace("/aarch64/", "/arm64/"));
      if (image.kind === "public" && image.arch !== undefined) return { ...image, arch: image.arch };
    } catch {
      // The name has a form that this grammar does not know, so it is not offered.
    }
  }
  return undefined;
}

/** Whether `image` has every part that `wanted` names. */
export function matchesImage(wanted: PublicImage, image: PublicImage): boolean {
  return (["system", "arch", "release", "flavour", "fileSystem", "branch"] as const).every(
    (key) => wanted[key] === undefined || wanted[key] === image[key],
  );
}

/** Returns at most `most` of the images `available` that are most like `wanted` for `arch`, the nearest first. */
export function nearestImages<T extends PublicImage>(
  wanted: PublicImage,
  arch: Architecture,
  available: readonly T[],
  most = 5,
): T[] {
  const full = wanted.system === "freebsd" ? { ...freebsdDefaults, ...wanted, arch } : { ...wanted, arch };
  const distance = (image: T): number =>
    (image.arch === full.arch ? 0 : 100) +
    (image.flavour === full.flavour ? 0 : 5) +
    (image.fileSystem === full.fileSystem ? 0 : 3) +
    (image.branch === full.branch ? 0 : 4) +
    Math.min(50, Math.abs(numberOf(image.release) - numberOf(full.release)) / 10);
  return available
    .filter((image) => image.system === wanted.system)
    .map((one) => ({ one, at: distance(one) }))
    .sort((a, b) => a.at - b.at || a.one.text.localeCompare(b.one.text))
    .slice(0, most)
    .map(({ one }) => one);
}

const freebsdDefaults = { flavour: "base", fileSystem: "ufs", branch: "RELEASE" };

/** Converts a release to a number, 14.3 to 1403: later releases are greater, and point releases are near each other. */
function numberOf(release = "0"): number {
  const [major = "0", minor = "0"] = release.split(".");
  return Number(major) * 100 + Number(minor);
}
