"""What of the chart is written from the code: which variables each process reads, the schema of the values, the README."""
