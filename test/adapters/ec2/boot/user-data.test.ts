// The user's user-data beside ours, read back by what is not ours: tar, and a MIME parser.

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { combineUserData } from "../../../../src/adapters/ec2/boot/user-data.ts";

const ours = "#!/bin/sh\necho deadline\n";
const bytes = (text: string) => Buffer.from(text);

test("for FreeBSD, tar finds ours first and the user's as it was", () => {
  const own = '>>/etc/rc.conf\nfirstboot_pkgs_enable="NO"\n';
  const archive = Buffer.from(combineUserData(ours, bytes(own), "freebsd/14.3"), "base64");
  expect(execFileSync("tar", ["-tzf", "-"], { input: archive, encoding: "utf8" })).toBe("0-timetrial\n1-user-data\n");
  const member = (name: string) => execFileSync("tar", ["-xzOf", "-", name], { input: archive, encoding: "utf8" });
  expect([member("0-timetrial"), member("1-user-data")]).toEqual([ours, own]);
});

test("a script is run by sh after ours, with its own interpreter and its bytes unchanged", () => {
  const own = "#!/usr/bin/env -S sh -e\nprintf '%s\\n' \"own: $0\" 'it''s'\n";
  const script = Buffer.from(combineUserData(ours, bytes(own), "al2023"), "base64").toString();
  const said = execFileSync("sh", { input: script, encoding: "utf8" });
  expect(said).toMatch(/^deadline\nown: \/\S*timetrial-user-data\.\d+\nits\n$/);
});

const hasPython = (() => {
  try {
    execFileSync("python3", ["-c", "import email"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasPython)("what cloud-init reads is a MIME archive of both [needs python3]", () => {
  const own = "#cloud-config\nruncmd: [true]\n";
  const text = Buffer.from(combineUserData(ours, bytes(own), "al2023"), "base64");
  const program =
    "import email, json, sys; m = email.message_from_binary_file(sys.stdin.buffer); print(json.dumps([[p.get_content_type(), p.get_payload(decode=True).decode()] for p in m.get_payload()]))";
  expect(JSON.parse(execFileSync("python3", ["-c", program], { input: text, encoding: "utf8" }))).toEqual([
    ["text/x-shellscript", ours],
    ["text/plain", own],
  ]);
});

test("more than EC2 takes is refused, with how much it was", () => {
  const own = Buffer.from(Array.from({ length: 16_000 }, (_, i) => (i * 7919 + (i >> 3)) % 251));
  expect(() => combineUserData(ours, Buffer.concat([bytes("#!"), own]), "al2023")).toThrow(
    /expected at most 16384 bytes together with the machine's deadline, got 2\d{4}/,
  );
});
