"""The engine's name with its version: it changes whenever a score can."""

ENGINE = "screening/5"
