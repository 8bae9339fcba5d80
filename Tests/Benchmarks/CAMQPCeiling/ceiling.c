// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE
#include "ceiling.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static int64_t clock_nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare(const void *left, const void *right) {
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return a < b ? -1 : a > b;
}

static int ok(amqp_rpc_reply_t reply) { return reply.reply_type == AMQP_RESPONSE_NORMAL ? 0 : -1000; }

static int run(amqp_connection_state_t state, const char *queue, const void *body, size_t body_size,
               const ceiling_header *headers, int header_count, int count, int window, int64_t *started,
               int64_t *latency) {
  amqp_table_entry_t entries[64];
  if (header_count > 64) header_count = 64;
  for (int index = 0; index < header_count; index++) {
    entries[index].key = amqp_cstring_bytes(headers[index].name);
    entries[index].value.kind = AMQP_FIELD_KIND_UTF8;
    entries[index].value.value.bytes = amqp_cstring_bytes(headers[index].value);
  }
  amqp_basic_properties_t properties;
  memset(&properties, 0, sizeof properties);
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG |
                      AMQP_BASIC_MESSAGE_ID_FLAG;
  properties.delivery_mode = 2;
  properties.content_type = amqp_cstring_bytes("application/json");
  properties.message_id = amqp_cstring_bytes("message-1");
  properties.headers.num_entries = header_count;
  properties.headers.entries = entries;
  amqp_bytes_t bytes = {body_size, (void *)body};
  struct timeval zero = {0, 0}, second = {5, 0};
  int sent = 0, confirmed = 0;
  while (confirmed < count) {
    while (sent < count && sent - confirmed < window) {
      started[sent] = clock_nanoseconds(CLOCK_MONOTONIC);
      int status = amqp_basic_publish(state, 1, amqp_empty_bytes, amqp_cstring_bytes(queue), 1, 0, &properties, bytes);
      if (status != AMQP_STATUS_OK) return status;
      sent++;
    }
    int wait = 1;
    for (;;) {
      amqp_frame_t frame;
      int status = amqp_simple_wait_frame_noblock(state, &frame, wait ? &second : &zero);
      if (status == AMQP_STATUS_TIMEOUT) {
        if (wait) return status;
        break;
      }
      if (status != AMQP_STATUS_OK) return status;
      wait = 0;
      if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) return -1001;
      amqp_basic_ack_t *ack = frame.payload.method.decoded;
      int64_t now = clock_nanoseconds(CLOCK_MONOTONIC);
      // Confirms of one queue come in order, so a single ack moves the mark by one.
      int last = ack->multiple ? (int)ack->delivery_tag : confirmed + 1;
      for (; confirmed < last; confirmed++) latency[confirmed] = now - started[confirmed];
    }
    amqp_maybe_release_buffers(state);
  }
  return 0;
}

int ceiling_publish(const char *host, int port, const char *vhost, const char *user, const char *password,
                    const char *queue, const void *body, size_t body_size, const ceiling_header *headers,
                    int header_count, int count, int window, ceiling_result *result) {
  amqp_connection_state_t state = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(state);
  int status = amqp_socket_open(socket, host, port);
  if (status == AMQP_STATUS_OK) {
    status = ok(amqp_login(state, vhost, 0, 131072, 30, AMQP_SASL_METHOD_PLAIN, user, password));
  }
  if (status == AMQP_STATUS_OK) {
    amqp_channel_open(state, 1);
    status = ok(amqp_get_rpc_reply(state));
  }
  if (status == AMQP_STATUS_OK) {
    amqp_confirm_select(state, 1);
    status = ok(amqp_get_rpc_reply(state));
  }
  if (status == AMQP_STATUS_OK) {
    int64_t *times = malloc(2 * (size_t)count * sizeof(int64_t));
    if (times == NULL) {
      status = AMQP_STATUS_NO_MEMORY;
    } else {
      int64_t start = clock_nanoseconds(CLOCK_MONOTONIC), cpu = clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
      status = run(state, queue, body, body_size, headers, header_count, count, window, times, times + count);
      result->seconds = (double)(clock_nanoseconds(CLOCK_MONOTONIC) - start) / 1e9;
      result->cpu_nanoseconds = clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
      qsort(times + count, (size_t)count, sizeof(int64_t), compare);
      result->p50 = times[count + count / 2];
      result->p99 = times[count + (int)((double)count * 0.99)];
      free(times);
    }
  }
  if (status == AMQP_STATUS_OK) amqp_connection_close(state, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(state);
  return status;
}
