// Programs that would hurt the computer below, in a form that acts on the sandbox's instance alone. They come first
// on PATH of everything that runs there, and are called by name; a step that resets PATH needs `root` or a
// `disposable` machine and is refused before it gets here.

/** Directory entries of an instance's `bin`: name to POSIX sh. `powerDir` is where the supervisor looks for requests. */
export function stubCommands(powerDir: string): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>();
  scripts.set("shutdown", shutdown(powerDir));
  for (const name of ["poweroff", "halt", "reboot"]) scripts.set(name, power(powerDir, name));
  for (const name of ["init", "telinit"]) scripts.set(name, runlevel(powerDir, name));
  scripts.set("systemctl", systemctl(powerDir));
  // Arranging services is done with as if it had worked; nothing is started.
  for (const name of ["service", "sysrc"]) scripts.set(name, stubScript(name, 0));
  for (const name of ["mount", "umount", "systemd-run", "apt-get", "apt", "dpkg", "dnf", "yum", "pkg"])
    scripts.set(name, stubScript(name, 1));
  return scripts;
}

function head(name: string): string {
  return `#!/bin/sh\n# Stand-in for ${name}(8) on an instance of timetrial's sandbox: acts on the instance alone.\n`;
}

function stubScript(name: string, status: 0 | 1): string {
  const what = status === 0 ? "nothing done" : "refused";
  return `${head(name)}echo "${name}: a stand-in in timetrial's sandbox: ${what}" >&2\nexit ${status}\n`;
}

// One file a request, made whole by mv: the supervisor is woken by the directory's change.
function ask(powerDir: string): string {
  return `
ask() {
	umask 077
	printf '%s\\n' "$@" >'${powerDir}'/.new.$$ && mv '${powerDir}'/.new.$$ '${powerDir}'/request.$$
}
`;
}

function power(powerDir: string, name: string): string {
  return `${head(name)}${ask(powerDir)}case " $* " in *" --help "*) echo "usage: ${name}"; exit 0 ;; esac\nask ${name} now\n`;
}

function runlevel(powerDir: string, name: string): string {
  return `${head(name)}${ask(powerDir)}case \${1:-} in
0) ask poweroff now ;;
6) ask reboot now ;;
*) echo "${name}: a stand-in in timetrial's sandbox: nothing done" >&2 ;;
esac
`;
}

function systemctl(powerDir: string): string {
  return `${head("systemctl")}${ask(powerDir)}verb=
for word; do case $word in -*) ;; *) verb=$word; break ;; esac; done
case $verb in
poweroff | halt | reboot) ask "$verb" now ;;
enable | disable | start | stop | restart | mask | unmask | daemon-reload)
	echo "systemctl: a stand-in in timetrial's sandbox: nothing done" >&2 ;;
is-system-running) echo offline; exit 1 ;;
*) echo "systemctl: a stand-in in timetrial's sandbox: refused" >&2; exit 1 ;;
esac
`;
}

// The forms of Linux and of FreeBSD: shutdown [-chkprPH] [now | +MINUTES | MINUTES | hh:mm] [message].
function shutdown(powerDir: string): string {
  return `${head("shutdown")}${ask(powerDir)}verb=poweroff when= dry=
for word; do
	case $word in
	--help) echo "usage: shutdown [-chkprPH] [now | +minutes | hh:mm]"; exit 0 ;;
	--poweroff | --halt | --no-wall) ;;
	--reboot) verb=reboot ;;
	-*)
		case $word in *[!-chkprPHfoqn]*) echo "shutdown: unknown option $word" >&2; exit 1 ;; esac
		case $word in *c*) verb=cancel ;; esac
		case $word in *r*) verb=reboot ;; esac
		case $word in *k*) dry=yes ;; esac
		;;
	*) when=$word; break ;;
	esac
done
[ "$verb" = cancel ] && when=now
[ "$when" = "" ] && when=+1
case $when in
now) ;;
+[0-9]* | [0-9]*:[0-9]* | [0-9]*)
	case $when in *[!0-9+:]*) echo "shutdown: invalid time $when" >&2; exit 1 ;; esac ;;
*) echo "shutdown: invalid time $when" >&2; exit 1 ;;
esac
[ "$dry" = yes ] && exit 0
ask "$verb" "$when" || exit 1
[ "$verb" = cancel ] || echo "shutdown: a stand-in in timetrial's sandbox: $verb of this instance, $when" >&2
`;
}
