/*
 * The clock at which the processor runs, and the processor's own counters over a command: what capture.c needs of
 * counters.c.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdio.h>

/* Return the clock in Hz, measured on the CPU that we are pinned to from now on; 0 where it cannot be measured. */
double clock_hz(void);

/* Open the counters for the next command that a child of ours executes, and for its descendants. */
void counters_open(void);

/* Write the counts of the command that has ended, as NAME=VALUE lines; nothing where there are no counters. */
void counters_write(FILE *record);

/* Write what can be counted here, as NAME=VALUE lines: counters=NAMES and counted=WHERE, or no_counters=REASON. */
void counters_describe(FILE *out);

#endif
