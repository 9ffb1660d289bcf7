// Output that nobody can take: a reader who went away, a terminal that is gone, a full disk. None of them may end a run, or
// leave a machine.

// By name: each group of commands is built into a file of its own, and this module into each.
const mark = Symbol.for("timetrial.tolerant");

/** Lets writes to `stream` fail: quietly where nobody reads any more, else with one line and exit status 5. */
export function tolerateClosedPipe(stream: NodeJS.WriteStream): void {
  if (mark in stream) return;
  Object.defineProperty(stream, mark, { value: true });
  let failed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "EIO" || failed) return;
    failed = true;
    if (stream === process.stdout)
      process.stderr.write(`timetrial: cannot write standard output: ${error.code ?? "it failed"}\n`);
    process.once("exit", () => {
      process.exitCode ||= 5;
    });
  });
}
