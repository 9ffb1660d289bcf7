// Images by name: one grammar for sides, --image, `boot` and `ami`, and the public parameters that stand behind it.
//
//   al2023   ubuntu/24.04   debian/12   freebsd/14.3   freebsd/arm64/zfs/14.3   freebsd/cloud-init/15.0-BETA2
//   ami-0123456789abcdef0   resolve:ssm:/a/parameter   resolve:ssm:parameter:3   resolve:ssm:/a/parameter:label
//
// After the system, words may stand in any order, since none can be taken for another: the architecture (else the
// machine type's), the release, and for FreeBSD flavour, file system and branch (else base, ufs and RELEASE).
// Which images there are is Parameter Store's to say; here is only what a name would be called there.

import { TimetrialError } from "../errors.ts";
import { imageHint, imagePattern, quoteForMessage } from "./side.ts";

export type Architecture = "arm64" | "x86_64";

const systems = ["al2023", "ubuntu", "debian", "freebsd"] as const;
type System = (typeof systems)[number];

/** What of an image's name was written; absent is what was not. */
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

type Word = "arch" | "release" | "flavour" | "fileSystem" | "branch";
const archWord = /^(arm64|aarch64|amd64|x86_64)$/;

/** What may follow a system's name. FreeBSD's words: release/Makefile.ec2 and the announcements of its releases. */
const words: Readonly<Record<System, Partial<Record<Word, RegExp>>>> = {
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

const called: Readonly<Record<Word, string>> = {
  arch: "architecture",
  release: "release",
  flavour: "flavour",
  fileSystem: "file system",
  branch: "branch",
};

/** The operating system of the image that `text` names, as suites name it; undefined where the name does not say. */
export function osOfImage(text: string): "linux" | "freebsd" | undefined {
  const [system] = text.split("/");
  if (system === "freebsd") return "freebsd";
  return systems.some((each) => each === system) ? "linux" : undefined;
}

/** @throws TimetrialError USAGE where `text`, given by `where`, names no image. */
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
  const found: Partial<Record<Word, string>> = {};
  // 15.0-BETA2 is how FreeBSD itself writes release and branch.
  for (const word of system === "freebsd" ? rest.flatMap(apart) : rest) {
    const kind = (Object.keys(words[system]) as Word[]).find((each) => words[system][each]?.test(word) === true);
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
  return { kind: "public", text, system, ...others, ...(architecture === undefined ? {} : { arch: architecture }) };
}

function apart(word: string): string[] {
  const [, release, branch] = /^(\d{2}\.\d{1,2})-([A-Z]+\d*)$/.exec(word) ?? [];
  return release !== undefined && branch !== undefined ? [release, branch] : [word];
}

function wrongWord(text: string, where: string, system: System, word: string): TimetrialError {
  const kinds = (Object.keys(words[system]) as Word[]).map((each) => called[each]);
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

/** The word that `text` uses for its architecture, or undefined where it is none. */
export function architectureOf(text: string): Architecture | undefined {
  return Object.hasOwn(architectures, text) ? architectures[text] : undefined;
}

/** Whether `image` is one image once its architecture is known: al2023, or with a release. Else it names several. */
export function namesOneImage(image: PublicImage): boolean {
  return image.system === "al2023" || image.release !== undefined;
}

/**
 * Names of the public parameters that may hold the id of `image` for `arch`, the likeliest first.
 *
 * FreeBSD announced 14.1 for Arm under aarch64 where its makefile and its neighbours have arm64; Canonical's older
 * releases are on gp2. Sources: freebsd-src release/Makefile.ec2; documentation.ubuntu.com/aws; wiki.debian.org/Cloud.
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

/** The path below which all images like `image` are. */
export function ssmPathOf({ system, release }: PublicImage): string {
  if (system === "ubuntu" && release !== undefined) return `${roots.ubuntu}/${release}/stable/current`;
  return roots[system];
}

/** The image that the public parameter `name` holds, in this grammar's full form; undefined where it is not of it. */
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
      // A name of a form that came after this grammar: not ours to offer.
    }
  }
  return undefined;
}

/** Whether `one`, which is there, is among those that `wanted` names. */
export function matchesImage(wanted: PublicImage, one: PublicImage): boolean {
  return (["system", "arch", "release", "flavour", "fileSystem", "branch"] as const).every(
    (key) => wanted[key] === undefined || wanted[key] === one[key],
  );
}

/** Those of `there` that are most like `wanted` for `arch`, at most `most`, the nearest first. */
export function nearestImages<One extends PublicImage>(
  wanted: PublicImage,
  arch: Architecture,
  there: readonly One[],
  most = 5,
): One[] {
  const full = wanted.system === "freebsd" ? { ...freebsdDefaults, ...wanted, arch } : { ...wanted, arch };
  const distance = (one: One): number =>
    (one.arch === full.arch ? 0 : 100) +
    (one.flavour === full.flavour ? 0 : 5) +
    (one.fileSystem === full.fileSystem ? 0 : 3) +
    (one.branch === full.branch ? 0 : 4) +
    Math.min(50, Math.abs(numberOf(one.release) - numberOf(full.release)) / 10);
  return there
    .filter((one) => one.system === wanted.system)
    .map((one) => ({ one, at: distance(one) }))
    .sort((a, b) => a.at - b.at || a.one.text.localeCompare(b.one.text))
    .slice(0, most)
    .map(({ one }) => one);
}

const freebsdDefaults = { flavour: "base", fileSystem: "ufs", branch: "RELEASE" };

/** 14.3 is 1403: the later of two releases is the greater, and a point release the nearest. */
function numberOf(release = "0"): number {
  const [major = "0", minor = "0"] = release.split(".");
  return Number(major) * 100 + Number(minor);
}
