// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

switch CommandLine.arguments.dropFirst().first {
case "publisher": try await PublisherBenchmark.run()
default: print("usage: ocean-bridge-benchmarks publisher")
}
