// Names the headers of MariaDB Connector/C for the module map; the search path comes from pkg-config.
#ifndef SWITCHYARD_CMYSQL_SHIM_H
#define SWITCHYARD_CMYSQL_SHIM_H
#include <mysql.h>
#include <errmsg.h>
#endif
