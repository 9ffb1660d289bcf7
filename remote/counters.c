/*
 * The clock at which the processor runs, and the processor's own counters over a command: cycles, instructions, and
 * where counters are left, branch misses and misses of the last cache.
 *
 * The clock: a chain of additions takes one cycle each, since each needs the result of the one before.  It is timed
 * many times, some 5 ms in all: the fastest pass is the clock, since interruptions only make a pass slower.  A pass is
 * short, so that on a busy machine some are not interrupted.  The addend is in a register: some cores execute additions
 * of constants without taking a cycle.
 *
 * The counters are opened disabled for ourselves, are inherited by the command and enable themselves when it is
 * executed, so that nothing of it is within the timed span, and that we are not counted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
/* A C compiler may come without the kernel's headers (Alpine's). */
#if defined(__has_include) && !defined(COUNT_NOTHING)
#if __has_include(<linux/perf_event.h>)
#define COUNTS 1
#include <linux/perf_event.h>
#include <sys/syscall.h>
#endif
#endif
#endif

#include "counters.h"

enum { ADDITIONS = 64000, UNROLLED = 256, PASSES = 240 };

#if defined(__x86_64__) || defined(__aarch64__)

/* The barrier keeps the compiler from making one addition of many. */
#define ADD1 sum += one; __asm__ volatile("" : "+r"(sum));
#define ADD4 ADD1 ADD1 ADD1 ADD1
#define ADD16 ADD4 ADD4 ADD4 ADD4
#define ADD64 ADD16 ADD16 ADD16 ADD16

static uint64_t add(void) {
	uint64_t sum = 0, one = 1;
	__asm__ volatile("" : "+r"(one));
	for (int i = 0; i < ADDITIONS / UNROLLED; i++) {
		ADD64 ADD64 ADD64 ADD64
	}
	return sum;
}

static double monotonic_s(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double clock_hz(void) {
	double best_s = 0;
#if defined(__linux__)
	cpu_set_t here;
	int cpu = sched_getcpu();
	CPU_ZERO(&here);
	if (cpu >= 0 && cpu < CPU_SETSIZE) {
		CPU_SET(cpu, &here);
		sched_setaffinity(0, sizeof here, &here);
	}
#endif
	for (int pass = 0; pass < PASSES; pass++) {
		double start = monotonic_s();
		if (add() != ADDITIONS) return 0;
		double took_s = monotonic_s() - start;
		if (took_s > 0 && (best_s == 0 || took_s < best_s)) best_s = took_s;
	}
	return best_s > 0 ? ADDITIONS / best_s : 0;
}

#else

double clock_hz(void) { return 0; }

#endif

/* Compiled with COUNT_NOTHING it reads no counters: for the bench. */
#if defined(COUNTS)

/* Compiled with COUNT_SOFTWARE it counts what every kernel counts by itself: for tests where there is no PMU. */
static const struct {
	const char *name;
	uint32_t type;
	uint64_t config;
	/* It must be counted all the time, or not at all. */
	int pinned;
} events[] = {
#if defined(COUNT_SOFTWARE)
	{"cycles", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, 1},
	{"instructions", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, 1},
	{"branch_misses", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, 0},
	{"llc_misses", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, 0},
#else
	{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 1},
	{"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, 1},
	{"branch_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, 0},
	{"llc_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, 0},
#endif
};
enum { EVENTS = sizeof events / sizeof *events, MAIN_EVENTS = 2 };

static int counter[EVENTS] = {-1, -1, -1, -1};
static int user_only, refusal;

static int counter_open(size_t i) {
	struct perf_event_attr about;
	memset(&about, 0, sizeof about);
	about.size = sizeof about;
	about.type = events[i].type;
	about.config = events[i].config;
	about.disabled = 1;
	about.inherit = 1;
	about.enable_on_exec = 1;
	about.pinned = events[i].pinned ? 1 : 0;
	about.exclude_hv = 1;
	about.exclude_kernel = user_only ? 1 : 0;
	about.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	return (int)syscall(SYS_perf_event_open, &about, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

void counters_open(void) {
	user_only = refusal = 0;
	if ((counter[0] = counter_open(0)) < 0 && (errno == EACCES || errno == EPERM)) {
		user_only = 1;
		counter[0] = counter_open(0);
	}
	if (counter[0] < 0) {
		refusal = errno;
		return;
	}
	for (size_t i = 1; i < EVENTS; i++) {
		if ((counter[i] = counter_open(i)) < 0 && i < MAIN_EVENTS) refusal = errno;
	}
}

/* Read a counter; returns 0 where it counted nothing. */
static int counter_read(size_t i, uint64_t values[3]) {
	return counter[i] >= 0 && read(counter[i], values, 3 * sizeof *values) == (ssize_t)(3 * sizeof *values) &&
	    values[2] > 0;
}

void counters_write(FILE *record) {
	uint64_t value[EVENTS][3];
	if (refusal != 0 || !counter_read(0, value[0]) || !counter_read(1, value[1])) return;
	size_t least = value[1][2] < value[0][2] ? 1 : 0;
	fprintf(record, "counted=%s\n", user_only ? "user" : "user+kernel");
	for (size_t i = 0; i < MAIN_EVENTS; i++) fprintf(record, "%s=%llu\n", events[i].name, (unsigned long long)value[i][0]);
	fprintf(record, "counters_enabled_s=%.6f\n", (double)value[least][1] / 1e9);
	fprintf(record, "counters_running_s=%.6f\n", (double)value[least][2] / 1e9);
	/* Of these, one that had to share its counter is left out. */
	for (size_t i = MAIN_EVENTS; i < EVENTS; i++) {
		if (counter_read(i, value[i]) && value[i][1] == value[i][2])
			fprintf(record, "%s=%llu\n", events[i].name, (unsigned long long)value[i][0]);
	}
}

/* The kernel's limit on who may count; -2 where it is not told. */
static int paranoid(void) {
	int level = -2;
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "r");
	if (file == NULL) return level;
	if (fscanf(file, "%d", &level) != 1) level = -2;
	fclose(file);
	return level;
}

void counters_describe(FILE *out) {
	counters_open();
	if (refusal == 0) {
		fprintf(out, "counters=");
		for (size_t i = 0; i < EVENTS; i++) if (counter[i] >= 0) fprintf(out, "%s%s", i == 0 ? "" : " ", events[i].name);
		fprintf(out, "\ncounted=%s\n", user_only ? "user" : "user+kernel");
	} else if (refusal == EACCES || refusal == EPERM) {
		/* Level 2 still allows users their own processes; Debian's 3 does not. */
		if (paranoid() > 2 && geteuid() != 0)
			fprintf(out, "no_counters=kernel.perf_event_paranoid is %d\n", paranoid());
		else fprintf(out, "no_counters=perf_event_open is not permitted (seccomp or a security module)\n");
	} else if (refusal == ENOSYS) {
		fprintf(out, "no_counters=the kernel has no perf_event_open, or seccomp hides it\n");
	} else if (refusal == ENOENT || refusal == EOPNOTSUPP || refusal == ENODEV) {
		fprintf(out, "no_counters=no PMU\n");
	} else {
		fprintf(out, "no_counters=perf_event_open: %s\n", strerror(refusal));
	}
}

#else

void counters_open(void) {}

void counters_write(FILE *record) { (void)record; }

void counters_describe(FILE *out) { fprintf(out, "no_counters=only Linux's are read, with the kernel's headers\n"); }

#endif
