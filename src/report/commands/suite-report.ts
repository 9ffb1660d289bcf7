// Describes a suite for people: what it times, what it needs, how long it takes, and what its rows may be compared
// with.

import { defined } from "../../domain/defined.ts";
import { formatDuration } from "../text/duration.ts";
import {
  busyCpus,
  type SuiteEstimate,
  estimateOf,
  estimateOfRow,
  type WorkEstimate,
} from "../../domain/cost/duration-estimate.ts";
import { formatBytes } from "../../domain/run/requirements.ts";
import { printable } from "../../domain/printable.ts";
import type { Manifest, ManifestRow, Suite } from "../../domain/plan/suite.ts";

/** The keys that a manifest may have besides those of every suite. */
interface SuiteRemarks {
  readonly comparable?: string | undefined;
}

/** Returns the full description of `suite`, with the time that it takes on each of `cores` vCPUs. */
export function suiteReport({ manifest, files }: Suite, cores: readonly number[]): string {
  const { name, version, title, os, params } = manifest;
  const check = files.find(({ path }) => path === "check.sh");
  const lines = [
    `${name} ${version}: ${title}`,
    ...fact("on", os.join(", ")),
    ...fact("needs", needs(manifest)),
    ...fact("time", timed(manifest, cores)),
    ...fact("note", manifest.estimate["note"]),
    ...fact("comparable", (manifest as SuiteRemarks).comparable),
    ...fact("check", check === undefined ? "by exit status only" : purpose(Buffer.from(check.bytes).toString())),
    "rows",
    ...manifest.rows.map(row),
    ...(Object.keys(params).length === 0 ? [] : ["parameters (--set)"]),
    ...Object.entries(params).map(([key, value]) => `  ${key}=${value}`),
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

function needs({ needs: { commands, packages, memory_bytes, disk_bytes, vcpus, root, disposable } }: Manifest): string {
  const all = [
    ...commands.map((name) => `command ${name}`),
    ...packages.map((name) => `package ${name}`),
    ...(memory_bytes > 0 ? [`${formatBytes(memory_bytes)} of memory`] : []),
    ...(disk_bytes > 0 ? [`${formatBytes(disk_bytes)} of disk`] : []),
    ...(vcpus > 0 ? [`${vcpus} vCPUs`] : []),
    ...(root ? ["root"] : []),
    ...(disposable ? ["a disposable machine"] : []),
  ];
  return all.length === 0 ? "nothing" : all.join(", ");
}

/**
 * Estimates the time of all rounds of all rows of one system on a machine. A fresh row has one trial on each machine.
 */
function timed(manifest: Manifest, cores: readonly number[]): string {
  const whole = estimateOf(manifest);
  const works = worksOf(manifest, whole);
  if (works.flat().some(({ cpu_s }) => cpu_s === undefined)) return "not known";
  const took = cores.map((count) => formatDuration(suiteTime_s(manifest, count) ?? 0));
  const on = new Set(took).size === 1 ? took[0] : took.map((time, i) => `${time} on ${cores[i]} vCPUs`).join(", ");
  const trials = Math.max(...works.map((ofSystem) => ofSystem.reduce((sum, work) => sum + work.trials, 0)));
  const each = [...new Set(works.flat().map(({ cpu_s = 0 }) => cpu_s))].toSorted((a, b) => a - b);
  const cpu = each.length === 1 ? `${each[0]} s` : `${each[0]} to ${each.at(-1)} s`;
  return `about ${on} a machine (${trials} trials of ${cpu} of CPU), setup not included`;
}

/**
 * Seconds that all rounds of all rows of one system take on a machine of `vcpus`, without setup. Undefined where the suite
 * does not tell.
 */
export function suiteTime_s(manifest: Manifest, vcpus: number): number | undefined {
  const works = worksOf(manifest, estimateOf(manifest));
  if (works.flat().some(({ cpu_s }) => cpu_s === undefined)) return undefined;
  return Math.max(
    ...works.map((ofSystem) =>
      ofSystem.reduce((sum, { trials, cpu_s = 0, ...work }) => sum + (trials * cpu_s) / busyCpus(work, vcpus), 0),
    ),
  );
}

/** The work of the rows of each system. */
function worksOf({ os, rows }: Manifest, whole: SuiteEstimate): (WorkEstimate & { readonly trials: number })[][] {
  return os.map((system) => rows.filter((row) => (row.os ?? os).includes(system)).map((row) => workOf(row, whole)));
}

function workOf(row: ManifestRow, whole: SuiteEstimate): WorkEstimate & { readonly trials: number } {
  const { cpu_s, cores } = estimateOfRow(whole, row);
  return { trials: row.fresh ? 1 : row.runs, cores, ...defined({ cpu_s }) };
}

function row({ name, impl, runs, warmup, fresh, os, ...more }: ManifestRow): string {
  const rounds = fresh
    ? `${runs} machines, each new`
    : `${runs} runs, ${warmup === 0 ? "none" : warmup === 1 ? "the first" : `the first ${warmup}`} dropped`;
  const { comparable } = more as SuiteRemarks;
  const remarks = [
    ...(os === undefined ? [] : [`${os.join(", ")} only`]),
    ...(comparable === undefined ? [] : [comparable]),
  ];
  return `  ${name.padEnd(16)} ${impl.padEnd(14)} ${[rounds, ...remarks].join("; ")}`;
}

const margin = 12;
const width = 80;

/** Returns `text` behind the label `what`, in lines of 80 columns. */
function fact(what: string, text: string | number | undefined): string[] {
  if (text === undefined || text === "") return [];
  const lines: string[] = [];
  for (const word of String(text).split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && margin + last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, i) => `${(i === 0 ? what : "").padEnd(margin)}${line}`);
}

/** Returns the purpose of a step from its script: the first comment below `#!`. */
function purpose(script: string): string {
  const lines = script
    .split("\n")
    .filter((line) => !line.startsWith("# shellcheck "))
    .slice(script.startsWith("#!") ? 1 : 0);
  const from = lines.findIndex((line) => /^#+ \S/.test(line));
  if (from === -1 || lines.slice(0, from).some((line) => line !== "" && !line.startsWith("#"))) return "by check.sh";
  const rest = lines.slice(from);
  const end = rest.findIndex((line) => !/^#+ \S/.test(line));
  return rest
    .slice(0, end === -1 ? rest.length : end)
    .map((line) => line.replace(/^#+ /, ""))
    .join(" ");
}
