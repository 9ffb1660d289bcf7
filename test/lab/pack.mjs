// `npm run test:pack`: the package as its users get it. Built twice in two places and packed as for a release, by zopfli(1): the
// same bytes, no larger than its limit, with every file that is needed and no path of this machine. Then installed in an empty folder: the README's
// first command that measures, on every Node that is supported, every command of every page, strict TypeScript programs,
// publint. Exit status 1 where anything fails.
//
// The Nodes come from npm's node-PLATFORM-ARCH packages, 50 MB each, which npm's cache keeps. Two to three minutes on two idle cores.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runPages } from "./pages.mjs";

/** Of the package as it is published (docs/releasing.md, "Size"). */
const limit_bytes = 700_000;
/** A program that takes longer is ended. */
const limit_ms = 300_000;
const majors = [20, 22, 24, 26];
const needed = [
  "LICENSE NOTICE README.md CHANGELOG.md SECURITY.md package.json bin/timetrial.cjs bin/start.cjs",
  "dist/cli.js dist/sandbox.js dist/lib/index.js dist/lib/index.d.ts dist/lib/adapters/index.js dist/lib/adapters/index.d.ts",
  "dist/npm/tinybench/dist/index.js remote/agent.sh remote/capture.c suites/hashes/suite.toml suites/README.md schemas/compare.schema.json",
  "reference/graviton2-vs-graviton3.json docs/table.md docs/statistics.md docs/commands.md examples/transport.ts",
  "completions/timetrial.bash completions/_timetrial",
].flatMap((line) => line.split(" "));
/** What only the making of timetrial needs. */
const unneeded = /^(src|test|scripts)\/|\.map$|\.tsbuildinfo$|metafile|(^|\/)\.|^docs\/decisions\//;

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const scratch = mkdtempSync(join(tmpdir(), "tt-pack-"));
const began = Date.now();
let failed = 0;
let skipped = 0;
try {
  await all();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${failed} failed, ${skipped} skipped, ${((Date.now() - began) / 1000).toFixed(0)} s`);
process.exit(failed === 0 ? 0 : 1);

async function all() {
  const [first, second] = await Promise.all([packed("one"), packed(join("another", "place"))]);
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  await check("two builds in two places are one package, byte for byte", () => {
    assert.equal(second.sha512, first.sha512);
    return `sha512 ${first.sha512.slice(0, 16)}…`;
  });
  await check(`it is no larger than ${limit_bytes / 1000} kB`, () => {
    assert.ok(first.bytes <= limit_bytes, `${first.bytes} bytes`);
    return `${(first.bytes / 1000).toFixed(1)} kB`;
  });
  const unpacked = join(scratch, "unpacked");
  mkdirSync(unpacked);
  run("tar", ["-xzf", first.tarball, "-C", unpacked, "--strip-components=1"], scratch);
  const files = filesBelow(unpacked);
  await check("it has what its users need, and nothing else", () => {
    assert.deepEqual(
      [needed.filter((file) => !files.includes(file)), files.filter((file) => unneeded.test(file))],
      [[], []],
    );
    return `${files.length} files`;
  });
  await check("every link in its pages leads to a file of it, or to an address", () => {
    assert.deepEqual(
      files.filter((file) => file.endsWith(".md")).flatMap((file) => deadLinks(unpacked, file, files)),
      [],
    );
  });
  await check("no file names a path of the machine that it was built on", () => {
    const paths = [scratch, root, process.env.HOME ?? ""].filter((path) => path.split("/").length > 2);
    const texts = files.map((file) => [file, readFileSync(join(unpacked, file), "latin1")]);
    assert.deepEqual(
      texts.filter(([, text]) => paths.some((path) => text.includes(path))).map(([file]) => file),
      [],
    );
  });
  await check("publint finds nothing in it", () => {
    run(process.execPath, [join(root, "node_modules/publint/src/cli.js"), "run", first.tarball, "--strict"], root);
  });

  const project = join(scratch, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  await check("npm installs it in an empty folder", () => {
    npm(["install", "--prefer-offline", "--ignore-scripts", first.tarball], project);
    assert.equal(run("npx", ["--no-install", "timetrial", "--version"], project).trim(), manifest.version);
  });
  for (const major of majors) await onNode(major, project);
  await check("the README's program runs", () => {
    const [, program] = /^## As a library\n+```ts\n([\s\S]*?)^```/m.exec(
      readFileSync(join(unpacked, "README.md"), "utf8"),
    );
    writeFileSync(join(project, "program.mjs"), program);
    const printed = run(process.execPath, ["program.mjs"], project).trim().split(" ").map(Number);
    assert.ok(printed.length === 3 && printed[1] < printed[0] && printed[0] < printed[2], printed.join(" "));
  });
  for (const resolution of ["nodenext", "bundler"])
    await check(`strict TypeScript takes its types: ${resolution}`, () => compiled(project, resolution));
  await check("every command of every page does what the page says", () => {
    const ran = runPages(join(project, "node_modules/timetrial"));
    skipped += ran.skipped.length;
    for (const line of ran.skipped) console.log(line);
    return ran.counts;
  });
}

/** Says what became of `does`, which returns more to say, or throws. */
async function check(what, does) {
  const start = Date.now();
  try {
    const more = await does();
    console.log(`ok: ${what}${more === undefined ? "" : `: ${more}`} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${what}: ${error.message}`);
  }
}

/** Returns what `command` printed. @throws where it ends with anything but 0 */
function run(command, words, cwd, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    cwd,
    env,
    encoding: "utf8",
    timeout: limit_ms,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: exit status ${status}\n${stdout}${stderr}`);
  return stdout;
}

function npm(words, cwd) {
  return run("npm", [...words, "--no-audit", "--no-fund", "--no-update-notifier"], cwd);
}

/** A fresh build of a copy of the repository, packed as it is published. @throws where a program of it fails */
async function packed(name) {
  const folder = join(scratch, name);
  mkdirSync(dirname(folder), { recursive: true });
  const left = new Set([".git", "node_modules", "dist", "results"].map((each) => join(root, each)));
  cpSync(root, folder, { recursive: true, filter: (path) => !left.has(path) });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const node = async (script) =>
    (await promisify(execFile)(process.execPath, [script], { cwd: folder, timeout: limit_ms })).stdout.trim();
  await node("build.mjs");
  const filename = await node("scripts/release-pack.mjs");
  const bytes = readFileSync(join(folder, filename));
  return {
    tarball: join(folder, filename),
    bytes: bytes.length,
    sha512: createHash("sha512").update(bytes).digest("hex"),
  };
}

function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1));
}

function deadLinks(folder, file, files) {
  const text = readFileSync(join(folder, file), "utf8")
    .replace(/^```[\s\S]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s#]+)/g)].flatMap(([, target]) => {
    const to = normalize(join(dirname(file), target)).replace(/\/$/, "");
    const leads = /^[a-z]+:/.test(target) || files.some((each) => each === to || each.startsWith(`${to}/`));
    return leads ? [] : [`${file}: ${target}`];
  });
}

/** Runs the README's first command that measures under a Node of npm's, with little work. */
async function onNode(major, project) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(scratch, `node-${major}`);
  mkdirSync(folder);
  try {
    npm(["install", "--prefer-offline", "--ignore-scripts", "--no-save", "--force", `${name}@${major}`], folder);
  } catch (error) {
    skipped += 1;
    const [reason] = /npm (?:error|ERR!) (?!code).*/.exec(error.message) ?? [error.message];
    console.log(`skipped: Node ${major}: cannot install ${name}@${major}: ${reason}`);
    return;
  }
  const node = join(folder, "node_modules", name, "bin", "node");
  await check(`the README's first command that measures runs on Node ${major}`, () => {
    const version = run(node, ["--version"], folder).trim();
    assert.ok(version.startsWith(`v${major}.`), version);
    const [, first] = /^npx timetrial (run .*?)\s*(?:#.*)?$/m.exec(readFileSync(join(root, "README.md"), "utf8"));
    const home = join(folder, "home");
    const env = { ...process.env, HOME: home, PATH: `${dirname(node)}:${process.env.PATH}` };
    const program = join(project, "node_modules/timetrial/bin/timetrial.cjs");
    const words = [...first.split(" "), "--rounds", "2", "--set", "blocks=10000", "--results", join(folder, "results")];
    const { status, stdout, stderr } = spawnSync(node, [program, ...words], { cwd: folder, env, encoding: "utf8" });
    const [id] = readdirSync(join(folder, "results"));
    const records = readFileSync(join(folder, "results", id, "records.ndjson"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.ok(records.length > 0 && records.every((record) => record.status === "completed"), stdout + stderr);
    // 1: a row has no kept run, since other work tainted all of them.
    assert.ok(
      status === 0 || (status === 1 && records.some(({ tainted }) => tainted.length > 0)),
      `exit status ${status}\n${stdout}${stderr}`,
    );
    assert.match(stdout, /^hashes\b/m);
    return `${version}, \`timetrial ${first}\`, ${records.length} trials`;
  });
}

/** Compiles a program that uses both entries against the package as installed in `project`. */
function compiled(project, resolution) {
  const types = join(project, "node_modules", "@types");
  mkdirSync(types, { recursive: true });
  if (!readdirSync(types).includes("node")) symlinkSync(join(root, "node_modules/@types/node"), join(types, "node"));
  const folder = join(project, resolution);
  mkdirSync(folder);
  cpSync(join(project, "node_modules/timetrial/examples"), folder, { recursive: true });
  writeFileSync(
    join(folder, "consumer.ts"),
    [
      'import * as all from "timetrial";',
      'import * as adapters from "timetrial/adapters";',
      'import { compareTests, parseSide, TimetrialError, type RunPorts } from "timetrial";',
      "export const ports: Partial<RunPorts> = { clock: adapters.systemClock };",
      'export const name: string = parseSide("local").name;',
      "export const code = (error: unknown): string | undefined => (error instanceof TimetrialError ? error.code : undefined);",
      "const result = await compareTests({ tests: [] });",
      "// @ts-expect-error: a result has no such field",
      "result.noSuchField;",
      "export const exported = [...Object.keys(all), ...Object.keys(adapters)];",
    ].join("\n"),
  );
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    target: "es2023",
    lib: ["es2023"],
    types: ["node"],
    module: resolution === "bundler" ? "esnext" : "nodenext",
    moduleResolution: resolution,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], project);
}
