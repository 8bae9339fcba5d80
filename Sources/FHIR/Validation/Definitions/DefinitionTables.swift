// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What FHIR R4 (4.0.1) says of types and elements, one line each, read once into `Definitions`.
///
/// A type starts with `Name Base` and `!rule` for each of its invariants; an element is `name min..max types`, then
/// `@codes` for a required binding, and `{` when its own elements follow up to `}`. Types are separated by commas,
/// a Reference's targets stand in parentheses, `*` is every data type, and `#path` takes the elements of that path.
/// https://hl7.org/fhir/R4/resourcelist.html, https://hl7.org/fhir/R4/datatypes.html
enum DefinitionTables {}
