// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

/// Reading of fixtures, shared by the tests of reader and writer.
enum FHIRReading {
    static let folders = ["ocean-fhir/0.10.0", "ocean-fhir/0.11.1", "ocean-fhir/0.12"]
    /// The two API versions that Ocean offers.
    static let offered = ["0.10.0", "0.11.1"]

    static var all: [String] {
        get throws { try folders.flatMap { try Fixture.names(in: $0) } }
    }

    static func fixture(_ name: String) throws -> (bytes: [UInt8], json: JSONValue, message: InboundMessage) {
        let bytes = try Fixture.bytes("ocean-fhir/\(name).json")
        let json = try JSONValue(parsing: bytes)
        let message = try OceanFHIRReader().read(json, bytes: bytes, mediaType: "application/fhir+json")
        return (bytes, json, message)
    }

    static func referral(_ name: String) throws -> Referral {
        try #require(try fixture(name).message.canonical.referral)
    }

    /// A fixture changed before it is read.
    static func read(
        _ name: String, _ change: (inout JSONValue) throws -> Void
    ) throws -> InboundMessage {
        var json = try JSONValue(parsing: try Fixture.bytes("ocean-fhir/\(name).json"))
        try change(&json)
        return try OceanFHIRReader().read(json, bytes: json.bytes(), mediaType: "application/json")
    }

    /// Pointers of all single values and empty containers.
    static func leaves(_ value: JSONValue, at place: JSONPointer = .root) -> [String] {
        switch value {
        case .object(let object) where !object.isEmpty:
            object.members.flatMap { leaves($0.value, at: place.appending($0.name)) }
        case .array(let elements) where !elements.isEmpty:
            elements.enumerated().flatMap { leaves($1, at: place.appending($0)) }
        default: [place.description]
        }
    }

    /// Number of the first entry with a resource of `type`.
    static func position(of type: String, in json: JSONValue) throws -> Int {
        let entries = json["entry"]?.arrayValue ?? []
        return try #require(entries.firstIndex { $0["resource"]?["resourceType"]?.stringValue == type })
    }

    static func set(_ value: JSONValue, _ type: String, _ member: String, in json: inout JSONValue) throws {
        let position = try position(of: type, in: json)
        let pointer = try JSONPointer("/entry/\(position)/resource/\(member)")
        let isSet = json.set(value, at: pointer)
        #expect(isSet)
    }

    /// Takes a member away.
    static func drop(_ type: String, _ member: String, in json: inout JSONValue) throws {
        let position = try position(of: type, in: json)
        var object = try #require(json["entry"]?[position]?["resource"]?.objectValue)
        object[member] = nil
        let isSet = json.set(.object(object), at: try JSONPointer("/entry/\(position)/resource"))
        #expect(isSet)
    }

    static func remove(_ type: String, in json: inout JSONValue) {
        let entries = json["entry"]?.arrayValue ?? []
        json["entry"] = .array(entries.filter { $0["resource"]?["resourceType"]?.stringValue != type })
    }
}
