// The keeper: a small shell process that holds one microVM and everything made for it, and gives it back when its client
// is gone, however that came to be.
//
// Its standard input is a pipe whose other end only the client has: at its end the keeper kills the VMM, and removes the
// folder. With root the VMM lives in PID, mount and network namespaces of its own, which nobody names: the tap, the
// bridge and the veth pair go when the VMM and the keeper are gone. A killed keeper takes the VMM with it
// (PR_SET_PDEATHSIG); what is left then is the folder, which `sweep --local` finds.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { killProcessGroup } from "../process/process-group.ts";

/** Runs in the VMM's namespaces. Waits for the word, runs the VMM, and says how it ended. */
const innerText = `
read -r _go <&4 || exit 0
"$@" </dev/null 3>&- 4>&- &
status=0
wait "$!" || status=$?
echo "exit \${status}" >&3
`;

/** Positional parameters: folder, mode, veth, address, gateway, prefix, mac, tap owner, inner text, text of owner.json, then the VMM's words. */
const keeperText = `
folder=$1 mode=$2 veth=$3 address=$4 gateway=$5 prefix=$6 mac=$7 owner=$8 inner=$9 whose=\${10}
shift 10
trap : INT TERM HUP PIPE
umask 077
mkdir -- "\${folder}" || exit 1
printf '%s' "\${whose}" >"\${folder}/owner.json" || exit 1

within() {
	nsenter --net="/proc/\${child}/ns/net" ip -batch -
}

network() {
	tries=0
	while [ "/proc/\${child}/ns/net" -ef /proc/self/ns/net ]; do
		tries=$((tries + 1))
		[ "\${tries}" -lt 500 ] || return 1
		sleep 0.01
	done
	# Held until the end: with a VMM that ended by itself the route would go, and who else answers for the address be probed.
	command exec 5<"/proc/\${child}/ns/net" || return 1
	if [ -z "\${veth}" ]; then
		within <<-END
			link set lo up
			tuntap add dev tap0 mode tap user \${owner}
			address add \${gateway}/\${prefix} dev tap0
			link set tap0 up
			neighbour add \${address} lladdr \${mac} dev tap0 nud permanent
		END
		return
	fi
	ip link add "\${veth}" type veth peer name up0 netns "\${child}" || return 1
	within <<-END || return 1
		link set lo up
		link add br0 type bridge
		tuntap add dev tap0 mode tap user \${owner}
		link set tap0 master br0
		link set up0 master br0
		link set tap0 up
		link set up0 up
		link set br0 up
	END
	ip address add "\${gateway}/32" dev "\${veth}" || return 1
	ip link set "\${veth}" up || return 1
	ip route add "\${address}/32" dev "\${veth}" src "\${gateway}" || return 1
	ip neighbour add "\${address}" lladdr "\${mac}" dev "\${veth}" nud permanent
}

case \${mode} in
own)	setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child --mount-proc	\\
	    sh -c "\${inner}" timetrial-microvm "$@" </dev/null & ;;
root)	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc	\\
	    sh -c "\${inner}" timetrial-microvm "$@" </dev/null & ;;
*)	setpriv --pdeathsig KILL sh -c "\${inner}" timetrial-microvm setpriv --pdeathsig KILL "$@" </dev/null & ;;
esac
child=$!
exec 1>&- 4>&-
if [ "\${mode}" = own ] && ! network; then
	echo "no-network" >&3
else
	echo "ready \${child}" >&3
fi

while read -r _line; do
	:
done

# Now: with its namespace it would go at a time of the kernel's choice, and the next boot wants its route.
[ -z "\${veth}" ] || ip link delete "\${veth}" 2>/dev/null
# The first process of the PID namespace, where there is one: with it all others go before it is waited for.
first=
read -r first _rest <"/proc/\${child}/task/\${child}/children" 2>/dev/null
[ "\${mode}" = plain ] || [ -z "\${first}" ] || kill -KILL "\${first}" 2>/dev/null
[ "\${mode}" != plain ] && [ -n "\${first}" ] || kill -KILL "\${child}" 2>/dev/null
wait "\${child}" 2>/dev/null
# A copy that was under way may add a file meanwhile.
rm -rf -- "\${folder}" 2>/dev/null || { sleep 1; rm -rf -- "\${folder}"; }
`;

export interface KeeperOrder {
  readonly folder: string;
  /** What the folder's owner.json says, from its first moment on. */
  readonly ownerText: string;
  /** `own`: a network namespace with a tap; `root`: the host's network; `plain`: without root, no namespaces. */
  readonly mode: "own" | "root" | "plain";
  readonly network?: {
    readonly address: string;
    readonly gateway: string;
    readonly prefix: number;
    readonly mac: string;
  };
  /** Name of the host's end of a veth pair; absent: the guest is reached from within its namespace alone. */
  readonly veth?: string;
  /** User id that opens the tap. */
  readonly owner: number;
  /** Program and arguments of the VMM. */
  readonly command: readonly string[];
}

export interface Keeper {
  /** Process whose namespaces are the VMM's. */
  readonly pid: number;
  readonly console: Readable;
  /** What the VMM printed to standard error so far. */
  readonly stderr: () => string;
  /** Starts the VMM. */
  go(): void;
  /** Resolves with the VMM's exit status, as a shell has it, when it ends by itself. */
  readonly exited: Promise<number>;
  /** Ends everything, and resolves when it is gone; false where the keeper did not end in time. */
  end(): Promise<boolean>;
}

/** The longest that an end may take: `rm` of a large disk. */
const end_ms = 30_000;

/** Starts a keeper; resolves when its namespaces and network are ready. @throws Error with the keeper's output */
export async function startKeeper(order: KeeperOrder): Promise<Keeper> {
  const { folder, mode, network, veth = "", owner, command } = order;
  const { address = "", gateway = "", prefix = "", mac = "" } = network ?? {};
  const words = [
    folder,
    mode,
    veth,
    address,
    gateway,
    String(prefix),
    mac,
    String(owner),
    innerText,
    order.ownerText,
    ...command,
  ];
  const child = spawn("sh", ["-c", keeperText, "timetrial-keeper", ...words], {
    stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
    // A session of its own: an interrupt at the terminal is for the client, which ends the keeper in its own time.
    detached: true,
    env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: "C" },
  });
  const [input, output, errors, control, word] = child.stdio as unknown as [
    Writable,
    Readable,
    Readable,
    Readable,
    Writable,
  ];
  let stderrText = "";
  errors.on("data", (bytes: Buffer) => (stderrText = (stderrText + bytes.toString()).slice(-8192)));
  for (const stream of [input, word]) stream.on("error", () => {});
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = () => ended(child, input, [output, errors, control, word], gone);
  const exit = deferred<number>();
  const ready = deferred<number>();
  ready.promise.catch(() => {}); // awaited below
  createInterface({ input: control }).on("line", (line) => {
    const [what, number] = line.split(" ");
    if (what === "ready") ready.resolve(Number(number));
    if (what === "exit") exit.resolve(Number(number));
    if (what === "no-network") ready.reject(new Error(stderrText.trim() || "the network was not made"));
  });
  child.once("error", (error) => ready.reject(error));
  void gone.then(() => ready.reject(new Error(stderrText.trim() || "the keeper ended")));
  try {
    const pid = await ready.promise;
    return {
      pid,
      console: output,
      stderr: () => stderrText,
      go: () => void word.end("go\n"),
      exited: exit.promise,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function ended(
  child: ChildProcess,
  input: Writable,
  others: readonly (Readable | Writable)[],
  gone: Promise<void>,
): Promise<boolean> {
  input.end();
  for (const stream of others) if ("resume" in stream) stream.resume();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), end_ms)));
  const exited = new Promise<true>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(true);
    child.once("exit", () => resolve(true));
    void gone.then(() => resolve(true));
  });
  const isGone = await Promise.race([exited, late]);
  clearTimeout(timer);
  if (!isGone) killProcessGroup(child.pid);
  for (const stream of others) stream.destroy();
  return isGone;
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((keep, break_) => ([resolve, reject] = [keep, break_]));
  return { promise, resolve, reject };
}
