// Turns a failed ssh into an error with a hint.
//
// ssh has one exit status for every failure; its messages are not translated (OpenSSH 9.2: sshconnect.c, sshconnect2.c).

import { TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { SessionResult } from "./session.ts";
import { manualSshCommand, type SshTarget, sshCommandLine } from "./arguments.ts";

/** REFUSED where the user must do something first; TRANSPORT where the failure may pass. `key` asks the host for its key. */
export async function explainSshFailure(
  target: SshTarget,
  ended: SessionResult,
  key: () => Promise<string | undefined>,
): Promise<TimetrialError> {
  const stderr = ended.stderr;
  if (ended.missing) {
    return new TimetrialError("REFUSED", `${sshCommandLine(target)}: there is no ssh on this machine`, {
      hint: "install OpenSSH's client: the package openssh-client of Debian and Ubuntu, openssh-clients of Fedora",
    });
  }
  if (ended.status !== undefined && ended.status !== 255) return noShell(target, ended.status, stderr);
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) return changedKey(target, stderr);
  if (/REVOKED HOST KEY/.test(stderr)) {
    return new TimetrialError(
      "REFUSED",
      `${sshCommandLine(target)}: its host key is marked as revoked in known_hosts`,
      {
        hint: `ask its owner; to see what ssh says of it: ${manualSshCommand(target)} true`,
      },
    );
  }
  if (/Host key verification failed/.test(stderr)) return unknownKey(target, await key());
  if (/Permission denied|Too many authentication failures/.test(stderr)) return notLetIn(target, stderr);
  return new TimetrialError("TRANSPORT", `${sshCommandLine(target)}: cannot be reached: ${reason(ended)}`, {
    hint: `see whether this works: ${manualSshCommand(target)} true`,
  });
}

function unknownKey(target: SshTarget, key: string | undefined): TimetrialError {
  const shown = key === undefined ? "its host key is not known here" : `its host key is not known here: ${key}`;
  return new TimetrialError("REFUSED", `${sshCommandLine(target)}: ${shown}`, {
    hint:
      "compare it with what the machine itself says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub, or its console);\n" +
      `  then accept it by: ${manualSshCommand(target)} true`,
  });
}

function changedKey(target: SshTarget, stderr: string): TimetrialError {
  const [, type = "", print = ""] =
    /fingerprint for the (\S+) key sent by the remote host is\s+(SHA256:[\w+/=]+)/.exec(stderr) ?? [];
  const file = /Offending \S+ key in (.+):\d+/.exec(stderr)?.[1];
  const name = /Host key for (\S+) has changed/.exec(stderr)?.[1];
  const found = print === "" ? "another" : printable(`${type} ${print}`);
  const forget =
    file === undefined || name === undefined ? "" : `: ssh-keygen -f ${shellWord(file)} -R ${shellWord(name)}`;
  return new TimetrialError(
    "REFUSED",
    `${sshCommandLine(target)}: expected the host key that known_hosts has for it, got ${found}: another machine answers, or it was made anew`,
    {
      hint: `only where you know why, forget the old key${forget}\n  then accept the new one by: ${manualSshCommand(target)} true`,
    },
  );
}

function notLetIn(target: SshTarget, stderr: string): TimetrialError {
  const line = lines(stderr).findLast((one) => /Permission denied|Too many authentication failures/.test(one)) ?? "";
  return new TimetrialError(
    "REFUSED",
    `${sshCommandLine(target)}: expected to be let in without a question, got ${quoteForMessage(printable(line))}`,
    {
      hint:
        `nobody is asked for a password or a passphrase: put a key there (${manualSshCommand(target, "ssh-copy-id")}), or load it\n` +
        `  into an agent (ssh-add), until this asks for nothing: ${manualSshCommand(target)} true`,
    },
  );
}

function noShell(target: SshTarget, status: number, stderr: string): TimetrialError {
  const words = lines(stderr).at(-1);
  return new TimetrialError(
    "REFUSED",
    `${sshCommandLine(target)}: expected its login shell to start /bin/sh, got exit status ${status}${words === undefined ? "" : ` and ${quoteForMessage(printable(words))}`}`,
    { hint: `see what it says by hand: ${manualSshCommand(target)} 'exec /bin/sh -c true'` },
  );
}

/** ssh's last line, without the prefix "ssh: ". */
function reason(ended: SessionResult): string {
  if (ended.late) return "no answer";
  return printable((lines(ended.stderr).at(-1) ?? "the connection ended").replace(/^ssh: /, ""));
}

function lines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** `text` quoted as one word of a shell: the user will paste it. */
function shellWord(text: string): string {
  const clean = printable(text);
  return /^[A-Za-z0-9_./@%+=:,-]+$/.test(clean) ? clean : `'${clean.replaceAll("'", "'\\''")}'`;
}
