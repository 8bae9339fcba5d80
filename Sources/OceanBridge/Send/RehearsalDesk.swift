// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Embedded
import Gateway
import HTTPTypes
import JSON
import Ocean
import Workers

/// Answers what would be posted to Ocean for an update; the same over HTTP and on the command line.
struct RehearsalDesk: Sendable {
    let rehearsal: UpdateRehearsal

    func answer(_ message: Message) async -> Answer {
        do {
            let renderings = try await rehearsal.render(message)
            guard renderings.count != 1, let first = renderings.first else {
                guard let only = renderings.first else { return .json(["changes": []]) }
                return .json(.object(try Self.json(only)))
            }
            var answer: JSONObject = [
                "referral": .string(first.update.referral), "site": .string(first.update.site),
            ]
            answer["changes"] = .array(try renderings.map { .object(try Self.json($0)) })
            return .json(.object(answer))
        } catch let error as TranslationError {
            return .problem(
                .unprocessableContent, error.description, members: ["pointer": .string(error.place)])
        } catch let error as StoreError {
            return .retryLater("the store does not serve now: \(error.code.rawValue)")
        } catch {
            return .problem(.internalServerError, "the update could not be rendered")
        }
    }
}

extension RehearsalDesk {
    private static func json(_ rendering: UpdateRehearsal.Rendering) throws -> JSONObject {
        var answer: JSONObject = [
            "referral": .string(rendering.update.referral), "site": .string(rendering.update.site),
            "action": .string(rendering.update.action.rawValue), "event": .string(rendering.event),
            "dialect": .string(rendering.dialect.rawValue), "referralKnown": .bool(rendering.knowsReferral),
        ]
        answer.append("part", rendering.part.isEmpty ? nil : .string(rendering.part))
        answer.append("preventedBy", rendering.preventedBy.map { .string($0) })
        answer["bundle"] = try JSONValue(parsing: rendering.bundle)
        return answer
    }
}

extension Parts {
    /// With what this bridge knows of its referrals.
    func rehearsal() -> RehearsalDesk {
        RehearsalDesk(
            rehearsal: UpdateRehearsal(
                reader: OceanUpdateReader(statusMaps: settings.ocean.statusMaps), writer: OceanUpdateWriter(),
                settings: settings.publisherSettings(holder: "rehearsal"),
                record: { [store] (referral) async throws(StoreError) in try await store.referral(referral) }))
    }
}
