// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Launch

/// A desk with what it remembers, and the referrals that it knows.
struct LaunchBench {
    let book = MemoryLaunchBook()
    let clock = ManualClock()
    let desk: LaunchDesk

    static let record = ReferralRecord(
        reference: "ref-1", site: "1234", listing: "listing-1", service: "CARDIOLOGY", status: "new",
        sourceTime: Timestamp(milliseconds: 0))

    init(
        records: [ReferralRecord] = [Self.record], secret: String = "0123456789abcdef",
        sites: Set<String> = ["1234", "5678"]
    ) {
        let known = Dictionary(uniqueKeysWithValues: records.map { ($0.reference, $0) })
        desk = LaunchDesk(
            signer: HandleSigner(secret: Array(secret.utf8)), book: book, audit: book, sites: sites,
            ids: UUIDv7Source(clock: clock), clock: clock
        ) { reference throws(StoreError) in known[reference] }
    }

    static func application(
        _ name: String = "booking", _ template: String = "https://booking.hospital.example/start",
        parameters: Set<String> = ["lang"], includesReferral: Bool = false
    ) throws -> LaunchApplication {
        var application = LaunchApplication(
            name: name, companyName: "Invented Hospital", applicationName: "Booking",
            target: try LaunchTarget(template, parameters: parameters, includesReferral: includesReferral),
            frameAncestor: "https://ocean.example")
        application.parameters = parameters
        return application
    }

    /// Exchanges the handle of an address as the application does.
    func exchange(
        _ passage: LaunchPassage, _ application: LaunchApplication, verifier: String? = nil
    ) async throws(ExchangeRefusal) -> LaunchRequested {
        try await exchange(handle(of: passage.url), application, verifier: verifier)
    }

    func exchange(
        _ handle: String, _ application: LaunchApplication, verifier: String? = nil
    ) async throws(ExchangeRefusal) -> LaunchRequested {
        try await desk.exchange(
            handle, verifier: verifier, applications: [application.name: application], caller: [application.name])
    }
}

/// The value of `handle` in an address.
func handle(of url: String) -> String { item("handle", of: url) ?? "" }

/// The value of a query item, as it stands there.
func item(_ name: String, of url: String) -> String? {
    let query = url.split(separator: "?", maxSplits: 1).last ?? ""
    return query.split(separator: "&").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
}
