// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// An "External CDS Hook" integration of the pretend Ocean: a CDS Hooks server that is asked before a referral is sent.
package struct PretendCDSClient: JSONRecord {
    /// Name, base address without `/cds-services`, and authentication, as of a webhook.
    package var endpoint = PretendWebhook(name: "cds", url: "")
    /// The only service that is called; nil for every `order-sign` service that discovery names.
    package var service: String?
    /// Only referrals to listings of this site; nil for all.
    package var site: String?
    /// What the prefetch holds.
    package var prefetch = PrefetchPlan()
    /// Whether the sender's reaction to the cards is reported. Whether Ocean does so is not published.
    package var sendsFeedback = true
    /// How long an answer is awaited, in milliseconds; without one the referral is sent all the same.
    package var timeout = 5000

    package init() {}

    package init(endpoint: PretendWebhook, service: String? = nil, site: String? = nil) {
        self.endpoint = endpoint
        self.service = service
        self.site = site
    }

    package static let fields: [Field<PretendCDSClient>] = [
        .required("name", \.endpoint.name), .defaulted("url", \.endpoint.url),
        .defaulted("auth", \.endpoint.authentication), .optional("username", \.endpoint.username),
        .optional("password", \.endpoint.password), .optional("headerName", \.endpoint.headerName),
        .optional("headerValue", \.endpoint.headerValue), .optional("token", \.endpoint.token),
        .optional("tokenUrl", \.endpoint.tokenURL), .optional("clientId", \.endpoint.clientID),
        .optional("clientSecret", \.endpoint.clientSecret), .optional("scope", \.endpoint.scope),
        .optional("service", \.service), .optional("site", \.site), .defaulted("prefetch", \.prefetch),
        .defaulted("feedback", \.sendsFeedback), .defaulted("timeoutMilliseconds", \.timeout),
    ]

    func check() throws(SandboxConfigurationError) {
        guard !endpoint.name.isEmpty else { throw .init("decisionSupport[].name", "must not be empty") }
        guard (1...60_000).contains(timeout) else {
            throw .init("decisionSupport[].timeoutMilliseconds", "must be 1 to 60000")
        }
        try endpoint.check()
    }
}

/// What a call's prefetch holds, key by key (CDS Hooks 2.0, "Prefetch Template": a request, not a promise).
package struct PrefetchPlan: JSONRecord {
    package var patient: PrefetchState = .present
    package var questionnaireResponse: PrefetchState = .present
    package var userPractitioner: PrefetchState = .present
    package var userPractitionerRole: PrefetchState = .present
    package var v11Bundle: PrefetchState = .present

    package init() {}

    package static let fields: [Field<PrefetchPlan>] = [
        .defaulted("patient", \.patient), .defaulted("questionnaireResponse", \.questionnaireResponse),
        .defaulted("userPractitioner", \.userPractitioner), .defaulted("userPractitionerRole", \.userPractitionerRole),
        .defaulted("v11Bundle", \.v11Bundle),
    ]
}

/// What stands behind one key.
package enum PrefetchState: String, JSONWord, CaseIterable {
    case present
    /// No member at all: not looked for.
    case absent
    /// Null: looked for, and nothing there.
    case none
    /// An OperationOutcome: looking failed.
    case failed
}
