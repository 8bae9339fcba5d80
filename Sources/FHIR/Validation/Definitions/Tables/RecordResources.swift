// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// Documents, forms, consents, and who did what.
    static let recordResources = """
        DocumentReference DomainResource
         masterIdentifier 0..1 Identifier
         identifier 0..* Identifier
         status 1..1 code @document-reference-status
         docStatus 0..1 code @composition-status
         type 0..1 CodeableConcept
         category 0..* CodeableConcept
         subject 0..1 Reference(Patient|Practitioner|Group|Device)
         date 0..1 instant
         author 0..* Reference(Practitioner|PractitionerRole|Organization|Device|Patient|RelatedPerson)
         authenticator 0..1 Reference(Practitioner|PractitionerRole|Organization)
         custodian 0..1 Reference(Organization)
         relatesTo 0..* BackboneElement {
          code 1..1 code @document-relationship-type
          target 1..1 Reference(DocumentReference)
         }
         description 0..1 string
         securityLabel 0..* CodeableConcept
         content 1..* BackboneElement {
          attachment 1..1 Attachment
          format 0..1 Coding
         }
         context 0..1 BackboneElement {
          encounter 0..* Reference(Encounter|EpisodeOfCare)
          event 0..* CodeableConcept
          period 0..1 Period
          facilityType 0..1 CodeableConcept
          practiceSetting 0..1 CodeableConcept
          sourcePatientInfo 0..1 Reference(Patient)
          related 0..* Reference
         }
        QuestionnaireResponse DomainResource
         identifier 0..1 Identifier
         basedOn 0..* Reference(CarePlan|ServiceRequest)
         partOf 0..* Reference(Observation|Procedure)
         questionnaire 0..1 canonical
         status 1..1 code @questionnaire-answers-status
         subject 0..1 Reference
         encounter 0..1 Reference(Encounter)
         authored 0..1 dateTime
         author 0..1 Reference(Device|Practitioner|PractitionerRole|Patient|RelatedPerson|Organization)
         source 0..1 Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
         item 0..* BackboneElement !qrs-1 {
          linkId 1..1 string
          definition 0..1 uri
          text 0..1 string
          answer 0..* BackboneElement {
           value[x] 0..1 boolean,decimal,integer,date,dateTime,time,string,uri,Attachment,Coding,Quantity,Reference
           item 0..* #QuestionnaireResponse.item
          }
          item 0..* #QuestionnaireResponse.item
         }
        Consent DomainResource !ppc-1
         identifier 0..* Identifier
         status 1..1 code @consent-state-codes
         scope 1..1 CodeableConcept
         category 1..* CodeableConcept
         patient 0..1 Reference(Patient)
         dateTime 0..1 dateTime
         performer 0..* Reference(Organization|Patient|Practitioner|RelatedPerson|PractitionerRole)
         organization 0..* Reference(Organization)
         source[x] 0..1 Attachment,Reference(Consent|DocumentReference|Contract|QuestionnaireResponse)
         policy 0..* BackboneElement {
          authority 0..1 uri
          uri 0..1 uri
         }
         policyRule 0..1 CodeableConcept
         verification 0..* BackboneElement {
          verified 1..1 boolean
          verifiedWith 0..1 Reference(Patient|RelatedPerson)
          verificationDate 0..1 dateTime
         }
         provision 0..1 BackboneElement {
          type 0..1 code @consent-provision-type
          period 0..1 Period
          actor 0..* BackboneElement {
           role 1..1 CodeableConcept
           reference 1..1 Reference(Device|Group|CareTeam|Organization|Patient|Practitioner|RelatedPerson|\
        PractitionerRole)
          }
          action 0..* CodeableConcept
          securityLabel 0..* Coding
          purpose 0..* Coding
          class 0..* Coding
          code 0..* CodeableConcept
          dataPeriod 0..1 Period
          data 0..* BackboneElement {
           meaning 1..1 code @consent-data-meaning
           reference 1..1 Reference
          }
          provision 0..* #Consent.provision
         }
        Provenance DomainResource
         target 1..* Reference
         occurred[x] 0..1 Period,dateTime
         recorded 1..1 instant
         policy 0..* uri
         location 0..1 Reference(Location)
         reason 0..* CodeableConcept
         activity 0..1 CodeableConcept
         agent 1..* BackboneElement {
          type 0..1 CodeableConcept
          role 0..* CodeableConcept
          who 1..1 Reference(Practitioner|PractitionerRole|RelatedPerson|Patient|Device|Organization)
          onBehalfOf 0..1 Reference(Practitioner|PractitionerRole|RelatedPerson|Patient|Device|Organization)
         }
         entity 0..* BackboneElement {
          role 1..1 code @provenance-entity-role
          what 1..1 Reference
          agent 0..* #Provenance.agent
         }
         signature 0..* Signature
        AuditEvent DomainResource
         type 1..1 Coding
         subtype 0..* Coding
         action 0..1 code @audit-event-action
         period 0..1 Period
         recorded 1..1 instant
         outcome 0..1 code @audit-event-outcome
         outcomeDesc 0..1 string
         purposeOfEvent 0..* CodeableConcept
         agent 1..* BackboneElement {
          type 0..1 CodeableConcept
          role 0..* CodeableConcept
          who 0..1 Reference(PractitionerRole|Practitioner|Organization|Device|Patient|RelatedPerson)
          altId 0..1 string
          name 0..1 string
          requestor 1..1 boolean
          location 0..1 Reference(Location)
          policy 0..* uri
          media 0..1 Coding
          network 0..1 BackboneElement {
           address 0..1 string
           type 0..1 code @network-type
          }
          purposeOfUse 0..* CodeableConcept
         }
         source 1..1 BackboneElement {
          site 0..1 string
          observer 1..1 Reference(PractitionerRole|Practitioner|Organization|Device|Patient|RelatedPerson)
          type 0..* Coding
         }
         entity 0..* BackboneElement !sev-1 {
          what 0..1 Reference
          type 0..1 Coding
          role 0..1 Coding
          lifecycle 0..1 Coding
          securityLabel 0..* Coding
          name 0..1 string
          description 0..1 string
          query 0..1 base64Binary
          detail 0..* BackboneElement {
           type 1..1 string
           value[x] 1..1 string,base64Binary
          }
         }
        """
}
