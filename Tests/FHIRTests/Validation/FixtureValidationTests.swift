// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import FHIR
import JSON
import Testing

@Suite struct FixtureValidationTests {
    private static let examples = (try? Fixture.names(in: "r4")) ?? []
    private static let normalised = (try? Fixture.names(in: "golden/normalised-fhir")) ?? []
    private static let updates = ["0.10.0", "0.11.1"].flatMap { (try? Fixture.names(in: "golden/updates/\($0)")) ?? [] }
    private static let received = ["0.10.0", "0.11.1"].flatMap { (try? Fixture.names(in: "ocean-fhir/\($0)")) ?? [] }

    @Test("every example of a resource is valid, without even a warning", arguments: examples)
    func example(_ name: String) throws {
        let report = StructureValidator().validate(try Fixture.bytes(name))
        #expect(report.issues.map(\.description) == [])
    }

    @Test("there is an example of every resource that has a table")
    func complete() {
        #expect(Self.examples.count == 32)
        #expect(!Self.normalised.isEmpty && !Self.updates.isEmpty && !Self.received.isEmpty)
    }

    @Test("what hospitals get is valid", arguments: normalised)
    func hospital(_ name: String) throws {
        let report = StructureValidator().validate(try Fixture.bytes(name))
        #expect(report.issues.filter { $0.severity != .information }.map(\.description) == [])
    }

    @Test("what Ocean gets has no error", arguments: updates)
    func ocean(_ name: String) throws {
        let report = StructureValidator().validate(try Fixture.bytes(name))
        var errors = report.issues.filter { $0.severity == .error || $0.severity == .fatal }.map(\.description)
        // Ocean's own integrator sends booking comments without participants (docs/messages.md).
        if name.hasSuffix("bookingComments.json") { errors.removeAll { $0.contains(".participant") } }
        #expect(errors == [])
    }

    @Test("what Ocean sends is judged, and the judgement is a valid OperationOutcome", arguments: received)
    func judged(_ name: String) throws {
        let report = StructureValidator().validate(try Fixture.bytes(name))
        #expect(report.issues.count <= 201)
        #expect(StructureValidator().validate(report.outcome.json).issues == [])
    }
}
