// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// Every resource type of R4, so that a name nobody defined is told from one whose elements are not listed here.
    static let resourceNames = """
        Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic \
        Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry \
        ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication \
        CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage \
        CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric \
        DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis \
        Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence \
        EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group \
        GuidanceResponse HealthcareService ImagingStudy Immunization ImmunizationEvaluation \
        ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure \
        MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge \
        MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization \
        MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient \
        MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged \
        MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader \
        MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition \
        OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation \
        Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse \
        RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject \
        RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen \
        SpecimenDefinition StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid \
        SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial \
        SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript \
        ValueSet VerificationResult VisionPrescription
        """

    /// The types that `value[x]` may take where R4 leaves it open.
    static let openTypes = """
        base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string \
        time unsignedInt uri url uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count \
        Distance Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature \
        Timing ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact \
        TriggerDefinition UsageContext Dosage Meta
        """

    /// Every table of elements. A type stands before those that inherit from it.
    static let elements = [
        generalTypes, metadataTypes, exchangeResources, conformanceResources, workflowResources, partyResources,
        recordResources, clinicalResources, historyResources,
    ]
}
