// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Logging
import Synchronization

@testable import Workers

/// Moves the clock at each pause, except for the time of a claim, which passes only when it is cancelled.
func attending(_ clock: ManualClock) -> StopSignal.Sleep {
    let short = instantly(clock)
    return { duration in
        guard duration >= .seconds(100) else { return try await short(duration) }
        try await Task.sleep(for: .seconds(3600))
    }
}

/// Claims that no renewal is due of while the clock jumps.
let unhurried: ParkingAttendant.Settings = {
    var settings = ParkingAttendant.Settings()
    settings.claim = .seconds(600)
    return settings
}()

/// Runs the attendant until `condition` holds of the journal.
func attend(
    _ attendant: ParkingAttendant, _ journal: Journal, until condition: @Sendable ([String]) -> Bool
) async {
    let run = Task { await attendant.run() }
    await journal.wait(until: condition)
    attendant.stop()
    await run.value
}

/// The lines that an operator reads.
func lines() -> (OceanDownTests.Lines.Counts, Logger) {
    let counts = OceanDownTests.Lines.Counts()
    return (counts, Logger(label: "lines", factory: { _ in OceanDownTests.Lines(kept: counts) }))
}

extension PublisherBench {
    /// Ocean fails for some referrals while `isBroken`.
    static func failing(
        for broken: Set<String>, while isBroken: Flag, store: @escaping ScriptedStore.Script = { _, _ in nil },
        logger: Logger = quiet
    ) -> PublisherBench {
        PublisherBench(store: store, logger: logger) { call, _ in
            isBroken.value && broken.contains(referral(of: call)) ? ScriptedOcean.unavailable() : nil
        }
    }

    /// The plain writer's bundle is `dialect|referral|message`.
    static func part(_ index: Int, of call: ScriptedOcean.Call) -> String {
        let parts = String(decoding: call.body, as: UTF8.self).split(separator: "|")
        return index < parts.count ? String(parts[index]) : ""
    }

    static func referral(of call: ScriptedOcean.Call) -> String { part(1, of: call) }

    var attendant: ParkingAttendant {
        .publisher(publisher, holder: "attendant", settings: unhurried, sleep: attending(clock))
    }

    var parked: [String] { store.parked.map(\.message.id) }
}

extension TranslatorBench {
    var attendant: ParkingAttendant {
        .translator(translator, holder: "attendant", settings: unhurried, sleep: attending(clock))
    }

    var parked: [String] { store.parked.map(\.message.id) }
}

/// A switch between a test and its scripts.
final class Flag: Sendable {
    private let kept: Mutex<Bool>

    init(_ value: Bool) {
        kept = Mutex(value)
    }

    var value: Bool {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}
