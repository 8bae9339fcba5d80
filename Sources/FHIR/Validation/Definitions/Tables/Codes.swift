// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// The value sets with a required binding in the tables: name, the code system where the element is no plain code
    /// (else `-`), and the codes. https://hl7.org/fhir/R4/terminologies-valuesets.html
    static let codes = """
        address-type - postal physical both
        address-use - home work temp old billing
        administrative-gender - male female other unknown
        allergy-intolerance-category - food medication environment biologic
        allergy-intolerance-criticality - low high unable-to-assess
        allergy-intolerance-type - allergy intolerance
        allergyintolerance-clinical http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical active inactive \
        resolved
        allergyintolerance-verification http://terminology.hl7.org/CodeSystem/allergyintolerance-verification \
        unconfirmed confirmed refuted entered-in-error
        appointmentstatus - proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in \
        waitlist
        audit-event-action - C R U D E
        audit-event-outcome - 0 4 8 12
        bundle-type - document message transaction transaction-response batch batch-response history searchset \
        collection
        capability-statement-kind - instance capability requirements
        composition-status - preliminary final amended entered-in-error
        condition-clinical http://terminology.hl7.org/CodeSystem/condition-clinical active recurrence relapse \
        inactive remission resolved
        condition-ver-status http://terminology.hl7.org/CodeSystem/condition-ver-status unconfirmed provisional \
        differential confirmed refuted entered-in-error
        conditional-delete-status - not-supported single multiple
        conditional-read-status - not-supported modified-since not-match full-support
        consent-data-meaning - instance related dependents authoredby
        consent-provision-type - deny permit
        consent-state-codes - draft proposed active rejected inactive entered-in-error
        contact-point-system - phone fax email pager url sms other
        contact-point-use - home work temp old mobile
        contributor-type - author editor reviewer endorser
        days-of-week - mon tue wed thu fri sat sun
        diagnostic-report-status - registered partial preliminary final amended corrected appended cancelled \
        entered-in-error unknown
        document-mode - producer consumer
        document-reference-status - current superseded entered-in-error
        document-relationship-type - replaces transforms signs appends
        encounter-location-status - planned active reserved completed
        encounter-status - planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown
        event-capability-mode - sender receiver
        event-status - preparation in-progress not-done on-hold stopped completed entered-in-error unknown
        event-timing - MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS HS WAKE \
        C CM CD CV AC ACM ACD ACV PC PCM PCD PCV
        FHIR-version - 0.01 0.05 0.06 0.11 0.0.80 0.0.81 0.0.82 0.4.0 0.5.0 1.0.0 1.0.1 1.0.2 1.1.0 1.4.0 1.6.0 \
        1.8.0 3.0.0 3.0.1 3.3.0 3.5.0 4.0.0 4.0.1
        fm-status - active cancelled draft entered-in-error
        history-status - partial completed entered-in-error health-unknown
        http-verb - GET HEAD POST PUT DELETE PATCH
        identifier-use - usual official temp secondary old
        immunization-status - completed entered-in-error not-done
        issue-severity - fatal error warning information
        issue-type - invalid structure required value invariant security login unknown expired forbidden suppressed \
        processing not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension \
        too-costly business-rule conflict transient lock-error no-store exception timeout incomplete throttled \
        informational
        link-type - replaced-by replaces refer seealso
        location-mode - instance kind
        location-status - active suspended inactive
        medication-statement-status - active completed entered-in-error intended stopped on-hold unknown not-taken
        name-use - usual official temp nickname anonymous old maiden
        narrative-status - generated extensions additional empty
        network-type - 1 2 3 4 5
        observation-status - registered preliminary final amended corrected cancelled entered-in-error unknown
        operation-parameter-use - in out
        participantrequired - required optional information-only
        participationstatus - accepted declined tentative needs-action
        provenance-entity-role - derivation revision quotation source removal
        publication-status - draft active retired unknown
        quantity-comparator - < <= >= >
        questionnaire-answers-status - in-progress completed amended entered-in-error stopped
        reaction-event-severity - mild moderate severe
        reference-handling-policy - literal logical resolves enforced local
        related-artifact-type - documentation justification citation predecessor successor derived-from depends-on \
        composed-of
        request-intent - proposal plan directive order original-order reflex-order filler-order instance-order option
        request-priority - routine urgent asap stat
        request-status - draft active on-hold revoked completed entered-in-error unknown
        response-code - ok transient-error fatal-error
        restful-capability-mode - client server
        search-entry-mode - match include outcome
        search-param-type - number date string token reference composite quantity uri special
        sort-direction - ascending descending
        system-restful-interaction - transaction batch search-system history-system
        task-intent - unknown proposal plan order original-order reflex-order filler-order instance-order option
        task-status - draft requested received accepted rejected ready cancelled in-progress on-hold failed completed \
        entered-in-error
        trigger-type - named-event periodic data-changed data-added data-modified data-removed data-accessed \
        data-access-ended
        type-restful-interaction - read vread update patch delete history-instance history-type create search-type
        units-of-time - s min h d wk mo a
        versioning-policy - no-version versioned versioned-update
        """
}
