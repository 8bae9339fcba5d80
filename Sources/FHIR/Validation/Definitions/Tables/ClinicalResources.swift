// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// What is known of a patient's health.
    static let clinicalResources = """
        Condition DomainResource !con-3 !con-4 !con-5
         identifier 0..* Identifier
         clinicalStatus 0..1 CodeableConcept @condition-clinical
         verificationStatus 0..1 CodeableConcept @condition-ver-status
         category 0..* CodeableConcept
         severity 0..1 CodeableConcept
         code 0..1 CodeableConcept
         bodySite 0..* CodeableConcept
         subject 1..1 Reference(Patient|Group)
         encounter 0..1 Reference(Encounter)
         onset[x] 0..1 dateTime,Age,Period,Range,string
         abatement[x] 0..1 dateTime,Age,Period,Range,string
         recordedDate 0..1 dateTime
         recorder 0..1 Reference(Practitioner|PractitionerRole|Patient|RelatedPerson)
         asserter 0..1 Reference(Practitioner|PractitionerRole|Patient|RelatedPerson)
         stage 0..* BackboneElement !con-1 {
          summary 0..1 CodeableConcept
          assessment 0..* Reference(ClinicalImpression|DiagnosticReport|Observation)
          type 0..1 CodeableConcept
         }
         evidence 0..* BackboneElement !con-2 {
          code 0..* CodeableConcept
          detail 0..* Reference
         }
         note 0..* Annotation
        MedicationStatement DomainResource
         identifier 0..* Identifier
         basedOn 0..* Reference(MedicationRequest|CarePlan|ServiceRequest)
         partOf 0..* Reference(MedicationAdministration|MedicationDispense|MedicationStatement|Procedure|Observation)
         status 1..1 code @medication-statement-status
         statusReason 0..* CodeableConcept
         category 0..1 CodeableConcept
         medication[x] 1..1 CodeableConcept,Reference(Medication)
         subject 1..1 Reference(Patient|Group)
         context 0..1 Reference(Encounter|EpisodeOfCare)
         effective[x] 0..1 dateTime,Period
         dateAsserted 0..1 dateTime
         informationSource 0..1 Reference(Patient|Practitioner|PractitionerRole|RelatedPerson|Organization)
         derivedFrom 0..* Reference
         reasonCode 0..* CodeableConcept
         reasonReference 0..* Reference(Condition|Observation|DiagnosticReport)
         note 0..* Annotation
         dosage 0..* Dosage
        AllergyIntolerance DomainResource !ait-1 !ait-2
         identifier 0..* Identifier
         clinicalStatus 0..1 CodeableConcept @allergyintolerance-clinical
         verificationStatus 0..1 CodeableConcept @allergyintolerance-verification
         type 0..1 code @allergy-intolerance-type
         category 0..* code @allergy-intolerance-category
         criticality 0..1 code @allergy-intolerance-criticality
         code 0..1 CodeableConcept
         patient 1..1 Reference(Patient)
         encounter 0..1 Reference(Encounter)
         onset[x] 0..1 dateTime,Age,Period,Range,string
         recordedDate 0..1 dateTime
         recorder 0..1 Reference(Practitioner|PractitionerRole|Patient|RelatedPerson)
         asserter 0..1 Reference(Patient|RelatedPerson|Practitioner|PractitionerRole)
         lastOccurrence 0..1 dateTime
         note 0..* Annotation
         reaction 0..* BackboneElement {
          substance 0..1 CodeableConcept
          manifestation 1..* CodeableConcept
          description 0..1 string
          onset 0..1 dateTime
          severity 0..1 code @reaction-event-severity
          exposureRoute 0..1 CodeableConcept
          note 0..* Annotation
         }
        Immunization DomainResource
         identifier 0..* Identifier
         status 1..1 code @immunization-status
         statusReason 0..1 CodeableConcept
         vaccineCode 1..1 CodeableConcept
         patient 1..1 Reference(Patient)
         encounter 0..1 Reference(Encounter)
         occurrence[x] 1..1 dateTime,string
         recorded 0..1 dateTime
         primarySource 0..1 boolean
         reportOrigin 0..1 CodeableConcept
         location 0..1 Reference(Location)
         manufacturer 0..1 Reference(Organization)
         lotNumber 0..1 string
         expirationDate 0..1 date
         site 0..1 CodeableConcept
         route 0..1 CodeableConcept
         doseQuantity 0..1 SimpleQuantity
         performer 0..* BackboneElement {
          function 0..1 CodeableConcept
          actor 1..1 Reference(Practitioner|PractitionerRole|Organization)
         }
         note 0..* Annotation
         reasonCode 0..* CodeableConcept
         reasonReference 0..* Reference(Condition|Observation|DiagnosticReport)
         isSubpotent 0..1 boolean
         subpotentReason 0..* CodeableConcept
         education 0..* BackboneElement !imm-1 {
          documentType 0..1 string
          reference 0..1 uri
          publicationDate 0..1 dateTime
          presentationDate 0..1 dateTime
         }
         programEligibility 0..* CodeableConcept
         fundingSource 0..1 CodeableConcept
         reaction 0..* BackboneElement {
          date 0..1 dateTime
          detail 0..1 Reference(Observation)
          reported 0..1 boolean
         }
         protocolApplied 0..* BackboneElement {
          series 0..1 string
          authority 0..1 Reference(Organization)
          targetDisease 0..* CodeableConcept
          doseNumber[x] 1..1 positiveInt,string
          seriesDoses[x] 0..1 positiveInt,string
         }
        Observation DomainResource !obs-6 !obs-7
         identifier 0..* Identifier
         basedOn 0..* Reference(CarePlan|DeviceRequest|ImmunizationRecommendation|MedicationRequest|NutritionOrder|\
        ServiceRequest)
         partOf 0..* Reference(MedicationAdministration|MedicationDispense|MedicationStatement|Procedure|\
        Immunization|ImagingStudy)
         status 1..1 code @observation-status
         category 0..* CodeableConcept
         code 1..1 CodeableConcept
         subject 0..1 Reference(Patient|Group|Device|Location)
         focus 0..* Reference
         encounter 0..1 Reference(Encounter)
         effective[x] 0..1 dateTime,Period,Timing,instant
         issued 0..1 instant
         performer 0..* Reference(Practitioner|PractitionerRole|Organization|CareTeam|Patient|RelatedPerson)
         value[x] 0..1 Quantity,CodeableConcept,string,boolean,integer,Range,Ratio,SampledData,time,dateTime,Period
         dataAbsentReason 0..1 CodeableConcept
         interpretation 0..* CodeableConcept
         note 0..* Annotation
         bodySite 0..1 CodeableConcept
         method 0..1 CodeableConcept
         specimen 0..1 Reference(Specimen)
         device 0..1 Reference(Device|DeviceMetric)
         referenceRange 0..* BackboneElement !obs-3 {
          low 0..1 SimpleQuantity
          high 0..1 SimpleQuantity
          type 0..1 CodeableConcept
          appliesTo 0..* CodeableConcept
          age 0..1 Range
          text 0..1 string
         }
         hasMember 0..* Reference(Observation|QuestionnaireResponse|MolecularSequence)
         derivedFrom 0..* Reference(DocumentReference|ImagingStudy|Media|QuestionnaireResponse|Observation|\
        MolecularSequence)
         component 0..* BackboneElement {
          code 1..1 CodeableConcept
          value[x] 0..1 Quantity,CodeableConcept,string,boolean,integer,Range,Ratio,SampledData,time,dateTime,Period
          dataAbsentReason 0..1 CodeableConcept
          interpretation 0..* CodeableConcept
          referenceRange 0..* #Observation.referenceRange
         }
        DiagnosticReport DomainResource
         identifier 0..* Identifier
         basedOn 0..* Reference(CarePlan|ImmunizationRecommendation|MedicationRequest|NutritionOrder|ServiceRequest)
         status 1..1 code @diagnostic-report-status
         category 0..* CodeableConcept
         code 1..1 CodeableConcept
         subject 0..1 Reference(Patient|Group|Device|Location)
         encounter 0..1 Reference(Encounter)
         effective[x] 0..1 dateTime,Period
         issued 0..1 instant
         performer 0..* Reference(Practitioner|PractitionerRole|Organization|CareTeam)
         resultsInterpreter 0..* Reference(Practitioner|PractitionerRole|Organization|CareTeam)
         specimen 0..* Reference(Specimen)
         result 0..* Reference(Observation)
         imagingStudy 0..* Reference(ImagingStudy)
         media 0..* BackboneElement {
          comment 0..1 string
          link 1..1 Reference(Media)
         }
         conclusion 0..1 string
         conclusionCode 0..* CodeableConcept
         presentedForm 0..* Attachment
        """
}
