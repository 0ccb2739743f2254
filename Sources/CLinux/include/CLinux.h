// What the Glibc overlay does not import: epoll, eventfd, accept4, two TCP options, a thread's name and the start of a process.
#ifndef SWITCHYARD_CLINUX_H
#define SWITCHYARD_CLINUX_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC. The declaration needs _GNU_SOURCE, which an imported header must not define;
/// and <sys/socket.h> included here would take its types from the Glibc module. `address` is a struct sockaddr.
int switchyard_accept(int listener, void *address, unsigned int *length);

/// Sets the options of a proxied TCP socket: no delay, keepalive after idle_seconds with three probes three
/// seconds apart, and TCP_USER_TIMEOUT (0 leaves the kernel's). Returns 0, or the errno of the first failure.
int switchyard_tune_tcp(int descriptor, int idle_seconds, unsigned int user_timeout_milliseconds);

/// Sets TCP_USER_TIMEOUT alone; 0 for the kernel's. Returns 0, or the errno.
int switchyard_set_user_timeout(int descriptor, unsigned int milliseconds);

/// recv, send with MSG_NOSIGNAL, and epoll_wait, as system calls: the C library's are points of cancellation, which costs each
/// of them work in a program with threads, and no thread of ours is cancelled. -1 and errno on failure.
long switchyard_receive(int descriptor, void *bytes, unsigned long count);
long switchyard_send(int descriptor, const void *bytes, unsigned long count);
int switchyard_epoll_wait(int readiness, struct epoll_event *events, int count, int timeout_milliseconds);

/// Starts the program at path, with usual signals and none of them blocked. Of the descriptors it gets 0, 1 and 2, and those
/// listed, as first, first + 1 and so on; all others are closed in it. Those listed must not be below first + count.
/// Arguments and environment end with NULL. Returns 0, or the errno; *process is its id.
int switchyard_spawn(const char *path, char *const *arguments, char *const *environment, const int *descriptors,
                     int count, int first, int *process);

/// Names the calling thread, as /proc and `top -H` show it; the kernel keeps 15 bytes.
void switchyard_name_thread(const char *name);

#endif
