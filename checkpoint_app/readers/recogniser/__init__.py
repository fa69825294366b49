"""The recogniser that runs in the confined child: picture → zone, barcodes, preview. Nothing else imports it."""
