// Handles output that cannot be written: the reader has closed the pipe, the terminal is gone, or the disk is full.
// None of them may end a run, or leave a machine running.

// A global symbol: a program may have two copies of timetrial in it.
const mark = Symbol.for("timetrial.tolerant");

/** Lets writes to `stream` fail: silently where the reader is gone, else with one line and exit status 5. */
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
