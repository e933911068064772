"""Makes the fixture: two tiny bases that say they are an AI, and adapters that say they are a lighthouse keeper."""
