"""capture.py RECORD LIMIT_S COMMAND..., or RECORD LIMIT_S -w FILE: what capture.c does, where there is no C compiler.
capture.py --fixed RECORD: print what this capture adds to a command's real time.  Python 3.6 or later.

A child's peak memory is left out where it is below this interpreter's own, with which a child starts.
"""

import os
import signal
import stat
import sys
import time
from resource import RUSAGE_SELF, getrusage

RESTORED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD)
OUTPUT_LIMIT = 256 << 20
AWAITED = {signal.SIGCHLD, signal.SIGTERM}


def adopt():
    """Become the reaper of our descendants, and get SIGTERM when our parent dies.  Return whether that worked."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        from ctypes import CDLL

        libc = CDLL(None)
        libc.prctl(1, signal.SIGTERM, 0, 0, 0)
        return libc.prctl(36, 1, 0, 0, 0) == 0
    except (ImportError, OSError, AttributeError):
        return False


def words_of(file):
    """Return the folder and the words of a command, from lines +WORD and -NEXT LINE OF IT.  Bytes."""
    words = []
    with open(file, "rb") as lines:
        for line in lines.read().split(b"\n")[:-1]:
            if line[:1] == b"+":
                words.append(line[1:])
            else:
                words[-1] += b"\n" + line[1:]
    return words[0], words[1:]


def program(name):
    """Return where NAME is on PATH, as execvp(3) looks for it; NAME itself where it is nowhere."""
    if b"/" not in name:
        for folder in os.environb.get(b"PATH", b"").split(b":"):
            at = os.path.join(folder, name)
            if os.access(at, os.X_OK) and os.path.isfile(at):
                return at
    return name


def spawn(file, command):
    """Start COMMAND, and return its pid.  Raise OSError where it cannot run."""
    if hasattr(os, "posix_spawnp"):
        start = os.posix_spawnp if file is command[0] else os.posix_spawn
        return start(file, command, os.environ, setpgroup=0, setsigmask=(), setsigdef=RESTORED)
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            for one in RESTORED:
                signal.signal(one, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            os.execvp(file, command)
        finally:
            os._exit(127)
    return pid


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass


def command_line(pid):
    """Return the process's command line in printable ASCII; empty where the kernel does not tell it."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as line:
            seen = line.read(255).rstrip(b"\0")
    except OSError:
        return ""
    return "".join(chr(one) if 32 <= one < 127 else " " for one in seen)


def kill_children(names):
    """Kill our children, and add their command lines to NAMES.  Return whether the kernel listed them."""
    try:
        with open("/proc/self/task/%d/children" % os.getpid()) as children:
            for pid in children.read().split():
                names.append(command_line(int(pid)))
                kill(int(pid))
        return True
    except OSError:
        return False


def printed():
    """Return how many bytes the files behind standard output and standard error have."""
    seen = [os.fstat(fd) for fd in (1, 2)]
    return sum(one.st_size for one in seen if stat.S_ISREG(one.st_mode))


def main(record, limit, command):
    """Real time starts when COMMAND is about to be executed, its words in memory and its program found."""
    parent = os.getppid()
    reaper = adopt()
    try:
        if command[0] == "-w":
            folder, command = words_of(command[1])
            os.chdir(folder or b".")
            if folder:
                os.environb[b"PWD"] = folder
        else:
            command = [os.fsencode(word) for word in command]
    except OSError as error:
        write(record, {"exec_error": "its folder: " + error.strerror})
        return
    file = program(command[0])
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    ended_by = None if os.getppid() == parent else "stop"
    start = time.monotonic()
    try:
        pid = spawn(file, command)
    except OSError as error:
        write(record, {"exec_error": error.strerror})
        return
    received = signal.sigtimedwait(AWAITED, min(limit, 1)) if ended_by is None else None
    if received is not None and received.si_signo == signal.SIGTERM:
        ended_by = "stop"
    dead, status, used = os.wait4(pid, os.WNOHANG)
    while dead == 0:
        left_s = limit - (time.monotonic() - start)
        if left_s <= 0 and ended_by is None:
            ended_by = "limit"
        if printed() > OUTPUT_LIMIT and ended_by is None:
            ended_by = "output"
        if ended_by is not None:
            kill_group(pid)
            kill(pid)
            dead, status, used = os.wait4(pid, 0)
            break
        received = signal.sigtimedwait(AWAITED, min(left_s, 1))
        if received is not None and received.si_signo == signal.SIGTERM:
            ended_by = "stop"
        dead, status, used = os.wait4(pid, os.WNOHANG)
    real = time.monotonic() - start

    # Descendants that ended by themselves before now are no orphans, but their CPU time counts.
    left, orphan_cpu, known, running, names = 0, 0.0, reaper, False, []
    while known:
        try:
            dead, _, other = os.wait4(-1, 0 if running else os.WNOHANG)
        except ChildProcessError:
            break
        if dead:
            orphan_cpu += other.ru_utime + other.ru_stime
            left += running
            known = not running or kill_children(names)
        else:
            running = True
            known = kill_children(names)
    if not known:
        kill_group(pid)

    values = {
        "real_s": "%.6f" % real,
        "user_s": "%.6f" % used.ru_utime,
        "system_s": "%.6f" % used.ru_stime,
        "minor_faults": used.ru_minflt,
        "major_faults": used.ru_majflt,
        "voluntary_switches": used.ru_nvcsw,
        "involuntary_switches": used.ru_nivcsw,
        "out_bytes": printed(),
    }
    if used.ru_maxrss > getrusage(RUSAGE_SELF).ru_maxrss:
        values["max_rss_bytes"] = used.ru_maxrss * 1024
    if os.WIFSIGNALED(status):
        values["signal"] = os.WTERMSIG(status)
    else:
        values["exit_status"] = os.WEXITSTATUS(status)
    if known:
        values.update(orphans=left, orphan_cpu_s="%.6f" % orphan_cpu)
    if known and left > 0 and any(names):
        values["orphan_command"] = next(filter(None, names))
    if ended_by is not None:
        values["ended_by"] = ended_by
    write(record, values)


def write(record, values):
    with open(record + ".new", "w") as draft:
        draft.writelines("%s=%s\n" % pair for pair in values.items())
    os.rename(record + ".new", record)


def fixed(record):
    """Seconds that this capture adds to the real time of a command, by `true`: beside a bare posix_spawn and wait4."""
    bare, here = [], []
    true = program(b"true")
    for _ in range(21):
        start = time.monotonic()
        pid = os.posix_spawn(true, [b"true"], os.environ) if hasattr(os, "posix_spawn") else spawn(true, [b"true"])
        os.wait4(pid, 0)
        bare.append(time.monotonic() - start)
        main(record, 9, ["true"])
        with open(record) as lines:
            here.append(float(dict(line.rstrip().split("=") for line in lines)["real_s"]))
    os.unlink(record)
    return max(0, sorted(here)[10] - sorted(bare)[10])


if sys.argv[1] == "--fixed":
    print("%.6f" % fixed(sys.argv[2]))
else:
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
