// Parses --progress.

import { progressForms } from "../options/choices.ts";
import { parseChoice } from "../options/option-values.ts";
import { writeJsonLines } from "../output/terminal.ts";

/** Obeys --progress: with `ndjson` every line on standard error is a JSON object from now on. @throws TimetrialError USAGE */
export function chooseProgress(form: string | undefined): void {
  if (parseChoice("--progress", form ?? "auto", progressForms) === "ndjson") writeJsonLines();
}
