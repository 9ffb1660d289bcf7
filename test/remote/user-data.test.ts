// What launched machines run at their first boot, under every sh there is: the machine is a folder, and the commands that
// would act on it are stand-ins that write down how they were called. FreeBSD itself is not to be had here.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fillUserData } from "../../src/adapters/ec2/launch/launch-request.ts";
import { remote, shellPath } from "../support/agent-machine.ts";
import { removeFolder } from "../support/remove-folder.mjs";

const script = fillUserData(readFileSync(join(remote, "user-data.sh"), "utf8"), new Date(1_900_000_000_000), 7200);
const all = ["dash", "bash", "busybox", "mksh"];
const shells = all.filter((shell) => lackedForStandIns(shell) === undefined);
for (const shell of all.filter((each) => !shells.includes(each)))
  test.skip(`user-data and deadlines under ${shell} [${lackedForStandIns(shell)}]`, () => {});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "timetrial-boot-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "root"));
  // Nothing may wait, and nothing may act on this computer.
  for (const name of ["systemctl", "service", "sysrc", "pkg", "snap", "dpkg", "setsid", "curl", "shutdown", "sleep"])
    standIn(name);
});
// The deadline that a test armed may still be writing.
afterEach(() => removeFolder(folder));

const at = (...names: string[]): string => join(folder, "root", ...names);

/** `body` runs after the call was written down; it says the stand-in's status. */
function standIn(name: string, body = "exit 0"): void {
  const path = join(folder, "bin", name);
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>"${folder}/calls"\n${body}\n`);
  chmodSync(path, 0o755);
}

function file(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}

function boot(shell: string): { calls: string[]; said: string } {
  writeFileSync(join(folder, "user-data"), script);
  const words = shell === "busybox" ? ["sh", join(folder, "user-data")] : [join(folder, "user-data")];
  const done = spawnSync(shellPath(shell) ?? shell, words, {
    env: { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, TIMETRIAL_ROOT: at() },
    encoding: "utf8",
  });
  const calls = existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8").trim().split("\n") : [];
  expect(readFileSync(at("var/db/timetrial/deadline"), "utf8")).toBe("1900000000 7200\n");
  expect(existsSync(at("var/db/timetrial/ready"))).toBe(true);
  expect(readFileSync(at("var/db/timetrial/begun"), "utf8")).toMatch(/^\d+ \d*\n$/);
  return { calls, said: done.stdout + done.stderr };
}

/** Locks the first file; ends once the second has two lines of `sleep 5`, which the file beside it, `.seen`, tells. */
const lockHolder = `
import fcntl, sys, time
lock = open(sys.argv[1], "r+")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
while True:
    try:
        if open(sys.argv[2]).read().count("sleep 5\\n") >= 2: break
    except OSError: pass
    time.sleep(0.01)
lock.close()
open(sys.argv[2] + ".seen", "w").close()
`;
import { lackedForStandIns } from "../support/shipped-suites.ts";

const freebsd = (): void => standIn("uname", 'case "$*" in -s) echo FreeBSD ;; esac');

describe.each(shells)("user-data under %s", (shell) => {
  test("on FreeBSD arms the deadline first, and ends with an agent that is enabled and started", () => {
    freebsd();
    standIn("pkg", '[ "$2" != info ]');
    standIn("service", '[ "$2" != status ]');
    const { calls } = boot(shell);
    expect(calls.filter((call) => !call.startsWith("uname"))).toEqual([
      "service timetrial_deadline start",
      "sysrc firstboot_freebsd_update_enable=NO firstboot_pkgs_enable=NO firstboot_pkg_upgrade_enable=NO",
      "pkg -N info -e amazon-ssm-agent",
      "pkg install -y amazon-ssm-agent",
      "sysrc amazon_ssm_agent_enable=YES",
      "service amazon-ssm-agent status",
      "service amazon-ssm-agent start",
    ]);
    const rc = readFileSync(at("usr/local/etc/rc.d/timetrial_deadline"), "utf8");
    expect(rc).toContain(
      `/usr/sbin/daemon -f /bin/sh ${at("var/db/timetrial/deadline.sh")} ${at("var/db/timetrial/deadline")}`,
    );
    expect(rc).not.toContain("rcvar");
    expect(statSync(at("usr/local/etc/rc.d/timetrial_deadline")).mode & 0o111).toBe(0o111);
  });

  test("on FreeBSD installs nothing where the image has the agent, and starts none that runs", () => {
    freebsd();
    const { calls } = boot(shell);
    expect(calls).not.toContain("pkg install -y amazon-ssm-agent");
    expect(calls).toContain("sysrc amazon_ssm_agent_enable=YES");
    expect(calls).not.toContain("service amazon-ssm-agent start");
  });

  test("on FreeBSD asks five times for packages that do not come, and says so where no agent can", () => {
    freebsd();
    standIn("pkg", "exit 1");
    const { calls, said } = boot(shell);
    expect(calls.filter((call) => call === "pkg install -y amazon-ssm-agent")).toHaveLength(5);
    expect(said).toContain("timetrial: gave up: pkg install -y amazon-ssm-agent");
    expect(calls).toContain("service timetrial_deadline start");
  });

  test("on Ubuntu arms the deadline by a unit for every boot, and holds snap's refreshes", () => {
    mkdirSync(at("run/systemd/system"), { recursive: true });
    file("etc/os-release", 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n');
    const { calls } = boot(shell);
    expect(calls).toEqual([
      "systemctl daemon-reload",
      "systemctl enable --now timetrial-deadline.service",
      "snap wait system seed.loaded",
      "snap refresh --hold",
      "snap start --enable amazon-ssm-agent",
    ]);
    const unit = readFileSync(at("etc/systemd/system/timetrial-deadline.service"), "utf8");
    expect(unit).toContain("WantedBy=sysinit.target");
    expect(unit).toContain(
      `ExecStart=/bin/sh ${at("var/db/timetrial/deadline.sh")} ${at("var/db/timetrial/deadline")}`,
    );
  });

  test("on an older Ubuntu holds snap's refreshes by a date that is ahead", () => {
    mkdirSync(at("run/systemd/system"), { recursive: true });
    file("etc/os-release", "ID=ubuntu\n");
    standIn("snap", '[ "$1" != refresh ]');
    const until = boot(shell).calls.flatMap((call) => /^snap set system refresh.hold=(.+)$/.exec(call)?.[1] ?? [])[0];
    expect(Date.parse(until ?? "") - Date.now()).toBeGreaterThan(29 * 86_400_000);
  });

  test("on Debian fetches the agent that its images lack, from AWS's own bucket, and enables it", () => {
    mkdirSync(at("run/systemd/system"), { recursive: true });
    file("etc/os-release", 'ID="debian"\n');
    standIn("systemctl", '[ "$1" != cat ]');
    standIn("dpkg", '[ "$1" != --print-architecture ] || echo arm64');
    const { calls } = boot(shell);
    const deb = at("var/db/timetrial/agent.deb");
    expect(calls.slice(3)).toEqual([
      "dpkg --print-architecture",
      `curl -fsSL --max-time 120 -o ${deb} https://s3.amazonaws.com/ec2-downloads-windows/SSMAgent/latest/debian_arm64/amazon-ssm-agent.deb`,
      `dpkg -i ${deb}`,
      "systemctl enable --now amazon-ssm-agent.service",
    ]);
  });

  test.skipIf(!existsSync("/usr/bin/python3"))(
    "waits for another's lock of the packages, says which, and installs only then [needs python3]",
    async () => {
      mkdirSync(at("run/systemd/system"), { recursive: true });
      file("etc/os-release", "ID=debian\n");
      file("var/lib/dpkg/lock-frontend", "");
      // The lock is the kernel's, held by a process that gives it back once the machine has waited twice.
      const holder = spawn("/usr/bin/python3", [
        "-c",
        lockHolder,
        at("var/lib/dpkg/lock-frontend"),
        join(folder, "calls"),
      ]);
      const exit = once(holder, "exit");
      await once(holder.stdout, "data");
      standIn("systemctl", '[ "$1" != cat ]');
      standIn(
        "sleep",
        `[ "$(grep -c '^sleep 5$' "${folder}/calls")" -lt 2 ] || while [ ! -e "${folder}/calls.seen" ]; do :; done`,
      );
      const { calls, said } = boot(shell);
      await exit;
      expect(said).toContain("timetrial: waiting for another's lock /var/lib/dpkg/lock-frontend");
      expect(said).not.toContain("gave up");
      const acting = calls.filter((call) => /^(sleep|dpkg -i)/.test(call));
      expect(acting).toEqual(["sleep 5", "sleep 5", `dpkg -i ${at("var/db/timetrial/agent.deb")}`]);
    },
  );

  // A hundred and twenty turns of the loop whose first two the test above runs under each shell.
  if (shell === shells[0])
    test.skipIf(!existsSync("/usr/bin/python3"))(
      "goes on after ten minutes of another's lock, and says so [needs python3]",
      async () => {
        file("var/lib/rpm/.rpm.lock", "");
        const holder = spawn("/usr/bin/python3", ["-c", lockHolder, at("var/lib/rpm/.rpm.lock"), "/nowhere"]);
        await once(holder.stdout, "data");
        const { calls, said } = boot(shell);
        holder.kill();
        await once(holder, "exit");
        expect(said).toContain("timetrial: gave up after ten minutes: /var/lib/rpm/.rpm.lock is still held");
        expect(calls.filter((call) => call === "sleep 5")).toHaveLength(120);
      },
    );

  test("without systemd arms the deadline by a script that cloud-init runs at every boot", () => {
    mkdirSync(at("var/lib/cloud/scripts/per-boot"), { recursive: true });
    const { calls } = boot(shell);
    const words = `${at("var/db/timetrial/deadline.sh")} ${at("var/db/timetrial/deadline")}`;
    expect(readFileSync(at("var/lib/cloud/scripts/per-boot/timetrial-deadline"), "utf8")).toContain(
      `setsid sh ${words}`,
    );
    // In the background: what it calls may be written down later than the end.
    expect(calls.filter((call) => call !== "" && !call.startsWith("setsid"))).toEqual([]);
  });
});

/** Seconds since this computer's kernel started, which no stand-in can change. */
const uptime_s = (): number => Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));

interface Life {
  readonly shell: string;
  /** What date +%s says. */
  readonly now?: number;
  readonly deadline?: string;
  /** What an earlier boot left. */
  readonly lived?: string;
  /** As on a sandbox's machine, which has no uptime of its own. */
  readonly rooted?: boolean;
  /** On FreeBSD: when its kernel started, as sysctl says it; /proc is not there. */
  readonly boottime_s?: number;
  /** After how many of its looks it is killed; without it, it is watched until it ends the machine. */
  readonly looks?: number;
}

/** By shell and system: the script of the deadline, as a boot left it in a folder. */
const armed = new Map<string, { readonly text: string; readonly from: string }>();

/** Leaves the script of the deadline in the test's folder: the shell boots once for all tests. */
function arm(shell: string, isFreeBsd: boolean): void {
  const key = `${shell} ${isFreeBsd}`;
  const path = at("var/db/timetrial/deadline.sh");
  const known = armed.get(key);
  if (known === undefined) {
    boot(shell);
    armed.set(key, { text: readFileSync(path, "utf8"), from: folder });
    return;
  }
  file("var/db/timetrial/deadline.sh", known.text.replaceAll(known.from, folder));
}

/** Lets the loop that user-data leaves behind run for a while; answers how it ended the machine, and after what seconds. */
function live({
  shell,
  now = 1_800_000_000,
  deadline = "1900000000 7200",
  lived,
  rooted = true,
  boottime_s,
  looks,
}: Life) {
  if (boottime_s !== undefined) freebsd();
  arm(shell, boottime_s !== undefined);
  const path = at("var/db/timetrial/deadline");
  if (boottime_s !== undefined) asOnFreeBsd(`${path}.sh`, boottime_s);
  writeFileSync(path, `${deadline}\n`);
  rmSync(`${path}.lived`, { force: true });
  if (lived !== undefined) writeFileSync(`${path}.lived`, lived);
  rmSync(join(folder, "calls"), { force: true });
  standIn("date", `echo ${now}`);
  const killed = `[ "$(grep -c ^sleep "${folder}/calls")" -lt ${looks ?? 0} ] || kill -KILL $PPID`;
  standIn("sleep", looks === undefined ? "exec /bin/sleep 0.2" : killed);
  standIn("shutdown", "kill $PPID");
  const words = [...(shell === "busybox" ? ["sh"] : []), at("var/db/timetrial/deadline.sh"), path];
  const started = performance.now();
  const { stderr } = spawnSync(shellPath(shell) ?? shell, words, {
    env: { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, ...(rooted ? { TIMETRIAL_ROOT: at() } : {}) },
    encoding: "utf8",
    timeout: 60_000,
  });
  const calls = readFileSync(join(folder, "calls"), "utf8").split("\n");
  return {
    ended: calls.filter((call) => call.startsWith("shutdown")),
    after_s: (performance.now() - started) / 1000,
    stderr,
  };
}

/** No stand-in can hide /proc/uptime: the script is told of a file that is not there. */
function asOnFreeBsd(path: string, boottime_s: number): void {
  const text = readFileSync(path, "utf8");
  expect(text.match(/\/proc\/uptime/g)).toHaveLength(2);
  writeFileSync(path, text.replaceAll("/proc/uptime", join(folder, "no-uptime")));
  standIn("sysctl", `echo "{ sec = ${boottime_s}, usec = 123456 } Fri Jan 15 08:00:00 2027"`);
}

const ended = ["shutdown -h now"];

describe.each(shells)("a machine's deadline under %s", (shell) => {
  test("ends it by its uptime where the clock was set back, and not before", () => {
    const found = live({ shell, now: 1, deadline: "1900000000 2" });
    expect(found).toMatchObject({ ended, stderr: "" });
    expect(found.after_s).toBeGreaterThan(0.9);
  });

  test("ends it early where the clock was set forward", () => {
    const found = live({ shell, now: 1_900_000_001 });
    expect([found.ended, found.after_s < 2]).toEqual([ended, true]);
  });

  test("leaves it alone while it has time", () => {
    expect(live({ shell, looks: 3 })).toMatchObject({ ended: [], stderr: "" });
  });

  test("counts what it lived in earlier boots, whatever its clock says", () => {
    // The uptime of the last look is ahead of now's: another boot.
    const found = live({ shell, now: 1, lived: `7198 ${uptime_s() + 5000}\n` });
    expect([found.ended, found.after_s > 0.9]).toEqual([ended, true]);
  });

  test("counts no second of one boot twice where it is armed again in it", () => {
    const up_s = uptime_s();
    expect(live({ shell, now: 1, lived: `100 ${up_s}\n`, deadline: "1900000000 106", looks: 3 }).ended).toEqual([]);
  });

  test("counts from the kernel's start on a machine of its own", () => {
    const near = live({ shell, now: 1, rooted: false, deadline: `1900000000 ${uptime_s() + 2}` });
    expect(near.ended).toEqual(ended);
    expect(live({ shell, now: 1, rooted: false, deadline: `1900000000 ${uptime_s() + 60}`, looks: 3 }).ended).toEqual(
      [],
    );
  });

  test.each(["", "soon 7200", "1900000000", "99999999999999999999 1"])(
    "ends it now where what says its deadline was damaged: %j",
    (deadline) => expect(live({ shell, deadline }).ended).toEqual(ended),
  );

  test.each(["", "x y\n", "12", "99999999999999999999 5\n"])(
    "does without what earlier boots left where that was damaged: %j",
    (lived) => expect(live({ shell, lived, looks: 3 })).toMatchObject({ ended: [], stderr: "" }),
  );
});

describe.each(shells)("a FreeBSD machine's deadline under %s", (shell) => {
  const off = ["shutdown -p now"];
  const now = 1_800_000_000;

  test("powers it off once it has lived so long since its kernel's start, by sysctl's word", () => {
    expect(live({ shell, now, boottime_s: now - 7200, rooted: false })).toMatchObject({
      ended: off,
      stderr: "",
    });
  });

  test("leaves it alone a minute before", () => {
    const found = live({ shell, now, boottime_s: now - 7140, rooted: false, looks: 3 });
    expect(found).toMatchObject({ ended: [], stderr: "" });
  });

  test("holds where the clock was set back, since the kernel moves its start along", () => {
    const [back, lived_s] = [1_000_000_000, 7200];
    const found = live({ shell, now: back, boottime_s: back - lived_s, rooted: false });
    expect(found.ended).toEqual(off);
  });

  test("counts what it lived in earlier boots", () => {
    const found = live({ shell, now, boottime_s: now - 100, lived: "7100 5000\n", rooted: false });
    expect(found.ended).toEqual(off);
    const early = live({ shell, now, boottime_s: now - 100, lived: "7000 5000\n", rooted: false, looks: 3 });
    expect(early.ended).toEqual([]);
  });

  test("ends it at the absolute time, whatever it has lived", () => {
    const found = live({ shell, now: 1_900_000_000, boottime_s: 1_899_999_990, rooted: false });
    expect(found.ended).toEqual(off);
  });

  test("does without sysctl's word where that is none: the absolute time holds", () => {
    const unknown = live({ shell, now: 1_900_000_001, boottime_s: Number.NaN, rooted: false });
    expect(unknown.ended).toEqual(off);
  });
});

test("user-data fits into what EC2 takes", () => {
  expect(Buffer.byteLength(script)).toBeLessThan(16_384);
});
