"""Imported first by tests that compute: they are skipped where torch is not installed, as in `npm test` (it takes 5 GB)."""

import importlib.util
import unittest

if importlib.util.find_spec("torch") is None:
    raise unittest.SkipTest("torch is not installed; models/training/README.md says how to run these tests")
