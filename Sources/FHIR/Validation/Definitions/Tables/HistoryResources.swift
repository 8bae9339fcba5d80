// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// What was done to a patient, and what runs in the family.
    static let historyResources = """
        Procedure DomainResource
         identifier 0..* Identifier
         instantiatesCanonical 0..* canonical
         instantiatesUri 0..* uri
         basedOn 0..* Reference(CarePlan|ServiceRequest)
         partOf 0..* Reference(Procedure|Observation|MedicationAdministration)
         status 1..1 code @event-status
         statusReason 0..1 CodeableConcept
         category 0..1 CodeableConcept
         code 0..1 CodeableConcept
         subject 1..1 Reference(Patient|Group)
         encounter 0..1 Reference(Encounter)
         performed[x] 0..1 dateTime,Period,string,Age,Range
         recorder 0..1 Reference(Patient|RelatedPerson|Practitioner|PractitionerRole)
         asserter 0..1 Reference(Patient|RelatedPerson|Practitioner|PractitionerRole)
         performer 0..* BackboneElement {
          function 0..1 CodeableConcept
          actor 1..1 Reference(Practitioner|PractitionerRole|Organization|Patient|RelatedPerson|Device)
          onBehalfOf 0..1 Reference(Organization)
         }
         location 0..1 Reference(Location)
         reasonCode 0..* CodeableConcept
         reasonReference 0..* Reference(Condition|Observation|Procedure|DiagnosticReport|DocumentReference)
         bodySite 0..* CodeableConcept
         outcome 0..1 CodeableConcept
         report 0..* Reference(DiagnosticReport|DocumentReference|Composition)
         complication 0..* CodeableConcept
         complicationDetail 0..* Reference(Condition)
         followUp 0..* CodeableConcept
         note 0..* Annotation
         focalDevice 0..* BackboneElement {
          action 0..1 CodeableConcept
          manipulated 1..1 Reference(Device)
         }
         usedReference 0..* Reference(Device|Medication|Substance)
         usedCode 0..* CodeableConcept
        FamilyMemberHistory DomainResource !fhs-1 !fhs-2
         identifier 0..* Identifier
         instantiatesCanonical 0..* canonical
         instantiatesUri 0..* uri
         status 1..1 code @history-status
         dataAbsentReason 0..1 CodeableConcept
         patient 1..1 Reference(Patient)
         date 0..1 dateTime
         name 0..1 string
         relationship 1..1 CodeableConcept
         sex 0..1 CodeableConcept
         born[x] 0..1 Period,date,string
         age[x] 0..1 Age,Range,string
         estimatedAge 0..1 boolean
         deceased[x] 0..1 boolean,Age,Range,date,string
         reasonCode 0..* CodeableConcept
         reasonReference 0..* Reference(Condition|Observation|AllergyIntolerance|QuestionnaireResponse|\
        DiagnosticReport|DocumentReference)
         note 0..* Annotation
         condition 0..* BackboneElement {
          code 1..1 CodeableConcept
          outcome 0..1 CodeableConcept
          contributedToDeath 0..1 boolean
          onset[x] 0..1 Age,Range,Period,string
          note 0..* Annotation
         }
        """
}
