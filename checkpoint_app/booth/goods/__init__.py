"""Goods at the desk: messages, consignments, seals, inspections."""
