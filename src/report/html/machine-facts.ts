// Shows the facts of the machines side by side, and marks what differs between the sides.

import type { Facts } from "../../domain/run/machine.ts";
import { commonValue, type ReportData } from "../report-data.ts";
import { markup, type Content, type Markup } from "../text/markup.ts";

/** One fact of all machines. `own`: each machine has its own value, so that a difference means nothing. */
interface Fact {
  readonly name: string;
  readonly own?: boolean;
  readonly of: (facts: Facts) => string | number | undefined;
}

const facts: readonly Fact[] = [
  { name: "type", of: ({ instance }) => instance?.type },
  { name: "image", of: ({ instance }) => instance?.image },
  { name: "zone", of: ({ instance }) => instance?.zone },
  { name: "CPU", of: ({ cpu_model }) => cpu_model },
  { name: "architecture", of: ({ arch }) => arch },
  { name: "CPUs", of: ({ ncpu }) => ncpu },
  { name: "threads a core", of: ({ threads_per_core }) => threads_per_core },
  { name: "clock, most", of: ({ cpu_max_mhz }) => (cpu_max_mhz === undefined ? undefined : `${cpu_max_mhz} MHz`) },
  { name: "clock, when asked", own: true, of: ({ cpu_mhz }) => (cpu_mhz === undefined ? undefined : `${cpu_mhz} MHz`) },
  { name: "caches", of: ({ caches }) => caches },
  {
    name: "memory",
    of: ({ memory_bytes }) => (memory_bytes === undefined ? undefined : `${(memory_bytes / 2 ** 30).toFixed(1)} GiB`),
  },
  { name: "OS", of: ({ os, uname }) => os ?? uname },
  { name: "kernel", of: ({ uname, release }) => `${uname} ${release}` },
  { name: "C library", of: ({ libc }) => libc },
  { name: "sh", of: ({ sh }) => sh },
  { name: "timed by", of: ({ capture }) => capture },
  { name: "host", own: true, of: ({ host_id }) => host_id.slice(0, 12) },
];

export function factsSection(report: ReportData): Markup | undefined {
  const sides = report.comparison.sides
    .map((side) => ({
      side,
      facts: report.machines.filter((machine) => machine.side === side).map((machine) => machine.facts),
    }))
    .filter((side) => side.facts.length > 0);
  if (sides.length === 0) return undefined;
  const all = [...facts, ...toolFacts(report), ...environment(report), ...suiteFacts(report)];
  const rows = all.flatMap(
    (fact) =>
      factRow(
        fact,
        sides.map((side) => side.facts),
      ) ?? [],
  );
  return markup`<section id="facts"><h2>The machines</h2>
<p class="key">As found by the agent on each. ≠ marks what differs between the sides.</p>
<div class="scroll"><table class="facts"><thead><tr><td></td>${sides.map(({ side }) => markup`<th scope="col">${side}</th>`)}</tr></thead>
<tbody>${rows}${flagsRow(sides)}</tbody></table></div></section>`;
}

function factRow({ name, of, own = false }: Fact, sides: readonly (readonly Facts[])[]): Markup | undefined {
  const values = sides.map((side) => [...new Set(side.map((facts) => String(of(facts) ?? "")))]);
  if (values.flat().every((value) => value === "")) return undefined;
  const texts = values.map((side) => side.map((value) => (value === "" ? "-" : value)).join("; "));
  return line(name, texts, commonValue(texts) === undefined && !own);
}

function line(name: string, cells: readonly Content[], differs: boolean): Markup {
  const mark = differs ? markup`<span class="mark" title="differs between the sides">≠</span>` : undefined;
  return markup`<tr${differs ? markup` class="differs"` : undefined}><th scope="row">${name} ${mark}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>
`;
}

/** Returns the row of the CPU's feature words: how many all sides share, and each side's own. */
function flagsRow(sides: readonly { readonly facts: readonly Facts[] }[]): Markup | undefined {
  const words = sides.map((side) => new Set(side.facts.flatMap(({ cpu_flags }) => cpu_flags?.split(/[\s,]+/) ?? [])));
  if (words.some((ofSide) => ofSide.size === 0)) return undefined;
  const shared = [...(words[0] as Set<string>)].filter((word) => words.every((ofSide) => ofSide.has(word)));
  const cells = words.map((ofSide) => {
    const rest = [...ofSide].filter((word) => !shared.includes(word)).sort();
    return markup`${shared.length} in common${rest.length === 0 ? "" : markup`, and <b>${rest.join(" ")}</b>`}`;
  });
  return line(
    "CPU features",
    cells,
    words.some((ofSide) => ofSide.size !== shared.length),
  );
}

function toolFacts(report: ReportData): Fact[] {
  return keys(report, ({ tools }) => tools).map((name) => ({ name, of: ({ tools }) => tools[name] }));
}

function environment(report: ReportData): Fact[] {
  return keys(report, ({ machine_env }) => machine_env)
    .filter((name) => !name.startsWith("TIMETRIAL_"))
    .map((name) => ({ name: `sets ${name}`, of: ({ machine_env }) => machine_env[name] }));
}

function suiteFacts(report: ReportData): Fact[] {
  return keys(report, ({ suites }) => suites).flatMap((suite) =>
    keys(report, ({ suites }) => suites[suite] ?? {}).map((name) => ({
      name: `${suite}: ${name}`,
      of: ({ suites }: Facts) => suites[suite]?.[name],
    })),
  );
}

function keys({ machines }: ReportData, of: (facts: Facts) => Readonly<Record<string, unknown>>): string[] {
  return [...new Set(machines.flatMap((machine) => Object.keys(of(machine.facts))))].sort();
}
