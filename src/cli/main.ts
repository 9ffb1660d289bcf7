#!/usr/bin/env node
// The command line as a process: what holds for the whole of it, whichever command runs.

import { printable } from "../domain/printable.ts";
import { runCommandLine } from "./command-line.ts";
import { tolerateClosedPipe } from "./output/closed-pipe.ts";
import { say } from "./output/terminal.ts";

// Without this handler Node prints a stack and the source line, which is a whole bundle.
process.on("uncaughtException", (error) => {
  // A run has a listener of its own, which ends the run and gives its machines back.
  if (process.listenerCount("uncaughtException") > 1) return;
  void import("./output/print-error.ts").then(({ printError }) => {
    const status = printError(error);
    say(printable("  what was launched ends at its deadline; timetrial sweep lists it"));
    process.exit(status);
  });
});

for (const stream of [process.stdout, process.stderr]) tolerateClosedPipe(stream);

void runCommandLine(process.argv);
