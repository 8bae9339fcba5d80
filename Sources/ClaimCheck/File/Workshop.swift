// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The local directory in which documents come in, are scanned and, when infected, stay: `incoming/` and `quarantine/`.
/// Its calls block: see `FileWork`.
struct Workshop: Sendable {
    let root: String
    /// So much must be free for a document to come in.
    let room: Int
    let ids: UUIDv7Source

    /// A draft older than this was left by a process that died.
    static let oldestDraft: Duration = .seconds(86_400)

    private var incoming: String { root + "/incoming" }
    private var quarantine: String { root + "/quarantine" }

    func draft() throws(ClaimCheckError) -> DraftFile {
        try POSIXFile.makeDirectory(incoming)
        return try DraftFile(path: "\(incoming)/\(ids.next()).part")
    }

    func keepApart(_ draft: any ClaimCheckDraft, id: String) throws(ClaimCheckError) {
        guard DocumentClaim.isID(id) else { throw ClaimCheckError(.unavailable, "the id is no UUID") }
        try POSIXFile.makeDirectory(quarantine)
        try POSIXFile.move(draft.path, to: "\(quarantine)/\(id)")
        (draft as? DraftFile)?.use()
    }

    /// Writes a small file in full or not at all.
    func write(_ bytes: [UInt8], to path: String) throws(ClaimCheckError) {
        try POSIXFile.makeDirectory(incoming)
        let draft = "\(incoming)/\(ids.next()).part"
        do throws(ClaimCheckError) {
            let file = try POSIXFile.create(draft)
            defer { close(file) }
            try POSIXFile.writeAll(bytes, to: file, draft)
            try POSIXFile.sync(file, draft)
            try POSIXFile.move(draft, to: path)
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// A whole small file; nil when there is none.
    func read(_ path: String, upTo limit: Int) throws(ClaimCheckError) -> [UInt8]? {
        let file: Int32
        do throws(ClaimCheckError) {
            file = try POSIXFile.openForReading(path)
        } catch {
            if error.code == .missing { return nil }
            throw error
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let more = try POSIXFile.read(file, upTo: limit - bytes.count, path)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// Whether a document could come in now.
    func check() throws(ClaimCheckError) {
        try POSIXFile.makeDirectory(incoming)
        let free = try POSIXFile.room(in: incoming)
        guard free >= room else {
            throw ClaimCheckError(.full, "\(incoming): \(free) bytes are free, \(room) are needed; make room")
        }
        let probe = "\(incoming)/\(ids.next()).part"
        let file = try POSIXFile.create(probe)
        defer {
            close(file)
            unlink(probe)
        }
        try POSIXFile.writeAll([0], to: file, probe)
    }

    /// Removes drafts that nobody works on, and what is in quarantine since before then.
    func prune(before: Timestamp, now: Timestamp) throws(ClaimCheckError) {
        let bounds = [(incoming, now.advanced(by: .zero - Self.oldestDraft)), (quarantine, before)]
        for (directory, bound) in bounds {
            for name in try POSIXFile.names(in: directory) {
                let path = "\(directory)/\(name)"
                if let status = try POSIXFile.status(path), status.modified < bound { unlink(path) }
            }
        }
    }
}
