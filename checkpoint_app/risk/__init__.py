"""Risk: signed rules with a sentence for each condition, three-valued, the same at booth and centre."""
