// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// Requests and what is done about them.
    static let workflowResources = """
        ServiceRequest DomainResource !prr-1
         identifier 0..* Identifier
         instantiatesCanonical 0..* canonical
         instantiatesUri 0..* uri
         basedOn 0..* Reference(CarePlan|ServiceRequest|MedicationRequest)
         replaces 0..* Reference(ServiceRequest)
         requisition 0..1 Identifier
         status 1..1 code @request-status
         intent 1..1 code @request-intent
         category 0..* CodeableConcept
         priority 0..1 code @request-priority
         doNotPerform 0..1 boolean
         code 0..1 CodeableConcept
         orderDetail 0..* CodeableConcept
         quantity[x] 0..1 Quantity,Ratio,Range
         subject 1..1 Reference(Patient|Group|Location|Device)
         encounter 0..1 Reference(Encounter)
         occurrence[x] 0..1 dateTime,Period,Timing
         asNeeded[x] 0..1 boolean,CodeableConcept
         authoredOn 0..1 dateTime
         requester 0..1 Reference(Practitioner|PractitionerRole|Organization|Patient|RelatedPerson|Device)
         performerType 0..1 CodeableConcept
         performer 0..* Reference(Practitioner|PractitionerRole|Organization|CareTeam|HealthcareService|Patient|\
        Device|RelatedPerson)
         locationCode 0..* CodeableConcept
         locationReference 0..* Reference(Location)
         reasonCode 0..* CodeableConcept
         reasonReference 0..* Reference(Condition|Observation|DiagnosticReport|DocumentReference)
         insurance 0..* Reference(Coverage|ClaimResponse)
         supportingInfo 0..* Reference
         specimen 0..* Reference(Specimen)
         bodySite 0..* CodeableConcept
         note 0..* Annotation
         patientInstruction 0..1 string
         relevantHistory 0..* Reference(Provenance)
        Task DomainResource !inv-1
         identifier 0..* Identifier
         instantiatesCanonical 0..1 canonical
         instantiatesUri 0..1 uri
         basedOn 0..* Reference
         groupIdentifier 0..1 Identifier
         partOf 0..* Reference(Task)
         status 1..1 code @task-status
         statusReason 0..1 CodeableConcept
         businessStatus 0..1 CodeableConcept
         intent 1..1 code @task-intent
         priority 0..1 code @request-priority
         code 0..1 CodeableConcept
         description 0..1 string
         focus 0..1 Reference
         for 0..1 Reference
         encounter 0..1 Reference(Encounter)
         executionPeriod 0..1 Period
         authoredOn 0..1 dateTime
         lastModified 0..1 dateTime
         requester 0..1 Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
         performerType 0..* CodeableConcept
         owner 0..1 Reference(Practitioner|PractitionerRole|Organization|CareTeam|HealthcareService|Patient|Device|\
        RelatedPerson)
         location 0..1 Reference(Location)
         reasonCode 0..1 CodeableConcept
         reasonReference 0..1 Reference
         insurance 0..* Reference(Coverage|ClaimResponse)
         note 0..* Annotation
         relevantHistory 0..* Reference(Provenance)
         restriction 0..1 BackboneElement {
          repetitions 0..1 positiveInt
          period 0..1 Period
          recipient 0..* Reference(Patient|Practitioner|PractitionerRole|RelatedPerson|Group|Organization)
         }
         input 0..* BackboneElement {
          type 1..1 CodeableConcept
          value[x] 1..1 *
         }
         output 0..* BackboneElement {
          type 1..1 CodeableConcept
          value[x] 1..1 *
         }
        Appointment DomainResource !app-2 !app-3 !app-4
         identifier 0..* Identifier
         status 1..1 code @appointmentstatus
         cancelationReason 0..1 CodeableConcept
         serviceCategory 0..* CodeableConcept
         serviceType 0..* CodeableConcept
         specialty 0..* CodeableConcept
         appointmentType 0..1 CodeableConcept
         reasonCode 0..* CodeableConcept
         reasonReference 0..* Reference(Condition|Procedure|Observation|ImmunizationRecommendation)
         priority 0..1 unsignedInt
         description 0..1 string
         supportingInformation 0..* Reference
         start 0..1 instant
         end 0..1 instant
         minutesDuration 0..1 positiveInt
         slot 0..* Reference(Slot)
         created 0..1 dateTime
         comment 0..1 string
         patientInstruction 0..1 string
         basedOn 0..* Reference(ServiceRequest)
         participant 1..* BackboneElement !app-1 {
          type 0..* CodeableConcept
          actor 0..1 Reference(Patient|Practitioner|PractitionerRole|RelatedPerson|Device|HealthcareService|Location)
          required 0..1 code @participantrequired
          status 1..1 code @participationstatus
          period 0..1 Period
         }
         requestedPeriod 0..* Period
        Communication DomainResource
         identifier 0..* Identifier
         instantiatesCanonical 0..* canonical
         instantiatesUri 0..* uri
         basedOn 0..* Reference
         partOf 0..* Reference
         inResponseTo 0..* Reference(Communication)
         status 1..1 code @event-status
         statusReason 0..1 CodeableConcept
         category 0..* CodeableConcept
         priority 0..1 code @request-priority
         medium 0..* CodeableConcept
         subject 0..1 Reference(Patient|Group)
         topic 0..1 CodeableConcept
         about 0..* Reference
         encounter 0..1 Reference(Encounter)
         sent 0..1 dateTime
         received 0..1 dateTime
         recipient 0..* Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson|Group|\
        CareTeam|HealthcareService)
         sender 0..1 Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson|\
        HealthcareService)
         reasonCode 0..* CodeableConcept
         reasonReference 0..* Reference(Condition|Observation|DiagnosticReport|DocumentReference)
         payload 0..* BackboneElement {
          content[x] 1..1 string,Attachment,Reference
         }
         note 0..* Annotation
        Encounter DomainResource
         identifier 0..* Identifier
         status 1..1 code @encounter-status
         statusHistory 0..* BackboneElement {
          status 1..1 code @encounter-status
          period 1..1 Period
         }
         class 1..1 Coding
         classHistory 0..* BackboneElement {
          class 1..1 Coding
          period 1..1 Period
         }
         type 0..* CodeableConcept
         serviceType 0..1 CodeableConcept
         priority 0..1 CodeableConcept
         subject 0..1 Reference(Patient|Group)
         episodeOfCare 0..* Reference(EpisodeOfCare)
         basedOn 0..* Reference(ServiceRequest)
         participant 0..* BackboneElement {
          type 0..* CodeableConcept
          period 0..1 Period
          individual 0..1 Reference(Practitioner|PractitionerRole|RelatedPerson)
         }
         appointment 0..* Reference(Appointment)
         period 0..1 Period
         length 0..1 Duration
         reasonCode 0..* CodeableConcept
         reasonReference 0..* Reference(Condition|Procedure|Observation|ImmunizationRecommendation)
         diagnosis 0..* BackboneElement {
          condition 1..1 Reference(Condition|Procedure)
          use 0..1 CodeableConcept
          rank 0..1 positiveInt
         }
         account 0..* Reference(Account)
         hospitalization 0..1 BackboneElement {
          preAdmissionIdentifier 0..1 Identifier
          origin 0..1 Reference(Location|Organization)
          admitSource 0..1 CodeableConcept
          reAdmission 0..1 CodeableConcept
          dietPreference 0..* CodeableConcept
          specialCourtesy 0..* CodeableConcept
          specialArrangement 0..* CodeableConcept
          destination 0..1 Reference(Location|Organization)
          dischargeDisposition 0..1 CodeableConcept
         }
         location 0..* BackboneElement {
          location 1..1 Reference(Location)
          status 0..1 code @encounter-location-status
          physicalType 0..1 CodeableConcept
          period 0..1 Period
         }
         serviceProvider 0..1 Reference(Organization)
         partOf 0..1 Reference(Encounter)
        """
}
