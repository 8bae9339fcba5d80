// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// What carries other resources, or speaks of an exchange.
    static let exchangeResources = """
        Resource -
         id 0..1 id
         meta 0..1 Meta
         implicitRules 0..1 uri
         language 0..1 code
        DomainResource Resource
         text 0..1 Narrative
         contained 0..* Resource
         extension 0..* Extension
         modifierExtension 0..* Extension
        Bundle Resource
         identifier 0..1 Identifier
         type 1..1 code @bundle-type
         timestamp 0..1 instant
         total 0..1 unsignedInt
         link 0..* BackboneElement {
          relation 1..1 string
          url 1..1 uri
         }
         entry 0..* BackboneElement {
          link 0..* #Bundle.link
          fullUrl 0..1 uri
          resource 0..1 Resource
          search 0..1 BackboneElement {
           mode 0..1 code @search-entry-mode
           score 0..1 decimal
          }
          request 0..1 BackboneElement {
           method 1..1 code @http-verb
           url 1..1 uri
           ifNoneMatch 0..1 string
           ifModifiedSince 0..1 instant
           ifMatch 0..1 string
           ifNoneExist 0..1 string
          }
          response 0..1 BackboneElement {
           status 1..1 string
           location 0..1 uri
           etag 0..1 string
           lastModified 0..1 instant
           outcome 0..1 Resource
          }
         }
         signature 0..1 Signature
        MessageHeader DomainResource
         event[x] 1..1 Coding,uri
         destination 0..* BackboneElement {
          name 0..1 string
          target 0..1 Reference(Device)
          endpoint 1..1 url
          receiver 0..1 Reference(Practitioner|PractitionerRole|Organization)
         }
         sender 0..1 Reference(Practitioner|PractitionerRole|Organization)
         enterer 0..1 Reference(Practitioner|PractitionerRole)
         author 0..1 Reference(Practitioner|PractitionerRole)
         source 1..1 BackboneElement {
          name 0..1 string
          software 0..1 string
          version 0..1 string
          contact 0..1 ContactPoint
          endpoint 1..1 url
         }
         responsible 0..1 Reference(Practitioner|PractitionerRole|Organization)
         reason 0..1 CodeableConcept
         response 0..1 BackboneElement {
          identifier 1..1 id
          code 1..1 code @response-code
          details 0..1 Reference(OperationOutcome)
         }
         focus 0..* Reference
         definition 0..1 canonical
        Binary Resource
         contentType 1..1 code @mimetypes
         securityContext 0..1 Reference
         data 0..1 base64Binary
        Parameters Resource
         parameter 0..* BackboneElement !par-1 {
          name 1..1 string
          value[x] 0..1 *
          resource 0..1 Resource
          part 0..* #Parameters.parameter
         }
        OperationOutcome DomainResource
         issue 1..* BackboneElement {
          severity 1..1 code @issue-severity
          code 1..1 code @issue-type
          details 0..1 CodeableConcept
          diagnostics 0..1 string
          location 0..* string
          expression 0..* string
         }
        """
}
