// What a page shows of a command against what the command printed: the same rows, columns, words and order, whatever the figures.

/**
 * Lines that stand where this computer, or what else it does meanwhile, is the reason for them. They are left out on both sides,
 * each whole: a page may show them or not.
 */
const ofTheMoment: readonly RegExp[] = [
  // What other work on the computer does to a run.
  /^other processes used .* CPUs: CPU is surer than real$/,
  /^(waits|waits, perhaps|waits for|partly parallel|uses one CPU|CPU-bound)\b.*/,
  /^.*: \d+ of \d+ runs? left out( \(.*\))?$/,
  /^! most runs left out$/,
  /^(?:.*: )?\d+ machines? left out: more than half of the runs not kept$/,
  /^(?:.*: )?no machine left on a side$/,
  // The legend of what figures decide: verdicts and means.
  /^~ no difference shown\b.*/,
  /^short: .*/,
  /^‡ .*/,
  /^not enough runs for an interval$/,
  /^geomean (\[|-).*/,
  /^(?:fastest|least time): .*/,
  // The processor, and how it is timed: which instructions it has, and which tools are here.
  /^†\d+ .*/,
  /^drivers: .*/,
  /^\S+: (.*\bby (c|python3|node|sh)\b.*; )?times by \S+$/,
  // The work that a test makes shorter than the page does.
  /^\S+: \S+=\S+ is \d+\/\d+ of the suite's own work .*/,
  // Progress, by time.
  /^\S+: round \d+ of \d+ on .*/,
  /^ {2}\S+ {2}.*: round \d+ of \d+.*/,
];

/** A number with its unit, not one within a name (`sha256`, `us-east-1a`, `c7g.8xlarge`). */
const number =
  /(?<![\w.:/@+]|[A-Za-z]-)\d[\d.,:/]*(?:e-?\d+)?(?: ?(?:ns|µs|us|ms|s|min|h|d|x|bytes|[KMG]i?B|kB|GHz)\b| ?%)?/g;

/** `text` as one line of words, in which figures and the cells of tables are `#`, and names of runs and machines are general. */
export function maskedOutput(text: string): string {
  const lines = unwrapped(text.split("\n")).filter((line) => !ofTheMoment.some((pattern) => pattern.test(line)));
  return (
    lines
      .join(" ")
      .replace(/\b\d{8}-\d{6}-[0-9a-f]{4}\b/g, "RUN")
      .replace(/\b(i|ami|subnet|sg|igw|eni|vol)-[0-9a-f]{8,}\b/g, "$1-ID")
      .replace(/\b[0-9a-f]{12,}\b/g, "DIGEST")
      .replace(/\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?/g, "TIME")
      .replace(/ \((?:under )?[\d.]+ of \d+ vCPUs busy\)/g, "")
      .replace(/\([\d, a-z-]*(?:steal|others-cpu|swap)[\d, a-z-]*\)/g, "")
      .replace(/\bno kept run\b/g, "0 kept runs each")
      .replace(/· [^·]*\b(?:x86_64|aarch64|amd64|arm64)\b/g, "· SYSTEM")
      .replace(/\b(machine|kept run)s (?=a side|each)/g, "$1 ")
      .replace(/\bmin … max\b/g, "min")
      .replace(/\bmedian(?: +(?:median|p90))+\b/g, "median")
      .replace(/\|[=.# -]+\|/g, "BAR")
      .replace(number, " # ")
      .replace(/(?<=\s|^)(?:[~!±‡<>≈-]|†(?= #)|short|[([]*(?= #))(?=\s|$)/g, " # ")
      .replace(/[()[\]…±†~-]*\s*#\s*[()[\]…±†%-]*/g, " # ")
      .replace(/\s+/g, " ")
      .replace(/(?: #)+(?= |$)/g, " #")
      // Which columns there are goes by the width that the figures need.
      .replace(/(?: #)* (?:real|cpu|min)(?: (?:real|cpu|min|#))*(?= |$)/g, " real")
      .trim()
  );
}

/** Joins the lines of a note that was broken at the terminal's width: they begin with two blanks, as rows of a table do. */
function unwrapped(lines: readonly string[]): string[] {
  const whole: string[] = [];
  for (const line of lines) {
    const last = whole.at(-1) ?? "";
    const isRow = /\S {2,}\S/.test(line) && !/ left out /.test(last);
    if (/^ {2,6}\S/.test(line) && !isRow && last.length > 50) whole[whole.length - 1] = `${last} ${line.trim()}`;
    else whole.push(line);
  }
  return whole;
}

/**
 * Returns undefined where `shown` is what one of `printed` says; else what to compare. A line `…` in `shown` stands for any lines.
 *
 * `isExact`: figures and all. Dates of today are the one thing that may differ.
 */
export function difference(
  shown: readonly string[],
  printed: readonly string[],
  isExact: boolean,
): { readonly shown: string; readonly printed: string } | undefined {
  const form = isExact ? exact : maskedOutput;
  const parts = split(shown, "…").map((part) => form(part.join("\n")));
  const texts = printed.map(form);
  if (texts.some((text) => holds(text, parts))) return undefined;
  return { shown: parts.join("\n…\n"), printed: texts[0] ?? "" };
}

function exact(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d/g, "DATE")
    .replace(/[ \t]+$/gm, "")
    .trim();
}

function holds(text: string, parts: readonly string[]): boolean {
  if (parts.length === 1) return text === parts[0];
  const [first = "", ...others] = parts;
  const last = others.pop() ?? "";
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

function split(lines: readonly string[], mark: string): string[][] {
  const parts: string[][] = [[]];
  for (const line of lines) {
    if (line.trim() === mark) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  return parts;
}
