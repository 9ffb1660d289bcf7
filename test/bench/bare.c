/* bare FILE COUNT: posix_spawn and wait4 of the words in FILE (one a line; the first is a path), COUNT times, and nothing
 * else: prints real seconds and CPU seconds of each.  What a capture's times are set beside. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv) {
	static char line[20000], *words[4000];
	size_t count = 0;
	FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;
	if (file == NULL) return 1;
	while (count < 3999 && fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		words[count++] = strdup(line);
	}
	for (int left = atoi(argv[2]); left > 0; left--) {
		pid_t pid;
		int status;
		struct rusage used;
		double start = now();
		if (posix_spawn(&pid, words[0], NULL, NULL, words, environ) != 0) return 1;
		wait4(pid, &status, 0, &used);
		double real = now() - start;
		printf("%.6f %.6f\n", real, seconds(used.ru_utime) + seconds(used.ru_stime));
	}
	return 0;
}
