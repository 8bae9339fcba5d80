// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

/// The rows of the status tables in the settings: one for each status that Ocean JSON can tell.
struct StatusRows {
    let status: ReferralStatus
    /// The status as a member of the file: `awaitingInformation`.
    let name: String

    static let all: [StatusRows] = ReferralStatus.allCases.filter { $0 != .unknown }.map { status in
        let words = status.rawValue.split(separator: "-")
        let rest = words.dropFirst().map { $0.prefix(1).uppercased() + String($0.dropFirst()) }
        return StatusRows(status: status, name: (words.prefix(1).map { String($0) } + rest).joined())
    }

    /// The shipped words as they would stand in the file.
    var shippedWords: String { StatusMap.assumedDefault.words(for: status).joined(separator: ", ") }

    /// The words of a row of the file, without the blanks round them.
    static func words(_ text: String) -> [String] {
        text.split(separator: ",").compactMap { part in
            let trimmed = part.drop { $0 == " " }
            let end = trimmed.lastIndex { $0 != " " }
            return end.map { String(trimmed[...$0]) }
        }
    }
}

extension SettingsValues {
    /// The status table under `path` over `standard`; nil where the section says nothing of its own.
    ///
    /// - Throws: `SettingsError` when a word stands in two rows or a row holds none.
    func statusMap(
        under path: [String], over standard: StatusMap
    ) throws(SettingsError) -> StatusMap? {
        var rows: [ReferralStatus: [String]] = [:]
        var isOwn = false
        for row in StatusRows.all {
            guard let value = self[path + [row.name]] else { continue }
            let words = StatusRows.words(value.text)
            guard !words.isEmpty else {
                throw SettingsError([
                    .init(
                        place: value.origin.place,
                        message: "\((path + [row.name]).joined(separator: ".")): must name at least one word")
                ])
            }
            rows[row.status] = words
            isOwn = isOwn || words != standard.words(for: row.status)
        }
        guard isOwn else { return nil }
        guard let map = standard.replacing(rows, name: path.joined(separator: ".")) else {
            let place = StatusRows.all.lazy.compactMap { self[path + [$0.name]] }
                .first { $0.origin != .standard }?.origin.place
            throw SettingsError([
                .init(
                    place: place ?? "settings",
                    message: "\(path.joined(separator: ".")): a word stands for two statuses; take it out of one row")
            ])
        }
        return map
    }
}
