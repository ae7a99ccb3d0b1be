"""The rules of a tender in plain Python: timetable, criteria, lots, selection."""
