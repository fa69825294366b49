"""Travel documents as values: machine readable zones, check digits, codes, transliteration."""
