// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

// What a C program on librabbitmq reaches: one connection, persistent, mandatory, confirmed, `window` in flight.
typedef struct {
  double seconds;
  // Publish to confirm, in nanoseconds.
  int64_t p50;
  int64_t p99;
  int64_t cpu_nanoseconds;
} ceiling_result;

// A header of the message, as text.
typedef struct {
  const char *name;
  const char *value;
} ceiling_header;

// Publishes `count` messages to `queue` through the default exchange. Returns 0, or a negative librabbitmq status.
int ceiling_publish(const char *host, int port, const char *vhost, const char *user, const char *password,
                    const char *queue, const void *body, size_t body_size, const ceiling_header *headers,
                    int header_count, int count, int window, ceiling_result *result);
