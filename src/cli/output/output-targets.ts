// Where a table goes, and in which form: `--format`, `--out` and `--export-…`, several at once.

import { access, constants } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { parseChoice } from "../options/option-values.ts";
import { type Format, formats, type OutputTarget } from "./formats.ts";

export interface TargetOptions {
  readonly format?: string | undefined;
  readonly out?: readonly string[] | undefined;
  readonly exportJson?: readonly string[] | undefined;
  readonly exportCsv?: readonly string[] | undefined;
  readonly exportMarkdown?: readonly string[] | undefined;
  readonly exportHtml?: readonly string[] | undefined;
  readonly exportSvg?: readonly string[] | undefined;
}

const byEnding: Readonly<Record<string, Format>> = {
  ".json": "json",
  ".csv": "csv",
  ".md": "markdown",
  ".html": "html",
  ".htm": "html",
  ".svg": "svg",
};

/** The targets of `options`: --out takes the place of standard output, --export-… stands beside it. @throws TimetrialError USAGE */
export function outputTargets(options: TargetOptions): OutputTarget[] {
  const format = options.format === undefined ? undefined : parseChoice("--format", options.format, formats);
  const exported = (files: readonly string[] | undefined, as: Format): OutputTarget[] =>
    (files ?? []).map((file) => ({ format: as, file }));
  const out = (options.out ?? []).map((file) => ({ format: format ?? byEnding[extname(file)] ?? "table", file }));
  return [
    ...(out.length === 0 ? [{ format: format ?? "table" }] : out),
    ...exported(options.exportJson, "json"),
    ...exported(options.exportCsv, "csv"),
    ...exported(options.exportMarkdown, "markdown"),
    ...exported(options.exportHtml, "html"),
    ...exported(options.exportSvg, "svg"),
  ];
}

/** Before anything is measured. @throws TimetrialError USAGE where a folder is not there, or not the user's to write in */
export async function refuseUnwritable(targets: readonly OutputTarget[]): Promise<void> {
  for (const { file } of targets) {
    if (file === undefined) continue;
    await access(dirname(file), constants.W_OK).catch((cause: Error) => {
      throw new TimetrialError("USAGE", `--out: cannot write ${quoteForMessage(file)}: ${cause.message}`, { cause });
    });
  }
}
