// A results folder from elsewhere is a stranger's: nothing in it is run, followed, waited for or printed as it is.

import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Desk, type Ended } from "../support/cli.ts";
import { heldStep } from "../support/held-step.ts";
import { until } from "../support/until.ts";

let desk: Desk;
/** A run that was finished, and one whose client was killed, as paths below the desk. */
let finished: string;
let killed: string;
beforeAll(async () => {
  desk = new Desk(0.02);
  const ended = await desk.run(["run", "--name", "a", "--rounds", "3", "--results", "done", "--", "true"]);
  if (ended.status !== 0) throw new Error(ended.stderr);
  finished = join("done", readdirSync(join(desk.folder, "done"))[0] as string);
  const cut = ["run", "--name", "a", "--rounds", "4", "--results", "cut"];
  const { step, release } = heldStep(desk.folder, "held", 1);
  const running = desk.start([...cut, "--", "sh", "-c", `echo ran >>ran.txt; ${step}`]);
  await until(() => {
    try {
      const run = readdirSync(join(desk.folder, "cut"))[0] as string;
      return readFileSync(join(desk.folder, "cut", run, "records.ndjson"), "utf8").includes("\n");
    } catch {
      return false;
    }
  }).finally(() => running.child.kill("SIGKILL"));
  await running.ended.finally(release);
  killed = join("cut", readdirSync(join(desk.folder, "cut"))[0] as string);
}, 60_000);
afterAll(() => desk.clear());

/** A copy of `run` in which `change` was done. */
function planted(run: string, change: (folder: string) => void): string {
  const copy = join(desk.folder, "planted");
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(desk.folder, run), copy, { recursive: true });
  change(copy);
  return "planted";
}

const readers = ["resume", "report", "verify", "bundle"] as const;
const words = (command: string, run: string): string[] => [
  command,
  run,
  ...(command === "bundle" ? ["--out", "never.tar.gz"] : []),
];
const called = (command: string, run: string): Promise<Ended> => desk.runHere(words(command, run));

describe("a run that was not begun here", () => {
  const elsewhere = () => ({ XDG_STATE_HOME: join(desk.folder, "another-state") });

  test("is not gone on with: the commands, machines and endpoint that it names are said", async () => {
    const before = readFileSync(join(desk.folder, killed, "records.ndjson"), "utf8");
    const ended = await desk.run(["resume", killed], elsewhere());
    expect(ended).toMatchObject({ status: 4, stdout: "" });
    expect(ended.stderr).toContain(`${killed}: this run was not begun here`);
    expect(ended.stderr).toContain("echo ran >>ran.txt; ");
    expect(ended.stderr).toContain("  on: this computer\n  ask: no cloud\n");
    expect(ended.stderr).toContain(`timetrial resume ${killed} --trust`);
    expect(readFileSync(join(desk.folder, killed, "records.ndjson"), "utf8")).toBe(before);
  });

  test("whose plan was changed since is a stranger's too", async () => {
    const run = planted(killed, (folder) => {
      const path = join(folder, "plan.json");
      writeFileSync(path, readFileSync(path, "utf8").replaceAll("ran.txt", "owned.txt"));
    });
    const ended = await desk.runHere(["resume", run]);
    expect(ended.status).toBe(4);
    expect(ended.stderr).toContain("owned.txt");
    expect(existsSync(join(desk.folder, "owned.txt"))).toBe(false);
  });

  test("names its endpoint, to which requests would go that one's own credentials sign", async () => {
    const run = planted(killed, (folder) => {
      const path = join(folder, "plan.json");
      const plan = JSON.parse(readFileSync(path, "utf8")) as { spec: Record<string, unknown> };
      const sides = [{ name: "c7g.large", kind: "ec2", type: "c7g.large", image: "al2023" }];
      Object.assign(plan.spec, { sides, baseline: "c7g.large", endpoint: "https://collector.example/\u001b[2J" });
      writeFileSync(path, JSON.stringify(plan));
    });
    const ended = await desk.runHere(["resume", run]);
    expect(ended.status).toBe(4);
    expect(ended.stderr).toMatch(/ask: .*collector\.example.*with requests that your credentials sign/);
    expect(ended.stderr).not.toContain("\u001b");
  });

  test("is gone on with where the user trusts it, after the same was said", async () => {
    const run = planted(killed, () => {});
    const ended = await desk.run(["resume", run, "--trust"], elsewhere());
    expect(ended.status).toBe(0);
    expect(ended.stderr).toContain("echo ran >>ran.txt; ");
    expect(ended.stdout).toMatch(/sums [0-9a-f]{12}/);
  });

  test("of one's own is gone on with at once", async () => {
    const run = planted(killed, () => {});
    const ended = await desk.run(["resume", run]);
    expect(ended.status).toBe(0);
    expect(ended.stderr).not.toContain("not begun here");
  });
});

describe.each(readers)("%s", (command) => {
  test.each(["ledger.ndjson", "course.ndjson", "records.ndjson", "plan.json"])(
    "refuses a folder whose %s is a link, and leaves alone what it leads to",
    async (name) => {
      const target = join(desk.folder, "target");
      const run = planted(killed, (folder) => {
        renameSync(join(folder, name), target);
        appendFileSync(target, "a torn end");
        symlinkSync(target, join(folder, name));
      });
      const before = readFileSync(target, "utf8");
      const ended = await called(command, run);
      expect(ended).toMatchObject({ status: 1, stdout: "" });
      expect(ended.stderr).toMatch(new RegExp(`planted.*${name}: expected a plain file, found something else`));
      expect(readFileSync(target, "utf8")).toBe(before);
    },
  );

  test("refuses a FIFO, and does not wait for it", async () => {
    const run = planted(killed, (folder) => execFileSync("mkfifo", [join(folder, "logs", "x.txt")]));
    const ended = await desk.run(words(command, run));
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toContain("logs/x.txt: expected a plain file");
  });

  test("refuses a name that a terminal would obey, and does not print it", async () => {
    const run = planted(killed, (folder) => writeFileSync(join(folder, "logs", "\u001b[2Jx\u202e"), ""));
    const ended = await called(command, run);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain("logs/?[2Jx?: expected a name of printable characters");
  });

  test("refuses a file that is larger than any run's", async () => {
    const run = planted(killed, (folder) => truncateSync(join(folder, "plan.json"), 65 * 2 ** 20));
    const ended = await called(command, run);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain("plan.json: expected at most 67108864 bytes, found 68157440");
  });

  test("takes every spelling of a path for one", async () => {
    const plain = await desk.run(words(command, finished));
    expect(plain.status, plain.stderr).toBe(0);
    const said = [plain.stdout];
    for (const path of [`./${finished}`, `${finished}/`, `.//${finished}//`, join(desk.folder, finished)]) {
      rmSync(join(desk.folder, "never.tar.gz"), { force: true });
      const ended = await called(command, path);
      expect(ended.status, `${path}: ${ended.stderr}`).toBe(0);
      said.push(ended.stdout);
    }
    expect(new Set(said).size).toBe(1);
  });
});

test.each([(run: string) => `./${run}`, (run: string) => `${run}/`])(
  "resume of a run by another spelling of its path ends with its table and sums",
  async (spelled) => {
    const run = planted(killed, () => {});
    const ended = await desk.run(["resume", spelled(run)]);
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(/sums [0-9a-f]{12}/);
    expect((await desk.runHere(["verify", run])).status).toBe(0);
  },
);

test.each(["../../outside", "..", "a/b", "a\u001b[2J"])(
  "a machine called %j is refused, and nothing is written for it",
  async (name) => {
    const run = planted(killed, (folder) => {
      const path = join(folder, "course.ndjson");
      writeFileSync(path, readFileSync(path, "utf8").replaceAll('"name":"local-1"', `"name":${JSON.stringify(name)}`));
    });
    const ended = await desk.runHere(["resume", run]);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/course\.ndjson:1: machines\.0\.machine\.name: expected/);
    expect(ended.stderr).not.toContain("\u001b");
    expect(existsSync(join(desk.folder, "outside"))).toBe(false);
  },
);

describe("resume --trust of a stranger's run refuses", () => {
  const withAddress = (address: object) => (text: string) =>
    text.replaceAll('"address":{"kind":"local"}', `"address":${JSON.stringify(address)}`);
  test.each([
    ["a host that ssh would take for an option", "course.ndjson", withAddress({ kind: "ssh", host: "-oProxyCommand=touch owned" }), ".host: expected /^"],
    ["a user that ssh would take for an option", "course.ndjson", withAddress({ kind: "ssh", user: "-oX", host: "a" }), ".user: expected /^"],
    ["a port that is none", "course.ndjson", withAddress({ kind: "ssh", host: "a", port: 70000 }), ".port: expected"],
    ["the network of the first process", "course.ndjson", withAddress({ kind: "ssh", host: "a", namespace_of: 1 }), ".namespace_of: expected"],
    ["an id that is no instance's", "course.ndjson", withAddress({ kind: "ssm", instance_id: "i-0\u001b[2J", region: "us-east-1" }), ".instance_id: expected /^i-"],
    ["a region that would be another host", "course.ndjson", withAddress({ kind: "ssm", instance_id: "i-0", region: "evil.example/" }), ".region: expected /^"],
    ["a machine elsewhere than its side", "course.ndjson", withAddress({ kind: "ssh", host: "elsewhere.invalid" }), "expected an address of its side"],
    ["a plan's region that would be another host", "plan.json", (text: string) => text.replace('"cloud": "aws"', '"cloud": "aws", "region": "evil.example/"'), "spec.region: expected /^"],
    ["a host's id that a terminal would obey", "machines/local-1/facts.json", (text: string) => text.replace(/"host_id": ?"[^"]*"/, '"host_id":"\\u001b[2J"'), "host_id: expected /^"],
  ] as const)("%s", async (_, file, change, said) => {
    const run = planted(killed, (folder) => {
      const path = join(folder, file);
      const text = readFileSync(path, "utf8");
      writeFileSync(path, change(text));
      if (change(text) === text) throw new Error(`nothing was planted in ${file}`);
    });
    const ended = await desk.runHere(["resume", run, "--trust"]);
    expect(ended.status, ended.stderr).not.toBe(0);
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).not.toContain("\u001b");
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(desk.folder, "owned"))).toBe(false);
  });
}); // prettier-ignore

describe("report of a run that was altered since it was closed", () => {
  test("prints no sums, says which file was changed, and exits with 1", async () => {
    const run = planted(finished, (folder) => {
      const path = join(folder, "records.ndjson");
      writeFileSync(path, readFileSync(path, "utf8").replace(/"real_s":[0-9.]+/, '"real_s":0.5'));
    });
    const ended = await desk.run(["report", run]);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toContain("changed since it was closed: records.ndjson");
    expect(ended.stdout).not.toMatch(/sums [0-9a-f]{12}/);
    const json = await desk.runHere(["report", run, "--format", "json"]);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ sums: null, changed: ["records.ndjson"] });
    for (const format of ["markdown", "html"])
      expect((await desk.runHere(["report", run, "--format", format])).stdout).toContain("hanged since it was closed");
    const other = planted(finished, (folder) => {
      const path = join(folder, "plan.json");
      writeFileSync(path, readFileSync(path, "utf8").replace(/"run": "[^"]+"/, '"run": "another"'));
    });
    const two = await desk.runHere(["report", `x=${other}`, `y=${finished}`]);
    expect(two.status, two.stderr).toBe(1);
    expect(two.stdout).toContain("changed since it was closed");
  });

  test("or from which a file was taken, or to which one was added", async () => {
    const less = planted(finished, (folder) => rmSync(join(folder, "machines"), { recursive: true }));
    expect((await desk.runHere(["report", less])).stdout).toContain(
      "changed since it was closed: machines/local-1/facts.json",
    );
    const more = planted(finished, (folder) => {
      mkdirSync(join(folder, "machines", "b-1"));
      writeFileSync(join(folder, "machines", "b-1", "note"), "");
    });
    expect((await desk.runHere(["report", more])).status).toBe(1);
  });
});
