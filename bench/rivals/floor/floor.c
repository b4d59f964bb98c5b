// The floor shows the kernel's share of the two jobs of bench/echo: it does as little as possible in user space. It has one
// thread and one epoll instance, and does no WebSocket work: it reads a frame's length, removes the mask key, and sends the
// payload on as it came, masked. No correct server can be expected to need less.
//
// To stay small it accepts only requests that arrive in one read, and frames up to a read's size.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sha1.h"

enum {
	READ_BYTES = 64 << 10,
	BATCH = 256,               // one epoll_wait reports at most so many sockets
	MAX_SOCKETS = 1 << 17,    // indexed by descriptor
	PENDING_BYTES = 32 << 20,  // more than the broadcasts of one batch with a full read of every socket
	BACKLOG = 4096,
};

struct bytes {
	unsigned char *at;
	size_t length;
};

static struct socket {
	int open;         // the handshake is over
	int index;        // in members
	struct bytes in;  // the beginning of a frame, from the last read
	struct bytes out; // bytes that the socket did not take
} sockets[MAX_SOCKETS];

static int poller, broadcast;
static int members[MAX_SOCKETS], member_count;
static unsigned char input[2 * READ_BYTES], pending[PENDING_BYTES];
static size_t pending_length;

static void die(const char *call) {
	perror(call);
	exit(1);
}

static void append(struct bytes *b, const unsigned char *from, size_t length) {
	if (length == 0)
		return;
	b->at = realloc(b->at, b->length + length);
	if (!b->at)
		die("realloc");
	memcpy(b->at + b->length, from, length);
	b->length += length;
}

static void release(struct bytes *b) {
	free(b->at);
	b->at = NULL;
	b->length = 0;
}

static void watch(int fd, int how, unsigned events) {
	struct epoll_event e = {.events = events, .data.fd = fd};
	if (epoll_ctl(poller, how, fd, &e) < 0)
		die("epoll_ctl");
}

static void leave(int fd) {
	struct socket *s = &sockets[fd];
	if (s->open) {
		int last = members[--member_count];
		members[s->index] = last;
		sockets[last].index = s->index;
	}
	s->open = 0;
	release(&s->in);
	release(&s->out);
	close(fd);
}

static void transmit(int fd, const unsigned char *from, size_t length) {
	struct socket *s = &sockets[fd];
	if (s->out.length == 0) {
		ssize_t n = send(fd, from, length, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return; // the next read finds the error
		from += n < 0 ? 0 : n;
		length -= n < 0 ? 0 : (size_t)n;
		if (length > 0)
			watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
	}
	append(&s->out, from, length);
}

static void resume(int fd) {
	struct bytes rest = sockets[fd].out;
	sockets[fd].out = (struct bytes){0};
	watch(fd, EPOLL_CTL_MOD, EPOLLIN);
	if (rest.length > 0)
		transmit(fd, rest.at, rest.length);
	free(rest.at);
}

// handshake answers a request and returns its length, or 0 if it is incomplete or has no key.
static size_t handshake(int fd, unsigned char *head, size_t length) {
	static const char name[] = "\r\nsec-websocket-key:", guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	enum { KEY_CHARS = 24 };
	unsigned char text[KEY_CHARS + sizeof guid], digest[DIGEST_BYTES], *key, *end;
	head[length] = 0; // the buffer is longer than a read
	end = memmem(head, length, "\r\n\r\n", 4);
	key = (unsigned char *)strcasestr((char *)head, name);
	if (!end || !key || key > end)
		return 0;
	for (key += sizeof name - 1; *key == ' '; key++)
		;
	memcpy(text, key, KEY_CHARS);
	memcpy(text + KEY_CHARS, guid, sizeof guid - 1);
	sha1_short(text, KEY_CHARS + sizeof guid - 1, digest);
	char accept[ACCEPT_CHARS + 1] = {0}, answer[256];
	base64_digest(digest, accept);
	int n = snprintf(answer, sizeof answer,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\n\r\n", accept);
	transmit(fd, (unsigned char *)answer, (size_t)n);
	sockets[fd].open = 1;
	sockets[fd].index = member_count;
	members[member_count++] = fd;
	return (size_t)(end + 4 - head);
}

// unmasked_frames turns the masked frames in b into unmasked ones, in place, and returns their length. used is the number of
// bytes of b that they had. Their payload stays as it is.
static size_t unmasked_frames(unsigned char *b, size_t length, size_t *used) {
	size_t out = 0, at = 0;
	while (length - at >= 6) {
		size_t header = 2, payload = b[at + 1] & 127;
		if (payload == 126)
			header = 4, payload = (size_t)b[at + 2] << 8 | b[at + 3];
		else if (payload == 127)
			header = 10, payload = (size_t)b[at + 7] << 16 | (size_t)b[at + 8] << 8 | b[at + 9];
		if (length - at < header + 4 + payload)
			break;
		memmove(b + out, b + at, header);
		b[out + 1] &= 127;
		memmove(b + out + header, b + at + header + 4, payload);
		out += header + payload;
		at += header + 4 + payload;
	}
	*used = at;
	return out;
}

static void receive(int fd) {
	struct socket *s = &sockets[fd];
	size_t had = s->in.length, used = 0;
	memcpy(input, s->in.at ? s->in.at : input, had);
	ssize_t n = recv(fd, input + had, READ_BYTES - 1 > had ? READ_BYTES - 1 - had : 0, 0);
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			leave(fd);
		return;
	}
	release(&s->in);
	unsigned char *b = input;
	size_t length = had + (size_t)n;
	if (!s->open) {
		size_t head = handshake(fd, b, length);
		b += head, length -= head;
	}
	if (length == 0)
		return;
	if (!s->open || (b[0] & 15) == 8) { // an invalid request, or a close frame
		leave(fd);
		return;
	}
	size_t out = unmasked_frames(b, length, &used);
	append(&s->in, b + used, length - used);
	if (out == 0)
		return;
	if (!broadcast) {
		transmit(fd, b, out);
	} else if (pending_length + out <= PENDING_BYTES) {
		memcpy(pending + pending_length, b, out);
		pending_length += out;
	}
}

static void accept_all(int listener) {
	int fd, yes = 1;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (fd >= MAX_SOCKETS) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
		watch(fd, EPOLL_CTL_ADD, EPOLLIN);
	}
}

static int listen_on(const char *addr) {
	struct sockaddr_in to = {.sin_family = AF_INET};
	char host[64] = {0};
	unsigned port;
	int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sscanf(addr, "%63[^:]:%u", host, &port) != 2 || inet_pton(AF_INET, host, &to.sin_addr) != 1) {
		fprintf(stderr, "--addr must be an IPv4 address and a port, not %s\n", addr);
		exit(1);
	}
	to.sin_port = htons((uint16_t)port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to) < 0 || listen(fd, BACKLOG) < 0)
		die(addr);
	return fd;
}

static void loop(int listener) {
	struct epoll_event ready[BATCH];
	for (;;) {
		int n = epoll_wait(poller, ready, BATCH, -1);
		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;
			if (fd == listener) {
				accept_all(listener);
				continue;
			}
			if (ready[i].events & EPOLLOUT)
				resume(fd);
			if (ready[i].events & ~EPOLLOUT)
				receive(fd);
		}
		for (int i = 0; i < member_count && pending_length > 0; i++)
			transmit(members[i], pending, pending_length);
		pending_length = 0;
	}
}

int main(int argc, char **argv) {
	const char *addr = "127.0.0.1:9001";
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--broadcast") == 0)
			broadcast = 1;
		else if (strcmp(argv[i], "--addr") == 0 && i + 1 < argc)
			addr = argv[++i];
	}
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGPIPE, SIG_IGN);
	poller = epoll_create1(EPOLL_CLOEXEC);
	int listener = listen_on(addr);
	watch(listener, EPOLL_CTL_ADD, EPOLLIN);
	loop(listener);
}
