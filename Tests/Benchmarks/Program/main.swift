// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Each benchmark by the word that starts it.
let benchmarks: [(name: String, summary: String, run: () async throws -> Void)] = [
    ("cds", "200 calls of a CDS service a second, own time and the caller's", CDSBenchmark.run),
    ("embedded", "publish durably with 64 publishers, beside SQLite's C API", EmbeddedBenchmark.run),
    ("json", "parse and write a FHIR-like bundle, beside JSONSerialization", JSONBenchmark.run),
    ("publisher", "publish to RabbitMQ with 64 publishers, beside a C program on librabbitmq", PublisherBenchmark.run),
    ("updates", "carry updates to an Ocean that answers after 20 ms, 64 at once", UpdatesBenchmark.run),
]

if CommandLine.arguments.count == 3, CommandLine.arguments[1] == SlowOcean.word {
    try await SlowOcean.serve(portFile: CommandLine.arguments[2])
}

if CommandLine.arguments.count == 2, let chosen = benchmarks.first(where: { $0.name == CommandLine.arguments[1] }) {
    try await chosen.run()
} else {
    print("usage: ocean-bridge-benchmarks BENCHMARK")
    for benchmark in benchmarks { print("  \(benchmark.name): \(benchmark.summary)") }
}
