// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// People, organizations, places and who pays.
    static let partyResources = """
        Patient DomainResource
         identifier 0..* Identifier
         active 0..1 boolean
         name 0..* HumanName
         telecom 0..* ContactPoint
         gender 0..1 code @administrative-gender
         birthDate 0..1 date
         deceased[x] 0..1 boolean,dateTime
         address 0..* Address
         maritalStatus 0..1 CodeableConcept
         multipleBirth[x] 0..1 boolean,integer
         photo 0..* Attachment
         contact 0..* BackboneElement !pat-1 {
          relationship 0..* CodeableConcept
          name 0..1 HumanName
          telecom 0..* ContactPoint
          address 0..1 Address
          gender 0..1 code @administrative-gender
          organization 0..1 Reference(Organization)
          period 0..1 Period
         }
         communication 0..* BackboneElement {
          language 1..1 CodeableConcept
          preferred 0..1 boolean
         }
         generalPractitioner 0..* Reference(Organization|Practitioner|PractitionerRole)
         managingOrganization 0..1 Reference(Organization)
         link 0..* BackboneElement {
          other 1..1 Reference(Patient|RelatedPerson)
          type 1..1 code @link-type
         }
        RelatedPerson DomainResource
         identifier 0..* Identifier
         active 0..1 boolean
         patient 1..1 Reference(Patient)
         relationship 0..* CodeableConcept
         name 0..* HumanName
         telecom 0..* ContactPoint
         gender 0..1 code @administrative-gender
         birthDate 0..1 date
         address 0..* Address
         photo 0..* Attachment
         period 0..1 Period
         communication 0..* BackboneElement {
          language 1..1 CodeableConcept
          preferred 0..1 boolean
         }
        Practitioner DomainResource
         identifier 0..* Identifier
         active 0..1 boolean
         name 0..* HumanName
         telecom 0..* ContactPoint
         address 0..* Address
         gender 0..1 code @administrative-gender
         birthDate 0..1 date
         photo 0..* Attachment
         qualification 0..* BackboneElement {
          identifier 0..* Identifier
          code 1..1 CodeableConcept
          period 0..1 Period
          issuer 0..1 Reference(Organization)
         }
         communication 0..* CodeableConcept
        PractitionerRole DomainResource
         identifier 0..* Identifier
         active 0..1 boolean
         period 0..1 Period
         practitioner 0..1 Reference(Practitioner)
         organization 0..1 Reference(Organization)
         code 0..* CodeableConcept
         specialty 0..* CodeableConcept
         location 0..* Reference(Location)
         healthcareService 0..* Reference(HealthcareService)
         telecom 0..* ContactPoint
         availableTime 0..* BackboneElement {
          daysOfWeek 0..* code @days-of-week
          allDay 0..1 boolean
          availableStartTime 0..1 time
          availableEndTime 0..1 time
         }
         notAvailable 0..* BackboneElement {
          description 1..1 string
          during 0..1 Period
         }
         availabilityExceptions 0..1 string
         endpoint 0..* Reference(Endpoint)
        Organization DomainResource !org-1 !org-2 !org-3
         identifier 0..* Identifier
         active 0..1 boolean
         type 0..* CodeableConcept
         name 0..1 string
         alias 0..* string
         telecom 0..* ContactPoint
         address 0..* Address
         partOf 0..1 Reference(Organization)
         contact 0..* BackboneElement {
          purpose 0..1 CodeableConcept
          name 0..1 HumanName
          telecom 0..* ContactPoint
          address 0..1 Address
         }
         endpoint 0..* Reference(Endpoint)
        Location DomainResource
         identifier 0..* Identifier
         status 0..1 code @location-status
         operationalStatus 0..1 Coding
         name 0..1 string
         alias 0..* string
         description 0..1 string
         mode 0..1 code @location-mode
         type 0..* CodeableConcept
         telecom 0..* ContactPoint
         address 0..1 Address
         physicalType 0..1 CodeableConcept
         position 0..1 BackboneElement {
          longitude 1..1 decimal
          latitude 1..1 decimal
          altitude 0..1 decimal
         }
         managingOrganization 0..1 Reference(Organization)
         partOf 0..1 Reference(Location)
         hoursOfOperation 0..* BackboneElement {
          daysOfWeek 0..* code @days-of-week
          allDay 0..1 boolean
          openingTime 0..1 time
          closingTime 0..1 time
         }
         availabilityExceptions 0..1 string
         endpoint 0..* Reference(Endpoint)
        HealthcareService DomainResource
         identifier 0..* Identifier
         active 0..1 boolean
         providedBy 0..1 Reference(Organization)
         category 0..* CodeableConcept
         type 0..* CodeableConcept
         specialty 0..* CodeableConcept
         location 0..* Reference(Location)
         name 0..1 string
         comment 0..1 string
         extraDetails 0..1 markdown
         photo 0..1 Attachment
         telecom 0..* ContactPoint
         coverageArea 0..* Reference(Location)
         serviceProvisionCode 0..* CodeableConcept
         eligibility 0..* BackboneElement {
          code 0..1 CodeableConcept
          comment 0..1 markdown
         }
         program 0..* CodeableConcept
         characteristic 0..* CodeableConcept
         communication 0..* CodeableConcept
         referralMethod 0..* CodeableConcept
         appointmentRequired 0..1 boolean
         availableTime 0..* BackboneElement {
          daysOfWeek 0..* code @days-of-week
          allDay 0..1 boolean
          availableStartTime 0..1 time
          availableEndTime 0..1 time
         }
         notAvailable 0..* BackboneElement {
          description 1..1 string
          during 0..1 Period
         }
         availabilityExceptions 0..1 string
         endpoint 0..* Reference(Endpoint)
        Coverage DomainResource
         identifier 0..* Identifier
         status 1..1 code @fm-status
         type 0..1 CodeableConcept
         policyHolder 0..1 Reference(Patient|RelatedPerson|Organization)
         subscriber 0..1 Reference(Patient|RelatedPerson)
         subscriberId 0..1 string
         beneficiary 1..1 Reference(Patient)
         dependent 0..1 string
         relationship 0..1 CodeableConcept
         period 0..1 Period
         payor 1..* Reference(Organization|Patient|RelatedPerson)
         class 0..* BackboneElement {
          type 1..1 CodeableConcept
          value 1..1 string
          name 0..1 string
         }
         order 0..1 positiveInt
         network 0..1 string
         costToBeneficiary 0..* BackboneElement {
          type 0..1 CodeableConcept
          value[x] 1..1 Quantity,Money
          exception 0..* BackboneElement {
           type 1..1 CodeableConcept
           period 0..1 Period
          }
         }
         subrogation 0..1 boolean
         contract 0..* Reference(Contract)
        """
}
