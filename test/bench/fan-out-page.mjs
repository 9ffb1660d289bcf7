// The part of docs/performance.md on very many machines, which follows that on many records.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const file = join(root, "docs/performance.md");
const title = "\n## What very many machines cost\n";

/** The part as the page has it; empty where it has none. */
export function fanOutPart() {
  const text = readFileSync(file, "utf8");
  return text.includes(title) ? text.slice(text.indexOf(title)) : "";
}

/** Writes `lines` into the page. */
export function writeFanOutPart(lines) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const text = readFileSync(file, "utf8");
  const before = text.includes(title) ? text.slice(0, text.indexOf(title)) : text;
  writeFileSync(
    file,
    `${before}${title}
Written by \`node test/bench/fan-out.mjs --write\`; not by hand. \`--most\` adds 3,000 machines.

Each run has two rows of ten rounds, trials of a second, on [simulated machines](sandbox.md#simulated-machines): their times mean
nothing, and the calls, memory and CPU are the client's own. The sandbox is on the same computer, and takes part of its CPU. Its
cloud takes a tenth of the time that EC2 takes; AWS's buckets are filled ten times as fast to match. Seen with timetrial
${version} and Node ${process.versions.node} on ${cpus().length} virtual cores (${cpus()[0]?.model.trim()}) that others share.

${lines.map((line) => `    ${line}`).join("\n")}

- _calls_: all requests to EC2 and SSM from the first to the last, planning and giving back included.
- _the whole_: from the first batch that is sent to the end of the last one that is noticed.
- A run of a real length has longer trials, and so fewer calls a round.
`,
  );
}
