// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What is fuzzed: one entry each into the readers of bytes that others wrote. Shared by the fuzzer's program
/// (Tests/Fuzzing) and by the test that repeats the cases it found.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// The JSON parser, its two results, writer and pointer.
    case json
    /// FHIR R4 structural validation.
    case validator
    /// Webhook bodies, FHIR bundles above all.
    case bundle
    /// Webhook bodies in Ocean JSON, with the site's key at hand.
    case oceanJSON = "ocean-json"
    /// What hospital systems publish, and what is written for Ocean from it.
    case update
    /// What is written for hospitals from webhook bodies.
    case translation
    /// Encrypted blocks, bodies and keys.
    case crypto
    /// AMQP properties and HTTP header values.
    case headers
    /// HTML notes, dates and other texts inside payloads.
    case text

    /// Feeds one input.
    ///
    /// - Returns: in words, what does not hold that must hold for any input; nothing when all is well. A trap is a
    ///   finding too.
    func flaws(in input: [UInt8]) -> [String] {
        switch self {
        case .json: JSONFuzzing.flaws(in: input)
        case .validator: ValidatorFuzzing.flaws(in: input)
        case .bundle: InboundFuzzing.flaws(in: input, isTranslated: false)
        case .oceanJSON: OceanJSONFuzzing.flaws(in: input)
        case .update: UpdateFuzzing.flaws(in: input)
        case .translation: InboundFuzzing.flaws(in: input, isTranslated: true)
        case .crypto: CryptoFuzzing.flaws(in: input)
        case .headers: HeaderFuzzing.flaws(in: input)
        case .text: TextFuzzing.flaws(in: input)
        }
    }
}
