#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int switchyard_accept(int listener, void *address, unsigned int *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static int set(int descriptor, int level, int name, unsigned int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value) == 0 ? 0 : errno;
}

int switchyard_tune_tcp(int descriptor, int idle_seconds, unsigned int user_timeout_milliseconds) {
    int failure = set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    if (failure == 0) failure = set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (failure == 0) failure = set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, (unsigned int)idle_seconds);
    if (failure == 0) failure = set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 3);
    if (failure == 0) failure = set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
    if (failure == 0 && user_timeout_milliseconds > 0)
        failure = set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_milliseconds);
    return failure;
}

int switchyard_set_user_timeout(int descriptor, unsigned int milliseconds) {
    return set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds);
}
