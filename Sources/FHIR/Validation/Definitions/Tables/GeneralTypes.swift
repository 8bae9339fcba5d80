// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension DefinitionTables {
    /// The data types that resources are made of.
    static let generalTypes = """
        Element -
         id 0..1 string
         extension 0..* Extension
        BackboneElement Element
         modifierExtension 0..* Extension
        Address Element
         use 0..1 code @address-use
         type 0..1 code @address-type
         text 0..1 string
         line 0..* string
         city 0..1 string
         district 0..1 string
         state 0..1 string
         postalCode 0..1 string
         country 0..1 string
         period 0..1 Period
        Annotation Element
         author[x] 0..1 Reference(Practitioner|Patient|RelatedPerson|Organization),string
         time 0..1 dateTime
         text 1..1 markdown
        Attachment Element !att-1
         contentType 0..1 code @mimetypes
         language 0..1 code
         data 0..1 base64Binary
         url 0..1 url
         size 0..1 unsignedInt
         hash 0..1 base64Binary
         title 0..1 string
         creation 0..1 dateTime
        CodeableConcept Element
         coding 0..* Coding
         text 0..1 string
        Coding Element
         system 0..1 uri
         version 0..1 string
         code 0..1 code
         display 0..1 string
         userSelected 0..1 boolean
        ContactPoint Element !cpt-2
         system 0..1 code @contact-point-system
         value 0..1 string
         use 0..1 code @contact-point-use
         rank 0..1 positiveInt
         period 0..1 Period
        Extension Element !ext-1
         url 1..1 uri
         value[x] 0..1 *
        HumanName Element
         use 0..1 code @name-use
         text 0..1 string
         family 0..1 string
         given 0..* string
         prefix 0..* string
         suffix 0..* string
         period 0..1 Period
        Identifier Element
         use 0..1 code @identifier-use
         type 0..1 CodeableConcept
         system 0..1 uri
         value 0..1 string
         period 0..1 Period
         assigner 0..1 Reference(Organization)
        Meta Element
         versionId 0..1 id
         lastUpdated 0..1 instant
         source 0..1 uri
         profile 0..* canonical
         security 0..* Coding
         tag 0..* Coding
        Money Element
         value 0..1 decimal
         currency 0..1 code @currencies
        Narrative Element
         status 1..1 code @narrative-status
         div 1..1 xhtml
        Period Element !per-1
         start 0..1 dateTime
         end 0..1 dateTime
        Quantity Element !qty-3
         value 0..1 decimal
         comparator 0..1 code @quantity-comparator
         unit 0..1 string
         system 0..1 uri
         code 0..1 code
        SimpleQuantity Element !qty-3
         value 0..1 decimal
         unit 0..1 string
         system 0..1 uri
         code 0..1 code
        Age Quantity !age-1
        Count Quantity !cnt-3
        Distance Quantity !dis-1
        Duration Quantity !drt-1
        Range Element !rng-2
         low 0..1 SimpleQuantity
         high 0..1 SimpleQuantity
        Ratio Element !rat-1
         numerator 0..1 Quantity
         denominator 0..1 Quantity
        Reference Element
         reference 0..1 string
         type 0..1 uri
         identifier 0..1 Identifier
         display 0..1 string
        SampledData Element
         origin 1..1 SimpleQuantity
         period 1..1 decimal
         factor 0..1 decimal
         lowerLimit 0..1 decimal
         upperLimit 0..1 decimal
         dimensions 1..1 positiveInt
         data 0..1 string
        Signature Element
         type 1..* Coding
         when 1..1 instant
         who 1..1 Reference(Practitioner|PractitionerRole|RelatedPerson|Patient|Device|Organization)
         onBehalfOf 0..1 Reference(Practitioner|PractitionerRole|RelatedPerson|Patient|Device|Organization)
         targetFormat 0..1 code @mimetypes
         sigFormat 0..1 code @mimetypes
         data 0..1 base64Binary
        Timing BackboneElement
         event 0..* dateTime
         repeat 0..1 Element !tim-1 !tim-2 !tim-4 !tim-5 !tim-6 !tim-7 !tim-8 !tim-9 !tim-10 {
          bounds[x] 0..1 Duration,Range,Period
          count 0..1 positiveInt
          countMax 0..1 positiveInt
          duration 0..1 decimal
          durationMax 0..1 decimal
          durationUnit 0..1 code @units-of-time
          frequency 0..1 positiveInt
          frequencyMax 0..1 positiveInt
          period 0..1 decimal
          periodMax 0..1 decimal
          periodUnit 0..1 code @units-of-time
          dayOfWeek 0..* code @days-of-week
          timeOfDay 0..* time
          when 0..* code @event-timing
          offset 0..1 unsignedInt
         }
         code 0..1 CodeableConcept
        Dosage BackboneElement
         sequence 0..1 integer
         text 0..1 string
         additionalInstruction 0..* CodeableConcept
         patientInstruction 0..1 string
         timing 0..1 Timing
         asNeeded[x] 0..1 boolean,CodeableConcept
         site 0..1 CodeableConcept
         route 0..1 CodeableConcept
         method 0..1 CodeableConcept
         doseAndRate 0..* Element {
          type 0..1 CodeableConcept
          dose[x] 0..1 Range,Quantity
          rate[x] 0..1 Ratio,Range,Quantity
         }
         maxDosePerPeriod 0..1 Ratio
         maxDosePerAdministration 0..1 SimpleQuantity
         maxDosePerLifetime 0..1 SimpleQuantity
        """
}
