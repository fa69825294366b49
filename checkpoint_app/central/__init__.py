"""The central service: lists, booths, officers, events, cases. Installed by the extra ``central``."""
