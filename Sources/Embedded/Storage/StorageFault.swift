// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Why a database file cannot be opened; bus and store put it into their own errors.
struct StorageFault: Error, Hashable {
    enum Kind: Sendable, Hashable {
        /// Locked by another process, or not readable or writable now.
        case unavailable
        /// Not a file of this product, or of a newer version.
        case incompatible
    }

    let kind: Kind
    let message: String
}

/// What a failed SQLite call means to a caller, without SQL or values.
enum StorageCondition: Sendable, Hashable {
    case full
    case readOnly
    case busy
    case damaged
    /// The device failed; after a commit the outcome is not known.
    case device
    case other(code: Int32)

    init(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL: self = .full
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN: self = .readOnly
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged
        case .SQLITE_IOERR: self = .device
        default: self = .other(code: error.extendedResultCode.rawValue)
        }
    }

    /// The condition and its remedy; fit for a log or `/readyz`.
    var advice: String {
        switch self {
        case .full: "the disk or its quota is full: free space on that volume"
        case .readOnly: "the file cannot be written: check owner, mode and mount options"
        case .busy: "another program holds the file: close it"
        case .damaged: "the file is damaged: stop the service and restore the file or run sqlite3 .recover"
        case .device: "the device reported an input/output error: check the disk"
        case .other(let code): "SQLite reported error \(code)"
        }
    }
}
