// `npm run test:bare-debian`: timetrial as a new user has it, on a computer with Node and Debian's essential packages alone: no
// compiler, Python, git, curl or network. From `npx` of the packed tarball to the summary of a gated pull request, with the
// commands of docs/ci.md, and a comparison in the sandbox. Prints what each takes. Exit status 1 where one fails.
//
// Needs root, debootstrap, unshare, and a Debian whose mirror apt knows. Three minutes, half of them debootstrap's.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(0);

const missing = ["debootstrap", "unshare", "chroot", "apt-get"].filter(
  (tool) => !runs("sh", ["-c", `command -v ${tool}`]),
);
const reason = process.getuid?.() !== 0 ? "not root" : missing.length > 0 ? `no ${missing.join(", no ")}` : undefined;
if (reason !== undefined) {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}

const scratch = mkdtempSync(join(tmpdir(), "tt-bare-"));
const root = join(scratch, "root");
const home = join(root, "home/user");
let failed = 0;
try {
  tryAll();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${failed} failed, ${seconds()} s`);
process.exit(failed === 0 ? 0 : 1);

function tryAll() {
  const packed = makeRoot();
  const first = Date.now();
  const timetrial = (words) => `npx --yes ./${packed} ${words}`;
  check("tools that a bare Debian lacks are lacking", () => {
    const { stdout } = inside("for tool in cc gcc python3 git curl wget openssl; do command -v $tool; done; true");
    assert.equal(stdout, "");
  });
  check("npx of the tarball starts without a network", () => {
    assert.match(succeeds(timetrial("--version")), /^\d+\.\d+\.\d+\n$/);
  });
  check("two commands are measured in turns", () => {
    const printed = measured(timetrial("run -r 7 --command 'sh both/base/bench' --command 'sh both/new/bench'"));
    assert.match(printed, /^sh both\/new\/bench .* s /m);
  });
  check("two commits are held to a limit, and the summary of the pull request says the answer", () => {
    const { status, stdout } = inside(
      timetrial(
        `run --upload both --setup 'for one in base new; do (cd "$one" && sh ./build); done' -r 7 ` +
          "--fail-if 'real slower than 30 %' --export-markdown summary.md --command 'sh base/bench' --command 'sh new/bench'",
      ),
    );
    const { stdout: summary } = inside("cat summary.md");
    // The new commit does three times the work. Other work on this computer may leave it undecided, or taint all runs.
    const [, answer] = /^\*\*gate: (\w+)\*\*$/m.exec(summary) ?? [];
    const expected = { fail: 6, undecided: 7 }[answer];
    assert.ok(status === expected || (status === 1 && isTainted(stdout)), `exit status ${status}\n${summary}${stdout}`);
    assert.match(stdout, new RegExp(`^gate: ${answer}$`, "m"));
    return answer;
  });
  console.log(`   ${((Date.now() - first) / 1000).toFixed(0)} s from npx to the summary`);
  check("two families are compared in the sandbox, and none of its machines is left", () => {
    const printed = measured(
      timetrial("compare s1.medium s2.medium --cloud sandbox --machines 1 -r 3 --upload both -- sh new/bench"),
    );
    assert.match(printed, /0 instances left running/);
  });
  check("a suite that needs what is not there says which rows it could not run, and why", () => {
    const { status, stdout, stderr } = inside(timetrial("run hashes --on local -r 2 --set blocks=10000"));
    assert.ok(status <= 1 && /^hashes\b/m.test(stdout) && /did not run/.test(stdout), `${status}\n${stdout}${stderr}`);
  });
}

/** Makes the computer: Debian's essential packages, this Node with its npm, and a user's folder. Returns the tarball's name. */
function makeRoot() {
  const { stdout: targets } = spawnSync(
    "apt-get",
    ["indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Origin: Debian"],
    {
      encoding: "utf8",
    },
  );
  const [mirror, codename] = targets.split("\n")[0].split(" ");
  const made = spawnSync("debootstrap", ["--variant=minbase", codename, root, mirror], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  const { stdout: global } = spawnSync("npm", ["root", "-g"], { encoding: "utf8" });
  const modules = join(root, "usr/lib/node_modules");
  mkdirSync(modules, { recursive: true });
  cpSync(process.execPath, join(root, "usr/bin/node"));
  cpSync(join(global.trim(), "npm"), join(modules, "npm"), { recursive: true });
  for (const name of ["npm", "npx"])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, "usr/bin", name));
  for (const [commit, work] of [
    ["base", 200_000],
    ["new", 600_000],
  ]) {
    const folder = join(home, "both", commit);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "build"), ": built\n");
    writeFileSync(join(folder, "bench"), `i=0; while [ $i -lt ${work} ]; do i=$((i+1)); done\n`);
  }
  const pack = spawnSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", home], {
    cwd: repository,
    encoding: "utf8",
  });
  assert.equal(pack.status, 0, pack.stderr);
  console.log(`a bare Debian ${codename} with Node ${process.versions.node} (${seconds()} s)`);
  return Object.values(JSON.parse(pack.stdout))[0].filename;
}

/** Runs `line` by the computer's own sh, in namespaces of its own: no network but loopback, and all ends with it. */
function inside(line) {
  const start = [
    'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; mount -t tmpfs tmp "$1/tmp"; ip link set lo up',
    'exec chroot "$1" /usr/bin/env -i HOME=/home/user PATH=/usr/bin:/bin sh -c "cd && $2"',
  ].join("; ");
  const spaces = ["--pid", "--fork", "--kill-child", "--mount", "--net"];
  return spawnSync("unshare", [...spaces, "sh", "-c", start, "sh", root, line], { encoding: "utf8", timeout: 600_000 });
}

function succeeds(line) {
  const { status, stdout, stderr } = inside(line);
  assert.equal(status, 0, `exit status ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** What a run printed. Other work on this computer may taint every run of a row: exit status 1. */
function measured(line) {
  const { status, stdout, stderr } = inside(line);
  assert.ok(status === 0 || (status === 1 && isTainted(stdout)), `exit status ${status}\n${stdout}${stderr}`);
  return stdout;
}

function isTainted(table) {
  return /runs left out \(.*(others-cpu|steal)/.test(table);
}

function check(what, does) {
  const start = Date.now();
  try {
    const more = does();
    console.log(`ok: ${what}${more === undefined ? "" : `: ${more}`} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${what}: ${error.message}`);
  }
}

function runs(command, words) {
  return spawnSync(command, words, { stdio: "ignore" }).status === 0;
}
