"""The encrypted database: migrations, journal, projections, list copies, keys."""
