// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// The last good document of one source: what is broken never takes its place.
final class CurrentDocument: Sendable {
    private let name: String
    private let metrics: DataSourceMetrics
    private let logger: Logger
    private let document = Mutex<DataDocument?>(nil)

    init(name: String, logger: Logger) {
        self.name = name
        self.logger = logger
        metrics = DataSourceMetrics(source: name)
    }

    var value: DataDocument? { document.withLock { $0 } }

    /// - Returns: false when the bytes were the same.
    @discardableResult
    func replace(_ new: DataDocument) -> Bool {
        let isNew = document.withLock { document in
            let isNew = document?.entityTag != new.entityTag
            document = isNew ? new : document?.reloaded(at: new.loadedAt)
            return isNew
        }
        metrics.countLoad(isNew ? "replaced" : "unchanged")
        metrics.note(new)
        if isNew {
            logger.info(
                "data source has a new document", metadata: ["source": "\(name)", "bytes": "\(new.body.count)"])
        }
        return isNew
    }

    /// What came cannot be served: counted and told once, by who calls for each thing that came.
    func refuse(_ error: DataSourceError) {
        metrics.countLoad(error.code.rawValue)
        logger.error(
            "data source did not take what came",
            metadata: [
                "source": "\(name)", "code": "\(error.code.rawValue)", "reason": "\(error.message)",
                "serves": "\(value == nil ? "nothing" : "the last good document")",
            ])
    }

    func countFailure(_ code: String) {
        metrics.countLoad(code)
    }
}
