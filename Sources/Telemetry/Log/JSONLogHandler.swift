// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging

/// A swift-log handler that writes one JSON object per line.
///
/// Members: `time` (RFC 3339, UTC), `level`, `logger`, `message`, then the metadata, flattened with dots and sorted by
/// name. A line is at most `LogLine.maximumBytes` long; what had to be cut is marked by `"truncated":true`.
package struct JSONLogHandler: LogHandler {
    /// The metadata name under which every part of the bridge logs the id of the message in hand.
    package static let messageIDKey = "message_id"

    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level

    private let label: String
    private let output: LogOutput
    private let clock: any WallClock

    package init(
        label: String, level: Logger.Level = .info, output: LogOutput = .standardError,
        clock: any WallClock = SystemClock(), metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        logLevel = level
        self.output = output
        self.clock = clock
        self.metadataProvider = metadataProvider
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() { merged.merge(provided) { $1 } }
        if let given = event.metadata { merged.merge(given) { $1 } }
        var line = LogLine()
        line.add("time", clock.now().description)
        line.add("level", event.level.rawValue)
        line.add("logger", label)
        line.add("message", "\(event.message)", limit: LogLine.longestMessage)
        if let error = event.error { line.add("error", Self.describe(error)) }
        for (name, text) in LogMetadata.flatten(merged) { line.add(name, text) }
        // Encoded before any lock is taken: a slow reader of the log never holds up encoding.
        output.write(line.finished())
    }

    /// Errors of the bridge carry no payload by rule; others may, so that only their type is told.
    private static func describe(_ error: any Error) -> String {
        if let known = error as? any DisposedError { return "\(known.reason): \(known)" }
        return String(reflecting: type(of: error))
    }
}
