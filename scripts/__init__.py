"""Scripts around the product: checks, tests, benchmarks, translations, pictures."""
