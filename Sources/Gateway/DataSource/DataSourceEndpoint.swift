// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import DataSource
import HTTPTypes

/// A named document on the public listener, for the eForms of Ocean (External Data Source).
package struct DataSourceEndpoint: Sendable {
    /// The last part of the path.
    package let name: String
    package let authentication: Integration.Authentication
    /// Whose pages may read it: `https://host[:port]` each, or `*`.
    package let origins: [String]
    /// How long a caller may keep a copy; zero: it asks each time whether its copy is current.
    package let cache: Duration
    /// Names that a request may carry; empty for a source that takes none, whatever the query says.
    package let parameters: Set<String>
    package let source: any DocumentSource

    package init(
        name: String, authentication: Integration.Authentication, origins: [String] = [],
        cache: Duration = .seconds(60), parameters: Set<String> = [], source: any DocumentSource
    ) {
        self.name = name
        self.authentication = authentication
        self.origins = origins
        self.cache = cache
        self.parameters = parameters
        self.source = source
    }

    /// - Throws: `badIntegration` when no request could ever be right.
    func check() throws(GatewayError) {
        guard !name.isEmpty, !name.contains("/") else {
            throw GatewayError(.badIntegration, "data source \"\(name)\": the name must be one part of a path")
        }
        if case .header(let field, _) = authentication, HTTPField.Name(field) == nil {
            throw GatewayError(.badIntegration, "data source \(name): auth.header.name is no HTTP field name")
        }
    }

    func allows(origin: String) -> Bool { origins.contains("*") || origins.contains(origin) }
}
