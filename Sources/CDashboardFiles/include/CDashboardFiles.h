#ifndef SWITCHYARD_CDASHBOARDFILES_H
#define SWITCHYARD_CDASHBOARDFILES_H

#include <stddef.h>

// A file that is compiled in.
struct switchyard_dashboard_file {
    // As in Sources/Dashboard/Resources.
    const char *path;
    const unsigned char *bytes;
    size_t count;
};

// The files one after the other; one without a path comes last.
const struct switchyard_dashboard_file *switchyard_dashboard_files(void);

#endif
