// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0
print("no benchmarks yet")
