// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import GRDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A database file of this product, opened for its only writer: private to its owner, locked, durable, migrated.
struct DatabaseFile: Sendable {
    let path: String
    let database: DatabaseQueue
    /// Held as long as the file is in use.
    let lock: FileLock

    /// Pages of the write-ahead log after which the writer itself checkpoints. High, since the checkpointer's own
    /// connection does that work; the mark only bounds the log under load without a pause.
    static let automaticCheckpointPages = 4096

    /// Opens or creates the file at `path`; missing directories are made for the owner alone.
    ///
    /// - Parameter sharing: other processes of this machine may open the file too, if they share it likewise.
    static func open(
        path: String, label: String, sharing: Bool = false, migrator: DatabaseMigrator
    ) throws(StorageFault) -> DatabaseFile {
        try makePrivate(path)
        let lock = try FileLock(path: path + ".lock", shared: sharing)
        // Two that start together would both find the same migration missing.
        let turn = sharing ? try FileLock.waiting(path: path + ".migration.lock", seconds: 30) : nil
        defer { turn?.release() }
        do {
            let database = try DatabaseQueue(
                path: path, configuration: configuration(label: label, busySeconds: sharing ? 15 : 5))
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA page_size = 8192")
                try db.execute(sql: "PRAGMA journal_mode = WAL")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(automaticCheckpointPages)")
                try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
                guard try !migrator.hasBeenSuperseded(db) else {
                    throw StorageFault(
                        kind: .incompatible,
                        message: "\(path) was written by a newer version: install that version again, or give this one"
                            + " another path")
                }
            }
            try migrator.migrate(database)
            return DatabaseFile(path: path, database: database, lock: lock)
        } catch let fault as StorageFault {
            throw fault
        } catch let error as DatabaseError {
            let condition = StorageCondition(error)
            throw StorageFault(
                kind: condition == .damaged ? .incompatible : .unavailable,
                message: "cannot open \(path): \(condition.advice)")
        } catch {
            throw StorageFault(kind: .incompatible, message: "cannot migrate \(path): \(type(of: error))")
        }
    }

    /// What every connection of the product sets.
    static func configuration(label: String, busySeconds: Double = 5) -> Configuration {
        var configuration = Configuration()
        configuration.label = label
        configuration.busyMode = .timeout(busySeconds)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            // An acknowledged referral must outlive a power cut; with group commit FULL costs little over NORMAL.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // Deleted patient data is overwritten, whatever the library's default.
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        return configuration
    }

    private static func makePrivate(_ path: String) throws(StorageFault) {
        let cut = path.lastIndex(of: "/")
        if let cut, cut != path.startIndex {
            let directory = String(path[..<cut])
            if !FileManager.default.fileExists(atPath: directory) {
                do {
                    try FileManager.default.createDirectory(
                        atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
                } catch {
                    throw StorageFault(
                        kind: .unavailable, message: "cannot create \(directory): check the owner of its parent")
                }
            }
        }
        // SQLite gives its log and shared-memory files the mode of the database file.
        let descriptor = openDescriptor(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StorageFault(
                kind: .unavailable, message: "cannot open \(path) (errno \(errno)): check owner, mode and free space")
        }
        fchmod(descriptor, 0o600)
        close(descriptor)
    }
}

/// `open(2)`, out of reach inside the type by its own name there.
private func openDescriptor(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
    open(path, flags, mode)
}
