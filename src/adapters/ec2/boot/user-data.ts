// Combines the user's user-data with ours: every machine gets its deadline, whatever else its user-data does.
//
// The form depends on the reader. A script calls the user's script once the deadline is set. Anything else becomes a
// tar archive for FreeBSD's configinit, which processes the members in order, or a MIME archive for cloud-init.

import { gzipSync } from "node:zlib";
import { osOfImage } from "../../../domain/plan/image.ts";
import { TimetrialError } from "../../../domain/errors.ts";

/** EC2's limit for user-data, before base64. Bytes. */
const limit = 16_384;
const boundary = "==timetrial==";

/**
 * Returns the base64 of `ours` and `own` combined.
 *
 * @throws TimetrialError USAGE if the result is too large
 */
export function combineUserData(ours: string, own: Uint8Array, image: string): string {
  const isScript = Buffer.from(own.subarray(0, 2)).toString() === "#!";
  const joined = isScript ? script(ours, own) : osOfImage(image) === "freebsd" ? tar(ours, own) : mime(ours, own);
  if (joined.length <= limit) return joined.toString("base64");
  throw new TimetrialError(
    "USAGE",
    `--user-data: expected at most ${limit} bytes together with the machine's deadline, got ${joined.length}`,
  );
}

function script(ours: string, own: Uint8Array): Buffer {
  const lines = [
    ours.trimEnd(),
    "",
    "# The user's own user-data, after the deadline is armed.",
    "umask 077",
    'own="${TMPDIR:-/tmp}/timetrial-user-data.$$"',
    `cat >"\${own}.b64" <<'TIMETRIAL_EOF'`,
    ...foldBase64(own),
    "TIMETRIAL_EOF",
    // base64: GNU and FreeBSD 14. b64decode: older FreeBSD. Then systems that have neither.
    'base64 -d <"${own}.b64" >"${own}" 2>/dev/null || b64decode -r <"${own}.b64" >"${own}" 2>/dev/null ||',
    '\topenssl base64 -d <"${own}.b64" >"${own}"',
    'chmod 0700 "${own}" && "${own}"',
    'rm -f "${own}" "${own}.b64"',
    "",
  ];
  return Buffer.from(lines.join("\n"));
}

function foldBase64(body: Uint8Array): string[] {
  return (
    Buffer.from(body)
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  );
}

function mime(ours: string, own: Uint8Array): Buffer {
  const part = (type: string, body: Uint8Array): string =>
    [
      `--${boundary}`,
      `Content-Type: ${type}; charset="utf-8"`,
      "Content-Transfer-Encoding: base64",
      "",
      ...foldBase64(body),
      "",
    ].join("\n");
  const head = `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${boundary}"\n\n`;
  // cloud-init tells the type of a text/plain part by its first line.
  const text = `${head}${part("text/x-shellscript", Buffer.from(ours))}${part("text/plain", own)}--${boundary}--\n`;
  return Buffer.from(text);
}

function tar(ours: string, own: Uint8Array): Buffer {
  const members = [member("0-timetrial", Buffer.from(ours)), member("1-user-data", Buffer.from(own))];
  return gzipSync(Buffer.concat([...members, Buffer.alloc(1024)]));
}

/** Returns one file of a ustar archive. Source: POSIX.1-2017, pax, ustar interchange format. */
function member(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write("0000700\0" + "0000000\0" + "0000000\0", 100);
  head.write(`${body.length.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0`, 124);
  head.write("        0", 148);
  head.write("ustar\0" + "00", 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([head, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
