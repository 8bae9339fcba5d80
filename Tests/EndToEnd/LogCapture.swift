// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Keeps every log line with all its metadata, to be searched for what must not be there.
final class LogCapture: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    func handler() -> any LogHandler { Handler(capture: self) }

    fileprivate func add(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    private struct Handler: LogHandler {
        let capture: LogCapture
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            capture.add("\(event.level) \(event.message) \(all)")
        }
    }
}
