// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Field {
    /// A member that keeps the record's own default where it is absent or null, and is always written.
    package static func defaulted<Value: JSONRepresentable>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable
    ) -> Field {
        Field(
            name: name, isRequired: false,
            read: { (json, pointer, root, unknown) throws(RecordError) in
                guard !json.isNull else { return }
                root[keyPath: path] = try Value(json: json, at: pointer, unknown: &unknown)
            },
            write: { $0[keyPath: path].json },
            schema: { Value.schema }, records: { Value.records })
    }
}
