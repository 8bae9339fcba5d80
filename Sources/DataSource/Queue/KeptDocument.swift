// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The last good document of a queue on disk: the queue itself forgets what was taken from it.
struct KeptDocument: Sendable {
    private let directory: String
    private let path: String

    /// - Parameters:
    ///   - directory: made when it is first needed; its parent must be there.
    ///   - name: letters, digits, hyphens, underscores.
    init(directory: String, name: String) {
        self.directory = directory
        path = "\(directory)/\(name).json"
    }

    /// Nil when nothing was kept yet.
    ///
    /// - Throws: `unreadable`, `notJSON`, `tooLarge`.
    func restore(upTo limit: Int, now: Timestamp) async throws(DataSourceError) -> DataDocument? {
        let read = await DataFile.work { [path] in (DataFile.read(path, upTo: limit), DataFile.stamp(path)) }
        switch read {
        case (.failure(let error), _):
            if error.code == .missing { return nil }
            throw error
        case (.success(let bytes), let stamp):
            var loadedAt = now
            if case .success(let stamp) = stamp { loadedAt = Timestamp(milliseconds: Int64(stamp.seconds) * 1000) }
            return try await DataDocument.checked(bytes, upTo: limit, loadedAt: loadedAt)
        }
    }

    /// - Throws: `unreadable` when it cannot be written.
    func keep(_ document: DataDocument) async throws(DataSourceError) {
        let error = await DataFile.work { [directory, path] in
            DataFile.makeDirectory(directory) ?? DataFile.replace(path, with: document.body)
        }
        if let error { throw error }
    }
}
