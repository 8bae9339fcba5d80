// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Glibc

/// What the pretend Ocean's journal tells: every update that it took, and every webhook that it delivered. Read on from
/// where it was left, and by searching bytes: a debug build would take minutes to parse it all.
struct OceanJournal: Sendable {
    /// The updates, in Ocean's order; a receipt's id is the pair (Bundle.id, MessageHeader.id).
    let log = ReceiverLog("Ocean", file: nil)
    /// Bundle ids of webhooks that were answered 2xx.
    private(set) var delivered: Set<String> = []
    /// Lines that do not continue the numbers of those before.
    private(set) var outOfSequence: [String] = []
    private var expected = 1
    private var bundles: [String: String] = [:]
    private var offset = 0
    private let path: String

    init(_ path: String) {
        self.path = path
    }

    /// Reads what was appended since.
    mutating func refresh() async throws {
        let bytes = try await LineFile.read(path, from: offset)
        // A line that is being written is read next time.
        guard let end = bytes.lastIndex(of: 0x0A) else { return }
        offset += end + 1
        for line in bytes[..<end].split(separator: 0x0A) { take(Array(line)) }
    }

    private mutating func take(_ line: [UInt8]) {
        let sequence = Bytes.number("seq", in: line)
        if sequence != expected { outOfSequence.append("\(sequence ?? 0) where \(expected) was due") }
        expected = (sequence ?? expected) + 1
        let ids = Bytes.list("ids", in: line)
        // A delivery's id follows those of its bundle and of its message header.
        for index in ids.indices where index >= 2 { bundles[ids[index]] = ids[index - 2] }
        switch Bytes.member("kind", in: line) {
        case "processed":
            guard let marker = Marker.find(in: line),
                let time = Bytes.member("time", in: line).flatMap({ Timestamp($0) })
            else { return }
            let pair = ["bundleId", "headerId"].map { Bytes.member($0, in: line) ?? "none" }
            log.note(
                marker, ReceiverLog.Receipt(time: time, id: pair.joined(separator: "|"), isRedelivered: false))
        case "delivered" where Bytes.member("state", in: line) == "delivered":
            if let id = Bytes.member("delivery", in: line), let bundle = bundles[id] { delivered.insert(bundle) }
        default: break
        }
    }
}
