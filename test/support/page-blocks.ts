// The blocks of code of a page, and what the page says about running them (CONTRIBUTING.md, "Pages that run").

import { parse as parseToml } from "smol-toml";

export interface PageBlock {
  readonly page: string;
  /** Of the block's first line in the page, counted from 1. */
  readonly line: number;
  /** As written after the fence; `table` of a table whose commands are run. */
  readonly language: string;
  readonly lines: readonly string[];
  /** Why it is not run. */
  readonly reason?: string;
  /** Words of the page, and what the test writes in their place. */
  readonly instead: readonly (readonly [string, string])[];
  /** Added to every call of timetrial. */
  readonly flags: readonly string[];
  /** Programs without which it cannot run. */
  readonly needs: readonly string[];
  /** Where the test writes the block before the page's next command. */
  readonly file?: string;
}

export interface PageCommand {
  readonly text: string;
  /** What the page shows below it; absent where it shows nothing. */
  readonly output?: readonly string[];
  readonly status: number;
}

type Said = Pick<PageBlock, "instead" | "flags" | "needs">;
const nothing: Said = { instead: [], flags: [], needs: [] };

/** The blocks of the page `text` at `path`, in its order. */
export function blocksOf(path: string, text: string): PageBlock[] {
  const lines = text.split("\n");
  const blocks: PageBlock[] = [];
  let ofPage = nothing;
  let comments: string[] = [];
  const take = (block: { line: number; language: string; lines: string[] }): void => {
    const reason = valueOf("not run", comments);
    const file = valueOf("file", comments);
    const said = merged(ofPage, saidBy(comments));
    blocks.push({
      page: path,
      ...block,
      ...said,
      ...(reason === undefined ? {} : { reason }),
      ...(file === undefined ? {} : { file }),
    });
    comments = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const fence = /^( *)(`{3,})([\w-]*)/.exec(line);
    if (fence !== null) {
      const [, indent = "", marks = "", language = ""] = fence;
      const from = i + 1;
      while (i + 1 < lines.length && !(lines[i + 1] as string).trimStart().startsWith(marks)) i++;
      const body = lines.slice(from, i + 1).map((each) => (each.startsWith(indent) ? each.slice(indent.length) : each));
      take({ line: from + 1, language, lines: body });
      i++;
    } else if (/^ *<!-- .* -->$/.test(line)) comments.push(line.trim());
    else if (/^ *\|/.test(line)) {
      const from = i;
      while (i + 1 < lines.length && /^ *\|/.test(lines[i + 1] as string)) i++;
      if (comments.some((each) => each.startsWith("<!-- tested"))) {
        take({ line: from + 1, language: "table", lines: lines.slice(from, i + 1) });
      }
    } else if (line.trim() !== "") {
      // What no block follows is said of all blocks below.
      ofPage = merged(ofPage, saidBy(comments));
      comments = [];
      if (/^ {4,}(?:\$ |(?:npx )?timetrial (?!compares)|npm )/.test(line))
        blocks.push({ page: path, line: i + 1, language: "indented", lines: [line], ...nothing });
    }
  }
  return blocks;
}

/** The commands of a block, in order; none where it is not run. */
export function commandsOf(block: PageBlock): PageCommand[] {
  if (block.reason !== undefined) return [];
  const commands =
    block.language === "console"
      ? consoleCommands(block.lines)
      : block.language === "sh"
        ? scriptCommands(block.lines)
        : block.language === "table"
          ? tableCommands(block.lines)
          : [];
  return commands.map((command) => ({ ...command, text: replaced(command.text, block.instead) }));
}

/** What is wrong with how a page says that its blocks are run, each with its place. */
export function faultsOf(blocks: readonly PageBlock[]): string[] {
  return blocks.flatMap((block) => {
    const fault = block.reason === undefined ? faultOf(block) : undefined;
    return fault === undefined ? [] : [`${block.page}:${block.line}: ${fault}`];
  });
}

function faultOf({ language, lines, page }: PageBlock): string | undefined {
  const isConsole = language === "console";
  if (language === "indented") return `a command in an indented block: "${lines[0]?.trim()}"; write it in a fence`;
  if (isConsole && !lines[0]?.startsWith("$ ")) return "a console block begins with a command, `$ COMMAND`";
  if (!isConsole && lines.some((line) => line.startsWith("$ "))) return "commands with `$ ` are in a console block";
  if (["console", "sh", "table"].includes(language)) return undefined;
  if (language === "ts" && ["README.md", "docs/api.md"].includes(page)) return undefined;
  if (language === "json") return unread(() => JSON.parse(lines.join("\n")));
  if (language === "toml") return unread(() => parseToml(lines.join("\n")));
  return `a block of "${language}" is neither run nor bears a reason: <!-- not run: REASON -->`;
}

function unread(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}

function consoleCommands(lines: readonly string[]): PageCommand[] {
  const commands: { text: string; output: string[]; status: number }[] = [];
  let continues = false;
  for (const line of lines) {
    const last = commands.at(-1);
    const status = /^\[exit status (\d+)\]$/.exec(line)?.[1];
    if (continues && last !== undefined) last.text += `\n${line}`;
    else if (line.startsWith("$ ")) commands.push({ text: line.slice(2), output: [], status: 0 });
    else if (status !== undefined && last !== undefined) last.status = Number(status);
    else last?.output.push(line);
    continues = line.endsWith("\\") && (continues || line.startsWith("$ "));
  }
  return commands;
}

/** A line each; a block with a text in it (`<<`) is one. */
function scriptCommands(lines: readonly string[]): PageCommand[] {
  if (lines.some((line) => line.includes("<<"))) return [{ text: lines.join("\n"), status: 0 }];
  const whole = lines.join("\n").replaceAll("\\\n", "\\\u0000").split("\n");
  return whole
    .map((line) => line.replaceAll("\u0000", "\n"))
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((text) => ({ text, status: 0 }));
}

function tableCommands(lines: readonly string[]): PageCommand[] {
  return lines
    .flatMap((line) => [...line.matchAll(/`((?:npx )?timetrial [^`]*)`/g)])
    .map(([, text = ""]) => ({ text: text.replaceAll("\\|", "|"), status: 0 }));
}

function valueOf(name: string, comments: readonly string[]): string | undefined {
  return comments.flatMap((each) => new RegExp(`^<!-- ${name}: (.*) -->$`).exec(each)?.[1] ?? [])[0];
}

/** `tested with: PART; PART`, where a part is `WORD is OTHER`, `needs TOOL`, or options of timetrial. */
function saidBy(comments: readonly string[]): Said {
  const parts = (valueOf("tested with", comments) ?? "").split(/; */).filter((part) => part !== "");
  const said = { instead: [] as [string, string][], flags: [] as string[], needs: [] as string[] };
  for (const part of parts) {
    const [, word, other] = /^(\S.*?) is (.*)$/.exec(part) ?? [];
    const [, tool] = /^needs (\S+)$/.exec(part) ?? [];
    if (tool !== undefined) said.needs.push(tool);
    else if (word !== undefined && other !== undefined) said.instead.push([word, other]);
    else said.flags.push(...part.split(" "));
  }
  return said;
}

function merged(a: Said, b: Said): Said {
  return { instead: [...b.instead, ...a.instead], flags: [...a.flags, ...b.flags], needs: [...a.needs, ...b.needs] };
}

function replaced(text: string, instead: readonly (readonly [string, string])[]): string {
  const byWord = new Map(instead.toReversed());
  if (byWord.size === 0) return text;
  const words = [...byWord.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return text.replace(new RegExp(`(?<!\\w)(?:${words.join("|")})(?!\\w)`, "g"), (word) => byWord.get(word) ?? word);
}
