// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Ocean's many-slot appointments, and the older two slots where they say something more.
enum AppointmentReading {
    static func read(_ root: ObjectReader) -> [Appointment] {
        var appointments: [Appointment] = []
        for reader in root.objects("appointments") {
            let target = "/appointments/\(appointments.count)"
            var appointment = Appointment()
            appointment.waitTimeMilestone = reader.word(
                "wtType", to: target + "/waitTimeMilestone", OceanWord.milestone)
            appointment.label = reader.text("apptType", to: target + "/label")
            appointment.hasTime = reader.flag("hasTime", to: target + "/hasTime")
            let isDay = appointment.hasTime == false
            let date = reader.date(
                "date", to: target + "/start", note: isDay ? "the day; hasTime says that the time does not count" : nil)
            appointment.start = isDay ? date.map(OceanDate.day) : date
            appointment.waitTime = reader.text("waitTime", to: target + "/waitTime")
            reader.finish()
            appointments.append(appointment)
        }
        for slot in ["scheduledAppointment", "scheduledAppointment2"] {
            let known = root.peek(slot).flatMap(OceanDate.text).flatMap { date in
                appointments.firstIndex { isSame($0.start, date) }
            }
            if let known {
                _ = root.date(slot, to: "/appointments/\(known)/start")
            } else if let date = root.date(slot, to: "/appointments/\(appointments.count)/start") {
                var appointment = Appointment()
                appointment.start = date
                appointment.hasTime = OceanDate.hasTime(date)
                appointments.append(appointment)
            }
        }
        return appointments
    }

    private static func isSame(_ start: String?, _ date: String) -> Bool {
        guard let start else { return false }
        if let left = Timestamp(start), let right = Timestamp(date) { return left == right }
        return start == date || (OceanDate.isDay(start) && start == OceanDate.day(of: date))
    }
}
