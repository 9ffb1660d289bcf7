// A reader of our output who goes away, or a terminal that is gone, must end no run, and leave no machine.

/** Lets writes to `stream` fail where nobody reads any more. */
export function tolerateClosedPipe(stream: NodeJS.WriteStream): void {
  if (borne.has(stream)) return;
  borne.add(stream);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

const borne = new WeakSet<NodeJS.WriteStream>();
