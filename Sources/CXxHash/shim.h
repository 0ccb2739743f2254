// Names the header of xxHash for the module map.
#ifndef SWITCHYARD_CXXHASH_SHIM_H
#define SWITCHYARD_CXXHASH_SHIM_H
#include <xxhash.h>
#endif
