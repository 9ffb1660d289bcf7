// Handles Ctrl-C and other signals: the first asks the run to stop and to give its machines back, the second ends the
// process.

import { InterruptError } from "../output/print-error.ts";

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface InterruptHandler extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * `left` returns what an immediate exit would leave, and how to find it. `launches`: whether there may be machines to
 * give back.
 */
export function handleInterrupts(say: (line: string) => void, left: () => string, launches = true): InterruptHandler {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      say(`timetrial: ${name} again: ending now; ${left()}`);
      process.exit(3);
    }
    say(`timetrial: ${name}: ${launches ? "giving back what was launched" : "stopping"}; once more ends at once`);
    controller.abort(new InterruptError(`interrupted by ${name}`));
  };
  // An uncaught error must not leave machines behind: it stops the run as a signal does.
  const onUncaught = (error: Error): void => controller.abort(error);
  for (const name of names) process.on(name, onSignal);
  process.on("uncaughtException", onUncaught);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, onSignal);
      process.off("uncaughtException", onUncaught);
    },
  };
}
