// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ClaimCheck
import Ocean
import Workers

extension Settings {
    /// Builds the settings from effective values.
    ///
    /// - Throws: `SettingsError` with every problem found, not only the first.
    package init(_ values: SettingsValues) throws(SettingsError) {
        var reader = SettingsReader(values)
        ocean = Ocean(
            host: reader.host(["ocean", "host"], insecureFlag: ["ocean", "allowInsecureHost"]),
            allowInsecureHost: reader.flag(["ocean", "allowInsecureHost"]),
            timeout: reader.duration(["ocean", "timeout"]), sourceEndpoint: reader.text(["ocean", "sourceEndpoint"]),
            statusMaps: reader.statusMaps())
        sites = [:]
        for number in values.keys(under: "sites") { sites[number] = reader.site(number) }
        integrations = [:]
        for name in values.keys(under: "integrations") {
            if let integration = reader.integration(name, sites: sites) { integrations[name] = integration }
        }
        bus = reader.bus()
        spool = reader.spool()
        reader.store()
        dataDirectory = reader.text(["dataDirectory"])
        documents = reader.documents(dataDirectory: dataDirectory)
        publicListener = reader.publicListener()
        hooks = reader.hooks(sites: sites, publicURL: publicListener.publicURL)
        cardRules = reader.cardRules(for: hooks.services)
        operationsListener = reader.operationsListener()
        workers = Workers(
            prefetch: reader.integer(["workers", "prefetch"]), concurrency: reader.integer(["workers", "concurrency"]),
            stopTimeout: reader.duration(["workers", "stopTimeout"]),
            firstRetry: reader.duration(["workers", "retry", "first"]),
            longestRetry: reader.duration(["workers", "retry", "longest"]),
            parkAfter: reader.duration(["workers", "parkAfter"]), holdLimit: reader.duration(["workers", "holdLimit"]),
            crashLimit: reader.integer(["workers", "crashLimit"]), fairShare: reader.flag(["workers", "fairShare"]),
            repeatWindow: reader.duration(["workers", "repeatWindow"]),
            refusesStale: reader.flag(["updates", "staleGuard"]))
        parking = Parking(
            firstRetry: reader.duration(["parking", "retry", "first"]),
            longestRetry: reader.duration(["parking", "retry", "longest"]),
            maximumMessages: reader.integer(["parking", "maximumMessages"]))
        keepEndedReferrals = reader.duration(["store", "keepEndedReferrals"])
        roles = reader.roles()
        deliversFHIR = reader.flag(["delivery", "fhir"])
        deliversOceanJSON = reader.flag(["delivery", "ocean"])
        deliversCanonical = reader.flag(["delivery", "canonical"])
        validation = BundleJudge.Scope(rawValue: reader.text(["validation"])) ?? .received
        logLevel = reader.text(["log", "level"])
        sandboxAddress = reader.address(["sandbox", "address"])
        sandboxJournalFile = reader.optional(["sandbox", "journalFile"])
        sandboxTimesFaster = reader.integer(["sandbox", "timesFaster"])
        sandboxTestData = reader.flag(["sandbox", "testData"])
        sandboxAsksServices = reader.flag(["sandbox", "cds"])
        if roles.contains(.translator), !deliversFHIR, !deliversOceanJSON, !deliversCanonical {
            reader.complain(["delivery", "fhir"], "no hospital exchange is switched on; set one of delivery.* to true")
        }
        if workers.holdLimit <= workers.parkAfter {
            reader.complain(
                ["workers", "holdLimit"], "must be longer than workers.parkAfter, or nothing is ever parked")
        }
        guard reader.problems.isEmpty else { throw SettingsError(reader.problems) }
    }
}

/// Reads typed values and collects what is wrong with them.
struct SettingsReader {
    let values: SettingsValues
    var problems: [SettingsError.Problem]

    init(_ values: SettingsValues) {
        self.values = values
        problems = values.problems
    }

    mutating func complain(_ path: [String], _ message: String) {
        let place = values[path]?.origin.place ?? "settings"
        problems.append(.init(place: place, message: "\(path.joined(separator: ".")): \(message)"))
    }

    // Values of a wrong kind are complained of by `SettingsValues`; here they only need some value.
    func optional(_ path: [String]) -> String? { values[path]?.text }
    func text(_ path: [String]) -> String { optional(path) ?? "" }
    func integer(_ path: [String]) -> Int { optional(path).flatMap { Int($0) } ?? 0 }
    func flag(_ path: [String]) -> Bool { optional(path) == "true" }
    func duration(_ path: [String]) -> Duration { optional(path).flatMap { SettingsValues.duration($0) } ?? .zero }

    mutating func host(_ path: [String], insecureFlag: [String]) -> String {
        var host = text(path)
        while host.hasSuffix("/") { host.removeLast() }
        if host.hasPrefix("https://"), host.utf8.count > 8 { return host }
        let isLocal = ["http://127.", "http://localhost", "http://[::1]"].contains { host.hasPrefix($0) }
        if host.hasPrefix("http://"), isLocal || flag(insecureFlag) { return host }
        complain(path, "must begin with https:// (http:// only for this machine, or with ocean.allowInsecureHost)")
        return host
    }

    mutating func publicURL(_ path: [String]) -> String? {
        guard var url = optional(path) else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        let rest = ["https://", "http://"].first { url.hasPrefix($0) }.map { url.dropFirst($0.count) }
        guard let rest, !rest.isEmpty, !rest.contains(where: { "?#@ ".contains($0) }) else {
            complain(path, "must begin with https:// and end with host, port or path, as in https://bridge.hospital.ca")
            return nil
        }
        return url
    }

    mutating func address(_ path: [String]) -> ListenAddress {
        guard let address = ListenAddress(text(path)) else {
            complain(path, "must be host:port, as in 127.0.0.1:8080")
            return ListenAddress(host: "127.0.0.1", port: 0)
        }
        return address
    }

    mutating func statusMaps() -> StatusMaps {
        var maps = StatusMaps()
        do throws(SettingsError) {
            maps.standard = try values.statusMap(under: ["ocean", "statusMap"], over: maps.standard) ?? maps.standard
        } catch {
            problems += error.problems
        }
        for number in values.keys(under: "sites") {
            do throws(SettingsError) {
                maps.sites[number] = try values.statusMap(
                    under: ["sites", number, "statusMap"], over: maps.standard)
            } catch {
                problems += error.problems
            }
        }
        return maps
    }

    mutating func site(_ number: String) -> Settings.Site {
        if !(number.utf8.allSatisfy { (0x30...0x39).contains($0) } && (1...10).contains(number.utf8.count)) {
            complain(["sites", number, "dialect"], "a site is named by its number, as in \"1234\"")
        }
        func path(_ names: String...) -> [String] { ["sites", number] + names }
        let site = Settings.Site(
            number: number, clientID: optional(path("oauth", "clientId")),
            clientSecret: optional(path("oauth", "clientSecret")),
            tokenStyle: optional(path("oauth", "tokenStyle")) ?? "body",
            siteKey: optional(path("openApi", "siteKey")), siteCredential: optional(path("openApi", "siteCredential")),
            sharedEncryptionKey: optional(path("openApi", "sharedEncryptionKey")),
            previousSharedEncryptionKey: optional(path("openApi", "previousSharedEncryptionKey")),
            dialect: optional(path("dialect")) ?? "0.11.1", updates: conventions(number),
            concurrency: integer(path("concurrency")),
            callInterval: duration(path("callInterval")),
            deniedActions: optional(path("actions", "deny")).map { SettingsValues.words($0) },
            allowedActions: optional(path("actions", "allow")).map { SettingsValues.words($0) },
            isDryRun: flag(path("dryRun")))
        if (site.clientID == nil) != (site.clientSecret == nil) {
            complain(path("oauth", "clientId"), "clientId and clientSecret belong together")
        }
        if (site.siteKey == nil) != (site.siteCredential == nil) {
            complain(path("openApi", "siteKey"), "siteKey and siteCredential belong together")
        }
        return site
    }

    /// What Ocean's documents leave open about updates. The schema knows the words; the defaults are the type's.
    private func conventions(_ site: String) -> UpdateConventions {
        func word<Word: RawRepresentable<String>>(_ name: String, _ fallback: Word) -> Word {
            optional(["sites", site, "updates", name]).flatMap { Word(rawValue: $0) } ?? fallback
        }
        var output = UpdateConventions()
        output.headerReference = word("headerReference", output.headerReference)
        output.echo = word("echo", output.echo)
        output.messageEvent = word("messageEvent", output.messageEvent)
        output.changeEvent = word("changeEvent", output.changeEvent)
        output.cancellation = word("cancellation", output.cancellation)
        output.bookingPatient = word("bookingPatient", output.bookingPatient)
        output.demographicsEvent = word("demographicsEvent", output.demographicsEvent)
        output.informationRequest = word("informationRequest", output.informationRequest)
        output.attachments = word("attachments", output.attachments)
        output.waitTime = word("waitTime", output.waitTime)
        output.importOnAccept = flag(["sites", site, "updates", "importOnAccept"])
        output.missingActions = word("missingActions", output.missingActions)
        return output
    }

    mutating func integration(_ name: String, sites: [String: Settings.Site]) -> Settings.Integration? {
        func path(_ names: String...) -> [String] { ["integrations", name] + names }
        let plain = name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D
                || $0 == 0x5F
        }
        if !plain { complain(path("kind"), "an integration's name may hold letters, digits, - and _ only") }
        guard let kind = optional(path("kind")) else {
            complain(path("kind"), "is required: ereferral-fhir, ereferral-open-api or patient-engagement")
            return nil
        }
        guard let site = optional(path("site")) else {
            complain(path("site"), "is required: the number of the Ocean site")
            return nil
        }
        if sites[site] == nil { complain(path("site"), "site \(site) is not under sites") }
        guard let authentication = authentication(["integrations", name]) else { return nil }
        return Settings.Integration(
            name: name, kind: kind, site: site, authentication: authentication, losses: losses(name))
    }

    private func losses(_ name: String) -> LossBudget.Allowance {
        let path = ["integrations", name, "lossBudget"]
        var allowance = LossBudget.Allowance()
        allowance.isWatched = flag(path + ["alarm"])
        allowance.limit = integer(path + ["limit"])
        for part in text(path + ["accept"]).split(separator: ",") {
            let word = part.drop { $0 == " " }
            if !word.isEmpty { allowance.accepted.insert(String(word.reversed().drop { $0 == " " }.reversed())) }
        }
        return allowance
    }

    /// - Parameter section: the path above `auth`.
    mutating func authentication(_ section: [String]) -> Settings.Authentication? {
        func value(_ names: String...) -> String? { optional(section + ["auth"] + names) }
        var found: [Settings.Authentication] = []
        var halves = false
        func pair(_ first: String?, _ second: String?, _ make: (String, String) -> Settings.Authentication) {
            if let first, let second {
                found.append(make(first, second))
            } else if first != nil || second != nil {
                halves = true
            }
        }
        if value("none") == "true" { found.append(.none) }
        if let token = value("bearer", "token") { found.append(.bearer(token: token)) }
        pair(value("basic", "username"), value("basic", "password")) { .basic(username: $0, password: $1) }
        pair(value("header", "name"), value("header", "value")) { .header(name: $0, value: $1) }
        pair(value("oauth2", "clientId"), value("oauth2", "clientSecret")) {
            .oauth2(clientID: $0, clientSecret: $1)
        }
        guard found.count == 1, !halves, let only = found.first else {
            complain(
                section + ["auth"],
                "needs exactly one complete scheme: none, basic, bearer, header or oauth2")
            return nil
        }
        return only
    }

    mutating func bus() -> Settings.Bus {
        let bus = Settings.Bus(
            url: text(["bus", "url"]), partitions: integer(["bus", "partitions"]),
            publishTimeout: duration(["bus", "publishTimeout"]), heartbeat: duration(["bus", "heartbeat"]),
            caFile: text(["bus", "tls", "caFile"]), certificateFile: optional(["bus", "tls", "certificateFile"]),
            keyFile: optional(["bus", "tls", "keyFile"]), verifyHostName: flag(["bus", "tls", "verifyHostName"]),
            allowVulnerableLibrary: flag(["bus", "allowVulnerableLibrary"]))
        if !bus.isEmbedded, !bus.url.hasPrefix("amqp://"), !bus.url.hasPrefix("amqps://") {
            complain(["bus", "url"], "must be `embedded` or begin with amqp:// or amqps://")
        }
        if (bus.certificateFile == nil) != (bus.keyFile == nil) {
            complain(["bus", "tls", "certificateFile"], "certificateFile and keyFile belong together")
        }
        return bus
    }

    mutating func spool() -> Settings.Spool {
        let spool = Settings.Spool(
            enabled: flag(["spool", "enabled"]), maximumBytes: integer(["spool", "maximumBytes"]),
            maximumAge: duration(["spool", "maximumAge"]), keyFile: optional(["spool", "keyFile"]),
            previousKeyFile: optional(["spool", "previousKeyFile"]))
        if spool.previousKeyFile != nil, spool.keyFile == nil {
            complain(["spool", "previousKeyFile"], "needs spool.keyFile too")
        }
        return spool
    }

    mutating func store() {
        if text(["store", "url"]) != "embedded" {
            complain(["store", "url"], "this version knows only `embedded`")
        }
    }

    mutating func documents(dataDirectory: String) -> Settings.Documents {
        func path(_ names: String...) -> [String] { ["documents"] + names }
        var store = StoreAddress.directory(dataDirectory + "/documents")
        if let url = optional(path("store", "url")) {
            var fault = ""
            if let named = StoreAddress(url, fault: &fault) {
                store = named
            } else {
                complain(path("store", "url"), fault)
            }
        }
        let documents = Settings.Documents(
            enabled: flag(path("enabled")), letters: flag(path("letters")), attachments: flag(path("attachments")),
            letterWithAttachments: flag(path("letterWithAttachments")), refreshLetters: flag(path("refreshLetters")),
            maximumBytes: integer(path("maximumBytes")), types: documentTypes(path("mediaTypes")),
            pace: duration(path("pace")), concurrency: integer(path("concurrency")),
            timeout: duration(path("timeout")), store: store, accessKeyID: optional(path("store", "accessKeyId")),
            secretAccessKey: optional(path("store", "secretAccessKey")), keep: duration(path("store", "keep")),
            reserve: integer(path("store", "reserve")), scanCommand: optional(path("scan", "command")),
            scanArguments: text(path("scan", "arguments")).split(separator: " ").map(String.init),
            scanTimeout: duration(path("scan", "timeout")))
        if case .s3 = store, documents.accessKeyID == nil || documents.secretAccessKey == nil {
            complain(path("store", "url"), "needs documents.store.accessKeyId and secretAccessKey (or …File) too")
        }
        if let command = documents.scanCommand, !command.hasPrefix("/") {
            complain(path("scan", "command"), "must be an absolute path; arguments go to documents.scan.arguments")
        }
        if documents.keep < .seconds(3600) {
            complain(path("store", "keep"), "must be an hour at least, or hospital systems have no time to fetch")
        }
        return documents
    }

    private mutating func documentTypes(_ path: [String]) -> Set<DocumentType> {
        var types: Set<DocumentType> = []
        for word in text(path).split(separator: ",") {
            let name = word.filter { $0 != " " }
            if let type = DocumentType(mediaType: name) {
                types.insert(type)
            } else {
                complain(path, "\(name) is not known; known: \(DocumentTypes.all)")
            }
        }
        return types
    }

    mutating func publicListener() -> Settings.PublicListener {
        let listener = Settings.PublicListener(
            address: address(["http", "public", "address"]), publicURL: publicURL(["http", "public", "url"]),
            certificateFile: optional(["http", "public", "tls", "certificateFile"]),
            keyFile: optional(["http", "public", "tls", "keyFile"]),
            maximumBodyBytes: integer(["http", "public", "maximumBodyBytes"]),
            requestTimeout: duration(["http", "public", "requestTimeout"]),
            maximumConnections: integer(["http", "public", "maximumConnections"]),
            tokenLifetime: duration(["http", "public", "tokenLifetime"]),
            tokenKey: optional(["http", "public", "tokenKey"]))
        if (listener.certificateFile == nil) != (listener.keyFile == nil) {
            complain(["http", "public", "tls", "certificateFile"], "certificateFile and keyFile belong together")
        }
        return listener
    }

    mutating func operationsListener() -> Settings.OperationsListener {
        let listener = Settings.OperationsListener(
            address: address(["http", "operations", "address"]), token: optional(["http", "operations", "token"]))
        if !listener.address.isLoopback, listener.token == nil {
            complain(
                ["http", "operations", "address"],
                "is reachable from other machines: set http.operations.token too, or listen on 127.0.0.1")
        }
        return listener
    }

    mutating func roles() -> Set<Settings.Role> {
        var roles: Set<Settings.Role> = []
        for word in text(["roles"]).split(separator: ",") {
            let name = word.filter { $0 != " " }
            if let role = Settings.Role(rawValue: name) {
                roles.insert(role)
            } else {
                complain(
                    ["roles"],
                    "\(name) is no role; known: \(Settings.Role.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }
        return roles
    }
}
