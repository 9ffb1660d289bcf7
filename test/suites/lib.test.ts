// suites/lib: what the suites share. Fetching over real HTTP, hashing, watching.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shells } from "../support/shipped-suites.ts";
import { binFolder, Machine, newFolder, removeFolders, which } from "../support/suite-steps.ts";

const lib = join(import.meta.dirname, "../../suites/lib");
const payload = "the source of something\n".repeat(1000);
const digest = createHash("sha256").update(payload).digest("hex");
/** May a small tmpfs be mounted here? */
const mounts = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;
let server: Server;
let address: string;
let asked: string[] = [];
/** Whether /slow may send the rest. */
let slow = (): boolean => true;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url === "/slow") {
      response.write(payload.slice(0, 5000));
      const rest = setInterval(() => {
        if (!slow()) return;
        clearInterval(rest);
        response.end(payload.slice(5000));
      }, 20);
    } else if (request.url === "/gone") response.writeHead(404).end("no such file");
    else response.end(request.url?.startsWith("/other") === true ? "something else\n" : payload);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  removeFolders();
});

/** A machine with one step: `body`, after all of lib was sourced. */
function stepOf(body: string, env: Record<string, string> = {}, sh: readonly [string, ...string[]] = ["sh"]): Machine {
  const machine = new Machine("/", env, sh);
  const sourced = ["say", "digest", "fetch", "copies", "watch"].map((file) => `. "${lib}/${file}.sh"`);
  writeFileSync(join(machine.work, "step.sh"), ["set -eu", ...sourced, 'cd "${TT_WORK}"', body, ""].join("\n"));
  return machine;
}
const run = (machine: Machine, env: Record<string, string> = {}) => machine.step(join(machine.work, "step.sh"), env);
const fetching = (wanted: string, ...urls: string[]): string =>
  `fetched f ${wanted} ${urls.join(" ")} || { printf '%s\\n' "\${why}" >&2; exit 1; }`;

describe("a source", () => {
  for (const tool of ["curl", "wget"]) {
    test.skipIf(which(tool) === undefined)(
      `is fetched by ${tool}, and not again when it is there [needs ${tool}]`,
      async () => {
        asked = [];
        const path = binFolder(["sh", "rm", "mv", "wc", "tr", "sleep", "tail", "sha256sum", tool]);
        const machine = stepOf(`${fetching(digest, `${address}/f`)}\n${fetching(digest, `${address}/f`)}`, {
          PATH: path,
        });
        expect(await run(machine)).toEqual({ status: 0, out: "", err: "" });
        expect(readFileSync(join(machine.work, "f"), "utf8")).toBe(payload);
        expect(asked).toEqual(["/f"]);
      },
    );
  }

  test("whose digest is wrong is refused, kept aside and named, and the next address is tried", async () => {
    const kept = join(newFolder(), "refused");
    const got = createHash("sha256").update("something else\n").digest("hex");
    const machine = stepOf(fetching(digest, `${address}/other`, `${address}/gone`, `${address}/other?again`), {
      TT_REFUSED: kept,
    });
    const said = await run(machine);
    expect(said.err.slice(0, 400)).toContain(
      `kept as ${kept}/f.refused: expected SHA-256 ${digest}, got ${got}; as f.refused.2: got ${got}`,
    );
    expect(said.err).toMatch(/; from http:\S+\/other; cannot fetch http:\S+\/gone: .*; from http:\S+\/other\?again\n$/);
    expect(readdirSync(kept).sort()).toEqual(["f.refused", "f.refused.2"]);
    expect(readFileSync(join(kept, "f.refused"), "utf8")).toBe("something else\n");
    // All that a working folder holds goes with the run.
    expect(readdirSync(machine.work).sort()).toEqual(["step.sh"]);
    const second = stepOf(fetching(digest, `${address}/other`, `${address}/f`));
    expect(await run(second)).toMatchObject({ status: 0 });
    expect(readFileSync(join(second.work, "f"), "utf8")).toBe(payload);
  });

  test("says every ten seconds how many bytes are there", async () => {
    const machine: Machine = stepOf(fetching(digest, `${address}/slow`), {
      // Ten seconds pass in a half.
      PATH: `${binFolder([], { sleep: `exec ${which("sleep")} 0.05` })}:${process.env["PATH"]}`,
    });
    slow = () => existsSync(join(machine.work, "progress"));
    expect(await run(machine)).toMatchObject({ status: 0, err: "" });
    const [, bytes] = /^fetching slow: (\d+) bytes\n$/.exec(readFileSync(join(machine.work, "progress"), "utf8")) ?? [];
    // All that was sent, but for what the fetcher keeps back until it has more.
    expect(Number(bytes)).toBeGreaterThan(0);
    expect(Number(bytes)).toBeLessThanOrEqual(5000);
    expect(readFileSync(join(machine.work, "f"), "utf8")).toBe(payload);
  });

  test("that was tampered with on the disk is fetched again", async () => {
    const machine = stepOf(fetching(digest, `${address}/f`));
    writeFileSync(join(machine.work, "f"), "half");
    expect(await run(machine)).toMatchObject({ status: 0 });
    expect(readFileSync(join(machine.work, "f"), "utf8")).toBe(payload);
  });

  test("is not to be had without a network, nor where the server has none, and both are told", async () => {
    // Port 9 of the loopback: nobody listens there.
    const said = await run(stepOf(fetching(digest, "http://127.0.0.1:9/f", `${address}/gone`)));
    expect(said.status).toBe(1);
    expect(said.err).toMatch(
      /^cannot fetch http:\/\/127\.0\.0\.1:9\/f: \w+ ended with \d+: .+; cannot fetch http:\S+\/gone: \w+ ended with \d+: .+\n$/,
    );
  });

  test("is not to be had without a program that fetches", async () => {
    const path = binFolder(["sh", "rm", "mv", "sha256sum"]);
    expect((await run(stepOf(fetching(digest, "http://127.0.0.1:9/f"), { PATH: path }))).err).toBe(
      "neither curl, fetch nor wget to get http://127.0.0.1:9/f with\n",
    );
  });

  test("of no digest is refused before anything is fetched", async () => {
    asked = [];
    const said = await run(stepOf(fetching("latest", `${address}/f`)));
    expect(said).toMatchObject({ status: 1, err: 'f: "latest" is no SHA-256\n' });
    expect(asked).toEqual([]);
  });

  test.skipIf(!mounts)(
    "that fills the disk leaves nothing and is told [needs the right to mount a tmpfs]",
    async () => {
      const machine = stepOf(
        `mkdir small; mount -t tmpfs -o size=8k none small\ntrap 'cd "\${TT_WORK}"; umount small' EXIT\ncd small\n${fetching(digest, `${address}/f`)}`,
      );
      const said = await run(machine);
      expect(said.status).toBe(1);
      expect(said.err).toMatch(/^cannot fetch http:\S+\/f: \w+ ended with \d+: /);
    },
  );
});

test("SHA-256 is the same by sha256sum, FreeBSD's sha256 and openssl", async () => {
  const body = "sha256_in <step.sh";
  const native = await run(stepOf(body));
  expect(native.out).toMatch(/^[0-9a-f]{64}\n$/);
  const machine = stepOf(body, { PATH: binFolder(["sh", "openssl"]) });
  expect((await run(machine)).out).toBe(native.out);
  const freebsd = binFolder(["sh"], {
    sha256: `[ "$*" = -q ] && ${which("openssl") ?? "openssl"} dgst -sha256 -r | ${which("cut") ?? "cut"} -c 1-64`,
  });
  expect((await run(stepOf(body, { PATH: freebsd }))).out).toBe(native.out);
});

describe("a step that is watched", () => {
  for (const [name, ...args] of shells) {
    test.skipIf(which(name) === undefined)(
      `tells its last stage, keeps its output and its status, and leaves nothing running, under ${name} [needs ${name}]`,
      async () => {
        const build = [
          'shown() { until grep -q "$1" "${TT_STEP_DIR}/progress" 2>/dev/null; do sleep 0.1; done; }',
          "build() { echo '>>> stage 1'; echo noise; shown 'stage 1'; echo '>>> stage 2' >&2; shown 'stage 2'; return 3; }",
        ].join("\n");
        const body = `watch_every_s=1\n${build}\nstatus=0\nwatched '^>>> ' build >out || status=$?\necho "status \${status}"\n`;
        const machine = stepOf(body, {}, [name, ...args]);
        expect(await run(machine)).toEqual({ status: 0, out: "status 3\n", err: "" });
        expect(readFileSync(join(machine.work, "out"), "utf8")).toBe(">>> stage 1\nnoise\n>>> stage 2\n");
        expect(readFileSync(join(machine.work, "progress"), "utf8")).toBe(">>> stage 2\n");
      },
    );

    test.skipIf(which(name) === undefined)(
      `ends with a command that ends at once, under ${name} [needs ${name}]`,
      async () => {
        // A watcher that is not told sleeps for longer than this test may take.
        const body = "watch_every_s=600\nfor i in 1 2 3 4 5; do watched x true; done\n";
        expect(await run(stepOf(body, {}, [name, ...args]))).toEqual({ status: 0, out: "", err: "" });
      },
    );
  }
});

describe("a whole number", () => {
  for (const [value, status] of Object.entries({
    1: 0,
    20: 0,
    21: 2,
    0: 2,
    "": 2,
    "1x": 2,
    x1: 2,
    "01": 2,
    "-1": 2,
    "1 2": 2,
    "12345678901": 2,
  })) {
    test(`from 1 to 20 is ${status === 0 ? "taken" : "refused"} as "${value}"`, async () => {
      expect((await run(stepOf(`whole n "${value}" 1 20`))).status).toBe(status);
    });
  }
});
