// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// One setting: where it stands in the file, what it may hold, what it means.
///
/// The table of declarations is the single source of the file's check, its JSON Schema, docs/configuration.md and the
/// names of environment variables.
package struct SettingDeclaration: Sendable {
    package enum Kind: Sendable, Hashable {
        case text
        case integer(ClosedRange<Int>)
        case flag
        case choice([String])
        /// Some of these, as a list or comma-separated.
        case words([String])
        /// A number with a unit: `250ms`, `30s`, `5m`, `2h`, `7d`.
        case duration
        /// A scalar that is masked when printed; also read from `<name>File` and from the secrets directory.
        case secret
    }

    /// Members from the root; `*` stands for a key that the user chooses.
    package let path: [String]
    package let kind: Kind
    /// As it would be written in the file; nil when there is none.
    package let defaultText: String?
    package let note: String

    package init(_ path: String, _ kind: Kind, default defaultText: String? = nil, _ note: String) {
        self.path = path.split(separator: ".").map(String.init)
        self.kind = kind
        self.defaultText = defaultText
        self.note = note
    }

    /// `sites.*.oauth.clientId`
    package var name: String { path.joined(separator: ".") }
}

extension SettingDeclaration {
    /// Every setting of the program.
    package static let all: [SettingDeclaration] =
        ocean + statusMap + sites + siteStatusMap + integrations + dataSources + launch + bus + spool + store
        + documents + forms + http + hooks + cardRules + workers + other

    private static let ocean: [SettingDeclaration] = [
        .init(
            "ocean.host", .text, default: "https://ocean.cognisantmd.com", "Ocean's address, without a trailing slash"),
        .init(
            "ocean.allowInsecureHost", .flag, default: "false",
            "allow http:// for a host that is not this machine; only for a closed test network"),
        .init("ocean.timeout", .duration, default: "30s", "longest wait for one answer of Ocean"),
        .init(
            "ocean.sourceEndpoint", .text, default: "https://ocean-bridge.invalid/ocean",
            "our own address in MessageHeader.source.endpoint (assumed to be informative only)"),
    ]

    private static let statusMap = StatusRows.all.map { row in
        SettingDeclaration(
            "ocean.statusMap.\(row.name)", .text, default: row.shippedWords,
            "Ocean JSON: words that mean `\(row.status.rawValue)`, comma-separated, the first is written; "
                + "the default is assumed, as Ocean publishes no list")
    }

    private static let siteStatusMap = StatusRows.all.map { row in
        SettingDeclaration(
            "sites.*.statusMap.\(row.name)", .text,
            "the same for this site, in place of `ocean.statusMap.\(row.name)`")
    }

    private static let sites: [SettingDeclaration] = [
        .init(
            "sites.*.oauth.clientId", .text,
            "client id of the site's OAuth credentials (portal: Admin > Manage Credentials)"),
        .init("sites.*.oauth.clientSecret", .secret, "client secret of the same credentials"),
        .init(
            "sites.*.oauth.tokenStyle", .choice(["body", "basic", "basic-query"]), default: "body",
            "where id and secret go in the token request: in the form (`client_secret_post`), in the Basic header "
                + "(`client_secret_basic`), or as Ocean's own sample client sends them (Basic header as they are, grant "
                + "in the query); use another when `check` says that Ocean refuses right credentials"),
        .init("sites.*.openApi.siteKey", .text, "site key of the Open API"),
        .init("sites.*.openApi.siteCredential", .secret, "site credential of the Open API"),
        .init("sites.*.openApi.sharedEncryptionKey", .secret, "the site's shared encryption key"),
        .init("sites.*.openApi.previousSharedEncryptionKey", .secret, "the key before the last change, tried second"),
        .init(
            "sites.*.openApi.privateKeys", .choice(["off", "on"]), default: "off",
            "open referrals whose key is wrapped with the site's private key only: that key is fetched from Ocean each "
                + "time (assumed in part: how the wrapped text encodes the key is not published)"),
        .init(
            "sites.*.dialect", .choice(["0.10.0", "0.11.1"]), default: "0.11.1",
            "the form of updates to Ocean when the referral does not tell"),
        .init(
            "sites.*.updates.transport", .choice(["fhir", "open-api"]), default: "fhir",
            "how message and requestInformation go to Ocean: in FHIR bundles, or as encrypted messages of the Open "
                + "eReferral API (assumed in part); everything else goes by FHIR in any case"),
        .init(
            "sites.*.updates.headerReference", .choice(["both", "identifier", "string"]), default: "both",
            "how the header of an update in 0.11.1 names the referral: ext-referral-identifier, ext-id-message-header, "
                + "or both (assumed to be safe: each was seen accepted)"),
        .init(
            "sites.*.updates.echo", .choice(["minimal", "full"]), default: "minimal",
            "what an update holds besides the change: nothing (seen accepted in 0.10.0, assumed in 0.11.1), or all "
                + "resources last received for the referral; full keeps them in the store from then on"),
        .init(
            "sites.*.updates.messageEvent", .choice(["send-communication-from-provider", "send-communication"]),
            default: "send-communication-from-provider", "event of a message to the referrer in 0.11.1; both were seen"),
        .init(
            "sites.*.updates.changeEvent",
            .choice(["notify-add-appointment", "notify-update-appointment", "notify-update-process-request"]),
            default: "notify-add-appointment",
            "event of a confirmed, moved or cancelled appointment in 0.11.1 (assumed)"),
        .init(
            "sites.*.updates.cancellation", .choice(["cancelled", "proposed"]), default: "cancelled",
            "how an appointment is cancelled: status cancelled, or proposed without times as Ocean itself says it "
                + "(assumed)"),
        .init(
            "sites.*.updates.bookingPatient", .choice(["include", "omit"]), default: "include",
            "whether a booking carries the patient as known, to whom Ocean may write (seen in 0.10.0, assumed in "
                + "0.11.1)"),
        .init(
            "sites.*.updates.demographicsEvent", .choice(["notify-data-correction", "update-patient-data"]),
            default: "notify-data-correction", "event of corrected demographics in 0.11.1 (assumed)"),
        .init(
            "sites.*.updates.informationRequest", .choice(["message", "task"]), default: "message",
            "how requestInformation goes to Ocean: as a message, or as a Task request-for-information-for-requester "
                + "(assumed)"),
        .init(
            "sites.*.updates.attachments", .choice(["inline", "document-reference", "refuse"]), default: "inline",
            "how files go with a message: contentAttachment, DocumentReference, or not at all (assumed: Ocean's form "
                + "is not published)"),
        .init(
            "sites.*.updates.waitTime", .choice(["coding", "string"]), default: "coding",
            "value of the wait-time extension; coding was seen, string is mentioned once"),
        .init(
            "sites.*.updates.importOnAccept", .flag, default: "false",
            "with accept, ask Ocean to import the referral into the site's EMR"),
        .init(
            "sites.*.updates.missingActions", .choice(["refuse", "as-0.11.1"]), default: "refuse",
            "in 0.10.0, which has no known form for forward, assign and correctCategory: refuse them, or send the "
                + "message of 0.11.1 (assumed: Ocean takes mixed messages)"),
        .init("sites.*.concurrency", .integer(1...64), default: "8", "calls to Ocean at once for this site"),
        .init(
            "sites.*.callInterval", .duration, default: "0ms",
            "least time between the beginnings of two updates sent for this site, per process; 0ms for none"),
        .init(
            "sites.*.actions.deny", .words(UpdateAction.allCases.map(\.rawValue)),
            "actions that are never sent for this site; their updates are refused and say so"),
        .init(
            "sites.*.actions.allow", .words(UpdateAction.allCases.map(\.rawValue)),
            "when set, only these actions are sent for this site; `deny` wins"),
        .init(
            "sites.*.dryRun", .flag, default: "false",
            "updates of this site are made ready and not sent; the bundle stands in the result (outcome `dry-run`)"),
    ]

    private static let integrations: [SettingDeclaration] =
        [
            .init(
                "integrations.*.kind", .choice(["ereferral-fhir", "ereferral-open-api", "patient-engagement"]),
                "the kind chosen in Ocean's portal"),
            .init(
                "integrations.*.site", .text,
                "site number that this integration belongs to; bodies of other sites are refused"),
        ]
        + authentication(
            in: "integrations.*", by: "Ocean", open: "true: no authentication (first connectivity test only)") + [
            .init(
                "integrations.*.lossBudget.alarm", .flag, default: "true",
                "tell once of each field that Ocean begins to send and the bridge cannot place"),
            .init(
                "integrations.*.lossBudget.accept", .text,
                "such fields that are known and accepted, as the log names them; comma-separated, with all below them"),
            .init(
                "integrations.*.lossBudget.limit", .integer(1...10_000), default: "500",
                "fields remembered for each dialect and event; further ones are not told"),
        ]

    private static let bus: [SettingDeclaration] = [
        .init("bus.url", .secret, default: "embedded", "`embedded`, or amqp(s)://user:password@host[,host]/vhost"),
        .init(
            "bus.partitions", .integer(1...256), default: "8",
            "queues behind ocean.inbound, ocean.updates, ocean.documents and ocean.forms; drain before changing"),
        .init("bus.publishTimeout", .duration, default: "10s", "longest wait for a confirm"),
        .init("bus.heartbeat", .duration, default: "10s", "AMQP heartbeat, whole seconds"),
        .init(
            "bus.tls.caFile", .text, default: "/etc/ssl/certs/ca-certificates.crt",
            "certificates that may sign the broker's"),
        .init("bus.tls.certificateFile", .text, "client certificate (PEM), for mutual TLS"),
        .init("bus.tls.keyFile", .text, "its private key (PEM)"),
        .init("bus.tls.verifyHostName", .flag, default: "true", "check that the certificate is the broker's"),
        .init(
            "bus.allowVulnerableLibrary", .flag, default: "false",
            "start with a librabbitmq that has known memory-safety faults; only for a closed test network"),
    ]

    private static let spool: [SettingDeclaration] = [
        .init(
            "spool.enabled", .flag, default: "true",
            "with RabbitMQ away, keep webhooks and updates in dataDirectory/spool.sqlite instead of answering 503"),
        .init(
            "spool.maximumBytes", .integer((64 << 20)...(1 << 40)), default: "1073741824",
            "beyond it nothing more is taken; what is in the spool is never thrown away"),
        .init(
            "spool.maximumAge", .duration, default: "72h",
            "when the oldest spooled message is older, nothing more is taken"),
        .init(
            "spool.keyFile", .text,
            "32 random bytes, raw, base64 or hexadecimal: the spool is sealed with AES-256-GCM"),
        .init("spool.previousKeyFile", .text, "the key before the last change, until the spool is drained"),
    ]

    private static let store: [SettingDeclaration] = [
        .init("store.url", .secret, default: "embedded", "`embedded` (SQLite in dataDirectory)"),
        .init(
            "store.keepEndedReferrals", .duration, default: "400d",
            "how long the last state of an ended referral is kept"),
        .init(
            "dataDirectory", .text, default: "/var/lib/ocean-bridge",
            "files of the embedded bus and store; mode 0700, holds patient data"),
        .init(
            "secretsDirectory", .text,
            "files named after settings (`sites.1234.oauth.clientSecret`) with one secret each"),
    ]

    private static let documents: [SettingDeclaration] = [
        .init("documents.enabled", .flag, default: "true", "ask for the letters and attachments that referrals name"),
        .init("documents.letters", .flag, default: "true", "referral letters (`$letter`) among them"),
        .init("documents.attachments", .flag, default: "true", "attachments (`$binary`) among them"),
        .init(
            "documents.letterWithAttachments", .flag, default: "false",
            "one PDF of the letter with all attachments (`$letter?attachments=true`)"),
        .init(
            "documents.refreshLetters", .flag, default: "false",
            "fetch the letter anew with every change of the referral, even when Ocean dates it no later"),
        .init(
            "documents.maximumBytes", .integer((1 << 20)...(2_147_483_647)), default: "67108864",
            "a larger document is dead-lettered"),
        .init(
            "documents.mediaTypes", .text, default: DocumentTypes.all,
            "what is taken, comma-separated; the bytes must be of that kind too"),
        .init("documents.pace", .duration, default: "2s", "rest between two documents of a site, in one process"),
        .init("documents.concurrency", .integer(1...8), default: "1", "documents of a site at once, in one process"),
        .init("documents.timeout", .duration, default: "5m", "longest time for one document"),
        .init(
            "documents.store.url", .text,
            "`file:///directory` or `s3://bucket/prefix?endpoint=https://host&region=…`; without it the directory "
                + "`documents` in dataDirectory"),
        .init("documents.store.accessKeyId", .text, "S3: access key"),
        .init("documents.store.secretAccessKey", .secret, "S3: its secret"),
        .init(
            "documents.store.keep", .duration, default: "90d",
            "how long a document is kept in a directory; a bucket has a lifecycle rule for that"),
        .init(
            "documents.store.reserve", .integer(0...(1 << 40)), default: "268435456",
            "bytes that must be free where documents come in, or the store counts as full"),
        .init(
            "documents.scan.command", .text,
            "absolute path of a virus scanner: exit 0 clean, 1 infected, anything else is tried again"),
        .init(
            "documents.scan.arguments", .text,
            "its arguments, separated by blanks; the file's path is put behind them, no shell sees them"),
        .init("documents.scan.timeout", .duration, default: "60s", "longest time for one scan"),
    ]

    private static let http: [SettingDeclaration] = [
        .init("http.public.address", .text, default: "127.0.0.1:8080", "where Ocean's webhooks arrive"),
        .init(
            "http.public.url", .text,
            "the address under which Ocean reaches that listener, as in https://bridge.hospital.ca; `check` tests it"),
        .init("http.public.tls.certificateFile", .text, "certificate chain (PEM); with keyFile switches TLS on"),
        .init("http.public.tls.keyFile", .text, "private key (PEM)"),
        .init(
            "http.public.maximumBodyBytes", .integer(1024...(64 << 20)), default: "10485760", "larger webhooks get 413"),
        .init("http.public.requestTimeout", .duration, default: "30s", "longest time for one request"),
        .init("http.public.maximumConnections", .integer(1...100_000), default: "1024", "open connections at once"),
        .init("http.public.tokenLifetime", .duration, default: "1h", "lifetime of tokens issued to Ocean"),
        .init(
            "http.public.tokenKey", .secret,
            "signs those tokens; set it when several ingress instances share one address"),
        .init(
            "http.public.launchKey", .secret,
            "signs launch handles; without it a key made with the store in dataDirectory does"),
        .init("http.operations.address", .text, default: "127.0.0.1:9090", "health, metrics, hospital side of the bus"),
        .init(
            "http.operations.token", .secret, "bearer token asked for on /api; needed when the address is not loopback"),
    ]

    private static let workers: [SettingDeclaration] = [
        .init(
            "roles", .text, default: "ingress,translator,publisher,documents,responder,console",
            "what this process does; comma-separated"),
        .init("workers.prefetch", .integer(1...1000), default: "32", "unsettled deliveries per partition"),
        .init("workers.concurrency", .integer(1...256), default: "16", "referrals in work at once per partition"),
        .init("workers.stopTimeout", .duration, default: "20s", "how long work in hand may take after SIGTERM"),
        .init("workers.retry.first", .duration, default: "500ms", "pause before the second attempt"),
        .init("workers.retry.longest", .duration, default: "60s", "longest pause between attempts"),
        .init(
            "workers.parkAfter", .duration, default: "5m",
            "a referral that fails so long while others succeed is parked"),
        .init(
            "workers.holdLimit", .duration, default: "10m",
            "no delivery is held longer; keep it below the broker's consumer_timeout (30 min by default)"),
        .init(
            "workers.crashLimit", .integer(1...100), default: "3",
            "a message over whose translation the process died so often is dead-lettered"),
        .init(
            "workers.fairShare", .flag, default: "true",
            "several worker processes share the partitions evenly (RabbitMQ only)"),
        .init(
            "workers.repeatWindow", .duration, default: "1h",
            "the same content in a new envelope within this time, with nothing of the referral between, is Ocean's retry"
        ),
        .init(
            "updates.staleGuard", .flag, default: "true",
            "refuse an update that would undo a newer change of the referral"),
        .init("parking.retry.first", .duration, default: "1m", "pause before a parked referral is tried again"),
        .init("parking.retry.longest", .duration, default: "15m", "longest pause between those attempts"),
        .init(
            "parking.maximumMessages", .integer(100...10_000_000), default: "100000",
            "messages that may be parked in all; beyond it they stay on their queues"),
        .init("delivery.fhir", .flag, default: "true", "publish to hospital.fhir"),
        .init("delivery.ocean", .flag, default: "true", "publish to hospital.ocean"),
        .init("delivery.canonical", .flag, default: "true", "publish to hospital.canonical"),
        .init(
            "validation", .choice(["off", "received", "all"]), default: "received",
            "FHIR whose structure is judged, counted and logged, never refused; `all`: also what the bridge writes"),
    ]

    private static let other: [SettingDeclaration] = [
        .init(
            "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error"]), default: "info",
            "least level that is written"),
        .init("sandbox.address", .text, default: "127.0.0.1:8090", "where the pretend Ocean listens"),
        .init(
            "sandbox.journalFile", .text,
            "the pretend Ocean keeps every accepted change here and makes them again at its next start"),
        .init(
            "sandbox.timesFaster", .integer(1...1_000_000), default: "1",
            "how many times faster than Ocean's the pretend Ocean's retry clock runs: 3600 makes an hour a second"),
        .init(
            "sandbox.cds", .flag, default: "true",
            "whether the pretend Ocean asks the services of `cds.services` before it sends a referral"),
        .init(
            "sandbox.testData", .flag, default: "true",
            "whether the pretend Ocean labels its bundles as test data (HTEST)"),
    ]
}
