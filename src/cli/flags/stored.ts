// Declares the arguments and options of the commands for stored runs: `report`, `explain`, `resume`, `verify`, `bundle`.

import type { Command } from "commander";
import { textOrJson } from "../options/choices.ts";
import {
  addAxisOption,
  addGateOptions,
  addResultsOption,
  addOutputOptions,
  addProgressOptions,
  choiceOption,
} from "./shared.ts";

const baseline = [
  "--baseline <side>",
  "the side that the others are compared with (default: as the run had it)",
] as const;

export function declareReport(command: Command): void {
  addResultsOption(addGateOptions(addOutputOptions(command)))
    .argument("<run...>", "a run's folder, its name below --results, or a bundle; LABEL=RUN; or published:TYPE")
    .option(...baseline)
    .action(async (runs: string[], options) => {
      const { reportCommand: report } = await import("../commands/report.ts");
      process.exitCode = await report(runs, options);
    });
}

export function declareExplain(command: Command): void {
  addResultsOption(addGateOptions(addAxisOption(command)))
    .argument("<run>", "the run's folder, its name below --results, or a bundle")
    .argument("[row]", "a row as the table names it, SUITE/ROW or SUITE/ROW/IMPL; or geomean (default: everything)")
    .option(...baseline)
    .action(async (run: string, row: string | undefined, options) => {
      const { explainCommand: explain } = await import("../commands/stored/explain.ts");
      process.exitCode = await explain(run, row, options);
    });
}

export function declareResume(command: Command): void {
  addProgressOptions(addResultsOption(addOutputOptions(command)))
    .argument("<run>", "the run's folder, or its name below --results")
    .option(...baseline)
    .option("--trust", "go on with a run that was not begun here: its commands are run on its machines")
    .action(async (run: string, options) => {
      const { resumeCommand: resume } = await import("../commands/resume.ts");
      process.exitCode = await resume(run, options);
    });
}

export function declareVerify(command: Command): void {
  addResultsOption(command)
    .argument("<run>", "the run's folder, its name below --results, or a bundle")
    .option("--sums <digits>", "the sums that a table of it bears in its last line")
    .option("--against <file>", "a table of it, as report --format json printed it")
    .addOption(choiceOption("--format <name>", "text or json", textOrJson, "text"))
    .action(async (run: string, options) => {
      const { verifyCommand: verify } = await import("../commands/verify.ts");
      process.exitCode = await verify(run, options);
    });
}

export function declareBundle(command: Command): void {
  addResultsOption(command)
    .argument("<run>", "the run's folder, or its name below --results")
    .option("--out <file>", "write it there (default: RUN.tar.gz)")
    .action(async (run: string, options) => {
      const { bundleCommand: bundleRun } = await import("../commands/bundle.ts");
      process.exitCode = await bundleRun(run, options);
    });
}
