// Makes a run of many records out of a small stored one, with its machines, facts, course and sums. Times are jittered by a
// seeded generator, so that the same run comes out each time.

import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { normal, seeded } from "./noise.mjs";

/** Writes a run of `sides` x `machines` x `rounds` x the rows of the run in `source` into `target`; returns its records. */
export function growRun(source, target, { sides, machines, rounds }) {
  const draw = seeded(7);
  const plan = JSON.parse(readFileSync(join(source, "plan.json"), "utf8"));
  const [base] = plan.spec.sides;
  const names = Array.from({ length: sides }, (_, i) => `f${i}.large`);
  Object.assign(plan.spec, {
    sides: names.map((name) => ({ ...base, name })),
    baseline: names[0],
    machines,
    rounds,
  });
  for (const suite of plan.suites) for (const row of suite.rows) row.runs = rounds;
  const lines = readFileSync(join(source, "records.ndjson"), "utf8").trim().split("\n");
  const rows = new Map();
  for (const record of lines.map((line) => JSON.parse(line)))
    if (record.status === "completed" && record.round > 1) rows.set(`${record.row} ${record.impl}`, record);
  const [measured] = readdirSync(join(source, "machines"));
  const facts = JSON.parse(readFileSync(join(source, "machines", measured, "facts.json"), "utf8"));
  const digests = new Map();
  const write = (path, text) => {
    writeFileSync(join(target, path), text);
    digests.set(path, createHash("sha256").update(text).digest("hex"));
  };
  mkdirSync(join(target, "logs"), { recursive: true });
  write("plan.json", JSON.stringify(plan));
  write("ledger.ndjson", "");
  write("course.ndjson", `${JSON.stringify({ at: plan.created_at, kind: "finished" })}\n`);
  const file = openSync(join(target, "records.ndjson"), "w");
  const hash = createHash("sha256");
  let count = 0;
  for (const [s, side] of names.entries())
    for (let m = 1; m <= machines; m++) {
      const machine = `${side}-${m}`;
      const host_id = `host-${s}-${m}`;
      mkdirSync(join(target, "machines", machine), { recursive: true });
      write(join("machines", machine, "facts.json"), JSON.stringify({ ...facts, host_id, boot_id: host_id }));
      const factor = (1 + 0.01 * normal(draw)) * (1 - 0.005 * s);
      const text = [];
      for (let round = 1; round <= rounds; round++)
        for (const record of rows.values()) {
          const cpu_s = (record.user_s + record.system_s) * factor * (1 + 0.01 * normal(draw));
          const real_s = cpu_s * 1.02;
          const times = { real_s: rounded(real_s), user_s: rounded(cpu_s), system_s: 0, tainted: [] };
          text.push(JSON.stringify({ ...record, side, machine, host_id, round, ...times }));
        }
      const bytes = Buffer.from(`${text.join("\n")}\n`);
      writeSync(file, bytes);
      hash.update(bytes);
      count += text.length;
    }
  closeSync(file);
  digests.set("records.ndjson", hash.digest("hex"));
  const sums = [...digests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, digest]) => `${digest}  ${path}\n`);
  writeFileSync(join(target, "SHA256SUMS"), sums.join(""));
  return count;
}

function rounded(time_s) {
  return Math.round(time_s * 1e6) / 1e6;
}
