"""What barcodes say, as typed values: boarding passes, licences, digital seals and whether these are genuine."""
