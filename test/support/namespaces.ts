// Runs the command line where this computer looks otherwise: in network and mount namespaces that shell text prepares.
// All that it makes goes with the namespaces' last process. Wants root on Linux.

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { dist } from "./desk-folder.mjs";
import type { Desk, Ended } from "./cli.ts";

/** Shell text that makes /dev a folder of its own without `kvm`. */
export const withoutKvm = `
mkdir dev && mount -t tmpfs -o mode=755 tmpfs dev && mkdir dev/net dev/shm
mknod -m 666 dev/null c 1 3 && mknod -m 666 dev/zero c 1 5 && mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/random c 1 8 && mknod -m 666 dev/tty c 5 0 && mknod -m 666 dev/net/tun c 10 200
mount --move dev /dev`;

/** Shell text that makes /dev/kvm another user's, and takes root's right to open what is another's. */
export const forbiddenKvm = `
touch kvm && chown 12345 kvm && chmod 600 kvm && mount --bind kvm /dev/kvm
set -- setpriv --inh-caps=-dac_override,-dac_read_search --bounding-set=-dac_override,-dac_read_search "$@"`;

/** Shell text that makes tap7, up, with the address 10.98.0.1 and open to user \`owner\`. */
export const withTap = (owner: number): string => `
mount -t sysfs sys /sys && ip link set lo up && ip tuntap add dev tap7 mode tap user ${owner}
ip address add 10.98.0.1/24 dev tap7 && ip link set tap7 up`;

/** Shell text behind \`withTap\`: another process has tap7 open, from then on. */
export const withTakenTap = `
mkfifo opened
python3 -c '
import fcntl, signal, struct
tun = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"tap7", 0x5002))  # TUNSETIFF: IFF_TAP, IFF_NO_PI, IFF_VNET_HDR
open("opened", "w").close()
signal.pause()' & holder=$!
read -r _ <opened || :`;

/**
 * Shell text that lets user 12345 run the command line: /dev/kvm is that user's, the desk is, and node, the package and
 * \`programs\` are where that user may read them.
 */
export const asOtherUser = (programs: string): string => `
mkdir other && mount -t tmpfs -o mode=755 tmpfs other && mkdir other/package other/programs && touch other/node
mknod -m 600 other/kvm c 10 232 && chown 12345 other/kvm && mount --bind other/kvm /dev/kvm
mknod -m 666 other/tun c 10 200 && mount --bind other/tun /dev/net/tun
mount --bind "\${PACKAGE}" other/package && mount --bind "$1" other/node && mount --bind ${programs} other/programs
shift 2 && set -- "\${PWD}/other/node" "\${PWD}/other/package/dist/cli.js" "$@"
chown 12345 . *.toml && set -- setpriv --reuid=12345 --regid=12345 --clear-groups "$@"`;

/** Runs \`words\` at \`desk\` once \`prepare\` made the namespaces what they are to be; standard error has \`afterwards\`'s output behind. */
export async function inNamespaces(
  desk: Desk,
  prepare: string,
  words: readonly string[],
  afterwards = ":",
): Promise<Ended> {
  const text = `set -eu
PACKAGE=\${0}
${prepare}
status=0
"$@" || status=$?
{ ${afterwards}; } >&2
[ -z "\${holder:-}" ] || kill "\${holder}"
exit "\${status}"`;
  const command = [process.execPath, resolve(dist, "cli.js"), ...words];
  const child = spawn("unshare", ["--net", "--mount", "sh", "-c", text, resolve(dist, ".."), ...command], {
    cwd: desk.folder,
    env: { ...desk.env, HOME: desk.folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (bytes: Buffer) => (said.stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (said.stderr += bytes.toString()));
  return await new Promise((done) => child.on("close", (status) => done({ status, ...said })));
}
