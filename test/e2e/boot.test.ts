// `timetrial boot` as a user runs it, on machines of the sandbox: in network namespaces where there is root, else on
// loopback, where a machine cannot be silent. Each sandbox has its own way of booting.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { zones } from "../../src/sandbox/catalogue.ts";
import { Desk, type Ended } from "../support/cli.ts";
import { until } from "../support/until.ts";

const hasIp = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"].some((path) => existsSync(path));
const isRoot = process.platform === "linux" && process.getuid?.() === 0 && hasIp;
const onlyRoot = test.skipIf(!isRoot);
const rootSaid = isRoot ? "" : " [needs root on Linux, and ip: namespaces]";

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.clear();
});

/** A desk whose sandbox boots its machines by `settings`: seconds of the cloud, of which 20 are one. */
async function deskWith(settings: string, ...options: string[]): Promise<Desk> {
  const desk = new Desk(0.05);
  desks.push(desk);
  // Long after the slowest command on a busy computer; the desk ends it.
  await desk.sandbox(["--boot", settings, "--idle-s", "3000", ...options]);
  return desk;
}

/** The desk of several tests of machines that boot alike. */
let shared: Promise<Desk> | undefined;
function sharedDesk(): Promise<Desk> {
  shared ??= (async () => {
    const desk = await deskWith("running=6,closed=6,open=6");
    desks.splice(desks.indexOf(desk), 1);
    return desk;
  })();
  return shared;
}
afterAll(async () => (await shared)?.clear());

function boot(desk: Desk, ...words: string[]): Promise<Ended> {
  return desk.run(["boot", ...words, "--cloud", "sandbox", "--port", "2222"]);
}

/** Devices of namespaces that are still there, of any sandbox of this computer's. */
function devices(): string[] {
  if (!isRoot) return [];
  return readdirSync("/sys/class/net").filter((name) => /^tt[0-9a-f]{10}$/.test(name));
}

/** Waits until none is there of the devices that have come since `before`: those of other tests' boots end soon, a lost one never. */
async function noneLeftSince(before: readonly string[]): Promise<void> {
  const left = devices().filter((name) => !before.includes(name));
  await until(() => !devices().some((name) => left.includes(name)));
}

test("two types are booted three times, one at a time; all of it is stored and told, and nothing is left", async () => {
  const before = devices();
  const desk = await deskWith("running=6,closed=20,open=20");
  const ended = await boot(desk, "s?.medium", "--boots", "3");
  expect(ended.stderr).not.toContain("failed");
  expect(ended.stderr).toContain("s?.medium: s1.medium, s2.medium\n");
  expect(ended.status).toBe(0);
  for (const phase of ["RunInstances call", "pending to running", "running to port closed", "port closed to open"])
    expect(ended.stdout).toContain(phase);
  expect(ended.stdout).toMatch(
    /2 of 6 boots left out \(2 first boot\)\s+0 instances left running\s+sums\s+[0-9a-f]{12}/,
  );

  const records = desk.lines("boots.ndjson");
  expect(records).toHaveLength(6);
  for (const record of records) {
    const { called_s, running_s, closed_s, open_s, status } = record as Record<string, number>;
    expect(status).toBe("completed");
    expect(called_s).toBeLessThan(running_s as number);
    // A busy computer sees each late; how exactly each is seen is for bench:boot to say.
    expect(closed_s).toBeGreaterThanOrEqual(running_s as number);
    expect(open_s).toBeGreaterThan(closed_s as number);
  }
  // One at a time: each intent comes after the end of the one before.
  const kinds = desk.lines("ledger.ndjson").map(({ kind }) => kind);
  expect(kinds[0]).toBe("account");
  expect(kinds.slice(1, 19)).toEqual(Array.from({ length: 6 }, () => ["intent", "launched", "terminated"]).flat());
  expect(kinds.at(-1)).toBe("absence");

  const [run = ""] = desk.runs();
  const folder = join(desk.folder, "results", run);
  for (const line of readFileSync(join(folder, "SHA256SUMS"), "utf8").trimEnd().split("\n")) {
    const [sum, name = ""] = line.split("  ");
    expect(
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ).toBe(sum);
  }
  expect((await desk.run(["report", run])).stdout).toBe(ended.stdout);
  const csv = await desk.runHere(["report", run, "--format", "csv"]);
  expect(csv.stdout.split("\r\n")[0]).toBe(
    "side,phase,n,median_s,p90_s,min_s,max_s,speedup,speedup_lo,speedup_hi,verdict,source",
  );
  const json = JSON.parse((await desk.runHere(["report", run, "--format", "json"])).stdout);
  expect(json).toMatchObject({ kind: "boot", run, analysis: { sides: [{ kept: 2 }, { kept: 2 }] } });
  const html = (await desk.runHere(["report", run, "--format", "html"])).stdout;
  expect(html.match(/class="open"/g)?.length).toBeGreaterThanOrEqual(6);
  expect(html).not.toMatch(/<script|https?:\/\/|<link/);
  expect((await desk.runHere(["report", run, "--format", "markdown"])).stdout).toContain("| phase | s1.medium: median");

  // It is a run like others, as far as there is sense in it.
  expect((await desk.runHere(["list", "runs"])).stdout).toMatch(/ s1\.medium s2\.medium +boot +6 +none +closed$/m);
  expect((await desk.run(["bundle", run])).status).toBe(0);
  expect((await desk.runHere(["report", `${run}.tar.gz`])).stdout).toBe(ended.stdout);
  const verified = await desk.runHere(["verify", `${run}.tar.gz`]);
  expect(verified).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/6 boots fit plan and each other\nverified\n$/),
  });
  for (const words of [
    ["resume", run],
    ["report", run, run],
  ]) {
    const refused = await desk.runHere(words);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("is a run of boot") });
  }
  appendFileSync(join(folder, "boots.ndjson"), `${JSON.stringify({ ...records[0], number: 9, closed_s: 0 })}\n`);
  const spoilt = await desk.run(["verify", run]);
  expect(spoilt.status).toBe(1);
  expect(spoilt.stdout).toContain("boots.ndjson:7: expected a boot up to 3, found 9\n");
  expect(spoilt.stdout).toContain("boots.ndjson:7: closed before it was running\n");
  await noneLeftSince(before);
});

test("images by the names that ami takes, one column each, the ids of each kept", async () => {
  const desk = await sharedDesk();
  const arm = process.arch === "arm64" ? "arm64" : "amd64";
  const images = ["freebsd/14.3", "al2023", `resolve:ssm:/aws/service/debian/release/12/latest/${arm}`];
  const ended = await boot(
    desk,
    "s1.medium",
    ...images.flatMap((image) => ["--image", image]),
    "--boots",
    "1",
    "--security-group",
    "sg-0000000000000000b",
  );
  expect(ended.status).toBe(0);
  const ids = new Map(desk.lines("boots.ndjson").map(({ side, image }) => [side, image]));
  for (const image of images) {
    const { stdout } = await desk.runHere(["ami", image, "--arch", arm, "--cloud", "sandbox"]);
    expect(ids.get(`s1.medium@${image}`)).toBe(stdout.trim());
  }
});

test("a subnet of the second zone has the machines in that zone", async () => {
  const desk = await sharedDesk();
  const subnet = zones.find(({ name }) => name === "us-east-1b")?.subnetId ?? "";
  const group = "sg-0000000000000000b";
  const ended = await boot(desk, "s2.medium", "--boots", "1", "--subnet", subnet, "--security-group", group);
  expect([ended.stderr, ended.status]).toEqual([expect.not.stringContaining("timetrial:"), 0]);
  expect(desk.lines("boots.ndjson")).toMatchObject([{ status: "completed", zone: "us-east-1b" }]);
  expect(ended.stdout).toContain("us-east-1b");
});

test("several at once overlap once the first is over, each of them still seen through", async () => {
  const desk = await sharedDesk();
  const ended = await boot(desk, "s2.medium", "--boots", "4", "--parallel", "4");
  expect(ended.status).toBe(0);
  const kinds = desk.lines("ledger.ndjson").map(({ kind }) => kind);
  expect(kinds.slice(1, 4)).toEqual(["intent", "launched", "terminated"]);
  expect(kinds.indexOf("terminated", 4)).toBeGreaterThan(kinds.lastIndexOf("intent"));
  expect(desk.lines("boots.ndjson").map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => "completed"));
});

test("an interrupt while machines boot ends them all, says so, and leaves no device behind", async () => {
  const before = devices();
  const desk = await deskWith("open=never");
  const running = desk.start([
    "boot",
    "s1.medium",
    "s2.medium",
    "--boots",
    "3",
    "--parallel",
    "2",
    "--cloud",
    "sandbox",
    "--port",
    "2222",
  ]);
  await until(() => desk.lines("ledger.ndjson").filter(({ kind }) => kind === "launched").length === 2);
  running.child.kill("SIGINT");
  const ended = await running.ended;
  expect(ended.status).toBe(130);
  expect(desk.lines("ledger.ndjson").at(-1)).toMatchObject({ kind: "absence", state: "none" });
  await noneLeftSince(before);
});

test("launches that find no capacity are told one by one, and end the run with exit status 5; nothing is left", async () => {
  const desk = await deskWith("", "--faults", "no-capacity=s2.medium");
  const ended = await boot(desk, "s1.medium", "s2.medium", "--boots", "2");
  // One of each two finds none: never three in a row.
  expect([ended.stderr.match(/s2\.medium, boot \d: failed/g)?.length, ended.status]).toEqual([2, 1]);
  expect(ended.stdout).toMatch(/2 boots: launching s2\.medium in us-east-1a: [^]*InsufficientInstanceCapacity/);
  expect(ended.stdout).toContain("0 instances left running");
  const alone = await boot(desk, "s2.medium", "--boots", "9", "--results", "alone");
  expect(alone.stderr).toContain("3 launches in a row were refused: launching s2.medium");
  expect(alone.status).toBe(5);
  expect(alone.stdout.replace(/\s+/g, " ")).toContain("6 of 9 boots were not made: the run ended before them");
});

test("a machine that never opens is ended in time, and why is said", async () => {
  const desk = await deskWith("closed=1,open=never");
  const ended = await boot(desk, "s2.medium", "--boots", "1", "--timeout", "2");
  expect(ended.status).toBe(1);
  expect(ended.stdout).toContain("port 2222 refused (the kernel is up), and did not open within 2 s");
  const [record] = desk.lines("boots.ndjson");
  expect(record).toMatchObject({ status: "failed", open_s: null, online_s: null });
  expect(record?.["closed_s"]).toBeGreaterThan(0);
});

onlyRoot(`a port that stays silent while the machine is managed is called filtered${rootSaid}`, async () => {
  const desk = await deskWith("closed=never");
  const ended = await boot(desk, "s2.medium", "--boots", "1", "--timeout", "2");
  expect(ended.status).toBe(1);
  const [record] = desk.lines("boots.ndjson");
  expect(record).toMatchObject({ status: "failed", closed_s: null, open_s: null });
  expect(record?.["reason"]).toMatch(/^filtered: its SSM agent is online, and port 2222 was silent/);
});

test("a machine whose address never comes is ended in time, and that is said", async () => {
  const desk = await deskWith("address=never");
  const ended = await boot(desk, "s2.medium", "--boots", "1", "--timeout", "2");
  expect(ended.status).toBe(1);
  expect(ended.stdout).toContain("runs, but never got a public address");
  expect(desk.lines("boots.ndjson")[0]).toMatchObject({ running_s: null, open_s: null });
});

test("a port that answers from the start is taken for what it is, with a note", async () => {
  const desk = await deskWith("closed=0,open=0");
  const ended = await boot(desk, "s2.medium", "--boots", "2");
  expect(ended.status).toBe(0);
  expect(ended.stdout).toContain("open at the first probe: it may have been before EC2 said running");
  expect(ended.stdout).toContain("< never refused before it opened");
  expect(desk.lines("boots.ndjson")[0]).toMatchObject({ closed_seen: false });
});

test("the private address is probed where that is asked for, and IPv6 with root; the SSM agent and pictures come too", async () => {
  const desk = await sharedDesk();
  const shots = join(desk.folder, "shots");
  const ended = await boot(desk, "s2.medium", "--boots", "1", "--private-address", "--ssm", "--screenshots", shots);
  expect(ended.stderr).not.toContain("failed");
  expect(ended.status).toBe(0);
  expect(ended.stdout).toContain("port 2222 of the private address");
  expect(ended.stdout).toContain("running to SSM online");
  const pictures = readdirSync(shots);
  expect(pictures.length).toBeGreaterThan(0);
  // What a JPEG begins and ends with.
  const picture = readFileSync(join(shots, pictures[0] ?? ""));
  expect([picture.subarray(0, 3).toString("hex"), picture.subarray(-2).toString("hex")]).toEqual(["ffd8ff", "ffd9"]);
});

onlyRoot(`an IPv6 address is probed where that is asked for${rootSaid}`, async () => {
  const desk = await sharedDesk();
  const ended = await boot(desk, "s2.medium", "--boots", "1", "--ipv6");
  expect(ended.status).toBe(0);
  expect(desk.lines("boots.ndjson")[0]).toMatchObject({ status: "completed", closed_seen: true });
  expect(desk.lines("boots.ndjson")[0]?.["address"]).toMatch(/^2001:db8::/);
});

test("the user's own user-data is run, after the machine's deadline is set", async () => {
  const desk = await deskWith("running=2,closed=2,open=20");
  const file = join(desk.folder, "user-data");
  const proof = join(desk.folder, "proof");
  writeFileSync(file, `#!/bin/sh\ncat "\${TIMETRIAL_ROOT}/var/db/timetrial/deadline" >'${proof}'\n`);
  const ended = await boot(desk, "s2.medium", "--boots", "1", "--user-data", file);
  expect(ended.status).toBe(0);
  expect(readFileSync(proof, "utf8")).toMatch(/^\d{10} \d+\n$/);
});

onlyRoot(`a sandbox that is killed leaves no namespace behind${rootSaid}`, async () => {
  const before = devices();
  const desk = await deskWith("open=never");
  const running = desk.start(["boot", "s2.medium", "--boots", "1", "--cloud", "sandbox", "--port", "2222"]);
  await until(() => devices().some((name) => !before.includes(name)));
  running.child.kill("SIGKILL");
  process.kill(desk.address()?.pid ?? 0, "SIGKILL");
  await noneLeftSince(before);
});

test("figures that were published are printed, sorted by their total", async () => {
  const desk = new Desk(0.05);
  desks.push(desk);
  const ended = await desk.run(["boot", "published:boot-2021"]);
  const totals = [...ended.stdout.matchAll(/ (\d+\.\d\d) s$/gm)].map(([, total]) => Number(total));
  expect(totals).toHaveLength(18);
  expect(totals).toEqual(totals.toSorted((a, b) => a - b));
  expect(ended.stdout).toMatch(/^Clear Linux 34640 +1\.23 s +0\.00 s +1\.23 s$/m);
  expect(ended.stdout).toMatch(/^Red Hat Enterprise Linux 8 +13\.43 s +52\.31 s +65\.74 s$/m);
  expect((await desk.runHere(["report", "published:boot-2021"])).stdout).toBe(ended.stdout);
  expect((await desk.runHere(["list", "published"])).stdout).toMatch(/^published:boot-2021 +18 images booted /m);
  const asJson = await desk.runHere(["list", "published", "--format", "json"]);
  const { published } = JSON.parse(asJson.stdout) as { published: { side: string }[] };
  expect(published.find(({ side }) => side === "published:boot-2021")).toMatchObject({ kind: "boot", records: 18 });
  expect(published.find(({ side }) => side === "published:c7g.8xlarge")).toMatchObject({
    kind: "run",
    source: { author: "Colin Percival", url: expect.stringMatching(/^https:/) },
  });
  const as = async (format: string) => (await desk.runHere(["boot", "published:boot-2021", "--format", format])).stdout;
  expect((await as("csv")).split("\r\n")).toContain("Debian 10,boot,,10.35,,,,,,,,published:boot-2021");
  expect(await as("markdown")).toContain(
    "| Debian 10 | ami-07d02ee1eeb0c996c | 6.26 s | 4.09 s | 10.35 s | published |",
  );
  const json = JSON.parse(await as("json"));
  expect(json).toMatchObject({ kind: "boot", published: { id: "ec2-boot-2021" } });
  expect(json.analysis.images).toHaveLength(18);
  expect(json.analysis.images).toContainEqual({
    name: "Debian 10",
    id: "ami-07d02ee1eeb0c996c",
    closed_s: 6.26,
    open_s: 4.09,
    total_s: 10.35,
    published: "ec2-boot-2021",
  });
  expect((await as("html")).match(/<td>10\.35 s<\/td>/g)).toHaveLength(1);
  expect(ended.status).toBe(0);
});

/** An exit status, what standard error says, and words of `boot`. */
type Refused = readonly [status: number, message: RegExp, ...words: string[]];

test("what cannot be had is refused before anything is launched", async () => {
  const desk = await sharedDesk();
  const arm = `resolve:ssm:/aws/service/debian/release/12/latest/${process.arch === "arm64" ? "amd64" : "arm64"}`;
  const cases: readonly Refused[] = [
    [2, /--image: expected an image, got "plan9\/4"/, "s1.medium", "--image", "plan9/4"],
    [2, /there is no image freebsd\/14\.9 .*\n {2}the nearest are /, "s1.medium", "--image", "freebsd/14.9"],
    [2, /is for (arm64|x86_64), s1\.medium is/, "s1.medium", "--image", arm],
    [2, /there is no instance type "m5\.large"/, "m5.large"],
    [2, /--port: expected a whole number from 1 to 65535, got "70000"/, "s1.medium", "--port", "70000"],
    [2, /expected a type such as c7g\.large or firecracker:FILE\.toml, got "local"/, "local"],
    [2, /two sides are called "s1\.medium"/, "s1.medium", "s1.medium"],
    [2, /--boots: expected a whole number/, "s1.medium", "--boots", "0"],
    [2, /at most 1000 boots/, "s1.medium", "s2.medium", "--boots", "501"],
    [2, /cannot make the results folder \/proc\/none\//, "s1.medium", "--results", "/proc/none"],
    [2, /--user-data "\/nonexistent": cannot be read \(ENOENT\)/, "s1.medium", "--user-data", "/nonexistent"],
    [2, /--screenshots: cannot write/, "s1.medium", "--screenshots", "/proc/none"],
    [2, /nothing was published as "boot-1999"/, "published:boot-1999"],
    [4, /lets nothing in on TCP port 2222/, "s1.medium", "--security-group", "sg-0000000000000000a"],
  ];
  // One of each exit status in a process of its own.
  const alone: readonly Refused[] = [
    [
      4,
      /allows 128 vCPUs in us-east-1: 0 are in use, 200 more are needed\n {2}boot fewer at once by --parallel;/,
      "s1.xlarge",
      "--boots",
      "60",
      "--parallel",
      "50",
    ],
    [2, /there is no group sg-0123456789abcdef0/, "s1.medium", "--security-group", "sg-0123456789abcdef0"],
  ];
  const before = ["boot", "--cloud", "sandbox", "--port", "2222", "--results", "refused"];
  const refuse = async ([status, message, ...words]: Refused, run: (words: string[]) => Promise<Ended>) => {
    const ended = await run([...before, ...words]);
    expect([ended.stderr, ended.status]).toEqual([expect.stringMatching(message), status]);
  };
  await Promise.all([
    ...cases.map((one) => refuse(one, (words) => desk.runHere(words))),
    ...alone.map((one) => refuse(one, (words) => desk.run(words))),
  ]);
  const aws = await desk.runHere(["boot", "c7g.large", "--results", "refused"]);
  expect([aws.stderr, aws.status]).toEqual([
    expect.stringMatching(/needs a security group that lets TCP port 22 in/),
    4,
  ]);
  expect(desk.runs("refused")).toEqual([]);
});
