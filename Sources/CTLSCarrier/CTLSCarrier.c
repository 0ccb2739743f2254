// A BIO over a socket, in C because OpenSSL calls it; in a file of its own, because a header that shows <sys/socket.h> to
// another module can take its names away from Glibc's.
#include "CTLSCarrier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/ssl.h>

struct switchyard_carrier *switchyard_carrier_make(int descriptor) {
    struct switchyard_carrier *carrier = (struct switchyard_carrier *)calloc(1, sizeof(*carrier));
    if (carrier) carrier->descriptor = descriptor;
    return carrier;
}

void switchyard_carrier_free(struct switchyard_carrier *carrier) {
    free(carrier->early);
    free(carrier->waiting);
    free(carrier);
}

int switchyard_carrier_feed(struct switchyard_carrier *carrier, const void *bytes, size_t count) {
    unsigned char *grown = (unsigned char *)malloc(carrier->early_length - carrier->early_taken + count);
    if (!grown) return 0;
    size_t held = carrier->early_length - carrier->early_taken;
    if (held) memcpy(grown, carrier->early + carrier->early_taken, held);
    memcpy(grown + held, bytes, count);
    free(carrier->early);
    carrier->early = grown;
    carrier->early_taken = 0;
    carrier->early_length = held + count;
    return 1;
}

int switchyard_carrier_flush(struct switchyard_carrier *carrier) {
    while (carrier->waiting_sent < carrier->waiting_length) {
        ssize_t count = send(carrier->descriptor, carrier->waiting + carrier->waiting_sent,
                             carrier->waiting_length - carrier->waiting_sent, MSG_NOSIGNAL);
        if (count < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
            carrier->failure = errno;
            return -1;
        }
        carrier->waiting_sent += (size_t)count;
    }
    free(carrier->waiting);
    carrier->waiting = NULL;
    carrier->waiting_length = carrier->waiting_sent = carrier->waiting_capacity = 0;
    return 1;
}

int switchyard_carrier_waits(const struct switchyard_carrier *carrier) {
    return carrier->waiting_sent < carrier->waiting_length;
}

static int switchyard_carrier_keep(struct switchyard_carrier *carrier, const void *bytes, size_t count) {
    if (carrier->waiting_capacity - carrier->waiting_length < count) {
        size_t wanted = carrier->waiting_length + count;
        size_t capacity = carrier->corked && wanted < 70000 ? 70000 : wanted + wanted / 2;
        unsigned char *grown = (unsigned char *)realloc(carrier->waiting, capacity);
        if (!grown) return 0;
        carrier->waiting = grown;
        carrier->waiting_capacity = capacity;
    }
    memcpy(carrier->waiting + carrier->waiting_length, bytes, count);
    carrier->waiting_length += count;
    return 1;
}

// Ends the connection of a peer that keeps TLS busy with itself. OpenSSL bounds neither the updates of keys that it takes
// within one read nor its answers to them, and this carrier takes whatever it writes.
static void switchyard_message_seen(const SSL *ssl, int where, int value) {
    (void)value;
    BIO *bio = SSL_get_rbio(ssl);
    struct switchyard_carrier *carrier = bio ? (struct switchyard_carrier *)BIO_get_data(bio) : NULL;
    if (!carrier || !carrier->messages_maximum || !(where & (SSL_CB_LOOP | SSL_CB_ALERT))) return;
    if (carrier->messages < carrier->messages_maximum)
        carrier->messages++;
    else
        carrier->failure = EPROTO;
}

static int switchyard_carrier_write(BIO *bio, const char *bytes, size_t count, size_t *written) {
    struct switchyard_carrier *carrier = (struct switchyard_carrier *)BIO_get_data(bio);
    size_t sent = 0;
    BIO_clear_retry_flags(bio);
    if (carrier->failure) return 0;
    if (!carrier->corked && !switchyard_carrier_waits(carrier)) {
        while (sent < count) {
            ssize_t taken = send(carrier->descriptor, bytes + sent, count - sent, MSG_NOSIGNAL);
            if (taken >= 0) {
                sent += (size_t)taken;
                continue;
            }
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK) break;
            carrier->failure = errno;
            return 0;
        }
    }
    if (sent < count && !switchyard_carrier_keep(carrier, bytes + sent, count - sent)) {
        carrier->failure = ENOMEM;
        return 0;
    }
    *written = count;
    return 1;
}

static int switchyard_carrier_read(BIO *bio, char *target, size_t count, size_t *got) {
    struct switchyard_carrier *carrier = (struct switchyard_carrier *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (carrier->failure) return 0;
    if (carrier->early) {
        size_t held = carrier->early_length - carrier->early_taken;
        size_t taken = held < count ? held : count;
        memcpy(target, carrier->early + carrier->early_taken, taken);
        carrier->early_taken += taken;
        if (taken == held) {
            free(carrier->early);
            carrier->early = NULL;
            carrier->early_length = carrier->early_taken = 0;
        }
        *got = taken;
        return 1;
    }
    if (carrier->drained) {
        BIO_set_retry_read(bio);
        return 0;
    }
    for (;;) {
        ssize_t taken = recv(carrier->descriptor, target, count, 0);
        if (taken > 0) {
            if ((size_t)taken < count && !carrier->finished) carrier->drained = 1;
            *got = (size_t)taken;
            return 1;
        }
        if (taken == 0) {
            BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
            return 0;
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            carrier->drained = 1;
            BIO_set_retry_read(bio);
        } else {
            carrier->failure = errno;
        }
        return 0;
    }
}

static long switchyard_carrier_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default: return 0;
    }
}

void *switchyard_carrier_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "switchyard");
    if (!method) return NULL;
    BIO_meth_set_write_ex(method, switchyard_carrier_write);
    BIO_meth_set_read_ex(method, switchyard_carrier_read);
    BIO_meth_set_ctrl(method, switchyard_carrier_control);
    return method;
}

int switchyard_attach(void *ssl, void *method, struct switchyard_carrier *carrier) {
    BIO *bio = BIO_new((BIO_METHOD *)method);
    if (!bio) return 0;
    BIO_set_data(bio, carrier);
    BIO_set_init(bio, 1);
    SSL_set_bio((SSL *)ssl, bio, bio);
    SSL_set_info_callback((SSL *)ssl, switchyard_message_seen);
    return 1;
}
