// The part of zlib that Compression uses; its initialisers are macros, which Swift cannot import.
#ifndef SWITCHYARD_CZLIB_SHIM_H
#define SWITCHYARD_CZLIB_SHIM_H
#include <zlib.h>

static inline int switchyard_inflate_init(z_stream *stream) { return inflateInit(stream); }
static inline int switchyard_deflate_init(z_stream *stream, int level) { return deflateInit(stream, level); }

#endif
