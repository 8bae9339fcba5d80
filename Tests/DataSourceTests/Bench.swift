// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Logging
import Synchronization
import Testing

@testable import DataSource

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Lines that a source has written.
final class LogBook: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func count(_ part: String) -> Int { all.count { $0.contains(part) } }

    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            book.lines.withLock { $0.append("\(event.level) \(event.message) \(values)") }
        }
    }
}

enum Files {
    /// Writes and gives the file a time of its own, so that two writes in one tick of the clock are told apart.
    static func write(_ text: String, to path: String, second: Int) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
        let time = timespec(tv_sec: 1_767_225_600 + second, tv_nsec: 0)
        var times = (time, time)
        let status = withUnsafePointer(to: &times) { pointer in
            pointer.withMemoryRebound(to: timespec.self, capacity: 2) { utimensat(AT_FDCWD, path, $0, 0) }
        }
        #expect(status == 0)
    }
}

extension DocumentSource {
    /// The document's text, or the code of the error.
    func outcome(_ parameters: [String: String] = [:], question: String = "q") async -> String {
        do throws(DataSourceError) {
            let reading = try await document(parameters, question: question)
            return String(decoding: reading.document.body, as: UTF8.self)
        } catch {
            return error.code.rawValue
        }
    }
}
