// `ami`: prints the id of the image with a given name, alone on standard output so that $(timetrial ami …) works. Where
// several images fit the name, it lists them.

import { defined } from "../../domain/defined.ts";
import { print, say } from "../output/terminal.ts";
import { jsonText, printableLines } from "../../domain/printable.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { type Architecture, architectureOf, type Image, namesOneImage, parseImage } from "../../domain/plan/image.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { Images, ResolvedName } from "../../ports/cloud/images.ts";
import { parseCloudTarget } from "../options/location-options.ts";
import { parseChoice } from "../options/option-values.ts";
import { openImages } from "../wiring.ts";

export interface AmiOptions {
  readonly arch?: string;
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly format: string;
}

export async function amiCommand(text: string, options: AmiOptions): Promise<number> {
  const format = parseChoice("--format", options.format, ["text", "json"]);
  const image = parseImage(text);
  const arch = archOf(options.arch, image);
  const images = await openImages(parseCloudTarget(options));
  const output =
    image.kind === "public" && !namesOneImage(image)
      ? listed(await images.list({ ...image, ...defined({ arch }) }), text, images, format)
      : await resolved(image, arch, images, format);
  print(printableLines(`${output}\n`));
  return 0;
}

/**
 * Returns the architecture that --arch names, else the image's own. Undefined where neither names one.
 *
 * @throws TimetrialError USAGE where --arch is unknown, or is not the image's
 */
function archOf(option: string | undefined, image: Image): Architecture | undefined {
  const own = image.kind === "public" ? image.arch : undefined;
  if (option === undefined) return own;
  const arch = architectureOf(option);
  if (arch === undefined)
    throw new TimetrialError(
      "USAGE",
      `--arch: expected arm64, aarch64, amd64 or x86_64, got ${quoteForMessage(option)}`,
    );
  if (own !== undefined && own !== arch)
    throw new TimetrialError(
      "USAGE",
      `--arch: expected that of ${quoteForMessage(image.text)}, ${own}, got ${quoteForMessage(option)}`,
    );
  return arch;
}

async function resolved(
  image: Image,
  wanted: Architecture | undefined,
  images: Images,
  format: "text" | "json",
): Promise<string> {
  const arch = wanted ?? (process.arch === "arm64" ? "arm64" : "x86_64");
  if (wanted === undefined && image.kind === "public")
    say(printableLines(`timetrial: for ${arch}, as this machine is; --arch names another`));
  const { id, parameter } = await images.resolve(image, arch);
  if (format === "text") return id;
  return jsonText(
    { image: image.text, id, parameter, arch: image.kind === "public" ? arch : undefined, region: images.region },
    2,
  );
}

function listed(found: readonly ResolvedName[], text: string, images: Images, format: "text" | "json"): string {
  if (format === "json") {
    const { region } = images;
    const entries = found.map(({ text: image, id, parameter, arch }) => ({ image, id, parameter, arch, region }));
    return jsonText(entries, 2);
  }
  if (found.length === 0)
    throw new TimetrialError("USAGE", `there is no image of ${quoteForMessage(text)} in ${images.region}`);
  const width = Math.max(...found.map((each) => each.text.length));
  return found.map((each) => `${each.text.padEnd(width)}  ${each.id}`).join("\n");
}
