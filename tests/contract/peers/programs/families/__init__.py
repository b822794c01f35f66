"""What several stores of one project have in common, each in the file that begins their names."""
