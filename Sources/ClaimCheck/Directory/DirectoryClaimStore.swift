// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Documents in a directory of this machine, or one that several machines mount:
/// `objects/ab/cd/<sha256>` and `claims/ab/<id>.json`, all mode 0600 in directories of mode 0700.
package struct DirectoryClaimStore: ClaimCheckStore {
    private let root: String
    private let workshop: Workshop
    private let clock: any WallClock
    private static let claimBytes = 64 << 10

    /// - Parameters:
    ///   - root: absolute; created when it is first needed.
    ///   - room: bytes that must be free, or the store says that it is full.
    package init(
        root: String, room: Int = 0, clock: any WallClock = SystemClock(), ids: UUIDv7Source = UUIDv7Source()
    ) {
        var root = root
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        self.root = root
        self.clock = clock
        workshop = Workshop(root: root, room: room, ids: ids)
    }

    package func draft() async throws(ClaimCheckError) -> any ClaimCheckDraft {
        try await FileWork.run { () throws(ClaimCheckError) in try workshop.draft() }
    }

    package func commit(_ draft: any ClaimCheckDraft, as claim: DocumentClaim) async throws(ClaimCheckError) {
        try await draft.close()
        try await FileWork.run { () throws(ClaimCheckError) in
            let (object, note) = (try path(ofObject: claim.sha256), try path(ofClaim: claim.id))
            for file in [object, note] {
                if let parent = POSIXFile.parent(of: file) { try POSIXFile.makeDirectory(parent) }
            }
            // The bytes first: a claim never stands without them.
            try POSIXFile.move(draft.path, to: object)
            (draft as? DraftFile)?.use()
            try workshop.write(claim.json.bytes(), to: note)
        }
    }

    package func quarantine(_ draft: any ClaimCheckDraft, id: String) async throws(ClaimCheckError) {
        try await draft.close()
        try await FileWork.run { () throws(ClaimCheckError) in try workshop.keepApart(draft, id: id) }
    }

    package func claim(_ id: String) async throws(ClaimCheckError) -> DocumentClaim? {
        guard DocumentClaim.isID(id) else { return nil }
        return try await FileWork.run { () throws(ClaimCheckError) in
            guard let bytes = try workshop.read(try path(ofClaim: id), upTo: Self.claimBytes),
                let claim = DocumentClaim(stored: bytes), claim.id == id,
                let status = try POSIXFile.status(try path(ofObject: claim.sha256)), status.size == claim.size
            else { return nil }
            return claim
        }
    }

    package func open(_ claim: DocumentClaim) async throws(ClaimCheckError) -> any ClaimCheckReading {
        try await FileWork.run { () throws(ClaimCheckError) in
            try FileReading(path: try path(ofObject: claim.sha256))
        }
    }

    package func address(sha256: String) -> String {
        "file://" + PathText.escaped("\(root)/objects/\(sha256.prefix(2))/\(sha256.dropFirst(2).prefix(2))/\(sha256)")
    }

    @discardableResult
    package func prune(before: Timestamp) async throws(ClaimCheckError) -> Int {
        try await FileWork.run { () throws(ClaimCheckError) in
            try workshop.prune(before: before, now: clock.now())
            _ = try remove(before: before, under: "\(root)/claims", depth: 1)
            // What a later claim names again was renewed then.
            return try remove(before: before, under: "\(root)/objects", depth: 2)
        }
    }

    package func check() async throws(ClaimCheckError) {
        try await FileWork.run { () throws(ClaimCheckError) in try workshop.check() }
    }

    package func shutdown() async {}

    private func remove(before: Timestamp, under directory: String, depth: Int) throws(ClaimCheckError) -> Int {
        var count = 0
        for name in try POSIXFile.names(in: directory) {
            let path = "\(directory)/\(name)"
            if depth > 0 {
                count += try remove(before: before, under: path, depth: depth - 1)
            } else if let status = try POSIXFile.status(path), status.modified < before, unlink(path) == 0 {
                count += 1
            }
        }
        return count
    }

    private func path(ofObject sha256: String) throws(ClaimCheckError) -> String {
        guard DocumentClaim.isSHA256(sha256) else { throw ClaimCheckError(.missing, "the claim holds no digest") }
        return "\(root)/objects/\(sha256.prefix(2))/\(sha256.dropFirst(2).prefix(2))/\(sha256)"
    }

    private func path(ofClaim id: String) throws(ClaimCheckError) -> String {
        guard DocumentClaim.isID(id) else { throw ClaimCheckError(.missing, "the id is no UUID") }
        return "\(root)/claims/\(id.prefix(2))/\(id).json"
    }
}

extension DocumentClaim {
    /// Nil for bytes that another program wrote.
    init?(stored bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes) else { return nil }
        var unknown: [JSONPointer] = []
        guard let claim = try? DocumentClaim(json: json, at: .root, unknown: &unknown),
            DocumentClaim.isSHA256(claim.sha256), claim.size >= 0
        else { return nil }
        self = claim
    }
}
