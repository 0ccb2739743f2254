#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int switchyard_accept(int listener, void *address, unsigned int *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

long switchyard_receive(int descriptor, void *bytes, unsigned long count) {
    return syscall(SYS_recvfrom, descriptor, bytes, count, 0, NULL, NULL);
}

long switchyard_send(int descriptor, const void *bytes, unsigned long count) {
    return syscall(SYS_sendto, descriptor, bytes, count, MSG_NOSIGNAL, NULL, 0);
}

int switchyard_epoll_wait(int readiness, struct epoll_event *events, int count, int timeout_milliseconds) {
    // The older epoll_wait is not there on every architecture. A signal mask has eight bytes, also where there is none.
    return (int)syscall(SYS_epoll_pwait, readiness, events, count, timeout_milliseconds, NULL, 8L);
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

static int add_descriptors(posix_spawn_file_actions_t *actions, const int *descriptors, int count, int first) {
    int failure = 0;
    for (int index = 0; failure == 0 && index < count; index++)
        failure = posix_spawn_file_actions_adddup2(actions, descriptors[index], first + index);
    return failure != 0 ? failure : posix_spawn_file_actions_addclosefrom_np(actions, first + count);
}

static int set_signals(posix_spawnattr_t *attributes) {
    static const int caught[] = {SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2};
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (unsigned index = 0; index < sizeof caught / sizeof *caught; index++) sigaddset(&usual, caught[index]);
    int failure = posix_spawnattr_setsigmask(attributes, &none);
    if (failure == 0) failure = posix_spawnattr_setsigdefault(attributes, &usual);
    return failure != 0 ? failure
                        : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

int switchyard_spawn(const char *path, char *const *arguments, char *const *environment, const int *descriptors,
                     int count, int first, int *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) return failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure == 0) {
        failure = add_descriptors(&actions, descriptors, count, first);
        if (failure == 0) failure = set_signals(&attributes);
        if (failure == 0) failure = posix_spawn(process, path, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

void switchyard_name_thread(const char *name) { prctl(PR_SET_NAME, name); }
