// The lines below the table: every mark explained, every caveat, what was left out, what is still running.

import type { ComparedRow } from "../analysis/comparison.ts";
import type { Explanation } from "../analysis/explain.ts";
import { emulatorOf, isSandbox } from "../domain/machine.ts";
import { shownTitle } from "../domain/command.ts";
import { titleOf, type Told } from "./told.ts";

/** Marks that stand for footnotes: `†1` for an explanation, `‡` for a speedup without an interval. */
export const noInterval = "‡";

/** The footnotes of all explanations, each text once, numbered in the order of the rows. */
export class Footnotes {
  readonly #numbers = new Map<string, number>();

  /** The mark of `explanation`: `†1`. */
  mark(explanation: Explanation): string {
    const text = explained(explanation);
    const number = this.#numbers.get(text) ?? this.#numbers.size + 1;
    this.#numbers.set(text, number);
    return `†${number}`;
  }

  lines(): string[] {
    return [...this.#numbers].map(([text, number]) => `†${number} ${text}`);
  }
}

function explained({ instruction, on, not_on, masked_by }: Explanation): string {
  const mask = masked_by.length === 0 ? "" : ` (its machines set ${masked_by.join(", ")})`;
  return `instruction ${instruction}: on ${on}, not on ${not_on}${mask}`;
}

/** Everything said below the table of `told`, one text a line. `marks`: those that its rows bear. */
export function footer(told: Told, footnotes: Footnotes, marks: ReadonlySet<string>): string[] {
  const legend = [
    marks.has("~") ? "~ no difference shown" : "",
    marks.has(noInterval) ? `${noInterval} not enough runs for an interval` : "",
    marks.has("(a-b)") ? "geomean (a-b): leaving one row out" : "",
    marks.has("no mean") ? "geomean -: one row decides the side; (a-b): leaving one row out" : "",
  ].filter((part) => part !== "");
  return [...(legend.length > 0 ? [legend.join("   ")] : []), ...footnotes.lines(), ...caveats(told), closing(told)];
}

/** What the reader must know to believe the numbers, and no more. */
export function caveats(told: Told): string[] {
  const { comparison } = told;
  const byNote = new Map<string, Set<string>>();
  for (const row of comparison.rows) {
    const title = titleOf(told, row);
    const name = title === undefined ? `${row.suite}/${row.row}/${row.impl}` : shownTitle(title);
    for (const note of [...row.notes, ...speedupNotes(row)])
      byNote.set(note, (byNote.get(note) ?? new Set()).add(name));
  }
  return [
    ...emulated(told),
    ...fractions(told),
    ...drivers(told),
    ...captures(told),
    ...others(told),
    ...told.skipped,
    ...comparison.notes,
    ...[...byNote].map(([note, names]) =>
      names.size === comparison.rows.length ? note : `${[...names].join(", ")}: ${note}`,
    ),
  ];
}

/** `c (qemu-tcg) is emulated: its times are not performance`; no side is named where they all are. */
export function emulated({ machines, comparison }: Told): string[] {
  const found = machines.flatMap(({ side, facts }) => {
    const by = emulatorOf(facts);
    return by === undefined ? [] : [{ side, by }];
  });
  if (found.length === 0) return [];
  const means = [...new Set(found.map(({ by }) => by))].join(", ");
  const sides = comparison.sides.filter((one) => found.some(({ side }) => side === one));
  const who = found.length === machines.length ? "" : `${sides.join(", ")}: `;
  return [`${who}emulated (${means}): times are not performance`];
}

/** The notes on a row's speedups; the metric is named where its note is not the other's too. */
function speedupNotes(row: ComparedRow): string[] {
  return Object.values(row.speedups).flatMap(({ real, cpu }) => [
    ...real.notes.map((note) => (cpu.notes.includes(note) ? note : `real: ${note}`)),
    ...cpu.notes.filter((note) => !real.notes.includes(note)).map((note) => `cpu: ${note}`),
  ]);
}

/** A parameter below the suite's own is a fraction of its work. */
function fractions({ plan, comparison }: Told): string[] {
  return plan.suites.flatMap((suite) => {
    const used = comparison.rows.find((row) => row.suite === suite.name)?.params ?? {};
    return Object.entries(suite.defaults).flatMap(([name, full]) => {
      const share = Number(used[name]) / Number(full);
      if (!(share > 0) || share === 1) return [];
      const times = share < 1 ? `1/${Number((1 / share).toPrecision(3))}` : `${Number(share.toPrecision(3))} times`;
      return [
        `${suite.name}: ${name}=${used[name]} is ${times} of the suite's own work (${full})${share < 1 ? ", start-up included" : ""}`,
      ];
    });
  });
}

function drivers({ comparison }: Told): string[] {
  const found = new Map<string, Set<string>>();
  for (const row of comparison.rows)
    if (row.driver !== "none") found.set(row.impl, (found.get(row.impl) ?? new Set()).add(row.driver));
  const said = [...found]
    .filter(([impl]) => !impl.startsWith("portable"))
    .map(([impl, names]) => `${impl} by ${[...names].join(" and ")}`);
  return said.length === 0 ? [] : [`driven: ${said.join(", ")}`];
}

function captures({ machines }: Told): string[] {
  const coarse = machines.filter(({ facts }) => facts.cpu_resolution_s >= 1e-3 || facts.real_resolution_s >= 1e-3);
  if (coarse.length === 0) return [];
  const { facts } = coarse[0] as Told["machines"][number];
  return [`times by ${facts.capture}: to ${facts.real_resolution_s} s real and ${facts.cpu_resolution_s} s CPU`];
}

function others({ others_share, machines }: Told): string[] {
  if (others_share === undefined || others_share <= 0.05) return [];
  const where = machines.every(({ facts }) => isSandbox(facts)) ? "this host" : "the machines";
  return [`other processes took ${Math.round(others_share * 100)} % of ${where} meanwhile: CPU is surer than real`];
}

/** `2 of 120 runs left out (1 steal, 1 failed)   0 instances left running   sums 3f9a…` */
function closing(told: Told): string {
  const { left_out } = told.comparison;
  const reasons = Object.entries(left_out.reasons).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${left_out.runs} of ${left_out.of} runs left out${reasons.length === 0 ? "" : ` (${reasons.join(", ")})`}`,
    running(told),
    told.plan.spec.sides.some((side) => side.kind === "ec2") && told.plan.spec.cloud === "aws" ? "price unknown" : "",
    told.sums === undefined ? "not closed: no sums" : `sums ${told.sums.slice(0, 12)}`,
  ]
    .filter((part) => part !== "")
    .join("   ");
}

function running({ absence, plan }: Told): string {
  if (!plan.spec.sides.some((side) => side.kind === "ec2")) return "";
  if (absence === undefined) return "never asked what is left running";
  if (absence.state === "none") return "0 instances left running";
  if (absence.state === "nothing-leased") return "nothing was launched";
  return `may be left running: ${absence.ids.join(", ") || "unknown"}`;
}
