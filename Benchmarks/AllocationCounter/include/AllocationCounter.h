// Counts heap allocations: malloc and its relatives, wrapped for the whole program that links this.
#ifndef SWITCHYARD_ALLOCATION_COUNTER_H
#define SWITCHYARD_ALLOCATION_COUNTER_H

#include <stdint.h>

/// Allocations that the calling thread has made since it started; a reallocation counts as one.
uint64_t switchyard_allocation_count(void);

#endif
