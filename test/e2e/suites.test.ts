// The suites that come with timetrial, at their smallest size, through the built command line: each row's record completed
// and proved by its digest. The kernel's is kernel.test.ts.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { which } from "../support/suite-steps.ts";
import { Desk, type Ended } from "../support/cli.ts";
import { statusOfCompleted } from "../support/run-status.ts";

interface Stored {
  readonly suite: string;
  readonly side: string;
  readonly row: string;
  readonly impl: string;
  readonly round: number;
  readonly tainted: readonly string[];
  readonly status: string;
  readonly reason?: string;
  readonly check?: string;
  readonly digest?: string;
  readonly work_id?: string;
}

const has = (...commands: string[]): boolean => commands.every((command) => which(command) !== undefined);
const buildsHostname = process.getuid?.() === 0 && has("apt-get", "dpkg-buildpackage", "dh", "cc", "fakeroot");
const small: Readonly<Record<string, string>> = {
  blocks: "10000",
  bytes: "1000000",
  units: "1",
  mib: "8",
  rounds: "1",
  files: "200",
  commits: "100",
  forks: "50",
};

let desk: Desk;
let server: Server;
let ended: Ended;
let records: Stored[] = [];
const text = "int main(void) { return 0; }\n";

beforeAll(async () => {
  desk = new Desk(0.02);
  mkdirSync(join(desk.folder, "usr/src"), { recursive: true });
  writeFileSync(join(desk.folder, "usr/src/main.c"), text);
  const archive = execFileSync("tar", ["-cJ", "-C", desk.folder, "usr"]);
  server = createServer((_, response) => void response.end(archive));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.txz`;
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const own = { ...small, src_url: url, src_sha256: sha256, ports_url: url, ports_sha256: sha256 };
  const rows = [
    "hashes-all/md5-all/portable-c",
    "compress/zstd-10",
    "crypto/aes-256-gcm",
    "memory/triad",
    "unpack/tar",
    "sources/tar-src",
    "sources/git-clone-local",
    "sources/forks",
    ...(buildsHostname ? ["debian-src/hostname"] : []),
  ];
  const sets = Object.entries(own).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  ended = await desk.run(["run", ...rows, "--on", "local", "--rounds", "1", "--disposable", "--quiet", ...sets]);
  records = desk.lines("records.ndjson");
});
afterAll(async () => {
  server.close();
  await desk.clear();
});

test("a run of them all ends well", () => {
  expect(ended).toMatchObject({ status: statusOfCompleted(records, 0), stderr: "" });
});

const md5 = "52e5f9c9e6f656f3e1800dfa5579d089"; // of 10^8 bytes, as four programs give it
const hex = /^[0-9a-f]{64}$/;
interface Row {
  /** Tools; empty where all are here. */
  readonly needs?: string;
  readonly digest: string | RegExp;
}
const needing = (...commands: string[]): { needs?: string } => (has(...commands) ? {} : { needs: commands.join(", ") });
const rows: Readonly<Record<string, Row>> = {
  "hashes-all/md5-all": { ...needing("cc"), digest: md5 },
  "compress/zstd-10": { ...needing("zstd"), digest: hex },
  "crypto/aes-256-gcm": { digest: hex },
  // Eight neighbours sum up to 166128 after ten passes; 2^20 elements, over 2^20.
  "memory/triad": { ...needing("cc"), digest: String((8 * 166_128) / 64) },
  "unpack/tar": { ...needing("tar"), digest: hex },
  "sources/tar-src": { ...needing("tar", "xz"), digest: createHash("sha256").update(text).digest("hex") },
  "sources/git-clone-local": { ...needing("git"), digest: "945c54b84c6d212e1b4643e8d5cc7e653544e064" },
  "debian-src/hostname": {
    ...(buildsHostname ? {} : { needs: "root, apt-get, dpkg-dev, debhelper, fakeroot" }),
    digest: hex,
  },
};
/** A row has one record; where other work on this computer disturbed its run, also that of another run. */
function expectEach(found: readonly Stored[], fields: object): void {
  expect([1, 2]).toContain(found.length);
  expect(found).toEqual(found.map(() => expect.objectContaining(fields)));
}

for (const [name, { needs, digest }] of Object.entries(rows)) {
  const title = `${name} did its work, and its digest says so${needs === undefined ? "" : ` [needs ${needs}]`}`;
  test.skipIf(needs !== undefined)(title, () => {
    expectEach(
      records.filter(({ suite, row }) => `${suite}/${row}` === name),
      {
        status: "completed",
        check: "ok",
        real_s: expect.any(Number),
        digest: typeof digest === "string" ? digest : expect.stringMatching(digest),
      },
    );
  });
}

test("sources/forks forked as often as it was told", () => {
  expectEach(
    records.filter(({ row }) => row === "forks"),
    { status: "completed", check: "ok", work_id: "50 forks" },
  );
});
