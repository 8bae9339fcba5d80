// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Ocean

/// Renders the bundle that the publisher would post for an update, and sends nothing.
package struct UpdateRehearsal: Sendable {
    /// What would happen.
    package struct Rendering: Sendable, Hashable {
        package let update: ReferralUpdate
        /// Which change of a message with several; empty for the only one.
        package let part: String
        /// The exact bytes that would be posted.
        package let bundle: [UInt8]
        /// Ocean's event code.
        package let event: String
        package let dialect: Dialect
        /// Whether the bridge has the referral in its store: without it ids of appointments and received resources are
        /// missing.
        package let knowsReferral: Bool
        /// The setting that would keep the update from being sent: an action switched off, or a dry run.
        package let preventedBy: String?
    }

    private let reader: any UpdateReader
    private let writer: any UpdateWriter
    private let settings: Publisher.Settings
    private let record: @Sendable (_ referral: String) async throws(StoreError) -> ReferralRecord?

    /// - Parameter record: what the bridge knows of a referral.
    package init(
        reader: any UpdateReader, writer: any UpdateWriter, settings: Publisher.Settings,
        record: @escaping @Sendable (_ referral: String) async throws(StoreError) -> ReferralRecord?
    ) {
        self.reader = reader
        self.writer = writer
        self.settings = settings
        self.record = record
    }

    /// - Returns: one for each change that the message asks for, in their order.
    /// - Throws: `TranslationError` for an update that would be refused before it is sent, `StoreError`.
    package func render(_ message: Message) async throws -> [Rendering] {
        let request = try reader.read(message)
        let known = try await record(request.referral)
        return try request.changes(since: known).filter { !$0.isKnown }.map { change in
            try render(change, of: message, known)
        }
    }

    private func render(
        _ change: RequestedChange, of message: Message, _ known: ReferralRecord?
    ) throws(TranslationError) -> Rendering {
        let update = change.update
        let context = settings.context(of: update, Publication.message(of: change, in: message), known)
        let bundle = try writer.bundle(for: update, in: context)
        let policy = settings.sites[update.site]
        let dryRun = policy?.isDryRun == true ? "sites.\(update.site).dryRun" : nil
        return Rendering(
            update: update, part: change.part, bundle: bundle.body, event: bundle.event, dialect: context.dialect,
            knowsReferral: known != nil,
            preventedBy: policy?.prohibition(of: update.action, site: update.site)
                ?? (settings.refusal(of: update) == nil ? nil : "sites.\(update.site).oauth") ?? dryRun)
    }
}

extension Publisher.Settings {
    /// In which dialect, and with what is known of the referral, an update is written.
    func context(of update: ReferralUpdate, _ message: Message, _ record: ReferralRecord?) -> UpdateContext {
        // 0.12 is read, never written; the referral of such a site is answered as the settings say.
        let spoken = record?.dialect.flatMap { Dialect(rawValue: $0) }.flatMap {
            $0.isFHIR && $0 != .fhir012 ? $0 : nil
        }
        return UpdateContext(
            dialect: spoken ?? dialects[update.site] ?? defaultDialect, oceanHost: oceanHost,
            sourceEndpoint: sourceEndpoint, messageID: message.id, messageTime: message.time, record: record,
            conventions: conventions[update.site] ?? UpdateConventions())
    }
}
