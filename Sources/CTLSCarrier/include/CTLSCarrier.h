#ifndef SWITCHYARD_CTLSCARRIER_H
#define SWITCHYARD_CTLSCARRIER_H

#include <stddef.h>

// What carries the bytes of one TLS connection. Reads come from what was read before TLS began, then from the socket;
// writes go to the socket, and what it does not take waits here, so that a write never blocks in the middle of a record.
struct switchyard_carrier {
    int descriptor;
    // The socket was read until it had no more; the next reading waits for the lane to say that there is.
    int drained;
    // The peer ended: a short read says nothing any more.
    int finished;
    // Records are gathered in `waiting`, to leave in one call.
    int corked;
    // The errno of a socket that failed, or EPROTO for a peer that talks to TLS only.
    int failure;
    // Messages of TLS itself since the handshake, and how many may be; not counted while that is 0.
    int messages, messages_maximum;
    unsigned char *early;
    size_t early_length, early_taken;
    unsigned char *waiting;
    size_t waiting_length, waiting_sent, waiting_capacity;
};

// A carrier over a connected socket, which stays the caller's; NULL without memory.
struct switchyard_carrier *switchyard_carrier_make(int descriptor);
void switchyard_carrier_free(struct switchyard_carrier *carrier);

// Bytes that belong to the stream and were read already. 0 when there is no memory for them.
int switchyard_carrier_feed(struct switchyard_carrier *carrier, const void *bytes, size_t count);

// Sends what waits. 1: nothing waits any more; 0: the socket takes no more now; -1: it failed.
int switchyard_carrier_flush(struct switchyard_carrier *carrier);

// Whether anything waits.
int switchyard_carrier_waits(const struct switchyard_carrier *carrier);

// The BIO_METHOD of all carriers; NULL without memory. Made once.
void *switchyard_carrier_method(void);

// Gives `ssl` (an SSL *) a BIO over `carrier`, which stays the caller's. 0 without memory.
int switchyard_attach(void *ssl, void *method, struct switchyard_carrier *carrier);

#endif
