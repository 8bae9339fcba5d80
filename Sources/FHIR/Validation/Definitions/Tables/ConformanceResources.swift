// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// What a server says of itself.
    static let conformanceResources = """
        CapabilityStatement DomainResource !cpb-0 !cpb-1 !cpb-2 !cpb-3 !cpb-7 !cpb-14 !cpb-15 !cpb-16
         url 0..1 uri
         version 0..1 string
         name 0..1 string
         title 0..1 string
         status 1..1 code @publication-status
         experimental 0..1 boolean
         date 1..1 dateTime
         publisher 0..1 string
         contact 0..* ContactDetail
         description 0..1 markdown
         useContext 0..* UsageContext
         jurisdiction 0..* CodeableConcept
         purpose 0..1 markdown
         copyright 0..1 markdown
         kind 1..1 code @capability-statement-kind
         instantiates 0..* canonical
         imports 0..* canonical
         software 0..1 BackboneElement {
          name 1..1 string
          version 0..1 string
          releaseDate 0..1 dateTime
         }
         implementation 0..1 BackboneElement {
          description 1..1 string
          url 0..1 url
          custodian 0..1 Reference(Organization)
         }
         fhirVersion 1..1 code @FHIR-version
         format 1..* code
         patchFormat 0..* code
         implementationGuide 0..* canonical
         rest 0..* BackboneElement !cpb-9 {
          mode 1..1 code @restful-capability-mode
          documentation 0..1 markdown
          security 0..1 BackboneElement {
           cors 0..1 boolean
           service 0..* CodeableConcept
           description 0..1 markdown
          }
          resource 0..* BackboneElement !cpb-12 {
           type 1..1 code @resource-types
           profile 0..1 canonical
           supportedProfile 0..* canonical
           documentation 0..1 markdown
           interaction 0..* BackboneElement {
            code 1..1 code @type-restful-interaction
            documentation 0..1 markdown
           }
           versioning 0..1 code @versioning-policy
           readHistory 0..1 boolean
           updateCreate 0..1 boolean
           conditionalCreate 0..1 boolean
           conditionalRead 0..1 code @conditional-read-status
           conditionalUpdate 0..1 boolean
           conditionalDelete 0..1 code @conditional-delete-status
           referencePolicy 0..* code @reference-handling-policy
           searchInclude 0..* string
           searchRevInclude 0..* string
           searchParam 0..* BackboneElement {
            name 1..1 string
            definition 0..1 canonical
            type 1..1 code @search-param-type
            documentation 0..1 markdown
           }
           operation 0..* BackboneElement {
            name 1..1 string
            definition 1..1 canonical
            documentation 0..1 markdown
           }
          }
          interaction 0..* BackboneElement {
           code 1..1 code @system-restful-interaction
           documentation 0..1 markdown
          }
          searchParam 0..* #CapabilityStatement.rest.resource.searchParam
          operation 0..* #CapabilityStatement.rest.resource.operation
          compartment 0..* canonical
         }
         messaging 0..* BackboneElement {
          endpoint 0..* BackboneElement {
           protocol 1..1 Coding
           address 1..1 url
          }
          reliableCache 0..1 unsignedInt
          documentation 0..1 markdown
          supportedMessage 0..* BackboneElement {
           mode 1..1 code @event-capability-mode
           definition 1..1 canonical
          }
         }
         document 0..* BackboneElement {
          mode 1..1 code @document-mode
          documentation 0..1 markdown
          profile 1..1 canonical
         }
        """
}
