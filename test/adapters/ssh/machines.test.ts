import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { sshMachines, type SshMachines } from "../../../src/adapters/ssh/machines.ts";
import type { SshTarget } from "../../../src/adapters/ssh/arguments.ts";
import { parseSide } from "../../../src/domain/plan/side.ts";
import type { ProvisionOrder, ProvisionRequest } from "../../../src/ports/cloud/provisioner.ts";
import { transportContract } from "../../support/transport-contract.ts";
import { makeKey, noSshd, Sshd } from "../../support/sshd.ts";
import { freePort } from "../../support/free-port.mjs";
import { refusalOf } from "../../support/refusal.ts";
import { until } from "../../support/until.ts";

const order = (...sides: string[]): ProvisionOrder =>
  ({
    sides: sides.map((side) => parseSide(side)),
    signal: new AbortController().signal,
    observe: () => {},
  }) satisfies Pick<ProvisionRequest, "sides" | "signal"> & { observe: unknown } as unknown as ProvisionOrder;
const addressOf = (sshd: Sshd): SshTarget => ({ kind: "ssh", host: "127.0.0.1", port: sshd.port });
const ours = (): string[] => readdirSync(tmpdir()).filter((name) => /^ttssh-[A-Za-z0-9]{6}$/.test(name));

/** A process that nobody has buried yet does not live. */
function lives(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

const cleared: (() => unknown)[] = [];
afterEach(async () => {
  for (const clear of cleared.splice(0).reverse()) await clear();
});

/** An sshd and an adapter that knows it; both gone after the test. */
async function host(
  options: Parameters<typeof Sshd.start>[0] = {},
  more: { patience_s?: number } = {},
): Promise<{ sshd: Sshd; ssh: SshMachines; exec: (script: string, limit_s?: number) => Promise<unknown> }> {
  const sshd = await Sshd.start(options);
  const ssh = sshMachines(systemClock, { env: sshd.env, ...more });
  cleared.push(
    () => sshd.clear(),
    () => ssh.provisioner.release(order()),
  );
  return { sshd, ssh, exec: (script, limit_s = 30) => ssh.transport.exec(addressOf(sshd), script, { limit_s }) };
}

describe.skipIf(noSshd !== undefined)(`over ssh${noSshd === undefined ? "" : ` (${noSshd})`}`, () => {
  let sshd: Sshd;
  let ssh: SshMachines;
  beforeAll(async () => {
    sshd = await Sshd.start();
    ssh = sshMachines(systemClock, { env: sshd.env });
  });
  afterAll(async () => {
    await ssh.provisioner.release(order());
    sshd.clear();
  });

  transportContract("a machine by ssh", () => ({ transport: ssh.transport, address: addressOf(sshd) }));

  test("the machine's own shell ends with the script that outlasted its limit", async () => {
    const target = addressOf(sshd);
    const file = join(sshd.folder, "pid");
    await expect(ssh.transport.exec(target, `sleep 60 & echo $! >${file}; wait`, { limit_s: 2 })).rejects.toMatchObject(
      { code: "TRANSPORT" },
    );
    // A killed process is there until the kernel gives it the processor once more.
    const pid = readFileSync(file, "utf8").trim();
    await until(() => !lives(pid));
  });
});

describe.skipIf(noSshd !== undefined)(`an ssh side${noSshd === undefined ? "" : ` (${noSshd})`}`, () => {
  test("is one connection, however many scripts go over it, and leaves nothing when it is given back", async () => {
    const before = ours();
    const { sshd: one, ssh: its, exec: run } = await host();
    await its.provisioner.check(order(one.side, `again=${one.side}`));
    const machines = await its.provisioner.acquire(order(one.side, `again=${one.side}`));
    expect(machines.map(({ machine }) => machine.name)).toEqual([`ssh_127.0.0.1_${one.port}-1`, "again-1"]);
    for (const { machine } of machines) await its.transport.exec(machine.address, "echo one", { limit_s: 20 });
    await Promise.all([run("echo two"), run("echo three")]);
    expect(one.logins).toBe(1);
    const mine = ours().filter((name) => !before.includes(name));
    await its.provisioner.release(order(one.side));
    expect(mine.filter((name) => existsSync(join(tmpdir(), name)))).toEqual([]);
    expect(execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" })).not.toMatch(
      new RegExp(`ssh: ${tmpdir()}/(${mine.join("|")})/`),
    );
  });

  test("whose host key is unknown is refused, with its fingerprint and the line that accepts it", async () => {
    const { sshd: one, ssh: its } = await host();
    one.forget();
    const error = await refusalOf(() => its.provisioner.check(order(one.side)));
    expect(error).toMatchObject({
      code: "REFUSED",
      message: `${one.side}: its host key is not known here: ssh-ed25519 ${one.fingerprint}`,
    });
    const line = /accept it by: (.*)$/m.exec((error as { hint: string }).hint)?.[1] ?? "";
    // The line, as a user would run it, who answers yes.
    const yes = join(one.folder, "yes");
    writeFileSync(yes, "#!/bin/sh\necho yes\n", { mode: 0o755 });
    execFileSync("sh", ["-c", line], {
      env: { ...process.env, ...one.env, SSH_ASKPASS: yes, SSH_ASKPASS_REQUIRE: "force" },
      stdio: "ignore",
    });
    await its.provisioner.check(order(one.side));
  });

  test("whose host key has changed is refused, with the lines that forget the old one", async () => {
    const { sshd: one, ssh: its } = await host();
    const other = join(one.folder, "other");
    makeKey(other);
    one.forget(readFileSync(`${other}.pub`, "utf8").trim());
    const error = await refusalOf(() => its.provisioner.check(order(one.side)));
    expect(error).toMatchObject({
      code: "REFUSED",
      message: expect.stringContaining(`got ED25519 ${one.fingerprint}`),
      hint: expect.stringContaining(`ssh-keygen -f ${one.folder}/known_hosts -R '[127.0.0.1]:${one.port}'`),
    });
  });

  test("that asks for a password is refused, and nobody is asked", async () => {
    const { sshd: one, ssh: its } = await host({ keyless: true, config: ["PasswordAuthentication yes"] });
    await expect(its.provisioner.check(order(one.side))).rejects.toMatchObject({
      code: "REFUSED",
      message: expect.stringMatching(/let in without a question, got ".*Permission denied \(publickey,password/),
      hint: expect.stringContaining(`ssh-copy-id -p ${one.port} 127.0.0.1`),
    });
  });

  test("that nothing listens on is said to be unreachable, before anything runs", async () => {
    const { ssh: its } = await host();
    const side = `ssh:nobody@127.0.0.1:${await freePort()}`;
    await expect(its.provisioner.check(order(side))).rejects.toMatchObject({
      code: "TRANSPORT",
      message: `${side}: cannot be reached: connect to host 127.0.0.1 port ${side.split(":")[2]}: Connection refused`,
    });
  });

  test("whose login shell lets nobody in is refused with what it said", async () => {
    const { sshd: one, ssh: its } = await host({ config: ["ForceCommand echo 'no service today' >&2; exit 1"] });
    await expect(its.provisioner.check(order(one.side))).rejects.toMatchObject({
      code: "REFUSED",
      message: `${one.side}: expected its login shell to start /bin/sh, got exit status 1 and "no service today"`,
    });
  });

  test("is refused where there is no ssh on this machine", async () => {
    const empty = sshMachines(systemClock, { env: { PATH: "/nonexistent" } });
    await expect(empty.provisioner.check(order("ssh:127.0.0.1"))).rejects.toMatchObject({
      code: "REFUSED",
      message: "ssh:127.0.0.1: there is no ssh on this machine",
    });
  });

  test("is waited for when sshd dies and comes back, on a connection of its own", async () => {
    const { sshd: one, exec: run } = await host();
    await run(":");
    const file = join(one.folder, "running");
    const running = run(`: >${file}; sleep 20`).catch((error: unknown) => error);
    await until(() => existsSync(file));
    one.stop();
    expect(await running).toMatchObject({
      code: "TRANSPORT",
      message: `the connection to ${one.side} was lost in the middle of a script`,
    });
    const after = run("echo back");
    setTimeout(() => void one.resume(), 1500);
    expect(await after).toMatchObject({ stdout: "back\n" });
    expect(one.logins).toBe(2);
  });

  test("is given up as lost when it does not come back", async () => {
    const { sshd: one, exec: run } = await host({}, { patience_s: 2 });
    await run(":");
    one.stop();
    await expect(run("echo back")).rejects.toMatchObject({
      code: "MACHINE_LOST",
      message: expect.stringMatching(/Connection refused \(tried for \d+ s\)$/),
    });
  });

  test("never runs a script that arrived in part", async () => {
    const { sshd: one, exec: run } = await host();
    const file = join(one.folder, "half");
    await expect(run(`: >${file}\nif true; then`)).rejects.toThrow(/expected its login shell to start/);
    expect(existsSync(file)).toBe(false);
  });

  test("hands over bytes that are no UTF-8, and the head of a megabyte, without breaking", async () => {
    const { exec: run } = await host();
    expect(await run("printf 'a\\377\\000b'")).toMatchObject({ status: 0, stdout: "a\ufffd\u0000b" });
    const { stdout } = (await run("head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2")) as { stdout: string };
    expect(stdout).toBe("x".repeat(24_000));
  });

  test("may have a ~/.bashrc that talks and a banner: neither is output", async () => {
    const { sshd: one } = await host();
    const home = join(one.folder, "talking");
    mkdirSync(home);
    const noise = "echo welcome; printf 'no newline'; echo careful >&2\n";
    for (const name of [".bashrc", ".cshrc"]) writeFileSync(join(home, name), noise);
    writeFileSync(join(one.folder, "banner"), "Authorized use only\n");
    const talking = await host({
      config: [
        `Banner ${join(one.folder, "banner")}`,
        `ForceCommand HOME=${home}; . ${home}/.bashrc; eval "$SSH_ORIGINAL_COMMAND"`,
      ],
    });
    expect(await talking.exec("echo out; echo err >&2")).toEqual({ status: 0, stdout: "out\n", stderr: "err\n" });
  });

  const isThere = (shell: string): boolean => existsSync(`/usr/bin/${shell}`) || existsSync(`/bin/${shell}`);
  test.for(["tcsh", "fish", "mksh", "busybox sh"])(
    "may have %s for a login shell [needs it]",
    async (shell, { skip }) => {
      const [program = "", ...words] = shell.split(" ");
      if (!isThere(program)) return skip(`no ${program} on this machine`);
      const { exec: run } = await host({
        config: [`ForceCommand exec ${[program, ...words].join(" ")} -c "$SSH_ORIGINAL_COMMAND"`],
      });
      const text = "'\"$(id)`id`\\n!! { } %";
      expect(await run(`cat <<'TT_EOF'\n${text}\nTT_EOF\nexit 3`)).toEqual({
        status: 1,
        stdout: `${text}\n`,
        stderr: "",
      });
    },
  );
});
