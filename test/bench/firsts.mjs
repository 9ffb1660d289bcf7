// What a command costs before it does anything: it is killed by the first process that it starts, or by the server that
// gets its first request, so that the CPU recorded for it is that up to there.

import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";

const cli = join(import.meta.dirname, "../../dist/cli.js");

/** A local run whose first process, sh, ends it. `proves` says, once a run, whether that happened. */
export function toFirstProcess(folder) {
  const bin = join(folder, "bin");
  const mark = join(folder, "process.seen");
  mkdirSync(bin);
  writeFileSync(join(bin, "sh"), `#!/bin/sh\n: >"${mark}"\nkill -9 "$PPID"\n`);
  chmodSync(join(bin, "sh"), 0o755);
  const words = [process.execPath, cli, "run", "hashes/sha256", "--on", "local", "--results", join(folder, "local")];
  return { words, env: { PATH: `${bin}:${process.env.PATH}` }, proves: () => seen(mark) };
}

/** Most users have no proxy; the code for one is loaded where the environment names it. */
const noProxy = Object.fromEntries(
  ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, ""]),
);

/** A comparison on AWS whose first request ends it. */
export async function toFirstRequest(folder) {
  const pidFile = join(folder, "client.pid");
  const mark = join(folder, "request.seen");
  const server = createServer((request) => {
    request.socket.destroy();
    if (!existsSync(pidFile)) return;
    const pid = Number(readFileSync(pidFile, "utf8"));
    rmSync(pidFile);
    writeFileSync(mark, "");
    process.kill(pid, "SIGKILL");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  const words = [
    process.execPath,
    cli,
    "compare",
    "c6g.large",
    "c7g.large",
    "--region",
    "us-east-1",
    "--endpoint",
    endpoint,
  ];
  return {
    words: ["/bin/sh", "-c", 'echo "$$" >"$0"; exec "$@"', pidFile, ...words, "--results", join(folder, "aws")],
    env: {
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_EC2_METADATA_DISABLED: "true",
      ...noProxy,
    },
    proves: () => seen(mark),
    close: () => server.close(),
  };
}

function seen(mark) {
  const found = existsSync(mark);
  rmSync(mark, { force: true });
  return found;
}
