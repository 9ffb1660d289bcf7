// Output that nobody can take: a reader who went away, a terminal that is gone, a full disk. None of them may end a run, or
// leave a machine.

/** Lets writes to `stream` fail: quietly where nobody reads any more, else with one line and exit status 5. */
export function tolerateClosedPipe(stream: NodeJS.WriteStream): void {
  if (tolerant.has(stream)) return;
  tolerant.add(stream);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "EIO" || failed) return;
    failed = true;
    const name = stream === process.stdout ? "standard output" : "standard error";
    if (stream === process.stdout)
      process.stderr.write(`timetrial: cannot write ${name}: ${error.code ?? "it failed"}\n`);
    process.once("exit", () => {
      process.exitCode ||= 5;
    });
  });
}

let failed = false;
const tolerant = new WeakSet<NodeJS.WriteStream>();
