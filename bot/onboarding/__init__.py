"""From the first question to a supplier that buyers trust: the readiness check, the scorecard, the checklist."""
