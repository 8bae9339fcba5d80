// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

extension PretendOceanConfiguration {
    /// Reads a configuration file.
    ///
    /// - Throws: `SandboxConfigurationError` with the place, also for members that do not exist.
    package static func read(_ bytes: [UInt8]) throws(SandboxConfigurationError) -> PretendOceanConfiguration {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw SandboxConfigurationError("configuration", "is not JSON: \(error)")
        }
        var unknown: [JSONPointer] = []
        let configuration: PretendOceanConfiguration
        do {
            configuration = try PretendOceanConfiguration(json: json, at: .root, unknown: &unknown)
        } catch {
            throw SandboxConfigurationError(error.pointer, error.message)
        }
        if let first = unknown.first { throw SandboxConfigurationError(first.description, "there is no such setting") }
        try configuration.check()
        return configuration
    }

    /// One hospital with a listing of every kind, and a second hospital to forward to; all post to one webhook
    /// named `bridge`.
    ///
    /// - Parameter webhook: its Request URL; empty when it is set later.
    package static func demonstration(webhook: String) -> PretendOceanConfiguration {
        var configuration = PretendOceanConfiguration()
        configuration.webhooks = [PretendWebhook(name: "bridge", url: webhook)]
        var hospital = PretendSite.demonstration(number: "4500", name: "Invented General Hospital")
        hospital.listings = [
            PretendListing(
                reference: "invented_imaging-101", title: "Invented Imaging", externalServiceID: "imaging",
                dialect: .fhir0111, webhook: "bridge"),
            PretendListing(
                reference: "invented_cardiology-102", title: "Invented Cardiology", externalServiceID: "cardiology",
                dialect: .fhir0100, webhook: "bridge"),
            PretendListing(
                reference: "invented_spine-103", title: "Invented Spine Clinic", externalServiceID: "spine",
                dialect: .oceanJSON, webhook: "bridge"),
        ]
        var second = PretendSite.demonstration(number: "4600", name: "Invented Community Hospital")
        second.listings = [
            PretendListing(
                reference: "invented_community-201", title: "Invented Community Clinic",
                externalServiceID: "community", dialect: .fhir0111, webhook: "bridge")
        ]
        configuration.sites = [hospital, second]
        return configuration
    }
}

extension PretendSite {
    /// A site with credentials made of its number: good for a pretend Ocean only.
    fileprivate static func demonstration(number: String, name: String) -> PretendSite {
        var site = PretendSite()
        site.number = number
        site.name = name
        site.clientID = "sandbox-client-of-invented-site-\(number)"
        site.clientSecret = "sandbox-secret-of-invented-site-\(number)"
        site.siteKey = "sandbox-key-\(number)"
        site.siteCredential = "sandbox-credential-\(number)"
        site.sharedEncryptionKey = "Sandbox#\(number)Key!"
        site.engagementWebhook = "bridge"
        return site
    }
}
