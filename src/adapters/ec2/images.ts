// Resolves image names to ids, by SSM's public parameters. AWS updates them: a name means another image next month, so
// callers keep the id.

import { TimetrialError } from "../../domain/errors.ts";
import {
  type Architecture,
  matchesImage,
  type Image,
  imageOfParameter,
  namesOneImage,
  nearestImages,
  ssmParametersOf,
  ssmPathOf,
  type PublicImage,
} from "../../domain/plan/image.ts";
import type { Images, ResolvedName } from "../../ports/cloud/images.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsCode, awsError } from "../aws/errors.ts";

/** The largest page of GetParametersByPath. */
const pageSize = 10;

export function ssmImages(account: AwsAccount): Images {
  return {
    region: account.region,
    resolve: (image, arch) => resolve(account, image, arch),
    list: (image) => list(account, image),
  };
}

async function resolve(account: AwsAccount, image: Image, arch: Architecture): ReturnType<Images["resolve"]> {
  if (image.kind === "id") return { id: image.id };
  const names = image.kind === "parameter" ? [image.parameter] : candidates(image, arch);
  for (const parameter of names) {
    const id = await valueOf(account, parameter);
    if (id === undefined) continue;
    if (/^ami-[0-9a-f]{8,17}$/.test(id)) return { id, parameter };
    throw new TimetrialError("USAGE", `image ${image.text}: expected the id of an image in parameter ${parameter}`);
  }
  if (image.kind === "parameter")
    throw new TimetrialError("USAGE", `there is no parameter ${image.parameter} in ${account.region}`);
  const near = nearestImages(
    image,
    arch,
    await list(account, { kind: "public", text: image.system, system: image.system }),
  );
  throw new TimetrialError("USAGE", `there is no image ${image.text} for ${arch} in ${account.region} (no parameter ${names[0]})`, {
    hint: near.length === 0 ? `there is none of ${image.system}` : `the nearest are ${near.map(({ text }) => text).join(", ")}`,
  }); // prettier-ignore
}

function candidates(image: PublicImage, arch: Architecture): string[] {
  if (!namesOneImage(image)) {
    throw new TimetrialError("USAGE", `image ${image.text}: expected a release, got none`, {
      hint: `\`timetrial ami ${image.text}\` lists what there is`,
    });
  }
  if (image.arch !== undefined && image.arch !== arch)
    throw new TimetrialError("USAGE", `image ${image.text} is for ${image.arch}: expected one for ${arch}`);
  return ssmParametersOf(image, arch);
}

async function valueOf(account: AwsAccount, name: string): Promise<string | undefined> {
  try {
    return (await account.ssm.send(new account.sdk.GetParameterCommand({ Name: name }))).Parameter?.Value ?? "";
  } catch (error) {
    if (/^Parameter(Version)?NotFound$/.test(awsCode(error))) return undefined;
    throw awsError(error, `looking up parameter ${name}`);
  }
}

async function list(account: AwsAccount, image: PublicImage): Promise<ResolvedName[]> {
  const found = new Map<string, ResolvedName>();
  const path = ssmPathOf(image);
  try {
    const pages = account.sdk.paginateGetParametersByPath(
      { client: account.ssm, pageSize },
      { Path: path, Recursive: true },
    );
    for await (const page of pages) {
      for (const { Name: parameter = "", Value: id = "" } of page.Parameters ?? []) {
        const named = imageOfParameter(parameter);
        if (named === undefined || !matchesImage(image, named)) continue;
        const before = found.get(named.text)?.parameter;
        // One Ubuntu release has two disk types, and Arm has two spellings: the parameter tried first stands for both.
        const order = ssmParametersOf(named, named.arch);
        if (before === undefined || order.indexOf(parameter) < order.indexOf(before))
          found.set(named.text, { ...named, parameter, id });
      }
    }
  } catch (error) {
    throw awsError(error, `listing the parameters below ${path}`);
  }
  return [...found.values()].sort((a, b) => a.text.localeCompare(b.text, "en", { numeric: true }));
}
