"""A client of the MySQL protocol with what the memory measurements need: log in, send a query, read at any pace."""

import hashlib
import socket
import struct

LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41 = 1, 8, 0x200
TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH = 0x2000, 0x8000, 0x80000
CAPABILITIES = LONG_PASSWORD | CONNECT_WITH_DB | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH
UTF8MB4 = 45
COM_QUERY = 3
READ_AHEAD = 1 << 16


def scramble(password, salt):
    """The reply of mysql_native_password."""
    once = hashlib.sha1(password.encode()).digest()
    twice = hashlib.sha1(once).digest()
    mask = hashlib.sha1(salt + twice).digest()
    return bytes(a ^ b for a, b in zip(once, mask))


class Client:
    """A logged-in session. `receive_buffer` limits what the kernel takes on behalf of a client that does not read."""

    def __init__(self, port, user, password, schema, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(60)
        self.socket.connect(("127.0.0.1", port))
        self.received = bytearray()
        self._log_in(user, password, schema)

    def _log_in(self, user, password, schema):
        sequence, greeting = self._read_packet()
        self._raise_if_error(greeting)
        after_version = greeting.index(b"\0", 1) + 1
        salt = greeting[after_version + 4 : after_version + 12] + greeting[after_version + 31 : after_version + 43]
        reply = scramble(password, salt)
        response = struct.pack("<IIB23x", CAPABILITIES, 1 << 24, UTF8MB4) + user.encode() + b"\0"
        response += bytes([len(reply)]) + reply + schema.encode() + b"\0mysql_native_password\0"
        self._write_packet(sequence + 1, response)
        sequence, answer = self._read_packet()
        if answer[0] == 0xFE:
            plugin, _, salt = answer[1:].partition(b"\0")
            if plugin != b"mysql_native_password":
                raise RuntimeError(f"asked for {plugin.decode()}, which this client does not speak")
            self._write_packet(sequence + 1, scramble(password, salt[:20]))
            sequence, answer = self._read_packet()
        self._raise_if_error(answer)

    def send_query(self, text):
        self._write_packet(0, bytes([COM_QUERY]) + text.encode())

    def query_is_answered(self, text):
        """Runs a query with one small result set and reads all of it."""
        self.send_query(text)
        ends = 0
        while ends < 2:
            _, packet = self._read_packet()
            self._raise_if_error(packet)
            ends += packet[0] == 0xFE and len(packet) < 9

    def statement_is_done(self, text):
        """Runs a statement without a result set."""
        self.send_query(text)
        self._raise_if_error(self._read_packet()[1])

    def is_open(self):
        """Whether the connection of a client that waits for nothing is still there."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except ConnectionError:
            pass
        return False

    def close(self):
        self.socket.close()

    def _write_packet(self, sequence, payload):
        self.socket.sendall(struct.pack("<I", len(payload))[:3] + bytes([sequence]) + payload)

    def _read_packet(self):
        header = self._read_exactly(4)
        return header[3], self._read_exactly(int.from_bytes(header[:3], "little"))

    def _read_exactly(self, count):
        while len(self.received) < count:
            part = self.socket.recv(max(READ_AHEAD, count - len(self.received)))
            if not part:
                raise RuntimeError("the server closed the connection")
            self.received += part
        taken = bytes(self.received[:count])
        del self.received[:count]
        return taken

    @staticmethod
    def _raise_if_error(packet):
        if packet[:1] == b"\xff":
            raise RuntimeError(f"error {int.from_bytes(packet[1:3], 'little')}: {packet[3:].decode(errors='replace')}")
