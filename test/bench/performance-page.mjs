// The parts of docs/performance.md that follow the first one, on many records: each benchmark writes its own.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const file = join(root, "docs/performance.md");

/** All parts after the first, as the page has them. */
export function laterParts() {
  const text = readFileSync(file, "utf8");
  const at = text.indexOf("\n## ");
  return at === -1 ? "" : text.slice(at);
}

/** Writes the part called `title`, in its place or at the page's end. */
export function writePart(title, text) {
  const heading = `## ${title}\n`;
  const [first, ...parts] = readFileSync(file, "utf8").split(/^(?=## )/m);
  const part = `${heading}\n${text.trim()}\n`;
  const at = parts.findIndex((one) => one.startsWith(heading));
  if (at === -1) parts.push(part);
  else parts[at] = part;
  writeFileSync(file, [first, ...parts].map((one) => `${one.trim()}\n`).join("\n"));
}

/** Where and with what figures were seen. */
export function seenWith() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return `timetrial ${version} and Node ${process.versions.node} on ${cpus().length} virtual cores (${cpus()[0]?.model.trim()}) that others share`;
}

/** `lines` as a block of output. */
export function block(lines) {
  return lines.map((line) => `    ${line}`).join("\n");
}

/** Writes what very many machines cost. */
export function writeFanOutPart(lines) {
  writePart(
    "What very many machines cost",
    `
Written by \`node test/bench/fan-out.mjs --write\`; not by hand. \`--most\` adds 3,000 machines.

Each run has two rows of ten rounds, trials of a second, on [simulated machines](sandbox.md#simulated-machines): their times mean
nothing, and the calls, memory and CPU are the client's own. The sandbox is on the same computer, and takes part of its CPU. Its
machines run 30 s after their launch, and SSM manages them half a second later. Seen with
${seenWith()}.

${block(lines)}

- _calls_: all requests to EC2 and SSM from the first to the last, planning and giving back included.
- _the whole_: from the first batch that is sent to a machine to the end of its last one that is noticed; the longest of all machines.
  The bar is one of a thousand machines. A machine works twenty seconds here, so that the two seconds that the unluckiest of 3,000
  waits weigh a tenth.
- _to AWS's buckets, the cloud's delays and the work_: no client that keeps to 80 % of the buckets can end sooner.
- A run of a real length has longer trials, and so fewer calls a round.
`,
  );
}
