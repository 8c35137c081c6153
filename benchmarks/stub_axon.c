/* stub_axon: a tiny single-threaded epoll HTTP/1.1 server that answers any POST
 * the way a bittensor 10.5.0 Axon with an identity forward function does:
 *   - echoes the request headers name, timeout, bt_header_*, header_size,
 *     total_size, computed_body_hash;
 *   - adds bt_header_axon_status_code/status_message/process_time;
 *   - echoes the JSON body with body.axon.status_* filled in (if the request body has no
 *     "axon" object, the envelope a real Axon would serialise is put in front).
 * It verifies nothing: check.py does that on captured requests.
 *
 * usage: stub_axon [-p PORT] [-d DELAY_MS] [-c] [-x PCT]
 *   -p   listen on PORT of all of 127.0.0.0/8; 0 (the default) takes a free one.
 *        The first line of stdout is "ready PORT".
 *   -d   answer each request DELAY_MS after its last byte came (a FIFO timer)
 *   -c   close the connection after each answer (Connection: close)
 *   -x   PCT percent of the requests (by arrival) are never answered (black holes)
 * control (any method): /__stats /__reset /__capture  (/__capture = sampled raw requests,
 *   each preceded by a line with its length); late_us in /__stats is the most that a
 *   delayed answer left after it was due
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct conn {
  int fd, busy, want_out, dead, closing;
  char *in; size_t in_len, in_cap;
  char *out; size_t out_len, out_off, out_cap;
  struct conn *q_next; long long due; int queued;
} conn;

static int ep, delay_ms, close_mode, blackhole_pct;
static long long n_req, n_conn, n_open, max_open, b_in, b_out, n_hole, late_us;
static conn *q_head, *q_tail;
#define CAPN 64
#define CAPMAX (1 << 16)
static char *cap[CAPN]; static size_t cap_len[CAPN]; static int cap_n;

static long long now_us(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000LL + t.tv_nsec / 1000; }

static void out_add(conn *c, const void *p, size_t n) {
  if (c->out_len + n > c->out_cap) {
    size_t cp = c->out_cap ? c->out_cap : 4096;
    while (cp < c->out_len + n) cp *= 2;
    c->out = realloc(c->out, cp); c->out_cap = cp;
  }
  memcpy(c->out + c->out_len, p, n); c->out_len += n;
}
static void conn_free(conn *c) {
  if (c->fd >= 0) { close(c->fd); c->fd = -1; n_open--; }
  c->dead = 1;
  if (!c->queued) { free(c->in); free(c->out); free(c); }
}
static int flush_out(conn *c) { /* 0 ok, -1 dead */
  while (c->out_off < c->out_len) {
    ssize_t w = send(c->fd, c->out + c->out_off, c->out_len - c->out_off, MSG_NOSIGNAL);
    if (w < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (!c->want_out) { struct epoll_event e = {EPOLLIN | EPOLLOUT, {.ptr = c}}; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); c->want_out = 1; }
        return 0;
      }
      return -1;
    }
    c->out_off += w; b_out += w;
  }
  c->out_len = c->out_off = 0;
  if (c->out_cap > 65536) { free(c->out); c->out = 0; c->out_cap = 0; }
  if (c->want_out) { struct epoll_event e = {EPOLLIN, {.ptr = c}}; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); c->want_out = 0; }
  if (c->closing) return -1;
  return 0;
}
static void text_answer(conn *c, const char *b, size_t n) {
  char h[160]; int k = snprintf(h, sizeof h, "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %zu\r\n\r\n", n);
  out_add(c, h, k); out_add(c, b, n);
}
static int echoed(const char *l, size_t n) {
#define P(s) (n > sizeof(s) - 1 && !strncasecmp(l, s, sizeof(s) - 1))
  if (P("bt_header_")) return !P("bt_header_axon_status_") && !P("bt_header_axon_process_time");
  return P("name:") || P("timeout:") || P("header_size:") || P("total_size:") || P("computed_body_hash:");
}
static void answer(conn *c, char *head, size_t hl, char *body, size_t bl) {
  if (hl > 8) {
    char *sp = memchr(head, ' ', 8);
    if (sp && !memcmp(sp + 1, "/__", 3)) {
      if (!memcmp(sp + 4, "stats", 5)) {
        struct rusage ru; getrusage(RUSAGE_SELF, &ru); char b[512];
        int k = snprintf(b, sizeof b, "{\"requests\":%lld,\"connections\":%lld,\"open\":%lld,\"max_open\":%lld,\"bytes_in\":%lld,\"bytes_out\":%lld,\"blackholed\":%lld,\"late_us\":%lld,\"cpu_s\":%.6f}", n_req, n_conn, n_open, max_open, b_in, b_out, n_hole, late_us,
          ru.ru_utime.tv_sec + ru.ru_stime.tv_sec + (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6);
        text_answer(c, b, k);
      } else if (!memcmp(sp + 4, "reset", 5)) {
        n_req = n_conn = b_in = b_out = n_hole = late_us = 0; max_open = n_open;
        for (int i = 0; i < cap_n; i++) free(cap[i]);
        cap_n = 0; text_answer(c, "ok", 2);
      } else {
        size_t t = 0; for (int i = 0; i < cap_n; i++) t += cap_len[i] + 16;
        char *b = malloc(t + 1); size_t o = 0;
        for (int i = 0; i < cap_n; i++) { o += sprintf(b + o, "%zu\n", cap_len[i]); memcpy(b + o, cap[i], cap_len[i]); o += cap_len[i]; }
        text_answer(c, b, o); free(b);
      }
      return;
    }
  }
  n_req++;
  if (cap_n < CAPN && (n_req < 33 || n_req % 61 == 0)) {
    size_t t = hl + bl; if (t > CAPMAX) t = CAPMAX;
    cap[cap_n] = malloc(t); size_t a = hl < t ? hl : t;
    memcpy(cap[cap_n], head, a); memcpy(cap[cap_n] + a, body, t - a); cap_len[cap_n++] = t;
  }
  if (blackhole_pct && (n_req * 7919) % 100 < blackhole_pct) { n_hole++; return; }
  /* body parts */
  const char *p1 = body, *p2 = 0; size_t l1 = bl, l2 = 0; char pre[512]; int pl = 0;
  static const char AX[] = "\"status_code\":200,\"status_message\":\"Success\",\"process_time\":0.00003";
  size_t look = bl < 8192 ? bl : 8192; /* the envelope is at the front of the body (or at its end) */
  char *a = memmem(body, look, "\"axon\"", 6);
  if (!a && bl > look) a = memmem(body + bl - look, look, "\"axon\"", 6);
  char *s = a ? memmem(a, (size_t)(body + bl - a) < 64 ? (size_t)(body + bl - a) : 64, "\"status_code\"", 13) : 0;
  char *e = s ? memmem(s, (size_t)(body + bl - s) < 160 ? (size_t)(body + bl - s) : 160, "\"process_time\"", 14) : 0;
  if (e) { char *q = e + 14; while (q < body + bl && *q != ',' && *q != '}') q++;
    l1 = s - body; p2 = q; l2 = body + bl - q; pl = sizeof(AX) - 1; memcpy(pre, AX, pl); }
  else if (!a && bl > 1 && body[0] == '{') {
    pl = snprintf(pre, sizeof pre, "{\"name\":null,\"timeout\":12.0,\"total_size\":0,\"header_size\":0,\"dendrite\":{\"status_code\":null,\"status_message\":null,\"process_time\":null,\"ip\":null,\"port\":null,\"version\":null,\"nonce\":null,\"uuid\":null,\"hotkey\":null,\"signature\":null},\"axon\":{%s,\"ip\":null,\"port\":null,\"version\":null,\"nonce\":null,\"uuid\":null,\"hotkey\":null,\"signature\":null},\"computed_body_hash\":\"\"%s", AX, bl > 2 ? "," : "");
    l1 = 0; p2 = body + 1; l2 = bl - 1;
  }
  char h[256];
  int k = snprintf(h, sizeof h, "HTTP/1.1 200 OK\r\nserver: stub\r\n%scontent-length: %zu\r\ncontent-type: application/json\r\nbt_header_axon_status_code: 200\r\nbt_header_axon_status_message: Success\r\nbt_header_axon_process_time: 0.00003\r\n", close_mode ? "connection: close\r\n" : "", l1 + pl + l2);
  out_add(c, h, k);
  char *l = memchr(head, '\n', hl), *end = head + hl - 2;
  while (l && ++l < end) { char *n = memchr(l, '\n', end - l + 2); if (!n) break; if (echoed(l, n - l)) out_add(c, l, n - l + 1); l = n; }
  out_add(c, "\r\n", 2); out_add(c, p1, l1); if (pl) out_add(c, pre, pl); if (l2) out_add(c, p2, l2);
  if (close_mode) c->closing = 1;
}
static size_t need(conn *c, size_t *hl, size_t *bl) { /* total bytes of the first request, 0 = unknown */
  char *e = memmem(c->in, c->in_len, "\r\n\r\n", 4);
  if (!e) return 0;
  *hl = e + 4 - c->in; *bl = 0;
  for (char *l = memchr(c->in, '\n', *hl); l && l < e; l = memchr(l + 1, '\n', e - l + 2))
    if (!strncasecmp(l + 1, "content-length:", 15)) { *bl = strtoull(l + 16, 0, 10); break; }
    else if (!strncasecmp(l + 1, "expect:", 7)) send(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
  return *hl + *bl;
}
static int process(conn *c) { /* answer every complete request; 0 ok, -1 dead */
  size_t hl, bl, t;
  while (c->in_len && (t = need(c, &hl, &bl)) && c->in_len >= t) {
    answer(c, c->in, hl, c->in + hl, bl);
    memmove(c->in, c->in + t, c->in_len - t); c->in_len -= t;
  }
  return flush_out(c);
}
static int on_in(conn *c) {
  for (;;) {
    size_t want = 8192, hl, bl, t;
    if (c->in_len && (t = need(c, &hl, &bl)) > c->in_len) want = t - c->in_len > 8192 ? t - c->in_len : 8192;
    if (c->in_len + want > c->in_cap) { c->in_cap = c->in_len + want; c->in = realloc(c->in, c->in_cap); }
    ssize_t r = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
    if (r == 0) return -1;
    if (r < 0) { if (errno == EAGAIN || errno == EWOULDBLOCK) break; return -1; }
    b_in += r; c->in_len += r;
    if (c->in_len < c->in_cap) break; /* short read: drained */
  }
  size_t hl, bl, t;
  if (!c->in_len || !(t = need(c, &hl, &bl)) || c->in_len < t) return 0;
  if (delay_ms && !(hl > 16 && memmem(c->in, 16, "/__", 3))) {
    if (!c->queued) { c->queued = 1; c->due = now_us() + delay_ms * 1000LL; c->q_next = 0; if (q_tail) q_tail->q_next = c; else q_head = c; q_tail = c; }
    return 0;
  }
  int rc = process(c);
  if (c->in_cap > 65536 && !c->in_len) { free(c->in); c->in = 0; c->in_cap = 0; }
  return rc;
}
int main(int argc, char **argv) {
  int port = 0, o;
  while ((o = getopt(argc, argv, "p:d:cx:")) != -1) { if (o == 'p') port = atoi(optarg); else if (o == 'd') delay_ms = atoi(optarg); else if (o == 'c') close_mode = 1; else if (o == 'x') blackhole_pct = atoi(optarg); else return 2; }
  signal(SIGPIPE, SIG_IGN);
  struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
  int ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(ls, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3); /* best effort; peers are checked below anyway */
  struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_ANY)}}; /* all of 127.0.0.0/8 */
  if (bind(ls, (void *)&sa, sizeof sa) || listen(ls, 65535)) { perror("bind"); return 1; }
  socklen_t sal = sizeof sa; getsockname(ls, (void *)&sa, &sal); port = ntohs(sa.sin_port);
  ep = epoll_create1(0);
  struct epoll_event e = {EPOLLIN, {.ptr = 0}}, ev[512]; epoll_ctl(ep, EPOLL_CTL_ADD, ls, &e);
  fprintf(stdout, "ready %d\n", port); fflush(stdout);
  for (;;) {
    int tmo = -1;
    if (q_head) { long long w = q_head->due - now_us(); tmo = w <= 0 ? 0 : (int)((w + 999) / 1000); }
    int n = epoll_wait(ep, ev, 512, tmo);
    for (int i = 0; i < n; i++) {
      conn *c = ev[i].data.ptr;
      if (!c) {
        for (int k = 0; k < 256; k++) {
          struct sockaddr_in pa; socklen_t pl = sizeof pa;
          int fd = accept4(ls, (void *)&pa, &pl, SOCK_NONBLOCK);
          if (fd < 0) break;
          if ((ntohl(pa.sin_addr.s_addr) >> 24) != 127) { close(fd); continue; } /* loopback peers only */
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          c = calloc(1, sizeof *c); c->fd = fd; n_conn++; if (++n_open > max_open) max_open = n_open;
          struct epoll_event e2 = {EPOLLIN, {.ptr = c}}; epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e2);
        }
        continue;
      }
      if (c->dead) continue;
      int rc = 0;
      if (ev[i].events & EPOLLOUT) rc = flush_out(c);
      if (rc == 0 && ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) rc = on_in(c);
      if (rc < 0) conn_free(c);
    }
    if (q_head) {
      long long t = now_us();
      while (q_head && q_head->due <= t) {
        conn *c = q_head; q_head = c->q_next; if (!q_head) q_tail = 0; c->queued = 0;
        if (c->dead) { conn_free(c); continue; }
        if (now_us() - c->due > late_us) late_us = now_us() - c->due;
        if (process(c) < 0) conn_free(c);
      }
    }
  }
}
