// Names the header of Zstandard for the module map.
#ifndef SWITCHYARD_CZSTD_SHIM_H
#define SWITCHYARD_CZSTD_SHIM_H
#include <zstd.h>
#endif
