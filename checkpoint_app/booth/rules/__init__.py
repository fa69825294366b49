"""Rule sets at the desk: kept loaded, consulted, and judged by what came of them."""
