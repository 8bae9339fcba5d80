// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// One CDS service: what it is called, what it needs and who answers for it.
package struct HookService: Sendable {
    /// Last part of its path, and its key in the settings.
    package let id: String
    package var title: String?
    package var description: String
    /// The only hook that Ocean calls is `order-sign`.
    package var hook: String
    /// Ocean site number of the receiver; a bundle of another site is refused.
    package var site: String?
    /// Asked in this order of cards, all at once.
    package var rules: [any CardRule]
    /// Name of the queue `ocean.requests.{name}` that is asked too.
    package var request: String?
    /// From the whole body to the answer.
    package var budget: Duration
    /// Without these there is no answer but 412.
    package var needs: Set<PrefetchKey>

    package init(
        id: String, title: String? = nil, description: String, hook: String = HookService.orderSign,
        site: String? = nil, rules: [any CardRule] = [], request: String? = nil,
        budget: Duration = .milliseconds(500), needs: Set<PrefetchKey> = [.v11Bundle]
    ) {
        self.id = id
        self.title = title
        self.description = description
        self.hook = hook
        self.site = site
        self.rules = rules
        self.request = request
        self.budget = budget
        self.needs = needs
    }

    package static let orderSign = "order-sign"

    /// Whoever may have said a card: the rules' names, then `request`.
    package var parts: [String] { rules.map(\.name) + (request == nil ? [] : [Self.requestPart]) }

    /// Stands for the service behind the queue, in metrics and feedback.
    package static let requestPart = "request"

    /// The entry of the discovery answer (CDS Hooks 2.0, "Discovery").
    package var declaration: JSONValue {
        var object = JSONObject()
        object["hook"] = .string(hook)
        object.append("title", title.map { .string($0) })
        object["description"] = .string(description)
        object["id"] = .string(id)
        object["prefetch"] = .object(
            JSONObject(PrefetchKey.allCases.map { JSONMember(name: $0.rawValue, value: .string($0.template)) }))
        return .object(object)
    }

    /// The whole discovery answer.
    package static func discovery(_ services: [HookService]) -> JSONValue {
        ["services": .array(services.sorted { $0.id < $1.id }.map(\.declaration))]
    }
}
