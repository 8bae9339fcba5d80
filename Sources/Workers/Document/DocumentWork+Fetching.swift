// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics
import Ocean

extension DocumentWork {
    /// Fetches until the document is kept or will never be. Later documents of the referral wait behind it.
    ///
    /// - Throws: `Halt` on the stop signal, when Ocean or the store went down, and with a setback when this document
    ///   fails for too long while others succeed.
    func obtain(_ request: DocumentRequest) async throws(Halt) -> Result<DocumentClaim, DocumentError> {
        guard let site = message.attributes.site, !site.isEmpty else {
            return .failure(DocumentError(.notConfigured, "the request names no site, and so no credentials"))
        }
        let place: Place
        do throws(DocumentError) {
            place = try self.place(of: request)
        } catch {
            Self.count(error.reason)
            return .failure(error)
        }
        var tries = 0
        var doubts = 0
        while true {
            tries += 1
            let failure: DocumentError
            switch try await attempt(request, place, site: site) {
            case .success(let claim):
                Self.count("stored")
                return .success(claim)
            case .failure(let error): failure = error
            }
            if Task.isCancelled { throw Halt() }
            if failure.kind == .store { throw storageFailed(failure) }
            // When pages for people come for every referral, it is not this one that is at fault.
            if failure.kind == .ocean || failure.code == .webPage, worker.availability.isDown { throw Halt() }
            if failure.kind == .doubtful { doubts += 1 }
            if failure.kind == .final || doubts >= worker.settings.tries {
                Self.count(failure.reason)
                return .failure(failure)
            }
            try await weigh(failure, tries: tries)
            let delay = worker.persistence.backoff.delay(afterAttempt: tries, retryAfter: failure.retryAfter)
            guard await stop.pause(for: delay) else { throw Halt() }
        }
    }

    /// Where a document is fetched from.
    enum Place: Sendable, Hashable {
        case address(DocumentAddress)
        /// A file of the Open eReferral API.
        case file(String, referral: String)
    }

    private func place(of request: DocumentRequest) throws(DocumentError) -> Place {
        let url = request.document.url ?? ""
        if url.isEmpty, let file = request.document.ref, !file.isEmpty {
            return .file(file, referral: request.referral)
        }
        return .address(
            try DocumentAddress(
                url, host: worker.settings.oceanHost, referral: request.referral,
                withAttachments: worker.settings.lettersWithAttachments))
    }

    private func fetch(_ place: Place, site: String, to inspector: DocumentInspector) async throws(DocumentError) {
        switch place {
        case .address(let address):
            try await worker.source.document(address, site: site, trace: hop.trace, to: inspector)
        case .file(let file, let referral):
            guard let files = worker.files else {
                throw DocumentError(.notConfigured, "the request is for a file of the Open API, which is not set up")
            }
            try await files.fetch(
                file, of: referral, site: site, limit: worker.settings.limit, trace: hop.trace, to: inspector)
        }
    }

    /// A failure that may pass: is it to be tried again here?
    private func weigh(_ failure: DocumentError, tries: Int) async throws(Halt) {
        hop.note(.document, "retry", detail: "\(failure.reason), attempt \(tally.attempt)")
        hop.retrying("document", failure, attempt: tries)
        await tally.note(failure.reason, hop)
        // What is in doubt ends by itself after a few tries.
        guard failure.kind != .doubtful else { return }
        if tally.isOverdue(since: worker.availability.upSince, wait: failure.retryAfter ?? .zero) {
            throw Halt(Setback(reason: failure.reason, retryAfter: failure.retryAfter))
        }
    }

    /// Waits for its turn, and for Ocean.
    private func attempt(
        _ request: DocumentRequest, _ place: Place, site: String
    ) async throws(Halt) -> Result<DocumentClaim, DocumentError> {
        await worker.permits.acquire(site)
        let outcome: Result<DocumentClaim, DocumentError>
        do throws(Halt) {
            try await turn(site)
            outcome = await keep(request, place, site: site)
        } catch {
            worker.permits.release(site, answered: false)
            throw error
        }
        worker.pace.ended(site)
        settle(outcome, site: site)
        return outcome
    }

    private func turn(_ site: String) async throws(Halt) {
        if worker.isPaused || stop.isTriggered { throw Halt() }
        let wait = worker.pace.wait(for: site)
        if wait > .zero, await !stop.pause(for: wait) { throw Halt() }
        while true {
            // It may have waited long.
            if stop.isTriggered || Task.isCancelled || worker.storage.isDown { throw Halt() }
            switch worker.availability.admit() {
            case .go: return
            case .down: throw Halt()
            case .wait(let duration):
                guard await stop.pause(for: duration) else { throw Halt() }
            }
        }
    }

    /// Tells availability and permits what the call says of Ocean.
    private func settle(_ outcome: Result<DocumentClaim, DocumentError>, site: String) {
        let availability = worker.availability
        var isAnswer = true
        if case .failure(let error) = outcome {
            switch (error.kind, error.code) {
            case (.ocean, _), (_, .webPage):
                isAnswer = false
                if tally.isFromLot || Task.isCancelled {
                    // It is known to fail on its own account, so it says nothing of Ocean.
                    availability.withdrawn()
                } else if availability.failed(
                    referral: message.subject ?? message.id, site: site, reason: error.reason)
                {
                    worker.permits.restrict()
                }
            case (.store, _), (_, .notConfigured):
                isAnswer = false
                availability.withdrawn()
            default: break
            }
        }
        if isAnswer { availability.answered() }
        worker.permits.release(site, answered: isAnswer)
    }

    /// One try: fetch, inspect, scan, keep.
    private func keep(
        _ request: DocumentRequest, _ place: Place, site: String
    ) async -> Result<DocumentClaim, DocumentError> {
        let draft: any ClaimCheckDraft
        do throws(ClaimCheckError) {
            draft = try await worker.claims.draft()
        } catch {
            return .failure(DocumentError(error))
        }
        do throws(DocumentError) {
            let inspector = DocumentInspector(
                request.document, allowed: worker.settings.types, limit: worker.settings.limit, draft: draft)
            let start = ContinuousClock.now
            try await fetch(place, site: site, to: inspector)
            let findings = try await inspector.finish()
            Self.measure(findings.size, since: start)
            let isScanned = try await scan(draft)
            let claim = claim(request, findings, isScanned: isScanned)
            do throws(ClaimCheckError) {
                try await worker.claims.commit(draft, as: claim)
            } catch {
                throw DocumentError(error)
            }
            return .success(claim)
        } catch {
            await draft.discard()
            return .failure(error)
        }
    }

    /// - Returns: whether a scanner has looked at it.
    private func scan(_ draft: any ClaimCheckDraft) async throws(DocumentError) -> Bool {
        guard let scanner = worker.scanner else { return false }
        do throws(ClaimCheckError) {
            try await draft.close()
        } catch {
            throw DocumentError(error)
        }
        switch await scanner.scan(draft.path) {
        case .clean: return true
        case .failed(let reason):
            throw DocumentError(.scanner, reason)
        case .infected:
            do throws(ClaimCheckError) {
                try await worker.claims.quarantine(draft, id: id)
            } catch {
                throw DocumentError(error)
            }
            throw DocumentError(
                .infected, "the virus scanner found something; the file is in the store's quarantine under \(id)")
        }
    }

    private func claim(
        _ request: DocumentRequest, _ findings: DocumentInspector.Findings, isScanned: Bool
    ) -> DocumentClaim {
        var claim = DocumentClaim()
        claim.id = id
        claim.referral = request.referral
        claim.site = message.attributes.site
        claim.kind = request.document.kind
        claim.document = request.document.ref
        claim.contentType = findings.type.rawValue
        claim.size = findings.size
        claim.sha256 = findings.sha256
        claim.hash = findings.sha1
        claim.storedAt = worker.clock.now().description
        claim.scanned = isScanned
        return claim
    }

    private static func count(_ outcome: String) {
        Counter(label: "ocean_bridge_documents_total", dimensions: [("outcome", outcome)]).increment()
    }

    private static func measure(_ size: Int, since start: ContinuousClock.Instant) {
        Counter(label: "ocean_bridge_document_bytes_total").increment(by: size)
        let (seconds, attoseconds) = start.duration(to: .now).components
        Metrics.Timer(label: "ocean_bridge_document_fetch_seconds")
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
