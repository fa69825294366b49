"""An Encounter at the desk: read, corrected, examined, decided."""
