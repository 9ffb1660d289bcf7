/*
 * capture RECORD LIMIT_S COMMAND...: run COMMAND and write its measurements to RECORD, as NAME=VALUE lines, whole or
 * not at all. Exit status 0 where a record was written. capture RECORD LIMIT_S -w FILE: the same; the folder to run in
 * and the words of COMMAND are read from FILE, before the clock starts. A line +TEXT begins a word, a line -TEXT is
 * that word's next line; the first word is the folder, empty for this one.
 *
 * Real time starts just before COMMAND is executed and ends when it has been waited for.  Its words are read and its
 * program is found on PATH before that.
 *
 * COMMAND gets a process group of its own and default signals.  We are the reaper of our descendants: processes that
 * COMMAND leaves running become our children and are killed. COMMAND and its descendants are killed after LIMIT_S
 * seconds, within a second of printing more than OUTPUT_LIMIT bytes to files, on SIGTERM and when our parent dies. User
 * and system times are those of wait4(2): of COMMAND and the descendants that were waited for.
 *
 * capture --clock: print the clock in Hz as clock_hz=VALUE, on a CPU where COMMAND may run.  capture --counters: print
 * which of the processor's counters can be read here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#elif defined(__FreeBSD__)
#include <sys/procctl.h>
#endif

#include "counters.h"

#define OUTPUT_LIMIT (256LL << 20)
enum { BY_OUTPUT = -1 };

extern char **environ;

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

static void nothing(int signal_number) { (void)signal_number; }

/* Become reaper of our descendants, and request a signal when our parent dies.  Returns whether we are reaper. */
static int adopt(void) {
#if defined(__linux__)
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
#elif defined(__FreeBSD__)
	int on = SIGTERM;
	procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &on);
	return procctl(P_PID, getpid(), PROC_REAP_ACQUIRE, NULL) == 0;
#else
	return 0;
#endif
}

/* The command line of the first process that was killed as an orphan; empty where the kernel does not provide it. */
static char orphan[256];

#if defined(__linux__)
static void name_orphan(long pid) {
	char path[64];
	size_t length = 0;
	FILE *line;
	if (orphan[0] != '\0') return;
	snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
	if ((line = fopen(path, "r")) == NULL) return;
	length = fread(orphan, 1, sizeof orphan - 1, line);
	fclose(line);
	while (length > 0 && orphan[length - 1] == '\0') length--;
	for (size_t i = 0; i < length; i++) if (orphan[i] < ' ' || orphan[i] > '~') orphan[i] = ' ';
	orphan[length] = '\0';
}
#endif

/* Kill the orphans that became our children.  Returns 0 where they cannot be determined. */
static int kill_children(void) {
#if defined(__linux__)
	char path[64];
	long pid;
	FILE *list;
	snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
	if ((list = fopen(path, "r")) == NULL) return 0;
	while (fscanf(list, "%ld", &pid) == 1) {
		name_orphan(pid);
		kill((pid_t)pid, SIGKILL);
	}
	fclose(list);
	return 1;
#elif defined(__FreeBSD__)
	struct procctl_reaper_kill all;
	memset(&all, 0, sizeof all);
	all.rk_sig = SIGKILL;
	return procctl(P_PID, getpid(), PROC_REAP_KILL, &all) == 0 || errno == ESRCH;
#else
	return 0;
#endif
}

static long long bytes_of(int fd) {
	struct stat s;
	return fstat(fd, &s) == 0 && S_ISREG(s.st_mode) ? (long long)s.st_size : 0;
}

static long long printed(void) { return bytes_of(1) + bytes_of(2); }

/* Return the words of FILE, then NULL; or NULL where it cannot be read or has fewer than a folder and a word. */
static char **words_of(const char *file) {
	struct stat s;
	char *text, *end, *from, *to, **words;
	size_t count = 0;
	ssize_t got = 0, more;
	int fd = open(file, O_RDONLY);
	if (fd < 0 || fstat(fd, &s) != 0) return NULL;
	text = malloc((size_t)s.st_size + 1);
	words = malloc(((size_t)s.st_size / 2 + 2) * sizeof *words);
	if (text == NULL || words == NULL) return NULL;
	while ((more = read(fd, text + got, (size_t)(s.st_size - got))) > 0) got += more;
	close(fd);
	/* In place: a word is shorter than its lines. */
	for (from = to = text, end = text + got; from < end;) {
		if (*from == '+') {
			if (count > 0) *to++ = '\0';
			words[count++] = to;
		} else if (count > 0) {
			*to++ = '\n';
		}
		for (from++; from < end && *from != '\n'; from++) *to++ = *from;
		from++;
	}
	*to = '\0';
	words[count] = NULL;
	return count < 2 ? NULL : words;
}

/* Return NAME's path, found on PATH as by execvp(3); NAME itself where it is not found: executing it gives the error. */
static const char *program(const char *name) {
	static char at[4096];
	struct stat s;
	const char *path = getenv("PATH"), *end;
	if (strchr(name, '/') != NULL || path == NULL) return name;
	for (;; path = end + 1) {
		if ((end = strchr(path, ':')) == NULL) end = path + strlen(path);
		int n = snprintf(at, sizeof at, "%.*s%s%s", (int)(end - path), path, end == path ? "" : "/", name);
		if (n < (int)sizeof at && access(at, X_OK) == 0 && stat(at, &s) == 0 && S_ISREG(s.st_mode)) return at;
		if (*end == '\0') return name;
	}
}

/* Print what --clock or --counters asks for. */
static int describe(const char *what) {
	double hz;
	if (strcmp(what, "--counters") == 0) counters_describe(stdout);
	else if (strcmp(what, "--clock") == 0 && (hz = clock_hz()) > 0) printf("clock_hz=%.0f\n", hz);
	else return 1;
	return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
	if (argc == 2) return describe(argv[1]);
	if (argc < 4) return 1;
	char **words = argv + 3;
	const char *unready = "";
	int failed = 0;
	if (strcmp(argv[3], "-w") == 0 && argc == 5) {
		if ((words = words_of(argv[4])) == NULL) return 1;
		if (*words[0] != '\0' && chdir(words[0]) != 0) failed = errno, unready = "its folder: ";
		else if (*words[0] != '\0') setenv("PWD", words[0], 1);
		words++;
	}
	const char *file = program(words[0]);
	pid_t parent = getppid(), pid, dead;
	int reaper = adopt(), status = 0, known = 1, left = 0, ended_by = getppid() == parent ? 0 : SIGTERM;
	double limit = atof(argv[2]), orphan_cpu = 0, start, real, left_s;
	struct rusage used, other;
	struct timespec wait = {0, 0};
	posix_spawnattr_t how;
	sigset_t none, awaited, restored;
	const int restore[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD};

	/* An ignored signal is never delivered: FreeBSD drops SIGCHLD unless it has a handler. */
	signal(SIGCHLD, nothing);
	sigemptyset(&none);
	sigemptyset(&awaited);
	sigemptyset(&restored);
	for (size_t i = 0; i < sizeof restore / sizeof *restore; i++) sigaddset(&restored, restore[i]);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGTERM);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setsigdefault(&how, &restored);
	posix_spawnattr_setsigmask(&how, &none);
	counters_open();

	start = now();
	/* posix_spawnp where it was not found: that does not find it either, and returns the error. */
	if (failed == 0) {
		failed = file == words[0] ? posix_spawnp(&pid, file, NULL, &how, words, environ)
					  : posix_spawn(&pid, file, NULL, &how, words, environ);
	}
	wait.tv_sec = limit < 1 ? 0 : 1;
	wait.tv_nsec = limit < 1 ? (long)(limit * 1e9) : 0;
	if (failed == 0 && ended_by == 0 && sigtimedwait(&awaited, NULL, &wait) == SIGTERM) ended_by = SIGTERM;
	while (failed == 0 && wait4(pid, &status, WNOHANG, &used) == 0) {
		left_s = limit - (now() - start);
		if (left_s <= 0 && ended_by == 0) ended_by = SIGALRM;
		if (printed() > OUTPUT_LIMIT && ended_by == 0) ended_by = BY_OUTPUT;
		if (ended_by != 0) {
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			wait4(pid, &status, 0, &used);
			break;
		}
		/* Checking the size of the output costs some microseconds per second. */
		if (left_s > 1) left_s = 1;
		wait.tv_sec = (time_t)left_s;
		wait.tv_nsec = (long)((left_s - (double)wait.tv_sec) * 1e9);
		if (sigtimedwait(&awaited, NULL, &wait) == SIGTERM) ended_by = SIGTERM;
	}
	real = now() - start;

	/* Descendants that ended by themselves before now are no orphans, but their CPU time counts. */
	while (reaper && wait4(-1, NULL, WNOHANG, &other) > 0) orphan_cpu += seconds(other.ru_utime) + seconds(other.ru_stime);
	while (failed == 0 && reaper && (known = kill_children())) {
		if ((dead = wait4(-1, NULL, 0, &other)) < 0 && errno == ECHILD) break;
		if (dead < 0) continue;
		orphan_cpu += seconds(other.ru_utime) + seconds(other.ru_stime);
		left++;
	}
	if (failed == 0 && !(reaper && known)) kill(-pid, SIGKILL);

	char draft[4096];
	FILE *record;
	if (snprintf(draft, sizeof draft, "%s.new", argv[1]) >= (int)sizeof draft) return 1;
	if ((record = fopen(draft, "w")) == NULL) return 1;
	if (failed != 0) {
		fprintf(record, "exec_error=%s%s\n", unready, strerror(failed));
	} else {
		fprintf(record, "real_s=%.6f\nuser_s=%.6f\nsystem_s=%.6f\n", real, seconds(used.ru_utime), seconds(used.ru_stime));
		fprintf(record, "max_rss_bytes=%lld\n", (long long)used.ru_maxrss * 1024);
		fprintf(record, "minor_faults=%ld\nmajor_faults=%ld\n", used.ru_minflt, used.ru_majflt);
		fprintf(record, "voluntary_switches=%ld\ninvoluntary_switches=%ld\n", used.ru_nvcsw, used.ru_nivcsw);
		if (WIFSIGNALED(status)) fprintf(record, "signal=%d\n", WTERMSIG(status));
		else fprintf(record, "exit_status=%d\n", WEXITSTATUS(status));
		if (reaper && known) fprintf(record, "orphans=%d\norphan_cpu_s=%.6f\n", left, orphan_cpu);
		if (left > 0 && orphan[0] != '\0') fprintf(record, "orphan_command=%s\n", orphan);
		counters_write(record);
		if (ended_by != 0) {
			fprintf(record, "ended_by=%s\n", ended_by == SIGALRM ? "limit" : ended_by == BY_OUTPUT ? "output" : "stop");
		}
		fprintf(record, "out_bytes=%lld\n", printed());
	}
	if (fclose(record) != 0 || rename(draft, argv[1]) != 0) return 1;
	return 0;
}
