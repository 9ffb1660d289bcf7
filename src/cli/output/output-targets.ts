// Parses `--format`, `--out` and `--export-…`: the files that a table is written to, several at once, and their
// formats.

import { access, constants } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { parseChoice } from "../options/option-values.ts";
import { usesColour } from "./colour.ts";
import { type Format, formats, type OutputTarget } from "./formats.ts";

export interface TargetOptions {
  readonly format?: string | undefined;
  readonly out?: readonly string[] | undefined;
  readonly exportJson?: readonly string[] | undefined;
  readonly exportCsv?: readonly string[] | undefined;
  readonly exportMarkdown?: readonly string[] | undefined;
  readonly exportHtml?: readonly string[] | undefined;
  readonly exportSvg?: readonly string[] | undefined;
  readonly color?: string | undefined;
}

const byEnding: Readonly<Record<string, Format>> = {
  ".json": "json",
  ".csv": "csv",
  ".md": "markdown",
  ".html": "html",
  ".htm": "html",
  ".svg": "svg",
};

/**
 * Returns the targets of `options`: --out replaces standard output, --export-… adds to it.
 *
 * @throws TimetrialError USAGE
 */
export function outputTargets(options: TargetOptions): OutputTarget[] {
  const format = options.format === undefined ? undefined : parseChoice("--format", options.format, formats);
  const isColoured = usesColour(options.color);
  const exported = (files: readonly string[] | undefined, as: Format): OutputTarget[] =>
    (files ?? []).map((file) => ({ format: as, file }));
  const out = (options.out ?? []).map((file) => ({ format: format ?? byEnding[extname(file)] ?? "table", file }));
  return [
    ...(out.length === 0 ? [{ format: format ?? "table", isColoured }] : out),
    ...exported(options.exportJson, "json"),
    ...exported(options.exportCsv, "csv"),
    ...exported(options.exportMarkdown, "markdown"),
    ...exported(options.exportHtml, "html"),
    ...exported(options.exportSvg, "svg"),
  ];
}

/**
 * Checks the targets before anything is measured.
 *
 * @throws TimetrialError USAGE where a folder does not exist, or the user cannot write in it
 */
export async function refuseUnwritable(targets: readonly OutputTarget[]): Promise<void> {
  for (const { file } of targets) {
    if (file === undefined) continue;
    await access(dirname(file), constants.W_OK).catch((cause: Error) => {
      throw new TimetrialError("USAGE", `--out: cannot write ${quoteForMessage(file)}: ${cause.message}`, { cause });
    });
  }
}
