// What the live view costs: 50 machines for ten seconds, each with a round and a record five times a second, on a screen
// of 24 lines and of 60; and what of that is the table. A renderer of machine lines alone took 60 ms for as much.

import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundled } from "./bundled.mjs";
import { median } from "./median.mjs";

/** Of the ten seconds. */
const bar_ms = 60;
const times = 5;

/** One line, with its bar. */
export async function live(folder) {
  const outfile = join(folder, "live.mjs");
  await bundled(watched, outfile);
  const of = (what) => median(Array.from({ length: times }, () => cpuOf(outfile, what)));
  const [nothing, lines, all] = [of("nothing"), of("lines"), of("all")];
  rmSync(outfile);
  const held = all - nothing <= bar_ms;
  const text = `live view, 50 machines for 10 s: ${(all - nothing).toFixed(0)} ms of CPU, ${(lines - nothing).toFixed(0)} ms without the table (medians of ${times}), bar ${bar_ms} ms: ${held ? "held" : "MISSED"}`;
  return { text, held };
}

/** CPU of a process that watches `what`. Milliseconds. */
function cpuOf(outfile, what) {
  const ran = spawnSync(process.execPath, [outfile, what], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`the live view failed: ${ran.stderr}`);
  return Number(ran.stdout);
}

/** Time is made: ten seconds of events as fast as they can be told, at 5 a second, and the timers' draws with them. */
const watched = `
import { LiveView } from "./src/cli/run/live-view.ts";
const what = process.argv[2];
let now = 0;
let written = 0;
const screen = { write: (text: string) => { written += text.length; }, columns: 120, rows: 60 };
const names = ["md5", "sha1", "sha256", "sha512", "skein256", "skein512"];
const rows = names.flatMap((name) => ["portable-c", "openssl-evp"].map((impl) => ({
  name, impl, runs: 60, warmup: 1, limit_s: 60, instructions: [], os: ["linux"] })));
const sides = ["c6g.8xlarge", "c7g.8xlarge"];
const plan = { schema: 1, run: "r", tool_version: "0", created_at: "2026-11-24T03:15:00.000Z", agent_digest: "", spec: {
  sides: sides.map((name) => ({ name, kind: "ec2", type: name, image: "al2023" })), baseline: sides[0], suites: [], machines: 25,
  seed: "", params: {}, cloud: "aws", max_hours: 2, allow_burstable: false },
  suites: [{ name: "hashes", title: "", version: "1", digest: "", params: {}, defaults: {}, rows }] };
const before = process.cpuUsage();
const live = new LiveView(screen, false, () => now);
if (what !== "lines") live.observe({ what: "planned", plan: plan as never, folder: "x" });
for (let tick = 0; tick < 50; tick++) {
  for (let machine = 0; machine < 50; machine++) {
    const side = sides[machine % 2] as string;
    const name = side + "-" + (machine >> 1);
    const row = rows[(tick + machine) % rows.length]!;
    const round = 1 + Math.floor(tick / 2);
    const record = { schema: 1, suite: "hashes", row: row.name, impl: row.impl, driver: "c", params: {}, work_id: "w", side, machine: name,
      host_id: name, round, attempt: 1, status: "completed", real_s: 1 + (tick % 7) / 100, user_s: 1, system_s: 0, check: "ok", tainted: [] };
    if (what === "nothing") continue;
    live.observe({ what: "round", suite: "hashes", round, of: 60, machine: name });
    live.observe({ what: "record", record: record as never });
  }
  now += 200;
}
live.clear();
const used = process.cpuUsage(before);
if (what !== "nothing" && written < 10000) throw new Error("nothing was drawn: " + written);
process.stdout.write(String((used.user + used.system) / 1000));
`;

if (process.argv[1] === import.meta.filename) {
  const { mkdtempSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const folder = mkdtempSync(join(tmpdir(), "timetrial-live-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
  const { text, held } = await live(folder);
  rmSync(folder, { recursive: true });
  console.log(text);
  process.exitCode = held ? 0 : 1;
}
